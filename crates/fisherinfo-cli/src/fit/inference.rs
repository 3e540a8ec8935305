//! Tests of terms, the table of deviances, and intervals.

use super::model::Model;
use super::report::Report;
use crate::arguments::Intervals;
use crate::error::{Failure, nearest};
use crate::number::{json as number, plain};
use crate::table::aligned;
use fisherinfo_table::TermColumns;
use fisherinfo_table::glm::{DevianceStep, Fit, GlmError, ProfileEnd, TermTest, TestStatistic};
use serde_json::{Value, json};
use std::fmt::Write;

/// What was asked for beside the standard errors.
pub(crate) struct Inference {
    /// The terms held at zero, and what comes of it.
    pub(crate) tests: Vec<(String, TermTest)>,
    /// The terms in their order, each beside those before it.
    pub(crate) deviances: Vec<(String, DevianceStep)>,
    /// An interval for each coefficient.
    pub(crate) intervals: Vec<(ProfileEnd, ProfileEnd)>,
}

pub(crate) fn infer(model: &Model, fit: &Fit<'_>) -> Result<Inference, Failure> {
    let at = |error: GlmError| model.failure(error);
    let mut tests = Vec::new();
    let mut deviances = Vec::new();
    for text in &model.tests {
        if text == "all" {
            for (name, columns) in each(model) {
                // Of a term that others make up for, the report says so.
                if let Ok(columns) = fit.identified_terms().columns_of(&columns) {
                    tests.push((name, fit.test_of(&columns).map_err(at)?));
                }
            }
            deviances = table(model, fit).map_err(at)?;
        } else {
            let columns = named(model, text)?;
            let columns = fit.identified_terms().columns_of(&columns).map_err(at)?;
            tests.push((text.clone(), fit.test_of(&columns).map_err(at)?));
        }
    }
    let intervals = match model.intervals {
        None => Vec::new(),
        Some(Intervals::Profile) => (0..fit.terms().len())
            .map(|j| {
                let interval = fit.profile_interval(j, model.level)?;
                Ok((interval.lower, interval.upper))
            })
            .collect::<Result<_, _>>()
            .map_err(at)?,
        Some(Intervals::Wald) => {
            let reach = fit.quantile(model.level).map_err(at)?;
            fit.coefficients()
                .iter()
                .zip(fit.standard_errors().expected)
                .map(|(estimate, error)| {
                    (
                        ProfileEnd::At(estimate - reach * error),
                        ProfileEnd::At(estimate + reach * error),
                    )
                })
                .collect()
        }
    };
    Ok(Inference {
        tests,
        deviances,
        intervals,
    })
}

/// Every term that is part of no other, with its columns: of `a + b + a:b` only `a:b`, since what
/// `a` means beside `a:b` depends on how `b` is coded.
fn each(model: &Model) -> Vec<(String, Vec<usize>)> {
    let terms = &model.design.term_columns;
    let is_in_another = |i: usize| {
        terms.iter().enumerate().any(|(j, other)| {
            i != j
                && other.factors.len() > terms[i].factors.len()
                && terms[i]
                    .factors
                    .iter()
                    .all(|factor| other.factors.contains(factor))
        })
    };
    (0..terms.len())
        .filter(|&i| !terms[i].columns.is_empty() && !is_in_another(i))
        .map(|i| (terms[i].term.clone(), terms[i].columns.clone().collect()))
        .collect()
}

fn table(model: &Model, fit: &Fit<'_>) -> Result<Vec<(String, DevianceStep)>, GlmError> {
    let mut terms = model.design.term_columns.iter();
    let identified = fit.identified_terms();
    let first = if model.design.intercept {
        1
    } else {
        // Without an intercept the first term has nothing to be compared with.
        terms.next().map_or(0, |term| term.columns.end)
    };
    // Of what those before it determine a term has no part.
    let kept = |column: usize| identified.kept_before(column);
    let is_there = |term: &&TermColumns| kept(term.columns.start) < kept(term.columns.end);
    let terms: Vec<_> = terms.filter(is_there).collect();
    let ends: Vec<usize> = terms.iter().map(|term| kept(term.columns.end)).collect();
    let steps = fit.deviance_table(kept(first), &ends)?;
    Ok(terms
        .iter()
        .map(|term| term.term.clone())
        .zip(steps)
        .collect())
}

/// The columns of the terms, or single columns, that a list names.
fn named(model: &Model, text: &str) -> Result<Vec<usize>, Failure> {
    let design = &model.design;
    let mut columns: Vec<usize> = Vec::new();
    for name in text.split(',').map(str::trim) {
        let term = design.term_columns.iter().find(|term| term.term == name);
        let found = match term {
            Some(term) => Some(term.columns.clone()),
            None => {
                let position = design.terms.iter().position(|column| column == name);
                position.map(|position| position..position + 1)
            }
        };
        let Some(found) = found else {
            let known = design.term_columns.iter().map(|term| term.term.as_str());
            let known: Vec<&str> = known.collect();
            return Err(Failure::NoSuchTerm {
                text: text.into(),
                name: name.into(),
                nearest: nearest(name, known.iter().copied()),
                known: known.join(", "),
            });
        };
        columns.extend(
            found
                .filter(|column| !columns.contains(column))
                .collect::<Vec<_>>(),
        );
    }
    Ok(columns)
}

fn p_value(p: f64) -> String {
    format!("{p:.3e}")
}

