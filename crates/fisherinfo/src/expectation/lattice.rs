//! Trapezoidal sums over ℝᵈ for supports with several dimensions that are not all of ℝᵈ: the
//! simplex and the cone of positive definite matrices.

use super::{CompensatedSum, Expectation, ExpectationError, Problem, Route};
use crate::linear::{cholesky, half_index, triangle};
use crate::special::{ln_add_exp, ln_logistic};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Above this dimension a lattice has too many points for any budget.
const MOST_DIMENSIONS: usize = 3;
/// The first step, and the factor from one lattice to the next.
const FIRST_STEP: f64 = 0.5;
const FINER: f64 = std::f64::consts::FRAC_1_SQRT_2;
/// Relative error asked of every component, on the scale of its absolute integral.
const TOLERANCE: f64 = 1e-11;
/// A result whose error is larger than this part of its scale is not one.
const USELESS: f64 = 1e-3;
/// All changes to come are taken for at most so many times the last.
const MOST_AHEAD: f64 = 50.0;
/// A row of points that adds less than this part is the end of its direction; there are many rows.
const NOTHING: f64 = 1e-22;
/// Points of a lattice: seconds, for densities of matrices.
const MOST_POINTS: usize = 300_000;
/// A fall is sharp where it takes this part of the spread of draws.
const SHARP: f64 = 16.0;
/// Seeded draws that place the lattice.
const DRAWS: usize = 257;

/// Coordinates v ∈ ℝᵈ of a support.
trait Chart {
    fn dimension(&self) -> usize;
    /// The observation at v, and the logarithm of the volume element.
    fn point(&self, v: &[f64], x: &mut [f64]) -> f64;
    /// v of an observation.
    fn coordinates(&self, x: &[f64]) -> Vec<f64>;
}

/// Proportions by breaking a stick: σ(vᵢ) is the share of what is left that the i-th takes.
struct Stick {
    categories: usize,
}

impl Chart for Stick {
    fn dimension(&self) -> usize {
        self.categories - 1
    }

    fn point(&self, v: &[f64], x: &mut [f64]) -> f64 {
        let (mut left, mut volume) = (0.0, 0.0);
        for (x, &v) in x.iter_mut().zip(v) {
            let kept = ln_logistic(-v);
            *x = left + ln_logistic(v);
            left += kept;
            volume += *x + kept;
        }
        x[self.categories - 1] = left;
        volume
    }

    fn coordinates(&self, x: &[f64]) -> Vec<f64> {
        let mut rest = x[self.categories - 1];
        let mut v: Vec<f64> = x[..self.categories - 1]
            .iter()
            .rev()
            .map(|&x| {
                let v = x - rest;
                rest = ln_add_exp(rest, x);
                v
            })
            .collect();
        v.reverse();
        v
    }
}

/// Positive definite matrices X = M A Aᵀ Mᵀ by the lower factor A with the logarithms of its
/// diagonal, with M Mᵀ near the mean: in these coordinates the entries hardly depend on each other.
struct Factor {
    dimension: usize,
    /// M, the lower triangle by columns.
    frame: Vec<f64>,
}

impl Factor {
    fn at(&self, row: usize, column: usize) -> usize {
        half_index(row, column, self.dimension)
    }
}

impl Chart for Factor {
    fn dimension(&self) -> usize {
        triangle(self.dimension)
    }

    fn point(&self, v: &[f64], x: &mut [f64]) -> f64 {
        let d = self.dimension;
        let mut volume = d as f64 * std::f64::consts::LN_2;
        for column in 0..d {
            let diagonal = v[self.at(column, column)];
            let scale = self.frame[self.at(column, column)].ln();
            x[self.at(column, column)] = scale + diagonal;
            for row in column + 1..d {
                x[self.at(row, column)] = self.frame[self.at(row, column)] * diagonal.exp()
                    + (column + 1..=row)
                        .map(|k| self.frame[self.at(row, k)] * v[self.at(k, column)])
                        .sum::<f64>();
            }
            // dX = 2ᵈ ∏ Lᵢᵢ^(d−i) dL for i from zero, L = M A and dAᵢᵢ = Aᵢᵢ dvᵢᵢ; the i-th row
            // of M scales i + 1 entries.
            volume +=
                (d - column) as f64 * (scale + diagonal) + (column + 1) as f64 * scale + diagonal;
        }
        volume
    }

