//! `fisher info`: a model at a point.

mod arguments;
mod model;
mod report;
mod show;

pub(crate) use arguments::InfoArguments;

use crate::error::Failure;

pub(crate) fn run(arguments: &InfoArguments) -> Result<String, Failure> {
    let report = report::compute(arguments)?;
    Ok(if arguments.json {
        format!("{:#}\n", show::json(&report))
    } else {
        show::text(&report)
    })
}
