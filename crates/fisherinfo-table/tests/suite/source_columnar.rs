//! Parquet and Arrow files against the same rows as CSV.

use crate::common::draws;
use crate::source::{files, fit_of, streamed};
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float32Array, Float64Array, Int64Array, ListArray,
    RecordBatch, StringArray, types::Int32Type,
};
use fisherinfo_table::Missing;
use fisherinfo_table::glm::Family;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use std::sync::Arc;

/// Columns of several types, some with missing cells.
pub(crate) fn batch(seed: u64, rows: usize) -> RecordBatch {
    let mut next = draws(seed);
    let (mut y, mut x, mut small, mut flag, mut group, mut ward) =
        (vec![], vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let here = next(3);
        y.push(Some(i64::try_from(next(5) + here).unwrap()));
        x.push((next(20) > 0).then(|| next(1000) as f64 / 300.0));
        small.push(Some(next(64) as f32 / 8.0));
        flag.push(Some(next(2) == 1));
        group.push((next(25) > 0).then(|| ["b", "a", "c, d"][here as usize]));
        ward.push(["w1", "w0"][next(2) as usize]);
    }
    let ward: DictionaryArray<Int32Type> = ward.into_iter().collect();
    RecordBatch::try_from_iter([
        ("y", Arc::new(Int64Array::from(y)) as ArrayRef),
        ("x", Arc::new(Float64Array::from(x))),
        ("small", Arc::new(Float32Array::from(small))),
        ("flag", Arc::new(BooleanArray::from(flag))),
        ("group", Arc::new(StringArray::from(group))),
        ("ward", Arc::new(ward)),
    ])
    .unwrap()
}

pub(crate) fn parquet(batch: &RecordBatch, row_group: usize, compression: Compression) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(row_group))
        .set_compression(compression)
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

pub(crate) fn arrow(batch: &RecordBatch, rows: usize, as_stream: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let parts = (0..batch.num_rows())
        .step_by(rows)
        .map(|start| batch.slice(start, rows.min(batch.num_rows() - start)));
    if as_stream {
        let mut writer =
            arrow_ipc::writer::StreamWriter::try_new(&mut bytes, &batch.schema()).unwrap();
        parts.for_each(|part| writer.write(&part).unwrap());
        writer.finish().unwrap();
        drop(writer);
    } else {
        let mut writer =
            arrow_ipc::writer::FileWriter::try_new(&mut bytes, &batch.schema()).unwrap();
        parts.for_each(|part| writer.write(&part).unwrap());
        writer.finish().unwrap();
        drop(writer);
    }
    bytes
}

pub(crate) fn csv(batch: &RecordBatch) -> Vec<u8> {
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float32Type, Float64Type, Int64Type};
    let column = |name: &str| batch.column_by_name(name).unwrap();
    let ward = column("ward").as_dictionary::<Int32Type>();
    let wards = ward.values().as_string::<i32>();
    let mut text = String::from("y,x,small,flag,group,ward\n");
    let group = column("group").as_string::<i32>();
    for row in 0..batch.num_rows() {
        let x = column("x")
            .as_primitive::<Float64Type>()
            .iter()
            .nth(row)
            .unwrap();
        text.push_str(&format!(
            "{},{},{},{},{},{}\n",
            column("y").as_primitive::<Int64Type>().value(row),
            x.map_or(String::new(), |x| x.to_string()),
            column("small").as_primitive::<Float32Type>().value(row),
            u8::from(column("flag").as_boolean().value(row)),
            group
                .iter()
                .nth(row)
                .unwrap()
                .map_or(String::new(), |g| format!("\"{g}\"")),
            wards.value(ward.keys().value(row) as usize),
        ));
    }
    text.into_bytes()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

