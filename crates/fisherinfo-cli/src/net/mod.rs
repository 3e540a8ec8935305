//! `fisher net`: the Fisher information of networks.

mod add;
mod audit;
mod data;
mod estimate;
mod ewc;
mod failure;
mod inspect;
mod memory;
mod merge;
mod model;
mod outputs;
mod prune;
mod train;

pub(crate) use failure::NetFailure;

use crate::error::Failure;
use clap::{Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum NetCommand {
    /// Estimates the Fisher information of a network on data
    #[command(after_help = "Examples:
  fisher net estimate digits.toml --data digits.csv --label digit -o f.safetensors
  fisher net estimate digits.toml --data digits.csv --label digit --estimator exact --representation kfac -o k.safetensors
  fisher net estimate digits.toml --data digits.csv --label digit --estimator monte-carlo --draws 4 -o m.safetensors
  fisher net estimate SmolLM2-135M.gguf --data corpus.jsonl --representation kfac -o s.safetensors

Ctrl-C keeps the sums so far in OUTPUT.partial; the same command goes on from them.")]
    Estimate(estimate::EstimateArguments),
    /// What is in a Fisher file
    Inspect(inspect::InspectArguments),
    /// What a network says of data: its outputs, and how well they fit
    Outputs(outputs::OutputsArguments),
    /// Adds Fisher files of the same model on different data, exactly
    Add(add::AddArguments),
    /// Estimators and representations of one network on the same data, against each other
    #[command(after_help = "Examples:
  fisher net audit digits.toml --weights a.safetensors --data digits.csv --label digit

Errors are from the differences between parts of the data, and between directions.")]
    Audit(audit::AuditArguments),
    /// Makes one model of several, weighted by what each knows about its parameters
    #[command(after_help = "Examples:
  fisher net merge digits.toml a.safetensors:fa.safetensors b.safetensors:fb.safetensors -o merged.safetensors
  fisher net merge base/ a/:fa.safetensors b/:fb.safetensors:2 -o merged/")]
    Merge(merge::MergeArguments),
    /// Sets the least important weights to zero
    #[command(after_help = "Examples:
  fisher net prune digits.toml f.safetensors --weights a.safetensors --sparsity 0.8 --data digits.csv --label digit -o pruned.safetensors")]
    Prune(prune::PruneArguments),
    /// Trains a network, with the penalties of earlier tasks where there are any
    #[command(after_help = "Examples:
  fisher net train digits.toml --data digits.csv --label digit -o digits.safetensors
  fisher net train digits.toml --data digits.csv --label digit --optimiser kfac --rate 0.1 -o digits.safetensors
  fisher net train digits.toml --data b.csv --label digit --from a.safetensors --anchor fa.safetensors:a.safetensors:100 -o b.safetensors

Ctrl-C ends after the epoch at hand and keeps its weights beside OUTPUT, in NAME.partial.safetensors: --from goes on from them.")]
    Train(train::TrainArguments),
    /// The penalty of leaving earlier tasks, and its gradient
    #[command(after_help = "Examples:
  fisher net ewc digits.toml --weights b.safetensors --anchor fa.safetensors:a.safetensors:100")]
    Ewc(ewc::EwcArguments),
}

/// The precision of the passes; sums are in double precision either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Precision {
    F32,
    F64,
}

pub(crate) fn run(command: &NetCommand) -> Result<String, Failure> {
    let answer = match command {
        NetCommand::Estimate(arguments) => estimate::run(arguments),
        NetCommand::Inspect(arguments) => inspect::run(arguments),
        NetCommand::Outputs(arguments) => outputs::run(arguments),
        NetCommand::Audit(arguments) => audit::run(arguments),
        NetCommand::Merge(arguments) => merge::run(arguments),
        NetCommand::Prune(arguments) => prune::run(arguments),
        NetCommand::Add(arguments) => add::run(arguments),
        NetCommand::Train(arguments) => train::run(arguments),
        NetCommand::Ewc(arguments) => ewc::run(arguments),
    };
    answer.map_err(Failure::Net)
}
