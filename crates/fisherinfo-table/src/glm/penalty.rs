//! Fits with a penalty on the size of the coefficients.

use super::{
    error::GlmError,
    family::Family,
    kernel::ROWS,
    pass::{Extent, Predictor, Sums, pass},
    regression::{Regression, require},
    standards::Source,
};
use faer::{Mat, Side, linalg::solvers::Solve};
use fisherinfo::coordinates::link::Link;

/// λ·(α‖β‖₁ + (1 − α)/2·‖β‖²), added to minus the mean log-likelihood at dispersion one.
///
/// The coefficients are taken as they are, in the units of their terms, and the intercept is free.
/// glmnet and glum write the penalty in the same way (glmnet scales the terms first by default).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Penalty {
    strength: f64,
    share: f64,
}

impl Penalty {
    /// λ/2·‖β‖².
    ///
    /// # Errors
    /// A λ that is not a finite number > 0.
    pub fn ridge(strength: f64) -> Result<Self, GlmError> {
        Self::elastic_net(strength, 0.0)
    }

    /// λ·(α‖β‖₁ + (1 − α)/2·‖β‖²); at α = 1 the lasso.
    ///
    /// # Errors
    /// A λ that is not a finite number > 0, an α outside [0, 1].
    pub fn elastic_net(strength: f64, share: f64) -> Result<Self, GlmError> {
        let is_strength = strength > 0.0 && strength.is_finite();
        if !is_strength || !(0.0..=1.0).contains(&share) {
            return Err(GlmError::Penalty { strength, share });
        }
        Ok(Self { strength, share })
    }

    /// λ.
    pub fn strength(self) -> f64 {
        self.strength
    }

    /// α, the share of ‖β‖₁.
    pub fn share(self) -> f64 {
        self.share
    }

    /// Is all of it ½‖β‖²?
    pub fn is_ridge(self) -> bool {
        self.share == 0.0
    }
}

/// What can be said of the spread of a ridge estimate.
#[derive(Clone, Debug, PartialEq)]
pub struct RidgeSpread {
    /// The spread of the penalised estimate about its own expectation, from the outer products of
    /// the scores: roots of the diagonal of (I + nλP)⁻¹·Σssᵀ·(I + nλP)⁻¹. It is not the spread about
    /// the coefficient, from which the penalty keeps the expectation away.
    pub standard_errors: Vec<f64>,
    /// By how much the expectation is off, to first order and at the estimate: −(I + nλP)⁻¹nλPβ̂.
    /// Since the estimate is shrunk, so is this.
    pub bias: Vec<f64>,
}

/// A fit with a penalty.
#[derive(Clone, Debug, PartialEq)]
pub struct PenalisedFit {
    /// The penalty.
    pub penalty: Penalty,
    /// The estimates, in the order of the terms.
    pub coefficients: Vec<f64>,
    /// Minus the mean log-likelihood at dispersion one, up to what does not depend on the
    /// coefficients, and the penalty.
    pub objective: f64,
    /// Twice what the log-likelihood falls short of one with a mean for every row.
    pub deviance: f64,
    /// The certificate: the largest violation of a condition of optimality, as a correlation of the
    /// residuals with a term. A condition is that the score of a term balances the slope of its
    /// penalty, or, where its coefficient is zero, that it is no steeper than the penalty's kink. In
    /// a concave likelihood a point without violation is the optimum.
    pub violation: f64,
    /// Of a ridge fit the trace of (I + nλP)⁻¹I, otherwise the number of coefficients not zero.
    pub effective_degrees_of_freedom: f64,
    /// For a ridge fit. An elastic net has no standard errors: its estimates are zero with positive
    /// probability, and no formula that treats them as smooth holds.
    pub spread: Option<RidgeSpread>,
    /// Steps made.
    pub iterations: usize,
}

/// A violation that is rounding.
const OPTIMAL: f64 = 1e-9;

/// What its passes over the rows are called.
const PASS: &str = "penalised fit";

/// Steps may be halved so often; a step's own problem may take so many sweeps.
const HALVINGS: usize = 40;
const SWEEPS: usize = 20_000;

