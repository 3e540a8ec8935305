//! GGUF: llama.cpp's files of quantised models, versions 2 and 3.
//!
//! Every length in the header is held against what is left of the file before anything is allocated.

use super::safetensors::count;
use super::{BlockType, Entry, TensorFiles, malformed, open};
use crate::file::FileError;
use std::collections::BTreeMap;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

/// A value of a GGUF header.
#[derive(Clone, Debug, PartialEq)]
pub enum GgufValue {
    /// A whole number.
    Whole(i128),
    /// A number.
    Real(f64),
    /// Yes or no.
    Bool(bool),
    /// A text.
    Text(String),
    /// Several of one kind.
    Array(Vec<GgufValue>),
}

/// A GGUF file: what it says of itself, and its tensors under their own names.
#[derive(Clone, Debug)]
pub struct Gguf {
    /// By key.
    pub values: BTreeMap<String, GgufValue>,
    /// Row-major: the dimensions of the file the other way round.
    pub tensors: TensorFiles,
}

struct Reader<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Reader<R> {
    fn bytes(&mut self, n: u64) -> Result<Vec<u8>, String> {
        if n > self.left {
            return Err(format!(
                "its header wants {n} bytes where {} are left",
                self.left
            ));
        }
        let mut bytes = vec![0; n as usize];
        self.inner
            .read_exact(&mut bytes)
            .map_err(|error| error.to_string())?;
        self.left -= n;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let bytes = self.bytes(N as u64)?;
        bytes.try_into().map_err(|_| "it ends early".into())
    }

    fn u32(&mut self) -> Result<u32, String> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, String> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn text(&mut self) -> Result<String, String> {
        let length = self.u64()?;
        String::from_utf8(self.bytes(length)?).map_err(|_| "a text is not in UTF-8".into())
    }

    fn value(&mut self, kind: u32) -> Result<GgufValue, String> {
        Ok(match kind {
            0 => GgufValue::Whole(self.array::<1>()?[0].into()),
            1 => GgufValue::Whole(i8::from_le_bytes(self.array()?).into()),
            2 => GgufValue::Whole(u16::from_le_bytes(self.array()?).into()),
            3 => GgufValue::Whole(i16::from_le_bytes(self.array()?).into()),
            4 => GgufValue::Whole(self.u32()?.into()),
            5 => GgufValue::Whole(i32::from_le_bytes(self.array()?).into()),
            6 => GgufValue::Real(f32::from_le_bytes(self.array()?).into()),
            7 => GgufValue::Bool(self.array::<1>()?[0] != 0),
            8 => GgufValue::Text(self.text()?),
            9 => {
                let (kind, n) = (self.u32()?, self.u64()?);
                if kind == 9 {
                    return Err("it has arrays of arrays".into());
                }
                let least = match kind {
                    0 | 1 | 7 => 1,
                    2 | 3 => 2,
                    4..=6 => 4,
                    _ => 8,
                };
                if n > self.left / least {
                    return Err(format!(
                        "an array of {n} values cannot be within {} bytes",
                        self.left
                    ));
                }
                GgufValue::Array((0..n).map(|_| self.value(kind)).collect::<Result<_, _>>()?)
            }
            10 => GgufValue::Whole(self.u64()?.into()),
            11 => GgufValue::Whole(i64::from_le_bytes(self.array()?).into()),
            12 => GgufValue::Real(f64::from_le_bytes(self.array()?)),
            other => return Err(format!("values of type {other} are unknown")),
        })
    }
}

