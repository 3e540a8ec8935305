//! Aligned tables for a person's eye.

use crate::number::plain;
use comfy_table::{CellAlignment, Table, presets};
use faer::MatRef;

/// A table without lines, numbers to the right.
pub(crate) fn aligned(header: Vec<String>, rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let columns = header.len();
    if header.iter().any(|cell| !cell.is_empty()) {
        table.set_header(header);
    }
    for row in rows {
        table.add_row(row);
    }
    for index in 1..columns {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines: Vec<String> = table
        .lines()
        .map(|line| format!(" {}", line.trim_end()))
        .collect();
    lines.join("\n") + "\n"
}

/// A matrix with the names of its rows and columns.
pub(crate) fn matrix(names: &[String], matrix: MatRef<'_, f64>) -> String {
    let mut header = vec![String::new()];
    header.extend(names.iter().cloned());
    let rows = names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let mut row = vec![name.clone()];
            row.extend((0..names.len()).map(|j| plain(matrix[(i, j)])));
            row
        })
        .collect();
    aligned(header, rows)
}
