//! Random numbers to begin from.

use super::Network;
use crate::backend::Backend;
use crate::description::Architecture;
use crate::error::NetworkError;
use crate::layer::{Layer, Use};
use crate::parameters::{ParameterId, ParameterInfo, Parameters};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

impl<B: Backend> Network<B> {
    /// The network with random numbers: matrices uniform within 1/√(features that come in), tables normal,
    /// scales one, adapters such that they change nothing yet.
    ///
    /// # Errors
    /// Layers that do not fit each other.
    pub fn initialised(
        architecture: &Architecture,
        backend: B,
        seed: u64,
    ) -> Result<Self, NetworkError> {
        // Frozen statistics that change nothing.
        let constant = |name: &str, length: usize| {
            let value = if name.ends_with("var") { 1.0 } else { 0.0 };
            Ok(vec![value; length])
        };
        let mut network = Self::assembled(architecture, backend, &constant)?;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut theta = vec![0.0; network.dimension()];
        let mut still = vec![0.0; network.frozen.iter().map(ParameterInfo::length).sum()];
        let info = |id: ParameterId| match id.is_frozen() {
            true => &network.frozen[id.place()],
            false => &network.infos[id.0],
        };
        for place in network.sequence.uses() {
            let mut fill = |id: ParameterId, draw: &mut dyn FnMut() -> f64| {
                let into = if id.is_frozen() {
                    &mut still
                } else {
                    &mut theta
                };
                let info = info(id);
                into[info.offset..info.offset + info.length()].fill_with(draw);
            };
            match place {
                Use::Matrix {
                    weight,
                    bias,
                    transposed,
                } => {
                    let info = info(weight);
                    if info.name.ends_with("lora_B.weight") {
                        continue;
                    }
                    let outputs = info.shape[usize::from(transposed)];
                    let bound = (info.length() as f64 / outputs as f64).sqrt().recip();
                    let mut draw = || rng.random_range(-bound..bound);
                    fill(weight, &mut draw);
                    if let Some(bias) = bias {
                        fill(bias, &mut draw);
                    }
                }
                Use::Direct { first, .. } if info(first).shape.len() == 1 => {
                    fill(first, &mut || 1.0);
                }
                Use::Rows { weight: table } | Use::Direct { first: table, .. } => {
                    fill(table, &mut || {
                        let draw: f64 = StandardNormal.sample(&mut rng);
                        0.02 * draw
                    });
                }
            }
        }
        let still = Parameters::from_flat(&network.backend, &network.frozen, &still);
        network.parameters = network.parameters.beside(still.into_tensors());
        network.at(&theta)
    }
}
