use super::factor::Factor;
use super::{Damping, FormError, Spectral, add_all, zeros};

/// All entries, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Dense {
    /// Rows.
    pub size: usize,
    /// size × size.
    pub values: Vec<f64>,
}

impl Dense {
    /// Zeros.
    pub fn zeros(size: usize) -> Self {
        Self {
            size,
            values: zeros(size * size),
        }
    }

    pub(super) fn dimension(&self) -> usize {
        self.size
    }

    pub(super) fn apply(&self, v: &[f64]) -> Vec<f64> {
        self.values
            .chunks_exact(self.size.max(1))
            .map(|row| row.iter().zip(v).map(|(f, v)| f * v).sum())
            .collect()
    }

    pub(super) fn trace(&self) -> f64 {
        self.diagonal().iter().sum()
    }

    pub(super) fn diagonal(&self) -> Vec<f64> {
        (0..self.size)
            .map(|i| self.values[i * (self.size + 1)])
            .collect()
    }

    pub(super) fn frobenius_norm(&self) -> f64 {
        self.values.iter().map(|f| f * f).sum::<f64>().sqrt()
    }

    pub(super) fn add(&mut self, other: &Self) -> Result<(), FormError> {
        add_all(&mut self.values, &other.values, "a matrix")
    }

    pub(super) fn spectral(&self, scale: f64, damping: Damping) -> Result<Spectral, FormError> {
        let eigen = Factor::Dense {
            size: self.size,
            values: self.values.clone(),
        }
        .eigen()?;
        let values = eigen
            .values
            .iter()
            .map(|f| scale * f + damping.strength())
            .collect();
        Ok(Spectral::dense(values, eigen.vectors))
    }
}
