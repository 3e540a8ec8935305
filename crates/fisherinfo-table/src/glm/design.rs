//! The design of a regression as it is computed with: columns centred and scaled, in blocks.

use super::{
    chunk::{Chunk, Chunks},
    collinear::{self, Dependence},
    elsewhere::Task,
    error::GlmError,
    kernel::{Aligned, Products, ROWS, packed_length},
    standards::{Source, Standard, standards},
    stream::{Origin, Stream},
    wide::{self, Multipliers, WIDE},
};
use crate::parallel;
use faer::Mat;
use pulp::Arch;
use rayon::prelude::*;

/// Blocks in a chunk. Chunks are the unit of work of a thread, and their sums are merged in order,
/// so that no result depends on the number of threads.
const BLOCKS_IN_A_CHUNK: usize = 64;

/// Values in a chunk of rows that are read anew, unless a block has more.
const DOUBLES_IN_A_CHUNK: usize = 1 << 22;

/// The pass that adds up products of columns.
const PRODUCTS: &str = "products of columns";

/// Columns z with η = Σ bⱼzⱼ, and the linear map between b and the coefficients β of the columns
/// that were given.
///
/// Beside an intercept a column is stored as (x − centre)·2ᵏ with its mean as the centre and its
/// standard deviation near 2⁻ᵏ; a power of two scales without rounding. If the stored columns are
/// still far from orthogonal, they are replaced by z·R⁻¹ with R from a QR decomposition, after
/// which products of columns lose nothing.
#[derive(Clone, Debug)]
pub(super) struct Design {
    values: Aligned,
    pub(super) rows: usize,
    pub(super) width: usize,
    blocks_in_a_chunk: usize,
    /// Σ z zᵀ over the rows.
    pub(super) gram: Mat<f64>,
    /// Σ y z over the rows.
    pub(super) moments: Vec<f64>,
    /// The unit in which each column was scaled, near its standard deviation.
    pub(super) spread: Vec<f64>,
    /// ∂b/∂β.
    pub(super) to_stored: Mat<f64>,
    /// ∂β/∂b.
    pub(super) to_raw: Mat<f64>,
}

impl Design {
    /// # Errors
    /// Values that are not finite, an intercept that is not one, columns that are constant or
    /// combinations of others.
    pub(super) fn new(
        response: &[f64],
        source: Source<'_>,
        terms: &[String],
        intercept: Option<usize>,
    ) -> Result<Self, GlmError> {
        Self::in_chunks(response, source, terms, intercept, BLOCKS_IN_A_CHUNK)
    }

    pub(super) fn in_chunks(
        response: &[f64],
        source: Source<'_>,
        terms: &[String],
        intercept: Option<usize>,
        blocks_in_a_chunk: usize,
    ) -> Result<Self, GlmError> {
        let (mut design, standards) =
            Self::filled(source, response.len(), terms, intercept, blocks_in_a_chunk)?;
        design.orthogonalise(response, terms, &standards, intercept)?;
        Ok(design)
    }

    /// Columns that have no mean within any level of a factor; `largest` are their largest sizes before
    /// the means were taken off.
    pub(super) fn within_levels(
        response: &[f64],
        columns: &[Vec<f64>],
        terms: &[String],
        largest: &[f64],
    ) -> Result<Self, GlmError> {
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let source = Source::Columns(&columns);
        let (mut design, mut standards) =
            Self::filled(source, response.len(), terms, None, BLOCKS_IN_A_CHUNK)?;
        for (standard, largest) in standards.iter_mut().zip(largest) {
            standard.offset = largest * standard.scale;
        }
        design.orthogonalise(response, terms, &standards, None)?;
        Ok(design)
    }

    /// Columns centred and scaled, each by itself, whatever combinations there are among them.
    pub(super) fn of_any_rank(
        source: Source<'_>,
        rows: usize,
        terms: &[String],
        intercept: Option<usize>,
    ) -> Result<Self, GlmError> {
        let (design, _) = Self::filled(source, rows, terms, intercept, BLOCKS_IN_A_CHUNK)?;
        Ok(design)
    }

