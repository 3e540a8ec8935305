use super::kronecker::{packed, unpacked};
use super::spectral::turn;
use super::{Damping, FormError, Spectral, add_all};
use faer::Mat;

/// EK-FAC: the eigenvectors of a Kronecker product, and along each the second moment of the score itself.
///
/// Source: T. George et al., NeurIPS 2018, eq. 8.
#[derive(Clone, Debug, PartialEq)]
pub struct EigenKronecker {
    /// r and c.
    pub size: (usize, usize),
    /// Eigenvectors in the columns of an r × r matrix, kept row by row; none where they are the axes.
    pub row_basis: Option<Vec<f64>>,
    /// Eigenvectors in the columns of a c × c matrix.
    pub column_basis: Option<Vec<f64>>,
    /// r × c sums.
    pub values: Vec<f64>,
    /// Is the last column a bias?
    pub biased: bool,
}

fn matrix(size: usize, values: Option<&Vec<f64>>) -> Option<Mat<f64>> {
    values.map(|values| Mat::from_fn(size, size, |i, j| values[i * size + j]))
}

impl EigenKronecker {
    pub(super) fn dimension(&self) -> usize {
        self.size.0 * self.size.1
    }

    fn bases(&self) -> (Option<Mat<f64>>, Option<Mat<f64>>) {
        (
            matrix(self.size.0, self.row_basis.as_ref()),
            matrix(self.size.1, self.column_basis.as_ref()),
        )
    }

    pub(super) fn apply(&self, v: &[f64]) -> Vec<f64> {
        let (rows, columns) = self.bases();
        let x = packed(v, self.size.0, self.size.1, self.biased);
        let mut y = turn(&x, rows.as_ref(), columns.as_ref(), true);
        for i in 0..self.size.0 {
            for j in 0..self.size.1 {
                y[(i, j)] *= self.values[i * self.size.1 + j];
            }
        }
        let z = turn(&y, rows.as_ref(), columns.as_ref(), false);
        unpacked(&z, self.biased)
    }

    pub(super) fn trace(&self) -> f64 {
        self.values.iter().sum()
    }

    pub(super) fn diagonal(&self) -> Vec<f64> {
        let squared = |basis: Option<Mat<f64>>| {
            basis.map(|u| Mat::from_fn(u.nrows(), u.ncols(), |i, j| u[(i, j)] * u[(i, j)]))
        };
        let (rows, columns) = self.bases();
        let (rows, columns) = (squared(rows), squared(columns));
        let values = Mat::from_fn(self.size.0, self.size.1, |i, j| {
            self.values[i * self.size.1 + j]
        });
        unpacked(
            &turn(&values, rows.as_ref(), columns.as_ref(), false),
            self.biased,
        )
    }

    pub(super) fn frobenius_norm(&self) -> f64 {
        self.values.iter().map(|f| f * f).sum::<f64>().sqrt()
    }

    pub(super) fn add(&mut self, other: &Self) -> Result<(), FormError> {
        let basis = (self.biased, &self.row_basis, &self.column_basis);
        if basis != (other.biased, &other.row_basis, &other.column_basis) {
            return Err(FormError::Different {
                left: "moments along one eigenbasis".into(),
                right: "along another".into(),
            });
        }
        add_all(&mut self.values, &other.values, "a diagonal")
    }

    pub(super) fn spectral(&self, scale: f64, damping: Damping) -> Result<Spectral, FormError> {
        let values = self.values.iter().map(|f| scale * f + damping.strength());
        Ok(Spectral::kronecker(
            values.collect(),
            self.bases(),
            self.size,
            self.biased,
        ))
    }
}
