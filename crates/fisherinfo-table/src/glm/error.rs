use super::{family::Family, separation::Separation, stream::RowsError};
use fisherinfo::{
    coordinates::link::Link, estimate::information_matrix_test::InformationMatrixTestError,
    information::InformationError,
};
use thiserror::Error;

/// Why a regression has no answer.
///
/// Rows are counted from zero in the fields and from one in the messages.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum GlmError {
    /// Columns, names or trials that do not fit the response.
    #[error("{what}: expected {expected} and found {found}")]
    Shape {
        /// What was counted.
        what: String,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// NaN or ∞ in the design.
    #[error(
        "the term «{term}» is {value} in observation {}; drop the row or repair the value",
        row + 1
    )]
    NotFinite {
        /// The term.
        term: String,
        /// The row, from zero.
        row: usize,
        /// What stands there.
        value: f64,
    },
    /// A column announced as the intercept that is not one everywhere.
    #[error("the intercept's column has to be 1 everywhere and is {value} in observation {}", row + 1)]
    Intercept {
        /// The row, from zero.
        row: usize,
        /// What stands there.
        value: f64,
    },
    /// A response that the family cannot produce.
    #[error(
        "the response is {value} in observation {}, and a {family} response is {support}", row + 1
    )]
    Response {
        /// The row, from zero.
        row: usize,
        /// What stands there.
        value: f64,
        /// The family.
        family: Family,
        /// What the family allows, in words.
        support: String,
    },
    /// Trials that are not a positive whole number.
    #[error("the number of trials is {value} in observation {}; it has to be a whole number ≥ 1", row + 1)]
    Trials {
        /// The row, from zero.
        row: usize,
        /// What stands there.
        value: f64,
    },
    /// Trials with a family that has none.
    #[error("trials belong to the binomial family, not to the {family} family")]
    TrialsWithoutBinomial {
        /// The family asked for.
        family: Family,
    },
    /// Fewer rows than coefficients (or, with an estimated dispersion, no row to spare).
    #[error(
        "{rows} observations cannot determine {terms} coefficients{}; leave terms out or add observations",
        if rows == terms { " and a dispersion" } else { "" }
    )]
    TooFewRows {
        /// n.
        rows: usize,
        /// p.
        terms: usize,
    },
    /// A column that is constant beside an intercept, or zero.
    #[error(
        "the term «{term}» is constant ({value}), so its coefficient cannot be told from the intercept's; leave it out"
    )]
    Constant {
        /// The term.
        term: String,
        /// Its value.
        value: f64,
    },
    /// A column that is a combination of those before it.
    #[error(
        "the terms are collinear: {relation}; no data of this shape can separate their coefficients, so leave «{term}» out"
    )]
    Collinear {
        /// The term that those before it determine.
        term: String,
        /// The combination, such as `x3 = 2·x1 − 0.5·x2 + 4`.
        relation: String,
    },
    /// No coefficients were found that give every row a mean of the family.
    #[error(
        "no coefficients were found from which every mean under the {link} link is one that the {family} family has; use the link {} or add an intercept",
        family.default_link()
    )]
    CannotStart {
        /// The family.
        family: Family,
        /// The link.
        link: Link,
    },
    /// The likelihood grows for ever along a direction.
    #[error("{0}")]
    Separation(Separation),
    /// The estimates run off, and why could not be established.
    #[error(
        "the estimates run off along {direction}: the likelihood has no maximum within reach; leave out a term of that combination"
    )]
    Diverging {
        /// The direction, in words.
        direction: String,
    },
    /// The iterations ran out.
    #[error(
        "no convergence in {iterations} iterations: the next step would still move the estimates by {offset:.1e} of their standard errors; try another link, or allow more iterations where the program lets you"
    )]
    NotConverged {
        /// Iterations made.
        iterations: usize,
        /// Bates and Watts' relative offset at the last of them.
        offset: f64,
    },
    /// Every residual is zero, so there is no dispersion.
    #[error(
        "the fit is perfect: every residual is zero to rounding, so the dispersion is 0 and the estimates have no standard errors; check whether the response was computed from the terms"
    )]
    PerfectFit,
    /// As many coefficients as rows.
    #[error(
        "there are as many coefficients as observations ({rows}), so every residual is zero and the scores say nothing about the spread of the estimates; leave terms out or add observations"
    )]
    Saturated {
        /// n = p.
        rows: usize,
    },
    /// A standard error or an information that no double can hold.
    #[error(
        "the information about «{term}» is too large or too small for a double; express the term, or the response, in other units"
    )]
    Scale {
        /// The term.
        term: String,
    },
    /// No step along which every mean stays one of the family's raises the likelihood.
    #[error(
        "the likelihood can only be raised by taking the mean of some observation out of what a {family} response can have (after {iterations} iterations under the {link} link); use the link {}",
        family.default_link()
    )]
    Boundary {
        /// The family.
        family: Family,
        /// The link.
        link: Link,
        /// Iterations made.
        iterations: usize,
    },
    /// A row that alone decides a combination of coefficients.
    #[error(
        "observation {} has leverage 1: it alone decides a coefficient, its residual is zero whatever its error, and HC2 and HC3 divide by zero; use HC0 or HC1",
        row + 1
    )]
    FullLeverage {
        /// The row, from zero.
        row: usize,
    },
    /// The rows of a table that is read anew for every pass could not be read.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// Another pass over the rows gave another number of them.
    #[error(
        "the table changed while it was read: {before} observations in the first pass, {now} in a later one; fit again when nothing writes to it"
    )]
    RowsChanged {
        /// In the first pass.
        before: usize,
        /// In a later one.
        now: usize,
    },
    /// Whoever watched the fit ended it.
    #[error("interrupted")]
    Interrupted,
    /// The threads asked for could not be had.
    #[error("could not start {threads} threads: {reason}")]
    Threads {
        /// How many.
        threads: usize,
        /// What the system says.
        reason: String,
    },
    /// An information matrix that is none.
    #[error(transparent)]
    Information(#[from] InformationError),
    /// No information-matrix test.
    #[error(transparent)]
    InformationMatrixTest(#[from] InformationMatrixTestError),
}

impl GlmError {
    /// The same error of rows counted from an earlier one, `by` rows before.
    pub(super) fn moved_by(mut self, by: usize) -> Self {
        if let Self::NotFinite { row, .. }
        | Self::Intercept { row, .. }
        | Self::Response { row, .. }
        | Self::Trials { row, .. }
        | Self::FullLeverage { row } = &mut self
        {
            *row += by;
        }
        self
    }

    /// The row that is to blame, from zero, where it is one row.
    pub fn row(&self) -> Option<usize> {
        match self {
            Self::NotFinite { row, .. }
            | Self::Intercept { row, .. }
            | Self::Response { row, .. }
            | Self::Trials { row, .. }
            | Self::FullLeverage { row } => Some(*row),
            _ => None,
        }
    }
}
