//! Exercise 1: the information over (0, 1), and over the log-odds.

use super::{curve, figure, grid, short};
use fisherinfo::coordinates::{Elementwise, Scalar};
use fisherinfo::expectation::{Method, expected_information};
use fisherinfo::family::Bernoulli;
use fisherinfo::special::{logistic, logit};
use fisherinfo_notebook::solution::{Figure, Findings, Inputs, Series, SolutionError};

pub(super) fn about_p(p: f64) -> Result<f64, SolutionError> {
    Ok(expected_information(&Bernoulli, &[p], Method::Automatic)?.matrix()[(0, 0)])
}

pub(super) fn about_logit(phi: f64) -> Result<f64, SolutionError> {
    let logit = Elementwise::coordinates("logit", &[Scalar::Logit]);
    let information = expected_information(&Bernoulli, &[logistic(phi)], Method::Automatic)?;
    Ok(logit.apply(&information)?.matrix()[(0, 0)])
}

/// The same coin in both coordinates.
///
/// # Errors
/// Inputs that are missing.
pub fn figures(inputs: &Inputs, findings: &Findings) -> Result<Vec<Figure>, SolutionError> {
    let p = inputs.number("p")?;
    let phi = logit(p);
    let information = findings.number("information")?;
    let in_logit = about_logit(phi)?;
    let mut in_p = figure(
        "information-p",
        "Information about p in one toss",
        format!(
            "A valley: least, {}, at p = ½, and without bound toward 0 and 1. At p = {} it is {}.",
            short(findings.number("least information")?),
            short(p),
            short(information)
        ),
        "p",
        "I(p)",
        vec![
            Series::line("I(p)", curve(grid(0.005, 0.995, 198), about_p)?),
            Series::points("here", [(p, information)]),
        ],
    );
    in_p.logarithmic = (false, true);
    let in_phi = figure(
        "information-logit",
        "Information about the log-odds in one toss",
        format!(
            "A hill: most, {}, for a fair coin, and vanishing for very unfair ones. At φ = {} it is {}.",
            short(findings.number("most information about the log-odds")?),
            short(phi),
            short(in_logit)
        ),
        "φ = ln(p/(1 − p))",
        "I(φ)",
        vec![
            Series::line("I(φ)", curve(grid(-6.0, 6.0, 192), about_logit)?),
            Series::points("here", [(phi, in_logit)]),
        ],
    );
    Ok(vec![in_p, in_phi])
}
