//! Kullback–Leibler divergence, and the Fisher information as its local curvature:
//! \\(D(\theta \,\|\, \theta+\delta) = \tfrac12\,\delta^\top I(\theta)\,\delta + o(\|\delta\|^2)\\).

use crate::expectation::{ExpectationError, Method, expectation_with_kinks, expected_information};
use crate::family::Model;
use crate::information::{Information, Route};
use crate::special::exp_excess;

/// D(θ ‖ θ′) with its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Divergence {
    /// The divergence in nats, ≥ 0.
    pub value: f64,
    /// Its absolute error: a bound, or a standard error under Monte Carlo.
    pub error: f64,
    /// How it was computed.
    pub route: Route,
}

/// D(θ ‖ θ′) = E_θ\[ln f(X | θ) − ln f(X | θ′)\].
///
/// With r = ln f(x | θ′) − ln f(x | θ), the numeric routes take both E\[−r\] and E\[e^r − 1 − r\],
/// which are equal since e^r has the mean one. The second does not cancel, and serves for near
/// points; for far ones the mass of e^r lies where f(x | θ) has none and a rule does not look.
///
/// # Errors
/// Points outside the space; a route that is not available.
///
/// ```
/// use fisherinfo::divergence::kullback_leibler;
/// use fisherinfo::expectation::Method;
/// use fisherinfo::family::Normal;
/// let closed = kullback_leibler(&Normal, &[1.0, 2.0], &[5.0, 1.0], Method::ClosedForm)?;
/// assert!((closed.value - 8.806852819440055).abs() < 1e-14);
/// let numeric = kullback_leibler(&Normal, &[1.0, 2.0], &[5.0, 1.0], Method::Numeric)?;
/// assert!((closed.value - numeric.value).abs() <= numeric.error);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
pub fn kullback_leibler(
    model: &dyn Model,
    theta: &[f64],
    other: &[f64],
    method: Method,
) -> Result<Divergence, ExpectationError> {
    let space = model.space();
    space.check(theta)?;
    space.check(other)?;
    if matches!(method, Method::Automatic | Method::ClosedForm) {
        if let Some(value) = model.closed_form_divergence(theta, other) {
            return Ok(Divergence {
                value,
                error: CLOSED_FORM_ROUNDING * value.abs(),
                route: Route::ClosedForm,
            });
        }
        if method == Method::ClosedForm {
            return Err(ExpectationError::NoClosedForm {
                model: model.name(),
            });
        }
    }
    let integrand = |x: &[f64], out: &mut [f64]| {
        let ratio = model.log_density(other, x) - model.log_density(theta, x);
        out[0] = exp_excess(ratio);
        out[1] = -ratio;
    };
    // The ratio has the kinks of both densities.
    let kinks: Vec<f64> = model.kinks(other).iter().map(|kink| kink.at).collect();
    let result = expectation_with_kinks(model, theta, 2, &integrand, &kinks, method)?;
    let plain = result.value[1];
    let better = usize::from(plain > NEAR || result.error[1] < result.error[0]);
    Ok(Divergence {
        value: result.value[better],
        error: result.error[better],
        route: result.route,
    })
}

/// Divergences up to this count as near: e^r is then of order one over the bulk.
const NEAR: f64 = 0.01;

/// Relative rounding granted to a closed form written without cancellation.
const CLOSED_FORM_ROUNDING: f64 = 64.0 * f64::EPSILON;

/// One step of the shrinking sequence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shrinkage {
    /// The factor on δ.
    pub factor: f64,
    /// D(θ ‖ θ + factor·δ).
    pub exact: f64,
    /// ½·factor²·δᵀIδ.
    pub quadratic: f64,
    /// Whether the remainder stands clear of the errors of both.
    pub resolved: bool,
}

/// At which power of the step the remainder D − ½δᵀIδ vanishes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RemainderOrder {
    /// The observed order, extrapolated to vanishing steps: above 2 is o(δ²).
    Observed(f64),
    /// No remainder at any step, however large: the divergence is exactly quadratic.
    NoRemainder,
    /// Too few steps stand clear of rounding.
    Undecided,
}

/// The divergence of a step δ, its quadratic part, and the evidence on what lies between.
#[derive(Clone, Debug)]
pub struct LocalCurvature {
    /// D(θ ‖ θ + δ).
    pub exact: Divergence,
    /// ½ δᵀ I(θ) δ.
    pub quadratic: f64,
    /// The shrinking sequence along δ.
    pub sequence: Vec<Shrinkage>,
    /// The order of the remainder.
    pub order: RemainderOrder,
}

