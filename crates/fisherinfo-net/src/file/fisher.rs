//! An estimate on disk: a safetensors file whose sums are F64, with a header that says what they are.
//!
//! Tensors are `block.0.values` for a dense or a diagonal block, `.rows` and `.columns` for Kronecker factors,
//! `.row_basis`, `.column_basis` and `.values` for EK-FAC, `.scores` for low-rank, and `variances`. The header's metadata has
//! `format`, `version`, and `fisher`, a JSON text.

use super::checkpoint::numbers;
use super::header::{BlockHeader, FormHeader, Header, ParameterHeader};
use super::{FileError, read, replace};
use crate::fisher::{Block, Fisher};
use crate::parameters::{ParameterId, ParameterInfo};
use crate::representation::{Dense, Diagonal, EigenKronecker, Factor, Form, Kronecker, LowRank};
use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, View};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

/// The name of the format in the header.
pub const FISHER_FORMAT: &str = "fisherinfo";
const VERSION: &str = "1";

/// How far an estimate is that was interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// Examples seen in the pass at hand.
    pub seen: u64,
    /// Is it the second pass?
    pub second: bool,
    /// Examples a batch.
    pub batch: u64,
}

/// Numbers that become bytes when they are written: all of them at once may not fit twice.
struct Numbers<'a> {
    shape: Vec<usize>,
    values: &'a [f64],
}

impl View for Numbers<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F64
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let bytes = self.values.iter().flat_map(|v| v.to_le_bytes());
        Cow::Owned(bytes.collect())
    }

    fn data_len(&self) -> usize {
        8 * self.values.len()
    }
}

/// The file of an estimate, whole or in progress.
///
/// # Errors
/// What the format says of a header that is too large.
pub fn fisher_bytes(fisher: &Fisher, progress: Option<Progress>) -> Result<Vec<u8>, String> {
    let (metadata, views) = composed(fisher, progress)?;
    safetensors::serialize(views, Some(metadata)).map_err(|error| error.to_string())
}

/// Writes the file of an estimate, whole or in progress, tensor by tensor; whoever reads `path`, also after a
/// kill, finds the old file or the new one.
///
/// # Errors
/// A folder that is not there or not writable, a full disk.
pub fn write_fisher(
    path: &Path,
    fisher: &Fisher,
    progress: Option<Progress>,
) -> Result<(), FileError> {
    let other = |reason: String| FileError::NotWritten {
        file: path.display().to_string(),
        error: std::io::Error::other(reason),
    };
    let (metadata, views) = composed(fisher, progress).map_err(other)?;
    replace(path, |beside| {
        safetensors::serialize_to_file(views, Some(metadata), beside).map_err(|error| match error {
            SafeTensorError::IoError(error) => error,
            error => std::io::Error::other(error.to_string()),
        })
    })
}

type Composed<'a> = (HashMap<String, String>, Vec<(String, Numbers<'a>)>);

fn composed(fisher: &Fisher, progress: Option<Progress>) -> Result<Composed<'_>, String> {
    let header = Header {
        about: fisher.about.clone(),
        parameters: fisher.parameters.iter().map(ParameterHeader::of).collect(),
        blocks: fisher.blocks.iter().map(block_header).collect(),
        progress,
    };
    let text = serde_json::to_string(&header).map_err(|error| error.to_string())?;
    let metadata = HashMap::from([
        ("format".to_owned(), FISHER_FORMAT.to_owned()),
        ("version".to_owned(), VERSION.to_owned()),
        ("fisher".to_owned(), text),
    ]);
    let mut tensors: Vec<(String, Numbers<'_>)> = Vec::new();
    for (i, block) in fisher.blocks.iter().enumerate() {
        let mut put = |part: &str, shape: Vec<usize>, values| {
            let values = Numbers { shape, values };
            tensors.push((format!("block.{i}.{part}"), values));
        };
        let factor = |factor: &Factor| match factor {
            Factor::Dense { size, .. } => vec![*size, *size],
            Factor::Diagonal(values) => vec![values.len()],
        };
        match &block.form {
            Form::Dense(dense) => put("values", vec![dense.size, dense.size], &dense.values),
            Form::Diagonal(diagonal) => {
                put("values", vec![diagonal.values.len()], &diagonal.values);
            }
            Form::LowRank(scores) => {
                put("scores", vec![scores.rows(), scores.size], &scores.scores);
            }
            Form::Kronecker(kronecker) => {
                put("rows", factor(&kronecker.rows), kronecker.rows.values());
                put(
                    "columns",
                    factor(&kronecker.columns),
                    kronecker.columns.values(),
                );
            }
            Form::EigenKronecker(eigen) => {
                let (r, c) = eigen.size;
                put("values", vec![r, c], &eigen.values);
                if let Some(basis) = &eigen.row_basis {
                    put("row_basis", vec![r, r], basis);
                }
                if let Some(basis) = &eigen.column_basis {
                    put("column_basis", vec![c, c], basis);
                }
            }
        }
    }
    if let Some(variances) = &fisher.variances {
        let shape = vec![variances.len()];
        let values = Numbers {
            shape,
            values: variances,
        };
        tensors.push(("variances".into(), values));
    }
    Ok((metadata, tensors))
}

