//! Exercise 7: the two matrices as n grows.

use super::{figure, short};
use fisherinfo_notebook::solution::{Figure, Findings, Inputs, Series, SolutionError};
use fisherinfo_notebook::solutions::logistic_regression::{SIZES, differences};

/// The difference over n, beside the law of a mean and the sample at hand.
///
/// # Errors
/// Findings that are missing.
pub fn figures(inputs: &Inputs, findings: &Findings) -> Result<Vec<Figure>, SolutionError> {
    let seed = inputs.count("seed")? as u64;
    let found = differences(inputs.pair("w1", "w2")?, inputs.count("repeats")?, seed)?;
    let sizes = SIZES.map(|n| n as f64);
    // The law through the middle of the points, in logarithms.
    let level = (found
        .iter()
        .zip(sizes)
        .map(|(d, n)| (d * n.sqrt()).ln())
        .sum::<f64>()
        / found.len() as f64)
        .exp();
    let distance = findings.number("distance")?;
    let mut fall = figure(
        "difference",
        "Empirical Fisher and Hessian draw together",
        format!(
            "Points along a falling line on logarithmic axes: from {} at n = 50 to {} at n = 1600, a slope \
             of {}. The sample at hand differs by {}.",
            short(found.first().copied().unwrap_or(f64::NAN)),
            short(found.last().copied().unwrap_or(f64::NAN)),
            short(findings.number("slope")?),
            short(distance)
        ),
        "n",
        "‖empirical − Hessian‖",
        vec![
            Series::points(
                "root mean square over samples",
                sizes.into_iter().zip(found),
            ),
            Series::line("n^(−½)", sizes.map(|n| (n, level / n.sqrt()))),
            Series::points("the sample at hand", [(inputs.number("n")?, distance)]),
        ],
    );
    fall.logarithmic = (true, true);
    Ok(vec![fall])
}
