use super::{
    chunk::Chunks,
    design::{Design, Given},
    error::GlmError,
    family::Family,
    fit::Fit,
    identified::{Dependent, IdentifiedTerms},
    row_source::{Checkpoint, RowSource, Watch},
    scoring,
    standards::Source,
    stream::{Origin, Stream},
    totals::Totals,
    weights::Weights,
};
use fisherinfo::coordinates::link::Link;
use rayon::prelude::*;
use std::{
    num::NonZeroUsize,
    sync::{Arc, OnceLock},
};

/// A response and its design, ready to be fitted with any family and link.
///
/// The columns are centred (beside an intercept), scaled and checked for collinearity once, here;
/// everything later works on that well-conditioned copy and is carried back to the columns given.
///
/// ```
/// use fisherinfo_table::glm::{Family, Regression};
///
/// // Blood clotting time against plasma concentration (McCullagh & Nelder 1989, 8.4.2).
/// let concentration: [f64; 9] = [5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 60.0, 80.0, 100.0];
/// let time = [118.0, 58.0, 42.0, 35.0, 27.0, 25.0, 21.0, 19.0, 18.0];
/// let columns = [vec![1.0; 9], concentration.iter().map(|u| u.ln()).collect()];
/// let terms = ["(intercept)", "log(u)"].map(String::from);
///
/// let regression = Regression::new(&time, &columns, &terms, Some(0))?;
/// let fit = regression.fit(Family::Gamma, Family::Gamma.default_link())?;
/// assert!((fit.coefficients()[1] - 0.0153431149103).abs() < 1e-12);
/// assert!((fit.standard_errors().expected[1] - 0.000414959642666).abs() < 1e-14);
/// # Ok::<(), fisherinfo_table::glm::GlmError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Regression {
    pub(super) response: Vec<f64>,
    pub(super) trials: Option<Vec<f64>>,
    pub(super) offset: Option<Vec<f64>>,
    pub(super) weights: Option<Weights>,
    /// Sums of these, once they were asked for.
    pub(super) totals: OnceLock<Totals>,
    pub(super) identified: IdentifiedTerms,
    /// The names of what is estimated, and which of it is the intercept.
    pub(super) terms: Vec<String>,
    pub(super) intercept: Option<usize>,
    pub(super) design: Design,
    /// Were collinear terms refused?
    pub(super) is_rank_checked: bool,
    pub(super) options: Options,
    /// Where the rows are, if not in memory.
    pub(super) stream: Option<Stream>,
    watch: Option<Arc<dyn Watch>>,
    pub(super) resume: Option<Checkpoint>,
}

/// How a regression is fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Scoring ends when the next step is smaller than this, as the root mean square over
    /// parameters of the step in standard errors: √(sᵀI⁻¹s / (pφ)), which does not change with the
    /// units of the terms. Source: Bates & Watts, A relative offset orthogonality convergence
    /// criterion for nonlinear least squares, Technometrics 23 (1981). A step that only changes
    /// the last digits of the coefficients ends it too, since a perfect fit has no standard error.
    pub tolerance: f64,
    /// Iterations after which the fit is given up.
    pub max_iterations: usize,
    /// Threads for the passes over the rows; none for those of the surrounding pool. The results
    /// are the same, bit by bit, for any number.
    pub threads: Option<NonZeroUsize>,
}

impl Default for Options {
    /// Tolerance 1e-10, at most 100 iterations, the surrounding pool's threads.
    fn default() -> Self {
        Self {
            tolerance: 1e-10,
            max_iterations: 100,
            threads: None,
        }
    }
}

/// Rows that a thread checks at a time.
const ROWS_AT_ONCE: usize = 4096;

pub(super) fn require(what: &str, expected: usize, found: usize) -> Result<(), GlmError> {
    if expected == found {
        return Ok(());
    }
    Err(GlmError::Shape {
        what: what.into(),
        expected,
        found,
    })
}

/// Trials are whole numbers ≥ 1.
pub(super) fn require_trials(trials: &[f64]) -> Result<(), GlmError> {
    let wrong = |value: f64| value.fract() != 0.0 || !(1.0..=9e15).contains(&value);
    match trials.iter().position(|&value| wrong(value)) {
        Some(row) => Err(GlmError::Trials {
            row,
            value: trials[row],
        }),
        None => Ok(()),
    }
}

