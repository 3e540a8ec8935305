//! Exercise 10: both steps among the contours of the divergence.

use super::{UPRIGHT, ellipse, figure, short};
use fisherinfo_notebook::solution::{Figure, Findings, Inputs, Series, SolutionError};

/// Contours of ½ sᵀFs through the tips of both steps.
///
/// # Errors
/// Findings that are missing.
pub fn figures(inputs: &Inputs, findings: &Findings) -> Result<Vec<Figure>, SolutionError> {
    let diagonal = inputs.pair("f1", "f2")?;
    let step = |name: &str| -> Result<[f64; 2], SolutionError> {
        let entries = findings.vector(name)?;
        Ok([
            entries.first().copied().unwrap_or(f64::NAN),
            entries.get(1).copied().unwrap_or(f64::NAN),
        ])
    };
    let (ordinary, natural) = (step("ordinary step")?, step("natural step")?);
    let lengths = [
        findings.number("divergence of the ordinary step")?,
        findings.number("divergence of the natural step")?,
    ];
    let contour = |level: f64| {
        let radii = diagonal.map(|f| (2.0 * level / f).sqrt());
        Series::line(
            format!("{} nats", short(level)),
            ellipse([0.0, 0.0], UPRIGHT, radii),
        )
    };
    let mut steps = figure(
        "steps",
        "The ordinary and the natural step",
        format!(
            "The ordinary step goes to ({}, {}) at a divergence of {}. The natural step goes to ({}, {}) at \
             a divergence of {}.",
            short(ordinary[0]),
            short(ordinary[1]),
            short(lengths[0]),
            short(natural[0]),
            short(natural[1]),
            short(lengths[1])
        ),
        "s₁",
        "s₂",
        vec![
            contour(lengths[0]),
            contour(lengths[1]),
            Series::arrow("ordinary step", [0.0, 0.0], ordinary),
            Series::arrow("natural step", [0.0, 0.0], natural),
        ],
    );
    steps.equal_units = true;
    Ok(vec![steps])
}