impl Regression {
    /// As [`Regression::new`], for [`Regression::fit_penalised`] only: terms may be combinations of
    /// each other, and there may be more of them than rows.
    ///
    /// # Errors
    /// Lengths that differ, values that are not finite, an intercept that is not one everywhere, a
    /// term that is constant.
    pub fn for_penalty<C: AsRef<[f64]>>(
        response: &[f64],
        columns: &[C],
        terms: &[String],
        intercept: Option<usize>,
    ) -> Result<Self, GlmError> {
        let columns: Vec<&[f64]> = columns.iter().map(AsRef::as_ref).collect();
        require("columns of the design", terms.len(), columns.len())?;
        for (term, column) in terms.iter().zip(&columns) {
            require(&format!("values of «{term}»"), response.len(), column.len())?;
        }
        require("observations", 1, response.len().min(1))?;
        Self::of_any_rank(response, Source::Columns(&columns), terms, intercept)
    }

    /// The least of minus the mean log-likelihood plus a penalty, by Newton's steps, each with the
    /// penalty itself and not an approximation of it; for the elastic net a step's problem is solved
    /// a coordinate at a time. Source: Friedman, Hastie & Tibshirani, Regularization paths for
    /// generalized linear models via coordinate descent, J. Stat. Software 33 (2010).
    ///
    /// # Errors
    /// As [`Regression::fit`]; a regression that was not made by [`Regression::for_penalty`].
    ///
    /// ```
    /// use fisherinfo_table::glm::{Family, Penalty, Regression};
    /// // One centred term: the lasso takes λ off the mean product, as far as there is any.
    /// let (y, x) = ([-3.0, 0.0, 1.0, 2.0], [[-1.0, 1.0, -1.0, 1.0]]);
    /// let regression = Regression::for_penalty(&y, &x, &["x".into()], None)?;
    /// let fit = |penalty| {
    ///     regression.fit_penalised(Family::Gaussian, Family::Gaussian.default_link(), penalty)
    /// };
    /// let lasso = fit(Penalty::elastic_net(0.4, 1.0)?)?;
    /// assert!((lasso.coefficients[0] - (1.0 - 0.4)).abs() < 1e-12);
    /// assert_eq!(fit(Penalty::elastic_net(1.5, 1.0)?)?.coefficients, [0.0]);
    /// let ridge = fit(Penalty::ridge(0.25)?)?;
    /// assert!((ridge.coefficients[0] - 1.0 / 1.25).abs() < 1e-12);
    /// # Ok::<(), fisherinfo_table::glm::GlmError>(())
    /// ```
    pub fn fit_penalised(
        &self,
        family: Family,
        link: Link,
        penalty: Penalty,
    ) -> Result<PenalisedFit, GlmError> {
        if self.is_rank_checked {
            return Err(GlmError::NotForPenalty);
        }
        self.in_pool(|| {
            self.require_response(family)?;
            Problem::new(self, family, link, penalty).minimise()
        })?
    }
}

struct Problem<'a> {
    regression: &'a Regression,
    family: Family,
    link: Link,
    penalty: Penalty,
    /// Σ of the weights, or the number of rows.
    total: f64,
    /// The parts of the penalty of each stored coefficient: kink and curvature.
    kink: Vec<f64>,
    curvature: Vec<f64>,
}

struct State {
    coefficients: Vec<f64>,
    sums: Sums,
    objective: f64,
}

impl<'a> Problem<'a> {
    fn new(regression: &'a Regression, family: Family, link: Link, penalty: Penalty) -> Self {
        let design = &regression.design;
        // Columns are centred and scaled but not mixed: β_j is the stored coefficient times a unit,
        // and only the intercept, which is free, takes the centres.
        let unit = |j: usize| {
            if regression.intercept == Some(j) {
                0.0
            } else {
                design.to_raw[(j, j)]
            }
        };
        let Penalty { strength, share } = penalty;
        Self {
            regression,
            family,
            link,
            penalty,
            total: regression.totals().weight,
            kink: (0..design.width)
                .map(|j| strength * share * unit(j))
                .collect(),
            curvature: (0..design.width)
                .map(|j| strength * (1.0 - share) * unit(j) * unit(j))
                .collect(),
        }
    }

    fn sums(&self, coefficients: &[f64], extent: Extent) -> Result<Sums, GlmError> {
        let chunks = self.regression.chunks(Some(self.family));
        let here = Predictor::Coefficients(coefficients);
        pass(chunks, PASS, self.family, self.link, here, extent)
    }