fn block_header(block: &Block) -> BlockHeader {
    BlockHeader {
        tensors: block.tensors.iter().map(|id| id.0).collect(),
        form: match &block.form {
            Form::Dense(_) => FormHeader::Dense,
            Form::Diagonal(_) => FormHeader::Diagonal,
            Form::LowRank(scores) => FormHeader::LowRank {
                rows: scores.rows(),
            },
            Form::Kronecker(kronecker) => FormHeader::Kronecker {
                count: kronecker.count,
                inputs: kronecker.inputs.into(),
                rows: kronecker.rows.size(),
                diagonal_rows: matches!(kronecker.rows, Factor::Diagonal(_)),
                biased: kronecker.biased,
            },
            Form::EigenKronecker(eigen) => FormHeader::EigenKronecker {
                rows: eigen.size.0,
                biased: eigen.biased,
            },
        },
        note: block.note.clone(),
    }
}

/// Reads an estimate, and how far it is where it was interrupted.
///
/// # Errors
/// A file that cannot be read, is no Fisher file, of another version, damaged or inconsistent.
pub fn read_fisher(path: &Path) -> Result<(Fisher, Option<Progress>), FileError> {
    parse_fisher(&read(path)?).map_err(|reason| FileError::Malformed {
        file: path.display().to_string(),
        what: "no Fisher file",
        reason,
    })
}

/// The same of bytes; the reason where they are none.
///
/// # Errors
/// As [`read_fisher`].
pub fn parse_fisher(bytes: &[u8]) -> Result<(Fisher, Option<Progress>), String> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
    let texts = metadata.metadata().clone().unwrap_or_default();
    let text = |name: &str| texts.get(name).map(String::as_str);
    if text("format") != Some(FISHER_FORMAT) {
        return Err(
            "its header does not say that it is one; `fisher net estimate` writes them".into(),
        );
    }
    if text("version") != Some(VERSION) {
        return Err(format!(
            "it is of version {}, and this program reads version {VERSION}",
            text("version").unwrap_or("unknown")
        ));
    }
    let header = text("fisher").ok_or("its header has no `fisher`")?;
    let header: Header = serde_json::from_str(header).map_err(|error| error.to_string())?;
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let parameters =
        ParameterHeader::placed(header.parameters).ok_or("its tensors are too large")?;
    let mut reader = Reader {
        file: &file,
        taken: 0,
    };
    let mut covered = vec![false; parameters.len()];
    let mut blocks = Vec::with_capacity(header.blocks.len());
    for (i, block) in header.blocks.into_iter().enumerate() {
        for &tensor in &block.tensors {
            match covered.get_mut(tensor) {
                Some(seen) if !*seen => *seen = true,
                Some(_) => return Err(format!("tensor {tensor} is in two blocks")),
                None => return Err(format!("block {i} is on tensor {tensor}, which is none")),
            }
        }
        blocks.push(reader.block(i, block, &parameters)?);
    }
    if let Some(tensor) = covered.iter().position(|seen| !seen) {
        return Err(format!("tensor {tensor} is in no block"));
    }
    let variances = reader.optional("variances")?;
    let all: usize = parameters.iter().map(ParameterInfo::length).sum();
    if variances.as_ref().is_some_and(|(_, v)| v.len() != all) {
        return Err("its variances are of another length".into());
    }
    if reader.taken != file.len() {
        return Err("it has tensors that its header does not name".into());
    }
    let fisher = Fisher {
        about: header.about,
        parameters,
        blocks,
        variances: variances.map(|(_, values)| values),
    };
    Ok((fisher, header.progress))
}

