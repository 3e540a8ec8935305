//! Which files make a table.

use super::{SourceError, batches::header, compressed};
use crate::table::TableError;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// The files of a table, in the order of their rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFiles {
    paths: Vec<PathBuf>,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// CSV, perhaps compressed.
    Text,
    Parquet,
    Arrow,
}

impl TableFiles {
    /// The files that are named, in the order of their names where a pattern (`*`, `?`, `[a-c]`,
    /// `**`) stands for several.
    ///
    /// # Errors
    /// A pattern that no file matches, a file that is not there, a folder, and a Parquet or Arrow
    /// file where they are not built in.
    pub fn find<P: AsRef<Path>>(patterns: &[P]) -> Result<Self, SourceError> {
        let mut paths = Vec::new();
        for pattern in patterns {
            let pattern = pattern.as_ref();
            // A file of that very name, brackets and all.
            if pattern.exists() || !is_pattern(pattern) {
                paths.push(pattern.to_owned());
                continue;
            }
            let text = pattern.display().to_string();
            let refused = |reason: String| SourceError::Pattern {
                pattern: text.clone(),
                reason,
            };
            let found = glob::glob(&text).map_err(|error| refused(error.to_string()))?;
            let before = paths.len();
            for path in found {
                let path = path.map_err(|error| refused(error.to_string()))?;
                if path.is_file() {
                    paths.push(path);
                }
            }
            if paths.len() == before {
                return Err(SourceError::NoMatch { pattern: text });
            }
        }
        Self::checked(paths)
    }

    fn checked(paths: Vec<PathBuf>) -> Result<Self, SourceError> {
        if paths.is_empty() {
            return Err(SourceError::NoMatch {
                pattern: "an empty list".into(),
            });
        }
        for path in &paths {
            let file = path.display().to_string();
            if path.is_dir() {
                return Err(TableError::Directory { file }.into());
            }
            if !path.exists() {
                return Err(TableError::NoSuchFile { file }.into());
            }
            let kind = match format(path) {
                Format::Text => continue,
                Format::Parquet => "Parquet",
                Format::Arrow => "Arrow",
            };
            if !cfg!(feature = "columnar") {
                return Err(SourceError::NotBuiltIn { file, kind });
            }
        }
        Ok(Self { paths })
    }

    /// Files that were found before.
    pub(crate) fn of_paths(paths: Vec<PathBuf>) -> Result<Self, SourceError> {
        Self::checked(paths)
    }

    /// The files, in the order of their rows.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// The names of the columns, as the first file has them.
    ///
    /// # Errors
    /// A file that cannot be read, or that has no header.
    pub fn columns(&self) -> Result<Vec<String>, SourceError> {
        header(self, 0)
    }

    /// What tells these files from others and from themselves when they have changed: name, size
    /// and time of the last change of each.
    pub fn fingerprint(&self) -> String {
        let of = |path: &PathBuf| {
            let data = path.metadata().ok();
            let size = data.as_ref().map_or(0, std::fs::Metadata::len);
            let changed = data
                .and_then(|data| data.modified().ok())
                .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
                .map_or(0, |since| since.as_nanos());
            let path = path.canonicalize().unwrap_or_else(|_| path.clone());
            format!("{} {size} {changed}\n", path.display())
        };
        self.paths.iter().map(of).collect()
    }

    /// The bytes of all files, as they lie on the disk.
    pub fn bytes(&self) -> u64 {
        let sizes = self.paths.iter().filter_map(|path| path.metadata().ok());
        sizes.map(|data| data.len()).sum()
    }

    /// Whether it takes the reader of this module: several files, or one that is no plain CSV file.
    pub fn is_more_than_one_plain_file(&self) -> bool {
        match self.paths.as_slice() {
            [path] => format(path) != Format::Text || compressed::is_compressed(path),
            _ => true,
        }
    }
}

fn is_pattern(path: &Path) -> bool {
    path.display().to_string().contains(['*', '?', '['])
}

/// By its name.
pub(super) fn format(path: &Path) -> Format {
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension.unwrap_or_default().to_ascii_lowercase().as_str() {
        "parquet" | "pq" => Format::Parquet,
        "arrow" | "feather" | "ipc" => Format::Arrow,
        _ => Format::Text,
    }
}
