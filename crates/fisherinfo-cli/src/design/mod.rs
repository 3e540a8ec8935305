//! `fisher design`: where to observe.

mod report;
mod show;

use crate::arguments::MissingCells;
use crate::error::Failure;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CriterionName {
    /// The largest determinant of the information: all parameters together
    D,
    /// The smallest sum of the variances
    A,
    /// The largest smallest eigenvalue: the worst combination
    E,
    /// The smallest variance of the combination given by --c
    C,
}

/// Where to observe: optimal weights over candidate points
///
/// Either over the rows of a CSV file, for the terms of a formula, or over an interval, for a formula in
/// one factor. Prints the points with their weights, the value of the criterion, the certificate of the
/// equivalence theorem, and how efficient equal weights are.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  fisher design candidates.csv '~ x + x^2'
  fisher design candidates.csv '~ dose + drug' --family binomial --at 'Intercept=-1,dose=0.5,drug[b]=1'
  fisher design --model 'c*(exp(-a*t) - exp(-b*t))' --range t=0:30 --at 'a=0.05884,b=4.298,c=21.8'
  fisher design --model 'a + b*x' --range x=-5:5 --at a=0,b=1 --family binomial --criterion c --c 'b=1'

--model is the linear predictor, to which the link is applied; for the gaussian family that is the mean
itself, with variance one. Nonlinear designs are best at the parameters given by --at.")]
pub(crate) struct DesignArguments {
    /// A CSV file with a header, one candidate a row
    #[arg(required_unless_present = "model", requires = "formula")]
    pub(crate) data: Option<PathBuf>,
    /// The terms of the model: '~ a + b'
    pub(crate) formula: Option<String>,
    /// The predictor as a formula in one factor and the parameters
    #[arg(
        long,
        value_name = "FORMULA",
        requires = "range",
        conflicts_with = "data"
    )]
    pub(crate) model: Option<String>,
    /// The factor and where it may be set: t=0:30
    #[arg(long, value_name = "NAME=FROM:TO", requires = "model")]
    pub(crate) range: Option<String>,
    /// Values assumed for the parameters: 'a=1,b=-0.5', or a file of `fisher fit --save`, whose
    /// family, link and categories are then taken as well
    #[arg(long, value_name = "NAME=NUMBER,…|FILE", allow_hyphen_values = true)]
    pub(crate) at: Option<String>,
    /// What to be best at
    #[arg(long, value_enum, default_value_t = CriterionName::D)]
    pub(crate) criterion: CriterionName,
    /// The combination of parameters to estimate, for --criterion c: 0,1 or 'b=1'
    #[arg(
        long,
        value_name = "NUMBERS",
        allow_hyphen_values = true,
        required_if_eq("criterion", "c")
    )]
    pub(crate) c: Option<String>,
    /// The family of the response: binomial, poisson, negative-binomial(k), gaussian, gamma,
    /// inverse-gaussian or tweedie(p); without it that of the saved fit, or gaussian
    #[arg(long)]
    pub(crate) family: Option<String>,
    /// The link; without it the family's usual one: identity, log, logit, probit, cloglog, cauchit,
    /// inverse, inverse-squared, sqrt, power(p) as in 'power(0.25)'
    #[arg(long)]
    pub(crate) link: Option<String>,
    /// What to do with rows that have missing cells
    #[arg(long, value_enum, default_value_t = MissingCells::Fail)]
    pub(crate) missing: MissingCells,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(arguments: &DesignArguments) -> Result<String, Failure> {
    let report = report::compute(arguments)?;
    Ok(if arguments.json {
        format!("{:#}\n", show::json(&report))
    } else {
        show::text(&report)
    })
}
