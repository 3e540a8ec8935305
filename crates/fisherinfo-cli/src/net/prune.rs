//! `fisher net prune`.

use super::Precision;
use super::data::{OptionalData, finished, name};
use super::failure::NetFailure;
use super::model::Model;
use crate::number::json as number;
use crate::table::aligned;
use clap::{Args, ValueEnum};
use fisherinfo_net::backend::{Backend, Cpu, Real};
use fisherinfo_net::prune::{Saliency, prune};
use fisherinfo_net::train::evaluate;
use serde_json::json;
use std::path::PathBuf;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SaliencyName {
    /// ½Fθ², what the divergence grows by
    Fisher,
    /// |θ|
    Magnitude,
}

#[derive(Debug, Args)]
pub(crate) struct PruneArguments {
    /// The network: layers in TOML, a folder in Hugging Face form, or a GGUF file
    model: PathBuf,
    /// Its Fisher file
    fisher: PathBuf,
    /// Its checkpoint, safetensors; without it the model's own, or the one that it names
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// The share of the weights that become zero; biases and scales stay
    #[arg(long, default_value_t = 0.5)]
    sparsity: f64,
    /// What is taken for the importance of a weight
    #[arg(long, value_enum, default_value_t = SaliencyName::Fisher)]
    by: SaliencyName,
    /// Tokens of an example, for a folder or a GGUF file
    #[arg(long, value_name = "TOKENS")]
    length: Option<usize>,
    #[command(flatten)]
    data: OptionalData,
    /// What to write: a safetensors file, or a folder for the model with its numbers
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &PruneArguments) -> Result<String, NetFailure> {
    if !(0.0..=1.0).contains(&arguments.sparsity) {
        return Err(NetFailure::Option {
            option: "--sparsity",
            wanted: "a number from 0 to 1",
            found: arguments.sparsity.to_string(),
        });
    }
    let fisher = finished(&arguments.fisher)?;
    let precision = match fisher.about.dtype.as_str() {
        "F32" => Precision::F32,
        _ => Precision::F64,
    };
    match precision {
        Precision::F32 => run_in::<f32>(arguments, &fisher),
        Precision::F64 => run_in::<f64>(arguments, &fisher),
    }
}

fn run_in<R: Real>(
    arguments: &PruneArguments,
    fisher: &fisherinfo_net::Fisher,
) -> Result<String, NetFailure>
where
    Cpu<R>: Backend<Element = R>,
{
    let model = Model::open(&arguments.model, arguments.length)?;
    let weights = model.weights(arguments.weights.as_ref())?;
    let network = model.network::<R>(&weights)?;
    if network.hash() != fisher.about.model {
        return Err(NetFailure::OtherModel {
            fisher: name(&arguments.fisher),
            weights: name(&weights),
        });
    }
    let given = arguments.data.given();
    let data = given.map(|given| model.data(&given)).transpose()?;
    let theta = network.theta();
    let fault = |error| NetFailure::Network {
        file: name(&weights),
        error,
    };
    let said = |theta: &[f64]| -> Result<_, NetFailure> {
        let Some(data) = &data else { return Ok(None) };
        let network = network.at(theta).map_err(fault)?;
        Ok(Some(evaluate(&network, data).map_err(fault)?))
    };
    let (mut rows, mut values, mut zeros) = (Vec::new(), Vec::new(), 0);
    let mut add = |what: &str, fit: Option<fisherinfo_net::train::Fit>| {
        values.push(json!({
            "by": what,
            "loss": fit.map(|fit| number(fit.loss)),
            "accuracy": fit.and_then(|fit| fit.accuracy).map(number),
        }));
        if let Some(fit) = fit {
            let accuracy = fit.accuracy.map(|a| format!("{:.1} %", 100.0 * a));
            rows.push(vec![
                what.to_owned(),
                format!("{:.4}", fit.loss),
                accuracy.unwrap_or_default(),
            ]);
        }
    };
    if data.is_some() {
        add("not pruned", said(&theta)?);
    }
    for (way, saliency, what) in [
        (SaliencyName::Fisher, Saliency::Fisher, "by Fisher"),
        (SaliencyName::Magnitude, Saliency::Magnitude, "by magnitude"),
    ] {
        if way != arguments.by && data.is_none() {
            continue;
        }
        let (pruned, gone) =
            prune(fisher, &theta, arguments.sparsity, saliency).map_err(|error| {
                NetFailure::Fisher {
                    file: name(&arguments.fisher),
                    error,
                }
            })?;
        add(what, said(&pruned)?);
        if way == arguments.by {
            zeros = gone;
            model.save::<R>(&network.at(&pruned).map_err(fault)?, &arguments.output)?;
        }
    }
    if arguments.json {
        let value = json!({
            "file": name(&arguments.output),
            "zeros": zeros,
            "parameters": theta.len(),
            "ways": values,
        });
        return Ok(format!("{value:#}\n"));
    }
    let head = format!(
        "{}: {zeros} of {} parameters set to zero\n",
        name(&arguments.output),
        theta.len()
    );
    if rows.is_empty() {
        return Ok(head);
    }
    let header = ["", "loss", "right"].map(String::from).to_vec();
    Ok(format!("{head}\n{}", aligned(header, rows)))
}
