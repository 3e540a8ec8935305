//! Parquet files: tables of numbers and of lists of numbers, texts and tokens.

use super::FileError;
use crate::dataset::Dataset;
use crate::text::Document;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Rows that are decoded at once.
const ROWS: usize = 1024;

/// The names of the columns of a Parquet file, in order.
///
/// # Errors
/// A file that cannot be read, or is none.
pub fn parquet_columns(path: &Path) -> Result<Vec<String>, FileError> {
    let reader = Reader::open(path)?;
    Ok(reader.names())
}

/// Reads examples from a Parquet file: the columns of `labels` in that order, and all others as inputs in the
/// order of the file. A column has numbers, or lists of numbers, lists of lists too, of one length: an image in
/// one column.
///
/// # Errors
/// A file that cannot be read or is none, a label column that is not there, a column without numbers, a row with
/// none or with a list of another length; the column and the row are named.
pub fn read_parquet(path: &Path, labels: &[String]) -> Result<Dataset, FileError> {
    let reader = Reader::open(path)?;
    let names = reader.names();
    let mut targets = Vec::with_capacity(labels.len());
    for label in labels {
        let place = names.iter().position(|name| name == label);
        targets.push(place.ok_or_else(|| reader.malformed(no_column(&names, label)))?);
    }
    let inputs: Vec<usize> = (0..names.len()).filter(|i| !targets.contains(i)).collect();
    let mut all = (Vec::new(), Vec::new());
    let mut widths: Vec<Option<usize>> = vec![None; names.len()];
    let mut before = 0;
    reader.each(|reader, batch| {
        let mut columns = Vec::with_capacity(names.len());
        for (place, array) in batch.columns().iter().enumerate() {
            let (width, numbers) = numbers(array.as_ref())
                .map_err(|fault| reader.cell(before, &names[place], &fault))?;
            let known = *widths[place].get_or_insert(width);
            if known != width {
                let reason = format!("a list of {width} numbers, where others have {known}");
                return Err(reader.cell(before, &names[place], &Fault::at(0, reason)));
            }
            if let Some(i) = numbers.iter().position(|v| !v.is_finite()) {
                let reason = format!("{}, which is no finite number", numbers[i]);
                let row = i / width.max(1);
                return Err(reader.cell(before, &names[place], &Fault::at(row, reason)));
            }
            columns.push((width, numbers));
        }
        for row in 0..batch.num_rows() {
            for (places, into) in [(&inputs, &mut all.0), (&targets, &mut all.1)] {
                for &place in places {
                    let (width, numbers) = &columns[place];
                    into.extend_from_slice(&numbers[row * width..(row + 1) * width]);
                }
            }
        }
        before += batch.num_rows();
        Ok(())
    })?;
    let width = inputs.iter().map(|i| widths[*i].unwrap_or(1)).sum();
    let malformed = |reason: String| malformed(path, reason);
    Dataset::new(all.0, width, all.1).map_err(|error| malformed(error.to_string()))
}

