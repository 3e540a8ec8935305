//! Exercise 9: what each outcome contributes.

use super::{curve, figure, grid, short};
use fisherinfo::family::{Bernoulli, Model};
use fisherinfo_notebook::solution::{Figure, Findings, Inputs, Series, SolutionError};

/// Both contributions and their sum over p.
///
/// # Errors
/// Findings that are missing.
pub fn figures(inputs: &Inputs, findings: &Findings) -> Result<Vec<Figure>, SolutionError> {
    let p = inputs.number("p")?;
    let total = findings.number("expectation of the squared score")?;
    let part = |p: f64, x: f64| {
        let weight = if x == 1.0 { p } else { 1.0 - p };
        weight * Bernoulli.score(&[p], &[x])[0].powi(2)
    };
    let points = || grid(0.02, 0.98, 192);
    let mut parts = figure(
        "contributions",
        "What each outcome contributes to the information",
        format!(
            "The rarer outcome contributes the most: successes near p = 0, failures near p = 1. At p = {} \
             both make {}.",
            short(p),
            short(total)
        ),
        "p",
        "information",
        vec![
            Series::line("of a success", curve(points(), |p| Ok(part(p, 1.0)))?),
            Series::line("of a failure", curve(points(), |p| Ok(part(p, 0.0)))?),
            Series::line(
                "both",
                curve(points(), |p| Ok(part(p, 0.0) + part(p, 1.0)))?,
            ),
            Series::points("here", [(p, total)]),
        ],
    );
    parts.logarithmic = (false, true);
    Ok(vec![parts])
}
