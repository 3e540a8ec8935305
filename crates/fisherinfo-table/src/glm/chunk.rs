//! The rows of a regression a chunk at a time, whether they lie in memory or are read anew.

use super::{
    design::{Design, divide_by},
    elsewhere::{Request, Summed, Task, add, unfinished},
    error::GlmError,
    family::Family,
    kernel::{Aligned, ROWS, linear_predictor},
    regression::refused_row,
    stream::{RawChunk, RowValues, Stream},
    weights::{Weighting, Weights},
};
use crate::sums::Forest;
use pulp::Arch;

/// Successive rows as they are computed with.
pub(super) struct Chunk<'a> {
    /// The first row, counted from the first of all.
    pub(super) start: usize,
    pub(super) rows: usize,
    width: usize,
    /// Stored columns in blocks of [`ROWS`] rows.
    values: &'a [f64],
    /// Of these rows only.
    pub(super) response: &'a [f64],
    pub(super) trials: Option<&'a [f64]>,
    /// What is added to each predictor.
    pub(super) offset: Option<&'a [f64]>,
    pub(super) weights: Option<(Weighting, &'a [f64])>,
    /// The number of each row's cluster.
    pub(super) clusters: Option<&'a [usize]>,
}

impl Chunk<'_> {
    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn blocks(&self) -> usize {
        self.rows.div_ceil(ROWS)
    }

    /// Rows of the block that are data; those after them are zero.
    pub(super) fn rows_in(&self, block: usize) -> usize {
        (self.rows - block * ROWS).min(ROWS)
    }

    /// The block's columns, one after the other, [`ROWS`] rows each.
    pub(super) fn block(&self, block: usize) -> &[f64] {
        let size = self.width * ROWS;
        &self.values[block * size..(block + 1) * size]
    }

    /// All blocks, one after the other.
    pub(super) fn all_blocks(&self) -> &[f64] {
        self.values
    }

    /// The stored values of one row, counted from the chunk's first.
    pub(super) fn row(&self, row: usize, out: &mut [f64]) {
        let block = self.block(row / ROWS);
        for (j, z) in out.iter_mut().enumerate() {
            *z = block[j * ROWS + row % ROWS];
        }
    }

    pub(super) fn trials_of(&self, row: usize) -> f64 {
        self.trials.map_or(1.0, |trials| trials[row])
    }

    pub(super) fn offset_of(&self, row: usize) -> f64 {
        self.offset.map_or(0.0, |offset| offset[row])
    }

    pub(super) fn weight_of(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |(_, weights)| weights[row])
    }

    /// How many equal rows this one stands for.
    pub(super) fn copies_of(&self, row: usize) -> f64 {
        match self.weights {
            Some((Weighting::Frequency, weights)) => weights[row],
            _ => 1.0,
        }
    }

    /// η of the rows of a block, offsets included.
    pub(super) fn predictors(&self, block: usize, coefficients: &[f64], out: &mut [f64; ROWS]) {
        linear_predictor(Arch::new(), self.block(block), coefficients, out);
        for (i, eta) in out[..self.rows_in(block)].iter_mut().enumerate() {
            *eta += self.offset_of(block * ROWS + i);
        }
    }
}

/// Where the chunks of a regression come from.
#[derive(Clone, Copy)]
pub(super) struct Chunks<'a> {
    pub(super) design: &'a Design,
    pub(super) response: &'a [f64],
    pub(super) trials: Option<&'a [f64]>,
    pub(super) offset: Option<&'a [f64]>,
    pub(super) weights: Option<&'a Weights>,
    pub(super) clusters: Option<&'a [usize]>,
    pub(super) stream: Option<&'a Stream>,
    /// The family that responses are held against whenever they are read.
    pub(super) family: Option<Family>,
}

impl<'a> Chunks<'a> {
    /// Those of a design in memory, without its response.
    pub(super) fn of_design(design: &'a Design) -> Self {
        Self {
            design,
            response: &[],
            trials: None,
            offset: None,
            weights: None,
            clusters: None,
            stream: None,
            family: None,
        }
    }

    pub(super) fn width(&self) -> usize {
        self.design.width
    }

