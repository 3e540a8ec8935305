//! `fisher net inspect`, and what the commands that write a Fisher file say of it.

use super::data::{finished, name};
use super::failure::NetFailure;
use crate::number::{json as number, plain, rough};
use crate::table::aligned;
use clap::Args;
use fisherinfo_net::Fisher;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    /// A Fisher file
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &InspectArguments) -> Result<String, NetFailure> {
    let fisher = finished(&arguments.file)?;
    report(&fisher, &name(&arguments.file), arguments.json)
}

/// Eigenvalues that are shown.
const SHOWN: usize = 8;

/// One estimate, for a person or a program.
pub(crate) fn report(fisher: &Fisher, file: &str, as_json: bool) -> Result<String, NetFailure> {
    let greatest = fisher.greatest_eigenvalues(SHOWN);
    let spectrum = greatest.map_err(|error| NetFailure::Fisher {
        file: file.into(),
        error,
    })?;
    let about = &fisher.about;
    let scale = fisher.scale();
    let trace = fisher.trace();
    let traces: Vec<f64> = fisher
        .blocks
        .iter()
        .map(|b| scale * b.form.trace())
        .collect();
    let coverage = fisher.coverage();
    let error = fisher.standard_errors().map(|errors| {
        // The greatest error beside its own number.
        let diagonal = fisher.diagonal();
        let relative = |(e, d): (&f64, &f64)| if *d > 0.0 { e / d } else { 0.0 };
        let mut all: Vec<f64> = errors.iter().zip(&diagonal).map(relative).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    });
    let share = |block: f64| if trace > 0.0 { block / trace } else { 0.0 };
    if as_json {
        let blocks: Vec<_> = coverage
            .iter()
            .zip(&traces)
            .map(|(c, &t)| {
                json!({
                    "tensors": c.tensors,
                    "parameters": c.parameters,
                    "form": c.form,
                    "note": c.note,
                    "trace": number(t),
                    "share": number(share(t)),
                })
            })
            .collect();
        let value = json!({
            "file": file,
            "about": about,
            "parameters": fisher.dimension(),
            "trace": number(trace),
            "frobenius_norm": number(fisher.frobenius_norm()),
            "eigenvalues": spectrum.iter().map(|v| number(*v)).collect::<Vec<_>>(),
            "median_relative_standard_error": error.map(number),
            "blocks": blocks,
        });
        return Ok(format!("{value:#}\n"));
    }
    let mut text = format!(
        "{file}: {} information, {}, {}\n{}; N = {} examples, {} observations; {}\n\n",
        about.estimator,
        about.representation,
        about.reduction,
        about.family,
        about.examples,
        about.observations,
        about.dtype,
    );
    let mut rows = Vec::new();
    for (c, &t) in coverage.iter().zip(&traces) {
        rows.push(vec![
            c.tensors.join(" + "),
            c.parameters.to_string(),
            c.form.clone(),
            plain(t),
            format!("{:.1} %", 100.0 * share(t)),
            rough(t / c.parameters.max(1) as f64),
        ]);
    }
    let header = [
        "tensors",
        "parameters",
        "form",
        "trace",
        "share",
        "a parameter",
    ];
    text += &aligned(header.map(String::from).to_vec(), rows);
    for c in &coverage {
        if let Some(note) = &c.note {
            text += &format!(" {}: {note}\n", c.tensors.join(" + "));
        }
    }
    let greatest: Vec<String> = spectrum.iter().map(|v| rough(*v)).collect();
    text += &format!(
        "\ntrace {}, Frobenius norm {}\ngreatest eigenvalues {}\n",
        plain(trace),
        plain(fisher.frobenius_norm()),
        greatest.join(", ")
    );
    if let Some(error) = error {
        text += &format!(
            "standard error of a number of the diagonal, median: {:.1} %\n",
            100.0 * error
        );
    }
    Ok(text)
}
