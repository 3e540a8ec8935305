//! `fisher fit`: a regression on a table.

mod figure;
mod model;
mod progress;
mod report;
mod show;

pub(crate) use model::{family, link};
pub(crate) use progress::INTERRUPTED;

use crate::arguments::FitArguments;
use crate::error::Failure;

pub(crate) fn run(arguments: &FitArguments) -> Result<String, Failure> {
    let model = model::Model::read(arguments)?;
    let report = report::compute(&model)?;
    model.finish();
    if let Some(path) = &arguments.plot {
        let figure = figure::figure(&report, arguments.ellipse.as_deref())?;
        figure.write(path).map_err(Failure::Plot)?;
    }
    Ok(if arguments.json {
        format!("{:#}\n", show::json(&report))
    } else {
        show::text(&report)
    })
}
