use super::Network;
use crate::backend::{Backend, Real};
use crate::batch::Batch;
use crate::error::NetworkError;
use crate::layer::{Layer, Trace};
use crate::parameters::{ParameterId, Parameters};
use crate::tap::Tap;
use std::collections::HashSet;
use std::sync::Arc;

/// A network at some examples, with its derivatives there.
#[derive(Debug)]
pub struct Linearised<'a, B: Backend> {
    pub(super) network: &'a Network<B>,
    pub(super) input: Arc<Batch<B>>,
    pub(super) output: Arc<Batch<B>>,
    pub(super) trace: Trace<B>,
    pub(super) coordinates: Vec<f64>,
}

impl<B: Backend> Linearised<'_, B> {
    /// The outputs, examples × positions × coordinates.
    pub fn coordinates(&self) -> &[f64] {
        &self.coordinates
    }

    /// Bytes that a pass backwards over these examples will have needed at once, about: what the layers keep of
    /// the pass forward, what comes back through them, and outputs in double precision.
    pub fn bytes(&self) -> u128 {
        let size = std::mem::size_of::<B::Element>();
        (2 * self.numbers() * size + 4 * 8 * self.coordinates.len()) as u128
    }

    /// How many numbers the layers keep of the pass forward.
    pub(crate) fn numbers(&self) -> usize {
        let mut seen = HashSet::new();
        self.trace.numbers(&self.network.backend, &mut seen)
    }

    /// How many examples.
    pub fn examples(&self) -> usize {
        self.output.examples
    }

    /// Is there an observation at this row, example · positions + position, and not padding?
    pub fn is_observed(&self, row: usize) -> bool {
        self.output.mask.as_ref().is_none_or(|mask| mask[row])
    }

    /// How many observations there are.
    pub fn observations(&self) -> usize {
        self.output.unmasked()
    }

    /// Jᵀu, left in its parts: what each parameter gets from each example.
    ///
    /// # Panics
    /// When `cotangent` has another length than the coordinates.
    pub fn pull_back(&self, cotangent: &[f64]) -> Vec<Tap<B>> {
        assert_eq!(cotangent.len(), self.coordinates.len(), "cotangent");
        let backend = &self.network.backend;
        let numbers = cotangent.iter().map(|&u| B::Element::from_f64(u)).collect();
        let u = self
            .output
            .like(self.output.features, backend.upload(numbers));
        let mut taps = Vec::new();
        self.network.sequence.vjp(
            backend,
            &self.network.parameters,
            &self.trace,
            Arc::new(u),
            false,
            &mut taps,
        );
        taps.retain(Tap::is_learnt);
        taps
    }

    /// Jᵀu of all examples together, a vector like θ.
    pub fn gradient(&self, cotangent: &[f64]) -> Vec<f64> {
        let backend = &self.network.backend;
        let mut gradient = backend.zeros(self.network.dimension());
        let place = |id: ParameterId| self.network.infos[id.0].offset;
        for tap in self.pull_back(cotangent) {
            tap.add_sum(backend, &place, &mut gradient);
        }
        let numbers = backend.download(&gradient);
        numbers.into_iter().map(Real::to_f64).collect()
    }

    /// Jv, like the coordinates, along a direction in the space of θ.
    ///
    /// # Errors
    /// A direction of another length than θ.
    pub fn push_forward(&self, direction: &[f64]) -> Result<Vec<f64>, NetworkError> {
        let network = self.network;
        network.require_length(direction)?;
        let still = network.frozen.iter();
        let still = still.map(|info| network.backend.zeros(info.length()));
        let direction = Parameters::from_flat(&network.backend, &network.infos, direction)
            .beside(Arc::new(still.collect()));
        let still = self.input.zeros_like(&network.backend, self.input.features);
        let moved = network.sequence.jvp(
            &network.backend,
            &network.parameters,
            &direction,
            &self.trace,
            still,
        );
        let numbers = network.backend.download(&moved.values);
        Ok(numbers.into_iter().map(Real::to_f64).collect())
    }
}
