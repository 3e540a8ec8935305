use super::factor::Factor;
use super::{Damping, EigenKronecker, FormError, Spectral, zeros};
use faer::Mat;

/// Which side of the product the inputs' factor is on: the columns of a matrix out × in, the rows of a
/// table vocabulary × out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputSide {
    /// The rows.
    Rows,
    /// The columns.
    Columns,
}

/// K-FAC: F ≈ R ⊗ C / n on a matrix r × c that is flattened row by row, from the sums R and C of n outer
/// products each. For a layer Wx, R = Σ g gᵀ is B and C = Σ a aᵀ is A; a bias is one more column of W, where
/// a is 1.
///
/// Source: J. Martens & R. Grosse, ICML 2015, 3; weight sharing: R. Eschenhagen et al., NeurIPS 2023, eq. 13
/// (expand) and 15 (reduce).
#[derive(Clone, Debug, PartialEq)]
pub struct Kronecker {
    /// R.
    pub rows: Factor,
    /// C.
    pub columns: Factor,
    /// n.
    pub count: f64,
    /// Where the inputs are.
    pub inputs: InputSide,
    /// Is the last column a bias, which in θ comes after the whole matrix?
    pub biased: bool,
}

/// The numbers of θ as a matrix, a bias as its last column.
pub(super) fn packed(v: &[f64], rows: usize, columns: usize, biased: bool) -> Mat<f64> {
    let width = columns - usize::from(biased);
    Mat::from_fn(rows, columns, |i, j| {
        if j == width {
            v[rows * width + i]
        } else {
            v[i * width + j]
        }
    })
}

pub(super) fn unpacked(x: &Mat<f64>, biased: bool) -> Vec<f64> {
    let width = x.ncols() - usize::from(biased);
    let mut v = Vec::with_capacity(x.nrows() * x.ncols());
    for i in 0..x.nrows() {
        v.extend((0..width).map(|j| x[(i, j)]));
    }
    if biased {
        v.extend((0..x.nrows()).map(|i| x[(i, width)]));
    }
    v
}

impl Kronecker {
    pub(super) fn dimension(&self) -> usize {
        self.rows.size() * self.columns.size()
    }

    pub(super) fn share(&self) -> f64 {
        if self.count > 0.0 {
            self.count.recip()
        } else {
            0.0
        }
    }

    pub(super) fn apply(&self, v: &[f64]) -> Vec<f64> {
        let x = packed(v, self.rows.size(), self.columns.size(), self.biased);
        let y = self.columns.times(&self.rows.times(&x, true), false);
        let share = self.share();
        unpacked(&y, self.biased)
            .into_iter()
            .map(|f| share * f)
            .collect()
    }

    pub(super) fn trace(&self) -> f64 {
        self.share() * self.rows.trace() * self.columns.trace()
    }

    pub(super) fn diagonal(&self) -> Vec<f64> {
        let share = self.share();
        let product = Mat::from_fn(self.rows.size(), self.columns.size(), |i, j| {
            share * self.rows.entry(i, i) * self.columns.entry(j, j)
        });
        unpacked(&product, self.biased)
    }

    pub(super) fn frobenius_norm(&self) -> f64 {
        self.share() * self.rows.frobenius_norm() * self.columns.frobenius_norm()
    }

    pub(super) fn add(&mut self, other: &Self) -> Result<(), FormError> {
        if (self.inputs, self.biased) != (other.inputs, other.biased) {
            return Err(FormError::Different {
                left: "a Kronecker product".into(),
                right: "one of another layer".into(),
            });
        }
        self.rows.add(&other.rows)?;
        self.columns.add(&other.columns)?;
        self.count += other.count;
        Ok(())
    }

    pub(super) fn spectral(&self, scale: f64, damping: Damping) -> Result<Spectral, FormError> {
        let (rows, columns) = (self.rows.eigen()?, self.columns.eigen()?);
        // The inputs' factor is a mean and the other a sum, scaled like the whole.
        let (row_scale, column_scale) = match self.inputs {
            InputSide::Columns => (scale, self.share()),
            InputSide::Rows => (self.share(), scale),
        };
        let (root, rest) = match damping {
            Damping::Absolute(strength) => (0.0, strength),
            Damping::Factored(strength) => (strength.sqrt(), 0.0),
        };
        let mut values = Vec::with_capacity(self.dimension());
        for r in &rows.values {
            for c in &columns.values {
                values.push((row_scale * r + root) * (column_scale * c + root) + rest);
            }
        }
        let bases = (rows.vectors, columns.vectors);
        let shape = (self.rows.size(), self.columns.size());
        Ok(Spectral::kronecker(values, bases, shape, self.biased))
    }

    /// The eigenvectors of both factors, with nothing yet along them.
    ///
    /// # Errors
    /// An eigendecomposition that fails.
    pub fn eigenbasis(&self) -> Result<EigenKronecker, FormError> {
        let (rows, columns) = (self.rows.eigen()?, self.columns.eigen()?);
        let flat = |size: usize, vectors: Option<Mat<f64>>| {
            vectors.map(|u| {
                (0..size * size)
                    .map(|i| u[(i / size, i % size)])
                    .collect::<Vec<f64>>()
            })
        };
        let (r, c) = (self.rows.size(), self.columns.size());
        Ok(EigenKronecker {
            size: (r, c),
            row_basis: flat(r, rows.vectors),
            column_basis: flat(c, columns.vectors),
            values: zeros(r * c),
            biased: self.biased,
        })
    }

    /// The same information along its own eigenvectors: what EK-FAC is before its diagonal is estimated.
    ///
    /// # Errors
    /// An eigendecomposition that fails.
    pub fn diagonalised(&self) -> Result<EigenKronecker, FormError> {
        let values = self.spectral(1.0, Damping::NONE)?.into_values();
        Ok(EigenKronecker {
            values,
            ..self.eigenbasis()?
        })
    }
}
