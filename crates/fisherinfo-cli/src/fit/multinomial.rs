//! `fisher fit --family multinomial`: what is computed, and how it is shown.

use super::model::Model;
use super::unidentified;
use crate::error::Failure;
use crate::number::{json as number, json_list, json_matrix, plain};
use crate::table::aligned;
use fisherinfo::special::normal_cdf;
use fisherinfo_table::glm::{FitInformation, MultinomialFit, MultinomialStandardErrors};
use serde_json::{Value, json};
use std::fmt::Write;

struct Report<'a> {
    model: &'a Model,
    fit: MultinomialFit<'a>,
    errors: MultinomialStandardErrors,
    information: FitInformation,
    /// Estimate over expected standard error, and its two-sided p-value.
    tests: Vec<(f64, f64)>,
}

pub(super) fn run(model: &Model, as_json: bool) -> Result<String, Failure> {
    let report = compute(model)?;
    Ok(if as_json {
        format!("{:#}\n", in_json(&report))
    } else {
        text(&report)
    })
}

fn compute(model: &Model) -> Result<Report<'_>, Failure> {
    let response = &model.design.response;
    let levels = response.levels.clone().unwrap_or_default();
    let reference = match &model.reference {
        None => 0,
        Some(name) => response.level(name).map_err(|error| Failure::Design {
            file: model.data.clone(),
            error,
        })?,
    };
    let fit = model
        .regression
        .fit_multinomial(&levels, reference)
        .map_err(|error| model.failure(error))?;
    let errors = fit.standard_errors();
    let tests = fit.coefficients().iter().zip(&errors.expected);
    let tests = tests
        .map(|(estimate, error)| {
            let ratio = estimate / error;
            (ratio, 2.0 * normal_cdf(-ratio.abs()))
        })
        .collect();
    Ok(Report {
        information: fit.information().map_err(|error| model.failure(error))?,
        model,
        errors,
        tests,
        fit,
    })
}

fn text(report: &Report<'_>) -> String {
    let (fit, model) = (&report.fit, report.model);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{}\nmultinomial family, logit link; n = {}; {} iterations of Fisher scoring",
        model.formula,
        fit.rows(),
        fit.iterations()
    );
    let _ = writeln!(
        out,
        "{}: the odds of each category against «{}»",
        model.design.response.name,
        fit.levels()[fit.reference()]
    );
    super::show::dropped(&mut out, &model.design);
    let terms = fit.terms().len();
    let others = (0..fit.levels().len()).filter(|level| *level != fit.reference());
    for (place, level) in others.enumerate() {
        let _ = writeln!(out, "\n{}", fit.levels()[level]);
        let header = [
            "",
            "estimate",
            "standard error",
            "z",
            "p",
            "empirical",
            "sandwich",
        ];
        let rows = (0..terms)
            .map(|term| {
                let j = place * terms + term;
                let (ratio, p) = report.tests[j];
                vec![
                    fit.terms()[term].clone(),
                    plain(fit.coefficients()[j]),
                    plain(report.errors.expected[j]),
                    format!("{ratio:.3}"),
                    format!("{p:.3e}"),
                    report
                        .errors
                        .empirical
                        .as_ref()
                        .map_or_else(|| "none".into(), |errors| plain(errors[j])),
                    plain(report.errors.sandwich[j]),
                ]
            })
            .collect();
        out.push_str(&aligned(header.map(String::from).to_vec(), rows));
    }
    unidentified::text(&mut out, model.regression.identified_terms());
    let _ = writeln!(
        out,
        "\n  standard error  inverse of the expected information, which is the observed one\n  \
         empirical       inverse of the outer products of the scores\n  \
         sandwich        {SANDWICH}"
    );
    let _ = writeln!(
        out,
        "\nLog-likelihood {}; of the model without terms {}; AIC {}",
        plain(fit.log_likelihood()),
        plain(fit.null_log_likelihood()),
        plain(fit.aic())
    );
    out
}

const SANDWICH: &str = "expected⁻¹ · outer products · expected⁻¹ (HC0, small-sample factor 1)";

fn in_json(report: &Report<'_>) -> Value {
    let (fit, model, errors) = (&report.fit, report.model, &report.errors);
    json!({
        "formula": model.formula.to_string(),
        "family": "multinomial",
        "link": "logit",
        "levels": fit.levels(),
        "reference": fit.levels()[fit.reference()],
        "terms": fit.terms(),
        "unidentified": unidentified::json(model.regression.identified_terms()),
        "parameters": fit.parameters(),
        "coefficients": json_list(fit.coefficients()),
        "standard_errors": {
            "expected": json_list(&errors.expected),
            "observed": json_list(&errors.expected),
            "empirical": errors.empirical.as_ref().map(|errors| json_list(errors)),
            "sandwich": json_list(&errors.sandwich),
        },
        "sandwich": SANDWICH,
        "statistics": report.tests.iter().map(|(ratio, _)| number(*ratio)).collect::<Value>(),
        "p_values": report.tests.iter().map(|(_, p)| number(*p)).collect::<Value>(),
        "information": {
            "expected": json_matrix(report.information.expected.matrix()),
            "observed": json_matrix(report.information.observed.matrix()),
            "empirical": json_matrix(report.information.empirical.matrix()),
        },
        "log_likelihood": number(fit.log_likelihood()),
        "null_log_likelihood": number(fit.null_log_likelihood()),
        "aic": number(fit.aic()),
        "n": fit.rows(),
        "dropped_rows": model.design.dropped_rows,
        "missing": super::show::missing(&model.design),
        "iterations": fit.iterations(),
        // A fit that did not converge is an error and has no output.
        "converged": true,
    })
}