/// Compares D(θ ‖ θ + δ) with ½ δᵀIδ over a sequence of shrinking steps along δ.
///
/// The sequence starts at a long step (a Fisher length √(δᵀIδ) of 1024, or what the space leaves) and
/// halves until rounding takes over, whatever the length of δ itself: the order belongs to the
/// direction.
///
/// # Errors
/// As [`kullback_leibler`]; a δ of zero length has no direction.
///
/// ```
/// use fisherinfo::divergence::{RemainderOrder, local_curvature};
/// use fisherinfo::family::{Bernoulli, NormalLocation};
/// let third = local_curvature(&Bernoulli, &[0.4], &[0.01])?;
/// assert!(matches!(third.order, RemainderOrder::Observed(q) if (q - 3.0).abs() < 1e-3));
/// let fourth = local_curvature(&Bernoulli, &[0.5], &[0.01])?;
/// assert!(matches!(fourth.order, RemainderOrder::Observed(q) if (q - 4.0).abs() < 1e-3));
/// let none = local_curvature(&NormalLocation { sigma: 2.0 }, &[1.0], &[0.01])?;
/// assert_eq!(none.order, RemainderOrder::NoRemainder);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
pub fn local_curvature(
    model: &dyn Model,
    theta: &[f64],
    delta: &[f64],
) -> Result<LocalCurvature, ExpectationError> {
    let information = expected_information(model, theta, Method::Automatic)?;
    let form = information.quadratic_form(delta)?;
    let along = |factor: f64| -> Vec<f64> {
        theta
            .iter()
            .zip(delta)
            .map(|(t, d)| t + factor * d)
            .collect()
    };
    if delta.iter().all(|d| *d == 0.0) {
        return Err(ExpectationError::ZeroStep);
    }
    let exact = kullback_leibler(model, theta, &along(1.0), Method::Automatic)?;
    let space = model.space();
    let mut sequence = Vec::new();
    if form > 0.0 {
        let mut factor = LONGEST / form.sqrt();
        // Twice the step has to stay inside, both ways: near an end of the space the divergence is
        // not yet that of a small step.
        let inside = |factor: f64| {
            [-2.0, 2.0]
                .iter()
                .all(|sign| space.check(&along(sign * factor)).is_ok())
        };
        let mut silent = 0;
        for _ in 0..HALVINGS {
            if inside(factor)
                && let Some(step) = shrinkage(model, theta, &along(factor), factor, &information)?
            {
                silent = if step.resolved || sequence.is_empty() {
                    0
                } else {
                    silent + 1
                };
                sequence.push(step);
                if silent == 3 || sequence.len() == STEPS {
                    break;
                }
            }
            factor *= 0.5;
        }
    }
    Ok(LocalCurvature {
        exact,
        quadratic: 0.5 * form,
        order: order_of(&sequence),
        sequence,
    })
}

/// One step of the sequence; `None` where the divergence of so long a step cannot be computed.
fn shrinkage(
    model: &dyn Model,
    theta: &[f64],
    moved: &[f64],
    factor: f64,
    information: &Information,
) -> Result<Option<Shrinkage>, ExpectationError> {
    let Ok(divergence) = kullback_leibler(model, theta, moved, Method::Automatic) else {
        return Ok(None);
    };
    // The step that the rounded end really makes.
    let step: Vec<f64> = moved.iter().zip(theta).map(|(a, b)| a - b).collect();
    let quadratic = 0.5 * information.quadratic_form(&step)?;
    if !divergence.value.is_finite() || !quadratic.is_finite() {
        return Ok(None);
    }
    let noise = divergence.error + CLOSED_FORM_ROUNDING * quadratic;
    Ok(Some(Shrinkage {
        factor,
        exact: divergence.value,
        quadratic,
        resolved: (divergence.value - quadratic).abs() > 32.0 * noise,
    }))
}

/// The Fisher length of the longest step tried.
const LONGEST: f64 = 1024.0;
/// How often it is halved until it fits into the space.
const HALVINGS: usize = 600;
/// Steps of the sequence.
const STEPS: usize = 40;
/// Extrapolated orders that differ by less have settled.
const SETTLED: f64 = 5e-3;

fn order_of(sequence: &[Shrinkage]) -> RemainderOrder {
    let resolved: Vec<&Shrinkage> = sequence.iter().take_while(|step| step.resolved).collect();
    // No remainder may be claimed only where a long step would have shown one.
    let long = sequence.iter().any(|step| step.quadratic > 0.1);
    if resolved.is_empty() {
        return if long {
            RemainderOrder::NoRemainder
        } else {
            RemainderOrder::Undecided
        };
    }
    let remainder = |step: &Shrinkage| (step.exact - step.quadratic).abs();
    let slopes: Vec<f64> = resolved
        .windows(2)
        .map(|pair| (remainder(pair[0]) / remainder(pair[1])).log2())
        .collect();
    // The slope is the order plus a term that halves with the step: one extrapolation removes it.
    let extrapolated: Vec<f64> = slopes
        .windows(2)
        .map(|pair| 2.0 * pair[1] - pair[0])
        .collect();
    // The shortest steps that have settled and are not yet rounding; a remainder of order two or
    // less would contradict the information itself.
    extrapolated
        .windows(2)
        .rev()
        .find(|pair| (pair[1] - pair[0]).abs() < SETTLED && pair[1] > 2.5)
        .map_or(RemainderOrder::Undecided, |pair| {
            RemainderOrder::Observed(pair[1])
        })
}
