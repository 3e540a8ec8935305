//! A fit of terms and levels.

use super::{
    super::{
        chunk::Chunk, covariance::lengths, error::GlmError, family::Family, kernel::ROWS,
        weights::Weighting,
    },
    LevelRegression,
    scoring::Maximum,
    sums::{LevelSums, Point},
};
use faer::Mat;
use fisherinfo::coordinates::link::Link;

/// A regression with an intercept for every level of a factor, fitted.
#[derive(Clone, Debug)]
pub struct LevelFit<'a> {
    pub(super) problem: &'a LevelRegression,
    pub(super) family: Family,
    pub(super) link: Link,
    pub(super) point: Point,
    coefficients: Vec<f64>,
    level_coefficients: Vec<f64>,
    pub(super) dispersion: f64,
    /// W with W·Wᵀ the inverse of the Schur complement.
    pub(super) root: Mat<f64>,
    /// D, the information of each level about its own coefficient.
    pub(super) diagonal: Vec<f64>,
    /// D⁻¹B, level after level: the weighted mean of each stored column.
    pub(super) centres: Vec<f64>,
    deviance: f64,
    log_likelihood: f64,
    iterations: usize,
    offset: f64,
}

/// Standard errors from the expected information.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelStandardErrors {
    /// One a term.
    pub terms: Vec<f64>,
    /// One a level.
    pub levels: Vec<f64>,
}

impl LevelRegression {
    /// φ: Pearson's X² / (n − p − G) where it is estimated, otherwise one.
    pub(super) fn dispersion(&self, family: Family, pearson: f64) -> f64 {
        if family.estimates_dispersion() {
            pearson / (self.regression.sample_size() - self.parameters()) as f64
        } else {
            1.0
        }
    }
}

impl<'a> LevelFit<'a> {
    pub(super) fn new(
        problem: &'a LevelRegression,
        family: Family,
        link: Link,
        maximum: Maximum,
    ) -> Result<Self, GlmError> {
        let Maximum {
            point,
            sums,
            root,
            iterations,
            offset,
        } = maximum;
        let width = point.stored.len();
        let to_raw = &problem.regression.design.to_raw;
        let coefficients: Vec<f64> = (0..width)
            .map(|j| (0..width).map(|i| to_raw[(j, i)] * point.stored[i]).sum())
            .collect();
        // The columns are stored without their means in the levels.
        let level_coefficients = point
            .levels
            .iter()
            .zip(problem.means.chunks_exact(width))
            .map(|(own, means)| {
                let of_terms = means.iter().zip(&coefficients);
                own - of_terms.map(|(mean, b)| mean * b).sum::<f64>()
            })
            .collect();
        let LevelSums {
            diagonal,
            mut cross,
            pearson,
            ..
        } = sums;
        for (row, d) in cross.chunks_exact_mut(width).zip(&diagonal) {
            for value in row {
                *value /= d;
            }
        }
        let mut fit = Self {
            problem,
            family,
            link,
            point,
            coefficients,
            level_coefficients,
            dispersion: problem.dispersion(family, pearson),
            root,
            diagonal,
            centres: cross,
            deviance: 0.0,
            log_likelihood: 0.0,
            iterations,
            offset,
        };
        let [deviance, log_likelihood] = fit.sums_over_rows(|chunk, row, eta| {
            let (y, m) = (chunk.response[row], chunk.trials_of(row));
            let (mean, rest) = (link.mean(eta), link.complement(eta));
            let weight = chunk.weight_of(row);
            [
                weight * family.unit_deviance(y, m, mean, rest),
                if family.estimates_dispersion() {
                    0.0
                } else {
                    weight * family.log_density(y, m, mean, rest, 1.0)
                },
            ]
        })?;
        // A saturated fit may fall below zero by rounding.
        fit.deviance = deviance.max(0.0);
        fit.log_likelihood = log_likelihood;
        if family.estimates_dispersion() {
            let dispersion = fit.deviance / fit.sample_size() as f64;
            [fit.log_likelihood] = fit.sums_over_rows(|chunk, row, eta| {
                let (y, m) = (chunk.response[row], chunk.trials_of(row));
                let (mean, rest) = (link.mean(eta), link.complement(eta));
                // A precision divides the dispersion, a frequency counts.
                let (dispersion, copies) = match chunk.weights {
                    Some((Weighting::Precision, weights)) => (dispersion / weights[row], 1.0),
                    _ => (dispersion, chunk.weight_of(row)),
                };
                [copies * family.log_density(y, m, mean, rest, dispersion)]
            })?;
        }
        Ok(fit)
    }

    /// Calls `visit` with each row of a chunk and its predictor.
    fn over_rows(&self, chunk: &Chunk<'_>, mut visit: impl FnMut(usize, f64)) {
        let mut predictor = [0.0; ROWS];
        for block in 0..chunk.blocks() {
            self.point.predictors(chunk, block, &mut predictor);
            for (i, eta) in predictor[..chunk.rows_in(block)].iter().enumerate() {
                let row = block * ROWS + i;
                visit(row, eta + chunk.offset_of(row));
            }
        }
    }

