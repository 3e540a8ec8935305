//! The information-matrix test: do the two definitions of Fisher information agree on the data?
//!
//! If the model is true, E\[s sᵀ\] = E\[J\] with s the score and J the observed information of one
//! observation (Bartlett's second identity). The *contrasts* cᵢ, the entries of sᵢsᵢᵀ − Jᵢ that are
//! looked at, then have mean zero. In the outer-product form, one is regressed on
//! mᵢ = (sᵢ, cᵢ); n times its uncentred R² is asymptotically χ², with as many degrees of freedom
//! as there are contrasts that are not already combinations of the scores and of each other.
//!
//! Sources: H. White, Maximum likelihood estimation of misspecified models, Econometrica 50
//! (1982), section 4; A. Chesher, The information matrix test, Economics Letters 13 (1983);
//! T. Lancaster, The covariance matrix of the information matrix test, Econometrica 52 (1984).

use crate::special::chi_squared_survival;
use thiserror::Error;

/// The moments Σ mᵢ and Σ mᵢmᵢᵀ from which the test follows: an accumulator that rows are added
/// to, and that is merged with that of other rows.
///
/// ```
/// use fisherinfo::estimate::information_matrix_test::InformationMatrixMoments;
///
/// // A Poisson mean (score (y−μ)/μ, observed information y/μ²) and counts that vary too much.
/// let counts = [0.0, 0.0, 0.0, 1.0, 9.0, 0.0, 8.0, 1.0, 0.0, 11.0];
/// let mean = 3.0;
/// let mut moments = InformationMatrixMoments::new(1, 1);
/// for y in counts {
///     let score: f64 = (y - mean) / mean;
///     moments.update(&[score], &[score * score - y / (mean * mean)])?;
/// }
/// let test = moments.finish()?;
/// assert_eq!(test.degrees_of_freedom, 1);
/// assert!(test.statistic > 3.84);
/// # Ok::<(), fisherinfo::estimate::information_matrix_test::InformationMatrixTestError>(())
/// ```
#[derive(Clone, Debug)]
pub struct InformationMatrixMoments {
    scores: usize,
    contrasts: usize,
    /// Σ mᵢ.
    sums: Vec<f64>,
    /// Σ mᵢmᵢᵀ, the lower triangle row by row.
    products: Vec<f64>,
    observations: usize,
}

/// The outcome of the information-matrix test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InformationMatrixTest {
    /// nR².
    pub statistic: f64,
    /// Degrees of freedom of the χ² that nR² follows when the model is true.
    pub degrees_of_freedom: usize,
    /// n.
    pub observations: usize,
}

impl InformationMatrixTest {
    /// The probability of a statistic at least this large when the model is true.
    ///
    /// The outer-product form rejects true models too often in small samples: at n = 50 and ten
    /// contrasts by a factor of several (Orme, J. Econometrics 46, 1990).
    pub fn p_value(&self) -> f64 {
        chi_squared_survival(self.statistic, self.degrees_of_freedom as f64)
    }
}

/// Why there is no information-matrix test.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum InformationMatrixTestError {
    /// R² is one whatever the data.
    #[error(
        "the information-matrix test needs more than {needed} observations, one for each score and contrast, and has {observations}; compare fewer entries or add observations"
    )]
    TooFewObservations {
        /// n.
        observations: usize,
        /// Scores and contrasts that are not combinations of each other.
        needed: usize,
    },
    /// Every contrast is a combination of the scores.
    #[error(
        "no entry of the two informations can differ in this model, so there is nothing to test"
    )]
    NothingToCompare,
    /// NaN or ∞ among the scores or contrasts.
    #[error("a score or contrast of the information-matrix test is not a finite number")]
    NotFinite,
    /// A row or accumulator of another shape.
    #[error(
        "expected {scores} scores and {contrasts} contrasts, and found {found_scores} and {found_contrasts}"
    )]
    Shape {
        /// Scores of the accumulator.
        scores: usize,
        /// Contrasts of the accumulator.
        contrasts: usize,
        /// Scores given.
        found_scores: usize,
        /// Contrasts given.
        found_contrasts: usize,
    },
}

