use super::DataError;
use crate::coordinates::Coordinates;
use crate::expectation::ExpectationError;
use crate::family::{Constraint, Model};
use crate::linear::{cholesky, forward_substitute, half_index, triangle};
use faer::Mat;
use thiserror::Error;

/// The point at which the likelihood of a sample is greatest.
#[derive(Clone, Debug, PartialEq)]
pub struct MaximumLikelihood {
    /// θ̂. Where the likelihood is greatest on the boundary of the space, that boundary: p̂ = 0 of a
    /// coin that never fell on its head.
    pub theta: Vec<f64>,
    /// Σ ln f(xᵢ | θ̂); on the boundary, what it tends to.
    pub log_likelihood: f64,
    /// Iterations.
    pub iterations: usize,
    /// The parameters that lie on the boundary.
    pub on_boundary: Vec<usize>,
}

/// Why there is no maximum of the likelihood.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum MaximumLikelihoodError {
    /// Data that the model cannot have.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The likelihood grows without end, or toward an infinite parameter.
    #[error(
        "the likelihood of {model} has no maximum: it still grows as {parameter} comes to {value:e}; there are too few observations, or too few different ones"
    )]
    NoMaximum {
        /// The family.
        model: String,
        /// The parameter that runs away.
        parameter: String,
        /// How far it was followed.
        value: f64,
    },
    /// The search stopped short.
    #[error(
        "the likelihood of {model} was not maximised: after {iterations} iterations the squared length of the step is {decrement:.1e}; start nearer to the maximum"
    )]
    NotConverged {
        /// The family.
        model: String,
        /// Iterations.
        iterations: usize,
        /// sᵀI⁻¹s at the last point, in units of the log-likelihood.
        decrement: f64,
    },
}

/// Iterations; Fisher scoring takes about five, a likelihood that is greatest on the boundary thirty.
const MOST_ITERATIONS: usize = 200;
/// sᵀI⁻¹s, twice what is left to gain, at which the search ends.
const CONVERGED: f64 = 1e-18;
/// What rounding may take from a log-likelihood, relative to it.
const ROUNDING: f64 = 1e-12;
/// Below this, a search that rounding has stopped has arrived all the same.
const ARRIVED: f64 = 1e-8;
/// The longest step in an opened coordinate.
const LONGEST: f64 = 4.0;
/// Opened coordinates beyond this may be on their way to a boundary: e^−30.
const FAR: f64 = 30.0;
/// Beyond this nothing is on its way to anywhere else.
const TOO_FAR: f64 = 300.0;
/// A gain that says that the likelihood has levelled, relative to it.
const LEVEL: f64 = 1e-10;

/// Maximises the likelihood of rows of data, one observation a row, by Newton's method from `start`.
///
/// The search runs in the coordinates that open the parameter space to ℝᵏ, so every point of it is
/// inside. Its matrix is the expected information where there is a formula for it (Fisher scoring);
/// else the observed information of the data where that is positive definite, else the outer
/// products of their scores. A step is halved until the likelihood grows.
///
/// A density with kinks has a likelihood with kinks, where its parameter puts one on an observation:
/// those are looked at in turn with the other parameters.
///
/// The maximum found is local; which one, the start decides.
///
/// # Errors
/// No rows, or one outside the support; a start outside the space; a likelihood without bound; a
/// search that stops short.
///
/// ```
/// use fisherinfo::estimate::maximum_likelihood;
/// use fisherinfo::family::Normal;
/// let rows = [[1.0], [2.0], [6.0]];
/// let found = maximum_likelihood(&Normal, &rows, &[0.0, 1.0])?;
/// assert!((found.theta[0] - 3.0).abs() < 1e-9);
/// assert!((found.theta[1] - (14.0_f64 / 3.0).sqrt()).abs() < 1e-9);
/// # Ok::<(), fisherinfo::estimate::MaximumLikelihoodError>(())
/// ```
pub fn maximum_likelihood<R: AsRef<[f64]>>(
    model: &dyn Model,
    rows: &[R],
    start: &[f64],
) -> Result<MaximumLikelihood, MaximumLikelihoodError> {
    let space = model.space();
    let refused = |error| DataError::Expectation(ExpectationError::Parameter(error));
    space.check(start).map_err(refused)?;
    if rows.is_empty() {
        return Err(DataError::Empty.into());
    }
    let support = model.support(start);
    let observations = rows
        .iter()
        .enumerate()
        .map(|(index, row)| {
            support
                .observation(row.as_ref())
                .ok_or_else(|| DataError::OutsideSupport {
                    index: index + 1,
                    value: row.as_ref().to_vec(),
                    support: support.to_string(),
                    model: model.name(),
                })
        })
        .collect::<Result<Vec<_>, _>>()?;
    maximise(model, &observations, start)
}

