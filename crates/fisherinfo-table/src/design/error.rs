//! Why a formula has no design on a table.

use std::fmt;

use fisherinfo::expression::{BindError, Excerpt};
use thiserror::Error;

/// Why a formula has no design on a table.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum DesignError {
    /// A column is not in the table.
    #[error("{file} has no column `{name}`; {columns}{}", excerpt_lines(excerpt.as_deref()))]
    UnknownColumn {
        /// The file or reader.
        file: String,
        /// The column.
        name: String,
        /// The columns there are.
        columns: ColumnList,
        /// Where the column stands in the formula, unless it was asked for beside it.
        excerpt: Option<Box<Excerpt>>,
    },
    /// The table has a column of the name of a constant that the formula uses.
    #[error("{file} has a column of that name: {error}")]
    ConstantOrColumn {
        /// The file or reader.
        file: String,
        /// What is ambiguous.
        error: BindError,
    },
    /// A cell that is needed as a number is text.
    #[error("{place}, column {column}: \"{text}\" is not a number; {remedy}")]
    NotANumber {
        /// The line or row.
        place: String,
        /// The column.
        column: String,
        /// The cell.
        text: String,
        /// What to do.
        remedy: String,
    },
    /// A cell that is needed is infinite.
    #[error(
        "{place}, column {column}: {value} is not a finite number; correct the cell, or leave it \
         empty to mark it as missing"
    )]
    Infinite {
        /// The line or row.
        place: String,
        /// The column.
        column: String,
        /// The cell.
        value: f64,
    },
    /// A function of columns has no finite value in some row.
    #[error(
        "{place}: {term} is {value} where {inputs}; leave such rows out, or use a function that has \
         a value there"
    )]
    NotFinite {
        /// The line or row.
        place: String,
        /// The term.
        term: String,
        /// Its value there.
        value: f64,
        /// The columns in it, as `dose = 0`.
        inputs: String,
    },
    /// The response is text or was declared to be categories.
    #[error(
        "the response {response} is categories, where a number is needed; give it as a column of \
         numbers, such as 0 and 1"
    )]
    CategoricalResponse {
        /// The response.
        response: String,
    },
    /// A response of labels without exactly two levels where two are needed.
    #[error(
        "a binomial response of labels needs two levels, and {response} has {}; the multinomial \
         family takes more than two",
        levels_found(levels)
    )]
    NotTwoLevels {
        /// The response.
        response: String,
        /// Its levels.
        levels: Vec<String>,
    },
    /// A level that the response does not have.
    #[error("{response} has no level `{level}`; it has {}", levels_found(levels))]
    UnknownLevel {
        /// The response.
        response: String,
        /// What was asked for.
        level: String,
        /// Its levels.
        levels: Vec<String>,
    },
    /// Cells that are needed are missing.
    #[error(
        "{rows} of {of} rows have missing cells ({}); to leave these rows out, use --missing drop",
        list(cells)
    )]
    Missing {
        /// How many rows have at least one.
        rows: usize,
        /// How many rows there are.
        of: usize,
        /// The columns that have some.
        cells: Vec<MissingCells>,
    },
    /// Every row has a missing cell.
    #[error(
        "no row is left: each has a missing cell ({}); leave out a column",
        list(cells)
    )]
    NoRowsLeft {
        /// The columns that have some.
        cells: Vec<MissingCells>,
    },
    /// Categories have a single level.
    #[error(
        "{term} has only one category, `{level}`, in the rows that are used; there is nothing to \
         compare it with: take it out of the formula"
    )]
    OneCategory {
        /// The term.
        term: String,
        /// The level.
        level: String,
    },
    /// The category to compare with does not occur.
    #[error("{term} has no category `{reference}` in the rows that are used; it has {levels}")]
    NoReference {
        /// The term.
        term: String,
        /// The category that it names.
        reference: String,
        /// Those that occur, as `a`, `b`.
        levels: String,
    },
    /// A category that the fit has not seen, in a row to be predicted.
    #[error(
        "{place}, column {column}: the fit knows no category `{level}`, and nothing can be said \
         about it; it knows {levels}"
    )]
    UnknownCategory {
        /// The line or row.
        place: String,
        /// The column.
        column: String,
        /// The category.
        level: String,
        /// Those that the fit knows, as `a`, `b`.
        levels: String,
    },
    /// A weight under zero.
    #[error(
        "{place}, column {column}: the weight {value} is negative; a weight is at least 0, and 0 \
         leaves the row out"
    )]
    NegativeWeight {
        /// The line or row.
        place: String,
        /// The column.
        column: String,
        /// The cell.
        value: f64,
    },
    /// Every row has the weight zero.
    #[error("no row is left: every weight in column {column} is 0")]
    NoWeightLeft {
        /// The column.
        column: String,
    },
    /// A category that was not there when the categories were looked for.
    #[error("{place}: {term} has no category `{level}` in the rows that were read before")]
    NewCategory {
        /// The line or row.
        place: String,
        /// The term.
        term: String,
        /// The category.
        level: String,
    },
    /// The design would have too many columns.
    #[error(
        "with {term} the model has {found} columns, where {limit} are allowed; use fewer categories, \
         or the column as a number"
    )]
    TooManyColumns {
        /// The term that made them too many.
        term: String,
        /// How many there would be.
        found: usize,
        /// The most columns allowed.
        limit: usize,
    },
}

/// The missing cells of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingCells {
    /// The column.
    pub column: String,
    /// How many of its cells are missing.
    pub count: usize,
    /// The line or row of the first of them.
    pub first: String,
}

impl fmt::Display for MissingCells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            column,
            count,
            first,
        } = self;
        write!(f, "`{column}`: {count} (first on {first})")
    }
}

/// The columns of a table, those nearest to a name first among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnList {
    /// Those that may have been meant.
    pub nearest: Vec<String>,
    /// All of them.
    pub all: Vec<String>,
}

impl fmt::Display for ColumnList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 20;
        let quoted = |names: &[String], separator: &str| {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            names.join(separator)
        };
        if !self.nearest.is_empty() {
            write!(f, "did you mean {}? ", quoted(&self.nearest, " or "))?;
        }
        let shown = &self.all[..self.all.len().min(SHOWN)];
        write!(f, "its columns are {}", quoted(shown, ", "))?;
        match self.all.len() - shown.len() {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

fn list(cells: &[MissingCells]) -> String {
    let cells: Vec<String> = cells.iter().map(ToString::to_string).collect();
    cells.join(", ")
}

fn levels_found(levels: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown: Vec<String> = levels
        .iter()
        .take(SHOWN)
        .map(|level| format!("`{level}`"))
        .collect();
    let more = match levels.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}: {}{more}", levels.len(), shown.join(", "))
}

fn excerpt_lines(excerpt: Option<&Excerpt>) -> String {
    excerpt.map_or_else(String::new, |excerpt| format!("\n{excerpt}"))
}
