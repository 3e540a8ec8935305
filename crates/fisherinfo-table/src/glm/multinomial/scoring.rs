//! Fisher scoring of a multinomial regression, which is Newton's method.

use super::super::{collinear, error::GlmError, positive_definite::solve, regression::Regression};
use super::{
    SINGULAR,
    rows::Rows,
    separation::{self, MultinomialSeparation},
};
use fisherinfo::information::Direction;

/// Steps may be halved so often.
const HALVINGS: usize = 40;

/// Differences of predictors from which a probability is so near zero (1e-5) that the estimates may be
/// running off.
const SUSPICIOUS: f64 = 11.0;

/// Where scoring ended.
pub(super) struct Maximum {
    pub(super) stored: Vec<f64>,
    pub(super) iterations: usize,
    pub(super) offset: f64,
}

pub(super) struct Problem<'a> {
    pub(super) regression: &'a Regression,
    pub(super) rows: Rows<'a>,
    pub(super) names: &'a [String],
}

impl Problem<'_> {
    pub(super) fn maximise(&self) -> Result<Maximum, GlmError> {
        let most = self.regression.max_iterations();
        let mut stored = vec![0.0; self.rows.width()];
        let mut sums = self.rows.likelihood("start", &stored)?;
        let mut offset = f64::INFINITY;
        for iteration in 1..=most {
            let Some(step) = solve(&sums.products, &sums.score) else {
                return Err(self.running_off(&stored, &stored)?);
            };
            let decrement: f64 = step.iter().zip(&sums.score).map(|(d, s)| d * s).sum();
            offset = (decrement.max(0.0) / step.len() as f64).sqrt();
            let next: Vec<f64> = stored.iter().zip(&step).map(|(b, d)| b + d).collect();
            if offset <= self.regression.tolerance() {
                let suspicious = sums.largest >= SUSPICIOUS;
                if suspicious && let Some(error) = self.separation(&stored, &step)? {
                    return Err(error);
                }
                if collinear::condition(&sums.products) > SINGULAR {
                    return Err(self.running_off(&stored, &step)?);
                }
                // The last step costs no pass, so it is taken.
                return Ok(Maximum {
                    stored: next,
                    iterations: iteration,
                    offset,
                });
            }
            let slack = 1e-10 * (1.0 + sums.total.abs());
            let mut fraction = 1.0;
            let name = format!("iteration {iteration}");
            let mut advanced = None;
            for _ in 0..HALVINGS {
                let next: Vec<f64> = stored
                    .iter()
                    .zip(&step)
                    .map(|(b, d)| b + fraction * d)
                    .collect();
                fraction *= 0.5;
                let there = self.rows.likelihood(&name, &next)?;
                if there.largest.is_finite() && there.total >= sums.total - slack {
                    advanced = Some((next, there));
                    break;
                }
            }
            let Some(advanced) = advanced else {
                return Err(self.running_off(&stored, &step)?);
            };
            (stored, sums) = advanced;
        }
        let step = solve(&sums.products, &sums.score).unwrap_or_default();
        Err(self
            .separation(&stored, &step)?
            .unwrap_or(GlmError::NotConverged {
                iterations: most,
                offset,
            }))
    }

    fn separation(&self, stored: &[f64], step: &[f64]) -> Result<Option<GlmError>, GlmError> {
        let candidates: Vec<&[f64]> = [stored, step]
            .into_iter()
            .filter(|candidate| candidate.iter().any(|b| *b != 0.0))
            .collect();
        let found = separation::near(&self.rows, &candidates)?;
        Ok(found.map(|(direction, rows)| {
            GlmError::MultinomialSeparation(MultinomialSeparation {
                direction: self.named(&direction),
                rows,
                of: self.regression.rows(),
            })
        }))
    }

    fn running_off(&self, stored: &[f64], step: &[f64]) -> Result<GlmError, GlmError> {
        let separation = self.separation(stored, step)?;
        Ok(separation.unwrap_or_else(|| GlmError::Diverging {
            direction: self.named(step).to_string(),
        }))
    }

    /// A direction in the parameters of the terms, without the intercepts unless they are all there is.
    fn named(&self, direction: &[f64]) -> Direction {
        let design = &self.regression.design;
        let width = design.width;
        let mut raw = Vec::with_capacity(direction.len());
        let mut parts = Vec::with_capacity(direction.len());
        for of_category in direction.chunks_exact(width) {
            for j in 0..width {
                let entry: f64 = (0..width)
                    .map(|i| design.to_raw[(j, i)] * of_category[i])
                    .sum();
                raw.push(entry);
                parts.push((entry * design.spread[j]).abs());
            }
        }
        let is_intercept = |place: usize| self.regression.intercept == Some(place % width);
        let size = |intercepts: bool| {
            (0..raw.len())
                .filter(|&i| is_intercept(i) == intercepts)
                .map(|i| parts[i])
                .fold(0.0, f64::max)
        };
        let (of_terms, of_intercepts) = (size(false), size(true));
        let only_intercepts = of_terms <= 1e-8 * of_intercepts;
        let largest = if only_intercepts {
            of_intercepts
        } else {
            of_terms
        };
        for i in 0..raw.len() {
            if is_intercept(i) != only_intercepts || parts[i] <= 1e-8 * largest {
                raw[i] = 0.0;
            }
        }
        Direction::new(self.names, raw)
    }
}
