//! The Fisher information matrix: what it knows about itself, and what follows from it.
//!
//! | idea | here |
//! |---|---|
//! | information adds over independent observations | [`Information::add`], [`Information::repeated`] |
//! | it is a metric: \\(I_\varphi = J^\top I_\theta J\\) | [`Information::reparameterised`] |
//! | directions and their strength | [`Information::spectrum`] |
//! | the inverse bounds every unbiased estimator | [`Information::cramer_rao_bound`] |
//! | local distance, volume, natural direction | [`Information::quadratic_form`], [`Information::log_determinant`], [`Information::damped_solve`] |

mod bound;
mod direction;
mod error;
mod jacobi;
mod provenance;
mod reparameterise;
mod solve;
mod spectrum;

pub use bound::CramerRaoBound;
pub use direction::Direction;
pub use error::InformationError;
pub use provenance::{Accuracy, Definition, Estimator, Provenance, Route};
pub use solve::Damping;
pub use spectrum::Spectrum;

use faer::{Mat, MatRef};

/// A symmetric matrix of Fisher information that knows what it is the information *of*.
///
/// Shape: k × k for k parameters; entry (i, j) has the unit 1 / (unit of θᵢ · unit of θⱼ).
/// Expected and empirical information are positive semi-definite and are checked to be so;
/// observed information may be indefinite away from a maximum of the likelihood.
///
/// ```
/// use fisherinfo::information::Information;
/// use faer::mat;
///
/// // Two coins share p: eight tosses of one and twelve of the other.
/// let one = Information::expected(mat![[1.0 / 0.21]], &["p"])?.at(&[0.3])?;
/// let total = one.repeated(8.0)?.add(&one.repeated(12.0)?)?;
/// assert_eq!(total.sample_size(), 20.0);
/// assert!((total.matrix()[(0, 0)] - 20.0 / 0.21).abs() < 1e-12);
/// # Ok::<(), fisherinfo::information::InformationError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Information {
    matrix: Mat<f64>,
    parameters: Vec<String>,
    coordinates: String,
    point: Option<Vec<f64>>,
    sample_size: f64,
    provenance: Provenance,
}

/// The name of coordinates that have no other: the parameters themselves, `shape,rate`.
pub fn own_coordinates(parameters: &[String]) -> String {
    parameters.join(",")
}

impl Information {
    /// The information of `parameters`, obtained as `provenance` says, from one observation.
    ///
    /// # Errors
    /// A matrix that is not square, not finite, not symmetric to 1e-9 of its scale, of another size
    /// than the list of names, or (for expected and empirical information) with an eigenvalue that
    /// is negative beyond rounding.
    pub fn new<S: Into<String> + Clone>(
        matrix: Mat<f64>,
        parameters: &[S],
        provenance: Provenance,
    ) -> Result<Self, InformationError> {
        let parameters: Vec<String> = parameters.iter().cloned().map(Into::into).collect();
        let size = parameters.len();
        if matrix.nrows() != size || matrix.ncols() != size {
            return Err(InformationError::Shape {
                rows: matrix.nrows(),
                columns: matrix.ncols(),
                parameters: size,
            });
        }
        let matrix = symmetrised(matrix.as_ref(), &parameters)?;
        let information = Self {
            matrix,
            coordinates: own_coordinates(&parameters),
            parameters,
            point: None,
            sample_size: 1.0,
            provenance,
        };
        if information.provenance.estimator.is_positive_semidefinite() {
            information.require_positive_semidefinite()?;
        }
        Ok(information)
    }

    /// Expected information in closed form: the short way to [`Information::new`].
    ///
    /// # Errors
    /// As [`Information::new`].
    pub fn expected<S: Into<String> + Clone>(
        matrix: Mat<f64>,
        parameters: &[S],
    ) -> Result<Self, InformationError> {
        Self::new(
            matrix,
            parameters,
            Provenance::exact(Estimator::Expected, Route::ClosedForm),
        )
    }

    /// The same information, with the point θ at which it was taken.
    ///
    /// # Errors
    /// When `point` has another length than the list of parameters.
    pub fn at(mut self, point: &[f64]) -> Result<Self, InformationError> {
        self.require_length(point.len())?;
        self.point = Some(point.to_vec());
        Ok(self)
    }

    /// The same information, with its coordinates named.
    #[must_use]
    pub fn in_coordinates(mut self, name: &str) -> Self {
        self.coordinates = name.into();
        self
    }

