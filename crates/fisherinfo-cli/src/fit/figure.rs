//! The figure of a fit: its intervals, and the ellipse of two terms.

use super::report::Report;
use crate::error::{Failure, nearest};
use faer::Mat;
use fisherinfo::information::Information;
use fisherinfo_plot::fit::{Ellipses, FitFigure};

/// What to draw; `pair` names the two terms of the ellipse.
pub(crate) fn figure(report: &Report<'_>, pair: Option<&str>) -> Result<FitFigure, Failure> {
    let (fit, model) = (&report.fit, report.model);
    let standard_errors = report
        .kinds()
        .into_iter()
        .map(|kind| {
            let values = match kind.values {
                Ok(values) => values.into_iter().map(Some).collect(),
                Err(_) => vec![None; fit.terms().len()],
            };
            (kind.name.to_string(), values)
        })
        .collect();
    Ok(FitFigure {
        title: format!(
            "{} ({}, {}), n = {}",
            model.formula,
            model.family,
            model.link,
            fit.sample_size()
        ),
        terms: fit.terms().to_vec(),
        coefficients: fit.coefficients().to_vec(),
        standard_errors,
        ellipse: choose(report, pair)?.map(|(i, j)| ellipses(report, i, j)),
    })
}

/// The two terms asked for, or the first two that are not the intercept.
fn choose(report: &Report<'_>, pair: Option<&str>) -> Result<Option<(usize, usize)>, Failure> {
    let terms = report.fit.terms();
    let Some(text) = pair else {
        let first = usize::from(report.model.design.intercept);
        return Ok(match terms.len() - first {
            0 => None,
            1 if first == 1 => Some((0, 1)),
            1 => None,
            _ => Some((first, first + 1)),
        });
    };
    let refused = |reason: String| Failure::Ellipse {
        text: text.into(),
        reason,
        known: terms.join(", "),
    };
    let names: Vec<&str> = text.split(',').map(str::trim).collect();
    let [one, two] = names[..] else {
        return Err(refused("name two terms, separated by a comma".into()));
    };
    let find = |name: &str| {
        terms.iter().position(|term| term == name).ok_or_else(|| {
            let near = nearest(name, terms.iter().map(String::as_str));
            refused(
                format!("there is no term `{name}`; {near}")
                    .trim_end_matches("; ")
                    .into(),
            )
        })
    };
    let (i, j) = (find(one)?, find(two)?);
    if i == j {
        return Err(refused("name two different terms".into()));
    }
    Ok(Some((i, j)))
}

fn ellipses(report: &Report<'_>, i: usize, j: usize) -> Ellipses {
    let fit = &report.fit;
    let block = |covariance: &Mat<f64>| {
        [
            [covariance[(i, i)], covariance[(i, j)]],
            [covariance[(j, i)], covariance[(j, j)]],
        ]
    };
    // A matrix that bounds nothing has no ellipse.
    let inverse = |information: &Information| {
        let bound = information.cramer_rao_bound().ok()?;
        Some(block(bound.covariance()))
    };
    let information = &report.information;
    let mut covariances = vec![("expected".to_string(), block(&fit.covariance()))];
    for (name, information) in [
        ("observed", &information.observed),
        ("empirical", &information.empirical),
    ] {
        covariances.extend(inverse(information).map(|block| (name.to_string(), block)));
    }
    if let Ok(sandwich) = &report.sandwich {
        covariances.push(("sandwich".into(), block(&sandwich.covariance)));
    }
    if let Some(robust) = &report.clusters {
        covariances.push(("cluster".into(), block(&robust.covariance)));
    }
    Ellipses {
        terms: (fit.terms()[i].clone(), fit.terms()[j].clone()),
        centre: (fit.coefficients()[i], fit.coefficients()[j]),
        covariances,
    }
}