/// A column of m of which less than this share of the squares is left after those before it is a
/// combination of them.
const DEPENDENT: f64 = 1e-10;

impl InformationMatrixMoments {
    /// No rows yet, of `scores` scores and `contrasts` contrasts each.
    pub fn new(scores: usize, contrasts: usize) -> Self {
        let size = scores + contrasts;
        Self {
            scores,
            contrasts,
            sums: vec![0.0; size],
            products: vec![0.0; size * (size + 1) / 2],
            observations: 0,
        }
    }

    fn require_shape(
        &self,
        scores: usize,
        contrasts: usize,
    ) -> Result<(), InformationMatrixTestError> {
        if scores == self.scores && contrasts == self.contrasts {
            return Ok(());
        }
        Err(InformationMatrixTestError::Shape {
            scores: self.scores,
            contrasts: self.contrasts,
            found_scores: scores,
            found_contrasts: contrasts,
        })
    }

    /// Adds one observation: its score, and the entries of s sᵀ − J that are compared.
    ///
    /// # Errors
    /// A row of another shape.
    pub fn update(
        &mut self,
        score: &[f64],
        contrast: &[f64],
    ) -> Result<(), InformationMatrixTestError> {
        self.require_shape(score.len(), contrast.len())?;
        let entry = |i: usize| {
            if i < score.len() {
                score[i]
            } else {
                contrast[i - score.len()]
            }
        };
        let mut start = 0;
        for i in 0..self.sums.len() {
            let left = entry(i);
            self.sums[i] += left;
            let row = &mut self.products[start..=start + i];
            let (of_scores, of_contrasts) = row.split_at_mut(score.len().min(i + 1));
            for (sum, right) in of_scores.iter_mut().zip(score) {
                *sum += left * right;
            }
            for (sum, right) in of_contrasts.iter_mut().zip(contrast) {
                *sum += left * right;
            }
            start += i + 1;
        }
        self.observations += 1;
        Ok(())
    }

