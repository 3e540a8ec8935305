//! `fisher fit`: a regression on a table.

mod figure;
mod inference;
mod model;
mod multinomial;
mod penalised;
mod progress;
mod report;
mod save;
mod show;

pub(crate) use model::{family, link};
pub(crate) use progress::{INTERRUPTED, ended, listen};

use crate::arguments::FitArguments;
use crate::error::Failure;
use fisherinfo_table::glm::FamilyChoice;
use report::Way;

pub(crate) fn run(arguments: &FitArguments) -> Result<String, Failure> {
    let model = model::Model::read(arguments)?;
    if let Some(penalty) = model.penalty {
        return penalised::run(&model, penalty, arguments.json);
    }
    let way = match model.family {
        FamilyChoice::Multinomial => return multinomial::run(&model, arguments.json),
        FamilyChoice::NegativeBinomial => Way::WithShape,
        FamilyChoice::Of(family) if arguments.firth => Way::Firth(family),
        FamilyChoice::Of(family) => Way::Likelihood(family),
    };
    let report = report::compute(&model, way)?;
    model.finish();
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