struct Reader<'a> {
    file: &'a SafeTensors<'a>,
    taken: usize,
}

type Found = (Vec<usize>, Vec<f64>);

impl Reader<'_> {
    fn optional(&mut self, name: &str) -> Result<Option<Found>, String> {
        let Ok(view) = self.file.tensor(name) else {
            return Ok(None);
        };
        if view.dtype() != Dtype::F64 {
            return Err(format!("`{name}` is {:?} and not F64", view.dtype()));
        }
        let values = numbers(&view).unwrap_or_default();
        if let Some(value) = values.iter().find(|v| !v.is_finite()) {
            return Err(format!("`{name}` has a {value}"));
        }
        self.taken += 1;
        Ok(Some((view.shape().to_vec(), values)))
    }

    fn tensor(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f64>, String> {
        match self.optional(name)? {
            Some((found, values)) if found == shape => Ok(values),
            Some((found, _)) => Err(format!("`{name}` is {found:?} and should be {shape:?}")),
            None => Err(format!("it has no `{name}`")),
        }
    }

    fn factor(&mut self, name: &str, size: usize, diagonal: bool) -> Result<Factor, String> {
        if diagonal {
            return Ok(Factor::Diagonal(self.tensor(name, &[size])?));
        }
        let values = self.tensor(name, &[size, size])?;
        Ok(Factor::Dense { size, values })
    }

    fn basis(&mut self, name: &str, size: usize) -> Result<Option<Vec<f64>>, String> {
        match self.optional(name)? {
            Some((shape, values)) if shape == [size, size] => Ok(Some(values)),
            Some((shape, _)) => Err(format!(
                "`{name}` is {shape:?} and should be {size} × {size}"
            )),
            None => Ok(None),
        }
    }

    fn block(
        &mut self,
        i: usize,
        header: BlockHeader,
        parameters: &[ParameterInfo],
    ) -> Result<Block, String> {
        let name = |part: &str| format!("block.{i}.{part}");
        let infos: Vec<&ParameterInfo> = header.tensors.iter().map(|&t| &parameters[t]).collect();
        let size: usize = infos.iter().map(|info| info.length()).sum();
        let matrix = |rows: usize, biased: bool| {
            let fits = rows > 0 && size.is_multiple_of(rows) && size / rows > usize::from(biased);
            fits.then_some(rows)
                .ok_or(format!("block {i} is no matrix of {rows} rows"))
        };
        let form = match header.form {
            FormHeader::Dense => Form::Dense(Dense {
                size,
                values: self.tensor(&name("values"), &[size, size])?,
            }),
            FormHeader::Diagonal => Form::Diagonal(Diagonal {
                values: self.tensor(&name("values"), &[size])?,
            }),
            FormHeader::LowRank { rows } => Form::LowRank(LowRank {
                size,
                scores: self.tensor(&name("scores"), &[rows, size])?,
            }),
            FormHeader::Kronecker {
                count,
                inputs,
                rows,
                diagonal_rows,
                biased,
            } => {
                let rows = matrix(rows, biased)?;
                if !(count.is_finite() && count >= 0.0) {
                    return Err(format!("block {i} counts {count}"));
                }
                Form::Kronecker(Kronecker {
                    rows: self.factor(&name("rows"), rows, diagonal_rows)?,
                    columns: self.factor(&name("columns"), size / rows, false)?,
                    count,
                    inputs: inputs.into(),
                    biased,
                })
            }
            FormHeader::EigenKronecker { rows, biased } => {
                let rows = matrix(rows, biased)?;
                let columns = size / rows;
                Form::EigenKronecker(EigenKronecker {
                    size: (rows, columns),
                    values: self.tensor(&name("values"), &[rows, columns])?,
                    row_basis: self.basis(&name("row_basis"), rows)?,
                    column_basis: self.basis(&name("column_basis"), columns)?,
                    biased,
                })
            }
        };
        Ok(Block {
            tensors: header.tensors.into_iter().map(ParameterId).collect(),
            form,
            note: header.note,
        })
    }
}
