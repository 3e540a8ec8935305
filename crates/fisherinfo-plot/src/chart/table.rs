//! The numbers of a chart, for a table and for a file.

use super::{Chart, Series};
use std::fmt::Write;

/// A point with the name of its series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<'a> {
    /// The name of the series.
    pub series: &'a str,
    /// The abscissa.
    pub x: f64,
    /// The ordinate.
    pub y: f64,
}

impl Chart {
    /// Every point in the order of the series.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.thinned_rows(usize::MAX)
    }

    /// At most so many points of every series, evenly among its own, with the first and the last:
    /// a table to read.
    pub fn thinned_rows(&self, at_most: usize) -> impl Iterator<Item = Row<'_>> {
        self.series.iter().flat_map(move |series: &Series| {
            chosen(series.points.len(), at_most)
                .filter_map(|index| series.points.get(index))
                .map(|&(x, y)| Row {
                    series: &series.name,
                    x,
                    y,
                })
        })
    }

    /// All points as CSV (RFC 4180): `series,x,y`, the numbers with the 17 significant digits
    /// that give every `f64` back, `NaN`, `Inf` and `-Inf`.
    pub fn csv(&self) -> String {
        let mut csv = String::from("series,x,y\r\n");
        for row in self.rows() {
            // Writing into a string does not fail.
            let _ = write!(
                csv,
                "{},{},{}\r\n",
                quoted(row.series),
                number(row.x),
                number(row.y)
            );
        }
        csv
    }
}

/// Indices from the first to the last of `count`.
fn chosen(count: usize, at_most: usize) -> impl Iterator<Item = usize> {
    let shown = count.min(at_most);
    (0..shown).map(move |k| {
        if shown == count || shown < 2 {
            k
        } else {
            (k * (count - 1) + (shown - 1) / 2) / (shown - 1)
        }
    })
}

fn number(value: f64) -> String {
    if value.is_nan() {
        "NaN".into()
    } else if value.is_infinite() {
        if value > 0.0 { "Inf" } else { "-Inf" }.into()
    } else {
        format!("{value:.16e}")
    }
}

fn quoted(field: &str) -> String {
    if field.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
