//! Exercise 4: the ellipse of an observation, and the directions of the information.

use super::{ellipse, figure, short};
use fisherinfo_notebook::solution::{Figure, Findings, Inputs, Series, SolutionError};

/// The ellipse vᵀΣ⁻¹v = 1, whose half-axes are 1/√eigenvalue, and that of the information itself.
///
/// # Errors
/// Findings that are missing.
pub fn figures(_: &Inputs, findings: &Findings) -> Result<Vec<Figure>, SolutionError> {
    let pair = |name: &str| -> Result<[f64; 2], SolutionError> {
        let entries = findings.vector(name)?;
        Ok([
            entries.first().copied().unwrap_or(f64::NAN),
            entries.get(1).copied().unwrap_or(f64::NAN),
        ])
    };
    let axes = [pair("weakest direction")?, pair("strongest direction")?];
    let eigenvalues = pair("eigenvalues")?;
    let errors = pair("standard errors")?;
    let arrow = |name: &str, j: usize, length: f64| {
        let tip = [length * axes[j][0], length * axes[j][1]];
        Series::arrow(name, [0.0, 0.0], tip)
    };
    let mut uncertainty = figure(
        "uncertainty",
        "One standard error in every direction",
        format!(
            "An ellipse {} long along ({}, {}), where the mean is known worst, and {} across, where it is \
             known best.",
            short(2.0 * errors[0]),
            short(axes[0][0]),
            short(axes[0][1]),
            short(2.0 * errors[1])
        ),
        "μ₁",
        "μ₂",
        vec![
            Series::line("vᵀΣ⁻¹v = 1", ellipse([0.0, 0.0], axes, errors)),
            arrow("weakest: 1/√λ", 0, errors[0]),
            arrow("strongest: 1/√λ", 1, errors[1]),
        ],
    );
    uncertainty.equal_units = true;
    let mut information = figure(
        "information",
        "Information in every direction",
        format!(
            "The ellipse that Σ⁻¹ makes of the unit circle: {} along the strongest direction, {} along the \
             weakest.",
            short(eigenvalues[1]),
            short(eigenvalues[0])
        ),
        "first component",
        "second component",
        vec![
            Series::line("Σ⁻¹u, |u| = 1", ellipse([0.0, 0.0], axes, eigenvalues)),
            Series::line("|u| = 1", ellipse([0.0, 0.0], super::UPRIGHT, [1.0, 1.0])),
            arrow("weakest: λ", 0, eigenvalues[0]),
            arrow("strongest: λ", 1, eigenvalues[1]),
        ],
    );
    information.equal_units = true;
    Ok(vec![uncertainty, information])
}
