//! The header of a safetensors file, read by itself: tensors are large.

use super::{BlockType, Encoding, Entry, TensorFiles, malformed, open};
use crate::file::FileError;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

const WHAT: &str = "no safetensors file";
/// A header may be as long as the format's own library allows.
const LONGEST: u64 = 100_000_000;

#[derive(Deserialize)]
struct Info {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

fn encoding(dtype: &str) -> Option<Encoding> {
    Some(match dtype {
        "F64" => Encoding::F64,
        "F32" => Encoding::F32,
        "F16" => Encoding::F16,
        "BF16" => Encoding::Bf16,
        "I64" | "U64" => Encoding::Whole(8),
        "I32" | "U32" => Encoding::Whole(4),
        "I16" | "U16" => Encoding::Whole(2),
        "I8" | "U8" | "BOOL" => Encoding::Whole(1),
        _ => return None,
    })
}

impl TensorFiles {
    /// The tensors of one safetensors file.
    ///
    /// # Errors
    /// A file that cannot be read; a header that is damaged, or whose places are not in the file, one after
    /// the other and as long as the shapes say.
    pub fn safetensors(path: &Path) -> Result<Self, FileError> {
        let mut files = Self::default();
        files.add(path)?;
        Ok(files)
    }

    /// The tensors of several, which `model.safetensors.index.json` names; they lie beside it.
    ///
    /// # Errors
    /// As [`TensorFiles::safetensors`]; an index that names files elsewhere, or tensors that are not there.
    pub fn shards(index: &Path) -> Result<Self, FileError> {
        let what = "no index of safetensors files";
        let refused = |reason: String| malformed(index, what, reason);
        let text = crate::file::read(index)?;
        let map: Index =
            serde_json::from_slice(&text).map_err(|error| refused(error.to_string()))?;
        let mut names: Vec<&String> = map.weight_map.values().collect();
        names.sort();
        names.dedup();
        let mut files = Self::default();
        let folder = index.parent().unwrap_or(Path::new(""));
        for name in names {
            if Path::new(name).components().count() != 1 || name.starts_with('.') {
                return Err(refused(format!("`{name}` is no file beside it")));
            }
            files.add(&folder.join(name))?;
        }
        match map
            .weight_map
            .keys()
            .find(|t| !files.entries.contains_key(*t))
        {
            Some(tensor) => Err(refused(format!("no file has the tensor `{tensor}`"))),
            None => Ok(files),
        }
    }

    fn add(&mut self, path: &Path) -> Result<(), FileError> {
        let refused = |reason: String| malformed(path, WHAT, reason);
        let (mut file, length) = open(path)?;
        let mut size = [0; 8];
        let read = |file: &mut std::fs::File, into: &mut [u8]| {
            file.read_exact(into)
                .map_err(|error| refused(format!("its header ends early ({error})")))
        };
        read(&mut file, &mut size)?;
        let size = u64::from_le_bytes(size);
        if size > LONGEST || size > length.saturating_sub(8) {
            return Err(refused(format!(
                "its header says {size} bytes, and the file has {length}"
            )));
        }
        let mut header = vec![0; size as usize];
        read(&mut file, &mut header)?;
        let header: BTreeMap<String, serde_json::Value> =
            serde_json::from_slice(&header).map_err(|error| refused(error.to_string()))?;
        let (first, data) = (8 + size, length - 8 - size);
        let place = self.files.len();
        let mut places = Vec::new();
        for (name, value) in header {
            if name == "__metadata__" {
                continue;
            }
            let info: Info = serde_json::from_value(value)
                .map_err(|error| refused(format!("tensor `{name}`: {error}")))?;
            let (begin, end) = info.data_offsets;
            if begin > end || end > data {
                return Err(refused(format!(
                    "tensor `{name}` lies at {begin} to {end} of {data} bytes"
                )));
            }
            let encoding = encoding(&info.dtype).ok_or_else(|| {
                refused(format!(
                    "tensor `{name}` is {}; F64, F32, F16 and BF16 are read",
                    info.dtype
                ))
            })?;
            let expected = count(&info.shape).and_then(|n| encoding.bytes(n));
            if expected != Some(end - begin) {
                return Err(refused(format!(
                    "tensor `{name}` of shape {:?} in {} has {} bytes",
                    info.shape,
                    info.dtype,
                    end - begin
                )));
            }
            places.push((begin, end, name.clone()));
            let entry = Entry {
                file: place,
                encoding,
                shape: info.shape,
                offset: first + begin,
                bytes: end - begin,
                paired_heads: None,
            };
            if self.entries.insert(name.clone(), entry).is_some() {
                return Err(refused(format!("another file has tensor `{name}` too")));
            }
        }
        places.sort();
        let mut after = 0;
        for (begin, end, name) in places {
            if begin != after {
                return Err(refused(format!(
                    "tensor `{name}` begins at {begin} and not at {after}, where the one before ends"
                )));
            }
            after = end;
        }
        if after != data {
            return Err(refused(format!(
                "its tensors have {after} bytes, and {data} are there"
            )));
        }
        self.files.push(path.to_path_buf());
        Ok(())
    }
}

pub(super) fn count(shape: &[usize]) -> Option<usize> {
    shape
        .iter()
        .try_fold(1_usize, |n, &size| n.checked_mul(size))
}

impl BlockType {
    pub(super) fn encoding(ggml: u32) -> Option<Encoding> {
        Some(match ggml {
            0 => Encoding::F32,
            1 => Encoding::F16,
            28 => Encoding::F64,
            30 => Encoding::Bf16,
            24 => Encoding::Whole(1),
            25 => Encoding::Whole(2),
            26 => Encoding::Whole(4),
            27 => Encoding::Whole(8),
            _ => Encoding::Blocks(Self::of(ggml)?),
        })
    }
}