    fn state(&self, coefficients: Vec<f64>) -> Result<Option<State>, GlmError> {
        let sums = self.sums(&coefficients, Extent::StepAndDispersion)?;
        let size: f64 = coefficients
            .iter()
            .zip(self.kink.iter().zip(&self.curvature))
            .map(|(b, (kink, curvature))| kink * b.abs() + 0.5 * curvature * b * b)
            .sum();
        let objective = size - sums.tally.log_kernel / self.total;
        let inside = sums.tally.outside == 0 && objective.is_finite();
        Ok(inside.then_some(State {
            coefficients,
            sums,
            objective,
        }))
    }

    fn start(&self) -> Result<State, GlmError> {
        let regression = self.regression;
        let width = regression.design.width;
        let start = match regression.intercept {
            None => vec![0.0; width],
            Some(intercept) => {
                let average =
                    self.link.predictor(regression.mean_response()) - regression.mean_offset();
                if !average.is_finite() {
                    // No penalty holds the intercept where all responses are at an end.
                    return Err(GlmError::Diverging {
                        direction: regression.terms[intercept].clone(),
                    });
                }
                (0..width)
                    .map(|i| regression.design.to_stored[(i, intercept)] * average)
                    .collect()
            }
        };
        self.state(start)?.ok_or(GlmError::CannotStart {
            family: self.family,
            link: self.link,
        })
    }

    /// The largest violation of a condition of optimality, as a correlation.
    fn violation(&self, state: &State) -> f64 {
        let residual = (state.sums.pearson / self.total).sqrt();
        (0..self.kink.len())
            .map(|j| {
                let b = state.coefficients[j];
                let slope = self.curvature[j] * b - state.sums.score[j] / self.total;
                let left = if b == 0.0 {
                    (slope.abs() - self.kink[j]).max(0.0)
                } else {
                    (slope + self.kink[j] * b.signum()).abs()
                };
                let size = (state.sums.expected[(j, j)] / self.total).sqrt() * residual;
                if left == 0.0 { 0.0 } else { left / size }
            })
            .fold(0.0, f64::max)
    }

    /// Where the quadratic approximation of the log-likelihood plus the penalty is least.
    fn target(&self, state: &State) -> Option<Vec<f64>> {
        let width = self.kink.len();
        let (b, score) = (&state.coefficients, &state.sums.score);
        let information = &state.sums.expected;
        if self.penalty.is_ridge() {
            let matrix = Mat::from_fn(width, width, |i, j| {
                information[(i, j)] / self.total + if i == j { self.curvature[i] } else { 0.0 }
            });
            let gradient = Mat::from_fn(width, 1, |j, _| {
                score[j] / self.total - self.curvature[j] * b[j]
            });
            let factor = matrix.llt(Side::Lower).ok()?;
            let step = factor.solve(&gradient);
            return Some((0..width).map(|j| b[j] + step[(j, 0)]).collect());
        }
        let mut target = b.clone();
        // I·(target − b)/n, kept up as the target moves.
        let mut moved = vec![0.0; width];
        for _ in 0..SWEEPS {
            let mut largest = 0.0_f64;
            for j in 0..width {
                let own = information[(j, j)] / self.total;
                let whole = own + self.curvature[j];
                if whole <= 0.0 {
                    continue;
                }
                // Minus the slope of the smooth part at a coefficient of zero.
                let pull = score[j] / self.total - moved[j] + own * target[j];
                let shrunk = (pull.abs() - self.kink[j]).max(0.0).copysign(pull);
                let next = if shrunk == 0.0 { 0.0 } else { shrunk / whole };
                let change = next - target[j];
                if change != 0.0 {
                    target[j] = next;
                    for (i, moved) in moved.iter_mut().enumerate() {
                        *moved += information[(i, j)] / self.total * change;
                    }
                    largest = largest.max(change.abs() * own.sqrt());
                }
            }
            let residual = (state.sums.pearson / self.total).sqrt();
            if largest <= 1e-13 * residual {
                break;
            }
        }
        Some(target)
    }