    fn coordinates(&self, x: &[f64]) -> Vec<f64> {
        let d = self.dimension;
        let mut v = x.to_vec();
        for column in 0..d {
            v[self.at(column, column)] -= self.frame[self.at(column, column)].ln();
            let diagonal = v[self.at(column, column)].exp();
            for row in column + 1..d {
                let known = self.frame[self.at(row, column)] * diagonal
                    + (column + 1..row)
                        .map(|k| self.frame[self.at(row, k)] * v[self.at(k, column)])
                        .sum::<f64>();
                v[self.at(row, column)] =
                    (x[self.at(row, column)] - known) / self.frame[self.at(row, row)];
            }
        }
        v
    }
}

pub(super) fn over_simplex(
    problem: &Problem<'_>,
    categories: usize,
) -> Result<Expectation, ExpectationError> {
    let chart = Stick { categories };
    require_few_dimensions(problem, chart.dimension())?;
    let draws = draws(problem, categories)?;
    Lattice::new(problem, &chart, categories, &draws).integrate()
}

pub(super) fn over_positive_definite(
    problem: &Problem<'_>,
    dimension: usize,
) -> Result<Expectation, ExpectationError> {
    let size = triangle(dimension);
    require_few_dimensions(problem, size)?;
    let draws = draws(problem, size)?;
    let mut mean = vec![0.0; size];
    for draw in &draws {
        let entry = |row: usize, column: usize| {
            let value = draw[half_index(row, column, dimension)];
            if row == column { value.exp() } else { value }
        };
        for column in 0..dimension {
            for row in column..dimension {
                let product: f64 = (0..=column).map(|k| entry(row, k) * entry(column, k)).sum();
                mean[half_index(row, column, dimension)] += product / DRAWS as f64;
            }
        }
    }
    let frame = cholesky(&mean, dimension)
        .map_err(|_| problem.no_route("the mean of a few draws is not positive definite"))?;
    let chart = Factor { dimension, frame };
    Lattice::new(problem, &chart, size, &draws).integrate()
}

fn require_few_dimensions(problem: &Problem<'_>, dimension: usize) -> Result<(), ExpectationError> {
    if dimension > MOST_DIMENSIONS {
        return Err(problem.no_route(format!(
            "a lattice in {dimension} dimensions has too many points"
        )));
    }
    Ok(())
}

fn draws(problem: &Problem<'_>, width: usize) -> Result<Vec<Vec<f64>>, ExpectationError> {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    (0..DRAWS)
        .map(|_| {
            let mut x = vec![0.0; width];
            problem.model.sample(problem.theta, &mut rng, &mut x)?;
            Ok(x)
        })
        .collect()
}

/// Sums over the points w of a lattice, with v = centre + spread·sinh(w) along each axis, so that
/// exponential tails fall doubly exponentially and all axes have about as many points.
///
/// Each round takes the mean over a lattice and its shift by half a step along every axis, whose
/// leading errors are opposite. The error of a round is the largest change since the coarser round
/// before, which is the error of that one, on the scale of each component. The step shrinks until
/// it meets the tolerance or the budget is spent.
struct Lattice<'a, C> {
    problem: &'a Problem<'a>,
    chart: &'a C,
    centre: Vec<f64>,
    spread: Vec<f64>,
    evaluations: usize,
    budget: usize,
    v: Vec<f64>,
    x: Vec<f64>,
    out: Vec<f64>,
}

/// One sum over a lattice.
struct Total {
    sum: CompensatedSum,
    /// Σ |term|·|ln term|: what rounding of the logarithms comes from.
    noise: Vec<f64>,
}

impl<'a, C: Chart> Lattice<'a, C> {
    fn new(problem: &'a Problem<'a>, chart: &'a C, width: usize, draws: &[Vec<f64>]) -> Self {
        let dimension = chart.dimension();
        let points: Vec<Vec<f64>> = draws.iter().map(|x| chart.coordinates(x)).collect();
        let (mut centre, mut spread) = (Vec::new(), Vec::new());
        for axis in 0..dimension {
            let mut values: Vec<f64> = points.iter().map(|v| v[axis]).collect();
            values.sort_by(f64::total_cmp);
            let quantile = |percent: usize| values[percent * (values.len() - 1) / 100];
            // Where one tail is much longer, the short side has the sharp features: the lattice is
            // dense there, and the sine covers the long tail in few steps.
            let (below, above) = (quantile(50) - quantile(10), quantile(90) - quantile(50));
            let (middle, width) = if below > 1.5 * above {
                (quantile(90), quantile(97) - quantile(80))
            } else if above > 1.5 * below {
                (quantile(10), quantile(20) - quantile(3))
            } else {
                (quantile(50), quantile(75) - quantile(25))
            };
            centre.push(middle);
            spread.push(if width > 0.0 && width.is_finite() {
                width
            } else {
                1.0
            });
        }
        let mut lattice = Self {
            problem,
            chart,
            centre,
            spread,
            evaluations: 0,
            budget: problem.budget.min(MOST_POINTS),
            v: vec![0.0; dimension],
            x: vec![0.0; width],
            out: vec![0.0; problem.width],
        };
        for axis in 0..dimension {
            lattice.resolve(axis, &points);
        }
        lattice
    }