/// The same for observations as the density takes them, which are inside the support.
pub(super) fn maximise(
    model: &dyn Model,
    observations: &[Vec<f64>],
    start: &[f64],
) -> Result<MaximumLikelihood, MaximumLikelihoodError> {
    // A mean on ℝ may be as large as it likes; a logarithm or a Cholesky factor may not.
    let space = model.space();
    let bounded: Vec<bool> = space
        .parameters()
        .iter()
        .enumerate()
        .map(|(index, own)| match space.constraint() {
            Constraint::PositiveDefinite { start, .. } => index >= start,
            _ => own.lower.is_finite() || own.upper.is_finite(),
        })
        .collect();
    let search = Search {
        model,
        observations,
        open: space.unconstrained(),
        held: vec![false; bounded.len()],
        bounded,
    };
    let u = search.open.forward(start);
    let height = search.log_likelihood(&u);
    if !height.is_finite() {
        return Err(search.not_finite(start).into());
    }
    if model.kinks(start).is_empty() {
        search.ascend(u, height)
    } else {
        super::kinked_likelihood::maximise(search, u, height)
    }
}
pub(super) struct Search<'a> {
    pub(super) model: &'a dyn Model,
    pub(super) observations: &'a [Vec<f64>],
    pub(super) open: Coordinates,
    /// Which opened coordinates stay as they are.
    pub(super) held: Vec<bool>,
    /// Which opened coordinates have an end of the space at infinity.
    bounded: Vec<bool>,
}

