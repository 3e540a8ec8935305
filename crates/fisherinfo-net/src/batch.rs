use crate::backend::{Backend, Real};
use std::sync::Arc;

/// Numbers of several examples: `examples` × `positions` × `features`, the last running fastest.
///
/// Positions are the places that share weights: the pixels of an image, the tokens of a text; a table has
/// one.
#[derive(Clone, Debug)]
pub struct Batch<B: Backend> {
    /// How many examples.
    pub examples: usize,
    /// How many positions each has.
    pub positions: usize,
    /// How many numbers each position has.
    pub features: usize,
    /// The numbers.
    pub values: B::Buffer,
    /// Which positions are data and not padding, `examples` × `positions`; all of them where absent.
    pub mask: Option<Arc<Vec<bool>>>,
}

impl<B: Backend> Batch<B> {
    /// `examples` × `positions` rows, one after the other.
    pub fn rows(&self) -> usize {
        self.examples * self.positions
    }

    /// Other numbers at the same positions.
    pub fn like(&self, features: usize, values: B::Buffer) -> Self {
        Self {
            features,
            values,
            mask: self.mask.clone(),
            ..*self
        }
    }

    /// Zeros at the same positions.
    pub fn zeros_like(&self, backend: &B, features: usize) -> Self {
        self.like(features, backend.zeros(self.rows() * features))
    }

    /// x + y.
    pub fn plus(&self, backend: &B, other: &Self) -> Self {
        let mut sum = self.values.clone();
        backend.add_scaled(B::Element::from_f64(1.0), &other.values, &mut sum);
        self.like(self.features, sum)
    }

    /// How many positions are data.
    pub fn unmasked(&self) -> usize {
        match &self.mask {
            Some(mask) => mask.iter().filter(|&&kept| kept).count(),
            None => self.rows(),
        }
    }

    /// 1 at data and 0 at padding, `rows` of them.
    pub(crate) fn weights(&self, backend: &B) -> B::Buffer {
        let number = |kept: bool| B::Element::from_f64(f64::from(u8::from(kept)));
        backend.upload(match &self.mask {
            Some(mask) => mask.iter().map(|&kept| number(kept)).collect(),
            None => vec![number(true); self.rows()],
        })
    }

    /// The numbers with those of padding set to zero.
    pub(crate) fn unpadded(&self, backend: &B) -> Option<B::Buffer> {
        self.mask.as_ref()?;
        Some(backend.multiply_column(&self.weights(backend), &self.values))
    }
}
