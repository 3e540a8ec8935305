//! Expectations over vectors whose entries each have a set of their own.

mod grid;
mod lattice;

use super::quadrature::Chart;
use super::{Expectation, ExpectationError, Problem, Route};
use crate::family::Support;
use faer::Mat;
use grid::{Axis, GridSum};

/// Evaluations of a grid; beyond that a lattice does more with less.
const MOST_NODES: usize = 300_000;

/// Relative error at which a grid is fine enough.
const TOLERANCE: f64 = 1e-11;

pub(super) fn over_product(
    problem: &Problem<'_>,
    factors: &[Support],
) -> Result<Expectation, ExpectationError> {
    let integers: Option<Vec<Axis>> = factors
        .iter()
        .map(|factor| match *factor {
            Support::Integers { from, to } => Some(Axis { from, to }),
            _ => None,
        })
        .collect();
    if let Some(axes) = integers {
        return over_integers(problem, &axes);
    }
    let charts: Option<Vec<Chart>> = factors
        .iter()
        .map(|factor| match *factor {
            Support::Interval { lower, upper } => Some(Chart::of_interval(lower, upper)),
            _ => None,
        })
        .collect();
    let Some(charts) = charts else {
        return Err(problem.no_route("its support mixes intervals with integers"));
    };
    let Some((mean, factor)) = problem.model.normal_frame(problem.theta) else {
        return Err(problem.no_route("no mode of its density was found"));
    };
    let frame = Frame {
        charts,
        mean,
        factor,
    };
    if frame.mean.len() <= 3
        && let Some(found) = over_grids(problem, &frame)?
    {
        return Ok(found);
    }
    lattice::over_lattice(problem, &frame)
}

/// The map from ℝᵈ to the observation: v = mean + L w, each entry through its chart.
struct Frame {
    charts: Vec<Chart>,
    mean: Vec<f64>,
    factor: Mat<f64>,
}

impl Frame {
    fn dimension(&self) -> usize {
        self.mean.len()
    }

    /// f·h times the volume of the map at w, into `out`; zero where the observation is past the
    /// largest double or rounded onto an end.
    fn weighted(
        &self,
        problem: &Problem<'_>,
        w: &[f64],
        log_weight: f64,
        out: &mut [f64],
    ) -> Result<(), ExpectationError> {
        let mut x = Vec::with_capacity(w.len());
        let mut entry = Vec::with_capacity(1);
        let mut log_volume = log_weight;
        for (row, chart) in self.charts.iter().enumerate() {
            let v: f64 = self.mean[row]
                + (0..=row)
                    .map(|column| self.factor[(row, column)] * w[column])
                    .sum::<f64>();
            log_volume += chart.point(v, &mut entry) + self.factor[(row, row)].ln();
            if !chart.holds(&entry) {
                out.fill(0.0);
                return Ok(());
            }
            x.push(entry[0]);
        }
        if !log_volume.is_finite() {
            out.fill(0.0);
            return Ok(());
        }
        problem.weighted(&x, log_volume, out)
    }

    /// The size of the logarithms whose sum the log-density is.
    fn log_scale(&self, problem: &Problem<'_>) -> f64 {
        let offset: f64 = (0..self.dimension())
            .map(|row| match self.charts[row] {
                Chart::Line => (self.mean[row] / self.factor[(row, row)]).abs(),
                _ => self.mean[row].abs(),
            })
            .sum();
        problem.log_scale(0.0) + offset + self.dimension() as f64
    }
}

