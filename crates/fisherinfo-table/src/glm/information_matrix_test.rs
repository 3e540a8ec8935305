//! The information-matrix test of a fit.

use super::{
    ascent::ascend,
    chunk::Chunk,
    error::GlmError,
    family::Family,
    fit::Fit,
    kernel::{ROWS, linear_predictor},
    rows::RowTerms,
    weights::Weighting,
};
use fisherinfo::dual::Datum;
use fisherinfo::estimate::information_matrix_test::{
    InformationMatrixMoments, InformationMatrixTest,
};
use fisherinfo::family::mean::Tweedie;
use fisherinfo::family::{Family as _, NegativeBinomial2};
use fisherinfo::special::{digamma, trigamma};
use num_dual::{Dual2_64, Dual64, DualNum};
use pulp::Arch;

/// Up to so many entries of the information matrix are compared all; of larger ones the diagonal.
const MOST_ENTRIES: usize = 60;

/// Which entries of the two informations were compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// Every entry on and under the diagonal.
    Everything,
    /// The diagonal, of the columns as they are stored: centred, scaled, and where they are badly
    /// conditioned made orthogonal, which depends on their order.
    Diagonal,
}

/// The information-matrix test of a fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FitInformationMatrixTest {
    /// nR² and its degrees of freedom.
    pub test: InformationMatrixTest,
    /// What was compared.
    pub compared: Compared,
}

/// What is estimated beside the coefficients, at its maximum-likelihood value, and the score about it of a row with weight w, score s (at
/// dispersion one) and contribution k to the log-likelihood's kernel.
pub(super) enum Nuisance {
    /// Dispersion one, nothing to estimate.
    None,
    /// φ of a family in which the maximum is the mean deviance: gaussian and inverse gaussian.
    Deviance(Family, f64),
    /// The shape 1/φ of a gamma distribution, with ln ν + 1 − ψ(ν).
    Shape(f64, f64),
    /// φ of Tweedie's.
    Tweedie(Tweedie, f64),
    /// The shape k of negative binomial counts.
    Count(f64),
}

impl Nuisance {
    fn of(fit: &Fit<'_>) -> Result<Self, GlmError> {
        let mean_deviance = || fit.deviance() / fit.sample_size() as f64;
        Ok(match fit.family() {
            Family::Binomial | Family::Poisson | Family::NegativeBinomial(_) => Self::None,
            family @ (Family::Gaussian | Family::InverseGaussian) => {
                Self::Deviance(family, mean_deviance())
            }
            Family::Tweedie(power) => {
                let family = Tweedie { power };
                Self::Tweedie(family, tweedie_dispersion(family, fit)?)
            }
            Family::Gamma => {
                // ln ν − ψ(ν) = D/(2n), by Newton from Thom's approximation.
                let half = 0.5 * mean_deviance();
                let mut shape = (1.0 + (1.0 + 4.0 * half / 3.0).sqrt()) / (4.0 * half);
                for _ in 0..20 {
                    let step =
                        (shape.ln() - digamma(shape) - half) / (shape.recip() - trigamma(shape));
                    shape = (shape - step).max(0.5 * shape);
                }
                Self::Shape(shape, shape.ln() + 1.0 - digamma(shape))
            }
        })
    }

    fn dispersion(&self) -> f64 {
        match self {
            Self::None | Self::Count(_) => 1.0,
            Self::Deviance(_, dispersion) | Self::Tweedie(_, dispersion) => *dispersion,
            Self::Shape(shape, _) => shape.recip(),
        }
    }

    fn score(&self, y: f64, mean: f64, weight: f64) -> Option<f64> {
        match self {
            Self::None => None,
            Self::Deviance(family, dispersion) => {
                Some(weight * family.unit_deviance(y, 1.0, mean, 1.0 - mean) / dispersion - 1.0)
            }
            Self::Shape(_, constant) => Some(constant + (y / mean).ln() - y / mean),
            Self::Tweedie(family, dispersion) => {
                let ln_dispersion = Dual64::new(dispersion.ln(), 1.0);
                let at = family.log_density(y, mean.into(), ln_dispersion.exp());
                Some(at.eps)
            }
            Self::Count(shape) => {
                let shape = Dual64::new(*shape, 1.0);
                let at = NegativeBinomial2.log_density(&[mean.into(), shape], &[Datum::Known(y)]);
                Some(weight * at.eps)
            }
        }
    }
}

/// Adds the moments of so many equal rows, by doubling.
fn repeat(
    total: &mut InformationMatrixMoments,
    mut rows: InformationMatrixMoments,
    copies: f64,
) -> Result<(), GlmError> {
    let mut left = copies as u64;
    while left > 0 {
        if left % 2 == 1 {
            total.merge(&rows)?;
        }
        left /= 2;
        if left > 0 {
            let same = rows.clone();
            rows.merge(&same)?;
        }
    }
    Ok(())
}

