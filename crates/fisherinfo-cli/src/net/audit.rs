//! `fisher net audit`: estimators and representations against each other.

use super::Precision;
use super::data::{DataArguments, bytes, name};
use super::failure::NetFailure;
use super::memory::{Beside, can_be_read, fits};
use super::model::Model;
use crate::number::{json as number, rough};
use crate::table::aligned;
use clap::Args;
use fisherinfo_net::audit::{Audit, audit};
use fisherinfo_net::backend::{Backend, Cpu, Real};
use fisherinfo_net::estimator::{Plan, Representation, Sharing};
use fisherinfo_net::{Dataset, Network};
use serde_json::json;
use std::path::PathBuf;
use std::time::Instant;

#[derive(Debug, Args)]
pub(crate) struct AuditArguments {
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
    /// Labels drawn for each example by the Monte Carlo estimator
    #[arg(long, value_name = "M", default_value_t = 4, value_parser = clap::value_parser!(u32).range(2..1 << 16))]
    draws: u32,
    /// What the draws follow from
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Parts of the data whose differences give the errors
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(2..))]
    parts: u32,
    /// The precision of the passes
    #[arg(long, value_enum, default_value_t = Precision::F32)]
    precision: Precision,
    /// Examples at a time
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &AuditArguments) -> Result<String, NetFailure> {
    let model = Model::open(&arguments.model, arguments.length)?;
    match arguments.precision {
        Precision::F32 => run_in::<f32>(arguments, &model),
        Precision::F64 => run_in::<f64>(arguments, &model),
    }
}

fn run_in<R: Real>(arguments: &AuditArguments, model: &Model) -> Result<String, NetFailure>
where
    Cpu<R>: Backend<Element = R>,
{
    can_be_read::<R>(model)?;
    let data = model.data(&arguments.data)?;
    let network = model.network::<R>(&model.weights(arguments.weights.as_ref())?)?;
    let how = Audit {
        draws: arguments.draws,
        seed: arguments.seed,
        parts: arguments.parts as usize,
        batch: arguments.batch as usize,
        ..Audit::default()
    };
    say_bytes(&network, &data, &how, arguments)?;
    let report = audit(&network, &data, &how).map_err(|error| NetFailure::Estimation {
        file: arguments.data.file(),
        error,
    })?;
    if arguments.json {
        let estimators: Vec<_> = report
            .estimators
            .iter()
            .map(|e| {
                json!({
                    "estimator": e.name,
                    "trace": number(e.trace.value),
                    "standard_error": number(e.trace.error),
                    "ratio": number(e.ratio.value),
                    "ratio_standard_error": number(e.ratio.error),
                    "distance": number(e.distance),
                    "cosine": number(e.cosine),
                    "blocks": e.blocks.iter().map(|(block, m)| json!({
                        "tensors": block,
                        "trace": number(m.value),
                        "standard_error": number(m.error),
                    })).collect::<Vec<_>>(),
                })
            })
            .collect();
        let forms: Vec<_> = report
            .representations
            .iter()
            .map(|r| {
                json!({
                    "representation": r.name,
                    "ratio": number(r.ratio.value),
                    "standard_error": number(r.ratio.error),
                    "gradient": number(r.gradient),
                })
            })
            .collect();
        let value = json!({
            "model": name(&arguments.model),
            "examples": data.len(),
            "reference": report.reference,
            "estimators": estimators,
            "representations": forms,
        });
        return Ok(format!("{value:#}\n"));
    }
    let rows = report.estimators.iter().map(|e| {
        vec![
            e.name.clone(),
            format!("{} ± {}", rough(e.trace.value), rough(e.trace.error)),
            format!("{:.3} ± {:.3}", e.ratio.value, e.ratio.error),
            format!("{:.3}", e.distance),
            format!("{:.4}", e.cosine),
        ]
    });
    let header = ["estimator", "trace", "beside", "distance", "cosine"];
    let mut text = format!(
        "{} examples; beside, distance and cosine are of the diagonal, to {}\n\n{}",
        data.len(),
        report.reference,
        aligned(header.map(String::from).to_vec(), rows.collect())
    );
    let rows = report.representations.iter().map(|r| {
        vec![
            r.name.clone(),
            format!("{:.3} ± {:.3}", r.ratio.value, r.ratio.error),
            format!("{:.3}", r.gradient),
        ]
    });
    let header = ["representation", "random directions", "gradient"];
    text += &format!(
        "\nvᵀFv by a representation beside vᵀFv itself, {}\n\n{}",
        report.reference,
        aligned(header.map(String::from).to_vec(), rows.collect())
    );
    Ok(text)
}

/// Says what it will take and for how long, and refuses what does not fit.
fn say_bytes<B: Backend>(
    network: &Network<B>,
    data: &Dataset,
    how: &Audit,
    arguments: &AuditArguments,
) -> Result<(), NetFailure> {
    let n = network.dimension() as u128;
    let beside = Beside::of(network, data, &arguments.data)?;
    let forms = [
        Representation::Diagonal,
        Representation::Kronecker(Sharing::Expand),
        Representation::EigenKronecker(Sharing::Expand),
    ];
    let largest = forms.map(|form| Plan::new(network, form).bytes());
    let largest = largest.into_iter().max().unwrap_or(0);
    let needed = |batch| largest + 8 * n * how.vectors() as u128 + beside.bytes(batch);
    // One batch there and back tells how long all of them will take.
    let first = 0..data.len().min(how.batch);
    let examples = first.len() as f64;
    let begun = Instant::now();
    let there = network
        .linearise(data, first)
        .map_err(|error| NetFailure::Network {
            file: arguments.data.file(),
            error,
        })?;
    let _ = there.gradient(&vec![0.0; there.coordinates().len()]);
    drop(there);
    let seconds = begun.elapsed().as_secs_f64() / examples;
    let passes = how.passes(network);
    eprintln!(
        "{n} parameters, {passes} passes over {} examples: {} in all with {} at a time, about {:.1} s",
        data.len(),
        bytes(needed(arguments.batch)),
        arguments.batch,
        seconds * passes as f64 * data.len() as f64,
    );
    fits(needed(arguments.batch), || {
        format!("--batch 1 takes {}", bytes(needed(1)))
    })
}