pub(crate) fn text(out: &mut String, report: &Report<'_>) {
    let (inference, model, fit) = (&report.inference, report.model, &report.fit);
    let estimated = fit.family().estimates_dispersion();
    let letter = if estimated { "F" } else { "χ²" };
    if !inference.intervals.is_empty() {
        let kind = match model.intervals {
            Some(Intervals::Profile) => "profile likelihood",
            _ => "estimate ± quantile · expected standard error",
        };
        let quantile = if estimated { "Student's" } else { "normal" };
        let level = plain(100.0 * model.level);
        let _ = writeln!(out, "\nIntervals, {level} % ({kind}; {quantile} quantile)");
        let rows = inference
            .intervals
            .iter()
            .zip(fit.terms())
            .map(|((lower, upper), term)| vec![term.clone(), end(*lower, "−∞"), end(*upper, "∞")])
            .collect();
        out.push_str(&aligned(
            vec![String::new(), "lower".into(), "upper".into()],
            rows,
        ));
        let ends = || {
            inference
                .intervals
                .iter()
                .flat_map(|(lower, upper)| [lower, upper])
        };
        if ends().any(|end| matches!(end, ProfileEnd::Infinite)) {
            let _ = writeln!(
                out,
                "  ∞: on this side the data do not bound the coefficient at this level"
            );
        }
        if ends().any(|end| matches!(end, ProfileEnd::Edge(_))) {
            let _ = writeln!(
                out,
                "  edge: the interval stops where a mean would leave those of the family"
            );
        }
    }
    if !inference.tests.is_empty() {
        let _ = writeln!(out, "\nTests that terms are zero, the others refitted");
        let header = [
            "",
            "df",
            &format!("Wald {letter}"),
            "p",
            &format!("score {letter}"),
            "p",
            &format!("ratio {letter}"),
            "p",
        ];
        let rows = inference
            .tests
            .iter()
            .map(|(name, test)| {
                let mut row = vec![name.clone(), test.degrees_of_freedom.to_string()];
                for outcome in [test.wald, test.score, test.likelihood_ratio] {
                    row.extend([plain(outcome.statistic), p_value(outcome.p_value)]);
                }
                row
            })
            .collect();
        out.push_str(&aligned(header.map(String::from).to_vec(), rows));
        if estimated {
            let residual = fit.residual_degrees_of_freedom();
            let _ = writeln!(
                out,
                "  F on df and {residual} degrees of freedom, with the dispersion of the whole model"
            );
        }
    }
    if !inference.deviances.is_empty() {
        let _ = writeln!(out, "\nDeviance, each term beside those before it");
        let header = ["", "df", "deviance", "residual df", "residual", letter, "p"];
        let rows = inference
            .deviances
            .iter()
            .map(|(name, step)| {
                vec![
                    name.clone(),
                    step.degrees_of_freedom.to_string(),
                    plain(step.deviance),
                    step.residual_degrees_of_freedom.to_string(),
                    plain(step.residual_deviance),
                    plain(step.test.statistic),
                    p_value(step.test.p_value),
                ]
            })
            .collect();
        out.push_str(&aligned(header.map(String::from).to_vec(), rows));
    }
    let held = report.with_shape_held();
    if !held.is_empty() {
        let _ = writeln!(
            out,
            "\n  The shape k is held at its estimate in the {}, and not estimated anew",
            held.join(", the ").replace('_', " ")
        );
    }
    if !inference.intervals.is_empty()
        || !inference.tests.is_empty()
        || !inference.deviances.is_empty()
    {
        out.push('\n');
    }
}

fn end(end: ProfileEnd, infinite: &str) -> String {
    match end {
        ProfileEnd::At(value) => plain(value),
        ProfileEnd::Edge(value) => format!("{} (edge)", plain(value)),
        ProfileEnd::Infinite => infinite.into(),
    }
}

fn statistic(outcome: TestStatistic) -> Value {
    json!({ "statistic": number(outcome.statistic), "p_value": number(outcome.p_value) })
}

pub(crate) fn tests_json(report: &Report<'_>) -> Value {
    report
        .inference
        .tests
        .iter()
        .map(|(name, test)| {
            json!({
                "terms": name,
                "degrees_of_freedom": test.degrees_of_freedom,
                "residual_degrees_of_freedom": test.residual_degrees_of_freedom,
                "wald": statistic(test.wald),
                "score": statistic(test.score),
                "likelihood_ratio": statistic(test.likelihood_ratio),
                "deviance_without": number(test.deviance),
            })
        })
        .collect()
}

pub(crate) fn deviances_json(report: &Report<'_>) -> Value {
    report
        .inference
        .deviances
        .iter()
        .map(|(name, step)| {
            json!({
                "term": name,
                "degrees_of_freedom": step.degrees_of_freedom,
                "deviance": number(step.deviance),
                "residual_degrees_of_freedom": step.residual_degrees_of_freedom,
                "residual_deviance": number(step.residual_deviance),
                "test": statistic(step.test),
            })
        })
        .collect()
}

pub(crate) fn intervals_json(report: &Report<'_>) -> Value {
    let Some(kind) = report.model.intervals else {
        return Value::Null;
    };
    let end = |end: ProfileEnd, infinite: f64| match end {
        ProfileEnd::At(value) | ProfileEnd::Edge(value) => number(value),
        ProfileEnd::Infinite => number(infinite),
    };
    let is_edge = |end: &ProfileEnd| matches!(end, ProfileEnd::Edge(_));
    json!({
        "kind": match kind {
            Intervals::Wald => "wald",
            Intervals::Profile => "profile",
        },
        "level": report.model.level,
        "lower": report.inference.intervals.iter().map(|(lower, _)| end(*lower, f64::NEG_INFINITY)).collect::<Value>(),
        "upper": report.inference.intervals.iter().map(|(_, upper)| end(*upper, f64::INFINITY)).collect::<Value>(),
        "at_edge": report.inference.intervals.iter().map(|(lower, upper)| Value::from(is_edge(lower) || is_edge(upper))).collect::<Value>(),
    })
}
