//! What a person can type.

use crate::design::DesignArguments;
use crate::export::ExportArguments;
use crate::info::InfoArguments;
use crate::net::NetCommand;
use crate::predict::PredictArguments;
use crate::run::RunArguments;
use crate::serve::ServeArguments;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;

/// Fisher information for real models.
#[derive(Debug, Parser)]
#[command(name = "fisher", version, about, long_about = None, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The Fisher information of a model at a point
    Info(InfoArguments),
    /// The Fisher–Rao distance of two points of a model
    Distance(DistanceArguments),
    /// Where to observe: optimal weights over candidate points
    Design(DesignArguments),
    /// A regression on a table, with its standard errors side by side
    Fit(FitArguments),
    /// What a saved fit says about new rows
    Predict(PredictArguments),
    /// The processes of a cluster, for `fisher fit … --cluster df://host:port`
    #[cfg(feature = "cluster")]
    #[command(subcommand)]
    Cluster(fisherinfo_cluster::Process),
    /// The processes of a cluster (of builds with the feature `cluster`)
    #[cfg(not(feature = "cluster"))]
    Cluster {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        rest: Vec<String>,
    },
    /// Networks: train, estimate their Fisher information, use it
    #[command(subcommand)]
    Net(NetCommand),
    /// The workbook's solutions, with their checks
    #[command(after_help = "Examples:
  fisher run
  fisher run 7 --n 3000
  fisher run 1 --p 0.1 --json

