//! The first pass over the files: what the columns hold, which cells are missing, which categories
//! there are.

use super::SourceError;
use super::batches::{Batches, Size, Wanted};
use super::files::TableFiles;
use super::units::Unit;
use crate::design::KnownLevels;
use crate::glm::Watch;
use crate::sums::Additive;
use crate::table::csv::Kind;
use crate::table::{Cells, Column, Table};
use crate::wire::wire_fields;
use std::collections::HashSet;

/// The most clusters of rows whose names are held: some hundred megabytes of them.
pub(super) const MOST_CLUSTERS: usize = 4_000_000;

/// What was found in a column.
#[derive(Clone, Debug, Default)]
pub(super) struct ColumnScan {
    /// Cells that are numbers.
    pub(super) numbers: usize,
    /// The first cell that is text: file, line or row, and the cell.
    pub(super) first_text: Option<(String, String, String)>,
    /// Cells that are missing.
    pub(super) missing: usize,
    /// The file and the line or row of the first of them.
    pub(super) first_missing: Option<String>,
    /// The texts, and the numbers as bits, in rows that are kept.
    texts: HashSet<String>,
    values: HashSet<u64>,
}

/// What was found in all files.
#[derive(Clone, Debug, Default)]
pub(super) struct Scan {
    pub(super) rows: usize,
    /// Rows without a missing cell, and with a weight.
    pub(super) kept: usize,
    /// Rows without a missing cell whose weight is zero.
    pub(super) without_weight: usize,
    /// The first weight under zero: its file, line or row, and value.
    pub(super) negative_weight: Option<(String, String, f64)>,
    pub(super) columns: Vec<ColumnScan>,
}

/// A column whose categories may be wanted, and the term that wants them.
pub(super) struct Categorical<'a> {
    pub(super) column: usize,
    pub(super) label: &'a str,
    /// The most levels there may be.
    pub(super) limit: usize,
}

/// What the columns are wanted for.
pub(super) struct Uses<'a> {
    /// Categories whatever their cells are.
    pub(super) categorical: Vec<Categorical<'a>>,
    /// Categories if all of their cells are text.
    pub(super) texts: Vec<Categorical<'a>>,
    /// The column of weights.
    pub(super) weights: Option<usize>,
}

wire_fields!(ColumnScan {
    numbers,
    first_text,
    missing,
    first_missing,
    texts,
    values,
});
wire_fields!(Scan {
    rows,
    kept,
    without_weight,
    negative_weight,
    columns,
});

/// What was found in successive units, and the rows and kept rows of each.
#[derive(Clone, Debug)]
pub(crate) struct UnitScans {
    pub(super) scan: Scan,
    pub(super) rows: Vec<(usize, usize)>,
}

wire_fields!(UnitScans { scan, rows });

impl Additive for UnitScans {
    fn add(&mut self, later: Self) {
        self.scan.merge(later.scan);
        self.rows.extend(later.rows);
    }
}

impl UnitScans {
    /// What is found in one unit.
    pub(super) fn of_unit(
        files: &TableFiles,
        wanted: &Wanted,
        uses: &Uses<'_>,
        unit: &Unit,
    ) -> Result<Self, SourceError> {
        let batches = Batches::of_pieces(files, wanted, Size::USUAL, vec![unit.piece()]);
        let scan = Scan::of_batches(batches, files, uses, None)?;
        let rows = vec![(scan.rows, scan.kept)];
        Ok(Self { scan, rows })
    }
}

impl Scan {
    pub(super) fn of(
        files: &TableFiles,
        wanted: &Wanted,
        uses: &Uses<'_>,
        watch: Option<&dyn Watch>,
    ) -> Result<Self, SourceError> {
        if let Some(watch) = watch {
            watch.pass("levels and missing cells");
        }
        let batches = Batches::open(files, wanted, Size::USUAL);
        Self::of_batches(batches, files, uses, watch)
    }

    fn of_batches(
        mut batches: Batches<'_>,
        files: &TableFiles,
        uses: &Uses<'_>,
        watch: Option<&dyn Watch>,
    ) -> Result<Self, SourceError> {
        let mut total = Self {
            columns: vec![ColumnScan::default(); batches.columns()],
            ..Self::default()
        };
        let several = files.files().len() > 1;
        loop {
            let parts = batches.next(|table| Ok(Self::of_table(&table, uses, several)))?;
            if parts.is_empty() {
                return Ok(total);
            }
            for part in parts {
                total.merge(part);
            }
            total.require_levels(uses)?;
            if watch.is_some_and(|watch| watch.rows(total.rows).is_break()) {
                return Err(SourceError::Interrupted);
            }
        }
    }

    /// Refuses more levels than there may be.
    pub(super) fn require_levels(&self, uses: &Uses<'_>) -> Result<(), SourceError> {
        let mut asked = uses.categorical.iter().chain(&uses.texts);
        let too_many = asked.find(|asked| self.columns[asked.column].levels() > asked.limit);
        let Some(Categorical { label, limit, .. }) = too_many else {
            return Ok(());
        };
        let (name, limit) = ((*label).to_owned(), *limit);
        Err(if limit == MOST_CLUSTERS {
            SourceError::TooManyClusters {
                column: name,
                limit,
            }
        } else {
            SourceError::TooManyLevels { term: name, limit }
        })
    }

