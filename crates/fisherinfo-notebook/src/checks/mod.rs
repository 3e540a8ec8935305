//! The checks, one file an exercise: each holds a finding against a route of its own.
//!
//! A check is a function of the findings. It never computes a finding in the way of the solution
//! a second time, so a wrong finding has nothing to hide behind; the tests replace every finding
//! by plausible wrong ones and see each of them fail.

pub mod additivity;
pub mod bernoulli;
pub mod consolidation;
pub mod expectation;
pub mod gaussian_location;
pub mod jeffreys;
pub mod local_divergence;
pub mod logistic_regression;
pub mod natural_gradient;
pub mod reparameterisation;

use fisherinfo::expectation::{ExpectationError, Method, expected_information_by_definition};
use fisherinfo::family::Model;
use fisherinfo::information::Definition;

/// f′(x) by central differences over x ± h.
fn difference(f: impl Fn(f64) -> f64, x: f64, h: f64) -> f64 {
    (f(x + h) - f(x - h)) / (2.0 * h)
}

/// A step over which a density on (0, 1) is smooth at p.
fn step_inside(p: f64) -> f64 {
    1e-4 * p.min(1.0 - p)
}

/// The information about one parameter as −E[∂² log f], by summation or quadrature.
fn mean_curvature(model: &dyn Model, theta: f64) -> Result<f64, ExpectationError> {
    let definition = Definition::NegativeHessian;
    let information =
        expected_information_by_definition(model, &[theta], definition, Method::Numeric)?;
    Ok(information.matrix()[(0, 0)])
}

/// Log-likelihood of one label of a logistic regression, y·η − ln(1 + e^η), in plain arithmetic.
fn logistic_log_likelihood(x: [f64; 2], y: f64, w: [f64; 2]) -> f64 {
    let eta = x[0] * w[0] + x[1] * w[1];
    y * eta - (eta.max(0.0) + (-eta.abs()).exp().ln_1p())
}

/// Score of one label by central differences of its log-likelihood.
fn logistic_score(x: [f64; 2], y: f64, w: [f64; 2]) -> [f64; 2] {
    let first = difference(|w1| logistic_log_likelihood(x, y, [w1, w[1]]), w[0], 1e-4);
    let second = difference(|w2| logistic_log_likelihood(x, y, [w[0], w2]), w[1], 1e-4);
    [first, second]
}
