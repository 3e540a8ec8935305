//! `fisher net train`.

use super::Precision;
use super::data::{DataArguments, anchors, bytes, name};
use super::estimate::{bar, write};
use super::failure::NetFailure;
use super::memory::{Beside, can_be_read, fits};
use super::model::Model;
use crate::fit::{ended, listen};
use crate::number::{json as number, rough};
use clap::{Args, ValueEnum};
use fisherinfo_net::backend::{Backend, Cpu, Real};
use fisherinfo_net::estimator::{Plan, Representation, Sharing};
use fisherinfo_net::file::checkpoint_bytes;
use fisherinfo_net::train::{Natural, Optimiser, Training, evaluate, train};
use fisherinfo_net::{Dataset, Network};
use serde_json::json;
use std::path::PathBuf;
use std::time::Instant;

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
    can_be_read::<R>(&model)?;
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
    say_bytes(&start, &data, arguments)?;
    listen();
    let bar = bar((training.epochs * data.len()) as u64);
    let begun = Instant::now();
    let mut losses = Vec::new();
    let trained = train(start, &data, &training, &penalty, |epoch, loss| {
        losses.push(loss);
        bar.set_position((epoch * data.len()) as u64);
        if epoch == 1 && training.epochs > 1 {
            // The first epoch tells how long the rest will take.
            let took = begun.elapsed().as_secs_f64();
            bar.suspend(|| {
                eprintln!(
                    "about {:.1} s at {} examples/s",
                    took * (training.epochs - 1) as f64,
                    rough(data.len() as f64 / took)
                );
            });
        }
        !ended()
    })
    .map_err(|error| NetFailure::Training {
        file: arguments.data.file(),
        error,
    })?;
    bar.finish_and_clear();
    if losses.len() < training.epochs {
        let mut file = arguments.output.with_extension("").into_os_string();
        file.push(".partial.safetensors");
        let file = PathBuf::from(file);
        write(&file, &checkpoint_bytes::<R>(&trained.checkpoint()))?;
        return Err(NetFailure::Ended {
            done: losses.len(),
            all: training.epochs,
            rest: training.epochs - losses.len(),
            file: name(&file),
        });
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

/// Says what it will take, and refuses what does not fit.
fn say_bytes<B: Backend>(
    network: &Network<B>,
    data: &Dataset,
    arguments: &TrainArguments,
) -> Result<(), NetFailure> {
    let n = network.dimension();
    let beside = Beside::of(network, data, &arguments.data)?;
    // θ, two moments, the gradient, that of penalties, and what is uploaded of θ.
    let moments = 6 * 8 * n as u128;
    let information = match arguments.optimiser {
        OptimiserName::Sgd | OptimiserName::Adam => 0,
        // Running sums, those of a batch, and an inverse.
        OptimiserName::Kfac => {
            3 * Plan::new(network, Representation::Kronecker(Sharing::Expand)).bytes()
        }
        OptimiserName::Diagonal => 3 * Plan::new(network, Representation::Diagonal).bytes(),
    };
    let needed = |batch| moments + information + beside.bytes(batch);
    eprintln!(
        "{n} parameters, {} epochs of {} examples: {} in all with {} at a time",
        arguments.epochs,
        data.len(),
        bytes(needed(arguments.batch)),
        arguments.batch,
    );
    fits(needed(arguments.batch), || {
        format!("--batch 1 takes {}", bytes(needed(1)))
    })
}