    /// Adds the observations of another accumulator.
    ///
    /// # Errors
    /// An accumulator of another shape.
    pub fn merge(&mut self, other: &Self) -> Result<(), InformationMatrixTestError> {
        self.require_shape(other.scores, other.contrasts)?;
        for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
            *sum += more;
        }
        for (sum, more) in self.products.iter_mut().zip(&other.products) {
            *sum += more;
        }
        self.observations += other.observations;
        Ok(())
    }

    /// nR² of the regression of one on (s, c), and its degrees of freedom.
    ///
    /// The columns are eliminated by a Cholesky decomposition that pivots within the scores first
    /// and then within the contrasts; what is left of a contrast under a 1e-10 share of its
    /// squares is a combination and adds no degree of freedom.
    ///
    /// # Errors
    /// Too few observations, nothing to compare, or numbers that are not finite.
    pub fn finish(&self) -> Result<InformationMatrixTest, InformationMatrixTestError> {
        if self.products.iter().any(|product| !product.is_finite()) {
            return Err(InformationMatrixTestError::NotFinite);
        }
        let size = self.sums.len();
        let at = |i: usize, j: usize| {
            let (i, j) = (i.max(j), i.min(j));
            self.products[i * (i + 1) / 2 + j]
        };
        let scale: Vec<f64> = (0..size)
            .map(|i| {
                if at(i, i) > 0.0 {
                    at(i, i).sqrt().recip()
                } else {
                    0.0
                }
            })
            .collect();
        let mut left: Vec<Vec<f64>> = (0..size)
            .map(|i| (0..size).map(|j| at(i, j) * scale[i] * scale[j]).collect())
            .collect();
        let mut sums: Vec<f64> = (0..size).map(|i| self.sums[i] * scale[i]).collect();
        let mut pending = vec![true; size];
        let (mut statistic, mut kept) = (0.0, [0, 0]);
        for (part, range) in [0..self.scores, self.scores..size].into_iter().enumerate() {
            loop {
                let pivot = range
                    .clone()
                    .filter(|&i| pending[i])
                    .max_by(|&i, &j| left[i][i].total_cmp(&left[j][j]));
                let Some(pivot) = pivot.filter(|&i| left[i][i] > DEPENDENT) else {
                    break;
                };
                pending[pivot] = false;
                kept[part] += 1;
                let row = left[pivot].clone();
                statistic += sums[pivot] * sums[pivot] / row[pivot];
                let sum = sums[pivot];
                for i in (0..size).filter(|&i| pending[i]) {
                    let factor = row[i] / row[pivot];
                    sums[i] -= factor * sum;
                    for (entry, across) in left[i].iter_mut().zip(&row) {
                        *entry -= factor * across;
                    }
                }
            }
        }
        if self.observations <= kept[0] + kept[1] {
            return Err(InformationMatrixTestError::TooFewObservations {
                observations: self.observations,
                needed: kept[0] + kept[1],
            });
        }
        if kept[1] == 0 {
            return Err(InformationMatrixTestError::NothingToCompare);
        }
        Ok(InformationMatrixTest {
            statistic,
            degrees_of_freedom: kept[1],
            observations: self.observations,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{InformationMatrixMoments, InformationMatrixTestError};
    use faer::{Mat, linalg::solvers::SolveLstsq};
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};

    fn rows(seed: u64, n: usize) -> Vec<[f64; 4]> {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        (0..n)
            .map(|_| std::array::from_fn(|_| random.random::<f64>() - 0.4))
            .collect()
    }

    proptest! {
        /// n − RSS of a least-squares regression of one on the columns, by Householder QR.
        #[test]
        fn agrees_with_least_squares(seed in 0..1000_u64, n in 8..60_usize) {
            let rows = rows(seed, n);
            let mut moments = InformationMatrixMoments::new(2, 3);
            let mut rest = moments.clone();
            for (i, r) in rows.iter().enumerate() {
                // The last contrast is a combination of a score and a contrast.
                let contrasts = [r[2], 1e6 * r[3], r[1] - 3.0 * r[2]];
                let part = if i % 3 == 0 { &mut rest } else { &mut moments };
                part.update(&r[..2], &contrasts).unwrap();
            }
            moments.merge(&rest).unwrap();
            let test = moments.finish().unwrap();
            prop_assert_eq!(test.degrees_of_freedom, 2);
            let m = Mat::from_fn(n, 4, |i, j| rows[i][j]);
            let ones = Mat::from_fn(n, 1, |_, _| 1.0);
            let fitted = &m * m.qr().solve_lstsq(&ones);
            let explained: f64 = (0..n).map(|i| fitted[(i, 0)]).sum();
            prop_assert!((test.statistic - explained).abs() < 1e-9 * explained, "{} {explained}", test.statistic);
        }
    }

    #[test]
    fn says_why_there_is_none() {
        let mut moments = InformationMatrixMoments::new(1, 2);
        for r in rows(1, 3) {
            moments.update(&r[..1], &r[1..3]).unwrap();
        }
        assert_eq!(
            moments.finish().unwrap_err(),
            InformationMatrixTestError::TooFewObservations {
                observations: 3,
                needed: 3
            }
        );
        let mut moments = InformationMatrixMoments::new(1, 1);
        for r in rows(1, 30) {
            moments.update(&[r[0]], &[2.0 * r[0]]).unwrap();
        }
        assert_eq!(
            moments.finish().unwrap_err(),
            InformationMatrixTestError::NothingToCompare
        );
        assert!(moments.update(&[1.0, 2.0], &[1.0]).is_err());
        moments.update(&[f64::NAN], &[1.0]).unwrap();
        assert_eq!(
            moments.finish().unwrap_err(),
            InformationMatrixTestError::NotFinite
        );
    }
}
