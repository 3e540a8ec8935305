//! Rows that are read anew for every pass, so that a table need not fit in memory.

use super::{
    elsewhere::{Elsewhere, Request, Summed, Task, add, unfinished},
    error::GlmError,
    identified::{Dependent, Relation},
    regression::{require, require_trials},
    row_source::{RowBatch, RowSource, Watch},
    standards::{Source, Spread, Spreads, Standard, standards_of},
    totals::Totals,
    weights::{Weighting, require_offset, require_weights},
};
use crate::{parallel, sums::Forest};
use std::{ops::Range, sync::Arc};

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

    /// What the rows bring beside their columns.
    pub(super) fn values(&self) -> RowValues {
        let weighting = self.slices[0].batch.weights.as_ref().map(|(kind, _)| *kind);
        RowValues {
            response: self
                .gathered(|batch| Some(&batch.response))
                .unwrap_or_default(),
            trials: self.gathered(|batch| batch.trials.as_deref()),
            offset: self.gathered(|batch| batch.offset.as_deref()),
            weights: weighting.zip(
                self.gathered(|batch| batch.weights.as_ref().map(|(_, values)| values.as_slice())),
            ),
            clusters: self.gathered(|batch| batch.clusters.as_deref()),
        }
    }

    /// The values of these rows, where every batch has some.
    fn gathered<T: Copy>(&self, of: impl Fn(&RowBatch) -> Option<&[T]>) -> Option<Vec<T>> {
        let mut values = Vec::with_capacity(self.rows);
        for slice in self.slices {
            values.extend_from_slice(&of(&slice.batch)?[slice.rows.clone()]);
        }
        Some(values)
    }
}

/// What the rows of a chunk bring beside their columns.
pub(super) struct RowValues {
    pub(super) response: Vec<f64>,
    pub(super) trials: Option<Vec<f64>>,
    pub(super) offset: Option<Vec<f64>>,
    pub(super) weights: Option<(Weighting, Vec<f64>)>,
    pub(super) clusters: Option<Vec<usize>>,
}

impl RowValues {
    /// Refuses what no row can bring.
    fn check(&self) -> Result<(), GlmError> {
        if let Some(trials) = &self.trials {
            require_trials(trials)?;
        }
        if let Some(offset) = &self.offset {
            require_offset(offset)?;
        }
        if let Some((weighting, weights)) = &self.weights {
            require_weights(*weighting, weights)?;
        }
        Ok(())
    }
}

/// Rows that are read anew for every pass, with what is done to their columns.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    origin: Origin,
    pub(super) width: usize,
    /// The row with which the source begins, counted from the first of all.
    begin: usize,
    /// The values of the first row of all.
    pub(super) first: Vec<f64>,
    /// Rows of a chunk.
    pub(super) chunk: usize,
    /// What the first pass has found.
    pub(super) rows: usize,
    pub(super) standards: Vec<Standard>,
    pub(super) totals: Totals,
    /// R, where the columns are divided by it.
    pub(super) factor: Option<faer::Mat<f64>>,
}

/// Where rows come from, who watches, and who adds them up if that is not done here.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) source: Arc<dyn RowSource>,
    pub(crate) watch: Option<Arc<dyn Watch>>,
    pub(crate) elsewhere: Option<Arc<dyn Elsewhere>>,
}

impl Origin {
    /// Rows that are added up here.
    pub(super) fn here(source: Arc<dyn RowSource>, watch: Option<Arc<dyn Watch>>) -> Self {
        Self {
            source,
            watch,
            elsewhere: None,
        }
    }
}

