use super::{FormError, add_all};
use faer::{Mat, Side};

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
            values: vec![0.0; size * size],
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
