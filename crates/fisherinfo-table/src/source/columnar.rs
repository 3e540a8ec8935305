//! Parquet and Arrow IPC files.

use super::SourceError;
use super::batches::{Piece, Wanted};
use super::cells::{column, is_supported};
use super::file::{Format, TableFile, Told};
#[cfg(feature = "object-store")]
use super::store::{Chunks, Tail};
use crate::table::{Column, Table, TableError};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::file::reader::ChunkReader;
use rayon::prelude::*;
use std::fs::File;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Successive rows of a file.
pub(super) struct Columns {
    file: Arc<str>,
    /// The rows of the file before these.
    before: u64,
    arrays: Vec<ArrayRef>,
}

/// The batches of a file, in order.
pub(super) struct Reader {
    source: Source,
    given: u64,
    batches: Batches,
}

enum Batches {
    /// Readers of some columns each, told by their places among those asked for: they decode side by
    /// side, and no more than a batch of each is held.
    Parquet(Vec<(Vec<usize>, ParquetRecordBatchReader)>),
    Arrow {
        reader: ArrowBatches,
        positions: Vec<usize>,
        most: usize,
        /// The batch at hand, and how many of its rows were given.
        current: Option<(RecordBatch, usize)>,
    },
}

/// What a file is called in messages.
fn name(kind: Format) -> &'static str {
    match kind {
        Format::Arrow => "Arrow",
        _ => "Parquet",
    }
}

fn damaged(file: &str, kind: Format, reason: impl ToString) -> SourceError {
    SourceError::Columnar {
        file: file.to_owned(),
        kind: name(kind),
        reason: reason.to_string(),
    }
}

/// A file whose columns are known.
pub(super) struct Opened {
    source: Source,
    schema: Arc<Schema>,
    contents: Contents,
}

/// What a decoder reads.
#[derive(Clone)]
struct Source {
    file: Arc<str>,
    kind: Format,
    trouble: Told,
}

enum Contents {
    Parquet(Box<(ArrowReaderMetadata, Pages)>),
    Arrow(ArrowBatches),
}

/// Where the pages of a Parquet file are.
enum Pages {
    Local(PathBuf),
    #[cfg(feature = "object-store")]
    Object(Tail),
}

type ArrowBatches = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>;

impl Source {
    /// What a decoder gives; where it panics, as on some damaged files, the file is damaged.
    fn guarded<T, E: ToString>(
        &self,
        decode: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, SourceError> {
        let result = match catch_unwind(AssertUnwindSafe(decode)) {
            Ok(Ok(decoded)) => return Ok(decoded),
            Ok(Err(error)) => damaged(&self.file, self.kind, error),
            Err(_) => damaged(&self.file, self.kind, "it contradicts itself"),
        };
        // What could not be read is no fault of the file.
        Err(match self.trouble.error(&self.file) {
            Some(below) => below.into(),
            None => result,
        })
    }
}

impl Opened {
    pub(super) fn new(file: &TableFile) -> Result<Self, SourceError> {
        let source = Source {
            file: file.name().into(),
            kind: file.format(),
            trouble: Told::default(),
        };
        if source.kind == Format::Parquet {
            Self::parquet(file, source)
        } else {
            Self::arrow(file, source)
        }
    }

    /// With the footer of a Parquet file.
    fn parquet(file: &TableFile, source: Source) -> Result<Self, SourceError> {
        let options = ArrowReaderOptions::new;
        let (metadata, pages) = match file {
            TableFile::Local(path) => {
                let opened = local(path)?;
                let load = || ArrowReaderMetadata::load(&opened, options());
                (source.guarded(load)?, Pages::Local(path.clone()))
            }
            #[cfg(feature = "object-store")]
            TableFile::Object(object) => {
                let tail = Tail::read(object, source.trouble.trouble.clone());
                let tail = source.guarded(|| tail)?;
                let load = || ArrowReaderMetadata::load(&tail, options());
                (source.guarded(load)?, Pages::Object(tail))
            }
            #[cfg(not(feature = "object-store"))]
            TableFile::Object(object) => match *object {},
        };
        Ok(Self {
            source,
            schema: metadata.schema().clone(),
            contents: Contents::Parquet(Box::new((metadata, pages))),
        })
    }

