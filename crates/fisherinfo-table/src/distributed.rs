//! A fit whose rows are read and added up by others: on threads, in processes, on machines.
//!
//! A fit is a few passes over the rows, and a pass is a sum over *chunks*: rows whose numbers are cut
//! at fixed places. Sums of chunks are added as a binary tree that the number of chunks alone decides,
//! so that the same numbers come out, bit by bit, however the chunks are shared out and in whatever
//! order they come back, as in a fit on one machine with processors of the same kind. A chunk that is
//! missing or there twice is an error, never a sum.
//!
//! [`Workers`] take a [`Request`], have each of its partitions added up ([`Request::sums_of`], wherever
//! the files can be read), merge what comes back ([`PartialSums::merge`], in any order) and return it.
//! Both go over a wire as bytes.
//!
//! ```
//! use fisherinfo_table::distributed::{PartialSums, Request, Workers};
//! use fisherinfo_table::glm::{Family, Regression, RowsError};
//! use fisherinfo_table::source::{RowRoles, StreamedDesign, TableFiles};
//! use fisherinfo_table::{DesignOptions, Formula};
//! use std::sync::Arc;
//!
//! #[derive(Debug)]
//! struct OneByOne;
//!
//! impl Workers for OneByOne {
//!     fn sum(&self, _pass: &str, request: &Request) -> Result<PartialSums, RowsError> {
//!         let mut all = PartialSums::nothing();
//!         for partition in (0..request.partitions()).rev() {
//!             all.merge(request.sums_of(partition));
//!         }
//!         Ok(all)
//!     }
//! }
//!
//! let folder = tempfile::tempdir()?;
//! std::fs::write(folder.path().join("mice-1.csv"), "dose,alive\n1,1\n2,1\n4,0\n")?;
//! std::fs::write(folder.path().join("mice-2.csv"), "dose,alive\n4,1\n8,0\n8,0\n1,0\n")?;
//! let files = TableFiles::find(&[folder.path().join("mice-*.csv")])?;
//! let formula = Formula::parse("alive ~ log2(dose)")?;
//! let (options, roles) = (DesignOptions::default(), RowRoles::default());
//! let here = StreamedDesign::with_roles(files.clone(), &formula, &options, roles.clone(), None)?;
//! let there =
//!     StreamedDesign::on_workers(files, &formula, &options, roles, Arc::new(OneByOne), None)?;
//! let terms = here.terms().to_vec();
//! let here = Regression::streamed(Arc::new(here), &terms, Some(0), None)?;
//! let there = Regression::distributed(Arc::new(there), None)?;
//! let link = Family::Binomial.default_link();
//! let (here, there) = (here.fit(Family::Binomial, link)?, there.fit(Family::Binomial, link)?);
//! assert_eq!(here.coefficients(), there.coefficients());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::glm::{Elsewhere, GlmError, Origin, Regression, RowsError, Sums, Watch};
use crate::source::{DesignRequest, SettledDesign, SourceError, StreamedDesign, Unit, UnitScans};
use crate::sums::{Forest, Unfinished};
use crate::wire::{Wire, decoded, encoded, wire_fields};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use thiserror::Error;

/// Who adds up the rows of a design.
pub trait Workers: fmt::Debug + Send + Sync {
    /// The sums of all partitions of the request; `pass` is what it is called.
    ///
    /// # Errors
    /// What stands in the way; [`DistributedError::Interrupted`] ends the fit as whoever watches it does.
    fn sum(&self, pass: &str, request: &Request) -> Result<PartialSums, RowsError>;
}

/// What workers may say, or others of them.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum DistributedError {
    /// What a worker met that does not happen here.
    #[error("a worker could not read or add up its rows, which this machine can: {reason}")]
    Worker {
        /// What it says.
        reason: String,
    },
    /// Whoever waits for the sums waits no longer.
    #[error("interrupted")]
    Interrupted,
    /// Bytes that are no request or no sums.
    #[error(
        "a {what} that cannot be read; all machines need the same version of the program, which is {} here",
        env!("CARGO_PKG_VERSION")
    )]
    Bytes {
        /// What they were to be.
        what: &'static str,
    },
    /// Sums that are not those of every row, once each.
    #[error("the sums of part {part} of a pass are {how}; nothing of the pass counts, fit again")]
    Incomplete {
        /// Which part, from zero.
        part: usize,
        /// Missing, or there twice.
        how: &'static str,
    },
}

