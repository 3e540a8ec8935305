use super::{
    family::{Family, FamilyError},
    multinomial::MultinomialSeparation,
    row_source::RowsError,
    separation::Separation,
    weights::Weighting,
};
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
    /// A parameter that the family cannot have.
    #[error(transparent)]
    Family(#[from] FamilyError),
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
    /// A weight that is not positive, or a frequency that is not whole.
    #[error(
        "the {weighting} weight is {value} in observation {}; {}", row + 1,
        match weighting {
            Weighting::Frequency => "a frequency is a whole number ≥ 1, and a row that stands for none is to be left out",
            Weighting::Precision => "a weight is a finite number > 0, and a row of weight zero is to be left out",
        }
    )]
    Weight {
        /// The row, from zero.
        row: usize,
        /// What stands there.
        value: f64,
        /// What the weights were to mean.
        weighting: Weighting,
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
    /// A test of coefficients about which the data say nothing.
    #[error(
        "no data of this shape can tell {terms} from other terms: {relation}; test all terms of that relation together"
    )]
    NotIdentified {
        /// The terms.
        terms: String,
        /// What determines them, or what they determine.
        relation: String,
    },
    /// A term that a factor's levels determine.
    #[error(
        "the term «{term}» is constant within every level of «{factor}», which determine it: its coefficient cannot be told from theirs; leave it out"
    )]
    ConstantWithinLevels {
        /// The term.
        term: String,
        /// The factor.
        factor: String,
    },
    /// Sums over levels that no memory should be asked for.
    #[error(
        "{levels} levels of «{factor}» beside {terms} terms take {levels} × {terms} sums, and at most {limit} are held; leave terms out or merge levels"
    )]
    TooManyLevels {
        /// The factor.
        factor: String,
        /// Its levels.
        levels: usize,
        /// p.
        terms: usize,
        /// The most sums there may be.
        limit: usize,
    },
    /// Levels whose responses are all alike.
    #[error(
        "quasi-complete separation: in {count} of {of} levels of «{factor}» ({levels}) every response is at the same end, so that their estimates are infinite; leave their rows out, which changes no other estimate, or merge levels"
    )]
    SeparatedLevels {
        /// The factor.
        factor: String,
        /// The first of them by name.
        levels: String,
        /// How many they are.
        count: usize,
        /// All levels.
        of: usize,
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
    /// Counts without overdispersion.
    #[error(
        "the counts vary no more about their means than Poisson counts do (Σ((y − μ)² − y) = {excess:.3}), so the shape k of the negative binomial has no finite estimate; use the poisson family"
    )]
    NoOverdispersion {
        /// Σ((y − μ)² − y).
        excess: f64,
    },
    /// Separation of more than two categories.
    #[error("{0}")]
    MultinomialSeparation(MultinomialSeparation),
    /// A multinomial response that is no position of a category.
    #[error(
        "the response is {value} in observation {}, and that of a multinomial regression counts its {categories} categories from 0", row + 1
    )]
    Category {
        /// The row, from zero.
        row: usize,
        /// What stands there.
        value: f64,
        /// K.
        categories: usize,
    },
    /// A category without observations.
    #[error(
        "no observation is of the category «{level}», so that its coefficients are −∞; leave it out"
    )]
    EmptyCategory {
        /// Its name.
        level: String,
    },
    /// Trials with categories.
    #[error("a multinomial regression takes one observation a row and no trials")]
    TrialsOfCategories,
    /// More parameters than a fit may have.
    #[error(
        "{parameters} parameters, where a fit may have {limit}; merge categories or leave terms out"
    )]
    TooManyParameters {
        /// (K − 1)p.
        parameters: usize,
        /// The most there may be.
        limit: usize,
    },
    /// Firth's correction of a family whose dispersion is estimated.
    #[error(
        "Firth's correction is for families without a dispersion to estimate, and the {family} family has one; it takes binomial, poisson and negative-binomial(k)"
    )]
    FirthDispersion {
        /// The family asked for.
        family: Family,
    },
    /// A confidence level that is none.
    #[error("a confidence level lies between 0 and 1, as 0.95; {level} does not")]
    Level {
        /// What was asked for.
        level: f64,
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
    /// Rows of different shapes.
    #[error(
        "with weights that are precisions every row of the {family} family has a dispersion of its own, for which there is no information-matrix test here; use frequency weights if that is what they are"
    )]
    NoTestWithPrecisions {
        /// The family.
        family: Family,
    },
    /// A model whose rows all count alike.
    #[error("a multinomial regression takes no offset and no weights; write repeated rows out")]
    PlainRowsOnly,
    /// All rows in one cluster.
    #[error(
        "all rows are in one cluster, so nothing can be told about how clusters vary; use a column with several"
    )]
    OneCluster,
    /// The fit without some terms has no maximum, or the terms cannot be told apart.
    #[error(
        "no fit was found with {terms} held; the likelihood without these terms has no maximum within reach"
    )]
    NotTestable {
        /// The terms.
        terms: String,
    },
    /// A penalty that is none.
    #[error(
        "a penalty needs a finite λ > 0 and an α from 0 to 1, and has λ = {strength} and α = {share}"
    )]
    Penalty {
        /// λ.
        strength: f64,
        /// α.
        share: f64,
    },
    /// A penalised fit of a regression whose columns may have been mixed.
    #[error("make a regression that is to be penalised with Regression::for_penalty")]
    NotForPenalty,
    /// A fit without a penalty where ranks were not looked at.
    #[error(
        "this regression was made to be penalised, and its terms were not checked for collinearity; make it with Regression::new"
    )]
    ForPenaltyOnly,
    /// What takes all rows at once, of rows that are read anew for every pass.
    #[error(
        "{what} needs the rows in memory, and this regression reads them anew for every pass; make it with Regression::new"
    )]
    InMemoryOnly {
        /// What was asked for.
        what: String,
    },
    /// The rows of a table that is read anew for every pass could not be read.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// Batches of rows that do not go together.
    #[error("some batches of rows bring {what} and others do not; give every batch the same")]
    MixedBatches {
        /// What only some bring.
        what: &'static str,
    },
    /// Sums over clusters that no memory should be asked for.
    #[error(
        "{clusters} clusters of {terms} coefficients each take {clusters} × {terms} sums, and at most {limit} are held; use a column with fewer clusters"
    )]
    TooManyClusters {
        /// Clusters found so far.
        clusters: usize,
        /// p.
        terms: usize,
        /// The most sums there may be.
        limit: usize,
    },
    /// Rows without the clusters that were asked for.
    #[error("the rows bring no clusters; give their batches some")]
    NoClusters,
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
    /// What other machines cannot make.
    #[error(
        "the pass «{pass}» is not made on a cluster; leave out what asks for it, or fit on one machine"
    )]
    NotOnCluster {
        /// The pass.
        pass: String,
    },
    /// Sums of chunks that are not all there, or not once each.
    #[error("the sums of part {chunk} of a pass are {how}; nothing of the pass counts, fit again")]
    Incomplete {
        /// The chunk, from zero.
        chunk: usize,
        /// Missing, or there twice.
        how: &'static str,
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
    pub(super) fn moved_by(self, by: usize) -> Self {
        self.in_row(|row| row + by)
    }

    /// The same error of a row that is elsewhere.
    pub(super) fn in_row(mut self, elsewhere: impl FnOnce(usize) -> usize) -> Self {
        if let Self::NotFinite { row, .. }
        | Self::Intercept { row, .. }
        | Self::Response { row, .. }
        | Self::Trials { row, .. }
        | Self::Weight { row, .. }
        | Self::Category { row, .. }
        | Self::FullLeverage { row } = &mut self
        {
            *row = elsewhere(*row);
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
            | Self::Weight { row, .. }
            | Self::Category { row, .. }
            | Self::FullLeverage { row } => Some(*row),
            _ => None,
        }
    }
}