The exit code is 0 when every check passes and 1 when one fails.")]
    Run(RunArguments),
    /// Checks an answer to one of the workbook's questions
    Check(CheckArguments),
    Serve(ServeArguments),
    /// The workbook as a Jupyter notebook, its solutions run
    Export(ExportArguments),
    /// The families there are
    Families {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// A completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// This command's manual page, in roff
    Manual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PathRoute {
    /// The closed form where there is one, else numeric
    Auto,
    /// The closed form
    Closed,
    /// The path of least energy, with an error
    Numeric,
}

/// The Fisher–Rao distance of two points of a model
///
/// Prints the length of the shortest path between two points under the Fisher information of one
/// observation, how it was computed, the Kullback–Leibler divergence both ways, and the curvature
/// of the family at both points.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  fisher distance normal mu=0,sigma=1 mu=2,sigma=3
  fisher distance normal mu=0,sigma=1 mu=2,sigma=3 --geodesic 5 --coordinates log-sigma
  fisher distance mvnormal-full 'mean=[0,0] cov=[[1,0],[0,1]]' 'mean=[0,0] cov=[[2,0.5],[0.5,1]]'
  fisher distance gamma shape=2,rate=1 shape=5,rate=1 --json")]
pub(crate) struct DistanceArguments {
    /// The family; `fisher families` lists them
    pub(crate) family: String,
    /// The first point: mu=0,sigma=1 (or in quotes, separated by spaces)
    #[arg(value_name = "FROM")]
    pub(crate) from: String,
    /// The second point
    #[arg(value_name = "TO")]
    pub(crate) to: String,
    /// Points of the shortest path at equal distances, both ends among them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=10_000))]
    pub(crate) geodesic: Option<u16>,
    /// Coordinates of the points of the path; `fisher families` lists those of each family
    #[arg(long, value_name = "NAME", requires = "geodesic")]
    pub(crate) coordinates: Option<String>,
    /// How to find the path
    #[arg(long, value_enum, default_value_t = PathRoute::Auto)]
    pub(crate) method: PathRoute,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MissingCells {
    /// Stop and say how many there are
    Fail,
    /// Leave the rows out and say how many
    Drop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Robust {
    /// No small-sample factor
    Hc0,
    /// n/(n − p)
    Hc1,
    /// 1/(1 − h), h the leverage of a row
    Hc2,
    /// 1/(1 − h)²
    Hc3,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClusterCorrection {
    /// G/(G − 1)·(n − 1)/(n − p)
    Cr1,
    /// No factor
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Intervals {
    /// Estimate ± quantile · standard error, from the expected information
    Wald,
    /// What the likelihood-ratio test does not reject, the other coefficients refitted
    Profile,
}

/// A regression on a table, with its standard errors side by side
///
/// Fits a generalised linear model to a table by Fisher scoring and prints the coefficients with
/// the standard errors of the expected, observed and empirical information and their sandwich.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  fisher fit spector.csv 'grade ~ gpa + tuce + psi' --family binomial
  fisher fit clotting.csv 'lot1 ~ log(u)' --family gamma --link inverse
  fisher fit beetle.csv 'killed ~ dose' --family binomial --link cloglog --trials n --json
  fisher fit budworm.csv 'dead ~ sex*ldose' --family binomial --trials n --intervals profile --test all
  fisher fit spector.csv 'grade ~ gpa + psi' --family binomial --save fit.json
  fisher fit spector.csv 'grade ~ gpa + tuce + psi' --family binomial --elastic-net 0.05,0.5
  fisher fit ships.csv 'incidents ~ type + offset(log(service))' --family poisson --missing drop
  fisher fit quine.csv 'Days ~ Eth + Sex + Age + Lrn' --family negative-binomial
  fisher fit endometrial.csv 'HG ~ NV + PI + EH' --family binomial --firth
  fisher fit alligators.csv 'food ~ lake + size' --family multinomial --reference fish
  fisher fit claims.csv 'cost ~ age + region' --family 'tweedie(1.5)' --link log
  fisher fit visits.csv 'days ~ age + dose' --family poisson --each-level-of patient
  fisher fit 'flights/*.csv.gz' 'late ~ C(month) + distance' --family binomial --resume state.json
  fisher fit 'flights/*.parquet' 'late ~ distance' --family binomial --cluster df://node1:50050

Formulas: y ~ a + b, interactions a:b and a*b, categories C(x) (text columns are categories by
themselves), C(x, Treatment(\"b\")) compared with b, -1 for no intercept, functions log(x), x**2,
I(x/1000), and offset(log(t)).")]
pub(crate) struct FitArguments {
    /// Files with a header: CSV (plain, gzip or zstd) or, where built in, Parquet and Arrow; or a
    /// pattern in quotes, 'data/*.csv.gz'; where built in, of a store, 's3://bucket/data/*.csv.gz'
    #[arg(required = true, num_args = 1..)]
    pub(crate) data: Vec<PathBuf>,
    /// The model: 'y ~ a + b'
    pub(crate) formula: String,
    /// The family of the response: binomial, poisson, negative-binomial(k), negative-binomial (its
    /// shape k estimated), gaussian, gamma, inverse-gaussian, tweedie(p) or multinomial
    #[arg(long)]
    pub(crate) family: String,
    /// The link; without it the family's usual one: identity, log, logit, probit, cloglog, cauchit,
    /// inverse, inverse-squared, sqrt, power(p) as in 'power(0.25)'
    #[arg(long)]
    pub(crate) link: Option<String>,
    /// The column with the number of trials, when a binomial response counts successes
    #[arg(long, value_name = "COLUMN")]
    pub(crate) trials: Option<String>,
    /// A column that is added to the predictor, beside the formula's offset(…)
    #[arg(long, value_name = "COLUMN")]
    pub(crate) offset: Option<String>,
    /// How many rows that are the same each row stands for: n is their sum
    #[arg(long, value_name = "COLUMN", conflicts_with = "weights")]
    pub(crate) frequency_weights: Option<String>,
    /// The precision of each row: its variance is φV(μ)/w, and n stays the number of rows
    #[arg(long, value_name = "COLUMN")]
    pub(crate) weights: Option<String>,
    /// The level that counts as success, when a binomial response is two labels; without it the
    /// second in ascending order
    #[arg(long, value_name = "LEVEL", conflicts_with = "trials")]
    pub(crate) success: Option<String>,
    /// The category of a multinomial response that the others are held against; without it the first
    #[arg(long, value_name = "LEVEL")]
    pub(crate) reference: Option<String>,
    /// Firth's correction: penalise by ½ log det I, which keeps estimates finite under separation
    #[arg(long, conflicts_with_all = ["test", "intervals"])]
    pub(crate) firth: bool,
    /// An intercept for each level of a column that may have a hundred thousand of them: they take no
    /// columns, and the formula's own intercept is one of them
    #[arg(
        long,
        value_name = "COLUMN",
        conflicts_with_all = ["reference", "firth", "cluster", "test", "intervals", "ridge", "elastic_net", "save", "stream", "resume", "information_matrix_test", "plot"]
    )]
    pub(crate) each_level_of: Option<String>,
    /// What to do with rows that have missing cells
    #[arg(long, value_enum, default_value_t = MissingCells::Fail)]
    pub(crate) missing: MissingCells,
    /// The sandwich's correction for small samples
    #[arg(long, value_enum, default_value_t = Robust::Hc0)]
    pub(crate) robust: Robust,
    /// The column that says which rows belong together, for cluster-robust standard errors; or
    /// df://host:port, the scheduler of the machines that are to read and add up the rows
    #[arg(id = "cluster", long, value_name = "COLUMN|df://HOST:PORT", action = clap::ArgAction::Append)]
    pub(crate) clusters: Vec<String>,
    /// Their correction for small samples
    #[arg(long, value_enum, default_value_t = ClusterCorrection::Cr1, requires = "cluster")]
    pub(crate) cluster_factor: ClusterCorrection,
    /// Test that terms are zero: `a,b` together, or `all` for each by itself with the table of
    /// deviances; may be repeated. A negative binomial's estimated shape is held at its estimate
    #[arg(long, value_name = "TERMS")]
    pub(crate) test: Vec<String>,
    /// Print intervals of the coefficients; a negative binomial's estimated shape is held at its
    /// estimate along a profile
    #[arg(long, value_enum)]
    pub(crate) intervals: Option<Intervals>,
    /// The level of the intervals
    #[arg(long, value_name = "LEVEL", default_value_t = 0.95)]
    pub(crate) level: f64,
    /// Add λ/2·Σβ² to minus the mean log-likelihood, over all coefficients but the intercept
    #[arg(
        long,
        value_name = "λ",
        conflicts_with_all = ["elastic_net", "firth", "robust", "cluster", "test", "intervals", "save", "plot"]
    )]
    pub(crate) ridge: Option<f64>,
    /// Add λ(α·Σ|β| + (1 − α)/2·Σβ²); α = 1 is the lasso
    #[arg(
        long,
        value_name = "λ,α",
        conflicts_with_all = ["firth", "robust", "cluster", "test", "intervals", "save", "plot"]
    )]
    pub(crate) elastic_net: Option<String>,
    /// Write the fit to a file that `fisher predict` and `fisher design --at` read
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Read the rows anew for every iteration instead of holding them in memory; without it that is
    /// done with several files, compressed and columnar ones, and from 256 MiB on
    #[arg(long)]
    pub(crate) stream: bool,
    /// Write the state after every iteration to this file, and go on from it if it is there; implies
    /// --stream
    #[arg(long, value_name = "FILE")]
    pub(crate) resume: Option<PathBuf>,
    /// Make the information-matrix test on streamed rows too, where it takes a long pass
    #[arg(long)]
    pub(crate) information_matrix_test: bool,
    /// Draw the intervals and a confidence ellipse: FILE.svg or FILE.png
    #[arg(long, value_name = "FILE")]
    pub(crate) plot: Option<PathBuf>,
    /// The two terms of the ellipse, as a,b; without it the first two after the intercept
    #[arg(long, value_name = "TERM,TERM", requires = "plot")]
    pub(crate) ellipse: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// How the scheduler of a cluster is told from a column.
const SCHEDULER: &str = "df://";

impl FitArguments {
    /// The column that says which rows belong together.
    pub(crate) fn cluster(&self) -> Option<&String> {
        let mut columns = self.clusters.iter();
        columns.rfind(|name| !name.starts_with(SCHEDULER))
    }

    /// The scheduler of the machines that are to add up the rows.
    pub(crate) fn scheduler(&self) -> Option<&str> {
        let mut addresses = self.clusters.iter();
        let found = addresses.rfind(|name| name.starts_with(SCHEDULER));
        found.map(String::as_str)
    }
}

/// Checks an answer to one of the workbook's questions
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  fisher check 1a 'x/p - (1-x)/(1-p)'
  fisher check 7a 'p = sigmoid(X @ w); X'\\'' @ (p*(1-p)*X) / n'
  fisher check 1c            (shows the question)
  fisher check 1c 2          (takes the second option)

The exit code is 0 for right, 1 for wrong, 2 where there is no verdict.")]
pub(crate) struct CheckArguments {
    /// The answer's name: exercise and letter, as 1a
    pub(crate) name: String,
    /// A formula, a number, or the number of an option; without it the question is shown
    #[arg(allow_hyphen_values = true)]
    pub(crate) answer: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
