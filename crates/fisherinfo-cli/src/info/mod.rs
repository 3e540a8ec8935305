//! `fisher info`: a model at a point, over a range, or against an estimator.

mod arguments;
mod efficiency;
mod model;
mod report;
mod show;
mod sweep;
mod sweep_show;

pub(crate) use arguments::InfoArguments;
pub(crate) use model::{build, coordinates, unknown_family};

use crate::error::Failure;

pub(crate) fn run(arguments: &InfoArguments) -> Result<String, Failure> {
    if let Some(estimator) = arguments.efficiency {
        return efficiency::run(arguments, estimator);
    }
    if !(arguments.n.is_finite() && arguments.n > 0.0) {
        return Err(Failure::SampleSize { n: arguments.n });
    }
    if let Some(range) = &arguments.sweep {
        return over(arguments, range);
    }
    let report = report::compute(arguments)?;
    Ok(if arguments.json {
        format!("{:#}\n", show::json(&report))
    } else {
        show::text(&report)
    })
}

fn over(arguments: &InfoArguments, range: &str) -> Result<String, Failure> {
    let report = sweep::compute(arguments, range)?;
    if let Some(path) = &arguments.plot {
        sweep_show::chart(&report)
            .write(path)
            .map_err(Failure::Plot)?;
    }
    Ok(if arguments.json {
        format!("{:#}\n", sweep_show::json(&report))
    } else if arguments.csv {
        sweep_show::csv(&report)
    } else {
        sweep_show::text(&report)
    })
}