/// Integer vectors outwards from the landmark of the model, or from the least.
fn over_integers(problem: &Problem<'_>, axes: &[Axis]) -> Result<Expectation, ExpectationError> {
    let start: Vec<i64> = match problem.model.landmarks(problem.theta).first() {
        Some(landmark) => landmark.iter().map(|x| *x as i64).collect(),
        None => axes.iter().map(|axis| axis.from).collect(),
    };
    let term = |index: &[i64], out: &mut [f64]| {
        let x: Vec<f64> = index.iter().map(|i| *i as f64).collect();
        problem.weighted(&x, 0.0, out)
    };
    let budget = problem.budget.min(10 * MOST_NODES);
    let sum = GridSum::over(problem.width, axes, &start, budget, &term)?
        .ok_or_else(|| problem.no_route(format!("the sum takes more than {budget} terms")))?;
    let furthest: f64 = sum.reach.iter().map(|i| problem.log_scale(*i as f64)).sum();
    let error = sum
        .total
        .rounding(furthest)
        .iter()
        .zip(&sum.beyond)
        .map(|(rounding, beyond)| rounding + beyond)
        .collect();
    Ok(Expectation {
        value: sum.total.value(),
        error,
        route: Route::Summation { terms: sum.terms },
    })
}

/// The trapezoid rule on finer and finer grids of ℝᵈ, whose error for an analytic density that
/// falls off falls faster than any power of the step; the error given is the difference to the
/// grid before, and what lies beyond the grid. `None` where that takes too many nodes.
///
/// Source: L. N. Trefethen & J. A. C. Weideman, SIAM Review 56 (2014).
fn over_grids(
    problem: &Problem<'_>,
    frame: &Frame,
) -> Result<Option<Expectation>, ExpectationError> {
    let dimension = frame.dimension();
    let axes = vec![
        Axis {
            from: -(1 << 40),
            to: Some(1 << 40),
        };
        dimension
    ];
    let start = vec![0; dimension];
    let stretch = frame.falls_slowly(problem)?;
    let mut before: Option<Vec<f64>> = None;
    let mut best: Option<Expectation> = None;
    let mut left = problem.budget.min(MOST_NODES);
    let mut step = 1.0;
    let mut terms = 0;
    while left > 0 {
        let log_cell = dimension as f64 * f64::ln(step);
        let term = |index: &[i64], out: &mut [f64]| {
            let mut log_weight = log_cell;
            let w: Vec<f64> = index
                .iter()
                .map(|i| {
                    let t = step * *i as f64;
                    if stretch {
                        // w = sinh t: a tail that is a power of w is an exponential of t.
                        log_weight += t.cosh().ln();
                        t.sinh()
                    } else {
                        t
                    }
                })
                .collect();
            frame.weighted(problem, &w, log_weight, out)
        };
        let Some(sum) = GridSum::over(problem.width, &axes, &start, left, &term)? else {
            break;
        };
        left = left.saturating_sub(sum.terms);
        terms += sum.terms;
        let value = sum.total.value();
        if let Some(before) = before.replace(value.clone()) {
            let rounding = sum.total.rounding(frame.log_scale(problem));
            let error: Vec<f64> = (0..problem.width)
                .map(|i| (value[i] - before[i]).abs() + sum.beyond[i] + rounding[i])
                .collect();
            let met = (0..problem.width)
                .all(|i| error[i] <= TOLERANCE * sum.total.absolute[i] + 2.0 * rounding[i]);
            best = Some(Expectation {
                value,
                error,
                route: Route::Grid { nodes: terms },
            });
            if met {
                break;
            }
        }
        step *= std::f64::consts::FRAC_1_SQRT_2;
    }
    // A grid that has not begun to converge says less than a lattice.
    Ok(best.filter(|best| best.error[0] < 1e-3))
}

impl Frame {
    /// Does the density fall so slowly along an axis that a grid has to be stretched?
    fn falls_slowly(&self, problem: &Problem<'_>) -> Result<bool, ExpectationError> {
        /// In deviations: an exponential has fallen to 1e-26 here.
        const FAR: f64 = 60.0;
        let one = |_: &[f64], out: &mut [f64]| out[0] = 1.0;
        let mass = Problem {
            width: 1,
            integrand: &one,
            ..*problem
        };
        let at = |axis: usize, w: f64| {
            let mut point = vec![0.0; self.dimension()];
            point[axis] = w;
            let mut out = [0.0];
            self.weighted(&mass, &point, 0.0, &mut out)?;
            Ok::<f64, ExpectationError>(out[0])
        };
        let top = at(0, 0.0)?;
        for axis in 0..self.dimension() {
            for side in [-FAR, FAR] {
                if at(axis, side)? > 1e-20 * top {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}
