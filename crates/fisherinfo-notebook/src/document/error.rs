use thiserror::Error;

/// Why a notebook cannot be read. Each names the file, the place and the remedy.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DocumentError {
    /// The file or folder cannot be opened.
    #[error("{file} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        reason: String,
    },
    /// A folder, a pipe or a device where a notebook should be.
    #[error("{file} is not a file; give the path of a .ipynb file")]
    NotAFile {
        /// The path.
        file: String,
    },
    /// More bytes than [`MAX_FILE`](super::limits::MAX_FILE).
    #[error(
        "{file} has {size} bytes, and {limit} are read at most; clear its outputs or split it into several"
    )]
    TooLarge {
        /// The file.
        file: String,
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// Nothing in it.
    #[error("{file} is empty; a notebook is a JSON object, written by Jupyter for example")]
    Empty {
        /// The file.
        file: String,
    },
    /// Not in UTF-8.
    #[error("{file}, byte {offset} (line {line}): this is not UTF-8; save the file in UTF-8")]
    Encoding {
        /// The file.
        file: String,
        /// How many bytes before it are in order.
        offset: usize,
        /// Its line, from 1.
        line: usize,
    },
    /// Not JSON.
    #[error(
        "{file}, line {line}, column {column}{}: {reason}; repair the JSON there, or take an earlier version of the file",
        in_cell(*cell)
    )]
    Json {
        /// The file.
        file: String,
        /// From 1.
        line: usize,
        /// In bytes, from 1.
        column: usize,
        /// The cell in which it is, from 1.
        cell: Option<usize>,
        /// What is wrong.
        reason: String,
    },
    /// JSON, and not a notebook.
    #[error("{file} is JSON and not a notebook: {reason}")]
    NotANotebook {
        /// The file.
        file: String,
        /// What is missing.
        reason: &'static str,
    },
    /// Another version of the format.
    #[error(
        "{file} is of nbformat {major}, and versions 3 and 4 are read; convert it with `jupyter nbconvert --to notebook`"
    )]
    Version {
        /// The file.
        file: String,
        /// Its major version.
        major: u64,
    },
    /// More cells than [`MAX_CELLS`](super::limits::MAX_CELLS).
    #[error("{file} has more than {limit} cells; split it into several notebooks")]
    TooManyCells {
        /// The file.
        file: String,
        /// The limit.
        limit: usize,
    },
}

fn in_cell(cell: Option<usize>) -> String {
    cell.map(|number| format!(" (in cell {number})"))
        .unwrap_or_default()
}
