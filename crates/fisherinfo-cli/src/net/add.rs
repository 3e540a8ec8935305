//! `fisher net add`.

use super::data::{finished, name};
use super::failure::NetFailure;
use super::inspect::report;
use clap::Args;
use fisherinfo_net::file::write_fisher;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct AddArguments {
    /// The first file
    first: PathBuf,
    /// The others
    #[arg(required = true)]
    others: Vec<PathBuf>,
    /// The Fisher file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &AddArguments) -> Result<String, NetFailure> {
    let mut sum = finished(&arguments.first)?;
    for other in &arguments.others {
        let next = finished(other)?;
        sum = sum.plus(&next).map_err(|error| NetFailure::Fisher {
            file: format!("{} + {}", name(&arguments.first), name(other)),
            error,
        })?;
    }
    write_fisher(&arguments.output, &sum, None)?;
    report(&sum, &name(&arguments.output), arguments.json)
}
