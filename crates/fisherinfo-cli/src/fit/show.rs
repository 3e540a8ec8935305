//! A fit, for a person and for a program.

use super::inference;
use super::model::Model;
use super::report::Report;
use crate::number::{json as number, json_list, json_matrix, plain};
use crate::table::aligned;
use fisherinfo::information::Information;
use fisherinfo_table::glm::{Compared, Weighting};
use serde_json::{Value, json};
use std::fmt::Write;

pub(crate) fn text(report: &Report<'_>) -> String {
    let (fit, model) = (&report.fit, report.model);
    let mut out = String::new();
    let trials = model
        .trials
        .as_ref()
        .map_or_else(String::new, |column| format!(", trials from {column}"));
    let offset = model
        .offset
        .as_ref()
        .map_or_else(String::new, |offset| format!(", offset {offset}"));
    let dispersion = if model.family.estimates_dispersion() {
        format!("{} (Pearson's X²/(n − p))", plain(fit.dispersion()))
    } else {
        "1".into()
    };
    let _ = writeln!(
        out,
        "{}\n{} family, {} link{trials}{offset}; n = {}; dispersion {dispersion}; {} iterations of Fisher scoring",
        model.formula,
        model.family,
        model.link,
        fit.sample_size(),
        fit.iterations()
    );
    rows_used(&mut out, model);
    let letter = if model.family.estimates_dispersion() {
        "t"
    } else {
        "z"
    };
    let _ = writeln!(out, "\nCoefficients");
    let header = ["", "estimate", "standard error", letter, "p"];
    let rows = (0..fit.terms().len())
        .map(|j| {
            let (ratio, p) = report.tests[j];
            vec![
                fit.terms()[j].clone(),
                plain(fit.coefficients()[j]),
                plain(report.standard_errors.expected[j]),
                format!("{ratio:.3}"),
                format!("{p:.3e}"),
            ]
        })
        .collect();
    out.push_str(&aligned(header.map(String::from).to_vec(), rows));

    let _ = writeln!(out, "\nStandard errors side by side");
    let kinds = report.kinds();
    let mut header = vec![String::new()];
    header.extend(kinds.iter().map(|kind| kind.name.to_string()));
    let rows = (0..fit.terms().len())
        .map(|j| {
            let mut row = vec![fit.terms()[j].clone()];
            row.extend(kinds.iter().map(|kind| match &kind.values {
                Ok(values) => plain(values[j]),
                Err(_) => "none".into(),
            }));
            row
        })
        .collect();
    out.push_str(&aligned(header, rows));
    for kind in &kinds {
        let _ = writeln!(out, "  {:<10} {}", kind.name, kind.from);
        if let Err(reason) = &kind.values {
            let _ = writeln!(out, "             {reason}");
        }
    }

    let _ = writeln!(
        out,
        "\nLog-likelihood {}; deviance {} on {} degrees of freedom; AIC {}",
        plain(fit.log_likelihood()),
        plain(fit.deviance()),
        fit.residual_degrees_of_freedom(),
        plain(fit.aic())
    );
    inference::text(&mut out, report);
    match &report.information_matrix_test {
        Ok(outcome) => {
            let compared = match outcome.compared {
                Compared::Everything => "all entries",
                Compared::Diagonal => "diagonal entries",
            };
            let _ = writeln!(
                out,
                "Information-matrix test (White; outer-product form, {compared}): \
                 {} on {} degrees of freedom, p = {:.3e}",
                plain(outcome.test.statistic),
                outcome.test.degrees_of_freedom,
                outcome.test.p_value()
            );
        }
        Err(reason) => {
            let _ = writeln!(out, "Information-matrix test: none; {reason}");
        }
    }
    out
}

