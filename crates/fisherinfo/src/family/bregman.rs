//! The divergence of an exponential family in its natural parameters, without cancellation.

use crate::expectation::quadrature::mean_over;

/// KL(θ ‖ θ + δ) = ∫₀¹ (1 − t) δᵀI(θ + tδ)δ dt, given t ↦ δᵀI(θ + tδ)δ: Taylor's remainder of the
/// log-normaliser, whose second derivative the information is.
///
/// For a step of up to half the distance to the end of the space the 21 nodes leave an error far
/// below rounding, and every term is positive.
pub(super) fn divergence(form: impl Fn(f64) -> f64) -> f64 {
    mean_over(0.0, 1.0, |t| (1.0 - t) * form(t))
}

/// Is the step small enough for the nodes?
pub(super) fn is_near(theta: &[f64], other: &[f64]) -> bool {
    theta
        .iter()
        .zip(other)
        .all(|(t, o)| (o - t).abs() <= 0.5 * t.abs())
}
