//! Why files could not be read as one table.

use crate::design::DesignError;
use crate::table::TableError;
use thiserror::Error;

/// Why files could not be read as one table.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A pattern that no file matches.
    #[error("no file matches {pattern}; check the folder, and put the pattern in quotes")]
    NoMatch {
        /// The pattern.
        pattern: String,
    },
    /// A pattern that is none.
    #[error("{pattern} is no pattern of file names: {reason}")]
    Pattern {
        /// What was given.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A pipe or a device, which cannot be read from its beginning twice.
    #[error(
        "{file}: rows of a pipe cannot be read anew for every pass; write them to a file, or hold \
         them in memory (without --stream and --resume)"
    )]
    NotAFile {
        /// Its name.
        file: String,
    },
    /// A file of a kind that this build does not read.
    #[error(
        "{file}: {kind} files are read by a build with the feature `columnar` \
         (cargo install --path crates/fisherinfo-cli --features columnar); or convert the file to CSV"
    )]
    NotBuiltIn {
        /// The file.
        file: String,
        /// Parquet or Arrow.
        kind: &'static str,
    },
    /// A columnar file that cannot be decoded.
    #[error("{file}: {reason}; the file was cut short or is damaged, or is no {kind} file")]
    Columnar {
        /// The file.
        file: String,
        /// Parquet or Arrow.
        kind: &'static str,
        /// What the decoder says.
        reason: String,
    },
    /// A column of a columnar file that holds neither numbers nor text.
    #[error(
        "{file}, column {column}: values of type {found} are neither numbers nor text; \
         convert the column"
    )]
    ColumnType {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// Its type.
        found: String,
    },
    /// A file lacks a column that the first has.
    #[error("{file} has no column `{column}`, which {first} has; give every file the same columns")]
    MissingColumn {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// The first file.
        first: String,
    },
    /// Categories of more levels than a design may have columns.
    #[error(
        "{term} has more than {limit} categories, for which a model may not have as many columns; \
         use fewer categories, or the column as a number"
    )]
    TooManyLevels {
        /// The term.
        term: String,
        /// The most columns allowed.
        limit: usize,
    },
    /// More clusters than are held.
    #[error(
        "the column `{column}` has more than {limit} clusters, whose sums are held all at once; use \
         a column with fewer"
    )]
    TooManyClusters {
        /// The column.
        column: String,
        /// The most clusters there may be.
        limit: usize,
    },
    /// What is made of rows in memory only.
    #[error(
        "{what} needs the rows in memory; give one plain CSV file and hold it in memory (without \
         --stream and --resume)"
    )]
    InMemoryOnly {
        /// What was asked for.
        what: &'static str,
    },
    /// No file has a row.
    #[error("{file}: there are no rows under the column names")]
    NoRows {
        /// The first file.
        file: String,
    },
    /// An address of objects, which this build does not read.
    #[error(
        "{url}: objects of a store are read by a build with the feature `object-store` \
         (cargo install --path crates/fisherinfo-cli --features object-store); or copy the file here"
    )]
    StoreNotBuiltIn {
        /// The address.
        url: String,
    },
    /// An object that cannot be found or read.
    #[cfg(feature = "object-store")]
    #[error(transparent)]
    Object(#[from] super::ObjectError),
    /// A file that cannot be read.
    #[error(transparent)]
    Table(TableError),
    /// A formula that has no design on the rows of a file.
    #[error("{}", with_file(file, error))]
    Design {
        /// The file.
        file: String,
        /// What is wrong.
        error: DesignError,
    },
    /// What other machines say.
    #[error("on another machine: {reason}")]
    Elsewhere {
        /// What stood in the way.
        reason: String,
    },
    /// Rows that others were to read.
    #[error(transparent)]
    Rows(#[from] crate::glm::RowsError),
    /// Whoever watched ended it.
    #[error("interrupted")]
    Interrupted,
}

/// Some messages name their file already.
fn with_file(file: &str, error: &DesignError) -> String {
    let message = error.to_string();
    if message.starts_with(file) {
        message
    } else {
        format!("{file}, {message}")
    }
}