/// What the weights mean, and which rows were left out.
pub(crate) fn rows_used(out: &mut String, model: &Model) {
    if let Some((column, weighting)) = &model.weights {
        let _ = writeln!(
            out,
            "{}",
            meaning(column, *weighting, model.regression.rows())
        );
    }
    if model.design.rows_without_weight > 0 {
        let rows = model.design.rows_without_weight;
        let _ = writeln!(out, "{rows} rows of weight 0 left out");
    }
    if model.design.dropped_rows > 0 {
        let cells: Vec<String> = model
            .design
            .missing
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(column, count)| format!("{column} {count}"))
            .collect();
        let _ = writeln!(
            out,
            "{} rows with missing cells dropped ({})",
            model.design.dropped_rows,
            cells.join(", ")
        );
    }
}

/// What the weights were taken to mean.
fn meaning(column: &str, weighting: Weighting, rows: usize) -> String {
    match weighting {
        Weighting::Frequency => format!(
            "frequency weights from {column}: each row stands for so many that are the same, so n \
             is their sum over {rows} rows"
        ),
        Weighting::Precision => format!(
            "precision weights from {column}: the variance of a row is φV(μ)/w, and n is the \
             number of rows"
        ),
    }
}

pub(crate) fn json(report: &Report<'_>) -> Value {
    let (fit, model) = (&report.fit, report.model);
    let errors: serde_json::Map<String, Value> = report
        .kinds()
        .into_iter()
        .map(|kind| {
            let values = kind.values.map_or(Value::Null, |values| json_list(&values));
            (kind.name.to_string(), values)
        })
        .collect();
    let matrix = |information: &Information| json_matrix(information.matrix());
    let missing: serde_json::Map<String, Value> = model
        .design
        .missing
        .iter()
        .map(|(column, count)| (column.clone(), Value::from(*count)))
        .collect();
    json!({
        "formula": model.formula.to_string(),
        "family": model.family.to_string(),
        "link": model.link.to_string(),
        "terms": fit.terms(),
        "coefficients": json_list(fit.coefficients()),
        "standard_errors": errors,
        "sandwich": report.sandwich_formula(),
        "clusters": report.clusters.as_ref().map(|robust| json!({
            "column": model.design.clusters.as_ref().map(|groups| &groups.column),
            "number": robust.clusters,
            "factor": robust.factor.name(),
        })),
        "tests": inference::tests_json(report),
        "deviance_table": inference::deviances_json(report),
        "intervals": inference::intervals_json(report),
        "statistics": report.tests.iter().map(|(ratio, _)| number(*ratio)).collect::<Value>(),
        "p_values": report.tests.iter().map(|(_, p)| number(*p)).collect::<Value>(),
        "information": {
            "expected": matrix(&report.information.expected),
            "observed": matrix(&report.information.observed),
            "empirical": matrix(&report.information.empirical),
        },
        "log_likelihood": number(fit.log_likelihood()),
        "deviance": number(fit.deviance()),
        "aic": number(fit.aic()),
        "dispersion": number(fit.dispersion()),
        "n": fit.sample_size(),
        "rows": fit.rows(),
        "offset": model.offset,
        "weights": model.weights.as_ref().map(|(column, weighting)| json!({
            "column": column,
            "meaning": weighting.to_string(),
        })),
        "rows_without_weight": model.design.rows_without_weight,
        "residual_degrees_of_freedom": fit.residual_degrees_of_freedom(),
        "dropped_rows": model.design.dropped_rows,
        "missing": missing,
        "iterations": fit.iterations(),
        // A fit that did not converge is an error and has no output.
        "converged": true,
        "information_matrix_test": match &report.information_matrix_test {
            Ok(outcome) => json!({
                "statistic": number(outcome.test.statistic),
                "degrees_of_freedom": outcome.test.degrees_of_freedom,
                "p_value": number(outcome.test.p_value()),
                "compared": match outcome.compared {
                    Compared::Everything => "all entries",
                    Compared::Diagonal => "diagonal entries",
                },
            }),
            Err(reason) => json!({ "none": reason }),
        },
    })
}
