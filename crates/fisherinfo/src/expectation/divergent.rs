//! What is said of a model whose score has no second moment, because an end of its support moves.

use super::boundary::{abrupt_end, infinity};
use super::information::{ABRUPT, refusal};
use super::{ExpectationError, Method, expectation};
use crate::family::{Irregularity, Model};

/// The refusal with E\[s\], E\[s²\] and −E\[∂² log f\] in the parameter that moves the end: each found by
/// itself, or infinite, as what is integrated says next to the end. `None` where one of them is neither.
pub(super) fn refusal_by_parts(
    model: &dyn Model,
    theta: &[f64],
    method: Method,
) -> Option<ExpectationError> {
    let (parameter, end) = abrupt_end(model, theta).ok()??;
    let one = |h: &(dyn Fn(&[f64]) -> f64 + Sync)| -> Option<f64> {
        match infinity(model, theta, end, h).ok()? {
            Some(infinite) => Some(infinite),
            None => {
                let integrand = |x: &[f64], out: &mut [f64]| out[0] = h(x);
                let found = expectation(model, theta, 1, &integrand, method).ok()?;
                // A sum that cancels to nothing is zero.
                Some(if found.value[0].abs() <= found.error[0] {
                    0.0
                } else {
                    found.value[0]
                })
            }
        }
    };
    let score = |x: &[f64]| model.score(theta, x)[parameter];
    let curvature = |x: &[f64]| model.observed_information(theta, x)[(parameter, parameter)];
    let numbers = [
        one(&score)?,
        one(&|x| score(x) * score(x))?,
        one(&curvature)?,
    ];
    let name = model.space().names().swap_remove(parameter);
    Some(refusal(model, Irregularity::new(ABRUPT, &name, numbers)))
}