    fn filled(
        source: Source<'_>,
        rows: usize,
        terms: &[String],
        intercept: Option<usize>,
        blocks_in_a_chunk: usize,
    ) -> Result<(Self, Vec<Standard>), GlmError> {
        let standards = standards(source, rows, terms, intercept, blocks_in_a_chunk * ROWS)?;
        let mut design = Self::shell(rows, &standards, intercept, blocks_in_a_chunk);
        design.values = Aligned::zeros(rows.div_ceil(ROWS) * ROWS * design.width);
        design.fill(source, &standards);
        Ok((design, standards))
    }

    /// The design of rows that are read anew for every pass, in two passes; a third and a fourth
    /// where its columns are far from orthogonal. It holds no values.
    pub(super) fn streamed(
        origin: Origin,
        terms: &[String],
        intercept: Option<usize>,
        blocks_in_a_chunk: Option<usize>,
    ) -> Result<(Self, Stream), GlmError> {
        let mut stream = Self::read_standards(origin, terms, intercept, blocks_in_a_chunk)?;
        // Before anything takes the square of more columns than there are rows.
        if stream.rows < terms.len() {
            return Err(GlmError::TooFewRows {
                rows: stream.rows,
                terms: terms.len(),
            });
        }
        let mut design = Self::of_stream(&stream, intercept);
        design.multiply(&[], Some(&stream))?;
        if collinear::condition(&design.gram) >= collinear::WELL_CONDITIONED {
            let factor = design.factor(Some(&stream), terms, &stream.standards, intercept)?;
            design.carry(&factor);
            stream.factor = Some(factor);
            design.multiply(&[], Some(&stream))?;
        }
        Ok((design, stream))
    }

    /// As [`Design::streamed`], the columns centred and scaled each by itself.
    pub(super) fn streamed_of_any_rank(
        origin: Origin,
        terms: &[String],
        intercept: Option<usize>,
    ) -> Result<(Self, Stream), GlmError> {
        let stream = Self::read_standards(origin, terms, intercept, None)?;
        Ok((Self::of_stream(&stream, intercept), stream))
    }

    fn read_standards(
        origin: Origin,
        terms: &[String],
        intercept: Option<usize>,
        blocks_in_a_chunk: Option<usize>,
    ) -> Result<Stream, GlmError> {
        // Of wide designs a chunk would be large.
        let most = (DOUBLES_IN_A_CHUNK / (ROWS * terms.len().max(1))).max(1);
        let blocks = blocks_in_a_chunk.unwrap_or(BLOCKS_IN_A_CHUNK.min(most));
        Stream::new(origin, terms, intercept, blocks * ROWS)
    }

    pub(super) fn of_stream(stream: &Stream, intercept: Option<usize>) -> Self {
        let blocks = stream.chunk / ROWS;
        Self::shell(stream.rows, &stream.standards, intercept, blocks)
    }

    /// Without values and without their products.
    fn shell(
        rows: usize,
        standards: &[Standard],
        intercept: Option<usize>,
        blocks_in_a_chunk: usize,
    ) -> Self {
        let width = standards.len();
        let mut to_stored = Mat::zeros(width, width);
        let mut to_raw = Mat::zeros(width, width);
        for (j, standard) in standards.iter().enumerate() {
            to_stored[(j, j)] = standard.scale.recip();
            to_raw[(j, j)] = standard.scale;
            if let Some(intercept) = intercept
                && intercept != j
            {
                to_stored[(intercept, j)] = standard.centre;
                to_raw[(intercept, j)] = -standard.centre * standard.scale;
            }
        }
        Self {
            values: Aligned::zeros(0),
            rows,
            width,
            blocks_in_a_chunk,
            spread: standards.iter().map(|s| s.scale.recip()).collect(),
            gram: Mat::zeros(0, 0),
            moments: Vec::new(),
            to_stored,
            to_raw,
        }
    }

    fn fill(&mut self, source: Source<'_>, standards: &[Standard]) {
        let (width, rows) = (self.width, self.rows);
        let chunk = self.blocks_in_a_chunk * ROWS;
        self.values
            .as_mut_slice()
            .par_chunks_mut((chunk * width).max(1))
            .enumerate()
            .for_each(|(index, values)| {
                let start = index * chunk;
                source.fill(start, rows - start, ROWS, standards, values);
            });
    }