/// A pass over the rows, cut into partitions.
#[derive(Clone, Debug)]
pub struct Request {
    design: DesignRequest,
    units: Vec<Unit>,
    step: Step,
    /// The chunks, or in the first pass the units, of each partition.
    ranges: Vec<Range<usize>>,
}

/// The first pass, or one of those after.
#[derive(Clone, Debug)]
enum Step {
    Scan,
    Rows {
        settled: SettledDesign,
        /// Rows of a chunk, and rows in all.
        chunk: usize,
        rows: usize,
        request: Box<crate::glm::Request>,
    },
}

wire_fields!(Request {
    design,
    units,
    step,
    ranges,
});

impl Wire for Step {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Scan => false.write(out),
            Self::Rows {
                settled,
                chunk,
                rows,
                request,
            } => {
                true.write(out);
                settled.write(out);
                (*chunk, *rows).write(out);
                request.write(out);
            }
        }
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some(if bool::read(bytes)? {
            Self::Rows {
                settled: Wire::read(bytes)?,
                chunk: Wire::read(bytes)?,
                rows: Wire::read(bytes)?,
                request: Box::new(Wire::read(bytes)?),
            }
        } else {
            Self::Scan
        })
    }
}

/// Sums of some of the partitions of a pass.
#[derive(Clone, Debug)]
pub struct PartialSums(Found);

#[derive(Clone, Debug)]
enum Found {
    Nothing,
    Scan(Forest<UnitScans>),
    Rows(Sums),
    /// The first unit or chunk that could not be added up, and why.
    Failed(usize, String),
}

impl Wire for Found {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Nothing => 0_u8.write(out),
            Self::Scan(forest) => {
                1_u8.write(out);
                forest.write(out);
            }
            Self::Rows(sums) => {
                2_u8.write(out);
                sums.write(out);
            }
            Self::Failed(part, reason) => {
                3_u8.write(out);
                (*part, reason.clone()).write(out);
            }
        }
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some(match u8::read(bytes)? {
            0 => Self::Nothing,
            1 => Self::Scan(Wire::read(bytes)?),
            2 => Self::Rows(Wire::read(bytes)?),
            3 => Self::Failed(Wire::read(bytes)?, Wire::read(bytes)?),
            _ => return None,
        })
    }
}

impl PartialSums {
    /// Of no partition.
    pub fn nothing() -> Self {
        Self(Found::Nothing)
    }

    /// Adds those of other partitions of the same pass. The order does not matter: what comes out is
    /// the same bit by bit.
    pub fn merge(&mut self, other: Self) {
        let merged = match (&mut self.0, other.0) {
            (_, Found::Nothing) => Ok(true),
            (Found::Failed(part, _), Found::Failed(other, reason)) => {
                if other < *part {
                    self.0 = Found::Failed(other, reason);
                }
                Ok(true)
            }
            (Found::Failed(..), _) => Ok(true),
            (found, other @ Found::Failed(..)) => {
                *found = other;
                Ok(true)
            }
            (found @ Found::Nothing, other) => {
                *found = other;
                Ok(true)
            }
            (Found::Scan(sums), Found::Scan(other)) => sums.merge(other).map(|()| true),
            (Found::Rows(sums), Found::Rows(other)) => sums.merge(other),
            _ => Ok(false),
        };
        match merged {
            Ok(true) => {}
            Ok(false) => self.0 = Found::Failed(0, "sums of different passes".into()),
            Err(error) => {
                let error = incomplete(error);
                self.0 = Found::Failed(error.0, error.1.to_string());
            }
        }
    }

    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        encoded(&self.0)
    }

    /// # Errors
    /// Bytes that are no sums.
    pub fn decode(bytes: &[u8]) -> Result<Self, DistributedError> {
        let error = DistributedError::Bytes { what: "sum" };
        decoded(bytes).map(Self).ok_or(error)
    }
}

fn incomplete(error: Unfinished) -> (usize, DistributedError) {
    let (part, how) = match error {
        Unfinished::Missing(part) => (part, "missing"),
        Unfinished::Twice(part) => (part, "there twice"),
    };
    (part, DistributedError::Incomplete { part, how })
}

