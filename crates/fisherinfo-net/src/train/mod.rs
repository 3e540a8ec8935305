//! Training, so that there is something to estimate from: minibatches, SGD with momentum, Adam or natural
//! gradients, and the penalties of earlier tasks.

mod natural;

pub use natural::Natural;

use crate::backend::Backend;
use crate::consolidation::Consolidation;
use crate::dataset::Dataset;
use crate::error::NetworkError;
use crate::estimator::EstimationError;
use crate::fisher::FisherError;
use crate::network::Network;
use crate::representation::FormError;
use natural::Preconditioner;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use thiserror::Error;

/// How a step follows from a gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Optimiser {
    /// v ← μv + g, θ ← θ − ηv.
    Sgd {
        /// μ.
        momentum: f64,
    },
    /// Kingma & Ba (ICLR 2015), algorithm 1 with β = (0.9, 0.999) and ε = 1e-8.
    Adam,
    /// v ← μv + F⁻¹g, θ ← θ − ηv, F⁻¹g shortened to a bound.
    Natural {
        /// F.
        information: Natural,
        /// μ.
        momentum: f64,
    },
}

/// What to train by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Training {
    /// The rule.
    pub optimiser: Optimiser,
    /// η.
    pub rate: f64,
    /// Passes over the data.
    pub epochs: usize,
    /// Examples a step.
    pub batch: usize,
    /// What the order of the examples follows from.
    pub seed: u64,
}

/// Why a training ended.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum TrainingError {
    /// Network or data.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A penalty of another network.
    #[error(transparent)]
    Fisher(#[from] FisherError),
    /// An information that could not be estimated.
    #[error(transparent)]
    Estimation(#[from] EstimationError),
    /// Sums that do not belong together.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The loss grew without bound.
    #[error("the training diverged in epoch {epoch}: {error}; a smaller rate may help")]
    Diverged {
        /// From 1.
        epoch: usize,
        /// What overflowed.
        error: NetworkError,
    },
}

/// The mean negative log-likelihood of an observation, and how many of the labels are the likeliest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// In nats.
    pub loss: f64,
    /// The share of right classes, where the output has classes.
    pub accuracy: Option<f64>,
}

/// How well a network says what is in the data.
///
/// # Errors
/// Data that it cannot take; an output that is not finite.
pub fn evaluate<B: Backend>(network: &Network<B>, data: &Dataset) -> Result<Fit, NetworkError> {
    data.check(network)?;
    let output = network.output();
    let (k, width) = (output.coordinates(), output.label_width());
    let (mut loss, mut right, mut all) = (0.0, 0.0, 0.0);
    for from in (0..data.len()).step_by(256) {
        let range = from..(from + 256).min(data.len());
        let there = network.linearise(data, range.clone())?;
        let labels = data.labels(range);
        for (row, z) in there.coordinates().chunks_exact(k).enumerate() {
            if !there.is_observed(row) {
                continue;
            }
            let y = &labels[row * width..(row + 1) * width];
            loss -= output.log_density(z, y);
            right += f64::from(u8::from(output.is_likeliest(z, y)));
            all += 1.0;
        }
    }
    Ok(Fit {
        loss: loss / all,
        accuracy: output.has_classes().then(|| right / all),
    })
}

/// Minimises the mean negative log-likelihood plus the penalties; `watch` hears of each epoch's mean loss
/// before its penalties and may end the training by saying `false`.
///
/// # Errors
/// Data that the network cannot take, penalties of another network, divergence.
pub fn train<B: Backend>(
    network: Network<B>,
    data: &Dataset,
    training: &Training,
    penalty: &Consolidation,
    mut watch: impl FnMut(usize, f64) -> bool,
) -> Result<Network<B>, TrainingError> {
    data.check(&network)?;
    let mut network = network;
    let mut theta = network.theta();
    let (mut first, mut second) = (vec![0.0; theta.len()], vec![0.0; theta.len()]);
    let mut rng = ChaCha8Rng::seed_from_u64(training.seed);
    let mut order: Vec<usize> = (0..data.len()).collect();
    let mut steps = 0;
    let mut preconditioner = match training.optimiser {
        Optimiser::Natural { information, .. } => Some(Preconditioner::new(information)),
        _ => None,
    };
    for epoch in 1..=training.epochs {
        for i in (1..order.len()).rev() {
            order.swap(i, rng.random_range(0..=i));
        }
        let (mut loss, mut seen) = (0.0, 0.0);
        for places in order.chunks(training.batch.max(1)) {
            let part = data.select(places);
            let diverged = |error| TrainingError::Diverged { epoch, error };
            let (mut gradient, sum, count) = slope(&network, &part).map_err(diverged)?;
            loss += sum;
            seen += count;
            for (g, p) in gradient.iter_mut().zip(penalty.gradient(&theta)?) {
                *g = *g / count + p;
            }
            steps += 1;
            match training.optimiser {
                Optimiser::Sgd { momentum } => {
                    for i in 0..theta.len() {
                        first[i] = momentum * first[i] + gradient[i];
                        theta[i] -= training.rate * first[i];
                    }
                }
                Optimiser::Natural { momentum, .. } => {
                    let how = (training.rate, training.seed.wrapping_add(steps as u64));
                    let step = match &mut preconditioner {
                        Some(inverse) => inverse.step(&network, &part, &gradient, how)?,
                        None => gradient,
                    };
                    for i in 0..theta.len() {
                        first[i] = momentum * first[i] + step[i];
                        theta[i] -= first[i];
                    }
                }
                Optimiser::Adam => {
                    let (b1, b2) = (0.9_f64, 0.999_f64);
                    let (c1, c2) = (1.0 - b1.powi(steps), 1.0 - b2.powi(steps));
                    for i in 0..theta.len() {
                        first[i] = b1 * first[i] + (1.0 - b1) * gradient[i];
                        second[i] = b2 * second[i] + (1.0 - b2) * gradient[i].powi(2);
                        let step = first[i] / c1 / ((second[i] / c2).sqrt() + 1e-8);
                        theta[i] -= training.rate * step;
                    }
                }
            }
            network = network.at(&theta).map_err(diverged)?;
        }
        if !watch(epoch, loss / seen) {
            break;
        }
    }
    Ok(network)
}

/// The gradient of the negative log-likelihood, its sum, and the number of observations.
fn slope<B: Backend>(
    network: &Network<B>,
    data: &Dataset,
) -> Result<(Vec<f64>, f64, f64), NetworkError> {
    let output = network.output();
    let (k, width) = (output.coordinates(), output.label_width());
    let there = network.linearise(data, 0..data.len())?;
    let labels = data.labels(0..data.len());
    let mut u = vec![0.0; there.coordinates().len()];
    let mut loss = 0.0;
    for (row, (z, u)) in there
        .coordinates()
        .chunks_exact(k)
        .zip(u.chunks_exact_mut(k))
        .enumerate()
    {
        if there.is_observed(row) {
            let y = &labels[row * width..(row + 1) * width];
            loss -= output.log_density(z, y);
            output.score(z, y, u);
            u.iter_mut().for_each(|u| *u = -*u);
        }
    }
    Ok((there.gradient(&u), loss, there.observations() as f64))
}
