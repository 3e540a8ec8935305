//! Exercise 8: the penalty as a landscape.

use super::{UPRIGHT, ellipse, figure, short};
use fisherinfo_notebook::solution::{Figure, Findings, Inputs, Series, SolutionError};

/// Contours of the penalty through both moves and between.
///
/// # Errors
/// Findings that are missing.
pub fn figures(inputs: &Inputs, findings: &Findings) -> Result<Vec<Figure>, SolutionError> {
    let w = inputs.pair("w1", "w2")?;
    let (large, small) = (
        inputs.pair("large1", "large2")?,
        inputs.pair("small1", "small2")?,
    );
    let strength = inputs.number("strength")?;
    let importances = findings.vector("importances")?;
    let of_large = findings.number("penalty of the large move")?;
    let of_small = findings.number("penalty of the small move")?;
    let top = of_large.max(of_small);
    let mut series: Vec<Series> = [0.25 * top, 0.5 * top, top, 1.5 * top]
        .into_iter()
        .map(|level| {
            let radius = |i: usize| {
                importances
                    .get(i)
                    .map_or(f64::NAN, |f| (2.0 * level / (strength * f)).sqrt())
            };
            let name = format!("penalty {}", short(level));
            Series::line(name, ellipse(w, UPRIGHT, [radius(0), radius(1)]))
        })
        .collect();
    series.extend([
        Series::points("w*", [(w[0], w[1])]),
        Series::arrow("large move", w, large),
        Series::arrow("small move", w, small),
    ]);
    let mut contours = figure(
        "penalty",
        "The penalty around w*",
        format!(
            "Ellipses around w* = ({}, {}). The large move climbs to {}, the small one to {}.",
            short(w[0]),
            short(w[1]),
            short(of_large),
            short(of_small)
        ),
        "w₁",
        "w₂",
        series,
    );
    contours.equal_units = true;
    Ok(vec![contours])
}
