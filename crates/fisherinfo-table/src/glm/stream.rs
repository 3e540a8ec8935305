//! Rows that are read anew for every pass, so that a table need not fit in memory.

use super::{
    error::GlmError,
    standards::{Source, Spread, Standard},
};
use rayon::prelude::*;
use std::{error::Error, fmt, ops::ControlFlow, ops::Range, sync::Arc};
use thiserror::Error;

/// Rows of a design, read from the first to the last for every pass of a fit.
///
/// Each pass has to give the same rows in the same order; how they are cut into batches changes no
/// result by a bit.
pub trait RowSource: fmt::Debug + Send + Sync {
    /// Begins a pass.
    ///
    /// # Errors
    /// What stands in the way.
    fn open(&self) -> Result<Box<dyn RowReader + '_>, RowsError>;
}

/// A pass over the rows of a [`RowSource`].
pub trait RowReader: Send {
    /// The next batches, in order, about as many as there are threads; none after the last row.
    ///
    /// # Errors
    /// What stands in the way.
    fn next(&mut self) -> Result<Vec<RowBatch>, RowsError>;
}

/// Successive rows of a design.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowBatch {
    /// The response of each row.
    pub response: Vec<f64>,
    /// The columns of the design, each as long as the response.
    pub columns: Vec<Vec<f64>>,
    /// The number of trials of each row, where the response counts successes.
    pub trials: Option<Vec<f64>>,
}

/// Why rows could not be read.
#[derive(Clone, Debug, Error)]
#[error("{0}")]
pub struct RowsError(pub Arc<dyn Error + Send + Sync>);

impl RowsError {
    /// An error of any kind.
    pub fn new(error: impl Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }
}

impl PartialEq for RowsError {
    /// One and the same failure.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Is told how far a fit has come, and may end it.
pub trait Watch: fmt::Debug + Send + Sync {
    /// A pass over the rows begins.
    fn pass(&self, name: &str) {
        let _ = name;
    }

    /// So many rows of the pass are done; to break ends the fit with [`GlmError::Interrupted`].
    fn rows(&self, done: usize) -> ControlFlow<()> {
        let _ = done;
        ControlFlow::Continue(())
    }

    /// An iteration of scoring is finished; to break ends the fit.
    fn iteration(&self, checkpoint: &Checkpoint) -> ControlFlow<()> {
        let _ = checkpoint;
        ControlFlow::Continue(())
    }
}

/// Where scoring stands between two iterations: all that it takes to go on, bit by bit as if it had
/// not been interrupted, on the same rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// Iterations finished.
    pub iteration: usize,
    /// The coefficients of the columns as they are stored.
    pub stored: Vec<f64>,
    /// The relative offset before the last step (see [`super::Options::tolerance`]).
    pub offset: f64,
    /// Whether the next step may be Newton's.
    pub newton: bool,
}

/// A stretch of a batch.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    pub(super) batch: Arc<RowBatch>,
    pub(super) rows: Range<usize>,
}

impl Slice {
    pub(super) fn columns(&self) -> &[Vec<f64>] {
        &self.batch.columns
    }
}

/// The rows of a chunk as they were read.
pub(super) struct RawChunk<'a> {
    pub(super) start: usize,
    pub(super) rows: usize,
    slices: &'a [Slice],
    /// The values of the first row of all.
    pub(super) first: &'a [f64],
}

impl RawChunk<'_> {
    pub(super) fn source(&self) -> Source<'_> {
        Source::Slices(self.slices)
    }

    pub(super) fn response(&self) -> Vec<f64> {
        let parts = self.slices.iter();
        parts
            .flat_map(|slice| &slice.batch.response[slice.rows.clone()])
            .copied()
            .collect()
    }

    pub(super) fn trials(&self) -> Option<Vec<f64>> {
        let mut trials = Vec::with_capacity(self.rows);
        for slice in self.slices {
            trials.extend_from_slice(&slice.batch.trials.as_ref()?[slice.rows.clone()]);
        }
        Some(trials)
    }
}

/// Rows that are read anew for every pass, with what is done to their columns.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    source: Arc<dyn RowSource>,
    watch: Option<Arc<dyn Watch>>,
    width: usize,
    /// Rows of a chunk.
    pub(super) chunk: usize,
    /// What the first pass has found.
    pub(super) rows: usize,
    pub(super) standards: Vec<Standard>,
    pub(super) mean_response: f64,
    pub(super) has_trials: bool,
    /// R, where the columns are divided by it.
    pub(super) factor: Option<faer::Mat<f64>>,
}

/// Cuts batches into chunks at fixed numbers of rows.
struct Assembler {
    chunk: usize,
    /// Rows in finished chunks.
    start: usize,
    pending: Vec<Slice>,
    filled: usize,
}

impl Assembler {
    /// Takes a batch; gives the chunks that it fills, each with its first row.
    fn push(&mut self, batch: RowBatch, full: &mut Vec<(usize, usize, Vec<Slice>)>) {
        let length = batch.response.len();
        let batch = Arc::new(batch);
        let mut taken = 0;
        while taken < length {
            let more = (self.chunk - self.filled).min(length - taken);
            self.pending.push(Slice {
                batch: Arc::clone(&batch),
                rows: taken..taken + more,
            });
            taken += more;
            self.filled += more;
            if self.filled == self.chunk {
                self.finish(full);
            }
        }
    }

