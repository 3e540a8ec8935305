//! Tables in files that need not fit in memory: CSV (plain, gzip or zstd) and, with the feature
//! `columnar`, Parquet and Arrow IPC; one file, several, or all that match a pattern; on the disk or, with
//! the feature `object-store`, in S3, Google Cloud Storage and Azure (`s3://bucket/part-*.csv.gz`).
//!
//! [`TableFiles`] names the files; a [`StreamedDesign`] is the design of a formula on their rows, of
//! which it holds a few batches at a time, and is what [`Regression::streamed`] fits.
//!
//! ```
//! use fisherinfo_table::glm::{Family, Regression};
//! use fisherinfo_table::source::{StreamedDesign, TableFiles};
//! use fisherinfo_table::{DesignOptions, Formula};
//! use std::sync::Arc;
//!
//! let folder = tempfile::tempdir()?;
//! std::fs::write(folder.path().join("mice-1.csv"), "dose,alive\n1,1\n2,1\n4,0\n")?;
//! std::fs::write(folder.path().join("mice-2.csv"), "dose,alive\n4,1\n8,0\n8,0\n1,0\n")?;
//! let files = TableFiles::find(&[folder.path().join("mice-*.csv")])?;
//! let formula = Formula::parse("alive ~ log2(dose)")?;
//! let design = StreamedDesign::new(files, &formula, &DesignOptions::default(), None)?;
//! let (terms, intercept) = (design.terms().to_vec(), design.intercept());
//! let regression = Regression::streamed(Arc::new(design), &terms, intercept, None)?;
//! let fit = regression.fit(Family::Binomial, Family::Binomial.default_link())?;
//! assert_eq!((fit.rows(), fit.terms()[1].as_str()), (7, "log2(dose)"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Regression::streamed`]: crate::glm::Regression::streamed

mod asked;
mod batches;
#[cfg(feature = "columnar")]
mod cells;
#[cfg(feature = "columnar")]
mod columnar;
mod compressed;
mod error;
mod file;
mod files;
mod roles;
mod scan;
#[cfg(feature = "object-store")]
mod store;
#[cfg(not(feature = "object-store"))]
#[path = "no_store.rs"]
mod store;
mod streamed_design;
mod text;
mod units;

pub use error::SourceError;
pub use files::TableFiles;
pub use roles::{Labels, RowRoles};
pub(crate) use scan::UnitScans;
#[cfg(feature = "object-store")]
pub use store::{ObjectError, register_object_store};
pub use streamed_design::StreamedDesign;
pub(crate) use streamed_design::{DesignRequest, Settled as SettledDesign};
pub(crate) use units::Unit;
