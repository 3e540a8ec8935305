//! `fisher net train`.

use super::Precision;
use super::data::{DataArguments, anchors, name};
use super::failure::NetFailure;
use super::model::Model;
use crate::fit::{ended, listen};
use crate::number::json as number;
use clap::{Args, ValueEnum};
use fisherinfo_net::Network;
use fisherinfo_net::backend::{Backend, Cpu, Real};
use fisherinfo_net::train::{Natural, Optimiser, Training, evaluate, train};
use serde_json::json;
use std::path::PathBuf;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OptimiserName {
    /// Stochastic gradient descent with momentum
    Sgd,
    /// Adam
    Adam,
    /// Natural gradients by Kronecker factors
    Kfac,
    /// Natural gradients by the diagonal
    Diagonal,
}

#[derive(Debug, Args)]
pub(crate) struct TrainArguments {
    /// The network: layers in TOML, a folder in Hugging Face form, or a GGUF file
    model: PathBuf,
    /// Tokens of an example, for a folder or a GGUF file; 128 where nothing else is said
    #[arg(long, value_name = "TOKENS")]
    length: Option<usize>,
    #[command(flatten)]
    data: DataArguments,
    /// A checkpoint to begin from; without it the model's own, or random numbers for layers in TOML
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// An earlier task as FISHER:WEIGHTS:STRENGTH; may be repeated
    #[arg(long, value_name = "F:W:λ")]
    anchor: Vec<String>,
    /// The rule of a step
    #[arg(long, value_enum, default_value_t = OptimiserName::Adam)]
    optimiser: OptimiserName,
    /// The length of a step
    #[arg(long, default_value_t = 0.001)]
    rate: f64,
    /// λ, what natural gradients add to the information
    #[arg(long, default_value_t = 0.01)]
    damping: f64,
    /// κ, the divergence that a natural step may make
    #[arg(long, value_name = "NATS", default_value_t = 0.01)]
    divergence: f64,
    /// Momentum of gradient descent and of natural gradients
    #[arg(long, default_value_t = 0.9)]
    momentum: f64,
    /// Passes over the data
    #[arg(long, default_value_t = 20)]
    epochs: usize,
    /// Examples a step
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// What initial numbers and the order of examples follow from
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The precision of the arithmetic and of the checkpoint
    #[arg(long, value_enum, default_value_t = Precision::F32)]
    precision: Precision,
    /// What to write: a safetensors file, or a folder with what says what is computed with it
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &TrainArguments) -> Result<String, NetFailure> {
    match arguments.precision {
        Precision::F32 => run_in::<f32>(arguments),
        Precision::F64 => run_in::<f64>(arguments),
    }
}

fn run_in<R: Real>(arguments: &TrainArguments) -> Result<String, NetFailure>
where
    Cpu<R>: Backend<Element = R>,
{
    for (option, value) in [
        ("--rate", arguments.rate),
        ("--momentum", arguments.momentum),
        ("--damping", arguments.damping),
        ("--divergence", arguments.divergence),
    ] {
        if !(value.is_finite() && value >= 0.0) {
            return Err(NetFailure::Option {
                option,
                wanted: "a finite number ≥ 0",
                found: value.to_string(),
            });
        }
    }
    let model = Model::open(&arguments.model, arguments.length)?;
    let start = match &arguments.from {
        Some(path) => model.network::<R>(path)?,
        // A checkpoint goes on from itself.
        None if model.count().is_some() => model.network::<R>(&model.weights(None)?)?,
        None => Network::initialised(&model.architecture, Cpu::new(), arguments.seed).map_err(
            |error| NetFailure::Network {
                file: name(&arguments.model),
                error,
            },
        )?,
    };
    let penalty = anchors(&model, &arguments.anchor)?;
    let data = model.data(&arguments.data)?;
    let training = Training {
        optimiser: match arguments.optimiser {
            OptimiserName::Adam => Optimiser::Adam,
            OptimiserName::Kfac | OptimiserName::Diagonal => Optimiser::Natural {
                information: Natural {
                    kronecker: arguments.optimiser == OptimiserName::Kfac,
                    damping: arguments.damping,
                    divergence: arguments.divergence,
                    ..Natural::default()
                },
                momentum: arguments.momentum,
            },
            OptimiserName::Sgd => Optimiser::Sgd {
                momentum: arguments.momentum,
            },
        },
        rate: arguments.rate,
        epochs: arguments.epochs,
        batch: arguments.batch as usize,
        seed: arguments.seed,
    };
    listen();
    let mut losses = Vec::new();
    let trained = train(start, &data, &training, &penalty, |_, loss| {
        losses.push(loss);
        !ended()
    })
    .map_err(|error| NetFailure::Training {
        file: arguments.data.file(),
        error,
    })?;
    if ended() {
        return Err(NetFailure::Ended);
    }
    let fit = evaluate(&trained, &data).map_err(|error| NetFailure::Network {
        file: arguments.data.file(),
        error,
    })?;
    model.save::<R>(&trained, &arguments.output)?;
    if arguments.json {
        let value = json!({
            "file": name(&arguments.output),
            "parameters": trained.dimension(),
            "examples": data.len(),
            "loss": number(fit.loss),
            "accuracy": fit.accuracy.map(number),
            "losses": losses.iter().map(|l| number(*l)).collect::<Vec<_>>(),
            "model": trained.hash(),
        });
        return Ok(format!("{value:#}\n"));
    }
    let accuracy = fit
        .accuracy
        .map_or(String::new(), |a| format!(", {:.1} % right", 100.0 * a));
    Ok(format!(
        "{}: {} parameters after {} epochs on {} examples\nmean negative log-likelihood {:.4} nats{accuracy} on the examples it was trained on\n",
        name(&arguments.output),
        trained.dimension(),
        losses.len(),
        data.len(),
        fit.loss,
    ))
}
