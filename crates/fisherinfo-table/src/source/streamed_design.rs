//! The design of a formula on the rows of files.

mod elsewhere;
mod refusals;

pub(crate) use elsewhere::{DesignRequest, Settled};

use super::RowRoles;
use super::SourceError;
use super::asked::{factors, labels};
use super::batches::{Batches, Size, Wanted, header};
use super::files::TableFiles;
use super::scan::{Categorical, MOST_CLUSTERS, Scan, Uses};
use super::units::Unit;
use crate::design::{
    Design, DesignError, DesignOptions, Levels, MAXIMUM_COLUMNS, Missing, Response, ResponseKind,
    Settled as SettledLevels, Successes, TermColumns,
};
use crate::distributed::Workers;
use crate::formula::{FactorKind, Formula};
use crate::glm::{RowBatch, RowReader, RowSource, RowsError, Watch};
use crate::table::csv::Kind;
use crate::table::{Column, Table};
use std::collections::HashMap;
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::sync::Arc;

/// The design of a formula on the rows of files, made anew in every pass over them.
///
/// Its columns are those of [`Design::new`] on all rows in memory: the categories of a text column
/// are found in a first pass and are the same in every batch.
#[derive(Clone, Debug)]
pub struct StreamedDesign {
    files: TableFiles,
    formula: Formula,
    missing: Missing,
    also: Vec<String>,
    weights: Option<String>,
    clusters: Option<String>,
    response: ResponseKind,
    roles: RowRoles,
    /// Of a response of labels that counts successes: which they are, and the position of their level.
    successes: Option<(Successes, usize)>,
    wanted: Wanted,
    size: Size,
    settled: SettledLevels,
    terms: Vec<String>,
    term_columns: Vec<TermColumns>,
    levels: Vec<Levels>,
    scan: Scan,
    /// Who adds up its rows, where that is not done here.
    remote: Option<Remote>,
}

/// Who adds up the rows of a design, and the units that they lie in.
#[derive(Clone, Debug)]
pub(crate) struct Remote {
    pub(crate) workers: Arc<dyn Workers>,
    pub(crate) units: Vec<Unit>,
}

impl StreamedDesign {
    /// Reads the files once, for what their columns hold. The first of the columns of `options.also`
    /// is the number of trials of each row; weights are precisions, and labels positions (see
    /// [`StreamedDesign::with_roles`]).
    ///
    /// # Errors
    /// As [`Design::new`], naming the file; files that cannot be read or that do not go together;
    /// coding by known levels, which is made of rows in memory only; more clusters than are held.
    pub fn new(
        files: TableFiles,
        formula: &Formula,
        options: &DesignOptions<'_>,
        watch: Option<&dyn Watch>,
    ) -> Result<Self, SourceError> {
        let roles = RowRoles {
            trials: options.also.first().cloned(),
            ..RowRoles::default()
        };
        Self::with_roles(files, formula, options, roles, watch)
    }

