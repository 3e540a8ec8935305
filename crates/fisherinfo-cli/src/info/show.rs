//! A report, for a person and for a program.

use super::report::{Agreement, Check, Report};
use crate::number::{json as number, json_list, json_matrix, plain, rough};
use crate::table::{aligned, matrix};
use fisherinfo::divergence::{LocalCurvature, RemainderOrder};
use fisherinfo::jeffreys::{self, Properness};
use fisherinfo::regularity::Verdict;
use serde_json::{Map, Value, json};
use std::fmt::Write;

pub(crate) fn text(report: &Report) -> String {
    let information = &report.information;
    let names = report.chosen.model().space().names();
    let point: Vec<String> = names
        .iter()
        .zip(report.chosen.theta())
        .map(|(name, value)| format!("{name} = {}", plain(*value)))
        .collect();
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line(format!(
        "{} at {}; n = {}; coordinates {}",
        report.chosen.model().name(),
        point.join(", "),
        plain(information.sample_size()),
        information.coordinates()
    ));
    line(String::new());
    line("Fisher information".into());
    line(matrix(information.parameters(), information.matrix()));
    line("Eigenvalues".into());
    let rows = report
        .spectrum
        .values
        .iter()
        .zip(&report.spectrum.directions)
        .map(|(value, direction)| vec![plain(*value), format!("along {direction}")])
        .collect();
    line(aligned(vec![String::new(); 2], rows));
    line("Cramér–Rao bound".into());
    let header = ["", "variance", "standard error"]
        .map(String::from)
        .to_vec();
    let rows = report
        .bound
        .variances()
        .into_iter()
        .zip(information.parameters())
        .map(|(variance, name)| vec![name.clone(), plain(variance), plain(variance.sqrt())])
        .collect();
    line(aligned(header, rows));
    for direction in report.bound.unidentified() {
        line(format!(
            "warning: to the digits of a double the data say nothing about {direction}\n"
        ));
    }
    if report.condition > 1e8 && report.condition.is_finite() {
        line(format!(
            "warning: the scaled information has the condition {}; the bound keeps about {} digits\n",
            rough(report.condition),
            (15.9 - report.condition.log10()).max(0.0).floor()
        ));
    }
    if let Some(curvature) = &report.divergence {
        line(divergence_text(curvature, &names.join(",")));
    }
    if report.jeffreys.is_some() {
        line(jeffreys_text(report));
    }
    line(format!("Computed by   {}", information.provenance().route));
    match &report.check {
        Ok(check) => line(check_text(check)),
        Err(reason) => line(format!("Regular       not checked: {reason}")),
    }
    // The last section ends with its own line break.
    while out.ends_with("\n\n") {
        out.pop();
    }
    out
}

fn agreement_text(agreement: &Agreement) -> String {
    format!(
        "differ by {} of the diagonal, within {}{}",
        rough(agreement.difference),
        rough(agreement.error),
        if agreement.holds {
            ""
        } else {
            ": they do NOT agree"
        }
    )
}

fn check_text(check: &Check) -> String {
    let certificate = &check.certificate;
    let mut text = String::new();
    if let Some(routes) = &check.routes {
        let _ = writeln!(
            text,
            "Agreement     with {}: {}",
            routes.with,
            agreement_text(routes)
        );
    }
    let _ = writeln!(
        text,
        "Definitions   E[s sᵀ] and −E[∂² log f] {}",
        agreement_text(&check.definitions)
    );
    text.push_str(match certificate.verdict() {
        Verdict::Holds => "Regular       yes\n",
        Verdict::Fails => "Regular       NO\n",
        Verdict::Undecided => "Regular       undecided: the errors are as large as the numbers\n",
    });
    for condition in &certificate.conditions {
        if condition.verdict == Verdict::Fails {
            let _ = writeln!(
                text,
                "              {} fails: {} against {} ± {}",
                condition.statement,
                plain(condition.found),
                plain(condition.wanted),
                rough(condition.error)
            );
        }
    }
    if !certificate.support_is_fixed {
        text.push_str("              the support moves with the parameters\n");
    }
    for warning in certificate.warnings() {
        let _ = writeln!(text, "Warning       {warning}");
    }
    text
}

