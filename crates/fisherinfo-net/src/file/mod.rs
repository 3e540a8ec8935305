//! Files: checkpoints, estimates, tables. What is written is whole or absent.

mod checkpoint;
mod csv;
mod fisher;
mod header;
mod npy;
#[cfg(not(feature = "columnar"))]
#[path = "no_parquet.rs"]
mod parquet;
#[cfg(feature = "columnar")]
mod parquet;

pub use checkpoint::{checkpoint_bytes, read_checkpoint};
pub use csv::read_csv;
pub use fisher::{FISHER_FORMAT, Progress, fisher_bytes, parse_fisher, read_fisher, write_fisher};
pub use npy::read_npy;
pub use parquet::{parquet_columns, read_parquet, read_parquet_documents};

use std::path::Path;
use thiserror::Error;

/// What is wrong with a file.
#[derive(Debug, Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("{file} cannot be read: {error}")]
    NotRead {
        /// Its path.
        file: String,
        /// Why.
        error: std::io::Error,
    },
    /// It cannot be written.
    #[error("{file} cannot be written: {error}")]
    NotWritten {
        /// Its path.
        file: String,
        /// Why.
        error: std::io::Error,
    },
    /// It is not what it should be.
    #[error("{file} is {what}: {reason}")]
    Malformed {
        /// Its path.
        file: String,
        /// "no checkpoint", "no Fisher file".
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// A cell of a table.
    #[error("{file}, line {line}: {reason}")]
    Line {
        /// Its path.
        file: String,
        /// From 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A cell of a table without lines.
    #[error("{file}, row {row}: {reason}")]
    Row {
        /// Its path.
        file: String,
        /// From 1.
        row: u64,
        /// What is wrong.
        reason: String,
    },
    /// A Parquet file, and no reader of them.
    #[error(
        "{file} is a Parquet file, and this build reads none: build it with the feature `columnar`"
    )]
    NotBuilt {
        /// Its path.
        file: String,
    },
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    std::fs::read(path).map_err(|error| FileError::NotRead {
        file: path.display().to_string(),
        error,
    })
}

/// Writes a file beside `path` and gives it that name once it is whole and on disk: whoever reads `path`,
/// also after a kill, finds the old file or the new one.
///
/// # Errors
/// A folder that is not there or not writable, a full disk.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    replace(path, |beside| std::fs::write(beside, bytes))
}

/// The same of a file that `write` writes.
fn replace(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), std::io::Error>,
) -> Result<(), FileError> {
    let not_written = |error| FileError::NotWritten {
        file: path.display().to_string(),
        error,
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let file = tempfile::Builder::new()
        .prefix(".fisher-")
        .tempfile_in(folder)
        .map_err(not_written)?;
    write(file.path()).map_err(not_written)?;
    file.as_file().sync_all().map_err(not_written)?;
    file.persist(path)
        .map_err(|error| not_written(error.error))?;
    Ok(())
}
