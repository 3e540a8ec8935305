//! Parquet and Arrow IPC files.

use super::SourceError;
use super::batches::{Piece, Wanted};
use super::files::Format;
use crate::table::{Column, Table};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, types};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, DataType, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use rayon::prelude::*;
use std::fs::File;
use std::io::{BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
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
    file: Arc<str>,
    kind: Format,
    given: u64,
    batches: Batches,
}

enum Batches {
    /// Readers of some columns each, told by their places among those asked for: they decode side by
    /// side, and no more than a batch of each is held.
    Parquet(Vec<(Vec<usize>, ParquetRecordBatchReader)>),
    Arrow {
        reader: Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>,
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

/// What a decoder gives; where it panics, as on some damaged files, the file is damaged.
fn guarded<T, E: ToString>(
    file: &str,
    kind: Format,
    decode: impl FnOnce() -> Result<T, E>,
) -> Result<T, SourceError> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(result) => result.map_err(|error| damaged(file, kind, error)),
        Err(_) => Err(damaged(file, kind, "it contradicts itself")),
    }
}

fn open(path: &Path) -> Result<(Arc<str>, File), SourceError> {
    let file: Arc<str> = path.display().to_string().into();
    match File::open(path) {
        Ok(opened) => Ok((file, opened)),
        Err(error) => Err(crate::table::TableError::Unreadable {
            file: file.to_string(),
            error,
        }
        .into()),
    }
}

/// The footer of a Parquet file.
fn footer(path: &Path) -> Result<(Arc<str>, ArrowReaderMetadata), SourceError> {
    let (file, opened) = open(path)?;
    let metadata = guarded(&file, Format::Parquet, || {
        ArrowReaderMetadata::load(&opened, ArrowReaderOptions::new())
    })?;
    Ok((file, metadata))
}

type ArrowBatches = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>;

/// An Arrow file, or, where it does not begin as one, a stream in a file.
fn arrow(path: &Path) -> Result<(Arc<str>, Arc<Schema>, ArrowBatches), SourceError> {
    let (file, mut opened) = open(path)?;
    let mut first = [0; 6];
    let is_file = opened.read_exact(&mut first).is_ok() && first == *b"ARROW1";
    let (_, opened) = open(path)?;
    let reader = BufReader::with_capacity(1 << 20, opened);
    if is_file {
        let reader = guarded(&file, Format::Arrow, || FileReader::try_new(reader, None))?;
        let schema = reader.schema();
        return Ok((file.clone(), schema, Box::new(reader)));
    }
    let reader = guarded(&file, Format::Arrow, || StreamReader::try_new(reader, None))?;
    let schema = reader.schema();
    Ok((file.clone(), schema, Box::new(reader)))
}

/// The names of the columns of a file.
pub(super) fn names(path: &Path, kind: Format) -> Result<Vec<String>, SourceError> {
    let schema = if kind == Format::Parquet {
        footer(path)?.1.schema().clone()
    } else {
        arrow(path)?.1
    };
    let fields = schema.fields().iter();
    Ok(fields.map(|field| field.name().clone()).collect())
}

/// How many rows the row groups of a Parquet file have.
pub(super) fn groups(path: &Path) -> Result<Vec<usize>, SourceError> {
    let (_, metadata) = footer(path)?;
    let groups = metadata.metadata().row_groups().iter();
    Ok(groups
        .map(|group| usize::try_from(group.num_rows()).unwrap_or_default())
        .collect())
}

impl Reader {
    /// Of the columns at these positions, at most `most` rows at a time.
    pub(super) fn open(
        path: &Path,
        kind: Format,
        positions: Vec<usize>,
        most: usize,
        piece: &Piece,
    ) -> Result<Self, SourceError> {
        let (file, schema, batches) = if kind == Format::Parquet {
            let (file, metadata) = footer(path)?;
            let mut places: Vec<usize> = (0..positions.len()).collect();
            places.sort_by_key(|&place| positions[place]);
            let readers = 2 * rayon::current_num_threads();
            let reader = |places: &[usize]| {
                // Each has the file open for itself: a copy of a handle would share its position.
                let (_, opened) = open(path)?;
                let roots = places.iter().map(|&place| positions[place]);
                let reader = guarded(&file, kind, || {
                    let roots = ProjectionMask::roots(metadata.parquet_schema(), roots);
                    let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(
                        opened,
                        metadata.clone(),
                    )
                    .with_projection(roots)
                    .with_batch_size(most);
                    if let Some(groups) = &piece.groups {
                        builder = builder.with_row_groups(groups.clone().collect());
                    }
                    if piece.skipped > 0 {
                        builder = builder.with_offset(piece.skipped);
                    }
                    builder.build()
                })?;
                Ok((places.to_vec(), reader))
            };
            let readers = places
                .chunks(places.len().div_ceil(readers).max(1))
                .map(reader)
                .collect::<Result<_, SourceError>>()?;
            (
                file.clone(),
                metadata.schema().clone(),
                Batches::Parquet(readers),
            )
        } else {
            let (file, schema, reader) = arrow(path)?;
            let batches = Batches::Arrow {
                reader,
                positions: positions.clone(),
                most,
                current: None,
            };
            (file, schema, batches)
        };
        for position in positions {
            let field = schema.field(position);
            if !is_supported(field.data_type()) {
                return Err(SourceError::ColumnType {
                    file: file.to_string(),
                    column: field.name().clone(),
                    found: field.data_type().to_string(),
                });
            }
        }
        Ok(Self {
            file,
            kind,
            given: (piece.before + piece.skipped) as u64,
            batches,
        })
    }

