//! The rows of all files, read in their order and decoded a few parts at a time.

#[cfg(feature = "columnar")]
use super::columnar;
use super::file::Format;
use super::text::Segments;
use super::{SourceError, TableFiles};
use crate::parallel;
use crate::table::csv::{Kind, Segment};
use crate::table::{Table, TableError};
use std::ops::Range;
use std::sync::Arc;

/// Columns that are asked for.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) names: Vec<String>,
    pub(super) kinds: Vec<Kind>,
}

/// How much is read at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// Of the text of a CSV file.
    pub(super) bytes: usize,
    /// Of a columnar file.
    pub(super) rows: usize,
}

impl Size {
    /// While nothing is known.
    pub(super) const USUAL: Self = Self {
        bytes: 1 << 20,
        rows: 1 << 15,
    };

    /// For designs of `width` columns on rows of `bytes_a_row` bytes: a few million values.
    pub(super) fn of(width: usize, bytes_a_row: f64) -> Self {
        let rows = ((1 << 20) / width.max(1)).clamp(256, Self::USUAL.rows);
        Self {
            bytes: ((rows as f64 * bytes_a_row) as usize).clamp(1 << 12, Self::USUAL.bytes),
            rows,
        }
    }
}

/// Parts that are read for each thread before they are decoded together.
const PARTS_A_THREAD: usize = 4;

/// A part of a file.
enum Part {
    Text(Segment, Arc<Vec<(usize, Kind)>>),
    #[cfg(feature = "columnar")]
    Columns(columnar::Columns),
}

/// The file that is being read.
enum Current {
    Text(Segments, Arc<Vec<(usize, Kind)>>),
    #[cfg(feature = "columnar")]
    Columns(columnar::Reader),
}

/// Successive rows of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// The file, by its place among all.
    pub(super) file: usize,
    /// Of a Parquet file its row groups, where they are not all.
    pub(super) groups: Option<Range<usize>>,
    /// The rows of the file before these groups.
    pub(super) before: usize,
    /// How many of the rows are left out at the beginning, which a Parquet file can do.
    pub(super) skipped: usize,
}

impl Piece {
    /// All rows of a file.
    pub(super) fn of_file(file: usize) -> Self {
        Self {
            file,
            groups: None,
            before: 0,
            skipped: 0,
        }
    }
}

/// The rows of all files, from the first on, or those of some pieces.
pub(super) struct Batches<'a> {
    files: &'a TableFiles,
    wanted: &'a Wanted,
    size: Size,
    pieces: Vec<Piece>,
    /// As many rows as are wanted still; a few more may be read.
    pub(super) most: usize,
    next: usize,
    current: Option<Current>,
}

/// The names of the columns of a file.
pub(super) fn header(files: &TableFiles, index: usize) -> Result<Vec<String>, SourceError> {
    let file = &files.files()[index];
    Ok(match file.format() {
        Format::Text => Segments::open(file)?.header().names.clone(),
        #[cfg(feature = "columnar")]
        _ => columnar::Opened::new(file)?.names(),
        #[cfg(not(feature = "columnar"))]
        _ => Vec::new(),
    })
}

/// Where the columns stand among those of a file.
fn positions(
    names: &[String],
    wanted: &Wanted,
    file: String,
    first: &TableFiles,
) -> Result<Vec<usize>, SourceError> {
    let position = |column: &String| {
        let found = names.iter().position(|name| name == column);
        found.ok_or_else(|| SourceError::MissingColumn {
            file: file.clone(),
            column: column.clone(),
            first: first.files()[0].name(),
        })
    };
    wanted.names.iter().map(position).collect()
}

impl<'a> Batches<'a> {
    pub(super) fn open(files: &'a TableFiles, wanted: &'a Wanted, size: Size) -> Self {
        let pieces = (0..files.files().len()).map(Piece::of_file).collect();
        Self::of_pieces(files, wanted, size, pieces)
    }

    pub(super) fn of_pieces(
        files: &'a TableFiles,
        wanted: &'a Wanted,
        size: Size,
        pieces: Vec<Piece>,
    ) -> Self {
        Self {
            files,
            wanted,
            size,
            pieces,
            most: usize::MAX,
            next: 0,
            current: None,
        }
    }

    /// How many columns are read.
    pub(super) fn columns(&self) -> usize {
        self.wanted.names.len()
    }

    /// What `work` makes of the next tables, in order; none after the last row.
    pub(super) fn next<T: Send>(
        &mut self,
        work: impl Fn(Table) -> Result<T, SourceError> + Sync,
    ) -> Result<Vec<T>, SourceError> {
        let most = PARTS_A_THREAD * rayon::current_num_threads();
        let most = most.min(self.most.div_ceil(self.size.rows));
        let mut parts = Vec::with_capacity(most);
        while parts.len() < most {
            match self.next_part()? {
                Some(part) => parts.push(part),
                None => break,
            }
        }
        let done = parallel::map_items(parts, |part| {
            work(match part {
                Part::Text(segment, wanted) => segment.table(&wanted)?,
                #[cfg(feature = "columnar")]
                Part::Columns(columns) => columns.table(self.wanted)?,
            })
        });
        done.into_iter().collect()
    }

    fn next_part(&mut self) -> Result<Option<Part>, SourceError> {
        loop {
            match &mut self.current {
                Some(Current::Text(segments, wanted)) => {
                    if let Some(segment) = segments.next(self.size.bytes)? {
                        return Ok(Some(Part::Text(segment, Arc::clone(wanted))));
                    }
                }
                #[cfg(feature = "columnar")]
                Some(Current::Columns(reader)) => {
                    if let Some(columns) = reader.next()? {
                        return Ok(Some(Part::Columns(columns)));
                    }
                }
                None => {}
            }
            let Some(piece) = self.pieces.get(self.next) else {
                self.current = None;
                return Ok(None);
            };
            let named = &self.files.files()[piece.file];
            self.next += 1;
            let file = named.name();
            self.current = Some(match named.format() {
                Format::Text => {
                    let segments = match Segments::open(named) {
                        // Of several files some may be empty, but not all.
                        Err(TableError::Empty { .. }) if self.files.files().len() > 1 => continue,
                        segments => segments?,
                    };
                    let names = &segments.header().names;
                    let positions = positions(names, self.wanted, file, self.files)?;
                    let kinds = self.wanted.kinds.iter().copied();
                    Current::Text(
                        segments,
                        Arc::new(positions.into_iter().zip(kinds).collect()),
                    )
                }
                #[cfg(feature = "columnar")]
                _ => {
                    let opened = columnar::Opened::new(named)?;
                    let positions = positions(&opened.names(), self.wanted, file, self.files)?;
                    Current::Columns(opened.read(positions, self.size.rows, piece)?)
                }
                #[cfg(not(feature = "columnar"))]
                Format::Parquet | Format::Arrow => continue,
            });
        }
    }
}
