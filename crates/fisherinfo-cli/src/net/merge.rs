//! `fisher net merge`.

use super::data::{OptionalData, finished, name};
use super::failure::NetFailure;
use super::model::Model;
use crate::number::json as number;
use crate::table::aligned;
use clap::Args;
use fisherinfo_net::merge::{Merged, average, merge};
use fisherinfo_net::train::evaluate;
use fisherinfo_net::{FisherError, NetworkError};
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(crate) struct MergeArguments {
    /// The network: layers in TOML, a folder in Hugging Face form, or a GGUF file
    model: PathBuf,
    /// A model as WEIGHTS:FISHER or WEIGHTS:FISHER:SHARE, two or more of them
    #[arg(required = true, num_args = 2.., value_name = "W:F[:SHARE]")]
    parts: Vec<String>,
    /// What is added to the information, as a share of the mean of its diagonal: how far what no model knows
    /// about falls back to the plain average
    #[arg(long, default_value_t = 1e-3)]
    damping: f64,
    #[command(flatten)]
    data: OptionalData,
    /// What to write: a safetensors file, or a folder for the model with its numbers
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &MergeArguments) -> Result<String, NetFailure> {
    let model = Model::open(&arguments.model, None)?;
    let mut parts = Vec::new();
    for text in &arguments.parts {
        let malformed = || NetFailure::Part { text: text.clone() };
        let pieces: Vec<&str> = text.split(':').collect();
        let (weights, file, share) = match pieces[..] {
            [weights, file] => (weights, file, 1.0),
            [weights, file, share] => (weights, file, share.parse().map_err(|_| malformed())?),
            _ => return Err(malformed()),
        };
        let fisher = finished(Path::new(file))?;
        let path = Path::new(weights);
        let (hash, network) = match fisher.about.dtype.as_str() {
            "F32" => (
                model.network::<f32>(path)?.hash(),
                model.network::<f64>(path)?,
            ),
            _ => {
                let network = model.network::<f64>(path)?;
                (network.hash(), network)
            }
        };
        if hash != fisher.about.model {
            return Err(NetFailure::OtherModel {
                fisher: file.into(),
                weights: weights.into(),
            });
        }
        parts.push((fisher, network, share));
    }
    let thetas: Vec<Vec<f64>> = parts
        .iter()
        .map(|(_, network, _)| network.theta())
        .collect();
    let models: Vec<Merged<'_>> = parts
        .iter()
        .zip(&thetas)
        .map(|((fisher, _, weight), theta)| Merged {
            fisher,
            theta,
            weight: *weight,
        })
        .collect();
    let (one, mean) = (merge(&models, arguments.damping)?, average(&models)?);
    let network = &parts[0].1;
    let fault = |error: NetworkError| NetFailure::Network {
        file: name(&arguments.model),
        error,
    };
    let merged = network.at(&one).map_err(fault)?;
    model.save::<f32>(&merged, &arguments.output)?;
    let distance = |a: &[f64], b: &[f64]| {
        let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
        squares.sum::<f64>().sqrt()
    };
    // Σ of the models' own divergences from them, to second order: what merging is to make small.
    let loss = |theta: &[f64]| -> Result<f64, FisherError> {
        models.iter().try_fold(0.0, |sum, model| {
            let away: Vec<f64> = theta.iter().zip(model.theta).map(|(t, m)| t - m).collect();
            Ok(sum + 0.5 * model.weight * model.fisher.quadratic_form(&away)?)
        })
    };
    let fisher_fault = |error| NetFailure::Fisher {
        file: name(&arguments.output),
        error,
    };
    let given = arguments.data.given();
    let data = given.map(|given| model.data(&given)).transpose()?;
    let fit = |theta: &[f64]| -> Result<_, NetFailure> {
        let Some(data) = &data else {
            return Ok(None);
        };
        let network = network.at(theta).map_err(fault)?;
        Ok(Some(evaluate(&network, data).map_err(fault)?))
    };
    let mut rows = Vec::new();
    let mut values = Vec::new();
    for (what, theta) in [("Fisher-weighted", &one), ("plain average", &mean)] {
        let (far, fit) = (loss(theta).map_err(fisher_fault)?, fit(theta)?);
        values.push(json!({
            "rule": what,
            "divergence": number(far),
            "loss": fit.map(|fit| number(fit.loss)),
            "accuracy": fit.and_then(|fit| fit.accuracy).map(number),
        }));
        let mut row = vec![what.to_owned(), format!("{far:.4}")];
        if let Some(fit) = fit {
            row.push(format!("{:.4}", fit.loss));
            let accuracy = fit.accuracy.map(|a| format!("{:.1} %", 100.0 * a));
            row.push(accuracy.unwrap_or_default());
        }
        rows.push(row);
    }
    if arguments.json {
        let value = json!({
            "file": name(&arguments.output),
            "distance": number(distance(&one, &mean)),
            "rules": values,
        });
        return Ok(format!("{value:#}\n"));
    }
    let mut header = vec!["".to_owned(), "divergence from the models".to_owned()];
    if data.is_some() {
        header.extend(["loss".to_owned(), "right".to_owned()]);
    }
    Ok(format!(
        "{}: {} models merged\n\n{}",
        name(&arguments.output),
        models.len(),
        aligned(header, rows)
    ))
}
