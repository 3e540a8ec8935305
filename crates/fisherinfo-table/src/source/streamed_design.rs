//! The design of a formula on the rows of files.

use super::SourceError;
use super::batches::{Batches, Size, Wanted, header};
use super::files::TableFiles;
use super::scan::{Categorical, Scan};
use crate::design::{
    Design, DesignError, DesignOptions, Levels, Missing, MissingCells, ResponseKind, Settled,
    TermColumns,
};
use crate::formula::{Factor, FactorKind, Formula};
use crate::glm::{RowBatch, RowReader, RowSource, RowsError, Watch};
use crate::table::csv::Kind;
use crate::table::{Column, Table};
use std::collections::HashMap;

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
    wanted: Wanted,
    size: Size,
    settled: Settled,
    terms: Vec<String>,
    term_columns: Vec<TermColumns>,
    levels: Vec<Levels>,
    scan: Scan,
}

impl StreamedDesign {
    /// Reads the files once, for what their columns hold. The first of the columns of `options.also`
    /// is the number of trials of each row.
    ///
    /// # Errors
    /// As [`Design::new`], naming the file; files that cannot be read or that do not go together;
    /// what is made of rows in memory only: offsets, weights, clusters, known levels and a response
    /// of labels.
    pub fn new(
        files: TableFiles,
        formula: &Formula,
        options: &DesignOptions<'_>,
        watch: Option<&dyn Watch>,
    ) -> Result<Self, SourceError> {
        if let Some(path) = files.paths().iter().find(|path| !path.is_file()) {
            return Err(SourceError::NotAFile {
                file: path.display().to_string(),
            });
        }
        Self::require_none_in_memory(formula, options)?;
        let first = files.paths()[0].display().to_string();
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
        let used = Design::columns_used(&all, formula, options.also).map_err(at)?;
        for factor in formula
            .response()
            .into_iter()
            .chain(factors.iter().copied())
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
        let asked = |column: usize| candidates.iter().any(|&(c, _, asked)| asked && c == column);
        let mut wanted = Wanted {
            kinds: (0..names.len())
                .map(|column| {
                    if asked(column) {
                        Kind::Text
                    } else {
                        Kind::Either
                    }
                })
                .collect(),
            names,
        };
        let categorical: Vec<Categorical<'_>> = candidates
            .iter()
            .map(|&(column, label, _)| Categorical { column, label })
            .filter(|categorical| asked(categorical.column))
            .collect();
        let texts: Vec<Categorical<'_>> = candidates
            .iter()
            .filter(|(column, ..)| !asked(*column))
            .map(|&(column, label, _)| Categorical { column, label })
            .collect();
        let scan = Scan::of(&files, &wanted, &categorical, &texts, watch)?;
        if scan.rows == 0 {
            return Err(SourceError::NoRows { file: first });
        }
        for (kind, column) in wanted.kinds.iter_mut().zip(&scan.columns) {
            *kind = column.kind();
        }
        let mut levels = HashMap::new();
        for &(column, label, asked) in &candidates {
            let found = &scan.columns[column];
            if asked || found.is_text() && found.numbers == 0 {
                levels.insert(label.to_owned(), found.categories());
            }
        }
        let mut design = Self {
            files,
            formula: formula.clone(),
            missing: options.missing,
            also: options.also.to_vec(),
            size: Size::USUAL,
            settled: Settled::new(levels),
            terms: Vec::new(),
            term_columns: Vec::new(),
            levels: Vec::new(),
            scan,
            wanted,
        };
        design.refuse_text(&factors)?;
        design.refuse_missing().map_err(at)?;
        design.settled.require_two_levels().map_err(at)?;
        let empty = schema(&design.wanted.names)?;
        let of_none = design.of_table(&empty).map_err(at)?;
        design.terms = of_none.terms;
        design.term_columns = of_none.term_columns;
        design.levels = of_none.levels;
        let bytes_a_row = design.files.bytes() as f64 / design.scan.rows as f64;
        design.size = Size::of(design.terms.len(), bytes_a_row);
        Ok(design)
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

    /// How many rows are left out because a cell is missing.
    pub fn dropped_rows(&self) -> usize {
        self.scan.rows - self.scan.kept
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

    /// Refuses what only [`Design::new`] makes.
    fn require_none_in_memory(
        formula: &Formula,
        options: &DesignOptions<'_>,
    ) -> Result<(), SourceError> {
        let given = [
            (formula.offsets().next().is_some(), "offset(…) in a formula"),
            (options.weights.is_some(), "a column of weights"),
            (options.clusters.is_some(), "a column of clusters"),
            (options.levels.is_some(), "coding by known levels"),
            (
                options.response != ResponseKind::Numbers,
                "a response of labels",
            ),
        ];
        match given.into_iter().find(|(given, _)| *given) {
            Some((_, what)) => Err(SourceError::InMemoryOnly { what }),
            None => Ok(()),
        }
    }

    /// Text in a column that has to hold numbers.
    fn refuse_text(&self, factors: &[&Factor]) -> Result<(), SourceError> {
        let column = |name: &str| self.wanted.names.iter().position(|known| known == name);
        let refused = |name: &str, as_term: bool| {
            let scan = &self.scan.columns[column(name)?];
            let (file, place, cell) = scan.first_text.clone()?;
            Some(SourceError::Design {
                file,
                error: DesignError::not_a_number(place, name, &cell, as_term),
            })
        };
        if let Some(response) = self.formula.response() {
            let all_text = |name: &str| {
                column(name).is_some_and(|column| {
                    let scan = &self.scan.columns[column];
                    scan.is_text() && scan.numbers == 0
                })
            };
            let categorical = match response.kind() {
                FactorKind::Categories(_) => true,
                FactorKind::Column(name) => all_text(name),
                FactorKind::Number(_) => false,
            };
            if categorical {
                return Err(SourceError::Design {
                    file: self.files.paths()[0].display().to_string(),
                    error: DesignError::CategoricalResponse {
                        response: response.label().to_owned(),
                    },
                });
            }
        }
        let needed = self
            .formula
            .response()
            .into_iter()
            .chain(factors.iter().copied())
            .filter(|factor| !self.settled.is_categorical(factor.label()));
        for factor in needed {
            let is_column = matches!(factor.kind(), FactorKind::Column(_));
            for (name, _) in factor.columns() {
                if let Some(error) = refused(name, is_column) {
                    return Err(error);
                }
            }
        }
        let also = self.also.iter().find_map(|name| refused(name, false));
        also.map_or(Ok(()), Err)
    }

    fn refuse_missing(&self) -> Result<(), DesignError> {
        let columns = self.wanted.names.iter().zip(&self.scan.columns);
        let cells: Vec<MissingCells> = columns
            .filter_map(|(name, column)| {
                Some(MissingCells {
                    column: name.clone(),
                    count: column.missing,
                    first: column.first_missing.clone()?,
                })
            })
            .collect();
        if self.missing == Missing::Fail && !cells.is_empty() {
            return Err(DesignError::Missing {
                rows: self.dropped_rows(),
                of: self.scan.rows,
                cells,
            });
        }
        if self.scan.kept == 0 {
            return Err(DesignError::NoRowsLeft { cells });
        }
        Ok(())
    }

    fn of_table(&self, table: &Table) -> Result<Design, DesignError> {
        let options = DesignOptions {
            missing: self.missing,
            also: &self.also,
            ..DesignOptions::default()
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

/// The different factors on the right of a formula.
fn factors(formula: &Formula) -> Vec<&Factor> {
    let mut factors: Vec<&Factor> = Vec::new();
    for factor in formula.terms().flatten() {
        if !factors.iter().any(|known| known.label() == factor.label()) {
            factors.push(factor);
        }
    }
    factors
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

impl RowReader for Reader<'_> {
    fn next(&mut self) -> Result<Vec<RowBatch>, RowsError> {
        let design = self.design;
        let of_table = |table: Table| {
            let made = design.design(&table)?;
            Ok(RowBatch {
                response: made.response.values,
                columns: made.columns,
                trials: made.also.into_iter().next().map(|(_, values)| values),
            })
        };
        self.batches.next(of_table).map_err(RowsError::new)
    }
}
