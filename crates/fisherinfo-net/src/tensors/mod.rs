//! Tensors by name, in memory or in files, read one at a time.

mod blocks;
mod gguf;
mod half;
mod safetensors;

pub use blocks::BlockType;
pub use gguf::{Gguf, GgufValue};
pub(crate) use half::half;

use crate::checkpoint::Checkpoint;
use crate::error::NetworkError;
use crate::file::FileError;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Where a network's tensors are from.
pub trait Tensors {
    /// All names.
    fn names(&self) -> Vec<&str>;

    /// The shape of one.
    fn shape(&self, name: &str) -> Option<&[usize]>;

    /// The numbers of one, the last index running fastest.
    ///
    /// # Errors
    /// A tensor that is not there, or a file that cannot be read.
    fn numbers(&self, name: &str) -> Result<Vec<f64>, NetworkError>;
}

impl Tensors for Checkpoint {
    fn names(&self) -> Vec<&str> {
        self.keys().map(String::as_str).collect()
    }

    fn shape(&self, name: &str) -> Option<&[usize]> {
        self.get(name).map(|tensor| &tensor.shape[..])
    }

    fn numbers(&self, name: &str) -> Result<Vec<f64>, NetworkError> {
        let tensor = self.get(name).ok_or_else(|| NetworkError::NotRead {
            name: name.into(),
            reason: "it is not there".into(),
        })?;
        Ok(tensor.values.clone())
    }
}

/// How the numbers of a tensor are written in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    F64,
    F32,
    F16,
    Bf16,
    /// Blocks of quantised numbers.
    Blocks(BlockType),
    /// Whole numbers, which are no parameters.
    Whole(usize),
}

impl Encoding {
    /// The bytes of n numbers, none where they are no whole blocks or too many.
    fn bytes(self, n: usize) -> Option<u64> {
        let n = n as u64;
        match self {
            Self::F64 => n.checked_mul(8),
            Self::F32 => n.checked_mul(4),
            Self::F16 | Self::Bf16 => n.checked_mul(2),
            Self::Whole(size) => n.checked_mul(size as u64),
            Self::Blocks(kind) => {
                let (numbers, bytes) = kind.size();
                if !n.is_multiple_of(numbers as u64) {
                    return None;
                }
                (n / numbers as u64).checked_mul(bytes as u64)
            }
        }
    }

    fn numbers(self, bytes: &[u8]) -> Vec<f64> {
        match self {
            Self::F64 => each(bytes, f64::from_le_bytes),
            Self::F32 => each(bytes, |b| f32::from_le_bytes(b).into()),
            Self::F16 => each(bytes, |b| half(u16::from_le_bytes(b)).into()),
            // The upper half of an f32.
            Self::Bf16 => each(bytes, |[low, high]: [u8; 2]| {
                f32::from_le_bytes([0, 0, low, high]).into()
            }),
            Self::Blocks(kind) => kind.numbers(bytes),
            Self::Whole(_) => Vec::new(),
        }
    }
}

fn each<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    bytes
        .as_chunks::<N>()
        .0
        .iter()
        .map(|b| number(*b))
        .collect()
}

/// A tensor within a file, whose place was held against the file's length.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) file: usize,
    pub(crate) encoding: Encoding,
    pub(crate) shape: Vec<usize>,
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    /// Rows of each of so many heads come in pairs, (0, e/2), (1, e/2 + 1) and so on, and are put in order.
    pub(crate) paired_heads: Option<usize>,
}

/// The tensors of safetensors or GGUF files, which are read when they are asked for.
///
/// ```
/// use fisherinfo_net::tensors::{TensorFiles, Tensors};
/// use fisherinfo_net::{Checkpoint, Tensor, file::checkpoint_bytes};
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("model.safetensors");
/// let tensor = Tensor { shape: vec![2, 1], values: vec![0.5, -3.0] };
/// let checkpoint = Checkpoint::from([("w".to_owned(), tensor)]);
/// std::fs::write(&path, checkpoint_bytes::<f32>(&checkpoint)?)?;
/// let files = TensorFiles::safetensors(&path)?;
/// assert_eq!(files.shape("w"), Some(&[2, 1][..]));
/// assert_eq!(files.numbers("w")?, [0.5, -3.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TensorFiles {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) entries: BTreeMap<String, Entry>,
}

