//! A sweep as text, JSON, CSV and a figure.

use super::sweep::{SHOWN, SweepReport, place};
use crate::number::{json as number, json_list, plain};
use crate::table::aligned;
use fisherinfo::sweep::{Boundary, Extreme, Growth, Sweep};
use fisherinfo_plot::chart::{Chart, Series};
use serde_json::{Value, json};
use std::fmt::Write;

pub(super) fn text(report: &SweepReport) -> String {
    let points = &report.found.points;
    let first = points.first().map_or(f64::NAN, |point| point.at);
    let last = points.last().map_or(f64::NAN, |point| point.at);
    let mut out = format!(
        "{}: {} over {} = {} … {}; n = {}; coordinates {}\n\n",
        report.chosen.model().name(),
        report.quantity,
        report.name,
        plain(first),
        plain(last),
        plain(report.observations),
        report.coordinates
    );
    // Of a long table every so many rows, the first and the last among them.
    let rows = points.len();
    let shown = rows.min(SHOWN);
    let picked: Vec<_> = (0..shown)
        .map(|k| &points[k * (rows - 1) / (shown - 1).max(1)])
        .collect();
    let values: Vec<f64> = picked.iter().map(|point| report.n * point.value).collect();
    let table = aligned(
        vec![report.name.clone(), report.quantity.clone()],
        picked
            .iter()
            .zip(&values)
            .map(|(point, value)| vec![plain(point.at), plain(*value)])
            .collect(),
    );
    let (scale, bars) = bars(&values);
    for (line, bar) in table.lines().zip(std::iter::once(scale).chain(bars)) {
        let _ = writeln!(out, "{}", format!("{line}  {bar}").trim_end());
    }
    if shown < rows {
        let _ = writeln!(out, " ({shown} of {rows} points; --csv or --json for all)");
    }
    out.push('\n');
    if report.found.is_constant {
        let _ = writeln!(
            out,
            "The same all over the range: {}",
            plain(report.n * points[0].value)
        );
    } else {
        out.push_str(&extreme_text("Least", report, &report.found.least));
        out.push_str(&extreme_text("Greatest", report, &report.found.greatest));
    }
    if !report.ends.is_empty() {
        out.push_str("\nToward the ends of the parameter space\n");
        for end in &report.ends {
            let _ = writeln!(out, "  {end}");
        }
    }
    if !report.elsewhere.is_empty() {
        out.push_str("\nThe answer depends on the coordinates\n");
        let rows = std::iter::once((&report.coordinates, &report.found))
            .chain(report.elsewhere.iter().map(|(name, found)| (name, found)))
            .map(|(name, found)| {
                let mut row = vec![name.clone()];
                row.extend(if found.is_constant {
                    ["the same all over".into(), String::new()]
                } else {
                    [("least", &found.least), ("greatest", &found.greatest)].map(
                        |(word, extreme)| {
                            format!("{word} at {} = {}", report.name, place(extreme.point.at))
                        },
                    )
                });
                row
            })
            .collect();
        out.push_str(&aligned(vec![String::new(); 3], rows));
    }
    out
}

/// Bars of values, with what they stand for: from zero, or over several powers of ten from the least
/// by the logarithm.
fn bars(values: &[f64]) -> (String, Vec<String>) {
    /// Characters of the longest.
    const LONGEST: f64 = 40.0;
    /// The ratio of the greatest to the least from which on there is nothing to see from zero.
    const WIDE: f64 = 1e3;
    let positive = || values.iter().copied().filter(|v| v.is_finite() && *v > 0.0);
    let greatest = positive().fold(0.0, f64::max);
    let least = positive().fold(f64::INFINITY, f64::min);
    let wide = greatest > WIDE * least;
    let part = |value: f64| {
        if wide {
            // The least has a bar too.
            (1.0 + (value / least).ln()) / (1.0 + (greatest / least).ln())
        } else {
            value / greatest
        }
    };
    let bar = |value: &f64| {
        let eighths = (8.0 * LONGEST * part(*value)).round();
        if !(eighths.is_finite() && eighths > 0.0) {
            return String::new();
        }
        // At most 8·LONGEST.
        let eighths = eighths as usize;
        let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
        format!("{}{rest}", "█".repeat(eighths / 8))
    };
    let scale = if wide { "(logarithm)" } else { "" };
    (scale.into(), values.iter().map(bar).collect())
}