    fn of_table(table: &Table, uses: &Uses<'_>, several: bool) -> Self {
        let columns = table.columns();
        let place = |row: usize| {
            if several {
                format!("{} of {}", table.place(row), table.source())
            } else {
                table.place(row)
            }
        };
        let mut is_kept = vec![true; table.rows()];
        let mut found = vec![ColumnScan::default(); columns.len()];
        for (column, found) in columns.iter().zip(&mut found) {
            for (row, is_kept) in is_kept.iter_mut().enumerate() {
                if column.is_missing(row) {
                    found.missing += 1;
                    if found.first_missing.is_none() {
                        found.first_missing = Some(place(row));
                    }
                    *is_kept = false;
                }
            }
            match column.cells() {
                Cells::Numeric(_) => found.numbers = table.rows() - found.missing,
                Cells::Text(text) => {
                    found.numbers = text.numbers();
                    found.first_text = text.get(text.first_text()).map(|cell| {
                        let place = table.place(text.first_text());
                        (table.source().to_owned(), place, cell.to_owned())
                    });
                }
            }
        }
        let complete = is_kept.iter().filter(|&&kept| kept).count();
        let mut negative_weight = None;
        if let Some(weights) = uses.weights.map(|column| &columns[column]) {
            for (row, is_kept) in is_kept.iter_mut().enumerate().filter(|(_, kept)| **kept) {
                let weight = number(weights, row);
                *is_kept = weight != 0.0;
                if weight < 0.0 && negative_weight.is_none() {
                    negative_weight = Some((table.source().to_owned(), table.place(row), weight));
                }
            }
        }
        for categorical in &uses.categorical {
            found[categorical.column].add_levels(&columns[categorical.column], &is_kept);
        }
        // Columns that are categories only if there is no number among their cells.
        for text in &uses.texts {
            if found[text.column].first_text.is_some() {
                found[text.column].add_levels(&columns[text.column], &is_kept);
            }
        }
        let kept = is_kept.iter().filter(|&&kept| kept).count();
        Self {
            rows: table.rows(),
            kept,
            without_weight: complete - kept,
            negative_weight,
            columns: found,
        }
    }

    fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.kept += other.kept;
        self.without_weight += other.without_weight;
        self.negative_weight = self.negative_weight.take().or(other.negative_weight);
        for (total, part) in self.columns.iter_mut().zip(other.columns) {
            total.numbers += part.numbers;
            total.missing += part.missing;
            total.first_text = total.first_text.take().or(part.first_text);
            total.first_missing = total.first_missing.take().or(part.first_missing);
            total.texts.extend(part.texts);
            total.values.extend(part.values);
        }
    }
}

/// A cell as a number; NaN where it is text, which is refused elsewhere.
fn number(column: &Column, row: usize) -> f64 {
    match column.cells() {
        Cells::Numeric(values) => values[row],
        Cells::Text(text) => text
            .get(row)
            .and_then(|cell| cell.parse().ok())
            .unwrap_or(f64::NAN),
    }
}

impl ColumnScan {
    /// Adds the categories in rows that are kept.
    fn add_levels(&mut self, column: &Column, is_kept: &[bool]) {
        match column.cells() {
            Cells::Numeric(values) => {
                let kept = values.iter().zip(is_kept).filter(|(_, kept)| **kept);
                for (value, _) in kept {
                    // Adding 0 makes −0 and 0 one category.
                    self.values.insert((value + 0.0).to_bits());
                }
            }
            Cells::Text(text) => {
                let mut occurs = vec![false; text.levels().len()];
                for (row, _) in is_kept.iter().enumerate().filter(|(_, kept)| **kept) {
                    if let Some(code) = text.code(row) {
                        occurs[code] = true;
                    }
                }
                let levels = text.levels().iter().zip(occurs);
                self.texts
                    .extend(levels.filter(|(_, occurs)| *occurs).map(|(l, _)| l.clone()));
            }
        }
    }

    fn levels(&self) -> usize {
        self.texts.len() + self.values.len()
    }

    /// Whether any cell is text.
    pub(super) fn is_text(&self) -> bool {
        self.first_text.is_some()
    }

    /// What later passes take the cells for.
    pub(super) fn kind(&self) -> Kind {
        if self.is_text() {
            Kind::Text
        } else {
            Kind::Either
        }
    }

    /// The categories, as the design in memory orders them.
    pub(super) fn categories(&self) -> KnownLevels {
        let values = self.values.iter().map(|&bits| f64::from_bits(bits));
        if self.is_text() {
            let numbers = values.map(fisherinfo::expression::number_text);
            KnownLevels::of_texts(self.texts.iter().cloned().chain(numbers).collect())
        } else {
            let parsed = self
                .texts
                .iter()
                .filter_map(|text| text.parse::<f64>().ok());
            KnownLevels::of_numbers(values.chain(parsed).collect())
        }
    }
}
