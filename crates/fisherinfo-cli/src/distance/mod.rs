//! `fisher distance`: two points of a model.

mod report;
mod show;

use crate::arguments::DistanceArguments;
use crate::error::Failure;

pub(crate) fn run(arguments: &DistanceArguments) -> Result<String, Failure> {
    let report = report::compute(arguments)?;
    Ok(if arguments.json {
        format!("{:#}\n", show::json(&report))
    } else {
        show::text(&report)
    })
}