impl Search<'_> {
    /// Newton's method from u, where the log-likelihood has this height.
    pub(super) fn ascend(
        &self,
        mut u: Vec<f64>,
        mut height: f64,
    ) -> Result<MaximumLikelihood, MaximumLikelihoodError> {
        let mut decrement = f64::INFINITY;
        for iteration in 0..MOST_ITERATIONS {
            let (score, step) = self.step(&u)?;
            decrement = score.iter().zip(&step).map(|(s, d)| s * d).sum();
            if decrement <= CONVERGED * (1.0 + height.abs()) {
                return self.arrived(&u, height, iteration);
            }
            // No coordinate goes further than is reasonable for an exponent.
            let length = step.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
            let mut part = (LONGEST / length).min(1.0);
            let next = loop {
                let next: Vec<f64> = u.iter().zip(&step).map(|(u, d)| u + part * d).collect();
                let reached = self.log_likelihood(&next);
                if reached > height {
                    break Some((next, reached));
                }
                part *= 0.5;
                if part * length < 1e-14 {
                    break None;
                }
            };
            let Some((next, reached)) = next else {
                // What is left to gain is hidden by rounding; the last step is not.
                if decrement < ARRIVED * (1.0 + height.abs()) {
                    let last: Vec<f64> = u.iter().zip(&step).map(|(u, d)| u + d).collect();
                    let reached = self.log_likelihood(&last);
                    if reached >= height - ROUNDING * (1.0 + height.abs()) {
                        (u, height) = (last, reached.max(height));
                    }
                    return self.arrived(&u, height, iteration);
                }
                break;
            };
            let gain = reached - height;
            (u, height) = (next, reached);
            let is_level = gain < LEVEL * (1.0 + height.abs());
            if (is_level && self.boundary(&u, height).next().is_some())
                || u.iter()
                    .zip(&self.bounded)
                    .any(|(u, bounded)| *bounded && u.abs() > TOO_FAR)
            {
                return self.arrived(&u, height, iteration);
            }
        }
        if decrement < ARRIVED * (1.0 + height.abs()) {
            return self.arrived(&u, height, MOST_ITERATIONS);
        }
        let runs_away = |(u, bounded): (&f64, &bool)| *bounded && u.abs() > FAR;
        if let Some(index) = u.iter().zip(&self.bounded).position(runs_away) {
            return Err(self.no_maximum(&u, index));
        }
        Err(MaximumLikelihoodError::NotConverged {
            model: self.model.name(),
            iterations: MOST_ITERATIONS,
            decrement,
        })
    }

    pub(super) fn log_likelihood(&self, u: &[f64]) -> f64 {
        let theta = self.open.inverse(u);
        if self.model.space().check(&theta).is_err() {
            return f64::NEG_INFINITY;
        }
        self.observations
            .iter()
            .map(|x| self.model.log_density(&theta, x))
            .sum()
    }

    fn not_finite(&self, theta: &[f64]) -> DataError {
        let bad = self
            .observations
            .iter()
            .position(|x| !self.model.log_density(theta, x).is_finite())
            .unwrap_or(0);
        DataError::NotFinite {
            index: bad + 1,
            value: self.observations[bad].clone(),
        }
    }

    /// The score in the opened coordinates, and the step I⁻¹s there.
    fn step(&self, u: &[f64]) -> Result<(Vec<f64>, Vec<f64>), MaximumLikelihoodError> {
        let size = u.len();
        let theta = self.open.inverse(u);
        let jacobian = self.open.jacobian(u);
        let mut score = vec![0.0; size];
        let mut products: Mat<f64> = Mat::zeros(size, size);
        for (index, x) in self.observations.iter().enumerate() {
            let own = self.model.score(&theta, x);
            if !own.iter().all(|s| s.is_finite()) {
                return Err(DataError::NotFinite {
                    index: index + 1,
                    value: x.clone(),
                }
                .into());
            }
            for i in 0..size {
                score[i] += own[i];
                for j in 0..=i {
                    products[(i, j)] += own[i] * own[j];
                    products[(j, i)] = products[(i, j)];
                }
            }
        }
        let opened: Vec<f64> = (0..size)
            .map(|i| match self.held[i] {
                true => 0.0,
                false => (0..size).map(|k| jacobian[(k, i)] * score[k]).sum(),
            })
            .collect();
        let expected = self
            .model
            .closed_form_information(&theta)
            .map(|one| faer::Scale(self.observations.len() as f64) * one);
        let matrices = std::iter::once_with(|| expected)
            .flatten()
            .chain(std::iter::once_with(|| self.observed(&theta)))
            .chain(std::iter::once(products));
        for matrix in matrices {
            let mut pulled = jacobian.transpose() * matrix * &jacobian;
            for held in (0..size).filter(|i| self.held[*i]) {
                for i in 0..size {
                    let entry = if i == held { 1.0 } else { 0.0 };
                    (pulled[(i, held)], pulled[(held, i)]) = (entry, entry);
                }
            }
            if let Some(step) = solve(&pulled, &opened) {
                return Ok((opened, step));
            }
        }
        // Along the score where nothing is definite.
        let length = opened.iter().map(|s| s * s).sum::<f64>().sqrt().max(1.0);
        let step = opened.iter().map(|s| s / length).collect();
        Ok((opened, step))
    }

    fn observed(&self, theta: &[f64]) -> Mat<f64> {
        let mut sum = Mat::zeros(theta.len(), theta.len());
        for x in self.observations {
            sum += self.model.observed_information(theta, x);
        }
        sum
    }

    /// The opened coordinates that are far out, and along which the likelihood is level.
    fn boundary(&self, u: &[f64], height: f64) -> impl Iterator<Item = usize> {
        let level = LEVEL * (1.0 + height.abs());
        (0..u.len()).filter(move |&index| {
            let mut back = u.to_vec();
            back[index] -= u[index].signum();
            self.bounded[index]
                && u[index].abs() > FAR
                && height - self.log_likelihood(&back) < level
        })
    }

    fn no_maximum(&self, u: &[f64], index: usize) -> MaximumLikelihoodError {
        MaximumLikelihoodError::NoMaximum {
            model: self.model.name(),
            parameter: self.model.space().parameters()[index].name.clone(),
            value: self.open.inverse(u)[index],
        }
    }

    /// The answer at u: inside, on a boundary, or none.
    pub(super) fn arrived(
        &self,
        u: &[f64],
        height: f64,
        iterations: usize,
    ) -> Result<MaximumLikelihood, MaximumLikelihoodError> {
        let space = self.model.space();
        let mut theta = self.open.inverse(u);
        let on_boundary: Vec<usize> = self.boundary(u, height).collect();
        let none = |index| self.no_maximum(u, index);
        if let Some(index) = u
            .iter()
            .zip(&self.bounded)
            .position(|(u, bounded)| *bounded && u.abs() > TOO_FAR)
            .filter(|index| !on_boundary.contains(index))
        {
            return Err(none(index));
        }
        let mut ends = Vec::new();
        for &index in &on_boundary {
            let parameter = &space.parameters()[index];
            let end = if u[index] < 0.0 {
                parameter.lower
            } else {
                parameter.upper
            };
            // What a stick leaves is not an end of one parameter.
            if end.is_infinite() || (space.constraint() != Constraint::None && u[index] > 0.0) {
                return Err(none(index));
            }
            ends.push((index, end));
        }
        for (index, end) in ends {
            theta[index] = end;
        }
        Ok(MaximumLikelihood {
            theta,
            log_likelihood: height,
            iterations,
            on_boundary,
        })
    }
}

/// A⁻¹b by Cholesky; `None` where A is not positive definite.
fn solve(matrix: &Mat<f64>, b: &[f64]) -> Option<Vec<f64>> {
    let size = b.len();
    let mut lower = vec![0.0; triangle(size)];
    for column in 0..size {
        for row in column..size {
            lower[half_index(row, column, size)] = matrix[(row, column)];
        }
    }
    let factor = cholesky(&lower, size).ok()?;
    let mut x = b.to_vec();
    forward_substitute(&factor, &mut x);
    crate::linear::backward_substitute(&factor, &mut x);
    x.iter().all(|x| x.is_finite()).then_some(x)
}