/// The first response that the family cannot have produced.
pub(super) fn refused_row(
    family: Family,
    response: &[f64],
    trials: Option<&[f64]>,
) -> Option<usize> {
    // Without trials the usual answer, that nothing is amiss, comes from vector code.
    if trials.is_none() && family.allows_all(response) {
        return None;
    }
    let trials_of = |row: usize| trials.map_or(1.0, |trials| trials[row]);
    (0..response.len()).find(|&row| !family.allows(response[row], trials_of(row)))
}

impl Regression {
    /// A response and one column a term; `intercept` is the index of the column of ones, if there
    /// is one. The columns are borrowed only while they are copied.
    ///
    /// # Errors
    /// Lengths that differ, values that are not finite, an intercept that is not one everywhere,
    /// fewer rows than terms, and columns that are constant or combinations of those before them,
    /// which are named.
    pub fn new<C: AsRef<[f64]>>(
        response: &[f64],
        columns: &[C],
        terms: &[String],
        intercept: Option<usize>,
    ) -> Result<Self, GlmError> {
        Self::of_columns(response, columns, terms, intercept, Dependent::Refused)
    }

    /// As [`Regression::new`], where columns may be constant or combinations of those before them: what
    /// is estimated then is what the data can tell, by the names of [`Regression::terms`], and
    /// [`Regression::identified_terms`] says which coefficients have infinite standard errors.
    ///
    /// ```
    /// use fisherinfo_table::glm::{Family, Regression};
    ///
    /// let (x1, x2) = ([0.0, 1.0, 0.0, 1.0, 2.0], [1.0, 0.0, 2.0, 1.0, 0.0]);
    /// let x3: Vec<f64> = x1.iter().zip(&x2).map(|(a, b)| a + 2.0 * b).collect();
    /// let y = [5.1, 2.9, 9.0, 7.2, 4.8];
    /// let columns = [vec![1.0; 5], x1.to_vec(), x2.to_vec(), x3];
    /// let terms = ["1", "x1", "x2", "x3"].map(String::from);
    ///
    /// let regression = Regression::identified(&y, &columns, &terms, Some(0))?;
    /// assert_eq!(regression.terms(), ["1", "x1 + x3", "x2 + 2·x3"]);
    /// let identified = regression.identified_terms();
    /// assert_eq!(identified.relations()[0].text(&terms), "x3 = x1 + 2·x2");
    /// assert_eq!(identified.unidentified(), [1, 2, 3]);
    /// let fit = regression.fit(Family::Gaussian, Family::Gaussian.default_link())?;
    /// assert!(fit.standard_errors().expected.iter().all(|error| *error < 0.5));
    /// # Ok::<(), fisherinfo_table::glm::GlmError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Regression::new`], but for those columns.
    pub fn identified<C: AsRef<[f64]>>(
        response: &[f64],
        columns: &[C],
        terms: &[String],
        intercept: Option<usize>,
    ) -> Result<Self, GlmError> {
        Self::of_columns(response, columns, terms, intercept, Dependent::LeftOut)
    }

    fn of_columns<C: AsRef<[f64]>>(
        response: &[f64],
        columns: &[C],
        terms: &[String],
        intercept: Option<usize>,
        dependent: Dependent,
    ) -> Result<Self, GlmError> {
        let columns: Vec<&[f64]> = columns.iter().map(AsRef::as_ref).collect();
        require("columns of the design", terms.len(), columns.len())?;
        for (term, column) in terms.iter().zip(&columns) {
            require(&format!("values of «{term}»"), response.len(), column.len())?;
        }
        let source = Source::Columns(&columns);
        Self::from_source(response, source, terms, intercept, dependent)
    }

    /// As [`Regression::new`], from the values of all columns, row after row.
    ///
    /// # Errors
    /// As [`Regression::new`].
    pub fn from_row_major(
        response: &[f64],
        values: &[f64],
        terms: &[String],
        intercept: Option<usize>,
    ) -> Result<Self, GlmError> {
        require(
            "values of the design",
            response.len() * terms.len(),
            values.len(),
        )?;
        let source = Source::RowMajor(values, terms.len());
        Self::from_source(response, source, terms, intercept, Dependent::Refused)
    }

