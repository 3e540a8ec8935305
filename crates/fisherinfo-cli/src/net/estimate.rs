//! `fisher net estimate`.

use super::Precision;
use super::data::{DataArguments, bytes, name};
use super::failure::NetFailure;
use super::inspect::report;
use super::memory::{Beside, can_be_read, fits};
use super::model::Model;
use crate::fit::{ended, listen};
use crate::number::rough;
use clap::{Args, ValueEnum};
use fisherinfo_net::backend::{Backend, Cpu, Real};
use fisherinfo_net::estimator::{
    Estimation, Estimator, Plan, Reduction, Representation, Settings, Sharing, scores,
};
use fisherinfo_net::file::{Progress, read_fisher, write_atomically, write_fisher};
use fisherinfo_net::{Dataset, Network};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EstimatorName {
    /// The family's own information, one pass backwards a class
    Exact,
    /// Labels drawn from the model
    MonteCarlo,
    /// The labels seen
    Empirical,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RepresentationName {
    /// All entries
    Dense,
    /// A dense block a layer
    BlockDiagonal,
    /// The diagonal
    Diagonal,
    /// Kronecker factors, each position an example
    Kfac,
    /// Kronecker factors of positions put together
    KfacReduce,
    /// Kronecker eigenvectors with moments of their own
    Ekfac,
    /// The same of positions put together
    EkfacReduce,
    /// All entries, as the scores they are made of
    LowRank,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ReductionName {
    /// Of the whole sample
    Sum,
    /// By the number of examples
    Mean,
    /// By the number of observations
    MeanObservations,
}

#[derive(Debug, Args)]
pub(crate) struct EstimateArguments {
    /// The network: layers in TOML, a folder in Hugging Face form, or a GGUF file
    model: PathBuf,
    /// Tokens of an example, for a folder or a GGUF file; 128 where nothing else is said
    #[arg(long, value_name = "TOKENS")]
    length: Option<usize>,
    /// Its checkpoint, safetensors; without it the model's own, or the one that it names
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    #[command(flatten)]
    data: DataArguments,
    /// What stands in the place of the information of the output's family; exact where that takes a thousand
    /// passes backwards or fewer, else monte-carlo
    #[arg(long, value_enum)]
    estimator: Option<EstimatorName>,
    /// Labels drawn for each example by the Monte Carlo estimator; from two on there are standard errors
    #[arg(long, value_name = "M", default_value_t = 1)]
    draws: u32,
    /// What the draws follow from
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The place of the first example in the whole, for a shard of it: Monte Carlo draws follow from places
    #[arg(long, value_name = "PLACE", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..1 << 40))]
    first: u64,
    /// What is kept of the matrix
    #[arg(long, value_enum, default_value_t = RepresentationName::Diagonal)]
    representation: RepresentationName,
    /// What the sum over examples is divided by
    #[arg(long, value_enum, default_value_t = ReductionName::Mean)]
    reduction: ReductionName,
    /// The precision of the passes; sums are in double precision. f64 for layers in TOML, f32 for folders and
    /// GGUF files
    #[arg(long, value_enum)]
    precision: Option<Precision>,
    /// Examples at a time; 256, or as many as take a gigabyte
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    batch: Option<u32>,
    /// Examples between two saves of the state
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    save_every: u64,
    /// The Fisher file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl EstimateArguments {
    fn settings(&self, passes: usize) -> Result<Settings, NetFailure> {
        let name = match self.estimator {
            Some(EstimatorName::Exact) if passes > MOST_PASSES => {
                return Err(NetFailure::Passes { passes });
            }
            Some(name) => name,
            None if passes > MOST_PASSES => EstimatorName::MonteCarlo,
            None => EstimatorName::Exact,
        };
        Ok(Settings {
            estimator: match name {
                EstimatorName::Exact => Estimator::Exact,
                EstimatorName::MonteCarlo => Estimator::MonteCarlo {
                    draws: self.draws,
                    seed: self.seed,
                },
                EstimatorName::Empirical => Estimator::Empirical,
            },
            representation: match self.representation {
                RepresentationName::Dense => Representation::Dense,
                RepresentationName::BlockDiagonal => Representation::BlockDiagonal,
                RepresentationName::Diagonal => Representation::Diagonal,
                RepresentationName::Kfac => Representation::Kronecker(Sharing::Expand),
                RepresentationName::KfacReduce => Representation::Kronecker(Sharing::Reduce),
                RepresentationName::Ekfac => Representation::EigenKronecker(Sharing::Expand),
                RepresentationName::EkfacReduce => Representation::EigenKronecker(Sharing::Reduce),
                RepresentationName::LowRank => Representation::LowRank,
            },
            reduction: match self.reduction {
                ReductionName::Sum => Reduction::Sum,
                ReductionName::Mean => Reduction::Mean,
                ReductionName::MeanObservations => Reduction::MeanOverObservations,
            },
        })
    }
}

/// Passes backwards that an exact estimate may take.
const MOST_PASSES: usize = 1000;
/// Bytes that the passes over one batch may take where nothing is said.
const BATCH: u128 = 1 << 30;

pub(crate) fn run(arguments: &EstimateArguments) -> Result<String, NetFailure> {
    let model = Model::open(&arguments.model, arguments.length)?;
    let precision = arguments.precision.unwrap_or(match model.count() {
        Some(_) => Precision::F32,
        None => Precision::F64,
    });
    match precision {
        Precision::F32 => run_in::<f32>(arguments, &model),
        Precision::F64 => run_in::<f64>(arguments, &model),
    }
}

fn run_in<R: Real>(arguments: &EstimateArguments, model: &Model) -> Result<String, NetFailure>
where
    Cpu<R>: Backend<Element = R>,
{
    can_be_read::<R>(model)?;
    let data = model.data(&arguments.data)?.starting_at(arguments.first);
    let weights = model.weights(arguments.weights.as_ref())?;
    let network = model.network::<R>(&weights)?;
    let settings = arguments.settings(network.output_positions() * network.output().rank())?;
    let batch = say_bytes(&network, &data, settings, arguments)?;
    let estimation_error = |error| NetFailure::Estimation {
        file: arguments.data.file(),
        error,
    };
    let fresh = Estimation::new(&network, &data, settings).map_err(estimation_error)?;
    let state = State::beside(&arguments.output, batch);
    let mut estimation = state.resume(fresh, &data)?;
    listen();
    let all = estimation.passes() * data.len() as u64;
    let bar = bar(all);
    let mut saved = estimation.progress(&data);
    let begun = (Instant::now(), saved);
    let mut said = false;
    while let Some(range) = estimation.next(&data, batch as usize) {
        if ended() {
            bar.finish_and_clear();
            state.save(&estimation)?;
            return Err(NetFailure::Interrupted {
                done: estimation.progress(&data),
                all,
                file: name(&state.path),
            });
        }
        estimation
            .update(&network, &data, range)
            .map_err(estimation_error)?;
        let done = estimation.progress(&data);
        bar.set_position(done);
        if !said && done < all {
            // The first batch tells how long the rest will take.
            said = true;
            let rate = (done - begun.1) as f64 / begun.0.elapsed().as_secs_f64();
            bar.suspend(|| {
                eprintln!(
                    "about {:.1} s at {} examples/s",
                    (all - done) as f64 / rate,
                    rough(rate)
                );
            });
        }
        if done - saved >= arguments.save_every {
            state.save(&estimation)?;
            saved = done;
        }
    }
    bar.finish_and_clear();
    let fisher = estimation.finish();
    write_fisher(&arguments.output, &fisher, None)?;
    // What cannot be removed is found to be of this estimate the next time.
    let _ = std::fs::remove_file(&state.path);
    report(&fisher, &name(&arguments.output), arguments.json)
}

/// Says what it will take, and refuses what does not fit; examples a batch.
fn say_bytes<B: Backend>(
    network: &Network<B>,
    data: &Dataset,
    settings: Settings,
    arguments: &EstimateArguments,
) -> Result<u32, NetFailure> {
    let beside = Beside::of(network, data, &arguments.data)?;
    let number = scores(settings.estimator, network, data);
    let number = u64::try_from(number).unwrap_or(u64::MAX);
    let sums = |representation| Plan::new(network, representation).seeing(number).bytes();
    let n = network.dimension() as u128;
    let fitting = (BATCH / beside.an_example.max(1)).clamp(1, 256) as u32;
    let batch = arguments.batch.unwrap_or(fitting);
    let spread = match settings.estimator {
        Estimator::MonteCarlo { draws, .. }
            if draws > 1 && settings.representation == Representation::Diagonal =>
        {
            // Those of a batch and of all, and what another pass or two backwards left of it.
            2 * 8 * n + u128::from(draws.min(3) - 1) * u128::from(batch) * beside.an_example
        }
        _ => 0,
    };
    let sums_in_all = sums(settings.representation) + spread;
    let needed = sums_in_all + beside.bytes(batch);
    eprintln!(
        "{n} parameters, {}, {}: {} of sums, {} in all with {batch} of {} examples at a time",
        settings.estimator,
        settings.representation,
        bytes(sums_in_all),
        bytes(needed),
        data.len(),
    );
    fits(needed, || {
        let diagonal = sums(Representation::Diagonal) + beside.bytes(1);
        format!(
            "--representation diagonal --batch 1 takes {}",
            bytes(diagonal)
        )
    })?;
    Ok(batch)
}

pub(super) fn bar(all: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(all), ProgressDrawTarget::stderr_with_hz(4));
    let template = "{bar:30} {percent} %, {per_sec}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// The sums of an estimate that is not finished, beside its output.
struct State {
    path: PathBuf,
    batch: u32,
}

impl State {
    fn beside(output: &Path, batch: u32) -> Self {
        let mut path = output.to_path_buf().into_os_string();
        path.push(".partial");
        Self {
            path: path.into(),
            batch,
        }
    }

    fn resume(&self, fresh: Estimation, data: &Dataset) -> Result<Estimation, NetFailure> {
        if !self.path.exists() {
            return Ok(fresh);
        }
        let refused = |reason: String| NetFailure::State {
            file: name(&self.path),
            reason,
        };
        let (state, progress) = read_fisher(&self.path)?;
        let progress = progress.ok_or_else(|| refused("it is a finished estimate".into()))?;
        if progress.batch != u64::from(self.batch) {
            return Err(refused(format!(
                "it was begun with --batch {}, by which sums are rounded",
                progress.batch
            )));
        }
        let resumed = fresh
            .resumed(state, progress.seen, progress.second, data.len() as u64)
            .map_err(|error| refused(error.to_string()))?;
        eprintln!("going on after {} examples", resumed.progress(data));
        Ok(resumed)
    }

    fn save(&self, estimation: &Estimation) -> Result<(), NetFailure> {
        let (seen, second) = estimation.place();
        let progress = Progress {
            seen,
            second,
            batch: self.batch.into(),
        };
        Ok(write_fisher(
            &self.path,
            estimation.state(),
            Some(progress),
        )?)
    }
}

pub(super) fn write(path: &Path, bytes: &Result<Vec<u8>, String>) -> Result<(), NetFailure> {
    let bytes = bytes.as_ref().map_err(|reason| NetFailure::NotComposed {
        file: name(path),
        reason: reason.clone(),
    })?;
    Ok(write_atomically(path, bytes)?)
}
