//! Exercise 4: the mean of a Gaussian with known covariance, direction by direction.

use fisherinfo::expectation::{Method, expected_information};
use fisherinfo::family::MultivariateNormalLocation;
use fisherinfo_notebook::solution::{Findings, Inputs, SolutionError, Value};

/// The information matrix, its eigenvalues, and what they say about directions.
pub fn solve(inputs: &Inputs) -> Result<Findings, SolutionError> {
    // The lower triangle of Σ, column by column.
    let covariance = [
        inputs.number("s11")?,
        inputs.number("s12")?,
        inputs.number("s22")?,
    ];
    let model = MultivariateNormalLocation::new(2, &covariance)?;
    let information = expected_information(&model, &[0.0, 0.0], Method::Automatic)?;

    // Eigenvalues come weakest first; the eigenvector in column j belongs to value j.
    let spectrum = information.spectrum()?;
    let direction = |j: usize| vec![spectrum.vectors[(0, j)], spectrum.vectors[(1, j)]];

    // The smallest standard error of an unbiased estimate of the mean along each direction.
    let mut standard_errors = Vec::new();
    for j in 0..2 {
        standard_errors.push(information.variance_bound_of(&direction(j))?.sqrt());
    }

    Ok(Findings::new()
        .with(
            "information",
            information.matrix(),
            "Σ⁻¹, wherever the mean is",
        )
        .with(
            "eigenvalues",
            spectrum.values.clone(),
            "information along the weakest and the strongest direction",
        )
        .with(
            "weakest direction",
            Value::Direction(direction(0)),
            "along which the mean is known worst",
        )
        .with(
            "strongest direction",
            Value::Direction(direction(1)),
            "along which the mean is known best",
        )
        .with(
            "standard errors",
            standard_errors,
            "1/√eigenvalue: of the mean along each direction, from one observation",
        ))
}
