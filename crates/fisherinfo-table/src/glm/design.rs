//! The design of a regression as it is computed with: columns centred and scaled, in blocks.

use super::{
    chunk::{Chunk, Chunks},
    collinear,
    elsewhere::Task,
    error::GlmError,
    identified::{Dependent, Relation, extend},
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

/// What the rows of a design in memory are.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) response: &'a [f64],
    pub(super) source: Source<'a>,
    pub(super) terms: &'a [String],
    pub(super) intercept: Option<usize>,
}

impl Design {
    /// The design, and the columns that are combinations of those before them.
    ///
    /// # Errors
    /// Values that are not finite, an intercept that is not one; columns that are constant or
    /// combinations of others, where they are refused.
    pub(super) fn new(
        given: Given<'_>,
        dependent: Dependent,
    ) -> Result<(Self, Vec<Relation>), GlmError> {
        Self::in_chunks(given, dependent, BLOCKS_IN_A_CHUNK)
    }

    pub(super) fn in_chunks(
        given: Given<'_>,
        dependent: Dependent,
        blocks_in_a_chunk: usize,
    ) -> Result<(Self, Vec<Relation>), GlmError> {
        let (standards, constants) = given.standards(blocks_in_a_chunk, dependent)?;
        Self::independent(given, standards, constants, dependent, blocks_in_a_chunk)
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
        let given = Given {
            response,
            source: Source::Columns(&columns),
            terms,
            intercept: None,
        };
        let (refused, blocks) = (Dependent::Refused, BLOCKS_IN_A_CHUNK);
        let (mut standards, _) = given.standards(blocks, refused)?;
        for (standard, largest) in standards.iter_mut().zip(largest) {
            standard.offset = largest * standard.scale;
        }
        let (design, _) = Self::independent(given, standards, Vec::new(), refused, blocks)?;
        Ok(design)
    }

    /// Columns centred and scaled, each by itself, whatever combinations there are among them.
    pub(super) fn of_any_rank(given: Given<'_>) -> Result<Self, GlmError> {
        let (standards, _) = given.standards(BLOCKS_IN_A_CHUNK, Dependent::Refused)?;
        Ok(Self::filled(given, &standards, BLOCKS_IN_A_CHUNK))
    }

    fn filled(given: Given<'_>, standards: &[Standard], blocks_in_a_chunk: usize) -> Self {
        let rows = given.response.len();
        let mut design = Self::shell(rows, standards, given.intercept, blocks_in_a_chunk);
        design.values = Aligned::zeros(rows.div_ceil(ROWS) * ROWS * design.width);
        design.fill(given.source, standards);
        design
    }

    /// The columns that no others determine, orthogonal ones in place of those that are far from it.
    fn independent(
        given: Given<'_>,
        mut standards: Vec<Standard>,
        mut relations: Vec<Relation>,
        dependent: Dependent,
        blocks_in_a_chunk: usize,
    ) -> Result<(Self, Vec<Relation>), GlmError> {
        loop {
            let mut design = Self::filled(given, &standards, blocks_in_a_chunk);
            design.multiply(given.response, None)?;
            if collinear::condition(&design.gram) < collinear::WELL_CONDITIONED {
                return Ok((design, relations));
            }
            let (factor, found) = design.factor(None, &standards, given.intercept)?;
            if found.is_empty() {
                let width = design.width;
                design
                    .values
                    .as_mut_slice()
                    .par_chunks_mut(width * ROWS)
                    .for_each(|block| divide_by(&factor, block));
                design.carry(&factor);
                design.multiply(given.response, None)?;
                return Ok((design, relations));
            }
            // The values are made anew without the columns that were found, so those go first.
            drop(design);
            leave_out(
                &mut standards,
                &mut relations,
                found,
                given.terms,
                dependent,
            )?;
        }
    }

    /// The design of rows that are read anew for every pass, in two passes; a third and a fourth
    /// where its columns are far from orthogonal, and another where some are combinations of others. It
    /// holds no values.
    pub(super) fn streamed(
        origin: Origin,
        terms: &[String],
        intercept: Option<usize>,
        blocks_in_a_chunk: Option<usize>,
        dependent: Dependent,
    ) -> Result<(Self, Stream, Vec<Relation>), GlmError> {
        let (mut stream, mut relations) =
            Self::read_standards(origin, terms, intercept, blocks_in_a_chunk, dependent)?;
        // Before anything takes the square of more columns than there are rows.
        if stream.rows < terms.len() {
            return Err(GlmError::TooFewRows {
                rows: stream.rows,
                terms: terms.len(),
            });
        }
        loop {
            let mut design = Self::of_stream(&stream, intercept);
            design.multiply(&[], Some(&stream))?;
            if collinear::condition(&design.gram) < collinear::WELL_CONDITIONED {
                return Ok((design, stream, relations));
            }
            let (factor, found) = design.factor(Some(&stream), &stream.standards, intercept)?;
            if found.is_empty() {
                design.carry(&factor);
                stream.factor = Some(factor);
                design.multiply(&[], Some(&stream))?;
                return Ok((design, stream, relations));
            }
            leave_out(
                &mut stream.standards,
                &mut relations,
                found,
                terms,
                dependent,
            )?;
        }
    }

