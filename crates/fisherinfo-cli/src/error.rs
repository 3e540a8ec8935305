//! Why a command stops: one message that names the place and the remedy.

use fisherinfo::expectation::ExpectationError;
use fisherinfo::family::ArgumentError;
use fisherinfo::information::InformationError;
use miette::Diagnostic;
use thiserror::Error;

#[derive(Debug, Diagnostic, Error)]
pub(crate) enum Failure {
    #[error("there is no family `{name}`")]
    #[diagnostic(help("{nearest}`fisher families` lists them all"))]
    UnknownFamily { name: String, nearest: String },

    #[error("`{text}` is not of the form name=value")]
    #[diagnostic(help("write for example `{example}`"))]
    NotAnAssignment { text: String, example: String },

    #[error("{family}: {error}")]
    #[diagnostic(help("for example: fisher info {example}"))]
    Argument {
        family: String,
        #[source]
        error: ArgumentError,
        example: String,
    },

    #[error("{family} has no coordinates `{name}`")]
    #[diagnostic(help("it has: {known}"))]
    UnknownCoordinates {
        family: String,
        name: String,
        known: String,
    },

    #[error("--n {n}: the number of observations has to be a finite number > 0")]
    SampleSize { n: f64 },

    #[error(
        "--kl: the step has {found} numbers, and the model has {expected} parameters ({names})"
    )]
    #[diagnostic(help("give one number a parameter, separated by commas"))]
    StepLength {
        found: usize,
        expected: usize,
        names: String,
    },

    #[error("--kl: {0}")]
    #[diagnostic(help(
        "both the point and the point plus the step have to lie in the parameter space"
    ))]
    Divergence(#[source] ExpectationError),

    #[error(transparent)]
    Expectation(#[from] ExpectationError),

    #[error(transparent)]
    Information(#[from] InformationError),

    #[error("the manual page could not be composed: {0}")]
    Manual(#[source] std::io::Error),
}
