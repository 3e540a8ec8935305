//! Notebooks for reading, written by the tests.

use serde_json::{Value, json};
use std::path::Path;

pub(crate) fn text(source: &str) -> Value {
    json!({ "cell_type": "markdown", "metadata": {}, "source": source })
}

pub(crate) fn code(source: &str, outputs: Value) -> Value {
    json!({ "cell_type": "code", "metadata": {}, "execution_count": 1, "source": source, "outputs": outputs })
}

/// An output that a cell gave as its result.
pub(crate) fn result(data: Value) -> Value {
    json!({ "output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data })
}

/// A file of cells.
pub(crate) fn write(file: &Path, cells: &[Value]) {
    let cells: Vec<Value> = cells
        .iter()
        .enumerate()
        .map(|(place, cell)| {
            let mut cell = cell.clone();
            cell["id"] = json!(format!("cell-{place}"));
            cell
        })
        .collect();
    let notebook = json!({
        "nbformat": 4, "nbformat_minor": 5, "cells": cells,
        "metadata": { "kernelspec": { "name": "python3", "display_name": "Python 3", "language": "python" } },
    });
    std::fs::write(file, notebook.to_string()).unwrap();
}

/// The smallest PNG there is: one pixel.
const PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";

/// Two notebooks with a bit of everything.
pub(crate) fn ordinary(folder: &Path) {
    let table = "<table><thead><tr><th>p</th><th>I</th></tr></thead><tbody><tr><td>0.3</td><td>4.76</td></tr></tbody></table>";
    write(
        &folder.join("ordinary.ipynb"),
        &[
            text(
                "# What the coin says\n\nThe information is $I(p) = \\frac{1}{p(1-p)}$; see [the workbook](/workbook).\n\n$$\\int_0^1 \\frac{dp}{\\sqrt{p(1-p)}} = \\pi$$",
            ),
            text("## A table\n\n| p | I |\n|---|---|\n| 0.5 | 4 |\n\n- one\n- two\n\n> said"),
            code(
                "p = 0.3\nprint(1 / (p * (1 - p)))  # of one toss",
                json!([{ "output_type": "stream", "name": "stdout", "text": "4.761904761904763\n" }]),
            ),
            code(
                "frame",
                json!([result(json!({ "text/html": table, "text/plain": "p I" }))]),
            ),
            code(
                "plot()",
                json!([result(
                    json!({ "image/png": PIXEL, "text/plain": "<Figure>" })
                )]),
            ),
            code(
                "1 / 0",
                json!([{ "output_type": "error", "ename": "ZeroDivisionError", "evalue": "division by zero", "traceback": ["\u{1b}[31mZeroDivisionError\u{1b}[0m: division by zero"] }]),
            ),
            text(
                "## Long words\n\n`a_name_that_is_much_longer_than_a_telephone_is_wide_and_has_no_place_to_break_at_all`",
            ),
        ],
    );
    write(
        &folder.join("second.ipynb"),
        &[text("# Second\n\nNothing much.")],
    );
}