/// Reads texts from a Parquet file: a column `text`, or `input_ids` with lists of the numbers of tokens, and
/// perhaps `label`; other columns are passed over.
///
/// # Errors
/// A file that cannot be read or is none; neither of the columns, or both; a row without a text, or with a number
/// that is no token. The column and the row are named.
pub fn read_parquet_documents(path: &Path) -> Result<Vec<Document>, FileError> {
    let reader = Reader::open(path)?;
    let names = reader.names();
    let place = |wanted: &str| names.iter().position(|name| name == wanted);
    let (texts, tokens, labels) = (place("text"), place("input_ids"), place("label"));
    let column = match (texts, tokens) {
        (Some(column), None) | (None, Some(column)) => column,
        (None, None) => return Err(reader.malformed(no_column(&names, "text` or `input_ids"))),
        (Some(_), Some(_)) => {
            return Err(reader.malformed("it has both `text` and `input_ids`".into()));
        }
    };
    let mut documents = Vec::new();
    reader.each(|reader, batch| {
        let before = documents.len();
        let array = batch.column(column).as_ref();
        let of_column = |fault: Fault| reader.cell(before, &names[column], &fault);
        let classes = match labels {
            Some(place) => {
                let found = numbers(batch.column(place).as_ref());
                let found = found.and_then(|(width, numbers)| match width {
                    1 => Ok(numbers),
                    _ => Err(Fault::at(0, "a list, and a class is one number".into())),
                });
                Some(found.map_err(|fault| reader.cell(before, &names[place], &fault))?)
            }
            None => None,
        };
        for row in 0..batch.num_rows() {
            let content = match texts {
                Some(_) => Ok(text(array, row).map_err(of_column)?),
                None => Err(token_numbers(array, row).map_err(of_column)?),
            };
            documents.push(Document {
                line: (before + row + 1) as u64,
                content,
                label: classes.as_ref().map(|classes| classes[row]),
            });
        }
        Ok(())
    })?;
    Ok(documents)
}

/// What is wrong with a row of a column.
struct Fault {
    /// In its batch, from 0.
    row: usize,
    found: String,
}

impl Fault {
    fn at(row: usize, found: String) -> Self {
        Self { row, found }
    }
}

struct Reader<'a> {
    path: &'a Path,
    builder: ParquetRecordBatchReaderBuilder<File>,
}

impl<'a> Reader<'a> {
    fn open(path: &'a Path) -> Result<Self, FileError> {
        let file = File::open(path).map_err(|error| FileError::NotRead {
            file: path.display().to_string(),
            error,
        })?;
        let builder = guarded(path, || ParquetRecordBatchReaderBuilder::try_new(file))?;
        Ok(Self { path, builder })
    }

    fn names(&self) -> Vec<String> {
        let fields = self.builder.schema().fields().iter();
        fields.map(|field| field.name().clone()).collect()
    }

    fn malformed(&self, reason: String) -> FileError {
        malformed(self.path, reason)
    }

    /// Gives f every batch, in order.
    fn each(
        self,
        mut f: impl FnMut(&Place<'_>, &RecordBatch) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        let place = Place(self.path);
        let builder = self.builder.with_batch_size(ROWS);
        let mut batches = guarded(self.path, || builder.build())?;
        while let Some(batch) = guarded(self.path, || batches.next().transpose())? {
            f(&place, &batch)?;
        }
        Ok(())
    }
}

/// Where faults are.
struct Place<'a>(&'a Path);

impl Place<'_> {
    fn cell(&self, before: usize, column: &str, fault: &Fault) -> FileError {
        FileError::Row {
            file: self.0.display().to_string(),
            row: (before + fault.row + 1) as u64,
            reason: format!("column `{column}` has {}", fault.found),
        }
    }
}

fn malformed(path: &Path, reason: String) -> FileError {
    FileError::Malformed {
        file: path.display().to_string(),
        what: "no Parquet file of examples",
        reason,
    }
}

fn no_column(names: &[String], wanted: &str) -> String {
    let last = names[names.len().saturating_sub(5)..].join(", ");
    format!("it has no column `{wanted}`; the last are {last}")
}

/// What a decoder gives; some panic on damaged files.
fn guarded<T, E: ToString>(
    path: &Path,
    decode: impl FnOnce() -> Result<T, E>,
) -> Result<T, FileError> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(decoded)) => Ok(decoded),
        Ok(Err(error)) => Err(malformed(path, error.to_string())),
        Err(_) => Err(malformed(path, "it contradicts itself".into())),
    }
}