    /// The sum of what `work` makes of each chunk, by the tree of their numbers; `task` says the same to
    /// whoever adds up elsewhere.
    pub(super) fn sum<T: Summed>(
        &self,
        pass: &str,
        task: impl FnOnce() -> Task,
        work: impl Fn(&Chunk<'_>) -> Result<T, GlmError> + Sync,
    ) -> Result<Option<T>, GlmError> {
        let (rows, size) = (self.design.rows, self.size());
        let forest = match self.stream {
            Some(stream) if stream.is_elsewhere() => {
                stream.sums(pass, Request::new(stream, self.family, task()))?
            }
            _ => self.forest(pass, size, work, |_| ())?,
        };
        forest.finish(rows.div_ceil(size)).map_err(unfinished)
    }

    /// The nodes of that tree; `refused` is told the first row of chunks whose responses are refused.
    pub(super) fn forest<T: Summed>(
        &self,
        pass: &str,
        size: usize,
        work: impl Fn(&Chunk<'_>) -> Result<T, GlmError> + Sync,
        refused: impl Fn(usize) + Sync,
    ) -> Result<Forest<T>, GlmError> {
        let mut forest = Forest::new();
        let mut added = Ok(());
        self.fold_or(
            pass,
            |chunk| Ok((chunk.start / size, work(chunk)?)),
            |(chunk, sums)| add(&mut added, forest.push(chunk, sums)),
            refused,
        )?;
        added.map_err(unfinished)?;
        Ok(forest)
    }

    /// Rows of a chunk.
    fn size(&self) -> usize {
        self.stream
            .map_or_else(|| self.design.rows_in_a_chunk(), |stream| stream.chunk)
    }

    /// What `work` makes of each chunk, given to `merge` in their order: the sums that result are
    /// the same, bit by bit, for any number of threads and any batches.
    pub(super) fn fold<T: Send>(
        &self,
        pass: &str,
        work: impl Fn(&Chunk<'_>) -> Result<T, GlmError> + Sync,
        merge: impl FnMut(T),
    ) -> Result<(), GlmError> {
        self.fold_or(pass, work, merge, |_| ())
    }

    fn fold_or<T: Send>(
        &self,
        pass: &str,
        work: impl Fn(&Chunk<'_>) -> Result<T, GlmError> + Sync,
        mut merge: impl FnMut(T),
        refused: impl Fn(usize) + Sync,
    ) -> Result<(), GlmError> {
        if let Some(stream) = self.stream {
            if stream.is_elsewhere() {
                return Err(GlmError::NotOnCluster { pass: pass.into() });
            }
            let work = |raw: &RawChunk<'_>| self.standardised(stream, raw, &work, &refused);
            stream.drive(pass, work, merge)?;
            return Ok(());
        }
        let design = self.design;
        let parts = design.over_chunks(|blocks| {
            let start = blocks.start * ROWS;
            let rows = (blocks.end * ROWS).min(design.rows) - start;
            let of_chunk = |values: &'a [f64]| values.get(start..start + rows).unwrap_or_default();
            work(&Chunk {
                start,
                rows,
                width: design.width,
                values: design.blocks_of(blocks),
                response: of_chunk(self.response),
                trials: self.trials.map(of_chunk),
                offset: self.offset.map(of_chunk),
                weights: self
                    .weights
                    .map(|weights| (weights.weighting, of_chunk(&weights.values))),
                clusters: self.clusters.map(|all| &all[start..start + rows]),
            })
        });
        for part in parts {
            merge(part?);
        }
        Ok(())
    }

    fn standardised<T>(
        &self,
        stream: &Stream,
        raw: &RawChunk<'_>,
        work: impl Fn(&Chunk<'_>) -> Result<T, GlmError>,
        refused: impl Fn(usize),
    ) -> Result<T, GlmError> {
        let (width, rows) = (self.width(), raw.rows);
        let RowValues {
            response,
            trials,
            offset,
            weights,
            clusters,
        } = raw.values();
        if let Some(family) = self.family
            && let Some(row) = refused_row(family, &response, trials.as_deref())
        {
            refused(raw.start);
            return Err(GlmError::Response {
                row: raw.start + row,
                value: response[row],
                family,
                support: family.support(trials.map(|trials| trials[row])),
            });
        }
        let mut values = Aligned::zeros(rows.div_ceil(ROWS) * ROWS * width);
        let source = raw.source();
        source.fill(0, rows, ROWS, &stream.standards, values.as_mut_slice());
        if let Some(factor) = &stream.factor {
            for block in values.as_mut_slice().chunks_exact_mut(width * ROWS) {
                divide_by(factor, block);
            }
        }
        work(&Chunk {
            start: raw.start,
            rows,
            width,
            values: values.as_slice(),
            response: &response,
            trials: trials.as_deref(),
            offset: offset.as_deref(),
            weights: weights
                .as_ref()
                .map(|(weighting, values)| (*weighting, values.as_slice())),
            clusters: clusters.as_deref(),
        })
    }
}
