use super::{Layer, Trace};
use crate::backend::Backend;
use crate::batch::Batch;
use crate::parameters::Parameters;
use crate::tap::Tap;
use std::sync::Arc;

/// All positions as features of one, channel by channel, the order in which checkpoints expect them.
#[derive(Clone, Debug)]
pub struct Flatten {
    index: Vec<u32>,
    positions: usize,
    features: usize,
}

impl Flatten {
    /// So many positions of so many features.
    pub fn new(positions: usize, features: usize) -> Self {
        let index = (0..features)
            .flat_map(|f| (0..positions).map(move |p| (p * features + f) as u32))
            .collect();
        Self {
            index,
            positions,
            features,
        }
    }

    fn apply<B: Backend>(&self, backend: &B, x: &Batch<B>) -> Batch<B> {
        Batch {
            examples: x.examples,
            positions: 1,
            features: self.positions * self.features,
            values: backend.gather(&x.values, x.examples, &self.index),
            mask: None,
        }
    }
}

impl<B: Backend> Layer<B> for Flatten {
    fn forward(
        &self,
        backend: &B,
        _: &Parameters<B>,
        input: &Arc<Batch<B>>,
    ) -> (Arc<Batch<B>>, Trace<B>) {
        let output = self.apply(backend, input);
        (Arc::new(output), Trace::of_input(input))
    }

    fn vjp(
        &self,
        backend: &B,
        _: &Parameters<B>,
        _: &Trace<B>,
        cotangent: Arc<Batch<B>>,
        input_wanted: bool,
        _: &mut Vec<Tap<B>>,
    ) -> Option<Arc<Batch<B>>> {
        input_wanted.then(|| {
            let examples = cotangent.examples;
            let length = self.positions * self.features;
            Arc::new(Batch {
                examples,
                positions: self.positions,
                features: self.features,
                values: backend.scatter_add(&cotangent.values, examples, &self.index, length),
                mask: None,
            })
        })
    }

    fn jvp(
        &self,
        backend: &B,
        _: &Parameters<B>,
        _: &Parameters<B>,
        _: &Trace<B>,
        tangent: Batch<B>,
    ) -> Batch<B> {
        self.apply(backend, &tangent)
    }
}
