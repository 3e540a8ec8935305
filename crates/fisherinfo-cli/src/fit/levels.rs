//! `fisher fit --each-level-of`: an intercept for every level of a column that has very many.

use super::formula::formula;
use super::model::{data, family, link};
use super::rows::total;
use crate::arguments::{FitArguments, MissingCells, Robust};
use crate::error::Failure;
use crate::number::{json as number, json_list, plain};
use crate::table::aligned;
use fisherinfo::coordinates::link::Link;
use fisherinfo::special::{normal_cdf, student_t_two_sided};
use fisherinfo_table::glm::{
    Family, GlmError, Heteroscedasticity, LevelFit, LevelRegression, LevelStandardErrors, Weighting,
};
use fisherinfo_table::source::TableFiles;
use fisherinfo_table::{Design, DesignOptions, Formula, Missing, ResponseKind, Table};
use serde_json::{Value, json};
use std::fmt::Write;

/// What is known of the rows.
struct Model {
    formula: Formula,
    factor: String,
    family: Family,
    link: Link,
    regression: LevelRegression,
    robust: Heteroscedasticity,
    /// Of a response of labels: success and the other level.
    labels: Option<[String; 2]>,
    dropped: usize,
    without_weight: usize,
}

pub(crate) fn run(arguments: &FitArguments, factor: &str) -> Result<String, Failure> {
    let family = family(&arguments.family)?;
    let link = match &arguments.link {
        Some(name) => link(name)?,
        None => family.default_link(),
    };
    if arguments.success.is_some() && family != Family::Binomial {
        return Err(Failure::SuccessWithoutBinomial);
    }
    let (formula, files) = formula(arguments)?;
    let (model, lines) = read(arguments, factor, formula, &files, family, link)?;
    let at = |error: GlmError| failure(arguments, &lines, error);
    let fit = model.regression.fit(family, link).map_err(at)?;
    let errors = fit.standard_errors();
    let robust = fit
        .heteroscedasticity_consistent(model.robust)
        .map_err(at)?
        .standard_errors();
    Ok(if arguments.json {
        format!("{:#}\n", in_json(&model, &fit, &errors, &robust))
    } else {
        text(&model, &fit, &errors, &robust)
    })
}

/// The table in memory, with the line of each row.
fn read(
    arguments: &FitArguments,
    factor: &str,
    formula: Formula,
    files: &TableFiles,
    family: Family,
    link: Link,
) -> Result<(Model, Vec<u64>), Failure> {
    if files.is_more_than_one_plain_file() {
        return Err(Failure::LevelsInMemory);
    }
    let also: Vec<String> = [&arguments.trials, &arguments.offset]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let (weights, weighting) = match (&arguments.frequency_weights, &arguments.weights) {
        (Some(column), _) => (Some(column.as_str()), Weighting::Frequency),
        (None, weights) => (weights.as_deref(), Weighting::Precision),
    };
    let labels = family == Family::Binomial && arguments.trials.is_none();
    let options = DesignOptions {
        missing: match arguments.missing {
            MissingCells::Fail => Missing::Fail,
            MissingCells::Drop => Missing::Drop,
        },
        also: &also,
        weights,
        clusters: Some(factor),
        response: match (labels, &arguments.success) {
            (false, _) => ResponseKind::Numbers,
            (true, Some(_)) => ResponseKind::Labels,
            (true, None) => ResponseKind::NumbersOrLabels,
        },
        levels: None,
    };
    let table = Table::read_csv(files.paths()[0])?;
    let in_file = |error| Failure::Design {
        file: data(arguments),
        error,
    };
    let mut design = Design::new(&table, &formula, &options).map_err(in_file)?;
    drop(table);
    let mut labels = None;
    if design.response.levels.is_some() {
        let successes = design.response.successes(arguments.success.as_deref());
        let successes = successes.map_err(in_file)?;
        design.response.values = successes.values;
        labels = Some([successes.success, successes.failure]);
    }
    // The levels span the column of ones.
    let first = usize::from(design.intercept);
    let groups = design.clusters.take();
    let (codes, levels) = groups.map_or_else(Default::default, |g| (g.codes, g.levels));
    let beside = |name: &Option<String>| {
        let name = name.as_ref()?;
        let column = design.also.iter().find(|(column, _)| column == name)?;
        Some(column.1.as_slice())
    };
    let make = || {
        let mut regression = LevelRegression::new(
            &design.response.values,
            &design.columns[first..],
            &design.terms[first..],
            &codes,
            &levels,
            factor,
        )?;
        if let Some(trials) = beside(&arguments.trials) {
            regression = regression.trials(trials)?;
        }
        if let Some(offset) = total(design.offset.as_deref(), beside(&arguments.offset)) {
            regression = regression.offset(&offset)?;
        }
        if let Some(weights) = &design.weights {
            regression = regression.weights(weighting, weights)?;
        }
        Ok(regression)
    };
    let regression = make().map_err(|error| failure(arguments, &design.lines, error))?;
    let model = Model {
        formula,
        factor: factor.to_owned(),
        family,
        link,
        regression,
        robust: match arguments.robust {
            Robust::Hc0 => Heteroscedasticity::Hc0,
            Robust::Hc1 => Heteroscedasticity::Hc1,
            Robust::Hc2 => Heteroscedasticity::Hc2,
            Robust::Hc3 => Heteroscedasticity::Hc3,
        },
        labels,
        dropped: design.dropped_rows,
        without_weight: design.rows_without_weight,
    };
    Ok((model, design.lines))
}

