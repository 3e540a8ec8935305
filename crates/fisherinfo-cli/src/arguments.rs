//! What a person can type.

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

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
pub(crate) enum Route {
    /// The closed form where there is one, else numeric, else Monte Carlo
    Auto,
    /// The closed form
    Closed,
    /// Summation, quadrature or cubature, with an error bound
    Numeric,
    /// Seeded draws, with a standard error
    MonteCarlo,
}

/// The Fisher information of a model at a point
///
/// Prints the information matrix, its eigenvalues, the Cramér–Rao bound, how it was computed, and
/// whether the model is regular there.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  fisher info bernoulli p=0.3
  fisher info bernoulli p=0.3 --coordinates logit --n 20
  fisher info mvnormal 'mean=[0,0]' 'cov=[[2,0.5],[0.5,1]]' --json
  fisher info bernoulli p=0.4 --kl 0.01
  fisher info exponential rate=2 --jeffreys")]
pub(crate) struct InfoArguments {
    /// The family; `fisher families` lists them
    pub(crate) family: String,
    /// Its parameters: p=0.3, mean=[0,0], cov=[[2,0.5],[0.5,1]]
    #[arg(value_name = "NAME=VALUE")]
    pub(crate) values: Vec<String>,
    /// Coordinates of the answer; `fisher families` lists those of each family
    #[arg(long, value_name = "NAME")]
    pub(crate) coordinates: Option<String>,
    /// Number of independent observations
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    pub(crate) n: f64,
    /// How to compute the information
    #[arg(long, value_enum, default_value_t = Route::Auto)]
    pub(crate) method: Route,
    /// Draws of Monte Carlo
    #[arg(long, default_value_t = 100_000)]
    pub(crate) draws: usize,
    /// Seed of Monte Carlo
    #[arg(long, default_value_t = 20_250_101)]
    pub(crate) seed: u64,
    /// Kullback–Leibler divergence of this step of the parameters, beside its quadratic part:
    /// one number a parameter, as 0.01 or 0.1,-0.2
    #[arg(
        long,
        value_name = "STEP",
        allow_hyphen_values = true,
        value_delimiter = ','
    )]
    pub(crate) kl: Vec<f64>,
    /// Jeffreys' prior at the point, and whether it is proper
    #[arg(long)]
    pub(crate) jeffreys: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