const FORMULA: &str = "y ~ x + small + flag + group + C(ward)";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever the format, the row groups and the split, the bits are those of one CSV file.
    #[test]
    fn formats_change_no_bit(seed in 1..1000_u64, rows in 60..400_usize, size in 1..300_usize, cut in 1..59_usize) {
        let batch = batch(seed, rows);
        let (_folder, paths) = files(&[("whole.csv", csv(&batch))]);
        let design = streamed(&paths, FORMULA, Missing::Drop).unwrap();
        let (terms, dropped) = (design.terms().to_vec(), design.dropped_rows());
        let wanted = bits(&fit_of(design, Family::Poisson).unwrap());
        let (head, tail) = (batch.slice(0, cut), batch.slice(cut, rows - cut));
        let zstd = Compression::ZSTD(ZstdLevel::default());
        for parts in [
            vec![("a.parquet", parquet(&batch, size, Compression::SNAPPY))],
            vec![("a.parquet", parquet(&head, size, zstd)), ("b.parquet", parquet(&tail, rows, Compression::UNCOMPRESSED))],
            vec![("a.arrow", arrow(&batch, size, false))],
            vec![("a.arrow", arrow(&head, size, true)), ("b.csv", csv(&tail))],
            vec![("a.csv", csv(&head)), ("b.parquet", parquet(&tail, size, Compression::LZ4_RAW))],
        ] {
            let (_folder, paths) = files(&parts);
            let design = streamed(&paths, FORMULA, Missing::Drop).unwrap();
            prop_assert_eq!(design.terms(), terms.as_slice());
            prop_assert_eq!(design.dropped_rows(), dropped);
            prop_assert_eq!(&bits(&fit_of(design, Family::Poisson).unwrap()), &wanted);
        }
    }

    /// A damaged file has an answer or one error.
    #[test]
    fn damaged_files(
        kind in 0..3_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let batch = batch(3, 50);
        let (name, mut bytes) = [
            ("a.parquet", parquet(&batch, 20, Compression::SNAPPY)),
            ("a.arrow", arrow(&batch, 20, false)),
            ("a.arrow", arrow(&batch, 20, true)),
        ][kind].clone();
        for (index, byte) in changes {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let (_folder, paths) = files(&[(name, bytes)]);
        if let Ok(design) = streamed(&paths, FORMULA, Missing::Drop) {
            let _ = fit_of(design, Family::Poisson);
        }
    }
}

#[test]
fn truncated_parquet_and_arrow() {
    let batch = batch(7, 100);
    for (name, bytes) in [
        ("a.parquet", parquet(&batch, 30, Compression::SNAPPY)),
        ("a.arrow", arrow(&batch, 30, false)),
    ] {
        for length in (0..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
            let (_folder, paths) = files(&[(name, bytes[..length].to_vec())]);
            let error = streamed(&paths, FORMULA, Missing::Drop)
                .unwrap_err()
                .to_string();
            assert!(
                error.contains("the file was cut short or is damaged"),
                "{length} {error}"
            );
            assert!(error.contains(name) && !error.contains('\n'), "{error}");
        }
    }
}

#[test]
fn columns_of_other_types() {
    let lists = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1)]), None]);
    let batch = RecordBatch::try_from_iter([
        (
            "y",
            Arc::new(Float64Array::from(vec![1.0, 2.0])) as ArrayRef,
        ),
        ("list", Arc::new(lists)),
    ])
    .unwrap();
    let (_folder, paths) = files(&[("a.parquet", parquet(&batch, 10, Compression::SNAPPY))]);
    let error = streamed(&paths, "y ~ list", Missing::Drop)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("a.parquet, column list: values of type List"),
        "{error}"
    );
    // One that is not used is not in the way.
    assert!(streamed(&paths, "y ~ 1", Missing::Drop).is_ok());
    let text = batch_of_text();
    let (_folder, paths) = files(&[
        ("a.csv", b"y,x\n1,2\n2,3\n".to_vec()),
        ("b.parquet", parquet(&text, 10, Compression::SNAPPY)),
    ]);
    let error = streamed(&paths, "y ~ x", Missing::Drop)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("b.parquet, row 1, column x: \"low\" is not a number"),
        "{error}"
    );
}

fn batch_of_text() -> RecordBatch {
    RecordBatch::try_from_iter([
        (
            "y",
            Arc::new(Float64Array::from(vec![1.0, 2.0])) as ArrayRef,
        ),
        ("x", Arc::new(StringArray::from(vec!["low", "high"]))),
    ])
    .unwrap()
}
