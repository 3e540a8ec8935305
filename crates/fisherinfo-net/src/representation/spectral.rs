use super::FormError;
use super::kronecker::{packed, unpacked};
use faer::Mat;
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

/// What is added before an inverse is taken.
///
/// ```
/// use fisherinfo_net::representation::{Damping, Factor, Form, InputSide, Kronecker};
/// // A = diag(1, 4), B = diag(1, 9), B ⊗ A, damped by 1.
/// let diagonal = |a, b| Factor::Dense { size: 2, values: vec![a, 0.0, 0.0, b] };
/// let product = Form::Kronecker(Kronecker {
///     rows: diagonal(1.0, 9.0),
///     columns: diagonal(1.0, 4.0),
///     count: 1.0,
///     inputs: InputSide::Columns,
///     biased: false,
/// });
/// let inverse = |damping| -> Result<Vec<f64>, _> { product.spectral(1.0, damping)?.solve(&[1.0; 4]) };
/// assert_eq!(inverse(Damping::Absolute(1.0))?, [1.0 / 2.0, 1.0 / 5.0, 1.0 / 10.0, 1.0 / 37.0]);
/// assert_eq!(inverse(Damping::Factored(1.0))?, [1.0 / 4.0, 1.0 / 10.0, 1.0 / 20.0, 1.0 / 50.0]);
/// # Ok::<(), fisherinfo_net::representation::FormError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Damping {
    /// F + λ·1.
    Absolute(f64),
    /// (B + √λ·1) ⊗ (A + √λ·1) where a block is a Kronecker product, as is usual with K-FAC; else as
    /// [`Damping::Absolute`].
    Factored(f64),
}

impl Damping {
    /// None: a singular block is then an error.
    pub const NONE: Self = Self::Absolute(0.0);

    /// λ.
    pub fn strength(self) -> f64 {
        match self {
            Self::Absolute(strength) | Self::Factored(strength) => strength,
        }
    }

    pub(super) fn check(self) -> Result<(), FormError> {
        let damping = self.strength();
        if damping.is_finite() && damping >= 0.0 {
            Ok(())
        } else {
            Err(FormError::Damping { damping })
        }
    }
}

#[derive(Clone, Debug)]
enum Basis {
    Standard,
    Dense(Mat<f64>),
    Kronecker {
        rows: Option<Mat<f64>>,
        columns: Option<Mat<f64>>,
        shape: (usize, usize),
        biased: bool,
    },
    /// Some of the eigenvectors in columns, the first; any others have the eigenvalue `rest`.
    LowRank {
        vectors: Mat<f64>,
        rest: f64,
    },
}

/// Eigenvalues and vectors of a damped block: what its inverse, determinant and samples come from.
#[derive(Clone, Debug)]
pub struct Spectral {
    basis: Basis,
    values: Vec<f64>,
}

impl Spectral {
    pub(super) fn standard(values: Vec<f64>) -> Self {
        Self::new(Basis::Standard, values)
    }

    pub(super) fn dense(values: Vec<f64>, vectors: Option<Mat<f64>>) -> Self {
        Self::new(vectors.map_or(Basis::Standard, Basis::Dense), values)
    }

    pub(super) fn kronecker(
        values: Vec<f64>,
        (rows, columns): (Option<Mat<f64>>, Option<Mat<f64>>),
        shape: (usize, usize),
        biased: bool,
    ) -> Self {
        let basis = Basis::Kronecker {
            rows,
            columns,
            shape,
            biased,
        };
        Self::new(basis, values)
    }

    /// The first eigenvectors; the values of all others are `rest`.
    pub(super) fn low_rank(values: Vec<f64>, vectors: Mat<f64>, rest: f64) -> Self {
        Self::new(Basis::LowRank { vectors, rest }, values)
    }

    fn new(basis: Basis, values: Vec<f64>) -> Self {
        Self { basis, values }
    }

