//! Information over a range of a parameter: a table, its extremes, and what becomes of it toward the
//! ends of the parameter space.
//!
//! All of it depends on the coordinates: the information of a toss about p is least at ½, that about
//! its logit greatest there.

mod boundary;

pub use boundary::{Boundary, Growth, Side, boundary_behaviour};

use crate::coordinates::Coordinates;
use crate::expectation::{ExpectationError, Method, expected_information};
use crate::family::Model;
use rayon::prelude::*;

/// Which number of the information matrix is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// The entry in this row and column.
    Entry(usize, usize),
    /// The determinant.
    Determinant,
}

/// A number of the information of one observation, in some coordinates.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The model.
    pub model: &'a dyn Model,
    /// The coordinates; `None` for the family's own.
    pub coordinates: Option<&'a Coordinates>,
    /// The number.
    pub quantity: Quantity,
}

impl View<'_> {
    /// The number at θ (in the family's own coordinates), and its absolute error.
    ///
    /// # Errors
    /// A point outside the space; an information that is not available there.
    ///
    /// ```
    /// use fisherinfo::family::Normal;
    /// use fisherinfo::sweep::{Quantity, View};
    /// let view = View { model: &Normal, coordinates: None, quantity: Quantity::Determinant };
    /// // 2/σ⁴.
    /// assert!((view.value(&[0.0, 0.5])?.0 - 32.0).abs() < 1e-12);
    /// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
    /// ```
    pub fn value(&self, theta: &[f64]) -> Result<(f64, f64), ExpectationError> {
        let one = expected_information(self.model, theta, Method::Automatic)?;
        let moved = match self.coordinates {
            Some(coordinates) => coordinates.apply(&one)?,
            None => one,
        };
        Ok(match self.quantity {
            Quantity::Entry(row, column) => (
                moved.matrix()[(row, column)],
                moved.provenance().accuracy.of_entry(row, column),
            ),
            Quantity::Determinant => {
                let determinant = moved.log_determinant()?.exp();
                // The relative errors of the diagonal bound that of a determinant near it.
                let relative: f64 = (0..moved.dimension())
                    .map(|i| moved.provenance().accuracy.of_entry(i, i) / moved.matrix()[(i, i)])
                    .sum();
                (determinant, relative * determinant)
            }
        })
    }
}

/// The number that runs over the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// A parameter of the family, by its index.
    Parameter(usize),
    /// A coordinate of the view, by its index.
    Coordinate(usize),
}

/// The number at one value of the axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The value of the axis.
    pub at: f64,
    /// θ there.
    pub theta: Vec<f64>,
    /// The number followed.
    pub value: f64,
    /// Its absolute error.
    pub error: f64,
}

/// An extreme value.
#[derive(Clone, Debug, PartialEq)]
pub struct Extreme {
    /// Where.
    pub point: Point,
    /// Whether it lies at an end of the range, so that there may be more beyond.
    pub is_at_end: bool,
}

/// A table and its extremes.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// In the order of the values asked for.
    pub points: Vec<Point>,
    /// The least value over the range, found by a search between the points.
    pub least: Extreme,
    /// The greatest.
    pub greatest: Extreme,
    /// Whether all values are one, within their errors.
    pub is_constant: bool,
}