    fn from_source(
        response: &[f64],
        source: Source<'_>,
        terms: &[String],
        intercept: Option<usize>,
        dependent: Dependent,
    ) -> Result<Self, GlmError> {
        Self::require_sizes(response.len(), terms, intercept)?;
        let given = Given {
            response,
            source,
            terms,
            intercept,
        };
        let (design, relations) = Design::new(given, dependent)?;
        let identified = IdentifiedTerms::new(terms, intercept, relations);
        Ok(Self::of_identified(response, design, identified))
    }

    fn require_sizes(
        rows: usize,
        terms: &[String],
        intercept: Option<usize>,
    ) -> Result<(), GlmError> {
        if terms.is_empty() {
            require("terms of the regression", 1, 0)?;
        }
        if let Some(index) = intercept.filter(|&index| index >= terms.len()) {
            require("columns up to the intercept", index + 1, terms.len())?;
        }
        if rows < terms.len() {
            return Err(GlmError::TooFewRows {
                rows,
                terms: terms.len(),
            });
        }
        Ok(())
    }

    pub(super) fn with_design(
        response: &[f64],
        design: Design,
        terms: &[String],
        intercept: Option<usize>,
    ) -> Self {
        let identified = IdentifiedTerms::new(terms, intercept, Vec::new());
        Self::of_identified(response, design, identified)
    }

    fn of_identified(response: &[f64], design: Design, identified: IdentifiedTerms) -> Self {
        let (terms, intercept) = (identified.names(), identified.kept_intercept());
        Self {
            response: response.to_vec(),
            trials: None,
            offset: None,
            weights: None,
            totals: OnceLock::new(),
            identified,
            terms,
            intercept,
            design,
            is_rank_checked: true,
            options: Options::default(),
            stream: None,
            watch: None,
            resume: None,
        }
    }

    /// Columns of which some may be combinations of others.
    pub(super) fn of_any_rank(
        response: &[f64],
        source: Source<'_>,
        terms: &[String],
        intercept: Option<usize>,
    ) -> Result<Self, GlmError> {
        Self::require_sizes(usize::MAX, terms, intercept)?;
        let design = Design::of_any_rank(Given {
            response,
            source,
            terms,
            intercept,
        })?;
        Ok(Self {
            is_rank_checked: false,
            ..Self::with_design(response, design, terms, intercept)
        })
    }

    /// A regression on rows that are read anew for every pass and never held all at once; the same,
    /// bit by bit, as on those rows in memory, unless there are so many columns that memory takes other
    /// steps, with an information kept for several of them, or smaller chunks: then but for rounding.
    ///
    /// Two passes are made here, for the centres and scales of the columns and for their products;
    /// two more where they are badly conditioned. `watch` is told how far it is, from here on.
    ///
    /// # Errors
    /// As [`Regression::new`], and rows that cannot be read.
    pub fn streamed(
        source: Arc<dyn RowSource>,
        terms: &[String],
        intercept: Option<usize>,
        watch: Option<Arc<dyn Watch>>,
    ) -> Result<Self, GlmError> {
        let origin = Origin::here(source, watch);
        Self::streamed_in_chunks(origin, terms, intercept, None, Dependent::Refused)
    }

    /// As [`Regression::streamed`], where columns may be constant or combinations of those before them,
    /// as in [`Regression::identified`].
    ///
    /// # Errors
    /// As [`Regression::streamed`], but for those columns.
    pub fn streamed_identified(
        source: Arc<dyn RowSource>,
        terms: &[String],
        intercept: Option<usize>,
        watch: Option<Arc<dyn Watch>>,
    ) -> Result<Self, GlmError> {
        Self::identified_at(Origin::here(source, watch), terms, intercept)
    }

    /// As [`Regression::streamed`], of rows that others may add up.
    pub(crate) fn summed_at(
        origin: Origin,
        terms: &[String],
        intercept: Option<usize>,
    ) -> Result<Self, GlmError> {
        Self::streamed_in_chunks(origin, terms, intercept, None, Dependent::Refused)
    }

    pub(crate) fn identified_at(
        origin: Origin,
        terms: &[String],
        intercept: Option<usize>,
    ) -> Result<Self, GlmError> {
        Self::streamed_in_chunks(origin, terms, intercept, None, Dependent::LeftOut)
    }