    /// The eigenvalues, in no order.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    pub(super) fn into_values(self) -> Vec<f64> {
        self.values
    }

    /// f(F) v, symmetric: f(rest) v, and along each known eigenvector what its own value changes (Woodbury).
    fn through(
        &self,
        (vectors, rest): (&Mat<f64>, f64),
        v: &[f64],
        f: impl Fn(f64) -> f64,
    ) -> Vec<f64> {
        let x = Mat::from_fn(v.len(), 1, |i, _| v[i]);
        let mut along = vectors.transpose() * &x;
        for i in 0..along.nrows() {
            along[(i, 0)] *= f(self.values[i]) - f(rest);
        }
        let change = vectors * along;
        (0..v.len())
            .map(|i| f(rest) * v[i] + change[(i, 0)])
            .collect()
    }

    /// The coordinates of a vector along the eigenvectors, and back.
    fn turned(&self, v: &[f64], into_basis: bool) -> Vec<f64> {
        match &self.basis {
            Basis::Standard | Basis::LowRank { .. } => v.to_vec(),
            Basis::Dense(u) => {
                let x = Mat::from_fn(v.len(), 1, |i, _| v[i]);
                let y = if into_basis { u.transpose() * x } else { u * x };
                (0..v.len()).map(|i| y[(i, 0)]).collect()
            }
            Basis::Kronecker {
                rows,
                columns,
                shape,
                biased,
            } => {
                // Along eigenvectors there is no bias that would come last.
                let x = packed(v, shape.0, shape.1, *biased && into_basis);
                let y = turn(&x, rows.as_ref(), columns.as_ref(), into_basis);
                unpacked(&y, *biased && !into_basis)
            }
        }
    }

    fn require_positive(&self) -> Result<(), FormError> {
        let least = self.values.iter().copied().fold(f64::INFINITY, f64::min);
        let top = self.values.iter().copied().fold(0.0, f64::max);
        // Below the rounding of the greatest an eigenvalue has no digits, unless the axes are the vectors.
        let floor = match self.basis {
            Basis::Standard => 0.0,
            _ => 4.0 * f64::EPSILON * top,
        };
        if least > floor {
            Ok(())
        } else {
            Err(FormError::Singular { eigenvalue: least })
        }
    }

    /// The solution x of Fx = b.
    ///
    /// # Errors
    /// A singular block.
    pub fn solve(&self, b: &[f64]) -> Result<Vec<f64>, FormError> {
        self.require_positive()?;
        if let Basis::LowRank { vectors, rest } = &self.basis {
            return Ok(self.through((vectors, *rest), b, f64::recip));
        }
        let mut x = self.turned(b, true);
        for (x, value) in x.iter_mut().zip(&self.values) {
            *x /= value;
        }
        Ok(self.turned(&x, false))
    }

    /// ln det F.
    ///
    /// # Errors
    /// A singular block.
    pub fn log_determinant(&self) -> Result<f64, FormError> {
        self.require_positive()?;
        Ok(self.values.iter().map(|value| value.ln()).sum())
    }

    /// A draw from the normal distribution with mean 0 and covariance F⁻¹.
    ///
    /// # Errors
    /// A singular block.
    pub fn sample(&self, rng: &mut dyn Rng) -> Result<Vec<f64>, FormError> {
        self.require_positive()?;
        if let Basis::LowRank { vectors, rest } = &self.basis {
            let all = 0..self.values.len();
            let z: Vec<f64> = all.map(|_| StandardNormal.sample(rng)).collect();
            return Ok(self.through((vectors, *rest), &z, |value| value.sqrt().recip()));
        }
        let z: Vec<f64> = self
            .values
            .iter()
            .map(|value| {
                let unit: f64 = StandardNormal.sample(rng);
                unit / value.sqrt()
            })
            .collect();
        Ok(self.turned(&z, false))
    }
}

/// RᵀXC into the bases R and C, or RXCᵀ out of them; an absent one is the identity.
pub(super) fn turn(
    x: &Mat<f64>,
    rows: Option<&Mat<f64>>,
    columns: Option<&Mat<f64>>,
    into_basis: bool,
) -> Mat<f64> {
    let left = match rows {
        Some(u) if into_basis => u.transpose() * x,
        Some(u) => u * x,
        None => x.clone(),
    };
    match columns {
        Some(u) if into_basis => left * u,
        Some(u) => left * u.transpose(),
        None => left,
    }
}
