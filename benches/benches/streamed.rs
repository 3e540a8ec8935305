//! Fits of tables that are read anew for every pass: seconds a pass beside the time of only reading
//! and decoding the rows, and the most memory that the process has held.
//!
//! `cargo bench -p fisherinfo-bench --bench streamed -- 2` for two million rows; with
//! `--features columnar` Parquet as well.
#![allow(clippy::unwrap_used)]

use fisherinfo_table::glm::{Checkpoint, Family, Regression, RowSource, Watch};
use fisherinfo_table::source::{StreamedDesign, TableFiles};
use fisherinfo_table::{DesignOptions, Formula};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Columns beside the response.
const WIDTH: usize = 10;
const TIMES: usize = 3;

/// Uniform numbers of a fixed seed.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A response and its row.
    fn row(&mut self) -> (f64, [f64; WIDTH]) {
        let x: [f64; WIDTH] = std::array::from_fn(|_| 2.0 * self.next() - 1.0);
        let eta: f64 = x.iter().enumerate().map(|(j, x)| x / (j + 1) as f64).sum();
        (f64::from(self.next() < 1.0 / (1.0 + (-eta).exp())), x)
    }
}

fn csv(path: &Path, rows: usize) {
    let mut numbers = Numbers(88_172_645_463_325_252);
    let mut out = BufWriter::new(File::create(path).unwrap());
    let names: Vec<String> = (0..WIDTH).map(|j| format!("x{j}")).collect();
    writeln!(out, "y,{}", names.join(",")).unwrap();
    for _ in 0..rows {
        let (y, x) = numbers.row();
        write!(out, "{y}").unwrap();
        for x in x {
            write!(out, ",{x}").unwrap();
        }
        writeln!(out).unwrap();
    }
}

#[cfg(feature = "columnar")]
fn parquet(path: &Path, rows: usize, compression: parquet::basic::Compression) {
    use arrow_array::{ArrayRef, Float64Array, RecordBatch};
    let mut numbers = Numbers(88_172_645_463_325_252);
    let mut writer = None;
    let mut left = rows;
    while left > 0 {
        let count = left.min(1 << 17);
        left -= count;
        let mut columns = vec![Vec::with_capacity(count); WIDTH + 1];
        for _ in 0..count {
            let (y, x) = numbers.row();
            columns[0].push(y);
            for (column, x) in columns[1..].iter_mut().zip(x) {
                column.push(x);
            }
        }
        let named = columns.into_iter().enumerate().map(|(j, column)| {
            let name = if j == 0 {
                "y".into()
            } else {
                format!("x{}", j - 1)
            };
            (name, Arc::new(Float64Array::from(column)) as ArrayRef)
        });
        let batch = RecordBatch::try_from_iter(named).unwrap();
        let writer = writer.get_or_insert_with(|| {
            // Uniform numbers are all different: a dictionary of them would be in the way.
            let properties = parquet::file::properties::WriterProperties::builder()
                .set_compression(compression)
                .set_dictionary_enabled(false)
                .build();
            let file = File::create(path).unwrap();
            parquet::arrow::ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap()
        });
        writer.write(&batch).unwrap();
    }
    writer.unwrap().close().unwrap();
}

/// The time of each pass.
#[derive(Debug, Default)]
struct Passes(Mutex<Vec<(String, Instant)>>);

impl Watch for Passes {
    fn pass(&self, name: &str) {
        self.0.lock().unwrap().push((name.into(), Instant::now()));
    }

    fn iteration(&self, _: &Checkpoint) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The most memory held so far, in MB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kilobytes.map_or(f64::NAN, |kilobytes| kilobytes / 1024.0)
}

fn measure(what: &str, path: &Path, rows: usize) {
    let formula: Vec<String> = (0..WIDTH).map(|j| format!("x{j}")).collect();
    let formula = Formula::parse(&format!("y ~ {}", formula.join(" + "))).unwrap();
    let (mut decoding, mut iterations, mut wholes, mut passes) = (vec![], vec![], vec![], 0);
    for _ in 0..TIMES {
        let began = Instant::now();
        let files = TableFiles::find(&[path]).unwrap();
        let design = StreamedDesign::new(files, &formula, &DesignOptions::default(), None).unwrap();
        let design = Arc::new(design);
        let reading = Instant::now();
        let mut reader = design.open().unwrap();
        let mut read = 0;
        loop {
            let batches = reader.next().unwrap();
            if batches.is_empty() {
                break;
            }
            read += batches
                .iter()
                .map(|batch| batch.response.len())
                .sum::<usize>();
        }
        assert_eq!(read, rows);
        drop(reader);
        let reading = reading.elapsed().as_secs_f64();
        decoding.push(reading);
        let watch = Arc::new(Passes::default());
        let regression = Regression::streamed(
            Arc::clone(&design) as Arc<dyn RowSource>,
            design.terms(),
            design.intercept(),
            Some(Arc::clone(&watch) as Arc<dyn Watch>),
        )
        .unwrap();
        let fit = regression
            .fit(Family::Binomial, Family::Binomial.default_link())
            .unwrap();
        assert!((fit.coefficients()[1] - 1.0).abs() < 0.05);
        wholes.push(began.elapsed().as_secs_f64() - reading);
        let seen = watch.0.lock().unwrap();
        passes = seen.len() + 1;
        for pair in seen.windows(2) {
            if pair[0].0.starts_with("iteration") {
                iterations.push((pair[1].1 - pair[0].1).as_secs_f64());
            }
        }
    }
    let (decoding, iteration) = (median(decoding), median(iterations));
    println!(
        "{what:<20} {:6.0} MB  decoding {decoding:6.3} s  iteration {iteration:6.3} s ({:5.2} M rows/s)  \
         ratio {:4.2}  fit of {passes} passes {:6.2} s  peak {:4.0} MB",
        path.metadata().unwrap().len() as f64 / 1e6,
        rows as f64 / iteration / 1e6,
        iteration / decoding,
        median(wholes),
        peak()
    );
}

fn main() {
    let millions = std::env::args()
        .filter_map(|word| word.parse::<f64>().ok())
        .next();
    let rows = (millions.unwrap_or(1.0) * 1e6) as usize;
    let folder = tempfile::tempdir().unwrap();
    println!(
        "{rows} rows × {WIDTH} and a response, {} threads, medians of {TIMES} fits",
        rayon::current_num_threads()
    );
    #[cfg(feature = "columnar")]
    for (what, compression) in [
        (
            "Parquet, as it is",
            parquet::basic::Compression::UNCOMPRESSED,
        ),
        ("Parquet, snappy", parquet::basic::Compression::SNAPPY),
        (
            "Parquet, zstd",
            parquet::basic::Compression::ZSTD(parquet::basic::ZstdLevel::default()),
        ),
    ] {
        let path = folder.path().join("table.parquet");
        parquet(&path, rows, compression);
        measure(what, &path, rows);
    }
    let path = folder.path().join("table.csv");
    csv(&path, rows);
    measure("CSV", &path, rows);
}
