use fisherinfo_net::estimator::EstimationError;
use fisherinfo_net::file::FileError;
use fisherinfo_net::merge::MergeError;
use fisherinfo_net::text::TextError;
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

    #[error(transparent)]
    Text(#[from] TextError),

    #[error("{file} has tensors, and does not say what is computed with them")]
    #[diagnostic(help(
        "give its layers in TOML with --weights {file}, or the folder with its config.json"
    ))]
    Bare { file: String },

    #[error("{model} says itself how long its examples are")]
    #[diagnostic(help("change `input` there instead of giving --length"))]
    Length { model: String },

    #[error("{data} is an array, and `{label}` is no file with its labels")]
    #[diagnostic(help("give them as a second array: --label labels.npy"))]
    Labels { data: String, label: String },

    #[error("{file} has texts, and {model} takes numbers")]
    NoText { file: String, model: String },

    #[error("{model} says nothing of padding, and texts differ in length")]
    #[diagnostic(help("write padding = -1 into its `input`"))]
    NoPadding { model: String },

    #[cfg(feature = "text")]
    #[error("{model} has no tokenizer that is understood")]
    #[diagnostic(help("give a tokenizer.json with --tokenizer, or lines with `input_ids`"))]
    NoTokenizer { model: String },

    #[cfg(not(feature = "text"))]
    #[error("{file} has texts, and this program was built without tokenizers")]
    #[diagnostic(help(
        "cargo install fisherinfo-cli --features text, or give lines with `input_ids`"
    ))]
    NotBuiltIn { file: String },

    #[error("an exact estimate takes {passes} passes backwards a batch")]
    #[diagnostic(help("--estimator monte-carlo --draws 1 takes one, and is right in expectation"))]
    Passes { passes: usize },

    #[error("{model} names no checkpoint")]
    #[diagnostic(help("give one with --weights, or as `weights = \"…\"` at the top of {model}"))]
    NoWeights { model: String },

    #[error("{weights} has adapters, and {model} has none: they would change nothing")]
    #[diagnostic(help("give {weights} as the model"))]
    Adapters { weights: String, model: String },

    #[error("this takes {needed} of memory, and {available} are free")]
    #[diagnostic(help("{remedy}"))]
    Memory {
        needed: String,
        available: String,
        remedy: String,
    },

    #[error("{file} cannot be gone on from: {reason}")]
    #[diagnostic(help("remove it to begin anew"))]
    State { file: String, reason: String },

    #[error("interrupted after {done} of {all} examples")]
    #[diagnostic(help("the same command goes on from {file}"))]
    Interrupted { done: u64, all: u64, file: String },

    #[error("interrupted after epoch {done} of {all}")]
    #[diagnostic(help(
        "the weights as they were then are in {file}: --from {file} --epochs {rest} goes on from them, with an optimiser that begins anew"
    ))]
    Ended {
        done: usize,
        all: usize,
        rest: usize,
        file: String,
    },

    #[error("{file} is no finished estimate: it stopped after {seen} examples")]
    #[diagnostic(help("finish it with the command that it was begun by"))]
    Unfinished { file: String, seen: u64 },

    #[error("{text} is not of the form WEIGHTS:FISHER or WEIGHTS:FISHER:SHARE")]
    #[diagnostic(help("for example a.safetensors:fa.safetensors"))]
    Part { text: String },

    #[error(transparent)]
    Merge(#[from] MergeError),

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
        matches!(self, Self::Interrupted { .. } | Self::Ended { .. })
    }
}
