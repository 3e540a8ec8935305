//! The ends of the support: whether they move with the parameters, and whether that matters.

use super::ExpectationError;
use crate::family::{Model, Support};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What the ends of the support do as the parameters move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// They stay.
    Fixed,
    /// They move, and the density vanishes there faster than the distance d to them, f ~ d^p with
    /// p > 1: then √f still has a derivative in the mean of squares, and there is an information.
    Vanishing,
    /// They move, and the density does not vanish fast enough.
    Abrupt,
}

/// Steps of a parameter, relative to its size.
const STEPS: [f64; 2] = [-1e-3, 1e-3];

/// ln f is read at these parts of the distance from the end to the bulk.
const NEAR: f64 = 1.0 / (1 << 30) as f64;
const FAR: f64 = 1.0 / (1 << 20) as f64;

/// And again that much nearer, where distances are known.
const VERY_NEAR: f64 = NEAR * NEAR * NEAR * NEAR * NEAR * NEAR * NEAR * NEAR * NEAR * NEAR;

/// The power p = 1 is the limit (R. L. Smith, Maximum likelihood estimation in a class of
/// nonregular cases, Biometrika 72 (1985)); the slack is for reading it.
const LIMIT: f64 = 1.0 + 1e-4;

/// What the ends do at θ.
pub(crate) fn ends(model: &dyn Model, theta: &[f64]) -> Result<Ends, ExpectationError> {
    Ok(looked_at(model, theta)?.0)
}

/// The first parameter that moves an end at which the density does not vanish fast enough, and that
/// end; `None` where there is none, or where the support is no interval.
pub(super) fn abrupt_end(
    model: &dyn Model,
    theta: &[f64],
) -> Result<Option<(usize, f64)>, ExpectationError> {
    Ok(looked_at(model, theta)?.1)
}

fn looked_at(
    model: &dyn Model,
    theta: &[f64],
) -> Result<(Ends, Option<(usize, f64)>), ExpectationError> {
    let space = model.space();
    let here = model.support(theta);
    let mut found = Ends::Fixed;
    for i in 0..theta.len() {
        for relative in STEPS {
            let mut moved = theta.to_vec();
            moved[i] += relative * theta[i].abs().max(1e-3);
            if space.check(&moved).is_err() {
                continue;
            }
            let there = model.support(&moved);
            if there == here {
                continue;
            }
            found = Ends::Vanishing;
            let (Some(old), Some(new)) = (here.ends(), there.ends()) else {
                return Ok((Ends::Abrupt, None));
            };
            let moving = [(old.0, old.0 != new.0), (old.1, old.1 != new.1)];
            for (end, moves) in moving {
                if moves && end.is_finite() && !vanishes(model, theta, end)? {
                    return Ok((Ends::Abrupt, Some((i, end))));
                }
            }
        }
    }
    Ok((found, None))
}

/// Does the density fall toward an end faster than the distance to it?
fn vanishes(model: &dyn Model, theta: &[f64], end: f64) -> Result<bool, ExpectationError> {
    let reach = reach(model, theta, end)?;
    let support = model.support(theta);
    let at = |part: f64| {
        let x = near(&support, end, part * reach);
        x.map_or(f64::NAN, |x| model.log_density(theta, &x))
    };
    let power = |far: f64, near: f64| (at(far) - at(near)) / (far / near).ln();
    // Where nothing is left next to the end, it fell faster than any power.
    if at(NEAR) == f64::NEG_INFINITY || power(FAR, NEAR) > LIMIT {
        return Ok(true);
    }
    // An exponential of a small power of the distance falls late.
    Ok(matches!(support, Support::Segment { .. }) && power(FAR * VERY_NEAR, VERY_NEAR) > LIMIT)
}

/// From an end to the middle of a few draws.
fn reach(model: &dyn Model, theta: &[f64], end: f64) -> Result<f64, ExpectationError> {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut x = vec![0.0; model.support(theta).width()];
    let mut draws = Vec::with_capacity(9);
    for _ in 0..9 {
        model.sample(theta, &mut rng, &mut x)?;
        draws.push(x[0]);
    }
    draws.sort_by(f64::total_cmp);
    Ok(draws[4] - end)
}

/// The observation at a distance from an end, which it keeps where the support says it.
fn near(support: &Support, end: f64, distance: f64) -> Option<Vec<f64>> {
    if matches!(support, Support::Segment { .. }) {
        return Some(vec![end + distance, end, distance]);
    }
    support.observation(&[end + distance])
}

/// Whether E\[h\] is infinite by what h does next to an end, and with which sign: f·h is read off as
/// a power of the distance there. `None` where it is finite.
pub(super) fn infinity(
    model: &dyn Model,
    theta: &[f64],
    end: f64,
    h: &dyn Fn(&[f64]) -> f64,
) -> Result<Option<f64>, ExpectationError> {
    let reach = reach(model, theta, end)?;
    let support = model.support(theta);
    let at = |part: f64| -> Option<(f64, f64)> {
        let x = near(&support, end, part * reach)?;
        let value = h(&x);
        Some((model.log_density(theta, &x) + value.abs().ln(), value))
    };
    let (Some((far, _)), Some((close, value))) = (at(FAR), at(NEAR)) else {
        return Ok(None);
    };
    let power = (far - close) / (FAR / NEAR).ln();
    // d⁻¹ and everything steeper has no integral.
    Ok((power <= -1.0 + 1e-4).then_some(value.signum() * f64::INFINITY))
}
