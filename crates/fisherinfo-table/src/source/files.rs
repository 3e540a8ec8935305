//! Which files make a table.

use super::file::{Format, TableFile};
use super::store::{Object, Version, find};
use super::{SourceError, batches::header, compressed};
use crate::table::{Table, TableError};
use std::io::Read;
use std::path::Path;

/// The files of a table, in the order of their rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFiles {
    files: Vec<TableFile>,
}

impl TableFiles {
    /// The files that are named, in the order of their names where a pattern (`*`, `?`, `[a-c]`,
    /// `**`) stands for several. A name with a scheme, as `s3://bucket/part-*.parquet`, is that of
    /// objects in a store, which take the feature `object-store`; credentials are those of the
    /// environment.
    ///
    /// # Errors
    /// A pattern that no file matches, a file that is not there, a folder, and a Parquet or Arrow
    /// file or an object where these are not built in; a store that cannot be asked.
    pub fn find<P: AsRef<Path>>(patterns: &[P]) -> Result<Self, SourceError> {
        let mut files = Vec::new();
        for pattern in patterns {
            let pattern = pattern.as_ref();
            let text = pattern.display().to_string();
            let before = files.len();
            if is_address(&text) {
                files.extend(objects(&text)?);
            } else if pattern.exists() || !is_pattern(&text) {
                // A file of that very name, brackets and all.
                files.push(TableFile::Local(pattern.to_owned()));
            } else {
                files.extend(matching(&text)?);
            }
            if files.len() == before {
                return Err(SourceError::NoMatch { pattern: text });
            }
        }
        Self::checked(files)
    }

    fn checked(files: Vec<TableFile>) -> Result<Self, SourceError> {
        if files.is_empty() {
            return Err(SourceError::NoMatch {
                pattern: "an empty list".into(),
            });
        }
        for known in &files {
            let file = known.name();
            if let TableFile::Local(path) = known {
                if path.is_dir() {
                    return Err(TableError::Directory { file }.into());
                }
                if !path.exists() {
                    return Err(TableError::NoSuchFile { file }.into());
                }
            }
            let kind = match known.format() {
                Format::Text => continue,
                Format::Parquet => "Parquet",
                Format::Arrow => "Arrow",
            };
            if !cfg!(feature = "columnar") {
                return Err(SourceError::NotBuiltIn { file, kind });
            }
        }
        Ok(Self { files })
    }

    /// Files that were found before, each with what tells its version where it is an object.
    pub(crate) fn known(names: &[(String, Option<Version>)]) -> Result<Self, SourceError> {
        let known = |(name, version): &(String, Option<Version>)| match version {
            None => Ok(TableFile::Local(name.into())),
            Some(version) => Ok(TableFile::Object(Object::known(name, version.clone())?)),
        };
        let files: Result<_, SourceError> = names.iter().map(known).collect();
        Self::checked(files?)
    }

    /// The names of the files, absolute ones of those on the disk, and versions of objects: what
    /// another process needs to read them.
    pub(crate) fn names(&self) -> Result<Vec<(String, Option<Version>)>, SourceError> {
        let name = |file: &TableFile| {
            let path = match file {
                TableFile::Local(path) => path,
                TableFile::Object(object) => {
                    return Ok((file.name(), Some(object.version().clone())));
                }
            };
            let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            let name = path.into_os_string().into_string();
            let name = name.map_err(|name| SourceError::Elsewhere {
                reason: format!("{} is no Unicode name", name.display()),
            })?;
            Ok((name, None))
        };
        self.files.iter().map(name).collect()
    }

    pub(super) fn files(&self) -> &[TableFile] {
        &self.files
    }

    /// The names of the files, in the order of their rows; addresses of those in a store.
    pub fn paths(&self) -> Vec<&Path> {
        self.files.iter().map(TableFile::path).collect()
    }

    /// The names of the columns, as the first file has them.
    ///
    /// # Errors
    /// A file that cannot be read, or that has no header.
    pub fn columns(&self) -> Result<Vec<String>, SourceError> {
        header(self, 0)
    }

