//! `fisher fit`: a regression on a table.

mod model;
mod report;
mod show;

use crate::arguments::FitArguments;
use crate::error::Failure;

pub(crate) fn run(arguments: &FitArguments) -> Result<String, Failure> {
    let model = model::Model::read(arguments)?;
    let report = report::compute(&model)?;
    Ok(if arguments.json {
        format!("{:#}\n", show::json(&report))
    } else {
        show::text(&report)
    })
}