/// The dispersion at which the likelihood of a fit of Tweedie's is largest, from the estimate after
/// Pearson. (Means and dispersion do not depend on each other.)
fn tweedie_dispersion(family: Tweedie, fit: &Fit<'_>) -> Result<f64, GlmError> {
    ascend(fit.dispersion, f64::INFINITY, |ln_dispersion| {
        fit.sums_over_rows(|y, _, mean, _, weight| {
            let dispersion = Dual2_64::new(ln_dispersion, 1.0, 0.0).exp();
            let density = family.log_density(y, mean.into(), dispersion);
            [weight * density.v1, weight * density.v2]
        })
    })
}

impl Fit<'_> {
    /// White's test that the outer products of the scores and the observed information agree, as
    /// they do in expectation when the model is true: nR² of a regression of one on the scores
    /// and the differences. Where the dispersion is estimated, its score is among them and it is
    /// taken at its maximum-likelihood value.
    ///
    /// All p(p+1)/2 entries are compared up to 60 of them, otherwise the diagonal (of the centred
    /// terms); the result says which. The statistic is the same for any units of the terms.
    ///
    /// # Errors
    /// Too few observations for the entries compared, a perfect fit, or nothing that can differ;
    /// weights that are precisions with the gamma or Tweedie family, whose dispersion then differs
    /// by row.
    pub fn information_matrix_test(&self) -> Result<FitInformationMatrixTest, GlmError> {
        self.information_matrix_test_beside(Nuisance::of(self)?)
    }

    /// The test with something estimated beside the coefficients.
    pub(super) fn information_matrix_test_beside(
        &self,
        nuisance: Nuisance,
    ) -> Result<FitInformationMatrixTest, GlmError> {
        let precision = self.regression.weighting() == Some(Weighting::Precision);
        if precision && matches!(self.family, Family::Gamma | Family::Tweedie(_)) {
            return Err(GlmError::NoTestWithPrecisions {
                family: self.family,
            });
        }
        let width = self.stored.len();
        let entries = width * (width + 1) / 2;
        let (compared, contrasts) = if entries <= MOST_ENTRIES {
            (Compared::Everything, entries)
        } else {
            (Compared::Diagonal, width)
        };
        let scores = width + usize::from(nuisance.score(1.0, 1.0, 1.0).is_some());
        let (arch, dispersion) = (Arch::new(), nuisance.dispersion());
        let mut total = InformationMatrixMoments::new(scores, contrasts);
        let mut merged = Ok(());
        let of_chunk = |chunk: &Chunk<'_>| {
            let model = chunk.model(self.family, self.link);
            let model = model.as_ref();
            let mut moments = InformationMatrixMoments::new(scores, contrasts);
            let mut terms = RowTerms::new();
            let mut z = vec![0.0; width];
            let (mut score, mut contrast) = (vec![0.0; scores], vec![0.0; contrasts]);
            for block in 0..chunk.blocks() {
                let (start, count) = (block * ROWS, chunk.rows_in(block));
                linear_predictor(arch, chunk.block(block), &self.stored, &mut terms.predictor);
                model.fill(arch, start, count, true, &mut terms);
                for i in 0..count {
                    chunk.row(start + i, &mut z);
                    let copies = chunk.copies_of(start + i);
                    let weight = if precision {
                        chunk.weight_of(start + i)
                    } else {
                        1.0
                    };
                    let s = terms.score[i] / copies / dispersion;
                    let observed = if model.is_canonical() {
                        terms.weight[i]
                    } else {
                        terms.observed[i]
                    };
                    let difference = s * s - observed / copies / dispersion;
                    for (score, z) in score.iter_mut().zip(&z) {
                        *score = s * z;
                    }
                    if scores > width {
                        let mean = self.link.mean(terms.predictor[i]);
                        let about = nuisance.score(chunk.response[start + i], mean, weight);
                        score[width] = about.unwrap_or(0.0);
                    }
                    match compared {
                        Compared::Everything => {
                            let mut entry = contrast.iter_mut();
                            for j in 0..width {
                                for (k, entry) in (0..=j).zip(&mut entry) {
                                    *entry = difference * z[j] * z[k];
                                }
                            }
                        }
                        Compared::Diagonal => {
                            for (entry, z) in contrast.iter_mut().zip(&z) {
                                *entry = difference * z * z;
                            }
                        }
                    }
                    if copies == 1.0 {
                        moments.update(&score, &contrast)?;
                    } else {
                        let mut one = InformationMatrixMoments::new(scores, contrasts);
                        one.update(&score, &contrast)?;
                        repeat(&mut moments, one, copies)?;
                    }
                }
            }
            Ok(moments)
        };
        self.chunks()
            .fold("information-matrix test", of_chunk, |part| {
                if merged.is_ok() {
                    merged = total.merge(&part);
                }
            })?;
        merged?;
        Ok(FitInformationMatrixTest {
            test: total.finish()?,
            compared,
        })
    }
}
