//! Exercise 2: the information as observations come in.

use super::{figure, short};
use fisherinfo_notebook::solution::{Figure, Findings, Inputs, Series, SolutionError};

/// The line n·I, and the simulated variance with its error.
///
/// # Errors
/// Findings that are missing.
pub fn figures(inputs: &Inputs, findings: &Findings) -> Result<Vec<Figure>, SolutionError> {
    let n = inputs.number("n")?;
    let one = findings.number("information of one")?;
    let all = findings.number("information of all")?;
    let variance = findings.number("variance of the total score")?;
    let error = findings.number("its standard error")?;
    let counts = (1..=inputs.count("n")?).map(|k| k as f64);
    Ok(vec![figure(
        "additivity",
        "Information of n observations",
        format!(
            "A straight line through the origin: each observation adds {}, and {n} of them make {}. \
             The simulated variance of the total score is {} ± {}.",
            short(one),
            short(all),
            short(variance),
            short(error)
        ),
        "n",
        "Iₙ(μ)",
        vec![
            Series::line("n·I(μ)", counts.map(|k| (k, k * one))),
            Series::points("simulated variance of the score", [(n, variance)]),
            Series::line(
                "two standard errors",
                [(n, variance - 2.0 * error), (n, variance + 2.0 * error)],
            ),
        ],
    )])
}
