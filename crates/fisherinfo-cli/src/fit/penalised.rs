//! A fit with a penalty: estimates with their certificate, and an honest word on their spread.

use super::model::Model;
use super::show::rows_used;
use crate::error::Failure;
use crate::number::{json as number, json_list, plain, rough};
use crate::table::aligned;
use fisherinfo_table::glm::{FamilyChoice, PenalisedFit, Penalty};
use serde_json::{Value, json};
use std::fmt::Write;

pub(crate) fn run(model: &Model, penalty: Penalty, as_json: bool) -> Result<String, Failure> {
    let FamilyChoice::Of(family) = model.family else {
        return Err(Failure::PenaltyWithShape);
    };
    let fit = model
        .regression
        .fit_penalised(family, model.link, penalty)
        .map_err(|error| model.failure(error))?;
    Ok(if as_json {
        format!("{:#}\n", json_of(model, &fit))
    } else {
        text(model, &fit)
    })
}

fn formula(penalty: Penalty) -> String {
    let strength = plain(penalty.strength());
    if penalty.is_ridge() {
        format!("{strength}/2·Σβ²")
    } else {
        let share = plain(penalty.share());
        format!("{strength}·({share}·Σ|β| + (1 − {share})/2·Σβ²)")
    }
}

fn text(model: &Model, fit: &PenalisedFit) -> String {
    let mut out = String::new();
    let n = model.regression.sample_size();
    let free = if model.design.intercept {
        "all coefficients but the intercept"
    } else {
        "all coefficients"
    };
    let _ = writeln!(
        out,
        "{}\n{} family, {} link; n = {n}\nleast: −log-likelihood/n + {}, over {free} in the units of their terms",
        model.formula,
        model.family,
        model.link,
        formula(fit.penalty)
    );
    rows_used(&mut out, model);
    let _ = writeln!(out, "\nPenalised coefficients");
    let terms = model.regression.terms().iter().zip(&fit.coefficients);
    match &fit.spread {
        Some(spread) => {
            let header = ["", "estimate", "spread", "bias"]
                .map(String::from)
                .to_vec();
            let rows = terms
                .enumerate()
                .map(|(j, (term, estimate))| {
                    vec![
                        term.clone(),
                        plain(*estimate),
                        plain(spread.standard_errors[j]),
                        plain(spread.bias[j]),
                    ]
                })
                .collect();
            out.push_str(&aligned(header, rows));
            let _ = writeln!(
                out,
                "  spread  standard error of the penalised estimate about its own expectation, by \
                 the sandwich\n  bias    how far the penalty keeps that expectation from the \
                 coefficient, to first order; itself shrunk\n  No interval or test of a \
                 coefficient follows from the spread: it leaves the bias out"
            );
        }
        None => {
            let rows = terms
                .map(|(term, estimate)| vec![term.clone(), plain(*estimate)])
                .collect();
            out.push_str(&aligned(vec![String::new(), "estimate".into()], rows));
            let _ = writeln!(
                out,
                "  No standard errors: estimates that the penalty sets to zero have none that hold"
            );
        }
    }
    let _ = writeln!(
        out,
        "\nDeviance {}; {} effective degrees of freedom; {} steps",
        plain(fit.deviance),
        plain(fit.effective_degrees_of_freedom),
        fit.iterations
    );
    let _ = writeln!(
        out,
        "Certificate: no condition of optimality is violated by more than {}, as a correlation of \
         residuals with a term",
        rough(fit.violation)
    );
    out
}

fn json_of(model: &Model, fit: &PenalisedFit) -> Value {
    json!({
        "formula": model.formula.to_string(),
        "family": model.family.to_string(),
        "link": model.link.to_string(),
        "penalty": {
            "lambda": fit.penalty.strength(),
            "alpha": fit.penalty.share(),
            "formula": formula(fit.penalty),
        },
        "terms": model.regression.terms(),
        "coefficients": json_list(&fit.coefficients),
        "spread": fit.spread.as_ref().map(|spread| json_list(&spread.standard_errors)),
        "bias": fit.spread.as_ref().map(|spread| json_list(&spread.bias)),
        // Neither kind of fit has standard errors of the coefficients.
        "standard_errors": Value::Null,
        "objective": number(fit.objective),
        "deviance": number(fit.deviance),
        "effective_degrees_of_freedom": number(fit.effective_degrees_of_freedom),
        "largest_violation": number(fit.violation),
        "n": model.regression.sample_size(),
        "rows": model.regression.rows(),
        "dropped_rows": model.design.dropped_rows,
        "iterations": fit.iterations,
    })
}
