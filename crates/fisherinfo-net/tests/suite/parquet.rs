//! Parquet files of numbers, images, texts and tokens, and what is said of others.

use arrow_array::types::{Float32Type, Int32Type, UInt8Type};
use arrow_array::{
    ArrayRef, BooleanArray, FixedSizeListArray, Float64Array, Int64Array, ListArray, RecordBatch,
    StringArray, UInt8Array,
};
use fisherinfo_net::file::{parquet_columns, read_csv, read_parquet, read_parquet_documents};
use parquet::arrow::ArrowWriter;
use proptest::prelude::*;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

fn write(path: &Path, columns: &[(&str, ArrayRef)]) {
    let batch = RecordBatch::try_from_iter(columns.iter().cloned()).unwrap();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn names(labels: &[&str]) -> Vec<String> {
    labels.iter().map(|label| (*label).to_owned()).collect()
}

/// More rows than are decoded at once, of several types, the labels among the inputs: as the same in a CSV file.
#[test]
fn a_table_is_that_of_the_csv_file() {
    let folder = tempfile::tempdir().unwrap();
    let rows = 2500;
    let a: Vec<f64> = (0..rows).map(|i| f64::from(i) / 7.0 - 100.0).collect();
    let b: Vec<i64> = (0..rows).map(|i| i64::from(i * i % 1001) - 500).collect();
    let c: Vec<u8> = (0..rows).map(|i| (i % 251) as u8).collect();
    let d: Vec<bool> = (0..rows).map(|i| i % 3 == 0).collect();
    let mut csv = String::from("a,label,c,other\n");
    for i in 0..rows as usize {
        writeln!(csv, "{},{},{},{}", a[i], b[i], c[i], u8::from(d[i])).unwrap();
    }
    std::fs::write(folder.path().join("t.csv"), csv).unwrap();
    let path = folder.path().join("t.parquet");
    write(
        &path,
        &[
            ("a", Arc::new(Float64Array::from(a))),
            ("label", Arc::new(Int64Array::from(b))),
            ("c", Arc::new(UInt8Array::from(c))),
            ("other", Arc::new(BooleanArray::from(d))),
        ],
    );
    assert_eq!(
        parquet_columns(&path).unwrap(),
        ["a", "label", "c", "other"]
    );
    for labels in [names(&["label"]), names(&["other", "a"])] {
        let of_csv = read_csv(&folder.path().join("t.csv"), &labels).unwrap();
        let found = read_parquet(&path, &labels).unwrap();
        assert_eq!(found.len(), 2500);
        assert_eq!(found.hash(), of_csv.hash());
    }
}

/// Images of 2 × 3 in one column, as lists of lists of one size and as lists that happen to be of one length.
#[test]
fn a_column_may_hold_images() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let rows = 1100_i32;
    let pixels: Vec<u8> = (0..rows * 6).map(|i| (i % 255) as u8).collect();
    let row = |i: usize| Some(pixels[3 * i..3 * i + 3].iter().map(|v| Some(*v)));
    let lines = FixedSizeListArray::from_iter_primitive::<UInt8Type, _, _>(
        (0..2 * rows as usize).map(row),
        3,
    );
    let field = Arc::new(arrow_schema::Field::new(
        "item",
        arrow_array::Array::data_type(&lines).clone(),
        true,
    ));
    let images = FixedSizeListArray::try_new(field, 2, Arc::new(lines), None).unwrap();
    let beside = (0..rows).map(|i| Some(vec![Some(i as f32), Some(-0.5)]));
    let beside = ListArray::from_iter_primitive::<Float32Type, _, _>(beside);
    let labels: Vec<i64> = (0..rows).map(|i| i64::from(i % 10)).collect();
    write(
        &path,
        &[
            ("image", Arc::new(images)),
            ("label", Arc::new(Int64Array::from(labels))),
            ("beside", Arc::new(beside)),
        ],
    );
    let found = read_parquet(&path, &names(&["label"])).unwrap();
    let mut last: Vec<f64> = pixels[1099 * 6..].iter().map(|v| f64::from(*v)).collect();
    last.extend([1099.0, -0.5]);
    assert_eq!(found.inputs(1099..1100), last);
    assert_eq!(found.labels(1099..1100), [9.0]);
    assert_eq!(found.inputs(0..2)[6..8], [0.0, -0.5]);
}

