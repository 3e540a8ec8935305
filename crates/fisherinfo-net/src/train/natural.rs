//! Steps along F⁻¹g, F from the examples of the last steps.

use super::TrainingError;
use crate::backend::Backend;
use crate::dataset::Dataset;
use crate::estimator::{Estimation, Estimator, Reduction, Representation, Settings, Sharing};
use crate::fisher::Fisher;
use crate::network::Network;
use crate::representation::{Damping, Spectral};

/// What F a natural step takes, and how.
///
/// Source: S. Amari, Neural Computation 10 (1998); J. Martens & R. Grosse, ICML 2015, 5, 6.3 and 6.5: averages
/// that fade, factored damping, and a bound on what a step may change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Natural {
    /// K-FAC, or the diagonal.
    pub kronecker: bool,
    /// λ.
    pub damping: f64,
    /// Steps for which the inverse is kept.
    pub every: usize,
    /// What is left of earlier examples after a step's are added.
    pub decay: f64,
    /// The divergence κ that a step may make: it is shortened to ½ η² dᵀFd = κ.
    pub divergence: f64,
}

impl Default for Natural {
    fn default() -> Self {
        Self {
            kronecker: true,
            damping: 0.01,
            every: 10,
            decay: 0.95,
            divergence: 0.01,
        }
    }
}

/// The sums while they fade, and their inverse.
pub(super) struct Preconditioner {
    how: Natural,
    sums: Option<Fisher>,
    weight: f64,
    inverse: Vec<Spectral>,
    steps: usize,
}

impl Preconditioner {
    pub(super) fn new(how: Natural) -> Self {
        Self {
            how,
            sums: None,
            weight: 0.0,
            inverse: Vec::new(),
            steps: 0,
        }
    }

    /// The step for this gradient, shortened to its bound; labels are drawn from the model, so that it is the
    /// Fisher information and no square of gradients.
    pub(super) fn step<B: Backend>(
        &mut self,
        network: &Network<B>,
        data: &Dataset,
        gradient: &[f64],
        (rate, seed): (f64, u64),
    ) -> Result<Vec<f64>, TrainingError> {
        if self.steps.is_multiple_of(self.how.every.max(1)) {
            self.look(network, data, seed)?;
        }
        self.steps += 1;
        let Some(sums) = &self.sums else {
            return Ok(gradient.to_vec());
        };
        let mut direction = sums.through(&self.inverse, gradient, |block, g| block.solve(g))?;
        let form = sums.quadratic_form(&direction)? / self.weight.max(f64::MIN_POSITIVE);
        let longest = (2.0 * self.how.divergence / form.max(f64::MIN_POSITIVE)).sqrt();
        let length = rate.min(longest);
        direction.iter_mut().for_each(|d| *d *= length);
        Ok(direction)
    }

    fn look<B: Backend>(
        &mut self,
        network: &Network<B>,
        data: &Dataset,
        seed: u64,
    ) -> Result<(), TrainingError> {
        let settings = Settings {
            estimator: Estimator::MonteCarlo { draws: 1, seed },
            representation: match self.how.kronecker {
                true => Representation::Kronecker(Sharing::Expand),
                false => Representation::Diagonal,
            },
            reduction: Reduction::Sum,
        };
        let seen = Estimation::whole(network, data, settings, data.len())?;
        self.weight = self.how.decay * self.weight + seen.about.observations as f64;
        self.sums = Some(match self.sums.take() {
            None => seen,
            Some(mut old) => {
                for (i, block) in old.blocks.iter_mut().enumerate() {
                    block.form.scale_by(self.how.decay);
                    block.form.add(&seen.blocks[i].form)?;
                }
                old
            }
        });
        let damping = Damping::Factored(self.how.damping);
        self.inverse.clear();
        if let Some(sums) = &self.sums {
            for (i, block) in sums.blocks.iter().enumerate() {
                let spectral = block.form.spectral(1.0 / self.weight, damping);
                let spectral = spectral.map_err(|error| sums.fault_of(i, error))?;
                self.inverse.push(spectral);
            }
        }
        Ok(())
    }
}
