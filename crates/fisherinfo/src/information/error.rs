use thiserror::Error;

/// What can be wrong with an information matrix or with what is asked of it.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum InformationError {
    /// The matrix and the list of names disagree.
    #[error(
        "the matrix is {rows} × {columns}, but there are {parameters} parameters; give one name a row"
    )]
    Shape {
        /// Rows of the matrix.
        rows: usize,
        /// Columns of the matrix.
        columns: usize,
        /// Names given.
        parameters: usize,
    },
    /// A vector of the wrong length.
    #[error("expected {expected} numbers, one a parameter, and found {found}")]
    Length {
        /// Parameters of the information.
        expected: usize,
        /// Numbers given.
        found: usize,
    },
    /// NaN or ∞ in the matrix.
    #[error("the entry ({row}, {column}) of the information is not a finite number")]
    NotFinite {
        /// Name of the row's parameter.
        row: String,
        /// Name of the column's parameter.
        column: String,
    },
    /// The two triangles disagree.
    #[error(
        "the information is not symmetric: ({row}, {column}) is {lower} and its mirror is {upper}"
    )]
    NotSymmetric {
        /// Name of the row's parameter.
        row: String,
        /// Name of the column's parameter.
        column: String,
        /// Entry below the diagonal.
        lower: f64,
        /// Entry above the diagonal.
        upper: f64,
    },
    /// A negative eigenvalue beyond rounding.
    #[error(
        "the information is not positive semi-definite: it is negative along {direction} \
         (scaled eigenvalue {eigenvalue:.3e}); take it at a maximum of the likelihood"
    )]
    NotPositiveSemidefinite {
        /// The most negative eigenvalue of the matrix scaled to a unit diagonal.
        eigenvalue: f64,
        /// Its direction, in words.
        direction: String,
    },
    /// Sum of informations of different parameters.
    #[error(
        "information of ({left}) and information of ({right}) cannot be added: they are of different parameters"
    )]
    DifferentParameters {
        /// Names on the left.
        left: String,
        /// Names on the right.
        right: String,
    },
    /// Sum of informations in different coordinates.
    #[error(
        "information in {left} coordinates and information in {right} coordinates cannot be added: reparameterise one of them first"
    )]
    DifferentCoordinates {
        /// Coordinates on the left.
        left: String,
        /// Coordinates on the right.
        right: String,
    },
    /// Sum of informations taken at different points.
    #[error(
        "information at {left:?} and information at {right:?} cannot be added: take both at one point"
    )]
    DifferentPoints {
        /// Point on the left.
        left: Vec<f64>,
        /// Point on the right.
        right: Vec<f64>,
    },
    /// A sample size that is negative or not finite.
    #[error("a sample size has to be a finite number ≥ 0, not {n}")]
    SampleSize {
        /// What was given.
        n: f64,
    },
    /// A damping that is negative or not finite.
    #[error("damping has to be a finite number ≥ 0, not {damping}")]
    Damping {
        /// What was given.
        damping: f64,
    },
    /// A step length that is negative or not finite.
    #[error("a step length has to be a finite number ≥ 0, not {length}")]
    StepLength {
        /// What was given.
        length: f64,
    },
    /// A system with a singular matrix.
    #[error(
        "the information says nothing about {direction}, so the system has no unique solution; add damping or fix that combination"
    )]
    Singular {
        /// The null direction, in words.
        direction: String,
    },
    /// The eigenvalue iteration failed.
    #[error(
        "the eigenvalues of the information could not be computed; check the scale of its entries"
    )]
    Eigenvalues,
}
