//! A report, for a person and for a program.

use super::report::Report;
use crate::number::{json as number, json_list, json_matrix, plain, rough};
use crate::table::aligned;
use fisherinfo::design::Criterion;
use serde_json::{Map, Value, json};

/// What the value of the criterion is.
fn quantity(criterion: &Criterion) -> &'static str {
    match criterion {
        Criterion::D => "ln det M",
        Criterion::A => "tr M⁻¹",
        Criterion::E => "smallest eigenvalue of M",
        Criterion::C(_) => "cᵀM⁻c",
    }
}

/// What the certificate bounds, and its bound for the best design.
fn certified(report: &Report) -> (&'static str, f64) {
    match report.criterion {
        Criterion::D => (
            "largest standardised variance",
            report.parameters.len() as f64,
        ),
        Criterion::A => ("largest tr(MᵢM⁻²)/tr M⁻¹", 1.0),
        Criterion::E => ("largest tr(MᵢZ)/λ_min", 1.0),
        Criterion::C(_) => ("largest (cᵀM⁻aᵢ)²/cᵀM⁻c", 1.0),
    }
}

pub(crate) fn text(report: &Report) -> String {
    let mut out = format!(
        "{}-optimal design for {}\n{} family, {} link",
        report.criterion, report.model, report.family, report.link
    );
    let named = |values: &[f64]| -> String {
        let parts: Vec<String> = report
            .parameters
            .iter()
            .zip(values)
            .map(|(name, value)| format!("{name} = {}", plain(*value)))
            .collect();
        parts.join(", ")
    };
    match &report.assumed {
        Some(values) => out.push_str(&format!("; best at {}\n", named(values))),
        None => out.push_str("; the same at all parameters\n"),
    }
    if let Criterion::C(combination) = &report.criterion {
        out.push_str(&format!("c: {}\n", named(combination)));
    }
    if report.dropped_rows > 0 {
        out.push_str(&format!(
            "{} rows with missing cells left out\n",
            report.dropped_rows
        ));
    }
    out.push_str(&match report.candidates {
        Some(count) => format!(
            "\nSupport ({} of {count} candidates)\n",
            report.support.len()
        ),
        None => "\nSupport\n".into(),
    });
    let mut header = report.columns.clone();
    header.push("weight".into());
    let rows = report
        .support
        .iter()
        .map(|support| {
            let mut row: Vec<String> = support.point.iter().map(|value| plain(*value)).collect();
            row.push(plain(support.weight));
            row
        })
        .collect();
    out.push_str(&aligned(header, rows));
    let (bounded, bound) = certified(report);
    let place = &report.columns[0];
    out.push_str(&format!(
        "\nCriterion    {} = {}, for one observation\n",
        quantity(&report.criterion),
        plain(report.value)
    ));
    out.push_str(&format!(
        "Certificate  {bounded} {} (at {place} {}), {} for the best design: no design is more than {} better\n",
        plain(bound * report.largest),
        plain(report.at),
        plain(bound),
        rough((report.largest - 1.0).max(f64::EPSILON)),
    ));
    out.push_str(&match report.uniform_efficiency {
        Some(efficiency) => format!(
            "Equal weights on all {} are {} % as efficient\n",
            if report.candidates.is_some() {
                "candidates"
            } else {
                "of a fine grid"
            },
            plain((1e4 * efficiency).round() / 100.0)
        ),
        None => "Equal weights on all do not estimate it\n".into(),
    });
    out
}

pub(crate) fn json(report: &Report) -> Value {
    let named = |names: &[String], values: &[f64]| -> Map<String, Value> {
        names
            .iter()
            .cloned()
            .zip(values.iter().copied().map(number))
            .collect()
    };
    let support: Vec<Value> = report
        .support
        .iter()
        .map(|support| {
            let mut point = named(&report.columns, &support.point);
            let weight = number(support.weight);
            // The columns of a file may be called anything, `weight` too.
            let mut entry = Map::new();
            if report.candidates.is_some()
                && let Some(line) = point.remove("line")
            {
                // Whole numbers up to 2⁵³ stay what they are.
                let line = line.as_f64().map_or(line, |line| json!(line as u64));
                entry.insert("line".into(), line);
            }
            entry.insert("point".into(), Value::Object(point));
            entry.insert("weight".into(), weight);
            Value::Object(entry)
        })
        .collect();
    let (bounded, bound) = certified(report);
    json!({
        "model": report.model,
        "family": report.family.name(),
        "link": report.link.name(),
        "criterion": report.criterion.to_string(),
        "c": match &report.criterion {
            Criterion::C(combination) => json_list(combination),
            _ => Value::Null,
        },
        "names": report.parameters,
        "assumed": report.assumed.as_ref().map(|values| named(&report.parameters, values)),
        "candidates": report.candidates,
        "support": support,
        "quantity": quantity(&report.criterion),
        "value": number(report.value),
        "information": json_matrix(report.information.as_ref()),
        "certificate": {
            "quantity": bounded,
            "largest": number(bound * report.largest),
            "bound": number(bound),
            "at": number(report.at),
            "efficiency_bound": number(report.efficiency_bound),
        },
        "uniform_efficiency": report.uniform_efficiency.map(number),
        "dropped_rows": report.dropped_rows,
    })
}
