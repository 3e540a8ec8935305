//! One file of a table, on the disk or in an object store.

use super::SourceError;
#[cfg(feature = "object-store")]
use super::store::ObjectError;
use super::store::{Object, Trouble};
use crate::table::TableError;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// CSV, perhaps compressed.
    Text,
    Parquet,
    Arrow,
}

/// Where a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TableFile {
    Local(PathBuf),
    Object(Object),
}

/// What can be read from any place.
pub(super) trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// The bytes of a file, and what goes wrong below whoever decodes them.
pub(super) struct Opened<R: ?Sized> {
    pub(super) reader: Box<R>,
    pub(super) trouble: Told,
}

/// What went wrong below a decoder, in a place other than a disk.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) trouble: Trouble,
}

impl Told {
    /// As an error that says nothing of a decoder.
    pub(super) fn error(&self, file: &str) -> Option<TableError> {
        let error = self.trouble.told()?;
        Some(TableError::Unreadable {
            file: file.to_owned(),
            error: io::Error::other(error),
        })
    }
}

impl TableFile {
    /// The name, which is an address where it begins as one.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Local(path) => path,
            Self::Object(object) => object.path(),
        }
    }

    /// What it is called in messages.
    pub(super) fn name(&self) -> String {
        self.path().display().to_string()
    }

    /// By its name.
    pub(super) fn format(&self) -> Format {
        let extension = self.path().extension();
        let extension = extension.and_then(|extension| extension.to_str());
        match extension.unwrap_or_default().to_ascii_lowercase().as_str() {
            "parquet" | "pq" => Format::Parquet,
            "arrow" | "feather" | "ipc" => Format::Arrow,
            _ => Format::Text,
        }
    }

    /// Whether it gives the same bytes a second time, which a pipe does not.
    pub(super) fn can_be_read_again(&self) -> bool {
        match self {
            Self::Local(path) => path.is_file(),
            Self::Object(_) => true,
        }
    }

    /// Its bytes, as they are stored; none where that is not known.
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Local(path) => path.metadata().map_or(0, |data| data.len()),
            Self::Object(object) => object.size(),
        }
    }

    /// Name, size and time of the last change; of an object its tag too.
    pub(super) fn fingerprint(&self) -> String {
        let path = match self {
            Self::Local(path) => path,
            Self::Object(object) => return object.fingerprint(),
        };
        let data = path.metadata().ok();
        let size = data.as_ref().map_or(0, std::fs::Metadata::len);
        let changed = data
            .and_then(|data| data.modified().ok())
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
            .map_or(0, |since| since.as_nanos());
        let path = path.canonicalize().unwrap_or_else(|_| path.clone());
        format!("{} {size} {changed}\n", path.display())
    }

    /// From its first byte on.
    pub(super) fn open(&self) -> Result<Opened<dyn ReadSeek>, TableError> {
        let path = match self {
            Self::Local(path) => path,
            Self::Object(object) => {
                let told = Told::default();
                return Ok(Opened {
                    reader: object.reader(told.trouble.clone()),
                    trouble: told,
                });
            }
        };
        match File::open(path) {
            Ok(file) => Ok(Opened {
                reader: Box::new(BufReader::with_capacity(1 << 20, file)),
                trouble: Told::default(),
            }),
            Err(error) => Err(self.unreadable(error)),
        }
    }

    /// Why it could not be opened.
    pub(super) fn unreadable(&self, error: io::Error) -> TableError {
        let file = self.name();
        match error.kind() {
            io::ErrorKind::NotFound => TableError::NoSuchFile { file },
            _ => TableError::Unreadable { file, error },
        }
    }
}

impl From<TableError> for SourceError {
    fn from(error: TableError) -> Self {
        #[cfg(feature = "object-store")]
        if let TableError::Unreadable { error, .. } = &error {
            let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
            if let Some(cause) = cause {
                return Self::Object(ObjectError::clone(cause));
            }
        }
        Self::Table(error)
    }
}