    /// Where a density falls much more sharply on one side than its draws are spread, as it does where
    /// hardly one of them lies, the lattice is made dense there, and the sine covers the other side.
    fn resolve(&mut self, axis: usize, points: &[Vec<f64>]) {
        let middle = self.centre.clone();
        let height = |v: f64, x: &mut [f64]| {
            let mut at = middle.clone();
            at[axis] = v;
            let volume = self.chart.point(&at, x);
            let height = self.problem.model.log_density(self.problem.theta, x) + volume;
            if height.is_finite() {
                height
            } else {
                f64::NEG_INFINITY
            }
        };
        let mut x = self.x.clone();
        let Some((top, at)) = points
            .iter()
            .map(|v| (height(v[axis], &mut x), v[axis]))
            .max_by(|a, b| a.0.total_cmp(&b.0))
        else {
            return;
        };
        // The distance over which ln f falls by so much, to within a factor of two.
        let mut reach = |side: f64, fall: f64| {
            let falls = |distance: f64, x: &mut [f64]| height(at + side * distance, x) < top - fall;
            let mut distance = self.spread[axis];
            for _ in 0..60 {
                if !falls(distance, &mut x) {
                    break;
                }
                distance *= 0.5;
            }
            for _ in 0..120 {
                if falls(distance, &mut x) {
                    break;
                }
                distance *= 2.0;
            }
            distance
        };
        let sharpness = |side: f64, reach: &mut dyn FnMut(f64, f64) -> f64| {
            let begins = reach(side, 1.0);
            (reach(side, 30.0) / 30.0, side * begins)
        };
        let (above, below) = (sharpness(1.0, &mut reach), sharpness(-1.0, &mut reach));
        let (scale, begins) = if above.0 < below.0 { above } else { below };
        if SHARP * scale < self.spread[axis] && begins.is_finite() {
            self.centre[axis] = at + begins;
            self.spread[axis] = scale;
        }
    }

    fn integrate(mut self) -> Result<Expectation, ExpectationError> {
        let width = self.problem.width;
        let mut best: Option<Expectation> = None;
        let mut before: Option<Vec<f64>> = None;
        let mut step = FIRST_STEP;
        let mut last_cost = 0;
        let mut last_change = f64::INFINITY;
        loop {
            let spent = self.evaluations;
            // The next round costs about twice the last for every two axes.
            let next_cost = last_cost << self.v.len().div_ceil(2);
            if spent + next_cost > self.budget {
                break;
            }
            let Some((plain, shifted)) = self.sum(step, 0.0)?.zip(self.sum(step, 0.5)?) else {
                break;
            };
            last_cost = self.evaluations - spent;
            let half = 0.5 * step.powi(self.v.len() as i32);
            let both = |a: &[f64], b: &[f64]| -> Vec<f64> {
                a.iter().zip(b).map(|(a, b)| half * (a + b)).collect()
            };
            let value = both(&plain.sum.value(), &shifted.sum.value());
            let absolute = both(&plain.sum.absolute, &shifted.sum.absolute);
            let noise = both(&plain.noise, &shifted.noise);
            let rounding: Vec<f64> = (0..width)
                .map(|i| super::ROUNDING * f64::EPSILON * (absolute[i] + noise[i]))
                .collect();
            if let Some(before) = &before {
                let change = (0..width)
                    .filter(|&i| absolute[i] > 0.0)
                    .map(|i| (value[i] - before[i]).abs() / absolute[i])
                    .fold(0.0, f64::max);
                // Where changes fall slowly, those to come add up to more than the last.
                let ratio = change / last_change;
                last_change = change;
                let change = if ratio > 0.5 {
                    change * f64::min(ratio / (1.0 - ratio.min(0.99)), MOST_AHEAD)
                } else {
                    change
                };
                if change <= USELESS {
                    best = Some(Expectation {
                        value: value.clone(),
                        error: (0..width)
                            .map(|i| change * absolute[i] + rounding[i])
                            .collect(),
                        route: Route::Cubature {
                            nodes: self.evaluations,
                        },
                    });
                }
                let settled = (0..width).all(|i| {
                    let change = (value[i] - before[i]).abs();
                    change <= TOLERANCE * absolute[i] + rounding[i]
                });
                if settled {
                    break;
                }
            }
            before = Some(value);
            step *= FINER;
        }
        best.ok_or_else(|| {
            self.problem.no_route(format!(
                "its lattice takes more than {} points",
                self.budget
            ))
        })
    }

