//! Why a command stops: one message that names the place and the remedy.

use fisherinfo::design::{CurveError, DesignError as OptimalDesignError};
use fisherinfo::estimate::EfficiencyError;
use fisherinfo::expectation::ExpectationError;
use fisherinfo::expression::{ExpressionError, nearest_names};
use fisherinfo::family::{ArgumentError, TypedError};
use fisherinfo::geometry::GeometryError;
use fisherinfo::information::InformationError;
use fisherinfo::jeffreys::SectionError;
use fisherinfo_notebook::course::CourseError;
use fisherinfo_notebook::run::RequestError;
use fisherinfo_notebook::solution::SolutionError;
use fisherinfo_plot::PlotError;
use fisherinfo_table::glm::{GlmError, RowsError, SavedFitError};
use fisherinfo_table::source::SourceError;
use fisherinfo_table::{DesignError, FormulaError, TableError};
use fisherinfo_web::ServeError;
use miette::Diagnostic;
use thiserror::Error;

#[derive(Debug, Diagnostic, Error)]
pub(crate) enum Failure {
    #[error("there is no family `{name}`")]
    #[diagnostic(help("{nearest}`fisher families` lists them all"))]
    UnknownFamily { name: String, nearest: String },

    #[error("`{text}` is not of the form name=value")]
    #[diagnostic(help("write for example `{example}`"))]
    NotAnAssignment { text: String, example: String },

    #[error("{family}: {error}")]
    #[diagnostic(help("for example: fisher info {example}"))]
    Argument {
        family: String,
        error: ArgumentError,
        example: String,
    },

    #[error("{0}")]
    Value(ArgumentError),

