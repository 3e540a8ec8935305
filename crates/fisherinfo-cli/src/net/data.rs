//! Models and examples, as the commands of `fisher net` are given them.

use super::failure::NetFailure;
use clap::Args;
use fisherinfo_net::backend::{Backend, Cpu, Real};
use fisherinfo_net::file::{FileError, read_checkpoint, read_csv, read_fisher};
use fisherinfo_net::{Architecture, Consolidation, Dataset, Fisher, Network};
use std::path::{Path, PathBuf};

/// Where the examples are.
#[derive(Debug, Args)]
pub(crate) struct DataArguments {
    /// A CSV file with a header, one example a line
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// The column with the label, or several separated by commas; all others are inputs
    #[arg(
        long,
        value_name = "COLUMN",
        default_value = "label",
        value_delimiter = ','
    )]
    label: Vec<String>,
}

impl DataArguments {
    pub(crate) fn read(&self) -> Result<Dataset, NetFailure> {
        Ok(read_csv(&self.data, &self.label)?)
    }

    pub(crate) fn file(&self) -> String {
        name(&self.data)
    }
}

pub(crate) fn name(path: &Path) -> String {
    path.display().to_string()
}

pub(crate) fn architecture(model: &Path) -> Result<Architecture, NetFailure> {
    let text = std::fs::read_to_string(model).map_err(|error| FileError::NotRead {
        file: name(model),
        error,
    })?;
    let file = name(model);
    Architecture::from_toml(&file, &text).map_err(|error| NetFailure::Network { file, error })
}

/// The checkpoint that was given, or the one that the model names, which is beside it.
pub(crate) fn weights_path(
    model: &Path,
    architecture: &Architecture,
    given: Option<&PathBuf>,
) -> Result<PathBuf, NetFailure> {
    if let Some(path) = given {
        return Ok(path.clone());
    }
    let named = architecture.weights.as_ref();
    let named = named.ok_or_else(|| NetFailure::NoWeights { model: name(model) })?;
    Ok(model.parent().unwrap_or(Path::new("")).join(named))
}

pub(crate) fn network<R: Real>(
    architecture: &Architecture,
    weights: &Path,
) -> Result<Network<Cpu<R>>, NetFailure>
where
    Cpu<R>: Backend<Element = R>,
{
    let checkpoint = read_checkpoint(weights)?;
    Network::new(architecture, Cpu::new(), &checkpoint).map_err(|error| NetFailure::Network {
        file: name(weights),
        error,
    })
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
pub(crate) fn anchors(
    architecture: &Architecture,
    texts: &[String],
) -> Result<Consolidation, NetFailure> {
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
                let network = network::<f32>(architecture, path)?;
                (network.hash(), network.theta())
            }
            _ => {
                let network = network::<f64>(architecture, path)?;
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