    /// As [`Design::streamed`], the columns centred and scaled each by itself.
    pub(super) fn streamed_of_any_rank(
        origin: Origin,
        terms: &[String],
        intercept: Option<usize>,
    ) -> Result<(Self, Stream), GlmError> {
        let (stream, _) = Self::read_standards(origin, terms, intercept, None, Dependent::Refused)?;
        Ok((Self::of_stream(&stream, intercept), stream))
    }

    fn read_standards(
        origin: Origin,
        terms: &[String],
        intercept: Option<usize>,
        blocks_in_a_chunk: Option<usize>,
        dependent: Dependent,
    ) -> Result<(Stream, Vec<Relation>), GlmError> {
        // Of wide designs a chunk would be large.
        let most = (DOUBLES_IN_A_CHUNK / (ROWS * terms.len().max(1))).max(1);
        let blocks = blocks_in_a_chunk.unwrap_or(BLOCKS_IN_A_CHUNK.min(most));
        Stream::new(origin, terms, intercept, blocks * ROWS, dependent)
    }

    pub(super) fn of_stream(stream: &Stream, intercept: Option<usize>) -> Self {
        let blocks = stream.chunk / ROWS;
        Self::shell(stream.rows, &stream.standards, intercept, blocks)
    }

    /// Without values and without their products; `intercept` is the column that was given as such.
    fn shell(
        rows: usize,
        standards: &[Standard],
        intercept: Option<usize>,
        blocks_in_a_chunk: usize,
    ) -> Self {
        let width = standards.len();
        let intercept = place_of(intercept, standards);
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

    /// R of columns of size one, so that the new columns have the size of the old; and the relations of
    /// the columns that are combinations of those before them.
    fn factor(
        &self,
        stream: Option<&Stream>,
        standards: &[Standard],
        intercept: Option<usize>,
    ) -> Result<(Mat<f64>, Vec<Relation>), GlmError> {
        let factor = collinear::triangular_factor(self.chunks(stream))?;
        let offsets: Vec<f64> = standards.iter().map(|standard| standard.offset).collect();
        let intercept = place_of(intercept, standards);
        let relations = collinear::dependences(&factor, &offsets)
            .iter()
            .map(|found| self.relation(standards, intercept, found))
            .collect();
        let size = (self.rows as f64).sqrt();
        let scaled = Mat::from_fn(self.width, self.width, |i, j| factor[(i, j)] / size);
        Ok((scaled, relations))
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

    /// The relation of a dependent column in the columns that were given.
    fn relation(
        &self,
        standards: &[Standard],
        intercept: Option<usize>,
        found: &collinear::Dependence,
    ) -> Relation {
        let column = found.column;
        // Σ bᵢzᵢ = Σ βⱼxⱼ for all b, hence zᵢ = Σ xⱼ ∂βⱼ/∂bᵢ; put into Σ aᵢzᵢ − z_column = 0.
        let mut relation = vec![0.0; self.width];
        for (j, entry) in relation.iter_mut().enumerate() {
            *entry = (0..column)
                .map(|i| self.to_raw[(j, i)] * found.weights[i])
                .sum::<f64>()
                - self.to_raw[(j, column)];
        }
        let own = -relation[column];
        let is_part = |j: usize| {
            // In units of the stored columns, in which every one has size one.
            let size = relation[j] / own * self.spread[j] / self.spread[column];
            j != column && Some(j) != intercept && size.abs() > 1e-9
        };
        let combination = (0..self.width)
            .filter(|&j| is_part(j))
            .map(|j| (standards[j].column, relation[j] / own))
            .collect();
        let constant = intercept.map_or(0.0, |intercept| {
            let constant = relation[intercept] / own;
            // What rounding leaves of the terms' means is no constant.
            let scale: f64 = (0..self.width)
                .filter(|&j| j != intercept)
                .map(|j| (relation[j] / own * self.to_stored[(intercept, j)]).abs())
                .sum();
            if constant.abs() > 1e-9 * scale {
                constant
            } else {
                0.0
            }
        });
        Relation {
            term: standards[column].column,
            combination,
            constant,
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

impl Given<'_> {
    fn standards(
        &self,
        blocks_in_a_chunk: usize,
        dependent: Dependent,
    ) -> Result<(Vec<Standard>, Vec<Relation>), GlmError> {
        let (rows, chunk) = (self.response.len(), blocks_in_a_chunk * ROWS);
        standards(
            self.source,
            rows,
            self.terms,
            self.intercept,
            chunk,
            dependent,
        )
    }
}

/// Where a column that was given is among those that are stored.
fn place_of(column: Option<usize>, standards: &[Standard]) -> Option<usize> {
    standards
        .iter()
        .position(|standard| Some(standard.column) == column)
}

/// Goes on without the columns that others determine.
///
/// # Errors
/// The first of them, where they are refused.
fn leave_out(
    standards: &mut Vec<Standard>,
    relations: &mut Vec<Relation>,
    found: Vec<Relation>,
    terms: &[String],
    dependent: Dependent,
) -> Result<(), GlmError> {
    if dependent == Dependent::Refused
        && let Some(relation) = found.first()
    {
        return Err(GlmError::Collinear {
            term: terms[relation.term].clone(),
            relation: relation.text(terms),
        });
    }
    standards.retain(|kept| found.iter().all(|relation| relation.term != kept.column));
    extend(relations, found);
    Ok(())
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
