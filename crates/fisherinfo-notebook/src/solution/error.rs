use super::InputError;
use fisherinfo::divergence::RemainderOrder;
use fisherinfo::estimate::DataError;
use fisherinfo::ewc::AnchorError;
use fisherinfo::expectation::ExpectationError;
use fisherinfo::family::{ParameterError, SamplingError};
use fisherinfo::information::InformationError;
use thiserror::Error;

/// Why a solution or one of its checks has no result.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum SolutionError {
    /// An input that is not there or not in its range.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A finding that the solution does not have, or of another shape.
    #[error("there is no {shape} named «{name}» among the findings: {names}")]
    NoFinding {
        /// What was looked for.
        name: String,
        /// Number, vector, matrix or verdict.
        shape: &'static str,
        /// The names that there are.
        names: String,
    },
    /// The order of the remainder could not be read off.
    #[error("the order of the remainder came out as {order:?}: take p further from ½, or at ½")]
    NoOrder {
        /// What the engine says.
        order: RemainderOrder,
    },
    /// A row of a table of draws that cannot be read.
    #[error("row {row} of the draws is «{text}», not three numbers x1,x2,y")]
    Row {
        /// Its place, from 1.
        row: usize,
        /// What it says.
        text: String,
    },
    /// The engine's expectation failed.
    #[error(transparent)]
    Expectation(#[from] ExpectationError),
    /// A matrix that is no information.
    #[error(transparent)]
    Information(#[from] InformationError),
    /// A parameter outside its space.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// A model that cannot be sampled.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    /// Data that have no information.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A penalty that cannot be made.
    #[error(transparent)]
    Anchor(#[from] AnchorError),
}
