//! Kullback–Leibler divergence, and the Fisher information as its local curvature:
//! \\(D(\theta \,\|\, \theta+\delta) = \tfrac12\,\delta^\top I(\theta)\,\delta + o(\|\delta\|^2)\\).

use crate::expectation::{ExpectationError, Method, expectation, expected_information};
use crate::family::Model;
use crate::information::Route;
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
    let result = expectation(model, theta, 2, &integrand, method)?;
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
/// The sequence starts where the step has Fisher length √(δᵀIδ) = ¼ (or at the largest such step
/// inside the space) and halves, whatever the length of δ itself: the order belongs to the
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
    let exact = kullback_leibler(model, theta, &along(1.0), Method::Automatic)?;
    let quadratic = 0.5 * form;
    let space = model.space();
    let mut sequence = Vec::new();
    if form > 0.0 {
        let mut factor = 0.25 / form.sqrt();
        // The sequence may not leave the space, and the interval is open.
        while space.check(&along(factor)).is_err() && factor > 1e-12 {
            factor *= 0.5;
        }
        for _ in 0..STEPS {
            let moved = along(factor);
            // The step that the rounded end really makes.
            let step: Vec<f64> = moved.iter().zip(theta).map(|(a, b)| a - b).collect();
            let divergence = kullback_leibler(model, theta, &moved, Method::Automatic)?;
            let quadratic = 0.5 * information.quadratic_form(&step)?;
            let noise = divergence.error + CLOSED_FORM_ROUNDING * quadratic;
            sequence.push(Shrinkage {
                factor,
                exact: divergence.value,
                quadratic,
                resolved: (divergence.value - quadratic).abs() > 32.0 * noise,
            });
            factor *= 0.5;
        }
    }
    Ok(LocalCurvature {
        exact,
        quadratic,
        order: order_of(&sequence),
        sequence,
    })
}

const STEPS: usize = 12;

fn order_of(sequence: &[Shrinkage]) -> RemainderOrder {
    let resolved = sequence.iter().take_while(|step| step.resolved).count();
    if resolved == 0 && !sequence.is_empty() {
        return RemainderOrder::NoRemainder;
    }
    let slopes: Vec<f64> = sequence[..resolved]
        .windows(2)
        .map(|pair| {
            let remainder = |step: &Shrinkage| (step.exact - step.quadratic).abs();
            (remainder(&pair[0]) / remainder(&pair[1])).log2()
        })
        .collect();
    // The slope is the order plus a term that halves with the step: one extrapolation removes it.
    // Rounding grows as the step shrinks, so the steadiest pair is taken.
    let extrapolated: Vec<f64> = slopes
        .windows(2)
        .map(|pair| 2.0 * pair[1] - pair[0])
        .collect();
    extrapolated
        .windows(2)
        .min_by(|a, b| (a[1] - a[0]).abs().total_cmp(&(b[1] - b[0]).abs()))
        .map_or(RemainderOrder::Undecided, |pair| {
            RemainderOrder::Observed(pair[1])
        })
}