impl Request {
    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        encoded(self)
    }

    /// # Errors
    /// Bytes that are no request.
    pub fn decode(bytes: &[u8]) -> Result<Self, DistributedError> {
        decoded(bytes).ok_or(DistributedError::Bytes { what: "request" })
    }

    /// How many partitions there are.
    pub fn partitions(&self) -> usize {
        self.ranges.len()
    }

    /// The sums of one partition, read from the files; what stands in the way is told by whoever
    /// merges them. Of no such partition there is nothing.
    pub fn sums_of(&self, partition: usize) -> PartialSums {
        let Some(range) = self.ranges.get(partition) else {
            return PartialSums::nothing();
        };
        let found = match &self.step {
            Step::Scan => self.scan(range.clone()).map(Found::Scan),
            Step::Rows { .. } => self.rows(range.clone()).map(Found::Rows),
        };
        PartialSums(found.unwrap_or_else(|error| Found::Failed(error.part, error.to_string())))
    }

    fn scan(&self, range: Range<usize>) -> Result<Forest<UnitScans>, PartError> {
        let mut forest = Forest::new();
        for part in range {
            let found = self.design.scan(&self.units[part]);
            let found = found.map_err(|error| PartError {
                part,
                why: Why::Source(error),
            })?;
            forest.push(part, found).map_err(|error| PartError {
                part,
                why: Why::Unfinished(error),
            })?;
        }
        Ok(forest)
    }

    fn rows(&self, range: Range<usize>) -> Result<Sums, PartError> {
        let Step::Rows {
            settled,
            chunk,
            rows,
            request,
        } = &self.step
        else {
            return Err(PartError {
                part: range.start,
                why: Why::Unfinished(Unfinished::Missing(range.start)),
            });
        };
        let design = self.design.design(settled).map_err(|error| PartError {
            part: range.start,
            why: Why::Source(error),
        })?;
        let stretch = range.start * chunk..(range.end * chunk).min(*rows);
        let source = Arc::new(design).stretch(&self.units, stretch);
        let answer = request.answer(source, range);
        answer.map_err(|refused| PartError {
            part: refused.chunk,
            why: Why::Glm(refused.error),
        })
    }
}

/// What stands in the way of a unit or a chunk.
#[derive(Debug, Error)]
#[error("{why}")]
struct PartError {
    part: usize,
    why: Why,
}

#[derive(Debug, Error)]
enum Why {
    #[error("{0}")]
    Source(SourceError),
    #[error("{0}")]
    Glm(GlmError),
    #[error("{}", incomplete(*.0).1)]
    Unfinished(Unfinished),
}

fn is_interruption(error: &RowsError) -> bool {
    let error = error.0.downcast_ref::<DistributedError>();
    error == Some(&DistributedError::Interrupted)
}

/// The most partitions of a pass.
const MOST_PARTITIONS: usize = 1 << 14;

/// The first pass, over all units.
pub(crate) fn scan(
    design: &DesignRequest,
    units: &[Unit],
    workers: &dyn Workers,
) -> Result<UnitScans, SourceError> {
    let partition = units.len().div_ceil(MOST_PARTITIONS).max(1);
    let request = Request {
        design: design.clone(),
        units: units.to_vec(),
        step: Step::Scan,
        ranges: cut(units.len(), partition),
    };
    let sums = workers.sum("levels and missing cells", &request);
    let sums = sums.map_err(|error| {
        if is_interruption(&error) {
            SourceError::Interrupted
        } else {
            SourceError::Rows(error)
        }
    })?;
    let failed = |error: DistributedError| SourceError::Rows(RowsError::new(error));
    let forest = match sums.0 {
        Found::Scan(forest) => forest,
        // What a worker met is met here as well, and then said in full; if it is not, it is told.
        Found::Failed(part, reason) => {
            return match request.design.scan(&units[part.min(units.len() - 1)]) {
                Err(error) => Err(error),
                Ok(_) => Err(failed(DistributedError::Worker { reason })),
            };
        }
        Found::Nothing | Found::Rows(_) => {
            return Err(failed(incomplete(Unfinished::Missing(0)).1));
        }
    };
    let found = forest.finish(units.len());
    let found = found.map_err(|error| failed(incomplete(error).1))?;
    found.ok_or_else(|| failed(incomplete(Unfinished::Missing(0)).1))
}