    /// What tells these files from others and from themselves when they have changed: name, size
    /// and time of the last change of each, and the tag that a store gives an object.
    pub fn fingerprint(&self) -> String {
        self.files.iter().map(TableFile::fingerprint).collect()
    }

    /// The bytes of all files, as they are stored.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(TableFile::size).sum()
    }

    /// The bytes of all files as they are stored, one file after the other.
    ///
    /// # Errors
    /// A file that cannot be opened; of the reader, one that cannot be read.
    ///
    /// ```
    /// use fisherinfo_table::source::TableFiles;
    /// use std::io::Read;
    ///
    /// let folder = tempfile::tempdir()?;
    /// std::fs::write(folder.path().join("1.csv"), "x\n1\n")?;
    /// std::fs::write(folder.path().join("2.csv"), "x\n2\n")?;
    /// let mut bytes = Vec::new();
    /// TableFiles::find(&[folder.path().join("*.csv")])?.open()?.read_to_end(&mut bytes)?;
    /// assert_eq!(bytes, b"x\n1\nx\n2\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(&self) -> Result<impl Read + use<>, SourceError> {
        let mut all: Box<dyn Read> = Box::new(std::io::empty());
        for file in &self.files {
            all = Box::new(all.chain(file.open()?.reader));
        }
        Ok(all)
    }

    /// The first file in memory, which is one of CSV, compressed or not.
    ///
    /// # Errors
    /// As [`Table::read_csv`]; a store that cannot be asked; a file of Parquet or Arrow.
    ///
    /// ```
    /// use fisherinfo_table::source::TableFiles;
    ///
    /// let folder = tempfile::tempdir()?;
    /// std::fs::write(folder.path().join("mice.csv"), "dose,alive\n1,1\n8,0\n")?;
    /// let table = TableFiles::find(&[folder.path().join("mice.*")])?.read_csv()?;
    /// assert_eq!((table.rows(), table.lines()), (2, &[2, 3][..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_csv(&self) -> Result<Table, SourceError> {
        let file = &self.files[0];
        if file.format() != Format::Text {
            return Err(SourceError::InMemoryOnly {
                what: "reading a Parquet or Arrow file at once",
            });
        }
        let opened = file.open()?;
        let (reader, _) = compressed::decompressed(opened.reader)
            .map_err(|error| SourceError::from(file.unreadable(error)))?;
        let table = Table::from_csv_reader(reader, file.name());
        table.map_err(|error| match opened.trouble.error(&file.name()) {
            Some(below) => below.into(),
            None => error.into(),
        })
    }

    /// Whether every file gives the same bytes a second time, which a pipe does not.
    pub fn can_be_read_again(&self) -> bool {
        self.files.iter().all(TableFile::can_be_read_again)
    }

    /// Whether it takes the reader of this module: several files, or one that is no plain CSV file
    /// on the disk.
    pub fn is_more_than_one_plain_file(&self) -> bool {
        match self.files.as_slice() {
            [file @ TableFile::Local(path)] => {
                file.format() != Format::Text || compressed::is_compressed(path)
            }
            _ => true,
        }
    }
}

/// Files on the disk.
fn matching(pattern: &str) -> Result<Vec<TableFile>, SourceError> {
    let refused = |reason: String| SourceError::Pattern {
        pattern: pattern.to_owned(),
        reason,
    };
    let found = glob::glob(pattern).map_err(|error| refused(error.to_string()))?;
    let mut files = Vec::new();
    for path in found {
        let path = path.map_err(|error| refused(error.to_string()))?;
        if path.is_file() {
            files.push(TableFile::Local(path));
        }
    }
    Ok(files)
}

/// Objects of a store.
fn objects(url: &str) -> Result<Vec<TableFile>, SourceError> {
    let found = find(url, is_pattern(url))?;
    Ok(found.into_iter().map(TableFile::Object).collect())
}

fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?', '['])
}

/// Whether it begins with a scheme, as `s3://`.
fn is_address(name: &str) -> bool {
    name.split_once("://").is_some_and(|(scheme, _)| {
        let mut letters = scheme.chars();
        letters
            .next()
            .is_some_and(|first| first.is_ascii_lowercase())
            && letters.all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
    })
}