impl Gguf {
    /// Reads the header of a file.
    ///
    /// # Errors
    /// A file that cannot be read; a header that is damaged, ends early, or places tensors outside of the
    /// file; a type of quantisation that is not known.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let (file, length) = open(path)?;
        let mut reader = Reader {
            inner: BufReader::new(file),
            left: length,
        };
        Self::header(&mut reader, length, path)
            .map_err(|reason| malformed(path, "no GGUF file", reason))
    }

    fn header<R: Read + Seek>(
        reader: &mut Reader<R>,
        length: u64,
        path: &Path,
    ) -> Result<Self, String> {
        if &reader.array::<4>()? != b"GGUF" {
            return Err("it does not begin with GGUF".into());
        }
        let version = reader.u32()?;
        if !(2..=3).contains(&version) {
            return Err(format!("it is of version {version}; 2 and 3 are read"));
        }
        let (tensors, values) = (reader.u64()?, reader.u64()?);
        let mut all = BTreeMap::new();
        for _ in 0..values {
            let key = reader.text()?;
            let kind = reader.u32()?;
            let value = reader
                .value(kind)
                .map_err(|error| format!("{key}: {error}"))?;
            all.insert(key, value);
        }
        let mut found = Vec::new();
        for _ in 0..tensors {
            let name = reader.text()?;
            let dimensions = reader.u32()?;
            if !(1..=4).contains(&dimensions) {
                return Err(format!("tensor `{name}` has {dimensions} dimensions"));
            }
            let mut shape = Vec::new();
            for _ in 0..dimensions {
                let size = reader.u64()?;
                shape.push(usize::try_from(size).map_err(|_| format!("`{name}` is too large"))?);
            }
            shape.reverse();
            let kind = reader.u32()?;
            found.push((name, shape, kind, reader.u64()?));
        }
        let alignment = match all.get("general.alignment") {
            None => 32,
            Some(GgufValue::Whole(n)) if (1..=1 << 20).contains(n) => *n as u64,
            Some(other) => return Err(format!("an alignment of {other:?} cannot be")),
        };
        let data = (length - reader.left).next_multiple_of(alignment);
        let mut entries = BTreeMap::new();
        for (name, shape, kind, offset) in found {
            let encoding = BlockType::encoding(kind)
                .ok_or_else(|| format!("tensor `{name}` is of type {kind}, which is not read"))?;
            let whole_rows = match encoding {
                super::Encoding::Blocks(block) => {
                    let last = shape.last().copied().unwrap_or(0);
                    last.is_multiple_of(block.size().0)
                }
                _ => true,
            };
            let bytes = count(&shape).and_then(|n| encoding.bytes(n));
            let bytes = bytes.filter(|_| whole_rows).ok_or_else(|| {
                format!("tensor `{name}` cannot have the shape {shape:?} in type {kind}")
            })?;
            let begin = data.checked_add(offset);
            let fits = begin.and_then(|begin| begin.checked_add(bytes));
            let (Some(offset), true) = (begin, fits.is_some_and(|end| end <= length)) else {
                return Err(format!(
                    "tensor `{name}` of {bytes} bytes at {offset} is not within the file's {length}"
                ));
            };
            let entry = Entry {
                file: 0,
                encoding,
                shape,
                offset,
                bytes,
                paired_heads: None,
            };
            if entries.insert(name.clone(), entry).is_some() {
                return Err(format!("tensor `{name}` is there twice"));
            }
        }
        apart(&entries)?;
        Ok(Self {
            values: all,
            tensors: TensorFiles {
                files: vec![path.to_path_buf()],
                entries,
            },
        })
    }

    /// A whole number that is not negative.
    pub fn whole(&self, key: &str) -> Option<usize> {
        match self.values.get(key) {
            Some(GgufValue::Whole(n)) => usize::try_from(*n).ok(),
            _ => None,
        }
    }

    /// A number.
    pub fn real(&self, key: &str) -> Option<f64> {
        match self.values.get(key) {
            Some(GgufValue::Real(x)) => Some(*x),
            Some(GgufValue::Whole(n)) => Some(*n as f64),
            _ => None,
        }
    }

    /// A text.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.values.get(key) {
            Some(GgufValue::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Yes or no.
    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.values.get(key) {
            Some(GgufValue::Bool(yes)) => Some(*yes),
            _ => None,
        }
    }

    /// The texts of an array.
    pub fn texts(&self, key: &str) -> Option<Vec<&str>> {
        let Some(GgufValue::Array(all)) = self.values.get(key) else {
            return None;
        };
        all.iter()
            .map(|value| match value {
                GgufValue::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// The whole numbers of an array.
    pub fn wholes(&self, key: &str) -> Option<Vec<i128>> {
        let Some(GgufValue::Array(all)) = self.values.get(key) else {
            return None;
        };
        all.iter()
            .map(|value| match value {
                GgufValue::Whole(n) => Some(*n),
                _ => None,
            })
            .collect()
    }
}

/// Refuses tensors that share bytes, by which a small file could say that it is a large model.
fn apart(entries: &BTreeMap<String, Entry>) -> Result<(), String> {
    let mut places: Vec<(u64, u64, &String)> = entries
        .iter()
        .map(|(name, entry)| (entry.offset, entry.offset + entry.bytes, name))
        .collect();
    places.sort_unstable();
    match places.windows(2).find(|pair| pair[0].1 > pair[1].0) {
        Some(pair) => Err(format!(
            "tensors `{}` and `{}` share bytes",
            pair[0].2, pair[1].2
        )),
        None => Ok(()),
    }
}
