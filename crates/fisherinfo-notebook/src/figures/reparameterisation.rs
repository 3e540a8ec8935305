//! Exercise 3: one coin after the other, its information in both coordinates.

use super::bernoulli::{about_logit, about_p};
use super::{curve, figure, grid, short};
use fisherinfo::special::logit;
use fisherinfo_notebook::solution::{Figure, Findings, Inputs, Series, SolutionError};

/// Both informations over p.
///
/// # Errors
/// Findings that are missing.
pub fn figures(inputs: &Inputs, findings: &Findings) -> Result<Vec<Figure>, SolutionError> {
    let p = inputs.number("p")?;
    let in_p = findings.number("information about p")?;
    let in_phi = findings.number("information about phi by the law")?;
    let mut both = figure(
        "coordinates",
        "The same coin in two coordinates",
        format!(
            "Where one curve rises the other falls: their product is one. At p = {} they are {} about p \
             and {} about φ.",
            short(p),
            short(in_p),
            short(in_phi)
        ),
        "p",
        "information",
        vec![
            Series::line("about p", curve(grid(0.01, 0.99, 196), about_p)?),
            Series::line(
                "about φ",
                curve(grid(0.01, 0.99, 196), |p| about_logit(logit(p)))?,
            ),
            Series::points("here", [(p, in_p), (p, in_phi)]),
        ],
    );
    both.logarithmic = (false, true);
    Ok(vec![both])
}
