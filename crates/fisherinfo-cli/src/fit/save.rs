//! The fit as a file.

use super::report::Report;
use crate::error::Failure;
use fisherinfo_plot::replace_file;
use fisherinfo_table::glm::{SavedFit, SavedSource};
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::path::Path;

/// Writes the fit, whole or not at all.
pub(crate) fn save(report: &Report<'_>, path: &Path) -> Result<(), Failure> {
    let model = report.model;
    let mut saved = SavedFit::new(&report.fit, &model.formula, &model.design.levels);
    if let Ok(sandwich) = &report.sandwich {
        saved = saved.with_covariance("sandwich", &sandwich.root);
    }
    if let Some(robust) = &report.clusters {
        saved = saved.with_covariance("cluster", &robust.root);
    }
    saved.offset = model.offset_column.clone();
    saved.trials = model.trials.clone();
    saved.weights = model
        .weights
        .as_ref()
        .map(|(column, weighting)| (column.clone(), weighting.to_string()));
    let file = model.data.clone();
    let sha256 = digest(model.files.open()?).map_err(|error| Failure::NotRead {
        file: file.clone(),
        error,
    })?;
    saved.source = Some(SavedSource { file, sha256 });
    replace_file(path, saved.to_json().as_bytes()).map_err(|error| Failure::NotWritten {
        file: path.display().to_string(),
        error,
    })
}

/// The SHA-256 of the bytes of all files, one file after the other, in hexadecimal digits.
fn digest(mut bytes: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = bytes.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}