fn extreme_text(word: &str, report: &SweepReport, extreme: &Extreme) -> String {
    format!(
        "{word:9} {} at {} = {}{}\n",
        plain(report.n * extreme.point.value),
        report.name,
        place(extreme.point.at),
        if extreme.is_at_end {
            ", an end of the range"
        } else {
            ""
        }
    )
}

pub(super) fn json(report: &SweepReport) -> Value {
    let points: Vec<Value> = report
        .found
        .points
        .iter()
        .map(|point| {
            json!({
                "at": number(point.at),
                "point": json_list(&point.theta),
                "value": number(report.n * point.value),
                "error": number(report.n * point.error),
            })
        })
        .collect();
    let elsewhere: Vec<Value> = report
        .elsewhere
        .iter()
        .map(|(name, found)| {
            let mut value = extremes(report, found);
            value["coordinates"] = name.as_str().into();
            value
        })
        .collect();
    let mut value = extremes(report, &report.found);
    value["family"] = report.chosen.family.as_str().into();
    value["model"] = report.chosen.model().name().into();
    value["coordinates"] = report.coordinates.as_str().into();
    value["n"] = number(report.observations);
    value["swept"] = report.name.as_str().into();
    value["quantity"] = report.quantity.as_str().into();
    value["points"] = points.into();
    value["ends"] = report.ends.iter().map(end_json).collect();
    value["other_coordinates"] = elsewhere.into();
    value
}

fn extremes(report: &SweepReport, found: &Sweep) -> Value {
    let extreme = |extreme: &Extreme| {
        json!({
            "at": number(extreme.point.at),
            "value": number(report.n * extreme.point.value),
            "end_of_range": extreme.is_at_end,
        })
    };
    json!({
        "constant": found.is_constant,
        "least": extreme(&found.least),
        "greatest": extreme(&found.greatest),
    })
}

fn end_json(end: &Boundary) -> Value {
    let (behaviour, power, limit) = match &end.growth {
        Growth::Diverges { power } => ("diverges", Some(*power), None),
        Growth::Vanishes { power } => ("vanishes", Some(*power), None),
        Growth::Levels { limit } => ("levels", None, Some(*limit)),
        Growth::Undecided { .. } => ("undecided", None, None),
    };
    json!({
        "parameter": end.parameter,
        "end": number(end.end),
        "behaviour": behaviour,
        "power": power,
        "limit": limit,
    })
}

/// RFC 4180, with the digits that a double has.
pub(super) fn csv(report: &SweepReport) -> String {
    let quoted = |name: &str| {
        if name.contains([',', '"']) {
            format!("\"{}\"", name.replace('"', "\"\""))
        } else {
            name.to_string()
        }
    };
    let mut out = format!(
        "{},{},error\r\n",
        quoted(&report.name),
        quoted(&report.quantity)
    );
    for point in &report.found.points {
        let _ = write!(
            out,
            "{},{},{}\r\n",
            point.at,
            report.n * point.value,
            report.n * point.error
        );
    }
    out
}

/// The curve and its extremes.
pub(super) fn chart(report: &SweepReport) -> Chart {
    let curve: Vec<(f64, f64)> = report
        .found
        .points
        .iter()
        .map(|point| (point.at, report.n * point.value))
        .collect();
    let values = || curve.iter().map(|point| point.1);
    let (least, most) = (
        values().fold(f64::INFINITY, f64::min),
        values().fold(f64::NEG_INFINITY, f64::max),
    );
    let mut series = vec![Series::line("", curve.iter().copied())];
    for (name, extreme) in [
        ("least", &report.found.least),
        ("greatest", &report.found.greatest),
    ] {
        if !extreme.is_at_end && !report.found.is_constant {
            let at = (extreme.point.at, report.n * extreme.point.value);
            series.push(Series::points(name, [at]));
        }
    }
    let mut chart = Chart::new(
        format!("{}: {}", report.chosen.model().name(), report.quantity),
        series,
    );
    chart.summary = format!(
        "{} over {}: {}.",
        report.quantity,
        report.name,
        report.summary().join("; ")
    );
    chart.x_label = report.name.clone();
    chart.y_label = format!("{}, coordinates {}", report.quantity, report.coordinates);
    // Two decades and more.
    chart.logarithmic = (report.is_logarithmic, least > 0.0 && most > 100.0 * least);
    chart
}