    /// An Arrow file, or, where it does not begin as one, a stream in a file.
    fn arrow(file: &TableFile, source: Source) -> Result<Self, SourceError> {
        let super::file::Opened {
            mut reader,
            trouble,
        } = file.open()?;
        let source = Source { trouble, ..source };
        let mut first = [0; 6];
        let is_file = match reader.read_exact(&mut first) {
            Ok(()) => first == *b"ARROW1",
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => false,
            Err(error) => return source.guarded(|| Err(error)),
        };
        source.guarded(|| reader.rewind())?;
        let (schema, batches): (_, ArrowBatches) = if is_file {
            let reader = source.guarded(|| FileReader::try_new(reader, None))?;
            (reader.schema(), Box::new(reader))
        } else {
            let reader = source.guarded(|| StreamReader::try_new(reader, None))?;
            (reader.schema(), Box::new(reader))
        };
        Ok(Self {
            source,
            schema,
            contents: Contents::Arrow(batches),
        })
    }

    /// The names of the columns.
    pub(super) fn names(&self) -> Vec<String> {
        let fields = self.schema.fields().iter();
        fields.map(|field| field.name().clone()).collect()
    }

    /// How many rows the row groups of a Parquet file have.
    pub(super) fn groups(&self) -> Vec<usize> {
        let Contents::Parquet(opened) = &self.contents else {
            return Vec::new();
        };
        let groups = opened.0.metadata().row_groups().iter();
        groups
            .map(|group| usize::try_from(group.num_rows()).unwrap_or_default())
            .collect()
    }

    /// The columns at these positions, at most `most` rows at a time.
    pub(super) fn read(
        self,
        positions: Vec<usize>,
        most: usize,
        piece: &Piece,
    ) -> Result<Reader, SourceError> {
        let Self {
            source,
            schema,
            contents,
        } = self;
        for &position in &positions {
            let field = schema.field(position);
            if !is_supported(field.data_type()) {
                return Err(SourceError::ColumnType {
                    file: source.file.to_string(),
                    column: field.name().clone(),
                    found: field.data_type().to_string(),
                });
            }
        }
        let batches = match contents {
            Contents::Parquet(opened) => {
                let (metadata, pages) = *opened;
                let mut places: Vec<usize> = (0..positions.len()).collect();
                places.sort_by_key(|&place| positions[place]);
                let readers = 2 * rayon::current_num_threads();
                let some = places.chunks(places.len().div_ceil(readers).max(1));
                let reader = |places: &[usize]| {
                    let roots: Vec<usize> = places.iter().map(|&place| positions[place]).collect();
                    let reader = match &pages {
                        // Each has the file open for itself: a copy of a handle would share its position.
                        Pages::Local(path) => {
                            columns_of(local(path)?, &source, &metadata, &roots, most, piece)?
                        }
                        #[cfg(feature = "object-store")]
                        Pages::Object(tail) => {
                            let share = roots.len() as f64 / positions.len() as f64;
                            let ranges = ranges(&metadata, &roots, piece);
                            let chunks = Chunks::new(tail, ranges, share);
                            columns_of(chunks, &source, &metadata, &roots, most, piece)?
                        }
                    };
                    Ok((places.to_vec(), reader))
                };
                Batches::Parquet(some.map(reader).collect::<Result<_, SourceError>>()?)
            }
            Contents::Arrow(reader) => Batches::Arrow {
                reader,
                positions,
                most,
                current: None,
            },
        };
        Ok(Reader {
            source,
            given: (piece.before + piece.skipped) as u64,
            batches,
        })
    }
}

fn local(path: &Path) -> Result<File, SourceError> {
    File::open(path).map_err(|error| {
        let file = path.display().to_string();
        TableError::Unreadable { file, error }.into()
    })
}

/// A reader of some columns of a Parquet file.
fn columns_of<T: ChunkReader + 'static>(
    pages: T,
    source: &Source,
    metadata: &ArrowReaderMetadata,
    roots: &[usize],
    most: usize,
    piece: &Piece,
) -> Result<ParquetRecordBatchReader, SourceError> {
    source.guarded(|| {
        let roots = ProjectionMask::roots(metadata.parquet_schema(), roots.iter().copied());
        let mut builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(pages, metadata.clone())
                .with_projection(roots)
                .with_batch_size(most);
        if let Some(groups) = &piece.groups {
            builder = builder.with_row_groups(groups.clone().collect());
        }
        if piece.skipped > 0 {
            builder = builder.with_offset(piece.skipped);
        }
        builder.build()
    })
}

