//! Models and examples, as the commands of `fisher net` are given them.

use super::failure::NetFailure;
use super::model::Model;
use clap::Args;
use fisherinfo_net::file::{
    parquet_columns, read_csv, read_fisher, read_npy, read_parquet, read_parquet_documents,
};
use fisherinfo_net::text::{Document, read_documents};
use fisherinfo_net::{Consolidation, Dataset, Fisher};
use std::path::{Path, PathBuf};

/// Where the examples are.
#[derive(Debug, Args)]
pub(crate) struct DataArguments {
    /// A CSV file with a header, one example a line, or a Parquet file, whose columns may have lists of numbers;
    /// an array as NumPy saves it (.npy), examples first; for models of texts JSON lines or Parquet with `text`, or
    /// with `input_ids`, the numbers of tokens
    #[arg(long, value_name = "FILE")]
    pub(crate) data: PathBuf,
    /// The column with the label, or several separated by commas; all others are inputs. Beside an array the
    /// .npy file of the labels
    #[arg(
        long,
        value_name = "COLUMN|FILE",
        default_value = "label",
        value_delimiter = ','
    )]
    label: Vec<String>,
    /// A tokenizer.json in the place of the model's own
    #[arg(long, value_name = "FILE")]
    pub(crate) tokenizer: Option<PathBuf>,
}

/// The same where there need be none.
#[derive(Debug, Args)]
pub(crate) struct OptionalData {
    /// Examples to compare on: a CSV file with a header, a Parquet file, a NumPy array (.npy), or
    /// JSON lines for models of texts
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// The column with the label, or several separated by commas; all others are inputs. Beside an array the
    /// .npy file of the labels
    #[arg(
        long,
        value_name = "COLUMN|FILE",
        default_value = "label",
        value_delimiter = ','
    )]
    label: Vec<String>,
    /// A tokenizer.json in the place of the model's own
    #[arg(long, value_name = "FILE")]
    tokenizer: Option<PathBuf>,
}

impl OptionalData {
    pub(crate) fn given(&self) -> Option<DataArguments> {
        Some(DataArguments {
            data: self.data.clone()?,
            label: self.label.clone(),
            tokenizer: self.tokenizer.clone(),
        })
    }
}

impl DataArguments {
    pub(crate) fn read(&self) -> Result<Dataset, NetFailure> {
        if self.is_parquet() {
            return Ok(read_parquet(&self.data, &self.label)?);
        }
        let is_array = |path: &Path| path.extension().is_some_and(|end| end == "npy");
        if !is_array(&self.data) {
            return Ok(read_csv(&self.data, &self.label)?);
        }
        match self.label.as_slice() {
            [labels] if is_array(Path::new(labels)) => Ok(read_npy(&self.data, Path::new(labels))?),
            _ => Err(NetFailure::Labels {
                data: self.file(),
                label: self.label.join(","),
            }),
        }
    }

    fn is_text(&self) -> bool {
        let end = self.data.extension();
        end.is_some_and(|end| end == "jsonl" || end == "ndjson" || end == "json")
    }

    fn is_parquet(&self) -> bool {
        let end = self.data.extension();
        end.is_some_and(|end| end == "parquet")
    }

    /// Texts, or numbers of tokens, where the file has them.
    pub(crate) fn documents(&self) -> Result<Option<Vec<Document>>, NetFailure> {
        if self.is_text() {
            return Ok(Some(read_documents(&self.data)?));
        }
        let of_texts = |name: &String| name == "text" || name == "input_ids";
        if self.is_parquet() && parquet_columns(&self.data)?.iter().any(of_texts) {
            return Ok(Some(read_parquet_documents(&self.data)?));
        }
        Ok(None)
    }

    pub(crate) fn file(&self) -> String {
        name(&self.data)
    }
}

pub(crate) fn name(path: &Path) -> String {
    path.display().to_string()
}

/// A whole estimate.
pub(crate) fn finished(path: &Path) -> Result<Fisher, NetFailure> {
    match read_fisher(path)? {
        (fisher, None) => Ok(fisher),
        (_, Some(progress)) => Err(NetFailure::Unfinished {
            file: name(path),
            seen: progress.seen,
        }),
    }
}

/// The penalties of `--anchor FISHER:WEIGHTS:STRENGTH`.
pub(crate) fn anchors(model: &Model, texts: &[String]) -> Result<Consolidation, NetFailure> {
    let mut all = Consolidation::default();
    for text in texts {
        let malformed = || NetFailure::Anchor { text: text.clone() };
        let mut parts = text.rsplitn(3, ':');
        let (Some(strength), Some(weights), Some(file)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed());
        };
        let strength: f64 = strength.parse().map_err(|_| malformed())?;
        if !(strength.is_finite() && strength >= 0.0) {
            return Err(malformed());
        }
        let fisher = finished(Path::new(file))?;
        let path = Path::new(weights);
        let (hash, theta) = match fisher.about.dtype.as_str() {
            "F32" => {
                let network = model.network::<f32>(path)?;
                (network.hash(), network.theta())
            }
            _ => {
                let network = model.network::<f64>(path)?;
                (network.hash(), network.theta())
            }
        };
        if hash != fisher.about.model {
            return Err(NetFailure::OtherModel {
                fisher: file.into(),
                weights: weights.into(),
            });
        }
        all = all
            .and(fisher, theta, strength)
            .map_err(|error| NetFailure::Fisher {
                file: file.into(),
                error,
            })?;
    }
    Ok(all)
}

/// Bytes for a person.
pub(crate) fn bytes(n: u128) -> String {
    let (mut value, mut unit) = (n as f64, "bytes");
    for larger in ["kB", "MB", "GB", "TB", "PB"] {
        if value < 1000.0 {
            break;
        }
        value /= 1000.0;
        unit = larger;
    }
    if unit == "bytes" {
        format!("{n} bytes")
    } else {
        format!("{value:.1} {unit}")
    }
}