/// What the columns of a chunk add up to, and what its rows bring beside them.
pub(super) fn spreads_of(
    chunk: &RawChunk<'_>,
    terms: &[String],
    intercept: Option<usize>,
) -> Result<(Spreads, Totals), GlmError> {
    let (start, rows) = (chunk.start, chunk.rows);
    let spreads = chunk.source().spreads(0, rows, chunk.first);
    let fault = chunk.source().fault(0, rows, &spreads, terms, intercept);
    if let Some(fault) = fault {
        return Err(fault.moved_by(start));
    }
    let values = chunk.values();
    values.check().map_err(|error| error.moved_by(start))?;
    Ok((Spreads(spreads), Totals::of_values(&values)))
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
    /// Reads the rows once, for their number and the centre and the scale of each column; those that
    /// are multiples of the intercept have none.
    pub(super) fn new(
        origin: Origin,
        terms: &[String],
        intercept: Option<usize>,
        chunk: usize,
        dependent: Dependent,
    ) -> Result<(Self, Vec<Relation>), GlmError> {
        const PASS: &str = "centres and scales";
        let width = terms.len();
        let mut stream = Self {
            origin,
            width,
            begin: 0,
            first: Vec::new(),
            chunk,
            rows: 0,
            standards: Vec::new(),
            totals: Totals::default(),
            factor: None,
        };
        let mut forest = Forest::new();
        if let Some(elsewhere) = &stream.origin.elsewhere {
            stream.rows = elsewhere.rows();
            stream.first = stream.first_row()?;
            let task = Task::Spreads(terms.to_vec(), intercept);
            forest = stream.sums(PASS, Request::new(&stream, None, task))?;
        } else {
            let (mut first, mut added) = (Vec::new(), Ok(()));
            stream.rows = stream.drive(
                PASS,
                |raw| {
                    let sums = spreads_of(raw, terms, intercept)?;
                    let first = if raw.start == 0 { raw.first } else { &[] };
                    Ok((raw.start / chunk, sums, first.to_vec()))
                },
                |(index, sums, values)| {
                    add(&mut added, forest.push(index, sums));
                    if first.is_empty() {
                        first = values;
                    }
                },
            )?;
            added.map_err(unfinished)?;
            stream.first = first;
        }
        require("observations", 1, stream.rows.min(1))?;
        let sums = forest.finish(stream.rows.div_ceil(chunk));
        let (spreads, totals) = sums
            .map_err(unfinished)?
            .unwrap_or_else(|| (Spreads(vec![Spread::NOTHING; width]), Totals::default()));
        stream.totals = totals;
        let (rows, first) = (stream.rows, &stream.first);
        let (standards, constants) =
            standards_of(&spreads.0, rows, first, terms, intercept, dependent)?;
        stream.standards = standards;
        Ok((stream, constants))
    }

    /// Some of the chunks of a design, all of whose rows `source` gives; of its passes those that look
    /// at chunks by themselves.
    pub(super) fn of_chunks(
        source: Arc<dyn RowSource>,
        width: usize,
        chunk: usize,
        rows: Range<usize>,
        first: Vec<f64>,
        standards: Vec<Standard>,
        factor: Option<faer::Mat<f64>>,
    ) -> Self {
        Self {
            origin: Origin {
                source,
                watch: None,
                elsewhere: None,
            },
            width,
            begin: rows.start,
            first,
            chunk,
            rows: rows.end,
            standards,
            totals: Totals::default(),
            factor,
        }
    }

    /// Whether sums are made elsewhere.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.origin.elsewhere.is_some()
    }

    /// What others add up.
    pub(super) fn sums<T: Summed>(
        &self,
        pass: &str,
        request: Request,
    ) -> Result<Forest<T>, GlmError> {
        let not_here = || GlmError::NotOnCluster { pass: pass.into() };
        let elsewhere = self.origin.elsewhere.as_ref().ok_or_else(not_here)?;
        if let Some(watch) = &self.origin.watch {
            watch.pass(pass);
        }
        let sums = elsewhere.sums(pass, self.chunk, request)?;
        if let Some(watch) = &self.origin.watch
            && watch.rows(self.rows).is_break()
        {
            return Err(GlmError::Interrupted);
        }
        T::of(sums).ok_or_else(not_here)
    }

    /// The values of the first row.
    fn first_row(&self) -> Result<Vec<f64>, GlmError> {
        let mut reader = self.origin.source.open()?;
        loop {
            let batches = reader.next()?;
            if let Some(batch) = batches.iter().find(|batch| !batch.response.is_empty()) {
                return Ok(batch.columns.iter().map(|column| column[0]).collect());
            }
            if batches.is_empty() {
                return Ok(vec![0.0; self.width]);
            }
        }
    }

    /// A pass: `work` on each chunk, `merge` in the order of the chunks. While the threads work on
    /// some batches the next are read. Gives the number of rows.
    pub(super) fn drive<T: Send>(
        &self,
        name: &str,
        work: impl Fn(&RawChunk<'_>) -> Result<T, GlmError> + Sync,
        mut merge: impl FnMut(T),
    ) -> Result<usize, GlmError> {
        if let Some(watch) = &self.origin.watch {
            watch.pass(name);
        }
        let mut reader = self.origin.source.open()?;
        let mut assembler = Assembler {
            chunk: self.chunk,
            start: self.begin,
            pending: Vec::new(),
            filled: 0,
        };
        let mut first = self.first.clone();
        let mut brought = None;
        let mut batches = reader.next()?;
        loop {
            let ended = batches.is_empty();
            let mut full = Vec::new();
            for batch in batches {
                self.require_shape(&batch)?;
                if !batch.response.is_empty() {
                    let of_batch = batch.brought();
                    let what = brought.get_or_insert(of_batch).difference(of_batch);
                    if let Some(what) = what {
                        return Err(GlmError::MixedBatches { what });
                    }
                }
                if first.is_empty() && !batch.response.is_empty() {
                    first = batch.columns.iter().map(|column| column[0]).collect();
                }
                assembler.push(batch, &mut full);
            }
            if ended {
                assembler.finish(&mut full);
            }
            let (mut next, mut done) = (Ok(Vec::new()), Vec::new());
            parallel::join(
                &mut || {
                    if !ended {
                        next = reader.next();
                    }
                },
                &mut || {
                    let full = std::mem::take(&mut full);
                    done = parallel::map_items(full, |(start, rows, slices)| {
                        work(&RawChunk {
                            start,
                            rows,
                            slices: &slices,
                            first: &first,
                        })
                    });
                },
            );
            for part in done {
                merge(part?);
            }
            if let Some(watch) = &self.origin.watch
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
        require("columns of a batch", self.width, batch.columns.len())?;
        let rows = batch.response.len();
        let weights = batch.weights.iter().map(|(_, weights)| weights);
        let beside = batch.trials.iter().chain(&batch.offset).chain(weights);
        for column in batch.columns.iter().chain(beside) {
            require("values of a column of a batch", rows, column.len())?;
        }
        if let Some(clusters) = &batch.clusters {
            require("clusters of a batch", rows, clusters.len())?;
        }
        Ok(())
    }
}
