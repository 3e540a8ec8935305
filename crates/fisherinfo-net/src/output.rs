//! The output of a network is a family of the engine, in the coordinates that the last layer has: F in
//! \\(\sum J^\top F J\\). The formulas are those of the engine carried there; the tests hold them against it.

use fisherinfo::coordinates::link::Link;
use fisherinfo::family::mean::MeanFamily;
use fisherinfo::family::{Bernoulli, Categorical, Model, NormalLocation, SamplingError};
use rand::Rng;

/// The family of an observation, given the outputs at one position.
///
/// ```
/// use fisherinfo_net::Output;
/// // A logit of zero: the score of a head is 1 − ½, and the information p(1 − p).
/// let mut score = [0.0];
/// Output::Bernoulli.score(&[0.0], &[1.0], &mut score);
/// let mut along = [0.0];
/// Output::Bernoulli.apply_information(&[0.0], &[1.0], &mut along);
/// assert_eq!((score[0], along[0]), (0.5, 0.25));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Output {
    /// Classes 0 to K − 1 by the softmax of K outputs.
    Categorical {
        /// K.
        classes: usize,
    },
    /// 0 or 1 by the logit.
    Bernoulli,
    /// A normal observation of each output, its standard deviation known.
    Normal {
        /// σ.
        sigma: f64,
        /// How many outputs.
        outputs: usize,
    },
}

impl Output {
    /// Outputs a position.
    pub fn coordinates(&self) -> usize {
        match self {
            Self::Categorical { classes } => *classes,
            Self::Bernoulli => 1,
            Self::Normal { outputs, .. } => *outputs,
        }
    }

    /// Numbers of an observation at one position.
    pub fn label_width(&self) -> usize {
        match self {
            Self::Categorical { .. } | Self::Bernoulli => 1,
            Self::Normal { outputs, .. } => *outputs,
        }
    }

    /// The family's name, as the engine gives it, and its coordinates.
    pub fn name(&self) -> String {
        match self {
            Self::Categorical { classes } => {
                let family = Categorical {
                    categories: *classes,
                };
                format!("{} by softmax", Model::name(&family))
            }
            Self::Bernoulli => format!("{} by logit", Model::name(&Bernoulli)),
            Self::Normal { sigma, .. } => Model::name(&NormalLocation { sigma: *sigma }),
        }
    }

    /// What is wrong with an observation, if anything is.
    pub fn fault(&self, label: &[f64]) -> Option<String> {
        let y = label[0];
        match self {
            Self::Categorical { classes } => {
                let whole = y.fract() == 0.0 && y >= 0.0 && y < *classes as f64;
                (!whole).then(|| format!("label {y} is no class from 0 to {}", classes - 1))
            }
            Self::Bernoulli => {
                (y != 0.0 && y != 1.0).then(|| format!("label {y} is neither 0 nor 1"))
            }
            Self::Normal { .. } => label
                .iter()
                .find(|y| !y.is_finite())
                .map(|y| format!("target {y} is not finite")),
        }
    }

    /// ln f(y | z).
    pub fn log_density(&self, z: &[f64], y: &[f64]) -> f64 {
        match self {
            Self::Categorical { .. } => {
                let top = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let total: f64 = z.iter().map(|z| (z - top).exp()).sum();
                z[y[0] as usize] - top - total.ln()
            }
            Self::Bernoulli => {
                // ln σ(±z) without overflow at either end.
                let side = if y[0] == 1.0 { z[0] } else { -z[0] };
                side.min(0.0) - (-side.abs()).exp().ln_1p()
            }
            Self::Normal { sigma, .. } => {
                let family = NormalLocation { sigma: *sigma };
                z.iter()
                    .zip(y)
                    .map(|(z, y)| Model::log_density(&family, &[*z], &[*y]))
                    .sum()
            }
        }
    }

    /// Are observations classes?
    pub fn has_classes(&self) -> bool {
        !matches!(self, Self::Normal { .. })
    }