    /// The next rows; none after the last.
    pub(super) fn next(&mut self) -> Result<Option<Columns>, SourceError> {
        let (file, kind) = (self.file.clone(), self.kind);
        let arrays = match &mut self.batches {
            Batches::Parquet(readers) => {
                let next: Vec<Option<(&[usize], RecordBatch)>> = readers
                    .par_iter_mut()
                    .map(|(places, reader)| {
                        let batch = guarded(&file, kind, || reader.next().transpose())?;
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
                    _ => match guarded(&file, kind, || reader.next().transpose())? {
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
            return Err(damaged(&self.file, kind, "its columns differ in length"));
        }
        let before = self.given;
        self.given += rows as u64;
        Ok(Some(Columns {
            file: self.file.clone(),
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

/// Numbers, truth values (1 and 0) and text.
fn is_supported(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => is_text(values),
        DataType::Null | DataType::Boolean => true,
        kind => is_text(kind) || kind.is_integer() || is_float(kind),
    }
}

fn is_text(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
    )
}

fn is_float(kind: &DataType) -> bool {
    matches!(kind, DataType::Float32 | DataType::Float64)
}

fn column(name: &str, array: &ArrayRef) -> Option<Column> {
    macro_rules! numbers {
        ($kind:ty) => {{
            let array = array.as_primitive_opt::<$kind>()?;
            let values = array.values().iter().map(|&value| value as f64);
            Column::numeric(name, with_nulls(array, values))
        }};
    }
    Some(match array.data_type() {
        DataType::Float64 => numbers!(types::Float64Type),
        DataType::Float32 => numbers!(types::Float32Type),
        DataType::Int8 => numbers!(types::Int8Type),
        DataType::Int16 => numbers!(types::Int16Type),
        DataType::Int32 => numbers!(types::Int32Type),
        DataType::Int64 => numbers!(types::Int64Type),
        DataType::UInt8 => numbers!(types::UInt8Type),
        DataType::UInt16 => numbers!(types::UInt16Type),
        DataType::UInt32 => numbers!(types::UInt32Type),
        DataType::UInt64 => numbers!(types::UInt64Type),
        DataType::Null => Column::numeric(name, vec![f64::NAN; array.len()]),
        DataType::Boolean => {
            let array = array.as_boolean_opt()?;
            let values = array.iter().map(|value| value.map_or(f64::NAN, f64::from));
            Column::numeric(name, values.collect())
        }
        DataType::Utf8 => Column::text(name, array.as_string_opt::<i32>()?.iter()),
        DataType::LargeUtf8 => Column::text(name, array.as_string_opt::<i64>()?.iter()),
        DataType::Utf8View => Column::text(name, array.as_string_view_opt()?.iter()),
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary_opt()?;
            let levels = column(name, dictionary.values())?;
            let crate::table::Cells::Text(levels) = levels.cells() else {
                return None;
            };
            if dictionary.values().is_empty() {
                return Some(Column::text(name, vec![None::<&str>; array.len()]));
            }
            let keys = dictionary.normalized_keys();
            let cell = |row: usize| {
                (!array.is_null(row))
                    .then(|| levels.get(keys[row]))
                    .flatten()
            };
            Column::text(name, (0..array.len()).map(cell))
        }
        _ => return None,
    })
}

/// NaN where a value is missing.
fn with_nulls(array: &dyn Array, values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    if let Some(nulls) = array.nulls() {
        for (value, present) in values.iter_mut().zip(nulls.iter()) {
            if !present {
                *value = f64::NAN;
            }
        }
    }
    values
}
