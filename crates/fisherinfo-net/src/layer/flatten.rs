use super::{Parameterless, Trace};
use crate::backend::Backend;
use crate::batch::Batch;

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

impl<B: Backend> Parameterless<B> for Flatten {
    fn value(&self, backend: &B, x: &Batch<B>, _: &mut Trace<B>) -> Batch<B> {
        self.apply(backend, x)
    }

    fn forwards(&self, backend: &B, _: &Trace<B>, v: &Batch<B>) -> Batch<B> {
        self.apply(backend, v)
    }

    fn backwards(&self, backend: &B, _: &Trace<B>, u: &Batch<B>) -> Batch<B> {
        let length = self.positions * self.features;
        Batch {
            examples: u.examples,
            positions: self.positions,
            features: self.features,
            values: backend.scatter_add(&u.values, u.examples, &self.index, length),
            mask: None,
        }
    }
}