    fn sums_over_rows<const N: usize>(
        &self,
        terms: impl Fn(&Chunk<'_>, usize, f64) -> [f64; N] + Sync,
    ) -> Result<[f64; N], GlmError> {
        let mut total = [0.0; N];
        let add = |sums: &mut [f64; N], more: [f64; N]| {
            for (sum, more) in sums.iter_mut().zip(more) {
                *sum += more;
            }
        };
        self.problem.chunks(None).fold(
            "",
            |chunk| {
                let mut sums = [0.0; N];
                self.over_rows(chunk, |row, eta| add(&mut sums, terms(chunk, row, eta)));
                Ok(sums)
            },
            |part| add(&mut total, part),
        )?;
        Ok(total)
    }

    /// The names of the terms.
    pub fn terms(&self) -> &'a [String] {
        self.problem.regression.terms()
    }

    /// The names of the levels.
    pub fn levels(&self) -> &'a [String] {
        &self.problem.levels
    }

    /// The estimate of each term.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// The intercept of each level: its predictor where every term is zero.
    pub fn level_coefficients(&self) -> &[f64] {
        &self.level_coefficients
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.problem.rows()
    }

    /// n: the sum of the weights where they are frequencies, otherwise the number of rows.
    pub fn sample_size(&self) -> usize {
        self.problem.regression.sample_size()
    }

    /// n − p − G.
    pub fn residual_degrees_of_freedom(&self) -> usize {
        self.sample_size() - self.problem.parameters()
    }

    /// φ: Pearson's X²/(n − p − G) where the family estimates it, otherwise 1.
    pub fn dispersion(&self) -> f64 {
        self.dispersion
    }

    /// Twice the log-likelihood that the fit falls short of one with a mean for every row, at φ = 1.
    pub fn deviance(&self) -> f64 {
        self.deviance
    }

    /// ln of the likelihood with all its constants, as [`super::super::Fit::log_likelihood`] has it.
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// Iterations of Fisher scoring.
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// The relative offset before the last step (see [`super::super::Options::tolerance`]).
    pub fn relative_offset(&self) -> f64 {
        self.offset
    }

    /// μ of every row, in the order in which the rows were given.
    pub fn fitted_means(&self) -> Vec<f64> {
        let mut sorted = Vec::with_capacity(self.rows());
        let read = self.problem.chunks(None).fold(
            "",
            |chunk| {
                let mut means = Vec::with_capacity(chunk.rows);
                self.over_rows(chunk, |_, eta| means.push(self.link.mean(eta)));
                Ok(means)
            },
            |of_chunk| sorted.extend(of_chunk),
        );
        debug_assert!(read.is_ok(), "rows in memory are read without fail");
        self.problem.in_given_order(&sorted)
    }

    /// The covariance of the terms' estimates, φS⁻¹ carried to the terms, p × p.
    pub fn covariance(&self) -> Mat<f64> {
        let half = self.to_raw() * &self.root;
        faer::Scale(self.dispersion) * (&half * half.transpose())
    }

    /// Standard errors of the terms and of the levels' intercepts, from the expected information. A
    /// level has 1/D_c of its own, and what it shares with the terms.
    pub fn standard_errors(&self) -> LevelStandardErrors {
        let spread = self.dispersion.sqrt();
        let terms = lengths(&(self.to_raw() * &self.root));
        let shared = (0..self.diagonal.len()).map(|level| self.shared(level));
        LevelStandardErrors {
            terms: terms.into_iter().map(|length| spread * length).collect(),
            levels: shared
                .zip(&self.diagonal)
                .map(|(shared, d)| {
                    let square: f64 = shared.iter().map(|v| v * v).sum();
                    spread * (d.recip() + square).sqrt()
                })
                .collect(),
        }
    }

    /// What each level's intercept is above that of a level held as the reference, and its standard
    /// error: what indicator columns without that level have for coefficients.
    ///
    /// # Errors
    /// A reference that is no position of a level.
    pub fn contrasts(&self, reference: usize) -> Result<Vec<[f64; 2]>, GlmError> {
        let levels = self.diagonal.len();
        if reference >= levels {
            return Err(GlmError::Shape {
                what: "levels up to the reference".into(),
                expected: reference + 1,
                found: levels,
            });
        }
        let held = self.shared(reference);
        let own = self.diagonal[reference].recip();
        Ok((0..levels)
            .map(|level| {
                if level == reference {
                    return [0.0, 0.0];
                }
                let shared = self.shared(level);
                let square: f64 = shared.iter().zip(&held).map(|(a, b)| (a - b).powi(2)).sum();
                let variance = self.dispersion * (self.diagonal[level].recip() + own + square);
                let estimates = &self.level_coefficients;
                [estimates[level] - estimates[reference], variance.sqrt()]
            })
            .collect())
    }

    pub(super) fn to_raw(&self) -> &Mat<f64> {
        &self.problem.regression.design.to_raw
    }

    /// How a level's intercept follows the terms, times the root of their covariance at dispersion one.
    fn shared(&self, level: usize) -> Vec<f64> {
        let width = self.coefficients.len();
        let to_raw = self.to_raw();
        let centres = &self.centres[level * width..][..width];
        let means = &self.problem.means[level * width..][..width];
        let follow: Vec<f64> = (0..width)
            .map(|i| {
                let of_means: f64 = (0..width).map(|j| means[j] * to_raw[(j, i)]).sum();
                -centres[i] - of_means
            })
            .collect();
        (0..width)
            .map(|k| (0..width).map(|i| follow[i] * self.root[(i, k)]).sum())
            .collect()
    }
}
