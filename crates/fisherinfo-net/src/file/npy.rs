use super::FileError;
use crate::dataset::Dataset;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// What every file begins with.
const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// The longest header that is read: that of an array of numbers has some hundred bytes.
const LONGEST: usize = 1 << 14;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    Bool,
    Unsigned(usize),
    Signed(usize),
    Float(usize),
}

/// Reads examples from two of NumPy's files: an array whose first axis runs over examples, and one of as many
/// labels, or of as many rows of them. The other axes of the inputs are flattened, the last running fastest, as
/// an image in channels × height × width is expected to be.
///
/// Entries are little-endian integers or floats in C order, what `numpy.save` writes of such arrays.
///
/// # Errors
/// A file that cannot be read or is no such array; arrays of different numbers of examples.
pub fn read_npy(inputs: &Path, labels: &Path) -> Result<Dataset, FileError> {
    let (shape, values) = read_array(inputs)?;
    let (label_shape, label_values) = read_array(labels)?;
    let of = |path: &Path, reason: String| malformed(path, reason);
    let [examples, rest @ ..] = shape.as_slice() else {
        return Err(of(inputs, "it is a number and no array of examples".into()));
    };
    let found = label_shape.first().copied().unwrap_or(0);
    if found != *examples {
        return Err(of(
            labels,
            format!(
                "it has labels of {found} examples, and {} has {examples} examples",
                inputs.display()
            ),
        ));
    }
    let width = rest.iter().product();
    Dataset::new(values, width, label_values).map_err(|error| of(inputs, error.to_string()))
}

fn malformed(path: &Path, reason: String) -> FileError {
    FileError::Malformed {
        file: path.display().to_string(),
        what: "no array of examples",
        reason,
    }
}

/// Shape and entries.
fn read_array(path: &Path) -> Result<(Vec<usize>, Vec<f64>), FileError> {
    let not_read = |error| FileError::NotRead {
        file: path.display().to_string(),
        error,
    };
    let file = File::open(path).map_err(not_read)?;
    let length = file.metadata().map_err(not_read)?.len();
    let mut reader = BufReader::new(file);
    let mut start = [0; 8];
    let short = |_| malformed(path, "it ends before its header does".into());
    reader.read_exact(&mut start).map_err(short)?;
    if &start[..6] != MAGIC {
        let reason = "it does not begin as a file of numpy.save does";
        return Err(malformed(path, reason.into()));
    }
    // Version 1 has two bytes for the length of its header, later ones have four.
    let size = match start[6] {
        1 => 2,
        2 | 3 => 4,
        other => {
            return Err(malformed(
                path,
                format!("it is of version {other}, not 1 to 3"),
            ));
        }
    };
    let mut bytes = [0; 4];
    reader.read_exact(&mut bytes[..size]).map_err(short)?;
    let header_length = u32::from_le_bytes(bytes) as usize;
    if header_length > LONGEST {
        let reason = format!("its header has {header_length} bytes; {LONGEST} are read at most");
        return Err(malformed(path, reason));
    }
    let mut header = vec![0; header_length];
    reader.read_exact(&mut header).map_err(short)?;
    let header = String::from_utf8_lossy(&header);
    let (entry, shape) = described(&header).map_err(|reason| malformed(path, reason))?;
    let width = match entry {
        Entry::Bool => 1,
        Entry::Unsigned(width) | Entry::Signed(width) | Entry::Float(width) => width,
    };
    let bytes = shape
        .iter()
        .try_fold(width as u64, |all, &n| all.checked_mul(n as u64));
    let there = length.saturating_sub((8 + size + header_length) as u64);
    if bytes == Some(0) {
        return Err(malformed(path, "it is empty".into()));
    }
    if bytes != Some(there) {
        let reason = format!("its shape {shape:?} is of other bytes than the {there} that follow");
        return Err(malformed(path, reason));
    }
    let mut entries = Vec::new();
    reader.read_to_end(&mut entries).map_err(not_read)?;
    let values: Vec<f64> = entries
        .chunks_exact(width)
        .map(|e| number(entry, e))
        .collect();
    Ok((shape, values))
}

fn number(entry: Entry, bytes: &[u8]) -> f64 {
    let mut eight = [0; 8];
    eight[..bytes.len()].copy_from_slice(bytes);
    let whole = u64::from_le_bytes(eight);
    let unused = 64 - 8 * bytes.len();
    match entry {
        Entry::Bool => f64::from(u8::from(whole != 0)),
        Entry::Unsigned(_) => whole as f64,
        Entry::Signed(_) => ((whole << unused) as i64 >> unused) as f64,
        Entry::Float(4) => f32::from_bits(whole as u32).into(),
        Entry::Float(_) => f64::from_bits(whole),
    }
}

/// What a header says, `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
fn described(header: &str) -> Result<(Entry, Vec<usize>), String> {
    let after = |key: &str| {
        let (_, rest) = header
            .split_once(&format!("'{key}':"))
            .ok_or_else(|| format!("its header has no `{key}`"))?;
        Ok::<&str, String>(rest.trim_start())
    };
    let description = after("descr")?;
    let name = description
        .strip_prefix('\'')
        .and_then(|rest| rest.split_once('\''))
        .map(|(name, _)| name)
        .ok_or("its entries are records; save an array of numbers")?;
    let entry = match name {
        "|b1" => Entry::Bool,
        "|u1" => Entry::Unsigned(1),
        "|i1" => Entry::Signed(1),
        "<u2" => Entry::Unsigned(2),
        "<u4" => Entry::Unsigned(4),
        "<u8" => Entry::Unsigned(8),
        "<i2" => Entry::Signed(2),
        "<i4" => Entry::Signed(4),
        "<i8" => Entry::Signed(8),
        "<f4" => Entry::Float(4),
        "<f8" => Entry::Float(8),
        other => {
            return Err(format!(
                "its entries are `{other}`; save them as x.astype('<f4') or as integers"
            ));
        }
    };
    if !after("fortran_order")?.starts_with("False") {
        return Err("it is in Fortran's order; save numpy.ascontiguousarray(x)".into());
    }
    let shape = after("shape")?
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        .ok_or("its header has no shape")?
        .0;
    let sizes = shape.split(',').map(str::trim).filter(|n| !n.is_empty());
    let sizes = sizes.map(|n| n.parse().map_err(|_| format!("its shape has `{n}`")));
    Ok((entry, sizes.collect::<Result<_, String>>()?))
}