impl TensorFiles {
    /// The bytes of all tensors on disk.
    pub fn bytes(&self) -> u64 {
        self.entries.values().map(|entry| entry.bytes).sum()
    }

    /// How many numbers there are.
    pub fn count(&self) -> usize {
        let numbers = self.entries.values().filter(|e| !e.is_whole());
        numbers.map(|e| e.shape.iter().product::<usize>()).sum()
    }

    /// Other names; what has none is left out.
    #[must_use]
    pub(crate) fn renamed(self, name: impl Fn(&str) -> Option<String>) -> Self {
        let entries = self.entries.into_iter();
        Self {
            entries: entries
                .filter_map(|(old, entry)| Some((name(&old)?, entry)))
                .collect(),
            files: self.files,
        }
    }

    /// These and others, which win where names are the same.
    #[must_use]
    pub(crate) fn beside(mut self, others: Self) -> Self {
        let files = self.files.len();
        self.files.extend(others.files);
        let others = others.entries.into_iter().map(|(name, mut entry)| {
            entry.file += files;
            (name, entry)
        });
        self.entries.extend(others);
        self
    }

    fn read(&self, entry: &Entry) -> std::io::Result<Vec<f64>> {
        let mut file = File::open(&self.files[entry.file])?;
        file.seek(SeekFrom::Start(entry.offset))?;
        let mut bytes = vec![0; entry.bytes as usize];
        file.read_exact(&mut bytes)?;
        let values = entry.encoding.numbers(&bytes);
        Ok(match (entry.paired_heads, &entry.shape[..]) {
            (Some(heads), [rows, columns]) => in_order(&values, heads, *rows, *columns),
            _ => values,
        })
    }
}

impl Entry {
    fn is_whole(&self) -> bool {
        matches!(self.encoding, Encoding::Whole(_))
    }
}

/// Rows 0, e/2, 1, e/2 + 1, … of each head as 0, 1, 2, …
fn in_order(values: &[f64], heads: usize, rows: usize, columns: usize) -> Vec<f64> {
    let size = rows / heads.max(1);
    let half = size / 2;
    (0..rows)
        .flat_map(|row| {
            let (head, i) = (row / size, row % size);
            let from = head * size + i % half * 2 + i / half;
            values[from * columns..(from + 1) * columns].iter().copied()
        })
        .collect()
}

impl Tensors for TensorFiles {
    fn names(&self) -> Vec<&str> {
        self.entries.keys().map(String::as_str).collect()
    }

    fn shape(&self, name: &str) -> Option<&[usize]> {
        self.entries.get(name).map(|entry| &entry.shape[..])
    }

    fn numbers(&self, name: &str) -> Result<Vec<f64>, NetworkError> {
        let failed = |reason: String| NetworkError::NotRead {
            name: name.into(),
            reason,
        };
        let entry = self.entries.get(name);
        let entry = entry.ok_or_else(|| failed("it is not there".into()))?;
        if entry.is_whole() {
            return Err(failed("it has whole numbers".into()));
        }
        self.read(entry)
            .map_err(|error| failed(format!("{}: {error}", self.files[entry.file].display())))
    }
}

pub(crate) fn malformed(path: &Path, what: &'static str, reason: String) -> FileError {
    FileError::Malformed {
        file: path.display().to_string(),
        what,
        reason,
    }
}

pub(crate) fn open(path: &Path) -> Result<(File, u64), FileError> {
    let not_read = |error| FileError::NotRead {
        file: path.display().to_string(),
        error,
    };
    let file = File::open(path).map_err(not_read)?;
    let length = file.metadata().map_err(not_read)?.len();
    Ok((file, length))
}