    /// As [`StreamedDesign::new`], with what the columns beside the formula are to the rows.
    ///
    /// # Errors
    /// As there; a success that is none of two levels.
    ///
    /// ```
    /// use fisherinfo_table::glm::{Family, Regression, Weighting};
    /// use fisherinfo_table::source::{Labels, RowRoles, StreamedDesign, TableFiles};
    /// use fisherinfo_table::{DesignOptions, Formula, ResponseKind};
    /// use std::sync::Arc;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("mice.csv");
    /// std::fs::write(&path, "dose,alive,mice\n1,yes,9\n1,no,1\n4,yes,5\n4,no,5\n8,no,0\n")?;
    /// let options = DesignOptions {
    ///     weights: Some("mice"),
    ///     response: ResponseKind::NumbersOrLabels,
    ///     ..DesignOptions::default()
    /// };
    /// let roles = RowRoles {
    ///     weighting: Some(Weighting::Frequency),
    ///     labels: Labels::Successes(None),
    ///     ..RowRoles::default()
    /// };
    /// let formula = Formula::parse("alive ~ dose")?;
    /// let design = StreamedDesign::with_roles(TableFiles::find(&[path])?, &formula, &options, roles, None)?;
    /// assert_eq!((design.rows_without_weight(), design.success()), (1, Some(["yes", "no"])));
    /// let (terms, intercept) = (design.terms().to_vec(), design.intercept());
    /// let regression = Regression::streamed(Arc::new(design), &terms, intercept, None)?;
    /// let fit = regression.fit(Family::Binomial, Family::Binomial.default_link())?;
    /// assert_eq!((fit.rows(), fit.sample_size()), (4, 20));
    /// assert!((fit.coefficients()[1] + 9.0_f64.ln() / 3.0).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_roles(
        files: TableFiles,
        formula: &Formula,
        options: &DesignOptions<'_>,
        roles: RowRoles,
        watch: Option<&dyn Watch>,
    ) -> Result<Self, SourceError> {
        let scan = |files: &TableFiles, wanted: &Wanted, uses: &Uses<'_>| {
            Scan::of(files, wanted, uses, watch).map(ControlFlow::Continue)
        };
        let ControlFlow::<Infallible, _>::Continue(design) =
            Self::settle(files, formula, options, roles, scan)?;
        Ok(design)
    }

    /// With what `scan` finds in the files, where it goes on from there.
    fn settle<B>(
        files: TableFiles,
        formula: &Formula,
        options: &DesignOptions<'_>,
        roles: RowRoles,
        scan: impl FnOnce(&TableFiles, &Wanted, &Uses<'_>) -> Result<ControlFlow<B, Scan>, SourceError>,
    ) -> Result<ControlFlow<B, Self>, SourceError> {
        let mut all = files.files().iter();
        if let Some(pipe) = all.find(|file| !file.can_be_read_again()) {
            return Err(SourceError::NotAFile { file: pipe.name() });
        }
        if options.levels.is_some() {
            return Err(SourceError::InMemoryOnly {
                what: "coding by known levels",
            });
        }
        let mut also = options.also.to_vec();
        for column in roles.trials.iter().chain(&roles.offset) {
            if !also.contains(column) {
                also.push(column.clone());
            }
        }
        let first = files.files()[0].name();
        let at = |error| SourceError::Design {
            file: first.clone(),
            error,
        };
        let schema = |names: &[String]| {
            let columns = names
                .iter()
                .map(|name| Column::numeric(name.clone(), Vec::new()));
            Table::assemble(first.clone(), columns.collect(), Vec::new(), true)
        };
        let all = schema(&header(&files, 0)?)?;
        let factors = factors(formula);
        let beside: Vec<&str> = also
            .iter()
            .map(String::as_str)
            .chain(options.weights)
            .chain(options.clusters)
            .collect();
        let used = Design::columns_used(&all, formula, &beside).map_err(at)?;
        for factor in formula
            .response()
            .into_iter()
            .chain(factors.iter().copied())
            .chain(formula.offsets())
        {
            Design::check_constants(&all, factor).map_err(at)?;
        }
        let names: Vec<String> = used.into_iter().map(str::to_owned).collect();
        // Every factor that could be categories, and whether it has to be.
        let mut candidates = Vec::new();
        for factor in &factors {
            let (name, asked) = match factor.kind() {
                FactorKind::Categories(name) => (name, true),
                FactorKind::Column(name) => (name, false),
                FactorKind::Number(_) => continue,
            };
            if let Some(column) = names.iter().position(|known| known == name) {
                candidates.push((column, factor.label(), asked));
            }
        }
        let position = |name: &str| names.iter().position(|known| known == name);
        let labels = labels(formula, options.response)
            .and_then(|(factor, name, always)| Some((position(name)?, factor.label(), always)));
        let clusters = options.clusters.and_then(position);
        let mut uses = Uses {
            categorical: Vec::new(),
            texts: Vec::new(),
            weights: options.weights.and_then(position),
        };
        for &(column, label, always) in candidates.iter().chain(&labels) {
            let of = if always {
                &mut uses.categorical
            } else {
                &mut uses.texts
            };
            of.push(Categorical {
                column,
                label,
                limit: MAXIMUM_COLUMNS,
            });
        }
        if let (Some(column), Some(label)) = (clusters, options.clusters) {
            uses.categorical.push(Categorical {
                column,
                label,
                limit: MOST_CLUSTERS,
            });
        }
        let kind = |column: usize| {
            if uses.categorical.iter().any(|used| used.column == column) {
                Kind::Text
            } else {
                Kind::Either
            }
        };
        let mut wanted = Wanted {
            kinds: (0..names.len()).map(kind).collect(),
            names: names.clone(),
        };
        let scan = match scan(&files, &wanted, &uses)? {
            ControlFlow::Continue(scan) => scan,
            ControlFlow::Break(instead) => return Ok(ControlFlow::Break(instead)),
        };
        if scan.rows == 0 {
            return Err(SourceError::NoRows { file: first });
        }
        for (kind, column) in wanted.kinds.iter_mut().zip(&scan.columns) {
            *kind = column.kind();
        }
        if let (Some((file, place, value)), Some(weights)) =
            (scan.negative_weight.clone(), options.weights)
        {
            return Err(SourceError::Design {
                file,
                error: DesignError::NegativeWeight {
                    place,
                    column: weights.to_owned(),
                    value,
                },
            });
        }
        let mut levels = HashMap::new();
        for &(column, label, asked) in &candidates {
            let found = &scan.columns[column];
            if asked || found.is_text() && found.numbers == 0 {
                levels.insert(label.to_owned(), found.categories());
            }
        }
        let mut settled = SettledLevels::new(levels);
        if let Some((column, _, always)) = labels {
            let found = &scan.columns[column];
            if always || found.is_text() && found.numbers == 0 {
                settled.response = Some(found.categories());
            }
        }
        settled.clusters = clusters.map(|column| scan.columns[column].categories());
        let mut design = Self {
            files,
            formula: formula.clone(),
            missing: options.missing,
            also,
            weights: options.weights.map(str::to_owned),
            clusters: options.clusters.map(str::to_owned),
            response: options.response,
            roles,
            successes: None,
            size: Size::USUAL,
            settled,
            terms: Vec::new(),
            term_columns: Vec::new(),
            levels: Vec::new(),
            scan,
            wanted,
            remote: None,
        };
        design.refuse_text(&factors)?;
        design.refuse_missing().map_err(at)?;
        design.settled.require_two_levels().map_err(at)?;
        let labels = &design.roles.labels;
        design.successes = labels.settle(&design.response()).map_err(at)?;
        let empty = schema(&design.wanted.names)?;
        let of_none = design.of_table(&empty).map_err(at)?;
        design.terms = of_none.terms;
        design.term_columns = of_none.term_columns;
        design.levels = of_none.levels;
        let bytes_a_row = design.files.bytes() as f64 / design.scan.rows as f64;
        design.size = Size::of(design.terms.len(), bytes_a_row);
        Ok(ControlFlow::Continue(design))
    }

    /// The names of the columns.
    pub fn terms(&self) -> &[String] {
        &self.terms
    }

    /// The columns of every term of the formula but the intercept.
    pub fn term_columns(&self) -> &[TermColumns] {
        &self.term_columns
    }

    /// The categories of every factor that has some.
    pub fn levels(&self) -> &[Levels] {
        &self.levels
    }

    /// The index of the column of ones, if there is one.
    pub fn intercept(&self) -> Option<usize> {
        self.formula.intercept().then_some(0)
    }

    /// The files.
    pub fn files(&self) -> &TableFiles {
        &self.files
    }

    /// The response, without its values: its name, and its levels where it is labels.
    pub fn response(&self) -> Response {
        let levels = self.settled.response.as_ref();
        Response {
            name: self
                .formula
                .response()
                .map_or_else(String::new, |response| response.label().to_owned()),
            values: Vec::new(),
            levels: levels.map(|levels| levels.names().to_vec()),
        }
    }

    /// Of a response of labels that counts successes: the level that is one, and the other.
    pub fn success(&self) -> Option<[&str; 2]> {
        let (successes, _) = self.successes.as_ref()?;
        Some([&successes.success, &successes.failure])
    }

    /// The column of clusters and how many there are.
    pub fn clusters(&self) -> Option<(&str, usize)> {
        let clusters = self.settled.clusters.as_ref()?;
        Some((self.clusters.as_deref()?, clusters.names().len()))
    }

    /// How many rows are left out because a cell is missing.
    pub fn dropped_rows(&self) -> usize {
        self.scan.rows - self.scan.kept - self.scan.without_weight
    }

    /// How many rows are left out because their weight is zero, beside those of
    /// [`StreamedDesign::dropped_rows`].
    pub fn rows_without_weight(&self) -> usize {
        self.scan.without_weight
    }

    /// For every column that is used, how many of its cells are missing.
    pub fn missing(&self) -> Vec<(String, usize)> {
        let columns = self.wanted.names.iter().zip(&self.scan.columns);
        columns
            .map(|(name, column)| (name.clone(), column.missing))
            .collect()
    }

    /// The file and the line (or row) of a row of the design, counted from zero; the files are read
    /// up to there.
    ///
    /// # Errors
    /// Files that cannot be read again.
    pub fn place(&self, row: usize) -> Result<Option<String>, SourceError> {
        let mut before = 0;
        let mut batches = Batches::open(&self.files, &self.wanted, self.size);
        loop {
            let parts = batches.next(|table| {
                let lines = self.design(&table)?.lines;
                Ok((lines, table))
            })?;
            if parts.is_empty() {
                return Ok(None);
            }
            for (lines, table) in parts {
                if let Some(&line) = lines.get(row - before) {
                    let row = table.lines().iter().position(|&known| known == line);
                    let place = table.place(row.unwrap_or(0));
                    return Ok(Some(format!("{}, {place}", table.source())));
                }
                before += lines.len();
            }
        }
    }

    fn of_table(&self, table: &Table) -> Result<Design, DesignError> {
        let options = DesignOptions {
            missing: self.missing,
            also: &self.also,
            weights: self.weights.as_deref(),
            clusters: self.clusters.as_deref(),
            response: self.response,
            levels: None,
        };
        Design::settled(table, &self.formula, &options, &self.settled)
    }

    fn design(&self, table: &Table) -> Result<Design, SourceError> {
        self.of_table(table).map_err(|error| SourceError::Design {
            file: table.source().to_owned(),
            error,
        })
    }
}

/// A pass over the files.
struct Reader<'a> {
    design: &'a StreamedDesign,
    batches: Batches<'a>,
}

impl RowSource for StreamedDesign {
    fn open(&self) -> Result<Box<dyn RowReader + '_>, RowsError> {
        Ok(Box::new(Reader {
            design: self,
            batches: Batches::open(&self.files, &self.wanted, self.size),
        }))
    }
}

impl Reader<'_> {
    fn read(&mut self) -> Result<Vec<RowBatch>, SourceError> {
        let design = self.design;
        let of_table = |table: Table| {
            let success = design.successes.as_ref().map(|(_, position)| *position);
            Ok(design.roles.batch(design.design(&table)?, success))
        };
        self.batches.next(of_table)
    }
}

impl RowReader for Reader<'_> {
    fn next(&mut self) -> Result<Vec<RowBatch>, RowsError> {
        self.read().map_err(RowsError::new)
    }
}
