//! `fisher net outputs`.

use super::Precision;
use super::data::{DataArguments, name};
use super::estimate::write;
use super::failure::NetFailure;
use super::model::Model;
use clap::Args;
use fisherinfo_net::backend::{Backend, Cpu, Real};
use fisherinfo_net::file::checkpoint_bytes;
use fisherinfo_net::train::evaluate;
use fisherinfo_net::{Checkpoint, Tensor};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct OutputsArguments {
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
    /// The precision of the pass
    #[arg(long, value_enum, default_value_t = Precision::F32)]
    precision: Precision,
    /// The safetensors file to write: `outputs`, examples × positions × outputs, and `inputs`
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

pub(crate) fn run(arguments: &OutputsArguments) -> Result<String, NetFailure> {
    match arguments.precision {
        Precision::F32 => run_in::<f32>(arguments),
        Precision::F64 => run_in::<f64>(arguments),
    }
}

fn run_in<R: Real>(arguments: &OutputsArguments) -> Result<String, NetFailure>
where
    Cpu<R>: Backend<Element = R>,
{
    let model = Model::open(&arguments.model, arguments.length)?;
    let data = model.data(&arguments.data)?;
    let network = model.network::<R>(&model.weights(arguments.weights.as_ref())?)?;
    let fault = |error| NetFailure::Network {
        file: arguments.data.file(),
        error,
    };
    let fit = evaluate(&network, &data).map_err(fault)?;
    let mut values = Vec::new();
    for example in 0..data.len() {
        let there = network.linearise(&data, example..example + 1);
        values.extend_from_slice(there.map_err(fault)?.coordinates());
    }
    let positions = network.output_positions();
    let outputs = Tensor {
        shape: vec![data.len(), positions, values.len() / data.len() / positions],
        values,
    };
    let inputs = Tensor {
        shape: vec![data.len(), data.width()],
        values: data.inputs(0..data.len()).to_vec(),
    };
    let tensors = Checkpoint::from([("outputs".into(), outputs), ("inputs".into(), inputs)]);
    write(&arguments.output, &checkpoint_bytes::<R>(&tensors))?;
    let accuracy = fit
        .accuracy
        .map_or(String::new(), |a| format!(", {:.1} % right", 100.0 * a));
    Ok(format!(
        "{}: outputs of {} examples\nmean negative log-likelihood {:.4} nats{accuracy}\n",
        name(&arguments.output),
        data.len(),
        fit.loss,
    ))
}