#[test]
fn texts_and_tokens_are_documents() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["one", "ein anderer"]));
    let labels: ArrayRef = Arc::new(Int64Array::from(vec![3, 4]));
    let other: ArrayRef = Arc::new(StringArray::from(vec!["x", "y"]));
    write(
        &path,
        &[
            ("other", other),
            ("text", Arc::clone(&texts)),
            ("label", Arc::clone(&labels)),
        ],
    );
    let found = read_parquet_documents(&path).unwrap();
    assert_eq!(found[1].content, Ok("ein anderer".into()));
    assert_eq!((found[1].label, found[1].line), (Some(4.0), 2));
    let list = |rows: Vec<Vec<i32>>| -> ArrayRef {
        let rows = rows.into_iter().map(|row| Some(row.into_iter().map(Some)));
        Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(rows))
    };
    let tokens = list(vec![vec![5, 6, 7], vec![8]]);
    write(&path, &[("input_ids", Arc::clone(&tokens))]);
    let found = read_parquet_documents(&path).unwrap();
    assert_eq!(found[0].content, Err(vec![5, 6, 7]));
    assert_eq!((&found[1].content, found[1].label), (&Err(vec![8]), None));
    let refused = |columns: &[(&str, ArrayRef)]| {
        write(&path, columns);
        read_parquet_documents(&path).unwrap_err().to_string()
    };
    assert!(
        refused(&[("text", Arc::clone(&texts)), ("input_ids", tokens)]).contains("it has both")
    );
    assert!(refused(&[("label", labels)]).contains("no column `text` or `input_ids`"));
    let negative = refused(&[("input_ids", list(vec![vec![1], vec![2, -3]]))]);
    assert!(
        negative.contains("row 2: column `input_ids` has -3, which is no token"),
        "{negative}"
    );
    let nothing: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None]));
    assert!(refused(&[("text", nothing)]).contains("row 2: column `text` has nothing"));
}

#[test]
fn what_has_no_numbers_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let labels: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
    let refused = |column: ArrayRef| {
        write(&path, &[("x", column), ("label", Arc::clone(&labels))]);
        let error = read_parquet(&path, &names(&["label"])).unwrap_err();
        error.to_string()
    };
    let with = |numbers: Vec<Option<f64>>| refused(Arc::new(Float64Array::from(numbers)));
    assert!(with(vec![Some(1.0), Some(2.0), None]).contains("row 3: column `x` has nothing"));
    let infinite = with(vec![Some(1.0), Some(f64::NAN), Some(1.0)]);
    assert!(
        infinite.contains("row 2: column `x` has NaN, which is no finite number"),
        "{infinite}"
    );
    let texts = refused(Arc::new(StringArray::from(vec!["a", "b", "c"])));
    assert!(
        texts.contains("column `x` has values of the type Utf8"),
        "{texts}"
    );
    let uneven = [vec![1, 2], vec![1], vec![2, 3]];
    let uneven = uneven.map(|row| Some(row.into_iter().map(Some)));
    let uneven = refused(Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(
        uneven,
    )));
    assert!(
        uneven.contains("row 2: column `x` has a list of 1"),
        "{uneven}"
    );
    let error = read_parquet(&path, &names(&["y"])).unwrap_err().to_string();
    assert!(
        error.contains("no column `y`; the last are x, label"),
        "{error}"
    );
    std::fs::write(&path, "PAR1").unwrap();
    let error = read_parquet(&path, &names(&["y"])).unwrap_err().to_string();
    assert!(error.contains("is no Parquet file of examples"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A file that is cut off, and one with bytes that were changed: an error or numbers, and no panic.
    #[test]
    fn damaged_files_are_errors(cut in 0.0..2.0_f64, changes in prop::collection::vec((0.0..1.0_f64, any::<u8>()), 1..4)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        let rows = (0..50).map(|i| Some(vec![Some(i), Some(i * i)]));
        let pairs: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(rows));
        let labels: ArrayRef = Arc::new(Int64Array::from_iter_values(0..50));
        write(&path, &[("x", pairs), ("label", labels)]);
        let mut bytes = std::fs::read(&path).unwrap();
        for (place, value) in changes {
            let at = (place * bytes.len() as f64) as usize;
            bytes[at] = value;
        }
        if cut < 1.0 {
            bytes.truncate((cut * bytes.len() as f64) as usize);
        }
        std::fs::write(&path, &bytes).unwrap();
        if let Ok(data) = read_parquet(&path, &names(&["label"])) {
            prop_assert_eq!(data.inputs(0..data.len()).len() % data.len(), 0);
        }
        let _ = read_parquet_documents(&path);
    }
}