/// The numbers of a column, and how many each row has.
fn numbers(array: &dyn Array) -> Result<(usize, Vec<f64>), Fault> {
    if let Some(row) = (0..array.len()).find(|row| array.is_null(*row)) {
        return Err(Fault::at(row, "nothing".into()));
    }
    macro_rules! primitive {
        ($($kind:ident $of:ty),*) => {
            match array.data_type() {
                $(DataType::$kind => {
                    let values = array.as_primitive::<$of>().values().iter();
                    Some(values.map(|v| *v as f64).collect())
                })*
                DataType::Boolean => {
                    let values = array.as_boolean().values().iter();
                    Some(values.map(|v| f64::from(u8::from(v))).collect())
                }
                _ => None,
            }
        };
    }
    let plain: Option<Vec<f64>> = primitive!(
        Float64 Float64Type, Float32 Float32Type, Int8 Int8Type, Int16 Int16Type, Int32 Int32Type,
        Int64 Int64Type, UInt8 UInt8Type, UInt16 UInt16Type, UInt32 UInt32Type, UInt64 UInt64Type
    );
    if let Some(plain) = plain {
        return Ok((1, plain));
    }
    let rows = array.len();
    let (first, length, inner) = match array.data_type() {
        DataType::FixedSizeList(_, length) => {
            let length = usize::try_from(*length).unwrap_or(0);
            (0, length, array.as_fixed_size_list().values())
        }
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            let ends = list.value_offsets().iter().map(|v| *v as usize);
            let (first, length) = even(ends)?;
            (first, length, list.values())
        }
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            let ends = list.value_offsets().iter().map(|v| *v as usize);
            let (first, length) = even(ends)?;
            (first, length, list.values())
        }
        other => {
            return Err(Fault::at(
                0,
                format!("values of the type {other}, and no numbers"),
            ));
        }
    };
    let inner = inner.slice(first, length * rows);
    let (width, values) = numbers(inner.as_ref()).map_err(|fault| Fault {
        row: fault.row / length.max(1),
        ..fault
    })?;
    Ok((length * width, values))
}

/// Where the first list begins, and how long each is.
fn even(ends: impl Iterator<Item = usize>) -> Result<(usize, usize), Fault> {
    let ends: Vec<usize> = ends.collect();
    let first = ends.first().copied().unwrap_or(0);
    let lengths: Vec<usize> = ends.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let length = lengths.first().copied().unwrap_or(0);
    match lengths.iter().position(|other| *other != length) {
        Some(row) => Err(Fault::at(
            row,
            format!(
                "a list of {}, where the one before has {length}",
                lengths[row]
            ),
        )),
        None => Ok((first, length)),
    }
}

fn text(array: &dyn Array, row: usize) -> Result<String, Fault> {
    if array.is_null(row) {
        return Err(Fault::at(row, "nothing".into()));
    }
    match array.data_type() {
        DataType::Utf8 => Ok(array.as_string::<i32>().value(row).into()),
        DataType::LargeUtf8 => Ok(array.as_string::<i64>().value(row).into()),
        DataType::Utf8View => Ok(array.as_string_view().value(row).into()),
        other => Err(Fault::at(
            row,
            format!("values of the type {other}, and no texts"),
        )),
    }
}

fn token_numbers(array: &dyn Array, row: usize) -> Result<Vec<u32>, Fault> {
    if array.is_null(row) {
        return Err(Fault::at(row, "nothing".into()));
    }
    let list = match array.data_type() {
        DataType::FixedSizeList(..) => array.as_fixed_size_list().value(row),
        DataType::List(_) => array.as_list::<i32>().value(row),
        DataType::LargeList(_) => array.as_list::<i64>().value(row),
        other => {
            return Err(Fault::at(
                row,
                format!("values of the type {other}, and no lists"),
            ));
        }
    };
    let (width, values) = numbers(list.as_ref()).map_err(|fault| Fault { row, ..fault })?;
    let token = |v: f64| {
        let is_token = v >= 0.0 && v <= f64::from(u32::MAX) && v.fract() == 0.0 && width == 1;
        match is_token {
            true => Ok(v as u32),
            false => Err(Fault::at(row, format!("{v}, which is no token"))),
        }
    };
    values.into_iter().map(token).collect()
}
