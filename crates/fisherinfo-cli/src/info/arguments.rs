//! What `fisher info` takes.

use clap::{Args, ValueEnum};

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
  fisher info exponential rate=2 --jeffreys
  fisher info normal mu=0 sigma=2 --jeffreys=sigma
  fisher info bernoulli --sweep p=0.01:0.99 --coordinates logit --plot information.svg
  fisher info normal mu=0 sigma=1 --efficiency median --n 50

A density of your own, of the observation x:
  fisher info --log-density 'x*log(p) + (1-x)*log(1-p)' --support '{0,1}' p=0.3 --domain p=0:1
  fisher info --log-density 'lchoose(n,x) + x*log(p) + (n-x)*log(1-p)' --support '{0,...,n}' n=10 p=0.3
  fisher info --log-density 'sum(log(r)) - dot(r,x)' --support '[0,inf)^2' 'r=[1,2]'")]
pub(crate) struct InfoArguments {
    /// The family; `fisher families` lists them
    #[arg(required_unless_present = "log_density")]
    pub(crate) family: Option<String>,
    // Not a doc comment: brackets are links there.
    #[arg(
        value_name = "NAME=VALUE",
        help = "Its parameters: p=0.3, mean=[0,0], cov=[[2,0.5],[0.5,1]]"
    )]
    pub(crate) values: Vec<String>,
    /// A log-density instead of a family: a formula of x and of the parameters
    #[arg(
        long,
        value_name = "FORMULA",
        requires = "support",
        allow_hyphen_values = true,
        help_heading = "A density of your own"
    )]
    pub(crate) log_density: Option<String>,
    // Not a doc comment: brackets are links there.
    #[arg(
        long,
        value_name = "SET",
        requires = "log_density",
        help_heading = "A density of your own",
        help = "Where x lives: {0,1}, {0,1,2,...}, {0,...,n}, [0,inf), (0,1), (-inf,inf), (mu - sigma/xi, inf); vectors as [0,inf)^2 or [0,1] x [0,1]"
    )]
    pub(crate) support: Option<String>,
    /// Names whose values are known, and no parameters: n or n,m
    #[arg(
        long,
        value_name = "NAMES",
        requires = "log_density",
        value_delimiter = ',',
        help_heading = "A density of your own"
    )]
    pub(crate) known: Vec<String>,
    /// The open interval of a parameter, as p=0:1 or sigma=0:inf; without it ℝ
    #[arg(
        long,
        value_name = "NAME=LOWER:UPPER",
        requires = "log_density",
        help_heading = "A density of your own"
    )]
    pub(crate) domain: Vec<String>,
    /// Coordinates of the answer; `fisher families` lists those of each family
    #[arg(long, value_name = "NAME")]
    pub(crate) coordinates: Option<String>,
    /// Number of independent observations
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1.0,
        allow_negative_numbers = true
    )]
    pub(crate) n: f64,
    /// How to compute the information
    #[arg(long, value_enum, default_value_t = Route::Auto)]
    pub(crate) method: Route,
    /// Draws of Monte Carlo
    #[arg(long, default_value_t = 100_000)]
    pub(crate) draws: usize,
    /// Seed of Monte Carlo and of simulations
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
    /// Jeffreys' prior at the point, and whether it is proper; of all parameters, or of the one named
    /// with the others fixed
    #[arg(
        long,
        value_name = "PARAMETER",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ""
    )]
    pub(crate) jeffreys: Option<String>,
    /// Information over a range of a parameter, with its extremes and what becomes of it toward the
    /// ends of the space: p=0.01:0.99, or p=0.01:0.99:50 for so many points
    #[arg(
        long,
        value_name = "NAME=FROM:TO[:POINTS]",
        conflicts_with_all = ["kl", "jeffreys"],
        help_heading = "Over a range"
    )]
    pub(crate) sweep: Option<String>,
    /// Space the points evenly by their logarithm
    #[arg(long, requires = "sweep", help_heading = "Over a range")]
    pub(crate) log: bool,
    /// What to follow: an entry as mu,sigma, or determinant; without it the diagonal entry of the
    /// parameter swept
    #[arg(
        long,
        value_name = "ENTRY",
        requires = "sweep",
        help_heading = "Over a range"
    )]
    pub(crate) entry: Option<String>,
    /// Draw the curve: FILE.svg or FILE.png
    #[arg(
        long,
        value_name = "FILE",
        requires = "sweep",
        help_heading = "Over a range"
    )]
    pub(crate) plot: Option<std::path::PathBuf>,
    /// Print CSV
    #[arg(
        long,
        requires = "sweep",
        conflicts_with = "json",
        help_heading = "Over a range"
    )]
    pub(crate) csv: bool,
    /// The variance of an estimator from --n observations against the Cramér–Rao bound, by simulation
    #[arg(
        long,
        value_enum,
        value_name = "ESTIMATOR",
        conflicts_with_all = ["kl", "jeffreys", "sweep", "method", "draws"],
        help_heading = "Estimators"
    )]
    pub(crate) efficiency: Option<Estimator>,
    /// Samples to draw
    #[arg(
        long,
        default_value_t = 20_000,
        requires = "efficiency",
        help_heading = "Estimators"
    )]
    pub(crate) samples: usize,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Estimator {
    /// Maximum likelihood
    Mle,
    /// The mean of the sample
    Mean,
    /// Its median
    Median,
}
