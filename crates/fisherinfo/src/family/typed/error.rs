use super::support_formula::SupportError;
use crate::expression::{EvaluationError, Excerpt, ExpressionError, Shape};
use crate::family::ParameterError;
use thiserror::Error;

/// Why a typed density cannot be used.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum TypedError {
    /// The formula cannot be read.
    #[error("the log-density, {0}")]
    Formula(#[from] ExpressionError),
    /// The support cannot be read.
    #[error("the support, {0}")]
    Support(#[from] SupportError),
    /// The formula has no value: shapes that do not fit.
    #[error("the log-density at x = {x:?}, {error}")]
    Evaluation {
        /// Where it was tried.
        x: Vec<f64>,
        /// What is wrong, and where.
        error: EvaluationError,
    },
    /// A name without a value.
    #[error(
        "{what}, {}: {name} has no value{}; give it one as {name}=0.5{}\n{excerpt}",
        .excerpt.position(),
        nearest.as_ref().map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default(),
        if *is_observation_expected { ", or call the observation x" } else { "" },
    )]
    NoValue {
        /// The formula it stands in.
        what: &'static str,
        /// The name.
        name: String,
        /// The known name nearest to it.
        nearest: Option<String>,
        /// Whether the formula does not mention x.
        is_observation_expected: bool,
        /// Its place.
        excerpt: Excerpt,
    },
    /// A value that nothing uses.
    #[error("{name} has a value, but neither the log-density nor the support mentions it{}", nearest.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    Unused {
        /// The name.
        name: String,
        /// The name in the formulas nearest to it.
        nearest: Option<String>,
    },
    /// A value for x, π, or for one name twice.
    #[error("{name} cannot be given a value: {reason}")]
    Reserved {
        /// The name.
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// Every value is known.
    #[error("there is no parameter: give one as name=value that is not among the known values")]
    NoParameter,
    /// A value that is not a number, or a list of them that is empty or ragged.
    #[error("{name}={value}: {reason}")]
    Value {
        /// The name.
        name: String,
        /// The value given.
        value: String,
        /// What it has to be.
        reason: &'static str,
    },
    /// A list of known names, or a range, for a name that there is not.
    #[error("{what}: there is no parameter {name}; there are: {known}")]
    NoSuchParameter {
        /// What named it.
        what: &'static str,
        /// The name.
        name: String,
        /// The parameters.
        known: String,
    },
    /// The value is a vector or a matrix.
    #[error("the log-density is {shape}, and has to be a number: take its sum, or an entry")]
    NotANumber {
        /// What it is.
        shape: Shape,
    },
    /// An end of the support that is no number there.
    #[error("the support, {}: {reason}\n{excerpt}", .excerpt.position())]
    End {
        /// What it has to be.
        reason: String,
        /// Its place.
        excerpt: Excerpt,
    },
    /// A point outside the parameter space.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
}
