//! What is said of a model whose score has no second moment, because an end of its support moves.

use super::boundary::{abrupt_end, infinity};
use super::information::{ABRUPT, refusal};
use super::{ExpectationError, Method, expectation};
use crate::family::{Irregularity, Model};

/// The refusal with E\[s\], E\[s²\] and −E\[∂² log f\] in the parameter that moves the end: each found by
/// itself, or infinite, as what is integrated says next to the end; NaN is one that no rule finds. `None`
/// where there is no such end, or nothing infinite.
pub(super) fn refusal_by_parts(
    model: &dyn Model,
    theta: &[f64],
    method: Method,
) -> Option<ExpectationError> {
    let (parameter, end) = abrupt_end(model, theta).ok()??;
    let one = |h: &(dyn Fn(&[f64]) -> f64 + Sync)| -> Option<f64> {
        if let Some(infinite) = infinity(model, theta, end, h).ok()? {
            return Some(infinite);
        }
        let integrand = |x: &[f64], out: &mut [f64]| out[0] = h(x);
        Some(match expectation(model, theta, 1, &integrand, method) {
            // A sum that cancels to nothing is zero.
            Ok(found) if found.value[0].abs() <= found.error[0] => 0.0,
            Ok(found) => found.value[0],
            Err(_) => f64::NAN,
        })
    };
    let score = |x: &[f64]| model.score(theta, x)[parameter];
    let curvature = |x: &[f64]| model.observed_information(theta, x)[(parameter, parameter)];
    let numbers = [
        one(&score)?,
        one(&|x| score(x) * score(x))?,
        one(&curvature)?,
    ];
    if !numbers.iter().any(|number| number.is_infinite()) {
        return None;
    }
    let name = model.space().names().swap_remove(parameter);
    Some(refusal(model, Irregularity::new(ABRUPT, &name, numbers)))
}