    fn finish(&mut self, full: &mut Vec<(usize, usize, Vec<Slice>)>) {
        if self.filled > 0 {
            full.push((self.start, self.filled, std::mem::take(&mut self.pending)));
            self.start += std::mem::take(&mut self.filled);
        }
    }
}

impl Stream {
    /// Reads the rows once, for their number and the centre and the scale of each column.
    pub(super) fn new(
        source: Arc<dyn RowSource>,
        watch: Option<Arc<dyn Watch>>,
        terms: &[String],
        intercept: Option<usize>,
        chunk: usize,
    ) -> Result<Self, GlmError> {
        let width = terms.len();
        let mut stream = Self {
            source,
            watch,
            width,
            chunk,
            rows: 0,
            standards: Vec::new(),
            mean_response: 0.0,
            has_trials: false,
            factor: None,
        };
        let mut total = vec![Spread::NOTHING; width];
        let (mut responses, mut trials) = (0.0, None);
        let mut first = Vec::new();
        stream.rows = stream.drive(
            "centres and scales",
            |chunk| {
                let (start, rows) = (chunk.start, chunk.rows);
                let spreads = chunk.source().spreads(0, rows, chunk.first);
                let fault = chunk.source().fault(0, rows, &spreads, terms, intercept);
                if let Some(fault) = fault {
                    return Err(fault.moved_by(start));
                }
                let of_trials: Option<f64> = match chunk.trials() {
                    None => None,
                    Some(trials) => {
                        super::regression::require_trials(&trials)
                            .map_err(|error| error.moved_by(start))?;
                        Some(trials.iter().sum())
                    }
                };
                let response: f64 = chunk.response().iter().sum();
                let first = if start == 0 { chunk.first } else { &[] };
                Ok((spreads, response, of_trials, first.to_vec()))
            },
            |(spreads, response, of_trials, values)| {
                for (total, spread) in total.iter_mut().zip(&spreads) {
                    total.merge(spread);
                }
                responses += response;
                trials = of_trials.map(|more| trials.unwrap_or(0.0) + more);
                if first.is_empty() {
                    first = values;
                }
            },
        )?;
        stream.has_trials = trials.is_some();
        stream.mean_response = responses / trials.unwrap_or(stream.rows as f64);
        if stream.rows < width {
            return Err(GlmError::TooFewRows {
                rows: stream.rows,
                terms: width,
            });
        }
        stream.standards = (0..width)
            .map(|j| {
                if intercept == Some(j) {
                    return Ok(Standard::INTERCEPT);
                }
                total[j].standard(stream.rows, first[j], intercept.is_some(), &terms[j])
            })
            .collect::<Result<_, _>>()?;
        Ok(stream)
    }

    /// A pass: `work` on each chunk, `merge` in the order of the chunks. While the threads work on
    /// some batches the next are read. Gives the number of rows.
    pub(super) fn drive<T: Send>(
        &self,
        name: &str,
        work: impl Fn(&RawChunk<'_>) -> Result<T, GlmError> + Sync,
        mut merge: impl FnMut(T),
    ) -> Result<usize, GlmError> {
        if let Some(watch) = &self.watch {
            watch.pass(name);
        }
        let mut reader = self.source.open()?;
        let mut assembler = Assembler {
            chunk: self.chunk,
            start: 0,
            pending: Vec::new(),
            filled: 0,
        };
        let mut first = Vec::new();
        let mut batches = reader.next()?;
        loop {
            let ended = batches.is_empty();
            let mut full = Vec::new();
            for batch in batches {
                self.require_shape(&batch)?;
                if first.is_empty() && !batch.response.is_empty() {
                    first = batch.columns.iter().map(|column| column[0]).collect();
                }
                assembler.push(batch, &mut full);
            }
            if ended {
                assembler.finish(&mut full);
            }
            let (next, done) = rayon::join(
                || if ended { Ok(Vec::new()) } else { reader.next() },
                || {
                    let chunks = full.into_par_iter();
                    chunks
                        .map(|(start, rows, slices)| {
                            work(&RawChunk {
                                start,
                                rows,
                                slices: &slices,
                                first: &first,
                            })
                        })
                        .collect::<Vec<_>>()
                },
            );
            for part in done {
                merge(part?);
            }
            if let Some(watch) = &self.watch
                && watch.rows(assembler.start).is_break()
            {
                return Err(GlmError::Interrupted);
            }
            if ended {
                break;
            }
            batches = next?;
        }
        if self.rows != 0 && assembler.start != self.rows {
            return Err(GlmError::RowsChanged {
                before: self.rows,
                now: assembler.start,
            });
        }
        Ok(assembler.start)
    }

    fn require_shape(&self, batch: &RowBatch) -> Result<(), GlmError> {
        let require = super::regression::require;
        require("columns of a batch", self.width, batch.columns.len())?;
        let rows = batch.response.len();
        let trials = batch.trials.iter();
        for column in batch.columns.iter().chain(trials) {
            require("values of a column of a batch", rows, column.len())?;
        }
        Ok(())
    }
}
