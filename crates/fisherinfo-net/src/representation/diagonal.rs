use super::{Damping, FormError, Spectral, add_all, zeros};

/// The sums of squares of the entries of the scores.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagonal {
    /// One a parameter.
    pub values: Vec<f64>,
}

impl Diagonal {
    /// Zeros.
    pub fn zeros(n: usize) -> Self {
        Self { values: zeros(n) }
    }

    pub(super) fn dimension(&self) -> usize {
        self.values.len()
    }

    pub(super) fn apply(&self, v: &[f64]) -> Vec<f64> {
        self.values.iter().zip(v).map(|(f, v)| f * v).collect()
    }

    pub(super) fn trace(&self) -> f64 {
        self.values.iter().sum()
    }

    pub(super) fn diagonal(&self) -> Vec<f64> {
        self.values.clone()
    }

    pub(super) fn frobenius_norm(&self) -> f64 {
        self.values.iter().map(|f| f * f).sum::<f64>().sqrt()
    }

    pub(super) fn add(&mut self, other: &Self) -> Result<(), FormError> {
        add_all(&mut self.values, &other.values, "a diagonal")
    }

    pub(super) fn spectral(&self, scale: f64, damping: Damping) -> Result<Spectral, FormError> {
        let values = self.values.iter().map(|f| scale * f + damping.strength());
        Ok(Spectral::standard(values.collect()))
    }
}