fn divergence_text(curvature: &LocalCurvature, own: &str) -> String {
    let order = match curvature.order {
        RemainderOrder::Observed(order) => {
            format!("vanishes like δ^{order:.3} (observed over halving steps): o(δ²)")
        }
        RemainderOrder::NoRemainder => "none: the divergence is exactly quadratic".into(),
        RemainderOrder::Undecided => "undecided: too few steps stand clear of rounding".into(),
    };
    format!(
        "Kullback–Leibler divergence of the step in {own}, one observation\n{} remainder  {order}\n",
        aligned(
            vec![String::new(); 2],
            vec![
                vec!["exact".into(), plain(curvature.exact.value)],
                vec!["½ δᵀIδ".into(), plain(curvature.quadratic)],
            ]
        )
    )
}

fn jeffreys_text(report: &Report) -> String {
    let Some(prior) = &report.jeffreys else {
        return String::new();
    };
    let mut text = format!(
        "Jeffreys prior{}, one observation\n density {} at the point, in {}  {}\n ",
        match &prior.parameter {
            Some(name) if report.chosen.theta().len() > 1 =>
                format!(" of {name}, the others fixed"),
            _ => String::new(),
        },
        if prior.parameter.is_some() {
            "√I"
        } else {
            "√det I"
        },
        prior.coordinates,
        plain(prior.density)
    );
    match &prior.assessment.properness {
        Properness::Proper { mass, error } => {
            let _ = writeln!(
                text,
                "proper: total mass {} ± {}",
                plain(*mass),
                rough(*error)
            );
        }
        Properness::Improper => text.push_str("improper: its mass is infinite\n"),
        Properness::Undecided { reason } => {
            let _ = writeln!(text, "undecided: {reason}");
        }
    }
    for tail in &prior.assessment.tails {
        let verdict = match tail.verdict {
            jeffreys::Verdict::Converges => "converges",
            jeffreys::Verdict::Diverges => "diverges",
            jeffreys::Verdict::Undecided => "undecided",
        };
        // Of several parameters, the ends that decide are enough.
        if tail.exponent.is_none() && tail.verdict == jeffreys::Verdict::Converges {
            continue;
        }
        let exponent = tail.exponent.map_or_else(String::new, |exponent| {
            let name = tail.end.description.split(' ').next().unwrap_or("θ");
            let far = tail.end.description.ends_with('∞');
            let base = if far { name } else { "distance" };
            let power = plain((-exponent * 1e3).round() / 1e3);
            format!(": density like {base}^{power}")
        });
        let _ = writeln!(text, "  {}  {verdict}{exponent}", tail.end);
    }
    if let Some(reference) = &prior.reference {
        let _ = writeln!(
            text,
            " note: {}; the reference prior is {}",
            reference.reason, reference.density
        );
    }
    text
}

pub(crate) fn json(report: &Report) -> Value {
    let information = &report.information;
    let names = report.chosen.model().space().names();
    let parameters: Map<String, Value> = names
        .iter()
        .cloned()
        .zip(report.chosen.theta().iter().copied().map(number))
        .collect();
    let mut value = json!({
        "family": report.chosen.family,
        "model": report.chosen.model().name(),
        "parameters": parameters,
        "coordinates": information.coordinates(),
        "names": information.parameters(),
        "point": information.point().map(json_list),
        "n": number(information.sample_size()),
        "information": json_matrix(information.matrix()),
        "eigenvalues": json_list(&report.spectrum.values),
        "cramer_rao": json_matrix(report.bound.covariance().as_ref()),
        "standard_errors": json_list(&report.bound.standard_errors()),
        "condition_number": number(report.condition),
        "unidentified": report.bound.unidentified().iter().map(ToString::to_string).collect::<Vec<_>>(),
        "method": information.provenance().route.to_string(),
    });
    if let Some(object) = value.as_object_mut() {
        let check = report.check.as_ref().ok();
        object.insert("agreement".into(), check.map_or(Value::Null, check_json));
        object.insert(
            "regular".into(),
            check.map_or(Value::Null, |check| match check.certificate.verdict() {
                Verdict::Holds => true.into(),
                Verdict::Fails => false.into(),
                Verdict::Undecided => Value::Null,
            }),
        );
        if let Some(curvature) = &report.divergence {
            object.insert("kl".into(), divergence_json(curvature));
        }
        if let Some(prior) = jeffreys_json(report) {
            object.insert("jeffreys".into(), prior);
        }
    }
    value
}

