use super::{FormError, add_all, zeros};
use faer::{Mat, Side};
use rayon::prelude::*;

/// One side of a Kronecker product.
#[derive(Clone, Debug, PartialEq)]
pub enum Factor {
    /// All entries, row by row.
    Dense {
        /// Rows.
        size: usize,
        /// size × size.
        values: Vec<f64>,
    },
    /// A diagonal: the counts of an embedding's tokens, so that a vocabulary never becomes a square.
    Diagonal(Vec<f64>),
}

/// Eigenvalues, and vectors in columns; none where they are the axes.
#[derive(Clone, Debug)]
pub(super) struct Eigen {
    pub(super) values: Vec<f64>,
    pub(super) vectors: Option<Mat<f64>>,
}

impl Factor {
    /// Zeros.
    pub fn zeros(size: usize) -> Self {
        Self::Dense {
            size,
            values: zeros(size * size),
        }
    }

    /// Rows.
    pub fn size(&self) -> usize {
        match self {
            Self::Dense { size, .. } => *size,
            Self::Diagonal(values) => values.len(),
        }
    }

    /// The numbers that are kept.
    pub fn values(&self) -> &[f64] {
        match self {
            Self::Dense { values, .. } | Self::Diagonal(values) => values,
        }
    }

    pub(crate) fn values_mut(&mut self) -> &mut [f64] {
        match self {
            Self::Dense { values, .. } | Self::Diagonal(values) => values,
        }
    }

    /// An entry.
    pub fn entry(&self, i: usize, j: usize) -> f64 {
        match self {
            Self::Dense { size, values } => values[i * size + j],
            Self::Diagonal(values) if i == j => values[i],
            Self::Diagonal(_) => 0.0,
        }
    }

    pub(super) fn trace(&self) -> f64 {
        (0..self.size()).map(|i| self.entry(i, i)).sum()
    }

    pub(super) fn frobenius_norm(&self) -> f64 {
        self.values().iter().map(|f| f * f).sum::<f64>().sqrt()
    }

    pub(super) fn add(&mut self, other: &Self) -> Result<(), FormError> {
        if matches!(self, Self::Diagonal(_)) != matches!(other, Self::Diagonal(_)) {
            return Err(FormError::Different {
                left: "a dense factor".into(),
                right: "a diagonal one".into(),
            });
        }
        add_all(self.values_mut(), other.values(), "a factor")
    }

    /// Multiplies the rows of a matrix (`from_left`) or its columns by the factor.
    pub(super) fn times(&self, x: &Mat<f64>, from_left: bool) -> Mat<f64> {
        match self {
            Self::Dense { .. } if from_left => self.matrix() * x,
            Self::Dense { .. } => x * self.matrix(),
            Self::Diagonal(d) => Mat::from_fn(x.nrows(), x.ncols(), |i, j| {
                x[(i, j)] * d[if from_left { i } else { j }]
            }),
        }
    }

    fn matrix(&self) -> Mat<f64> {
        Mat::from_fn(self.size(), self.size(), |i, j| self.entry(i, j))
    }

    /// Eigenvalues below zero are rounding and become zero.
    pub(super) fn eigen(&self) -> Result<Eigen, FormError> {
        let values = match self {
            Self::Diagonal(values) => {
                return Ok(Eigen {
                    values: values.clone(),
                    vectors: None,
                });
            }
            Self::Dense { values, .. } => values,
        };
        let greatest = values.iter().fold(0.0_f64, |top, v| {
            if v.is_nan() {
                f64::NAN
            } else {
                top.max(v.abs())
            }
        });
        let failed = FormError::Eigenvalues {
            size: self.size(),
            greatest,
        };
        if values.iter().any(|v| !v.is_finite()) {
            return Err(failed);
        }
        let decomposition = self
            .matrix()
            .self_adjoint_eigen(Side::Lower)
            .map_err(|_| failed)?;
        let diagonal = decomposition.S().column_vector();
        Ok(Eigen {
            values: (0..self.size()).map(|i| diagonal[i].max(0.0)).collect(),
            vectors: Some(decomposition.U().to_owned()),
        })
    }
}

/// Sizes whose eigenvalues are all found.
const SMALL: usize = 256;
/// Steps of Lanczos at most.
const STEPS: usize = 250;

impl Factor {
    /// The greatest eigenvalues, the greatest first, without the others where those are many: by Lanczos'
    /// method with vectors that are kept orthogonal, until what is left is 1e-9 of the greatest.
    pub(super) fn greatest(&self, wanted: usize) -> Result<Vec<f64>, FormError> {
        let n = self.size();
        let all = |mut values: Vec<f64>| {
            values.sort_by(|a, b| b.total_cmp(a));
            values.truncate(wanted);
            values
        };
        let (Self::Dense { values, .. }, true) = (self, n > SMALL) else {
            return Ok(all(self.eigen()?.values));
        };
        let failed = |greatest| FormError::Eigenvalues { size: n, greatest };
        if let Some(wrong) = values.iter().find(|v| !v.is_finite()) {
            return Err(failed(*wrong));
        }
        // Unlike any eigenvector that has a structure.
        let start = |i: usize| 1.0 + 0.5 * ((i * i) as f64).sin();
        let mut vectors: Vec<Vec<f64>> = vec![unit((0..n).map(start).collect()).0];
        let (mut diagonal, mut beside) = (Vec::new(), Vec::<f64>::new());
        loop {
            let at = diagonal.len();
            let last = &vectors[at];
            let mut next: Vec<f64> = values
                .par_chunks_exact(n)
                .map(|row| row.iter().zip(last).map(|(f, v)| f * v).sum())
                .collect();
            diagonal.push(dot(&next, last));
            for _ in 0..2 {
                for vector in &vectors {
                    let along = dot(&next, vector);
                    next.iter_mut()
                        .zip(vector)
                        .for_each(|(x, v)| *x -= along * v);
                }
            }
            let (next, rest) = unit(next);
            let k = at + 1;
            if k.is_multiple_of(10) || k == STEPS.min(n) || rest == 0.0 {
                let small = Mat::from_fn(k, k, |i, j| match i.abs_diff(j) {
                    0 => diagonal[i],
                    1 => beside[i.min(j)],
                    _ => 0.0,
                });
                let decomposed = small
                    .self_adjoint_eigen(Side::Lower)
                    .map_err(|_| failed(diagonal[0]))?;
                let ritz: Vec<f64> = (0..k).map(|i| decomposed.S().column_vector()[i]).collect();
                let top = ritz[k - 1].abs();
                let settled = (k.saturating_sub(wanted)..k)
                    .all(|i| (rest * decomposed.U()[(k - 1, i)]).abs() <= 1e-9 * top);
                if (settled && k >= wanted) || k == STEPS.min(n) || rest == 0.0 {
                    return Ok(all(ritz.into_iter().map(|v| v.max(0.0)).collect()));
                }
            }
            beside.push(rest);
            vectors.push(next);
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A vector by its length, and that.
fn unit(mut v: Vec<f64>) -> (Vec<f64>, f64) {
    let length = dot(&v, &v).sqrt();
    if length > 0.0 {
        v.iter_mut().for_each(|x| *x /= length);
    }
    (v, length)
}