    /// The same matrix as the information of `n` observations in all (not n times as much: for
    /// that see [`Information::repeated`]).
    #[must_use]
    pub fn from_observations(mut self, n: f64) -> Self {
        self.sample_size = n;
        self
    }

    /// The matrix itself, k × k.
    pub fn matrix(&self) -> MatRef<'_, f64> {
        self.matrix.as_ref()
    }

    /// The names of the parameters, in the order of the rows.
    pub fn parameters(&self) -> &[String] {
        &self.parameters
    }

    /// The name of the coordinates.
    pub fn coordinates(&self) -> &str {
        &self.coordinates
    }

    /// The point at which the information was taken, in its own coordinates, where it is known.
    pub fn point(&self) -> Option<&[f64]> {
        self.point.as_deref()
    }

    /// How many observations it is the information of.
    pub fn sample_size(&self) -> f64 {
        self.sample_size
    }

    /// How it was obtained.
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// The information of both samples together, which for independent samples is the sum.
    ///
    /// # Errors
    /// Informations of other parameters, in other coordinates, or taken at another point measure
    /// different things; their sum means nothing and is refused.
    pub fn add(&self, other: &Self) -> Result<Self, InformationError> {
        if self.parameters != other.parameters {
            return Err(InformationError::DifferentParameters {
                left: self.parameters.join(", "),
                right: other.parameters.join(", "),
            });
        }
        if self.coordinates != other.coordinates {
            return Err(InformationError::DifferentCoordinates {
                left: self.coordinates.clone(),
                right: other.coordinates.clone(),
            });
        }
        if let (Some(left), Some(right)) = (&self.point, &other.point)
            && !same_point(left, right)
        {
            return Err(InformationError::DifferentPoints {
                left: left.clone(),
                right: right.clone(),
            });
        }
        Ok(Self {
            matrix: &self.matrix + &other.matrix,
            parameters: self.parameters.clone(),
            coordinates: self.coordinates.clone(),
            point: self.point.clone().or_else(|| other.point.clone()),
            sample_size: self.sample_size + other.sample_size,
            provenance: self.provenance.add(&other.provenance),
        })
    }

    /// The information of `n` independent samples like this one: n times the matrix.
    ///
    /// # Errors
    /// When `n` is not a finite number ≥ 0.
    pub fn repeated(&self, n: f64) -> Result<Self, InformationError> {
        if !n.is_finite() || n < 0.0 {
            return Err(InformationError::SampleSize { n });
        }
        Ok(Self {
            matrix: faer::Scale(n) * &self.matrix,
            sample_size: self.sample_size * n,
            provenance: self.provenance.scaled(n),
            ..self.clone()
        })
    }

    /// k, the number of parameters.
    pub fn dimension(&self) -> usize {
        self.parameters.len()
    }

    fn require_length(&self, found: usize) -> Result<(), InformationError> {
        if found == self.dimension() {
            Ok(())
        } else {
            Err(InformationError::Length {
                expected: self.dimension(),
                found,
            })
        }
    }
}

/// Points that a user typed twice may differ in the last bits.
fn same_point(left: &[f64], right: &[f64]) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .all(|(a, b)| (a - b).abs() <= 1e-12 * a.abs().max(b.abs()))
}

fn symmetrised(matrix: MatRef<'_, f64>, names: &[String]) -> Result<Mat<f64>, InformationError> {
    for row in 0..matrix.nrows() {
        for column in 0..=row {
            let (lower, upper) = (matrix[(row, column)], matrix[(column, row)]);
            if !lower.is_finite() || !upper.is_finite() {
                return Err(InformationError::NotFinite {
                    row: names[row].clone(),
                    column: names[column].clone(),
                });
            }
            // Cauchy–Schwarz gives an entry's scale even where the entry itself is near zero.
            let scale = (matrix[(row, row)].abs() * matrix[(column, column)].abs())
                .sqrt()
                .max(lower.abs());
            if (lower - upper).abs() > 1e-9 * scale {
                return Err(InformationError::NotSymmetric {
                    row: names[row].clone(),
                    column: names[column].clone(),
                    lower,
                    upper,
                });
            }
        }
    }
    Ok(Mat::from_fn(matrix.nrows(), matrix.ncols(), |i, j| {
        0.5 * (matrix[(i, j)] + matrix[(j, i)])
    }))
}