fn check_json(check: &Check) -> Value {
    let pair = |agreement: &Agreement| {
        json!({
            "with": agreement.with,
            "difference": number(agreement.difference),
            "error": number(agreement.error),
            "agree": agreement.holds,
        })
    };
    let failed: Vec<Value> = check
        .certificate
        .conditions
        .iter()
        .filter(|condition| condition.verdict == Verdict::Fails)
        .map(|condition| {
            json!({
                "condition": condition.statement,
                "found": number(condition.found),
                "wanted": number(condition.wanted),
                "error": number(condition.error),
            })
        })
        .collect();
    json!({
        "route": check.certificate.route.to_string(),
        "routes": check.routes.as_ref().map(pair),
        "definitions": pair(&check.definitions),
        "support_is_fixed": check.certificate.support_is_fixed,
        "failed": failed,
        "warnings": check.certificate.warnings(),
    })
}

fn divergence_json(curvature: &LocalCurvature) -> Value {
    let (order, remainder) = match curvature.order {
        RemainderOrder::Observed(order) => (Some(order), "observed"),
        RemainderOrder::NoRemainder => (None, "none"),
        RemainderOrder::Undecided => (None, "undecided"),
    };
    let sequence: Vec<Value> = curvature
        .sequence
        .iter()
        .map(|step| {
            json!({
                "factor": number(step.factor),
                "exact": number(step.exact),
                "quadratic": number(step.quadratic),
                "resolved": step.resolved,
            })
        })
        .collect();
    json!({
        // Of one observation and a step in the family's own coordinates.
        "exact": number(curvature.exact.value),
        "quadratic": number(curvature.quadratic),
        "order": order,
        "remainder": remainder,
        "method": curvature.exact.route.to_string(),
        "sequence": sequence,
    })
}

fn jeffreys_json(report: &Report) -> Option<Value> {
    let prior = report.jeffreys.as_ref()?;
    let (proper, mass, error) = match &prior.assessment.properness {
        Properness::Proper { mass, error } => (Some(true), Some(*mass), Some(*error)),
        Properness::Improper => (Some(false), None, None),
        Properness::Undecided { .. } => (None, None, None),
    };
    let tails: Vec<Value> = prior
        .assessment
        .tails
        .iter()
        .map(|tail| {
            json!({
                "end": tail.end.to_string(),
                "exponent": tail.exponent.map(|e| number(-e)),
                "converges": match tail.verdict {
                    jeffreys::Verdict::Converges => Some(true),
                    jeffreys::Verdict::Diverges => Some(false),
                    jeffreys::Verdict::Undecided => None,
                },
            })
        })
        .collect();
    Some(json!({
        "proper": proper,
        "mass": mass.map_or_else(
            || if proper == Some(false) { number(f64::INFINITY) } else { Value::Null },
            number,
        ),
        "error": error,
        "density": number(prior.density),
        "parameter": prior.parameter,
        "coordinates": prior.coordinates,
        "tails": tails,
        "reference_prior": prior.reference.as_ref().map(|reference| json!({
            "density": reference.density,
            "reason": reference.reason,
        })),
    }))
}
