//! The ends of the support: whether they move with the parameters, and whether that matters.

use super::ExpectationError;
use crate::family::Model;
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

/// The power p = 1 is the limit (R. L. Smith, Maximum likelihood estimation in a class of
/// nonregular cases, Biometrika 72 (1985)); the slack is for reading it.
const LIMIT: f64 = 1.0 + 1e-4;

/// What the ends do at θ.
pub(crate) fn ends(model: &dyn Model, theta: &[f64]) -> Result<Ends, ExpectationError> {
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
                return Ok(Ends::Abrupt);
            };
            let moving = [(old.0, old.0 != new.0), (old.1, old.1 != new.1)];
            for (end, moves) in moving {
                if moves && end.is_finite() && !vanishes(model, theta, end)? {
                    return Ok(Ends::Abrupt);
                }
            }
        }
    }
    Ok(found)
}

/// Does the density fall toward an end faster than the distance to it?
fn vanishes(model: &dyn Model, theta: &[f64], end: f64) -> Result<bool, ExpectationError> {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let support = model.support(theta);
    let mut x = vec![0.0; support.width()];
    let mut draws = Vec::with_capacity(9);
    for _ in 0..9 {
        model.sample(theta, &mut rng, &mut x)?;
        draws.push(x[0]);
    }
    draws.sort_by(f64::total_cmp);
    let reach = draws[4] - end;
    let at = |part: f64| {
        let x = support.observation(&[end + part * reach]);
        x.map_or(f64::NAN, |x| model.log_density(theta, &x))
    };
    let power = (at(FAR) - at(NEAR)) / (FAR / NEAR).ln();
    Ok(power > LIMIT)
}