    /// As [`Regression::streamed`], for [`Regression::fit_penalised`] only: terms may be combinations
    /// of each other, and there may be more of them than rows.
    ///
    /// # Errors
    /// As [`Regression::for_penalty`], and rows that cannot be read.
    pub fn streamed_for_penalty(
        source: Arc<dyn RowSource>,
        terms: &[String],
        intercept: Option<usize>,
        watch: Option<Arc<dyn Watch>>,
    ) -> Result<Self, GlmError> {
        Self::require_sizes(usize::MAX, terms, intercept)?;
        let (design, stream) =
            Design::streamed_of_any_rank(Origin::here(source, watch.clone()), terms, intercept)?;
        Ok(Self {
            is_rank_checked: false,
            stream: Some(stream),
            watch,
            ..Self::with_design(&[], design, terms, intercept)
        })
    }

    pub(super) fn streamed_in_chunks(
        origin: Origin,
        terms: &[String],
        intercept: Option<usize>,
        blocks_in_a_chunk: Option<usize>,
        dependent: Dependent,
    ) -> Result<Self, GlmError> {
        // The number of rows is only known after they were read.
        Self::require_sizes(usize::MAX, terms, intercept)?;
        let watch = origin.watch.clone();
        let (design, stream, relations) =
            Design::streamed(origin, terms, intercept, blocks_in_a_chunk, dependent)?;
        let identified = IdentifiedTerms::new(terms, intercept, relations);
        let mut regression = Self::of_identified(&[], design, identified);
        regression.stream = Some(stream);
        regression.watch = watch;
        Ok(regression)
    }

    /// The same regression, whose fits go on from `checkpoint`: a state of a fit of the same rows
    /// with the same family and link.
    ///
    /// # Errors
    /// A checkpoint of another number of coefficients.
    pub fn resumed_from(mut self, checkpoint: Checkpoint) -> Result<Self, GlmError> {
        require(
            "coefficients of the checkpoint",
            self.terms.len(),
            checkpoint.stored.len(),
        )?;
        self.resume = Some(checkpoint);
        Ok(self)
    }

    /// The same regression with a number of trials a row: the response then counts successes.
    ///
    /// # Errors
    /// Another number of trials than of responses, or trials that are not whole numbers ≥ 1.
    ///
    /// ```
    /// use fisherinfo_table::glm::{Family, Regression};
    /// // Seven heads in ten tosses and eleven in twenty: one p.
    /// let fit_of = Regression::new(&[7.0, 11.0], &[[1.0, 1.0]], &["p".into()], Some(0))?
    ///     .trials(&[10.0, 20.0])?;
    /// let fit = fit_of.fit(Family::Binomial, "identity".parse().unwrap())?;
    /// assert!((fit.coefficients()[0] - 0.6).abs() < 1e-12);
    /// assert!((fit.standard_errors().expected[0] - (0.6_f64 * 0.4 / 30.0).sqrt()).abs() < 1e-12);
    /// # Ok::<(), fisherinfo_table::glm::GlmError>(())
    /// ```
    pub fn trials(mut self, trials: &[f64]) -> Result<Self, GlmError> {
        self.require_one_a_row("numbers of trials", trials.len())?;
        require_trials(trials)?;
        self.trials = Some(trials.to_vec());
        self.totals = OnceLock::new();
        Ok(self)
    }

    /// The same regression, to be fitted as `options` say.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// What of the terms' coefficients the data can tell.
    pub fn identified_terms(&self) -> &IdentifiedTerms {
        &self.identified
    }

    /// The names of what is estimated, in its order: the terms that were given, where none is a
    /// combination of others.
    pub fn terms(&self) -> &[String] {
        &self.terms
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.design.rows
    }

    /// Whether the rows are read anew for every pass.
    pub fn is_streamed(&self) -> bool {
        self.stream.is_some()
    }