    /// Is y the likeliest observation?
    pub fn is_likeliest(&self, z: &[f64], y: &[f64]) -> bool {
        match self {
            Self::Categorical { .. } => z.iter().all(|other| *other <= z[y[0] as usize]),
            Self::Bernoulli => (z[0] > 0.0) == (y[0] == 1.0),
            Self::Normal { .. } => z == y,
        }
    }

    /// ∂ ln f(y | z)/∂z.
    pub fn score(&self, z: &[f64], y: &[f64], into: &mut [f64]) {
        match self {
            Self::Categorical { .. } => {
                let p = softmax(z);
                let seen = y[0] as usize;
                for (i, (s, p_i)) in into.iter_mut().zip(&p).enumerate() {
                    *s = -p_i;
                    if i == seen {
                        *s = Categorical::rest(&p, i);
                    }
                }
            }
            Self::Bernoulli => {
                let (p, q) = probability(z[0]);
                into[0] = Bernoulli.residual(y[0], p, q);
            }
            Self::Normal { sigma, .. } => {
                let family = NormalLocation { sigma: *sigma };
                for ((s, z), y) in into.iter_mut().zip(z).zip(y) {
                    *s = Model::score(&family, &[*z], &[*y])[0];
                }
            }
        }
    }

    /// F v.
    pub fn apply_information(&self, z: &[f64], v: &[f64], into: &mut [f64]) {
        match self {
            Self::Categorical { .. } => {
                let p = softmax(z);
                let mean: f64 = p.iter().zip(v).map(|(p, v)| p * v).sum();
                for ((f, p), v) in into.iter_mut().zip(&p).zip(v) {
                    *f = p * (v - mean);
                }
            }
            Self::Bernoulli => {
                let (p, q) = probability(z[0]);
                into[0] = Bernoulli.variance(p, q) * v[0];
            }
            Self::Normal { sigma, .. } => {
                for (f, v) in into.iter_mut().zip(v) {
                    *f = v / sigma.powi(2);
                }
            }
        }
    }

    /// How many columns S in F = SSᵀ has.
    pub fn rank(&self) -> usize {
        self.coordinates()
    }

    /// One column of S in F = SSᵀ: for a softmax \\(S = \mathrm{diag}\sqrt p - p\sqrt p^\top\\).
    pub fn factor(&self, z: &[f64], column: usize, into: &mut [f64]) {
        match self {
            Self::Categorical { .. } => {
                let p = softmax(z);
                let root = p[column].sqrt();
                for (i, (s, p_i)) in into.iter_mut().zip(&p).enumerate() {
                    *s = -p_i * root;
                    if i == column {
                        *s = Categorical::rest(&p, i) * root;
                    }
                }
            }
            Self::Bernoulli => {
                let (p, q) = probability(z[0]);
                into[0] = Bernoulli.variance(p, q).sqrt();
            }
            Self::Normal { sigma, .. } => {
                into.fill(0.0);
                into[column] = sigma.recip();
            }
        }
    }

    /// A draw from the model.
    ///
    /// # Errors
    /// When the family's generator refuses.
    pub fn sample(&self, z: &[f64], rng: &mut dyn Rng, y: &mut [f64]) -> Result<(), SamplingError> {
        match self {
            Self::Categorical { classes } => {
                let family = Categorical {
                    categories: *classes,
                };
                Model::sample(&family, &softmax(z)[..classes - 1], rng, y)
            }
            Self::Bernoulli => Model::sample(&Bernoulli, &[probability(z[0]).0], rng, y),
            Self::Normal { sigma, .. } => {
                let family = NormalLocation { sigma: *sigma };
                z.iter().zip(y).try_for_each(|(z, y)| {
                    Model::sample(&family, &[*z], rng, std::slice::from_mut(y))
                })
            }
        }
    }
}

/// σ(z) and 1 − σ(z).
fn probability(z: f64) -> (f64, f64) {
    (Link::Logit.mean(z), Link::Logit.complement(z))
}

fn softmax(z: &[f64]) -> Vec<f64> {
    let top = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = z.iter().map(|z| (z - top).exp()).collect();
    let total: f64 = weights.iter().sum();
    weights.into_iter().map(|w| w / total).collect()
}
