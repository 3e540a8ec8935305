//! What can be wrong with a table.

use thiserror::Error;

/// Why a table could not be read or put together.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file does not exist.
    #[error("{file}: no such file; check its name and folder")]
    NoSuchFile {
        /// The file.
        file: String,
    },
    /// A folder stands where a file is needed.
    #[error("{file}: this is a folder; name a CSV file in it")]
    Directory {
        /// The folder.
        file: String,
    },
    /// The file cannot be opened or read.
    #[error("{file}: cannot be read: {error}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        #[source]
        error: std::io::Error,
    },
    /// There is nothing in the file.
    #[error("{file}: the file is empty; a table needs a row of column names and rows of values")]
    Empty {
        /// The file.
        file: String,
    },
    /// There are column names only.
    #[error("{file}: there are no rows under the column names")]
    NoRows {
        /// The file.
        file: String,
    },
    /// The columns seem to be separated by something else than commas.
    #[error(
        "{file}: line 1 has no comma but {name}s; save the table with commas between its columns"
    )]
    Delimiter {
        /// The file.
        file: String,
        /// What separates the columns.
        name: &'static str,
    },
    /// A row has more or fewer cells than there are columns.
    #[error(
        "{file}: line {line} has {found} cells where line {header} names {expected} columns; \
         put quotation marks around a cell that holds a comma"
    )]
    Ragged {
        /// The file.
        file: String,
        /// The line on which the row begins.
        line: u64,
        /// The number of its cells.
        found: usize,
        /// The line of the column names.
        header: u64,
        /// The number of columns.
        expected: usize,
    },
    /// A quotation mark is opened and never closed.
    #[error("{file}: a quotation mark in the row of line {line} is never closed; close it there")]
    UnclosedQuote {
        /// The file.
        file: String,
        /// The line on which the row begins.
        line: u64,
    },
    /// A row is too long to be one.
    #[error(
        "{file}: the row of line {line} is longer than {limit} bytes; close its quotation marks, or end it"
    )]
    LongRow {
        /// The file.
        file: String,
        /// The line on which the row begins.
        line: u64,
        /// How long a row may be.
        limit: usize,
    },
    /// A compressed file ends before its data do.
    #[error("{file}: the compressed data break off; the file was cut short or is damaged: {error}")]
    BrokenOff {
        /// The file.
        file: String,
        /// What the decoder says.
        #[source]
        error: std::io::Error,
    },
    /// A cell is not UTF-8.
    #[error("{file}: line {line}, column {column}: this is not UTF-8; save the table as UTF-8")]
    NotUtf8 {
        /// The file.
        file: String,
        /// The line on which the row begins.
        line: u64,
        /// The column: its name, or its number from 1 in the row of names.
        column: String,
    },
    /// Two columns have one name.
    #[error("{file}: columns {first} and {second} are both called `{name}`; rename one of them")]
    DuplicateColumn {
        /// The file.
        file: String,
        /// The name.
        name: String,
        /// The first of the two, from 1.
        first: usize,
        /// The second.
        second: usize,
    },
    /// The columns of a table made in a program differ in length.
    #[error("column `{column}` has {found} rows, the columns before it have {expected}")]
    Length {
        /// The column.
        column: String,
        /// Its length.
        found: usize,
        /// The length of the columns before it.
        expected: usize,
    },
}

impl TableError {
    /// The same error of a text that begins after so many lines of its file.
    pub(super) fn after(mut self, lines: u64) -> Self {
        if let Self::UnclosedQuote { line, .. } | Self::LongRow { line, .. } = &mut self {
            *line += lines;
        }
        self
    }
}
