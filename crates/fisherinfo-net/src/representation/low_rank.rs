use super::factor::Factor;
use super::{Damping, FormError, Spectral};
use faer::Mat;

/// The scores themselves, SᵀS with a row of S for each: all of the matrix, in memory that grows with the
/// examples and not with the square of the parameters.
///
/// What is asked of it goes through the smaller side: the Gram matrix SSᵀ has the same eigenvalues.
#[derive(Clone, Debug, PartialEq)]
pub struct LowRank {
    /// Parameters, numbers a row.
    pub size: usize,
    /// Row after row.
    pub scores: Vec<f64>,
}

impl LowRank {
    /// The most numbers that scores may be: 8 GB.
    pub const MOST: usize = 1 << 30;

    /// No scores yet.
    pub fn empty(size: usize) -> Self {
        Self {
            size,
            scores: Vec::new(),
        }
    }

    /// How many scores.
    pub fn rows(&self) -> usize {
        self.scores.len() / self.size.max(1)
    }

    /// Would so many scores of so many parameters be too many?
    pub(crate) fn is_too_large(size: usize, rows: u128) -> bool {
        size as u128 * rows > Self::MOST as u128
    }

    fn each(&self) -> impl Iterator<Item = &[f64]> {
        self.scores.chunks_exact(self.size.max(1))
    }

    pub(super) fn dimension(&self) -> usize {
        self.size
    }

    pub(super) fn apply(&self, v: &[f64]) -> Vec<f64> {
        let mut y = vec![0.0; self.size];
        for score in self.each() {
            let along = dot(score, v);
            y.iter_mut().zip(score).for_each(|(y, s)| *y += along * s);
        }
        y
    }

    pub(super) fn trace(&self) -> f64 {
        self.scores.iter().map(|s| s * s).sum()
    }

    pub(super) fn diagonal(&self) -> Vec<f64> {
        let mut diagonal = vec![0.0; self.size];
        for score in self.each() {
            diagonal
                .iter_mut()
                .zip(score)
                .for_each(|(d, s)| *d += s * s);
        }
        diagonal
    }

    /// SSᵀ, or SᵀS where there are more scores than parameters.
    fn gram(&self) -> Factor {
        let s = self.matrix();
        let gram = match self.rows() <= self.size {
            true => &s * s.transpose(),
            false => s.transpose() * &s,
        };
        let size = gram.nrows();
        let values = (0..size * size).map(|i| gram[(i / size, i % size)]);
        Factor::Dense {
            size,
            values: values.collect(),
        }
    }

    fn matrix(&self) -> Mat<f64> {
        Mat::from_fn(self.rows(), self.size, |i, j| {
            self.scores[i * self.size + j]
        })
    }

    pub(super) fn frobenius_norm(&self) -> f64 {
        self.gram().frobenius_norm()
    }

    pub(super) fn greatest(&self, wanted: usize) -> Result<Vec<f64>, FormError> {
        if self.scores.is_empty() {
            return Ok(vec![0.0; wanted.min(self.size)]);
        }
        let mut values = self.gram().greatest(wanted)?;
        values.resize(wanted.min(self.size), 0.0);
        Ok(values)
    }

    pub(super) fn add(&mut self, other: &Self) -> Result<(), FormError> {
        let rows = (self.rows() + other.rows()) as u128;
        if self.size != other.size || Self::is_too_large(self.size, rows) {
            return Err(FormError::Different {
                left: format!("{} scores of {} numbers", self.rows(), self.size),
                right: format!(
                    "{} of {}, together {} GB, of which {} may be",
                    other.rows(),
                    other.size,
                    8 * rows * self.size as u128 / 1_000_000_000,
                    8 * Self::MOST / 1_000_000_000
                ),
            });
        }
        self.scores.extend_from_slice(&other.scores);
        Ok(())
    }

    /// From the singular values of S, which have twice the digits of the eigenvalues of a Gram matrix.
    pub(super) fn spectral(&self, scale: f64, damping: Damping) -> Result<Spectral, FormError> {
        let strength = damping.strength();
        let greatest = self.scores.iter().fold(0.0_f64, |top, s| top.max(s.abs()));
        let failed = FormError::Eigenvalues {
            size: self.size,
            greatest,
        };
        if self.scores.iter().any(|s| !s.is_finite()) {
            return Err(failed);
        }
        let mut values = vec![strength; self.size];
        if self.scores.is_empty() {
            return Ok(Spectral::standard(values));
        }
        let decomposition = self.matrix().thin_svd().map_err(|_| failed)?;
        let singular = decomposition.S().column_vector();
        for (i, value) in values.iter_mut().enumerate().take(singular.nrows()) {
            *value += scale * singular[i] * singular[i];
        }
        let vectors = decomposition.V().to_owned();
        Ok(match singular.nrows() == self.size {
            true => Spectral::dense(values, Some(vectors)),
            false => Spectral::low_rank(values, vectors, strength),
        })
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