    /// Decides the rank, and replaces columns that are far from orthogonal by orthogonal ones.
    fn orthogonalise(
        &mut self,
        response: &[f64],
        terms: &[String],
        standards: &[Standard],
        intercept: Option<usize>,
    ) -> Result<(), GlmError> {
        self.multiply(response, None)?;
        if collinear::condition(&self.gram) < collinear::WELL_CONDITIONED {
            return Ok(());
        }
        let factor = self.factor(None, terms, standards, intercept)?;
        let width = self.width;
        self.values
            .as_mut_slice()
            .par_chunks_mut(width * ROWS)
            .for_each(|block| divide_by(&factor, block));
        self.carry(&factor);
        self.multiply(response, None)
    }

    /// R of columns of size one, so that the new columns have the size of the old.
    ///
    /// # Errors
    /// A column that is a combination of those before it.
    fn factor(
        &self,
        stream: Option<&Stream>,
        terms: &[String],
        standards: &[Standard],
        intercept: Option<usize>,
    ) -> Result<Mat<f64>, GlmError> {
        let factor = collinear::triangular_factor(self.chunks(stream))?;
        let offsets: Vec<f64> = standards.iter().map(|standard| standard.offset).collect();
        if let Some(Dependence { column, weights }) = collinear::dependence(&factor, &offsets) {
            return Err(self.collinear(terms, intercept, column, &weights));
        }
        let size = (self.rows as f64).sqrt();
        Ok(Mat::from_fn(self.width, self.width, |i, j| {
            factor[(i, j)] / size
        }))
    }

    /// The coefficients of columns divided by `factor`.
    fn carry(&mut self, factor: &Mat<f64>) {
        self.to_stored = factor * &self.to_stored;
        self.to_raw = &self.to_raw * &collinear::inverse_upper(factor);
    }

    fn chunks<'a>(&'a self, stream: Option<&'a Stream>) -> Chunks<'a> {
        Chunks {
            stream,
            ..Chunks::of_design(self)
        }
    }

    /// Adds up Σ z zᵀ and Σ y z; a stream has its responses itself.
    fn multiply(&mut self, response: &[f64], stream: Option<&Stream>) -> Result<(), GlmError> {
        let width = self.width;
        let chunks = Chunks {
            response,
            ..self.chunks(stream)
        };
        if width >= WIDE {
            let of_chunk = |chunk: &Chunk<'_>| {
                let mut ones = vec![1.0; chunk.rows];
                let mut responses = chunk.response.to_vec();
                for values in [&mut ones, &mut responses] {
                    values.resize(chunk.blocks() * ROWS, 0.0);
                }
                let multipliers = Multipliers {
                    weights: vec![ones],
                    score: Some(responses),
                };
                Ok((multipliers, ()))
            };
            let sums = wide::sums(chunks, PRODUCTS, 1, of_chunk, |()| {})?;
            self.moments = sums.score;
            for products in sums.products {
                self.gram = products;
            }
            return Ok(());
        }
        let sums = chunks.sum(PRODUCTS, || Task::Products, |chunk| Ok(products_of(chunk)))?;
        let mut total = sums.unwrap_or_else(|| vec![0.0; packed_length(width)]);
        self.moments = total.split_off(width * (width + 1) / 2);
        self.gram = symmetric(&total, width);
        Ok(())
    }

    /// Σ z over the rows, since the column of ones is a combination of the stored ones.
    pub(super) fn totals(&self, intercept: usize) -> Vec<f64> {
        let ones = self.to_stored.col(intercept);
        (0..self.width)
            .map(|i| (0..self.width).map(|j| self.gram[(i, j)] * ones[j]).sum())
            .collect()
    }

    /// The relation of a dependent column in the terms that were given.
    fn collinear(
        &self,
        terms: &[String],
        intercept: Option<usize>,
        column: usize,
        weights: &[f64],
    ) -> GlmError {
        // Σ bᵢzᵢ = Σ βⱼxⱼ for all b, hence zᵢ = Σ xⱼ ∂βⱼ/∂bᵢ; put into Σ aᵢzᵢ − z_column = 0.
        let mut relation = vec![0.0; self.width];
        for (j, entry) in relation.iter_mut().enumerate() {
            *entry = (0..column)
                .map(|i| self.to_raw[(j, i)] * weights[i])
                .sum::<f64>()
                - self.to_raw[(j, column)];
        }
        let own = -relation[column];
        let mut text = format!("{} =", terms[column]);
        let mut first = true;
        let mut add = |weight: f64, name: Option<&str>| {
            let sign = match (first, weight < 0.0) {
                (true, true) => " −",
                (true, false) => " ",
                (false, true) => " − ",
                (false, false) => " + ",
            };
            first = false;
            text.push_str(sign);
            let size = six_digits(weight.abs());
            match name {
                None => text.push_str(&size),
                Some(name) if size == "1" => text.push_str(name),
                Some(name) => text.push_str(&format!("{size}·{name}")),
            }
        };
        for (j, &entry) in relation.iter().enumerate() {
            // In units of the stored columns, in which every one has size one.
            let size = entry / own * self.spread[j] / self.spread[column];
            if j != column && Some(j) != intercept && size.abs() > 1e-9 {
                add(entry / own, Some(&terms[j]));
            }
        }
        if let Some(intercept) = intercept {
            let constant = relation[intercept] / own;
            // What rounding leaves of the terms' means is no constant.
            let scale: f64 = (0..self.width)
                .filter(|&j| j != intercept)
                .map(|j| (relation[j] / own * self.to_stored[(intercept, j)]).abs())
                .sum();
            if constant.abs() > 1e-9 * scale {
                add(constant, None);
            }
        }
        if first {
            text.push_str(" 0");
        }
        GlmError::Collinear {
            term: terms[column].clone(),
            relation: text,
        }
    }

    pub(super) fn blocks(&self) -> usize {
        self.rows.div_ceil(ROWS)
    }

    pub(super) fn rows_in_a_chunk(&self) -> usize {
        self.blocks_in_a_chunk * ROWS
    }

    /// The columns of successive blocks, each as [`ROWS`] rows of every column.
    pub(super) fn blocks_of(&self, blocks: std::ops::Range<usize>) -> &[f64] {
        let size = self.width * ROWS;
        &self.values.as_slice()[blocks.start * size..blocks.end * size]
    }

    /// What `work` makes of each chunk's range of blocks, in the order of the chunks.
    pub(super) fn over_chunks<T: Send>(
        &self,
        work: impl Fn(std::ops::Range<usize>) -> T + Sync,
    ) -> Vec<T> {
        let blocks = self.blocks();
        let size = self.blocks_in_a_chunk;
        parallel::map(blocks.div_ceil(size), |chunk| {
            work(chunk * size..((chunk + 1) * size).min(blocks))
        })
    }
}

