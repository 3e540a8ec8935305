//! `fisher info`: a model at a point.

mod report;
mod show;

pub(crate) use report::{build, choose, unknown_family};

use crate::arguments::InfoArguments;
use crate::error::Failure;

pub(crate) fn run(arguments: &InfoArguments) -> Result<String, Failure> {
    let report = report::compute(arguments)?;
    Ok(if arguments.json {
        format!("{:#}\n", show::json(&report))
    } else {
        show::text(&report)
    })
}