fn cut(parts: usize, size: usize) -> Vec<Range<usize>> {
    let starts = (0..parts).step_by(size);
    starts.map(|start| start..parts.min(start + size)).collect()
}

/// A design whose chunks others add up.
#[derive(Debug)]
struct OnWorkers(Arc<StreamedDesign>);

impl Elsewhere for OnWorkers {
    fn rows(&self) -> usize {
        self.0.kept()
    }

    fn sums(
        &self,
        pass: &str,
        chunk: usize,
        request: crate::glm::Request,
    ) -> Result<Sums, GlmError> {
        let not_here = || GlmError::NotOnCluster { pass: pass.into() };
        let (remote, design, settled) = self.0.elsewhere().ok_or_else(not_here)?;
        let design = design.map_err(RowsError::new)?;
        let rows = self.0.kept();
        let chunks = rows.div_ceil(chunk);
        // A partition is a node of the tree, so that what comes back of it is one sum.
        let units = remote.units.len().clamp(1, MOST_PARTITIONS);
        let partition = chunks.div_ceil(units).next_power_of_two();
        let request = Request {
            design,
            units: remote.units.clone(),
            step: Step::Rows {
                settled,
                chunk,
                rows,
                request: Box::new(request),
            },
            ranges: cut(chunks, partition),
        };
        let failed = |error: DistributedError| GlmError::Rows(RowsError::new(error));
        let sums = remote.workers.sum(pass, &request);
        let sums = sums.map_err(|error| {
            if is_interruption(&error) {
                GlmError::Interrupted
            } else {
                GlmError::Rows(error)
            }
        })?;
        match sums.0 {
            Found::Rows(sums) => Ok(sums),
            // What a worker met is met here as well, and then said in full; if it is not, it is told.
            Found::Failed(part, reason) => match request.rows(part..part + 1) {
                Err(PartError {
                    why: Why::Glm(error),
                    ..
                }) => Err(error),
                Err(PartError {
                    why: Why::Source(error),
                    ..
                }) => Err(GlmError::Rows(RowsError::new(error))),
                _ => Err(failed(DistributedError::Worker { reason })),
            },
            Found::Nothing | Found::Scan(_) => Err(failed(incomplete(Unfinished::Missing(0)).1)),
        }
    }
}

impl Regression {
    /// A regression on a design of [`StreamedDesign::on_workers`]: the same, bit by bit, as
    /// [`Regression::streamed`] on one machine, on processors of the same kind. `watch` is told of
    /// every pass.
    ///
    /// Fits of one linear predictor, their standard errors with leverage corrections, tests of terms and
    /// profiles are made so; penalties, Firth's correction, an estimated shape, the information-matrix
    /// test, clusters and categories of the response are not, and give [`GlmError::NotOnCluster`]. Of 512
    /// columns and more neither.
    ///
    /// # Errors
    /// As [`Regression::streamed`]; what stands in the way of the workers; a design without workers.
    pub fn distributed(
        design: Arc<StreamedDesign>,
        watch: Option<Arc<dyn Watch>>,
    ) -> Result<Self, GlmError> {
        let (terms, intercept) = (design.terms().to_vec(), design.intercept());
        Self::summed_at(on_workers(design, watch)?, &terms, intercept)
    }

    /// As [`Regression::distributed`], where columns may be constant or combinations of those before
    /// them, as in [`Regression::identified`].
    ///
    /// # Errors
    /// As [`Regression::distributed`], but for those columns.
    pub fn distributed_identified(
        design: Arc<StreamedDesign>,
        watch: Option<Arc<dyn Watch>>,
    ) -> Result<Self, GlmError> {
        let (terms, intercept) = (design.terms().to_vec(), design.intercept());
        Self::identified_at(on_workers(design, watch)?, &terms, intercept)
    }
}

fn on_workers(
    design: Arc<StreamedDesign>,
    watch: Option<Arc<dyn Watch>>,
) -> Result<Origin, GlmError> {
    if !design.is_on_workers() {
        let pass = "a design without workers".into();
        return Err(GlmError::NotOnCluster { pass });
    }
    Ok(Origin {
        elsewhere: Some(Arc::new(OnWorkers(Arc::clone(&design)))),
        source: design,
        watch,
    })
}