/// With the line, where one row is to blame.
fn failure(arguments: &FitArguments, lines: &[u64], error: GlmError) -> Failure {
    let data = data(arguments);
    let line = error.row().and_then(|row| lines.get(row));
    Failure::Fit {
        place: match line {
            Some(line) => format!("{data}, line {line}"),
            None => data,
        },
        error,
    }
}

/// Estimate over standard error and its two-sided p-value.
fn test(fit: &LevelFit<'_>, family: Family, estimate: f64, error: f64) -> (f64, f64) {
    let ratio = estimate / error;
    let p = if family.estimates_dispersion() {
        student_t_two_sided(ratio, fit.residual_degrees_of_freedom() as f64)
    } else {
        2.0 * normal_cdf(-ratio.abs())
    };
    (ratio, p)
}

fn text(model: &Model, fit: &LevelFit<'_>, errors: &LevelStandardErrors, robust: &[f64]) -> String {
    let mut out = String::new();
    let dispersion = if model.family.estimates_dispersion() {
        format!("{} (Pearson's X²/(n − p − G))", plain(fit.dispersion()))
    } else {
        "1".into()
    };
    let levels = fit.levels().len();
    let _ = writeln!(
        out,
        "{}, and an intercept for each of G = {levels} levels of {}\n{} family, {} link; n = {}; \
         dispersion {dispersion}; {} iterations of Fisher scoring",
        model.formula,
        model.factor,
        model.family,
        model.link,
        fit.sample_size(),
        fit.iterations()
    );
    if let Some([success, failure]) = &model.labels {
        let _ = writeln!(out, "«{success}» counts as success, «{failure}» as failure");
    }
    if model.dropped > 0 {
        let _ = writeln!(out, "{} rows with missing cells left out", model.dropped);
    }
    if model.without_weight > 0 {
        let _ = writeln!(out, "{} rows of weight zero left out", model.without_weight);
    }
    let letter = if model.family.estimates_dispersion() {
        "t"
    } else {
        "z"
    };
    let _ = writeln!(out, "\nCoefficients");
    let kind = model.robust.name();
    let header = ["", "estimate", "standard error", letter, "p", kind];
    let rows = (0..fit.terms().len())
        .map(|j| {
            let estimate = fit.coefficients()[j];
            let (ratio, p) = test(fit, model.family, estimate, errors.terms[j]);
            vec![
                fit.terms()[j].clone(),
                plain(estimate),
                plain(errors.terms[j]),
                format!("{ratio:.3}"),
                format!("{p:.3e}"),
                plain(robust[j]),
            ]
        })
        .collect();
    out.push_str(&aligned(header.map(String::from).to_vec(), rows));
    let _ = writeln!(
        out,
        "  standard error  from the expected information of terms and levels together\n  {kind}  \
         expected⁻¹ · outer products · expected⁻¹, small-sample factor {}; p counts the levels",
        model.robust.factor()
    );
    let mut order: Vec<usize> = (0..levels).collect();
    let estimates = fit.level_coefficients();
    order.sort_by(|&a, &b| estimates[a].total_cmp(&estimates[b]));
    let _ = writeln!(out, "\nIntercepts of the levels of {}", model.factor);
    let quantiles = [
        ("least", 0),
        ("median", (levels - 1) / 2),
        ("largest", levels - 1),
    ];
    let rows = quantiles
        .iter()
        .map(|&(name, place)| {
            let level = order[place];
            vec![
                format!("{name}: {}", fit.levels()[level]),
                plain(estimates[level]),
                plain(errors.levels[level]),
            ]
        })
        .collect();
    let header = ["", "estimate", "standard error"];
    out.push_str(&aligned(header.map(String::from).to_vec(), rows));
    let _ = writeln!(
        out,
        "  all of them with --json\n\nDeviance {}; log-likelihood {}",
        plain(fit.deviance()),
        plain(fit.log_likelihood())
    );
    out
}

fn in_json(
    model: &Model,
    fit: &LevelFit<'_>,
    errors: &LevelStandardErrors,
    robust: &[f64],
) -> Value {
    json!({
        "formula": model.formula.to_string(),
        "factor": model.factor,
        "family": model.family.to_string(),
        "link": model.link.to_string(),
        "labels": model.labels.as_ref().map(|[success, failure]| json!({
            "success": success,
            "failure": failure,
        })),
        "terms": fit.terms(),
        "coefficients": json_list(fit.coefficients()),
        "standard_errors": {
            "expected": json_list(&errors.terms),
            "sandwich": json_list(robust),
        },
        "sandwich": { "kind": model.robust.name(), "factor": model.robust.factor() },
        "levels": {
            "names": fit.levels(),
            "intercepts": json_list(fit.level_coefficients()),
            "standard_errors": json_list(&errors.levels),
        },
        "n": fit.sample_size(),
        "rows": fit.rows(),
        "dropped_rows": model.dropped,
        "rows_without_weight": model.without_weight,
        "residual_degrees_of_freedom": fit.residual_degrees_of_freedom(),
        "dispersion": number(fit.dispersion()),
        "deviance": number(fit.deviance()),
        "log_likelihood": number(fit.log_likelihood()),
        "iterations": fit.iterations(),
    })
}