    #[error("{0}")]
    #[diagnostic(help(
        "for example: fisher info --log-density 'x*log(p) + (1-x)*log(1-p)' --support '{{0,1}}' p=0.3"
    ))]
    Typed(TypedError),

    #[error("--domain {text}: this is no range of a parameter")]
    #[diagnostic(help("write name=lower:upper with lower below upper, as p=0:1 or sigma=0:inf"))]
    Domain { text: String },

    #[error("the density is not normalised: it has the mass {total} ± {error:.1e} instead of 1")]
    #[diagnostic(help(
        "subtract the logarithm of its mass, which at this point is {}; as a formula of the parameters, since it may depend on them. Where the mass should be 1, the rule has missed a part of it",
        total.ln()
    ))]
    NotNormalised { total: f64, error: f64 },

    #[error("the typed density: {reason}")]
    #[diagnostic(help(
        "check that the density falls off toward the ends of its support, and that the support is right"
    ))]
    NoRule { reason: String },

    #[error("{error}")]
    #[diagnostic(help(
        "that is the boundary of the space, where there is no information; toward it, the diagonal entry {behaviour}"
    ))]
    OnBoundary {
        error: ArgumentError,
        behaviour: String,
    },

    #[error("--sweep {text}: {reason}")]
    #[diagnostic(help("write name=from:to or name=from:to:points, as p=0.01:0.99:50"))]
    Sweep { text: String, reason: String },

    #[error("{option}: there is no parameter `{name}`")]
    #[diagnostic(help("{nearest}there are: {known}"))]
    NoSuchParameter {
        option: &'static str,
        name: String,
        nearest: String,
        known: String,
    },

    #[error("--jeffreys: {0}")]
    #[diagnostic(help("name another parameter, or leave the name out for all of them together"))]
    Section(SectionError),

    #[error("--n {n}: a sample has a whole number of observations, from 1 to 10^7")]
    #[diagnostic(help("for example: --n 50"))]
    WholeSampleSize { n: f64 },

    #[error("--efficiency: {0}")]
    Efficiency(EfficiencyError),

    #[error("{family} has no coordinates `{name}`")]
    #[diagnostic(help("it has: {known}"))]
    UnknownCoordinates {
        family: String,
        name: String,
        known: String,
    },

    #[error("--n {n}: the number of observations has to be a finite number > 0")]
    SampleSize { n: f64 },

    #[error(
        "--kl: the step has {found} numbers, and the model has {expected} parameters ({names})"
    )]
    #[diagnostic(help("give one number a parameter, separated by commas"))]
    StepLength {
        found: usize,
        expected: usize,
        names: String,
    },

    #[error("--kl: {0}")]
    #[diagnostic(help(
        "both the point and the point plus the step have to lie in the parameter space"
    ))]
    Divergence(ExpectationError),

    #[error(transparent)]
    Expectation(#[from] ExpectationError),

    #[error(
        "the two points are of different models, {from} and {to}, which have no distance: they may differ in parameters only"
    )]
    #[diagnostic(help("give {known} the same value for both"))]
    DifferentModels {
        from: String,
        to: String,
        known: String,
    },

    #[error(transparent)]
    Geometry(#[from] GeometryError),

    #[error(transparent)]
    Information(#[from] InformationError),

    #[error("there is no regression family `{name}`")]
    #[diagnostic(help("{nearest}the families are {known}"))]
    UnknownRegressionFamily {
        name: String,
        nearest: String,
        known: String,
    },

    #[error("there is no link `{name}`")]
    #[diagnostic(help("{nearest}the links are {known}"))]
    UnknownLink {
        name: String,
        nearest: String,
        known: String,
    },

    #[error("--success names a level of a binomial response, and the family is another")]
    #[diagnostic(help("leave --success out, or fit with --family binomial"))]
    SuccessWithoutBinomial,

    #[error("--reference names a category of a multinomial response, and the family is another")]
    #[diagnostic(help("leave --reference out, or fit with --family multinomial"))]
    ReferenceWithoutMultinomial,

    #[error("the multinomial family does not take {option}")]
    #[diagnostic(help("leave it out"))]
    NotOfMultinomial { option: String },

    #[error("--firth does not estimate the shape of a negative binomial")]
    #[diagnostic(help("give the shape: --family 'negative-binomial(2.5)'"))]
    FirthWithShape,

    #[error(transparent)]
    RegressionFamily(fisherinfo_table::glm::FamilyError),

    #[error(transparent)]
    Link(fisherinfo::coordinates::link::LinkError),

    #[error("--ellipse {text}: {reason}")]
    #[diagnostic(help("the terms are {known}"))]
    Ellipse {
        text: String,
        reason: String,
        known: String,
    },

    #[error("--test {text}: there is no term `{name}`")]
    #[diagnostic(help("{nearest}the terms are {known}; `all` tests each by itself"))]
    NoSuchTerm {
        text: String,
        name: String,
        nearest: String,
        known: String,
    },

    #[error("--each-level-of needs the rows in memory, and they come from one plain CSV file")]
    #[diagnostic(help("unpack the file, or write the files into one"))]
    LevelsInMemory,

    #[error("--resume goes on with plain fits only, not with {option}")]
    #[diagnostic(help(
        "leave --resume out; the table is streamed all the same, where it is large or with --stream"
    ))]
    NotResumed { option: &'static str },

    #[error("{option} is not made on a cluster")]
    #[diagnostic(help("leave it out, or fit on one machine, without --cluster df://…"))]
    NotOnCluster { option: &'static str },

    #[cfg(not(feature = "cluster"))]
    #[error("this build of `fisher` knows no clusters: it was made without the feature `cluster`")]
    #[diagnostic(help("cargo install --path crates/fisherinfo-cli --features cluster"))]
    ClusterNotBuiltIn,

    #[cfg(feature = "cluster")]
    #[error(transparent)]
    Cluster(fisherinfo_cluster::ClusterError),

    #[error(
        "the saved fit has no coefficient of {term} alone, since {relation} in every row of its data"
    )]
    #[diagnostic(help("fit without {term} in the formula, save that and design at it"))]
    DesignAtUnidentified { relation: String, term: String },

    #[error("a penalty needs the shape of the negative binomial")]
    #[diagnostic(help(
        "fit without a penalty first, and give the shape: --family 'negative-binomial(1.5)'"
    ))]
    PenaltyWithShape,

    #[error("--elastic-net {text}: write λ and α, two numbers separated by a comma")]
    #[diagnostic(help("for example: --elastic-net 0.1,0.5"))]
    ElasticNet { text: String },

    #[error("{option}: `{part}` {reason}")]
    #[diagnostic(help("write for example: {option} 'a=1, b=-0.5'"))]
    Assignments {
        option: String,
        part: String,
        reason: String,
    },

    #[error("--at: {names} {} without a value", if *.several { "are" } else { "is" })]
    #[diagnostic(help(
        "this design depends on the values of its parameters: assume one for each of {known}"
    ))]
    Unassumed {
        names: String,
        several: bool,
        known: String,
    },

    #[error("--c {text}: {reason}")]
    #[diagnostic(help("give one number a parameter ({known}), or some by name, as '{example}=1'"))]
    Combination {
        text: String,
        reason: String,
        known: String,
        example: String,
    },

    #[error("--range {text}: write the factor and its ends, as in t=0:30")]
    Range { text: String },

    #[error("--model: {0}")]
    ModelFormula(ExpressionError),

    #[error("--model: {0}")]
    Curve(CurveError),

    #[error("{place}: the mean {mean} is none of the {family} family")]
    #[diagnostic(help("assume other parameters, choose another link, or leave the candidate out"))]
    Mean {
        place: String,
        mean: f64,
        family: String,
    },

    #[error(transparent)]
    OptimalDesign(#[from] OptimalDesignError),

    #[error(transparent)]
    Table(#[from] TableError),

    #[error(transparent)]
    Source(#[from] SourceError),

    #[error(transparent)]
    Rows(RowsError),

    #[error("interrupted after {iterations} iterations")]
    #[diagnostic(help("{remedy}"))]
    Interrupted { iterations: usize, remedy: String },

    #[error("--resume {file}: {reason}")]
    #[diagnostic(help("name another file, or remove this one to begin anew"))]
    State { file: String, reason: String },

    #[error("{0}")]
    Formula(FormulaError),

    #[error("{}", with_file(file, error))]
    Design { file: String, error: DesignError },

    /// A failure of the fit; `place` is the file, and the line where one row is to blame.
    #[error("{place}: {error}")]
    Fit { place: String, error: GlmError },

    /// A saved fit that cannot be read, or says nothing about new rows.
    #[error("{}", with_saved(file, data.as_deref(), error))]
    Saved {
        file: String,
        /// The file of new rows, where there is one.
        data: Option<String>,
        error: SavedFitError,
    },

    #[error("{file} cannot be read: {error}")]
    NotRead { file: String, error: std::io::Error },

    #[error("--plot: {0}")]
    Plot(PlotError),

    #[error("--figures: {0}")]
    Figures(PlotError),

    #[error("--figures: {0}")]
    FiguresOf(SolutionError),

    #[error(transparent)]
    Request(RequestError),

    #[error(transparent)]
    Course(CourseError),

    #[error("`{text}` is no option; give its number:\n{options}")]
    Choice { text: String, options: String },

    #[error("{name} has no question to check")]
    NoQuestion { name: String },

    #[error("{name} is not understood: {reason}")]
    NotUnderstood { name: String, reason: String },

    #[error("{file} is there already")]
    #[diagnostic(help("give another name, or replace it with --force"))]
    FileExists { file: String },

    #[error("{file} cannot be written: {error}")]
    #[diagnostic(help("give a file in a folder that is there and that you may write to"))]
    NotWritten { file: String, error: std::io::Error },

    #[error("the manual page could not be composed: {0}")]
    Manual(std::io::Error),

    #[error(transparent)]
    #[diagnostic(transparent)]
    Net(crate::net::NetFailure),

    #[error("no page: {0}")]
    Serve(#[source] ServeError),
}

impl Failure {
    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Interrupted { .. } => crate::fit::INTERRUPTED,
            Self::Net(failure) if failure.is_interruption() => crate::fit::INTERRUPTED,
            _ => 2,
        }
    }
}

/// `did you mean …? ` with the names nearest to what was typed; empty when none is near.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let near = nearest_names(name, known);
    if near.is_empty() {
        return String::new();
    }
    let quoted: Vec<String> = near.iter().map(|known| format!("`{known}`")).collect();
    format!("did you mean {}? ", quoted.join(" or "))
}

/// The file to blame: that of the rows for what is wrong with them, else that of the fit.
fn with_saved(file: &str, data: Option<&str>, error: &SavedFitError) -> String {
    match (data, error) {
        (Some(data), SavedFitError::Design(error)) => with_file(data, error),
        (Some(data), SavedFitError::NoMean { .. }) => format!("{data}, {error}"),
        (_, SavedFitError::Level(error)) => error.to_string(),
        _ => format!("{file}: {error}"),
    }
}

/// A message that names its file; some do already.
fn with_file(file: &str, error: &DesignError) -> String {
    let message = error.to_string();
    if message.starts_with(file) {
        message
    } else {
        format!("{file}, {message}")
    }
}
