//! `fisher net ewc`.

use super::data::{anchors, name};
use super::estimate::write;
use super::failure::NetFailure;
use super::model::Model;
use crate::number::{json as number, plain};
use crate::table::aligned;
use clap::Args;
use fisherinfo_net::file::checkpoint_bytes;
use fisherinfo_net::{Checkpoint, Tensor};
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct EwcArguments {
    /// The network: layers in TOML, a folder in Hugging Face form, or a GGUF file
    model: PathBuf,
    /// The checkpoint whose distance is asked; without it the one that the model names
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// A task as FISHER:WEIGHTS:STRENGTH, the file of its information, where that was taken, and λ; may be
    /// repeated
    #[arg(long, value_name = "F:W:λ", required = true)]
    anchor: Vec<String>,
    /// Write the gradient of the penalty, tensor by tensor, as safetensors
    #[arg(long, value_name = "FILE")]
    gradient: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &EwcArguments) -> Result<String, NetFailure> {
    let model = Model::open(&arguments.model, None)?;
    let weights = model.weights(arguments.weights.as_ref())?;
    let network = model.network::<f64>(&weights)?;
    let penalties = anchors(&model, &arguments.anchor)?;
    let theta = network.theta();
    let fault = |error| NetFailure::Fisher {
        file: name(&weights),
        error,
    };
    let penalty = penalties.penalty(&theta).map_err(fault)?;
    let gradient = penalties.gradient(&theta).map_err(fault)?;
    let mut tensors = Checkpoint::new();
    let mut rows = Vec::new();
    for info in network.parameters() {
        let values = gradient[info.offset..info.offset + info.length()].to_vec();
        let size = values.iter().map(|g| g * g).sum::<f64>().sqrt();
        rows.push((info.name.clone(), size));
        let shape = info.shape.clone();
        tensors.insert(info.name.clone(), Tensor { shape, values });
    }
    if let Some(path) = &arguments.gradient {
        write(path, &checkpoint_bytes::<f64>(&tensors))?;
    }
    if arguments.json {
        let by_tensor: Vec<_> = rows
            .iter()
            .map(|(name, size)| json!({ "tensor": name, "gradient_norm": number(*size) }))
            .collect();
        let value = json!({
            "tasks": penalties.tasks(),
            "penalty": number(penalty),
            "gradient": by_tensor,
        });
        return Ok(format!("{value:#}\n"));
    }
    let header = vec!["tensor".into(), "norm of the gradient".into()];
    let rows = rows.into_iter().map(|(name, size)| vec![name, plain(size)]);
    Ok(format!(
        "penalty {} from {} task(s)\n\n{}",
        plain(penalty),
        penalties.tasks(),
        aligned(header, rows.collect())
    ))
}
