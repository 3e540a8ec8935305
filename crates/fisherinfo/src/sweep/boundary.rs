use super::View;
use crate::expectation::ExpectationError;
use crate::family::{Constraint, end};
use std::fmt;

/// An end of a parameter's range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The lower.
    Lower,
    /// The upper.
    Upper,
}

/// What becomes of a number toward an end.
#[derive(Clone, Debug, PartialEq)]
pub enum Growth {
    /// It grows without bound, like the distance to a finite end, or the parameter toward an
    /// infinite one, to this power.
    Diverges {
        /// The power: below 0 toward a finite end, above toward an infinite one.
        power: f64,
    },
    /// It vanishes like this power.
    Vanishes {
        /// The power: above 0 toward a finite end, below toward an infinite one.
        power: f64,
    },
    /// It tends to a number.
    Levels {
        /// The last value read.
        limit: f64,
    },
    /// What was read is no power.
    Undecided {
        /// Why.
        reason: String,
    },
}

/// The behaviour of a number toward one end of the space.
#[derive(Clone, Debug, PartialEq)]
pub struct Boundary {
    /// The parameter that approaches it.
    pub parameter: String,
    /// The end, which may be infinite.
    pub end: f64,
    /// What becomes of the number.
    pub growth: Growth,
}

impl fmt::Display for Boundary {
    /// `p → 0: grows without bound, like (distance to 0)^-1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}: ", self.parameter, end(self.end))?;
        let like = |power: f64| {
            let power = (power * 1e3).round() / 1e3;
            if self.end.is_finite() {
                format!("(distance to {})^{power}", self.end)
            } else {
                format!("{}^{power}", self.parameter)
            }
        };
        match &self.growth {
            Growth::Diverges { power } => write!(f, "grows without bound, like {}", like(*power)),
            Growth::Vanishes { power } => write!(f, "vanishes like {}", like(*power)),
            Growth::Levels { limit } => write!(f, "tends to {limit:.6}"),
            Growth::Undecided { reason } => write!(f, "undecided: {reason}"),
        }
    }
}

/// Logarithms of the factor by which the end is nearer, or the parameter larger, than at θ.
const RADII: [f64; 3] = [8.0, 12.0, 16.0];
/// Half the distance over which a slope is read.
const STEP: f64 = 0.5;
/// A power below this is none.
const FLAT: f64 = 5e-3;
/// How far the last two slopes may differ.
const STEADY: f64 = 0.02;

/// What becomes of a number of the information as one parameter of the family approaches an end of
/// its range, the others held as they are at θ: read from the slope of its logarithm over the
/// logarithm of the distance.
///
/// ```
/// use fisherinfo::family::Bernoulli;
/// use fisherinfo::sweep::{Growth, Quantity, Side, View, boundary_behaviour};
/// let view = View { model: &Bernoulli, coordinates: None, quantity: Quantity::Entry(0, 0) };
/// let boundary = boundary_behaviour(&view, &[0.3], 0, Side::Lower);
/// assert!(matches!(boundary.growth, Growth::Diverges { power } if (power + 1.0).abs() < 1e-3));
/// assert_eq!(boundary.to_string(), "p → 0: grows without bound, like (distance to 0)^-1");
/// ```
pub fn boundary_behaviour(
    view: &View<'_>,
    theta: &[f64],
    parameter: usize,
    side: Side,
) -> Boundary {
    let space = view.model.space();
    let own = &space.parameters()[parameter];
    let (mut lower, mut upper) = (own.lower, own.upper);
    if space.constraint() == Constraint::Simplex {
        // What the other probabilities leave.
        upper = 1.0 - theta.iter().sum::<f64>() + theta[parameter];
    }
    if side == Side::Upper {
        (lower, upper) = (upper, lower);
    }
    let (toward, other) = (lower, upper);
    let boundary = |growth| Boundary {
        parameter: own.name.clone(),
        end: toward,
        growth,
    };
    let value = |radius: f64| -> Result<f64, ExpectationError> {
        let here = theta[parameter];
        let mut moved = theta.to_vec();
        moved[parameter] = if toward.is_finite() {
            toward + (here - toward) * (-radius).exp()
        } else if other.is_finite() {
            other + (here - other) * radius.exp()
        } else {
            here + toward.signum() * (1.0 + here.abs()) * radius.exp()
        };
        Ok(view.value(&moved)?.0.abs())
    };
    let read = || -> Result<(Vec<f64>, f64, f64), ExpectationError> {
        let slopes = RADII
            .iter()
            .map(|r| Ok((value(r + STEP)?.ln() - value(r - STEP)?.ln()) / (2.0 * STEP)))
            .collect::<Result<_, ExpectationError>>()?;
        Ok((slopes, value(RADII[1])?, value(RADII[2])?))
    };
    let (slopes, before, last) = match read() {
        Ok(read) => read,
        Err(error) => {
            return boundary(Growth::Undecided {
                reason: error.to_string(),
            });
        }
    };
    boundary(growth(&slopes, before, last, toward.is_finite()))
}

fn growth(slopes: &[f64], before: f64, last: f64, is_finite: bool) -> Growth {
    if before == 0.0 && last == 0.0 {
        return Growth::Levels { limit: 0.0 };
    }
    let slope = slopes[slopes.len() - 1];
    let change = (slope - slopes[slopes.len() - 2]).abs();
    if slope.abs() < FLAT && change < FLAT {
        return Growth::Levels { limit: last };
    }
    if slope.is_nan() || change.is_nan() || change > STEADY * slope.abs().max(1.0) {
        return Growth::Undecided {
            reason: "it follows no power over eight decades".into(),
        };
    }
    let power = if is_finite { -slope } else { slope };
    if slope > 0.0 {
        Growth::Diverges { power }
    } else {
        Growth::Vanishes { power }
    }
}
