//! Fits on many machines: the passes of [`fisherinfo_table::distributed`] as queries of DataFusion,
//! carried to processes by Apache Ballista.
//!
//! A pass is a table of sums, one row a partition ([`Cluster`] asks for it), each added up by the
//! executor that reads the partition with the readers of `fisherinfo-table`; over it an aggregate
//! function merges. A fit on a cluster is therefore the fit on one machine, bit by bit, on processors of
//! the same kind. All processes see the files under the same names.
//!
//! ```no_run
//! use fisherinfo_cluster::Cluster;
//! use fisherinfo_table::glm::{Family, Regression};
//! use fisherinfo_table::source::{RowRoles, StreamedDesign, TableFiles};
//! use fisherinfo_table::{DesignOptions, Formula};
//! use std::sync::Arc;
//!
//! let cluster = Arc::new(Cluster::connect("df://127.0.0.1:50050")?);
//! let files = TableFiles::find(&["/data/flights-*.parquet"])?;
//! let formula = Formula::parse("late ~ distance + carrier")?;
//! let (options, roles) = (DesignOptions::default(), RowRoles::default());
//! let design = StreamedDesign::on_workers(files, &formula, &options, roles, cluster, None)?;
//! let regression = Regression::distributed(Arc::new(design), None)?;
//! let fit = regression.fit(Family::Binomial, Family::Binomial.default_link())?;
//! println!("{:?}", fit.coefficients());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod client;
mod codec;
mod error;
mod merge;
mod payload;
mod plan;
mod process;

pub use client::{Address, Cluster, InProcess};
pub use error::ClusterError;
pub use process::{ExecutorOptions, Process, SchedulerOptions};