/// z ← z·R⁻¹ by substitution, row by row: as accurate as the QR decomposition itself.
pub(super) fn divide_by(factor: &Mat<f64>, block: &mut [f64]) {
    for j in 0..factor.ncols() {
        let (done, rest) = block.split_at_mut(j * ROWS);
        let column = &mut rest[..ROWS];
        for (i, solved) in done.chunks_exact(ROWS).enumerate() {
            let r = factor[(i, j)];
            for (z, u) in column.iter_mut().zip(solved) {
                *z -= r * u;
            }
        }
        let diagonal = factor[(j, j)];
        for z in column {
            *z /= diagonal;
        }
    }
}

/// Six digits, without the zeros that a fixed format would add.
fn six_digits(size: f64) -> String {
    let shown: f64 = format!("{size:.5e}").parse().unwrap_or(size);
    shown.to_string()
}

/// Adds a vector to a total, which is empty before the first.
pub(super) fn add_to(total: &mut Vec<f64>, part: Vec<f64>) {
    if total.is_empty() {
        *total = part;
        return;
    }
    for (sum, more) in total.iter_mut().zip(part) {
        *sum += more;
    }
}

/// Σ z zᵀ and Σ y z over the rows of a chunk, packed.
pub(super) fn products_of(chunk: &Chunk<'_>) -> Vec<f64> {
    let (arch, ones) = (Arch::new(), [1.0; ROWS]);
    let mut products = Products::new(chunk.width());
    for block in 0..chunk.blocks() {
        let start = block * ROWS;
        let mut responses = [0.0; ROWS];
        let count = chunk.rows_in(block);
        responses[..count].copy_from_slice(&chunk.response[start..start + count]);
        products.update(arch, chunk.block(block), Some(&ones), Some(&responses));
    }
    products.finish()
}

/// The symmetric matrix whose lower triangle is packed row by row.
pub(super) fn symmetric(packed: &[f64], width: usize) -> Mat<f64> {
    Mat::from_fn(width, width, |i, j| {
        let (i, j) = (i.max(j), i.min(j));
        packed[i * (i + 1) / 2 + j]
    })
}