    fn minimise(&self) -> Result<PenalisedFit, GlmError> {
        let limit = self.regression.options.max_iterations;
        let mut state = self.start()?;
        let mut violation = self.violation(&state);
        for iteration in 0..=limit {
            if violation <= OPTIMAL {
                return self.finish(state, violation, iteration);
            }
            let not_converged = GlmError::NotConverged {
                iterations: iteration,
                offset: violation,
            };
            let Some(target) = self.target(&state) else {
                return Err(not_converged);
            };
            let slack = 1e-12 * (1.0 + state.objective.abs());
            let mut fraction = 1.0;
            let mut next = None;
            for _ in 0..HALVINGS {
                let between = state
                    .coefficients
                    .iter()
                    .zip(&target)
                    // The whole step exactly, so that a zero is one.
                    .map(|(b, t)| {
                        if fraction == 1.0 {
                            *t
                        } else {
                            b + fraction * (t - b)
                        }
                    })
                    .collect();
                fraction *= 0.5;
                next = self
                    .state(between)?
                    .filter(|next| next.objective <= state.objective + slack);
                if next.is_some() {
                    break;
                }
            }
            match next {
                Some(next) => {
                    violation = self.violation(&next);
                    state = next;
                }
                None => return Err(not_converged),
            }
        }
        Err(GlmError::NotConverged {
            iterations: limit,
            offset: violation,
        })
    }

    fn finish(
        &self,
        state: State,
        violation: f64,
        iterations: usize,
    ) -> Result<PenalisedFit, GlmError> {
        let regression = self.regression;
        let design = &regression.design;
        let width = design.width;
        let b = &state.coefficients;
        let coefficients: Vec<f64> = (0..width)
            .map(|j| (0..width).map(|i| design.to_raw[(j, i)] * b[i]).sum())
            .collect();
        let chunks = regression.chunks(Some(self.family));
        let mut deviance = 0.0;
        chunks.fold(
            PASS,
            |chunk| {
                let mut sum = 0.0;
                let mut predictor = [0.0; ROWS];
                for block in 0..chunk.blocks() {
                    chunk.predictors(block, b, &mut predictor);
                    for (i, &eta) in predictor[..chunk.rows_in(block)].iter().enumerate() {
                        let row = block * ROWS + i;
                        let (y, trials) = (chunk.response[row], chunk.trials_of(row));
                        let (mean, rest) = (self.link.mean(eta), self.link.complement(eta));
                        sum +=
                            chunk.weight_of(row) * self.family.unit_deviance(y, trials, mean, rest);
                    }
                }
                Ok(sum)
            },
            |sum| deviance += sum,
        )?;
        let spread = self.ridge_spread(b)?;
        let not_zero = b.iter().filter(|b| **b != 0.0).count() as f64;
        Ok(PenalisedFit {
            penalty: self.penalty,
            coefficients,
            objective: state.objective,
            deviance: deviance.max(0.0),
            violation,
            effective_degrees_of_freedom: spread.as_ref().map_or(not_zero, |(_, trace)| *trace),
            spread: spread.map(|(spread, _)| spread),
            iterations,
        })
    }

    /// The spread of a ridge estimate, and its effective degrees of freedom.
    fn ridge_spread(&self, b: &[f64]) -> Result<Option<(RidgeSpread, f64)>, GlmError> {
        if !self.penalty.is_ridge() {
            return Ok(None);
        }
        let design = &self.regression.design;
        let width = design.width;
        let sums = self.sums(b, Extent::Everything)?;
        let bending = sums.observed.as_ref().unwrap_or(&sums.expected);
        let matrix = Mat::from_fn(width, width, |i, j| {
            bending[(i, j)]
                + if i == j {
                    self.total * self.curvature[i]
                } else {
                    0.0
                }
        });
        let (Ok(factor), Some(empirical)) = (matrix.llt(Side::Lower), &sums.empirical) else {
            return Ok(None);
        };
        let inverse = factor.solve(Mat::<f64>::identity(width, width));
        let carried = &design.to_raw * &inverse;
        let covariance = &carried * empirical * carried.transpose();
        let pull = Mat::from_fn(width, 1, |j, _| -self.total * self.curvature[j] * b[j]);
        let bias = &carried * &pull;
        let share = &inverse * bending;
        Ok(Some((
            RidgeSpread {
                standard_errors: (0..width)
                    .map(|j| covariance[(j, j)].max(0.0).sqrt())
                    .collect(),
                bias: (0..width).map(|j| bias[(j, 0)]).collect(),
            },
            (0..width).map(|j| share[(j, j)]).sum(),
        )))
    }
}
