//! What is said of Parquet files by a build without them.

use super::FileError;
use crate::dataset::Dataset;
use crate::text::Document;
use std::path::Path;

/// Would name the columns of a Parquet file, with the feature `columnar`.
///
/// # Errors
/// Always.
pub fn parquet_columns(path: &Path) -> Result<Vec<String>, FileError> {
    Err(FileError::NotBuilt {
        file: path.display().to_string(),
    })
}

/// Would read examples from a Parquet file, with the feature `columnar`.
///
/// # Errors
/// Always.
pub fn read_parquet(path: &Path, _: &[String]) -> Result<Dataset, FileError> {
    Err(FileError::NotBuilt {
        file: path.display().to_string(),
    })
}

/// Would read texts from a Parquet file, with the feature `columnar`.
///
/// # Errors
/// Always.
pub fn read_parquet_documents(path: &Path) -> Result<Vec<Document>, FileError> {
    Err(FileError::NotBuilt {
        file: path.display().to_string(),
    })
}