    /// The sum over one lattice; `None` where the budget is spent.
    fn sum(&mut self, step: f64, shift: f64) -> Result<Option<Total>, ExpectationError> {
        let width = self.problem.width;
        let mut total = Total {
            sum: CompensatedSum::new(width),
            noise: vec![0.0; width],
        };
        self.along(0, 0.0, step, shift, &mut total)?;
        Ok((self.evaluations < self.budget).then_some(total))
    }

    /// Adds all points with the first `axis` coordinates as they are; from the centre outwards
    /// until two in a row add nothing.
    fn along(
        &mut self,
        axis: usize,
        log_weight: f64,
        step: f64,
        shift: f64,
        total: &mut Total,
    ) -> Result<(), ExpectationError> {
        if axis == self.v.len() {
            return self.add_point(log_weight, total);
        }
        for side in [1.0, -1.0] {
            let mut quiet = 0;
            let first = if side > 0.0 { 0.0 } else { 1.0 };
            let mut index = 0.0;
            while quiet < 2 && self.evaluations < self.budget {
                let w = step * (side * (first + index) + shift);
                index += 1.0;
                self.v[axis] = self.centre[axis] + self.spread[axis] * w.sinh();
                if !self.v[axis].is_finite() {
                    break;
                }
                let before = total.sum.absolute.clone();
                let weight = log_weight + self.spread[axis].ln() + w.cosh().ln();
                self.along(axis + 1, weight, step, shift, total)?;
                let nothing = before
                    .iter()
                    .zip(&total.sum.absolute)
                    .all(|(before, after)| after - before <= NOTHING * after);
                quiet = if nothing { quiet + 1 } else { 0 };
            }
        }
        Ok(())
    }

    fn add_point(&mut self, log_weight: f64, total: &mut Total) -> Result<(), ExpectationError> {
        self.evaluations += 1;
        let volume = self.chart.point(&self.v, &mut self.x);
        if !volume.is_finite() || !self.x.iter().all(|x| x.is_finite()) {
            return Ok(());
        }
        self.problem
            .weighted(&self.x, log_weight + volume, &mut self.out)?;
        total.sum.add(&self.out);
        let size = self.problem.log_scale(0.0)
            + volume.abs()
            + self.x.iter().map(|x| x.abs()).sum::<f64>();
        for (noise, term) in total.noise.iter_mut().zip(&self.out) {
            *noise += size * term.abs();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The volume of a chart is the determinant of its Jacobian, here by differences.
    fn check(chart: &impl Chart, v: &[f64], entries: impl Fn(&[f64]) -> Vec<f64>) {
        let size = v.len();
        let observe = |v: &[f64]| {
            let mut x = vec![0.0; size.max(3)];
            chart.point(v, &mut x);
            x
        };
        let mut x = vec![0.0; size.max(3)];
        let volume = chart.point(v, &mut x);
        for (a, b) in chart.coordinates(&x).iter().zip(v) {
            assert!((a - b).abs() < 1e-12);
        }
        let h = 1e-6;
        let jacobian = faer::Mat::from_fn(size, size, |row, column| {
            let at = |sign: f64| {
                let mut moved = v.to_vec();
                moved[column] += sign * h;
                entries(&observe(&moved))[row]
            };
            (at(1.0) - at(-1.0)) / (2.0 * h)
        });
        let wanted = jacobian.determinant().abs().ln();
        assert!((volume - wanted).abs() < 1e-7, "{volume} against {wanted}");
    }

    #[test]
    fn volumes_are_determinants() {
        check(&Stick { categories: 3 }, &[0.7, -1.3], |x| {
            vec![x[0].exp(), x[1].exp()]
        });
        let frame = vec![1.3, -0.4, 0.8];
        let chart = Factor {
            dimension: 2,
            frame,
        };
        check(&chart, &[0.3, 0.9, -0.5], |x| {
            let (a, b, c) = (x[0].exp(), x[1], x[2].exp());
            vec![a * a, a * b, b * b + c * c]
        });
    }
}
