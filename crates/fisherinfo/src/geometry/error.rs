use crate::expectation::ExpectationError;
use crate::family::ParameterError;
use thiserror::Error;

/// Why a distance, a geodesic or a curvature cannot be given.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum GeometryError {
    /// A point outside the parameter space.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// No formula is known for these points.
    #[error(
        "no closed form of the geodesic is known for {model} between these points; ask for the numeric route"
    )]
    NoClosedForm {
        /// The family.
        model: String,
    },
    /// The moments of the score are not available, or are not those of a regular model.
    #[error(transparent)]
    Expectation(#[from] ExpectationError),
    /// A metric that is not positive definite.
    #[error(
        "the information of {model} is singular at {point:?}, so it measures no distance there"
    )]
    Singular {
        /// The family.
        model: String,
        /// The point, in the family's own parameters.
        point: Vec<f64>,
    },
    /// A point that no double can hold in the coordinates of the path.
    #[error(
        "the point {point:?} of {model} lies too close to an end of its space for a numeric path; move it inward"
    )]
    TooCloseToAnEnd {
        /// The family.
        model: String,
        /// The point.
        point: Vec<f64>,
    },
    /// A density with a kink, where derivatives of the information are asked for that do not go under the
    /// integral.
    #[error(
        "the log-density of {model} has a kink that moves with the parameters: second derivatives of its information do not go under the integral, and its curvature is not known"
    )]
    Kink {
        /// The family.
        model: String,
    },
    /// The path did not settle.
    #[error(
        "the shortest path did not settle: after {iterations} steps its length is {length} with an error of about {error:.1e}; take a point between and add the distances as an upper bound"
    )]
    NotConverged {
        /// Newton steps taken.
        iterations: usize,
        /// The length reached, an upper bound up to the rule's error.
        length: f64,
        /// What it may still be off.
        error: f64,
    },
    /// Curvature of a curve.
    #[error(
        "{model} has one parameter; a line has no curvature of its own, and every one of them is flat"
    )]
    OneParameter {
        /// The family.
        model: String,
    },
}
