//! What can be read without what stands before it: a row group of a Parquet file, or a file.

use super::batches::Piece;
#[cfg(feature = "columnar")]
use super::file::Format;
use super::{SourceError, TableFiles};
use crate::wire::wire_fields;

/// A row group of a Parquet file, or a file of another kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    /// The file, by its place among all.
    file: usize,
    group: Option<usize>,
    /// Its rows, where they are known.
    pub(super) rows: usize,
    /// Of these, the rows that are kept.
    pub(super) kept: usize,
    /// The rows of the file before it.
    before: usize,
}

wire_fields!(Unit {
    file,
    group,
    rows,
    kept,
    before,
});

impl Unit {
    /// All of its rows.
    pub(super) fn piece(&self) -> Piece {
        Piece {
            file: self.file,
            groups: self.group.map(|group| group..group + 1),
            before: self.before,
            skipped: 0,
        }
    }

    /// Whether it goes on where another ends.
    fn follows(&self, piece: &Piece) -> bool {
        let end = piece.groups.as_ref().map(|groups| groups.end);
        self.file == piece.file && self.group.is_some() && self.group == end
    }
}

/// The units of the files, in the order of their rows.
pub(crate) fn units_of(files: &TableFiles) -> Result<Vec<Unit>, SourceError> {
    let mut units = Vec::new();
    for (file, _named) in files.files().iter().enumerate() {
        #[cfg(feature = "columnar")]
        if _named.format() == Format::Parquet {
            let mut before = 0;
            let groups = super::columnar::Opened::new(_named)?.groups();
            for (group, rows) in groups.into_iter().enumerate() {
                units.push(Unit {
                    file,
                    group: Some(group),
                    rows,
                    kept: 0,
                    before,
                });
                before += rows;
            }
            continue;
        }
        units.push(Unit {
            file,
            group: None,
            rows: 0,
            kept: 0,
            before: 0,
        });
    }
    Ok(units)
}

/// What is read for the kept rows from one on, and how many of the kept rows of that come before it.
pub(super) fn stretch_of(units: &[Unit], start: usize) -> (Vec<Piece>, usize) {
    let mut before = 0;
    let first = units.iter().position(|unit| {
        before += unit.kept;
        before > start
    });
    let Some(first) = first else {
        return (Vec::new(), 0);
    };
    let mut skipped = start - (before - units[first].kept);
    let mut pieces: Vec<Piece> = Vec::new();
    for unit in &units[first..] {
        match pieces.last_mut() {
            Some(piece) if unit.follows(piece) => {
                if let Some(groups) = &mut piece.groups {
                    groups.end += 1;
                }
            }
            _ => pieces.push(unit.piece()),
        }
    }
    // Where every row is kept, rows of Parquet need not be decoded to be counted.
    let unit = &units[first];
    if unit.group.is_some() && unit.kept == unit.rows {
        pieces[0].skipped = std::mem::take(&mut skipped);
    }
    (pieces, skipped)
}
