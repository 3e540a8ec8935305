//! Notebooks as files.

mod arbitrary;
mod hostile;
mod library;
mod properties;
mod reading;
mod schema;
mod workbook;

use fisherinfo_notebook::document::{CellKind, Document, Output};
use serde_json::{Value, json};

/// A notebook of nbformat 4.5 with these cells.
fn notebook(cells: Value) -> Vec<u8> {
    json!({ "nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells })
        .to_string()
        .into_bytes()
}

fn parse(cells: Value) -> Document {
    Document::parse(&notebook(cells)).unwrap()
}

/// The outputs of a code cell that has these in the file.
fn outputs(list: Value) -> Vec<Output> {
    let cell = json!({ "cell_type": "code", "id": "a", "metadata": {}, "source": "x",
        "execution_count": 1, "outputs": list });
    match parse(json!([cell])).cells.remove(0).kind {
        CellKind::Code { outputs, .. } => outputs,
        other => panic!("{other:?}"),
    }
}

/// The message of the error that these bytes are.
fn refusal(bytes: &[u8]) -> String {
    Document::parse(bytes).unwrap_err().to_string()
}
