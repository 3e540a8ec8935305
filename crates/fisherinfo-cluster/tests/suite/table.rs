//! A table of some million rows, and fits of it.

use arrow_array::{ArrayRef, Float64Array, Int32Array, RecordBatch};
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::distributed::Workers;
use fisherinfo_table::glm::{Family, GlmError, Heteroscedasticity, Regression};
use fisherinfo_table::source::{RowRoles, SourceError, StreamedDesign, TableFiles};
use fisherinfo_table::{DesignOptions, Formula, Missing};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use std::error::Error;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// Rows of the table.
pub(crate) const ROWS: usize = 2_000_000;
const FILES: usize = 3;
/// Rows of a row group: no multiple of a chunk.
const GROUP: usize = 80_000;

/// What is fitted.
#[derive(Clone, Copy)]
pub(crate) struct Model {
    pub(crate) formula: &'static str,
    pub(crate) family: Family,
    pub(crate) link: Link,
}

pub(crate) const POISSON: Model = Model {
    formula: "count ~ x + C(place)",
    family: Family::Poisson,
    link: Link::Log,
};

pub(crate) const GAMMA: Model = Model {
    formula: "size ~ x + offset(0.1*z)",
    family: Family::Gamma,
    link: Link::Log,
};

/// The files, written once for all tests of the process.
pub(crate) fn files() -> &'static [PathBuf] {
    static FILES: OnceLock<(tempfile::TempDir, Vec<PathBuf>)> = OnceLock::new();
    let (_, files) = FILES.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let files = written(&folder);
        (folder, files)
    });
    files
}

fn written(folder: &tempfile::TempDir) -> Vec<PathBuf> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let file = |file: usize| {
        let path = folder.path().join(format!("rows-{file}.parquet"));
        let properties = WriterProperties::builder()
            .set_max_row_group_row_count(Some(GROUP))
            .build();
        let mut writer = None;
        let mut left = ROWS / FILES + usize::from(file < ROWS % FILES);
        while left > 0 {
            let batch = batch(left.min(GROUP), &mut next);
            left -= batch.num_rows();
            let writer = writer.get_or_insert_with(|| {
                let out = std::fs::File::create(&path).unwrap();
                ArrowWriter::try_new(out, batch.schema(), Some(properties.clone())).unwrap()
            });
            writer.write(&batch).unwrap();
        }
        writer.unwrap().close().unwrap();
        path
    };
    (0..FILES).map(file).collect()
}

/// Counts and sizes whose logarithmic means are linear, some cells of x missing.
fn batch(rows: usize, next: &mut impl FnMut() -> f64) -> RecordBatch {
    let (mut counts, mut sizes, mut xs, mut zs, mut places) =
        (vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let (x, z) = (4.0 * next() - 2.0, next());
        let place = (3.0 * next()) as i32;
        let mean = (0.3 + 0.4 * x + if place == 2 { 0.5 } else { 0.0 }).exp();
        // Arrivals of unit rate before the mean.
        let (mut count, mut time) = (0, -(1.0 - next()).ln());
        while time < mean {
            count += 1;
            time -= (1.0 - next()).ln();
        }
        counts.push(count);
        sizes.push(-(1.0 - next()).ln() * (0.2 * x + 0.1 * z).exp() + 1e-3);
        xs.push((next() > 0.01).then_some(x));
        zs.push(z);
        places.push(place);
    }
    RecordBatch::try_from_iter([
        ("count", Arc::new(Int32Array::from(counts)) as ArrayRef),
        ("size", Arc::new(Float64Array::from(sizes))),
        ("x", Arc::new(Float64Array::from(xs))),
        ("z", Arc::new(Float64Array::from(zs))),
        ("place", Arc::new(Int32Array::from(places))),
    ])
    .unwrap()
}

impl Model {
    /// Every number of the fit on one machine, as bits.
    pub(crate) fn here(self, files: &[PathBuf]) -> Result<Vec<u64>, Box<dyn Error>> {
        let design = self.design(files, None)?;
        let (terms, intercept) = (design.terms().to_vec(), design.intercept());
        let regression = Regression::streamed(Arc::new(design), &terms, intercept, None)?;
        Ok(self.numbers(&regression)?)
    }

    /// The same of sums that others make.
    pub(crate) fn there(
        self,
        files: &[PathBuf],
        workers: Arc<dyn Workers>,
    ) -> Result<Vec<u64>, Box<dyn Error>> {
        let design = self.design(files, Some(workers))?;
        let regression = Regression::distributed(Arc::new(design), None)?;
        Ok(self.numbers(&regression)?)
    }

    fn design(
        self,
        files: &[PathBuf],
        workers: Option<Arc<dyn Workers>>,
    ) -> Result<StreamedDesign, SourceError> {
        let files = TableFiles::find(files)?;
        let formula = Formula::parse(self.formula).unwrap();
        let roles = RowRoles::default();
        let options = DesignOptions {
            missing: Missing::Drop,
            ..DesignOptions::default()
        };
        match workers {
            None => StreamedDesign::with_roles(files, &formula, &options, roles, None),
            Some(workers) => {
                StreamedDesign::on_workers(files, &formula, &options, roles, workers, None)
            }
        }
    }

    fn numbers(self, regression: &Regression) -> Result<Vec<u64>, GlmError> {
        let fit = regression.fit(self.family, self.link)?;
        let errors = fit.standard_errors();
        let leveraged = fit.heteroscedasticity_consistent(Heteroscedasticity::Hc3)?;
        let mut all = vec![fit.rows() as f64, fit.deviance(), fit.log_likelihood()];
        all.extend(fit.coefficients());
        all.extend(errors.expected);
        all.extend(errors.observed.unwrap());
        all.extend(errors.empirical.unwrap());
        all.extend(errors.sandwich.unwrap());
        all.extend(leveraged.standard_errors());
        all.extend(fit.null_deviance());
        Ok(all.into_iter().map(f64::to_bits).collect())
    }
}

/// The fit of the counts on one machine, made once.
pub(crate) fn poisson_here() -> &'static [u64] {
    static HERE: OnceLock<Vec<u64>> = OnceLock::new();
    HERE.get_or_init(|| POISSON.here(files()).unwrap())
}
