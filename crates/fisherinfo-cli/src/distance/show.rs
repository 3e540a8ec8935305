//! A report, for a person and for a program.

use super::report::Report;
use crate::number::{json as number, json_list, plain, rough};
use crate::table::aligned;
use fisherinfo::geometry::GeometryError;
use serde_json::{Map, Value, json};

/// How far the two routes are apart, what is granted to that, and whether it suffices.
struct Agreement {
    difference: f64,
    error: f64,
    holds: bool,
}

fn agreement(report: &Report) -> Option<Agreement> {
    let other = report.other.as_ref().ok()?;
    let difference = (report.path.length() - other.value).abs();
    let error = report.path.error() + other.error;
    Some(Agreement {
        difference,
        error,
        holds: difference <= error,
    })
}

pub(crate) fn text(report: &Report) -> String {
    let names = report.from.model.space().names();
    let point = |theta: &[f64]| -> String {
        let parts: Vec<String> = names
            .iter()
            .zip(theta)
            .map(|(name, value)| format!("{name} = {}", plain(*value)))
            .collect();
        parts.join(", ")
    };
    let length = report.path.length();
    let mut out = format!(
        "{}\n from  {}\n to    {}\n\nFisher–Rao distance  {} ± {}\nComputed by          {}\n",
        report.from.model.name(),
        point(&report.from.theta),
        point(&report.to),
        plain(length),
        rough(report.path.error()),
        report.path.route(),
    );
    out.push_str(&match (&report.other, agreement(report)) {
        (Ok(other), Some(agreement)) => format!(
            "Agreement            with {}: differ by {}, within {}{}\n",
            other.route,
            rough(agreement.difference),
            rough(agreement.error),
            if agreement.holds {
                ""
            } else {
                ": they do NOT agree"
            }
        ),
        (Err(GeometryError::NoClosedForm { .. }), _) => {
            "Agreement            not checked: no formula is known for these points\n".into()
        }
        (Err(reason), _) => format!("Agreement            not checked: {reason}\n"),
        (Ok(_), None) => String::new(),
    });
    if let Some(note) = report.path.note() {
        out.push_str(&format!("Note                 {note}\n"));
    }
    out.push_str("\nKullback–Leibler divergence\n");
    let [there, back] = report.divergences.each_ref().map(|divergence| {
        divergence.as_ref().map_or_else(
            |reason| format!("not known: {reason}"),
            |found| plain(found.value),
        )
    });
    out.push_str(&aligned(
        vec![String::new(); 2],
        vec![
            vec!["from ‖ to".into(), there],
            vec!["to ‖ from".into(), back],
            vec!["½ distance²".into(), plain(0.5 * length * length)],
        ],
    ));
    if let Some(curvatures) = &report.curvatures {
        out.push_str("\nScalar curvature S (positive on spheres)\n");
        let rows = ["at from", "at to"]
            .into_iter()
            .zip(curvatures)
            .map(|(place, curvature)| match curvature {
                Ok(found) => {
                    let gaussian = found.gaussian().map_or_else(String::new, |gaussian| {
                        format!("Gaussian K = S/2 = {}", plain(tidy(gaussian, found.error)))
                    });
                    vec![
                        place.into(),
                        plain(tidy(found.value, found.error)),
                        gaussian,
                    ]
                }
                Err(reason) => vec![place.into(), "not known".into(), reason.clone()],
            })
            .collect();
        out.push_str(&aligned(vec![String::new(); 3], rows));
    }
    if let Some(shown) = &report.shown {
        out.push_str(&format!(
            "\nShortest path, coordinates {}\n",
            shown.coordinates
        ));
        let mut header = vec!["t".to_string()];
        header.extend(shown.names.iter().cloned());
        let rows = shown
            .points
            .iter()
            .map(|(t, point)| {
                let mut row = vec![plain(*t)];
                row.extend(point.iter().map(|value| plain(*value)));
                row
            })
            .collect();
        out.push_str(&aligned(header, rows));
    }
    out
}

/// Zero where the error says that it may be.
fn tidy(value: f64, error: f64) -> f64 {
    if value.abs() <= error { 0.0 } else { value }
}

pub(crate) fn json(report: &Report) -> Value {
    let names = report.from.model.space().names();
    let point = |names: &[String], theta: &[f64]| -> Map<String, Value> {
        names
            .iter()
            .cloned()
            .zip(theta.iter().copied().map(number))
            .collect()
    };
    let check = match (&report.other, agreement(report)) {
        (Ok(other), Some(agreement)) => json!({
            "method": other.route.to_string(),
            "distance": number(other.value),
            "difference": number(agreement.difference),
            "error": number(agreement.error),
            "agree": agreement.holds,
        }),
        _ => Value::Null,
    };
    let [there, back] = report.divergences.each_ref().map(|divergence| {
        divergence
            .as_ref()
            .map_or(Value::Null, |found| number(found.value))
    });
    let curvature = report.curvatures.as_ref().map(|curvatures| {
        curvatures
            .iter()
            .map(|curvature| {
                curvature.as_ref().map_or(Value::Null, |found| {
                    json!({
                        "scalar": number(found.value),
                        "gaussian": found.gaussian().map(number),
                        "error": number(found.error),
                    })
                })
            })
            .collect::<Value>()
    });
    let mut value = json!({
        "family": report.entry.name,
        "model": report.from.model.name(),
        "from": point(&names, &report.from.theta),
        "to": point(&names, &report.to),
        "distance": number(report.path.length()),
        "error": number(report.path.error()),
        "method": report.path.route().to_string(),
        "agreement": check,
        "note": report.path.note(),
        "kl": {"from_to": there, "to_from": back},
        // At both ends; null for one parameter.
        "curvature": curvature,
    });
    if let (Some(object), Some(shown)) = (value.as_object_mut(), &report.shown) {
        let points: Vec<Value> = shown
            .points
            .iter()
            .map(|(t, point)| json!({"t": number(*t), "point": json_list(point)}))
            .collect();
        object.insert(
            "geodesic".into(),
            json!({"coordinates": shown.coordinates, "names": shown.names, "points": points}),
        );
    }
    value
}
