//! `fisher predict`: what a saved fit says about new rows.

use crate::arguments::MissingCells;
use crate::error::Failure;
use crate::number::{json_list, plain};
use crate::table::aligned;
use clap::{Args, ValueEnum};
use fisherinfo_table::glm::{PredictOptions, Prediction, SavedFit};
use fisherinfo_table::source::TableFiles;
use fisherinfo_table::{Missing, Table};
use serde_json::json;
use std::fmt::Write;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CovarianceName {
    /// From the expected information
    Expected,
    /// The sandwich, as it was corrected in the fit
    Sandwich,
    /// Robust against dependence within clusters, where the fit had some
    Cluster,
}

impl CovarianceName {
    fn name(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Sandwich => "sandwich",
            Self::Cluster => "cluster",
        }
    }
}

/// What a saved fit says about new rows
///
/// Prints for every row of a CSV file the mean, its standard error and its interval, and for the
/// gaussian family the interval of a new observation. Categories that the fit has not seen are refused.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  fisher fit spector.csv 'grade ~ gpa + psi' --family binomial --save fit.json
  fisher predict fit.json new.csv
  fisher predict fit.json new.csv --level 0.9 --covariance sandwich --csv > predictions.csv")]
pub(crate) struct PredictArguments {
    /// A file written by `fisher fit --save`
    fit: PathBuf,
    /// A CSV file with a header that has the columns of the formula, or its address in a store
    data: PathBuf,
    /// The level of the intervals
    #[arg(long, value_name = "LEVEL", default_value_t = 0.95)]
    level: f64,
    /// Where standard errors come from
    #[arg(long, value_enum, default_value_t = CovarianceName::Expected)]
    covariance: CovarianceName,
    /// What to do with rows that have missing cells
    #[arg(long, value_enum, default_value_t = MissingCells::Fail)]
    missing: MissingCells,
    /// Print CSV, in full precision
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Reads a file of `fisher fit --save`.
pub(crate) fn read(path: &Path) -> Result<SavedFit, Failure> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| Failure::NotRead {
        file: file.clone(),
        error,
    })?;
    SavedFit::from_json(&text).map_err(|error| Failure::Saved {
        file,
        data: None,
        error,
    })
}

pub(crate) fn run(arguments: &PredictArguments) -> Result<String, Failure> {
    let saved = read(&arguments.fit)?;
    let table = if arguments.data.to_string_lossy().contains("://") {
        let files = TableFiles::find(&[&arguments.data])?;
        files.read_csv()?
    } else {
        Table::read_csv(&arguments.data)?
    };
    let options = PredictOptions {
        level: arguments.level,
        covariance: arguments.covariance.name().into(),
        missing: match arguments.missing {
            MissingCells::Fail => Missing::Fail,
            MissingCells::Drop => Missing::Drop,
        },
    };
    let prediction = saved
        .predict(&table, &options)
        .map_err(|error| Failure::Saved {
            file: arguments.fit.display().to_string(),
            data: Some(arguments.data.display().to_string()),
            error,
        })?;
    Ok(if arguments.json {
        format!("{:#}\n", as_json(&saved, &options, &prediction))
    } else if arguments.csv {
        as_csv(&prediction)
    } else {
        as_text(&saved, &options, &prediction)
    })
}

/// The columns that are shown, with their names.
fn columns(prediction: &Prediction) -> Vec<(&'static str, &[f64])> {
    let mut columns = vec![
        ("mean", prediction.mean.as_slice()),
        ("standard_error", &prediction.standard_error),
        ("lower", &prediction.lower),
        ("upper", &prediction.upper),
    ];
    if let Some((lower, upper)) = &prediction.observation {
        columns.push(("observation_lower", lower));
        columns.push(("observation_upper", upper));
    }
    columns
}

fn as_csv(prediction: &Prediction) -> String {
    let columns = columns(prediction);
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let mut out = format!("line,predictor,{}\n", names.join(","));
    for (row, line) in prediction.lines.iter().enumerate() {
        let _ = write!(out, "{line},{}", prediction.predictor[row]);
        for (_, values) in &columns {
            let _ = write!(out, ",{}", values[row]);
        }
        out.push('\n');
    }
    out
}

fn as_text(saved: &SavedFit, options: &PredictOptions, prediction: &Prediction) -> String {
    let level = plain(100.0 * options.level);
    let proportion = if saved.trials.is_some() {
        "; the mean is that of the proportion of successes"
    } else {
        ""
    };
    let mut out = format!(
        "{}\n{} family, {} link, n = {}; {} covariance{proportion}\n",
        saved.formula, saved.family, saved.link, saved.sample_size, options.covariance
    );
    if prediction.dropped_rows > 0 {
        let _ = writeln!(
            out,
            "{} rows with missing cells left out",
            prediction.dropped_rows
        );
    }
    out.push('\n');
    let columns = columns(prediction);
    let mut header = vec!["line".to_string()];
    header.extend(columns.iter().map(|(name, _)| name.replace('_', " ")));
    let rows = prediction
        .lines
        .iter()
        .enumerate()
        .map(|(row, line)| {
            let mut cells = vec![line.to_string()];
            cells.extend(columns.iter().map(|(_, values)| plain(values[row])));
            cells
        })
        .collect();
    out.push_str(&aligned(header, rows));
    let _ = writeln!(
        out,
        "\nIntervals of the mean, {level} %: those of the predictor, through the link"
    );
    let unknown = prediction.predictor.iter().filter(|eta| eta.is_nan());
    let unknown = unknown.count();
    if unknown > 0 {
        let _ = writeln!(
            out,
            "–: of {unknown} of {} rows the fit says nothing, since its terms were collinear and these rows \
             do not obey the same relations",
            prediction.lines.len()
        );
    }
    if prediction.observation.is_some() {
        let _ = writeln!(
            out,
            "Intervals of a new observation of weight 1, {level} %: of its error and of the mean"
        );
    }
    out
}

fn as_json(
    saved: &SavedFit,
    options: &PredictOptions,
    prediction: &Prediction,
) -> serde_json::Value {
    let mut value = json!({
        "formula": saved.formula,
        "family": saved.family,
        "link": saved.link,
        "covariance": options.covariance,
        "level": options.level,
        "lines": prediction.lines,
        "dropped_rows": prediction.dropped_rows,
        "predictor": json_list(&prediction.predictor),
        "predictor_standard_error": json_list(&prediction.predictor_standard_error),
    });
    for (name, values) in columns(prediction) {
        value[name] = json_list(values);
    }
    value
}