    /// The rows a chunk at a time, their responses held against `family` when they are read.
    pub(super) fn chunks(&self, family: Option<Family>) -> Chunks<'_> {
        Chunks {
            design: &self.design,
            response: &self.response,
            trials: self.trials.as_deref(),
            offset: self.offset.as_deref(),
            weights: self.weights.as_ref(),
            clusters: None,
            stream: self.stream.as_ref(),
            family,
        }
    }

    /// Tells whoever watches that an iteration is finished.
    pub(super) fn finished(&self, checkpoint: impl FnOnce() -> Checkpoint) -> Result<(), GlmError> {
        match &self.watch {
            Some(watch) if watch.iteration(&checkpoint()).is_break() => Err(GlmError::Interrupted),
            _ => Ok(()),
        }
    }

    /// The maximum of the likelihood, by Fisher scoring.
    ///
    /// # Errors
    /// A parameter that the family cannot have, a response that it cannot produce (the row is named),
    /// no way to start, separation
    /// (the direction is named), or no convergence: a fit that is returned has converged.
    pub fn fit(&self, family: Family, link: Link) -> Result<Fit<'_>, GlmError> {
        self.fitted(family, link, true)
    }

    /// The maximum of the likelihood as a part of a larger search, without checkpoints.
    pub(super) fn fit_on_the_way(&self, family: Family, link: Link) -> Result<Fit<'_>, GlmError> {
        self.fitted(family, link, false)
    }

    fn fitted(&self, family: Family, link: Link, is_whole: bool) -> Result<Fit<'_>, GlmError> {
        let family = family.checked()?;
        let (rows, terms) = (self.sample_size(), self.terms.len());
        if !self.is_rank_checked {
            return Err(GlmError::ForPenaltyOnly);
        }
        if family.estimates_dispersion() && rows <= terms {
            return Err(GlmError::TooFewRows { rows, terms });
        }
        self.in_pool(|| {
            self.require_response(family)?;
            let maximum = scoring::maximise(self, family, link, &self.options, is_whole)?;
            Fit::new(self, family, link, maximum)
        })?
    }

    pub(super) fn tolerance(&self) -> f64 {
        self.options.tolerance
    }

    pub(super) fn max_iterations(&self) -> usize {
        self.options.max_iterations
    }

    /// Runs `work` on the threads that were asked for.
    pub(super) fn in_pool<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, GlmError> {
        let Some(threads) = self.options.threads else {
            return Ok(work());
        };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .build()
            .map_err(|error| GlmError::Threads {
                threads: threads.get(),
                reason: error.to_string(),
            })?;
        Ok(pool.install(work))
    }

    /// Refuses what takes all rows at once where they are streamed.
    pub(super) fn require_in_memory(&self, what: &str) -> Result<(), GlmError> {
        if self.is_streamed() {
            return Err(GlmError::InMemoryOnly { what: what.into() });
        }
        Ok(())
    }

    pub(super) fn require_response(&self, family: Family) -> Result<(), GlmError> {
        if self.has_trials() && family != Family::Binomial {
            return Err(GlmError::TrialsWithoutBinomial { family });
        }
        let first = self
            .response
            .par_chunks(ROWS_AT_ONCE)
            .enumerate()
            .find_map_first(|(index, rows)| {
                let start = index * ROWS_AT_ONCE;
                let trials = self.trials.as_deref();
                let trials = trials.map(|trials| &trials[start..start + rows.len()]);
                refused_row(family, rows, trials).map(|row| start + row)
            });
        match first {
            None => Ok(()),
            Some(row) => Err(GlmError::Response {
                row,
                value: self.response[row],
                family,
                support: family.support(self.trials.as_ref().map(|trials| trials[row])),
            }),
        }
    }

    /// φ: Pearson's X² / (n − p) where it is estimated, otherwise one.
    pub(super) fn dispersion(&self, family: Family, pearson: f64) -> f64 {
        if family.estimates_dispersion() {
            pearson / (self.sample_size() - self.terms.len()) as f64
        } else {
            1.0
        }
    }

    #[cfg(test)]
    pub(super) fn in_chunks(
        response: &[f64],
        columns: &[&[f64]],
        terms: &[String],
        intercept: Option<usize>,
        blocks_in_a_chunk: usize,
    ) -> Result<Self, GlmError> {
        let given = Given {
            response,
            source: Source::Columns(columns),
            terms,
            intercept,
        };
        let (design, _) = Design::in_chunks(given, Dependent::Refused, blocks_in_a_chunk)?;
        Ok(Self::with_design(response, design, terms, intercept))
    }
}