/// Where columns lie in a file, each in the order in which it is read.
#[cfg(feature = "object-store")]
fn ranges(
    metadata: &ArrowReaderMetadata,
    roots: &[usize],
    piece: &Piece,
) -> Vec<Vec<std::ops::Range<u64>>> {
    let schema = metadata.parquet_schema();
    let groups = metadata.metadata().row_groups();
    let groups = match &piece.groups {
        Some(some) => groups.get(some.clone()).unwrap_or_default(),
        None => groups,
    };
    let leaves =
        (0..schema.num_columns()).filter(|&leaf| roots.contains(&schema.get_column_root_idx(leaf)));
    let of_leaf = |leaf: usize| {
        let columns = groups.iter().map(|group| group.column(leaf));
        let (mut ranges, mut end) = (Vec::new(), 0);
        for column in columns {
            let (start, length) = column.byte_range();
            // A damaged footer may say anything.
            if start < end {
                break;
            }
            end = start.saturating_add(length);
            ranges.push(start..end);
        }
        ranges
    };
    leaves.map(of_leaf).collect()
}

impl Reader {
    /// The next rows; none after the last.
    pub(super) fn next(&mut self) -> Result<Option<Columns>, SourceError> {
        let source = &self.source;
        let arrays = match &mut self.batches {
            Batches::Parquet(readers) => {
                let next: Vec<Option<(&[usize], RecordBatch)>> = readers
                    .par_iter_mut()
                    .map(|(places, reader)| {
                        let batch = source.guarded(|| reader.next().transpose())?;
                        Ok(batch.map(|batch| (places.as_slice(), batch)))
                    })
                    .collect::<Result<_, SourceError>>()?;
                let batches: Option<Vec<_>> = next.into_iter().collect();
                batches.map(|batches| {
                    let mut arrays: Vec<(usize, ArrayRef)> = batches
                        .into_iter()
                        .flat_map(|(places, batch)| {
                            let columns = batch.columns().to_vec();
                            places.iter().copied().zip(columns)
                        })
                        .collect();
                    arrays.sort_by_key(|(place, _)| *place);
                    arrays.into_iter().map(|(_, array)| array).collect()
                })
            }
            Batches::Arrow {
                reader,
                positions,
                most,
                current,
            } => loop {
                match current {
                    Some((batch, given)) if *given < batch.num_rows() => {
                        let rows = (batch.num_rows() - *given).min(*most);
                        let slice = batch.slice(*given, rows);
                        *given += rows;
                        let columns = positions.iter();
                        break Some(columns.map(|&p| slice.column(p).clone()).collect());
                    }
                    _ => match source.guarded(|| reader.next().transpose())? {
                        Some(batch) => *current = Some((batch, 0)),
                        None => break None,
                    },
                }
            },
        };
        let Some(arrays): Option<Vec<ArrayRef>> = arrays else {
            return Ok(None);
        };
        let rows = arrays.first().map_or(0, |array| array.len());
        if arrays.iter().any(|array| array.len() != rows) {
            let why = "its columns differ in length";
            return Err(damaged(&source.file, source.kind, why));
        }
        let before = self.given;
        self.given += rows as u64;
        Ok(Some(Columns {
            file: source.file.clone(),
            before,
            arrays,
        }))
    }
}

impl Columns {
    /// As columns of numbers or text.
    pub(super) fn table(&self, wanted: &Wanted) -> Result<Table, SourceError> {
        let columns = wanted
            .names
            .iter()
            .zip(&self.arrays)
            .map(|(name, array)| {
                column(name, array).ok_or_else(|| SourceError::ColumnType {
                    file: self.file.to_string(),
                    column: name.clone(),
                    found: array.data_type().to_string(),
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let rows = columns.first().map_or(0, Column::len) as u64;
        let rows = (self.before + 1..=self.before + rows).collect();
        Ok(Table::assemble(
            self.file.to_string(),
            columns,
            rows,
            false,
        )?)
    }
}
