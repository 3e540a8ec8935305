//! The information-matrix test of a fit.

use super::{
    chunk::Chunk,
    error::GlmError,
    family::Family,
    fit::Fit,
    kernel::{ROWS, linear_predictor},
    rows::{RowTerms, model},
};
use fisherinfo::estimate::information_matrix_test::{
    InformationMatrixMoments, InformationMatrixTest,
};
use fisherinfo::special::{digamma, trigamma};
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

/// The maximum-likelihood dispersion, and the score about it of a row with weight w, score s (at
/// dispersion one) and contribution k to the log-likelihood's kernel.
enum Nuisance {
    /// Dispersion one, nothing to estimate.
    None,
    /// σ².
    Variance(f64),
    /// The shape 1/φ of a gamma distribution, with ln ν + 1 − ψ(ν).
    Shape(f64, f64),
}

impl Nuisance {
    fn of(fit: &Fit<'_>) -> Self {
        let mean_deviance = || fit.deviance() / fit.rows() as f64;
        match fit.family() {
            Family::Binomial | Family::Poisson => Self::None,
            Family::Gaussian => Self::Variance(mean_deviance()),
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
        }
    }

    fn dispersion(&self) -> f64 {
        match self {
            Self::None => 1.0,
            Self::Variance(variance) => *variance,
            Self::Shape(shape, _) => shape.recip(),
        }
    }

    fn score(&self, y: f64, mean: f64) -> Option<f64> {
        match self {
            Self::None => None,
            Self::Variance(variance) => Some((y - mean).powi(2) / variance - 1.0),
            Self::Shape(_, constant) => Some(constant + (y / mean).ln() - y / mean),
        }
    }
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
    /// Too few observations for the entries compared, a perfect fit, or nothing that can differ.
    pub fn information_matrix_test(&self) -> Result<FitInformationMatrixTest, GlmError> {
        let width = self.stored.len();
        let entries = width * (width + 1) / 2;
        let (compared, contrasts) = if entries <= MOST_ENTRIES {
            (Compared::Everything, entries)
        } else {
            (Compared::Diagonal, width)
        };
        let nuisance = Nuisance::of(self);
        let scores = width + usize::from(nuisance.score(1.0, 1.0).is_some());
        let (arch, dispersion) = (Arch::new(), nuisance.dispersion());
        let mut total = InformationMatrixMoments::new(scores, contrasts);
        let mut merged = Ok(());
        let of_chunk = |chunk: &Chunk<'_>| {
            let model = model(self.family, self.link, chunk.response, chunk.trials);
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
                    let s = terms.score[i] / dispersion;
                    let observed = if model.is_canonical() {
                        terms.weight[i]
                    } else {
                        terms.observed[i]
                    };
                    let difference = s * s - observed / dispersion;
                    for (score, z) in score.iter_mut().zip(&z) {
                        *score = s * z;
                    }
                    if scores > width {
                        let mean = self.link.mean(terms.predictor[i]);
                        let about = nuisance.score(chunk.response[start + i], mean);
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
                    moments.update(&score, &contrast)?;
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
