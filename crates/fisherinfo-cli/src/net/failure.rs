use fisherinfo_net::estimator::EstimationError;
use fisherinfo_net::file::FileError;
use fisherinfo_net::train::TrainingError;
use fisherinfo_net::{FisherError, NetworkError};
use miette::Diagnostic;
use thiserror::Error;

/// Why a command of `fisher net` stops.
#[derive(Debug, Diagnostic, Error)]
pub(crate) enum NetFailure {
    #[error(transparent)]
    File(#[from] FileError),

    #[error("{file}: {error}")]
    Network { file: String, error: NetworkError },

    #[error("{file}: {error}")]
    Estimation {
        file: String,
        error: EstimationError,
    },

    #[error("{file}: {error}")]
    Training { file: String, error: TrainingError },

    #[error("{file}: {error}")]
    Fisher { file: String, error: FisherError },

    #[error("{model} names no checkpoint")]
    #[diagnostic(help("give one with --weights, or as `weights = \"…\"` at the top of {model}"))]
    NoWeights { model: String },

    #[error("this takes {needed} and {available} of memory are free")]
    #[diagnostic(help("--representation diagonal takes {diagonal}"))]
    Memory {
        needed: String,
        available: String,
        diagonal: String,
    },

    #[error("{file} cannot be gone on from: {reason}")]
    #[diagnostic(help("remove it to begin anew"))]
    State { file: String, reason: String },

    #[error("interrupted after {done} of {all} examples")]
    #[diagnostic(help("the same command goes on from {file}"))]
    Interrupted { done: u64, all: u64, file: String },

    #[error("interrupted before a result was there")]
    Ended,

    #[error("{file} is no finished estimate: it stopped after {seen} examples")]
    #[diagnostic(help("finish it with the command that it was begun by"))]
    Unfinished { file: String, seen: u64 },

    #[error("--anchor {text} is not of the form FISHER:WEIGHTS:STRENGTH")]
    #[diagnostic(help("for example --anchor f.safetensors:a.safetensors:100"))]
    Anchor { text: String },

    #[error("{fisher} was not estimated at {weights}")]
    #[diagnostic(help("give the checkpoint that it was estimated at: the hashes have to agree"))]
    OtherModel { fisher: String, weights: String },

    #[error("{option} has to be {wanted}, not {found}")]
    Option {
        option: &'static str,
        wanted: &'static str,
        found: String,
    },

    #[error("{file} cannot be composed: {reason}")]
    NotComposed { file: String, reason: String },
}

impl NetFailure {
    pub(crate) fn is_interruption(&self) -> bool {
        matches!(self, Self::Interrupted { .. } | Self::Ended)
    }
}
