//! A fit, for a person and for a program.

use super::inference;
use super::model::Model;
use super::report::Report;
use super::rows::Rows;
use super::unidentified;
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
    let dispersion = if fit.family().estimates_dispersion() {
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
    if report.firth.is_some() {
        let _ = writeln!(
            out,
            "Firth's correction: the log-likelihood is penalised by ½ log det I (Jeffreys' prior)"
        );
    }
    if let Some([success, failure]) = &model.labels {
        let _ = writeln!(
            out,
            "{}: «{success}» counts as success, «{failure}» as failure",
            model.design.response.name
        );
    }
    rows_used(&mut out, model);

    let letter = if fit.family().estimates_dispersion() {
        "t"
    } else {
        "z"
    };
    let _ = writeln!(out, "\nCoefficients");
    let header = ["", "estimate", "standard error", letter, "p"];
    let mut rows: Vec<Vec<String>> = (0..fit.terms().len())
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
    rows.extend(unidentified::rows(fit.identified_terms()));
    out.push_str(&aligned(header.map(String::from).to_vec(), rows));
    unidentified::text(&mut out, fit.identified_terms());

    if let Some(firth) = &report.firth {
        let _ = writeln!(
            out,
            "\nProfile of the penalised likelihood (rather than standard errors)"
        );
        let header = ["", "95 % from", "to", "χ² against 0", "p"];
        let rows = firth.profiles.iter().zip(fit.terms());
        let rows = rows
            .map(|(([low, high], ratio, p), term)| {
                vec![
                    term.clone(),
                    plain(*low),
                    plain(*high),
                    format!("{ratio:.4}"),
                    format!("{p:.3e}"),
                ]
            })
            .collect();
        out.push_str(&aligned(header.map(String::from).to_vec(), rows));
    }
    if let Some(shape) = &report.shape {
        let _ = writeln!(
            out,
            "\nShape k of the variance μ + μ²/k: {} (standard error {} expected, {} observed, {} with \
             the coefficients taken as known)",
            plain(shape.value),
            plain(shape.errors.expected),
            plain(shape.errors.observed),
            plain(shape.errors.coefficients_known)
        );
    }
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
        plain(report.aic())
    );
    if let Some(firth) = &report.firth {
        let _ = writeln!(
            out,
            "Penalised log-likelihood {}",
            plain(firth.penalised_log_likelihood)
        );
    }
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
    dropped(out, &model.design);
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

/// Rows that were left out, if any.
pub(super) fn dropped(out: &mut String, design: &Rows) {
    if design.dropped_rows == 0 {
        return;
    }
    let cells: Vec<String> = design
        .missing
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(column, count)| format!("{column} {count}"))
        .collect();
    let _ = writeln!(
        out,
        "{} rows with missing cells dropped ({})",
        design.dropped_rows,
        cells.join(", ")
    );
}

/// Missing cells by column.
pub(super) fn missing(design: &Rows) -> Value {
    let cells: serde_json::Map<String, Value> = design
        .missing
        .iter()
        .map(|(column, count)| (column.clone(), Value::from(*count)))
        .collect();
    Value::Object(cells)
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
    json!({
        "formula": model.formula.to_string(),
        "family": model.family.to_string(),
        "link": model.link.to_string(),
        "firth": report.firth.as_ref().map(|firth| json!({
            "penalised_log_likelihood": number(firth.penalised_log_likelihood),
            "intervals": firth.profiles.iter().map(|(ends, _, _)| json_list(ends)).collect::<Value>(),
            "level": 0.95,
            "likelihood_ratios": firth.profiles.iter().map(|(_, ratio, _)| number(*ratio)).collect::<Value>(),
            "p_values": firth.profiles.iter().map(|(_, _, p)| number(*p)).collect::<Value>(),
        })),
        "shape": report.shape.as_ref().map(|shape| json!({
            "k": number(shape.value),
            "standard_errors": {
                "expected": number(shape.errors.expected),
                "observed": number(shape.errors.observed),
                "coefficients_known": number(shape.errors.coefficients_known),
            },
            "held_fixed_in": report.with_shape_held(),
        })),
        "success": model.labels.as_ref().map(|[success, _]| success),
        "terms": fit.terms(),
        "unidentified": unidentified::json(fit.identified_terms()),
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
        "aic": number(report.aic()),
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
        "missing": missing(&model.design),
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