/// Follows a number over ascending values of an axis, the other entries held as they are at θ.
///
/// The extremes are refined by golden-section search between the neighbours of the best value, to
/// about eight digits of their place, half of a double's.
///
/// # Errors
/// As [`View::value`], and fewer than two values.
///
/// ```
/// use fisherinfo::family::{Bernoulli, Model};
/// use fisherinfo::sweep::{Axis, Quantity, View, sweep};
/// let grid: Vec<f64> = (1..=10).map(|k| 0.09 * f64::from(k)).collect();
/// let logit = Bernoulli.alternative_coordinates().remove(0);
/// let view = |coordinates| View {
///     model: &Bernoulli,
///     coordinates,
///     quantity: Quantity::Entry(0, 0),
/// };
/// let own = sweep(&view(None), &[0.3], Axis::Parameter(0), &grid)?;
/// assert!((own.least.point.at - 0.5).abs() < 1e-6 && own.greatest.is_at_end);
/// let moved = sweep(&view(Some(&logit)), &[0.3], Axis::Parameter(0), &grid)?;
/// assert!((moved.greatest.point.at - 0.5).abs() < 1e-6 && moved.least.is_at_end);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
pub fn sweep(
    view: &View<'_>,
    theta: &[f64],
    axis: Axis,
    values: &[f64],
) -> Result<Sweep, ExpectationError> {
    let points: Vec<Point> = values
        .par_iter()
        .map(|at| point(view, theta, axis, *at))
        .collect::<Result<_, _>>()?;
    if points.len() < 2 {
        return Err(ExpectationError::NoNumericRoute {
            model: view.model.name(),
            reason: "a sweep needs two values or more".into(),
        });
    }
    let by_value = |a: &Point, b: &Point| a.value.total_cmp(&b.value);
    let span = |points: &[Point]| {
        let least = points.iter().min_by(|a, b| by_value(a, b));
        let most = points.iter().max_by(|a, b| by_value(a, b));
        least.zip(most).is_none_or(|(least, most)| {
            let size = least.value.abs().max(most.value.abs());
            most.value - least.value <= least.error + most.error + ROUNDING * size
        })
    };
    let is_constant = span(&points);
    Ok(Sweep {
        least: extreme(view, theta, axis, &points, -1.0)?,
        greatest: extreme(view, theta, axis, &points, 1.0)?,
        is_constant,
        points,
    })
}

/// What a closed form and a change of coordinates may leave.
const ROUNDING: f64 = 1e-12;

fn point(view: &View<'_>, theta: &[f64], axis: Axis, at: f64) -> Result<Point, ExpectationError> {
    let theta = match (axis, view.coordinates) {
        (Axis::Coordinate(index), Some(coordinates)) => {
            let mut phi = coordinates.forward(theta);
            phi[index] = at;
            coordinates.inverse(&phi)
        }
        (Axis::Parameter(index) | Axis::Coordinate(index), _) => {
            let mut theta = theta.to_vec();
            theta[index] = at;
            theta
        }
    };
    let (value, error) = view.value(&theta)?;
    Ok(Point {
        at,
        theta,
        value,
        error,
    })
}

/// The greatest value times `sign`, refined between the neighbours of the best point.
fn extreme(
    view: &View<'_>,
    theta: &[f64],
    axis: Axis,
    points: &[Point],
    sign: f64,
) -> Result<Extreme, ExpectationError> {
    let mut best = 0;
    for (index, point) in points.iter().enumerate() {
        if sign * point.value > sign * points[best].value {
            best = index;
        }
    }
    if best == 0 || best + 1 == points.len() {
        return Ok(Extreme {
            point: points[best].clone(),
            is_at_end: true,
        });
    }
    let golden = 0.5 * (5_f64.sqrt() - 1.0);
    let (mut left, mut right) = (points[best - 1].at, points[best + 1].at);
    let at = |x: f64| point(view, theta, axis, x);
    let mut low = at(right - golden * (right - left))?;
    let mut high = at(left + golden * (right - left))?;
    while right - left > 1e-9 * (left.abs() + right.abs()) {
        // Equal values lie on both sides of the top, or where rounding has levelled it.
        if sign * low.value >= sign * high.value {
            right = high.at;
            high = low;
            low = at(right - golden * (right - left))?;
        } else {
            left = low.at;
            low = high;
            high = at(left + golden * (right - left))?;
        }
        if right - left < f64::MIN_POSITIVE {
            break;
        }
    }
    let found = [low, high, points[best].clone()]
        .into_iter()
        .max_by(|a, b| (sign * a.value).total_cmp(&(sign * b.value)));
    Ok(Extreme {
        point: found.unwrap_or_else(|| points[best].clone()),
        is_at_end: false,
    })
}
