//! `fisher fit`: a regression on a table.

mod figure;
mod inference;
mod model;
mod penalised;
mod report;
mod save;
mod show;

pub(crate) use model::{family, link};

use crate::arguments::FitArguments;
use crate::error::Failure;

pub(crate) fn run(arguments: &FitArguments) -> Result<String, Failure> {
    let model = model::Model::read(arguments)?;
    if let Some(penalty) = model.penalty {
        return penalised::run(&model, penalty, arguments.json);
    }
    let report = report::compute(&model)?;
    if let Some(path) = &arguments.save {
        save::save(&report, path)?;
    }
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
