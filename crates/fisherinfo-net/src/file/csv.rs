use super::FileError;
use crate::dataset::Dataset;
use std::path::Path;

/// Reads examples from a CSV file with a header: the columns of `labels` in that order, and all others as
/// inputs in the order of the file.
///
/// # Errors
/// A file that cannot be read, a label column that is not there, a cell that is no number; the line is named.
pub fn read_csv(path: &Path, labels: &[String]) -> Result<Dataset, FileError> {
    let file = || path.display().to_string();
    let malformed = |reason: String| FileError::Malformed {
        file: file(),
        what: "no table of examples",
        reason,
    };
    let reader = std::fs::File::open(path).map_err(|error| FileError::NotRead {
        file: file(),
        error,
    })?;
    let mut table = csv::Reader::from_reader(reader);
    let header = table
        .headers()
        .map_err(|error| malformed(error.to_string()))?
        .clone();
    let mut places = Vec::with_capacity(labels.len());
    for label in labels {
        let place = header.iter().position(|name| name.trim() == label);
        places.push(place.ok_or_else(|| {
            let names: Vec<&str> = header.iter().rev().take(5).collect();
            malformed(format!(
                "it has no column `{label}`; the last are {}",
                names.into_iter().rev().collect::<Vec<_>>().join(", ")
            ))
        })?);
    }
    let (mut inputs, mut targets) = (Vec::new(), Vec::new());
    let mut record = csv::StringRecord::new();
    loop {
        match table.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(malformed(error.to_string())),
        }
        let line = record.position().map_or(0, csv::Position::line);
        let number = |place: usize| -> Result<f64, FileError> {
            let cell = record.get(place).unwrap_or("").trim();
            cell.parse::<f64>()
                .ok()
                .filter(|v| v.is_finite())
                .ok_or_else(|| FileError::Line {
                    file: file(),
                    line,
                    reason: format!(
                        "column `{}` has `{cell}`, which is no number",
                        header.get(place).unwrap_or("")
                    ),
                })
        };
        for place in 0..header.len() {
            if !places.contains(&place) {
                inputs.push(number(place)?);
            }
        }
        for &place in &places {
            targets.push(number(place)?);
        }
    }
    let width = header.len() - places.len();
    Dataset::new(inputs, width, targets).map_err(|error| malformed(error.to_string()))
}
