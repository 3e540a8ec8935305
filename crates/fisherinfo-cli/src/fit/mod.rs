//! `fisher fit`: a regression on a table.

mod figure;
mod formula;
mod inference;
mod levels;
mod model;
mod multinomial;
mod options;
mod penalised;
mod progress;
mod report;
mod rows;
mod save;
mod show;
mod unidentified;

pub(crate) use model::{family, link};
pub(crate) use progress::{INTERRUPTED, ended, listen};

use crate::arguments::FitArguments;
use crate::error::Failure;
use fisherinfo_table::glm::FamilyChoice;
use report::Way;

pub(crate) fn run(arguments: &FitArguments) -> Result<String, Failure> {
    if let Some(factor) = &arguments.each_level_of {
        return levels::run(arguments, factor);
    }
    let model = model::Model::read(arguments)?;
    if let Some(penalty) = model.penalty {
        let shown = penalised::run(&model, penalty, arguments.json);
        model.finish();
        return shown;
    }
    let way = match model.family {
        FamilyChoice::Multinomial => {
            let shown = multinomial::run(&model, arguments.json);
            model.finish();
            return shown;
        }
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
