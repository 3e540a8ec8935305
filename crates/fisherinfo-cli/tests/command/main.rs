//! The command as a user meets it: what it prints, what it refuses, and how.

#![allow(clippy::unwrap_used, clippy::panic)]

mod check;
mod design;
mod distance;
mod efficiency;
mod export;
mod fit;
mod fit_collinear;
mod fit_inference;
mod fit_models;
mod fit_saved;
mod hostile_tables;
mod info;
mod net;
mod net_models;
mod refusals;
mod run;
mod stream;
mod sweep;
mod typed;

use assert_cmd::Command;
use serde_json::Value;
use std::path::PathBuf;

/// `fisher` with these arguments.
pub(crate) fn fisher(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("fisher").unwrap();
    command.args(arguments);
    command
}

/// What it prints, when it succeeds.
pub(crate) fn text(arguments: &[&str]) -> String {
    let output = fisher(arguments).assert().success().get_output().clone();
    assert!(output.stderr.is_empty());
    String::from_utf8(output.stdout).unwrap()
}

/// What it prints with `--json`.
pub(crate) fn json(arguments: &[&str]) -> Value {
    let mut with: Vec<&str> = arguments.to_vec();
    with.push("--json");
    serde_json::from_str(&text(&with)).unwrap()
}

/// A committed table.
pub(crate) fn data(name: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.join("../../notebooks/data")
        .join(name)
        .to_str()
        .unwrap()
        .into()
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect()
}

/// Equal to a relative 1e-8.
pub(crate) fn assert_close(found: &[f64], wanted: &[f64]) {
    assert_eq!(found.len(), wanted.len());
    for (f, w) in found.iter().zip(wanted) {
        assert!(
            (f - w).abs() <= 1e-8 * w.abs(),
            "{found:?} against {wanted:?}"
        );
    }
}
