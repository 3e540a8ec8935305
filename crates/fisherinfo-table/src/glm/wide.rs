//! Sums over the rows of a design of many columns.
//!
//! There the sums themselves outgrow every cache, and one of them a vector lane and a thread would
//! outgrow memory. So there is one matrix for all threads, cut into strips of columns, of which each
//! thread takes one at a time through the blocks in their order: the sums depend on neither threads
//! nor chunks. The weights of the rows are found before, chunk by chunk.

use super::{
    chunk::{Chunk, Chunks},
    error::GlmError,
    kernel::ROWS,
};
use faer::{Accum, Mat, MatMut, MatRef, Par, linalg::matmul::matmul};
use rayon::prelude::*;

/// Columns from which a design is taken for wide.
pub(super) const WIDE: usize = 512;

/// Columns of a strip.
const STRIP: usize = 128;

/// What the rows of a chunk are to be multiplied by: [`ROWS`] numbers a block, zero after the last row.
pub(super) struct Multipliers {
    /// For each sum of products.
    pub(super) weights: Vec<Vec<f64>>,
    /// For the sum of the columns.
    pub(super) score: Option<Vec<f64>>,
}

/// The sums.
pub(super) struct WideSums {
    /// Σ w z zᵀ for each of the weights.
    pub(super) products: Vec<Mat<f64>>,
    /// Σ s z.
    pub(super) score: Vec<f64>,
}

/// A chunk's multipliers, and its blocks where they are not in memory anyway.
struct Part<T> {
    start: usize,
    blocks: usize,
    values: Option<Vec<f64>>,
    multipliers: Multipliers,
    beside: T,
}

/// Adds up the rows with what `multipliers` makes of each chunk; `beside` is given what else it makes,
/// in the order of the chunks.
pub(super) fn sums<T: Send>(
    chunks: Chunks<'_>,
    name: &str,
    sets: usize,
    multipliers: impl Fn(&Chunk<'_>) -> Result<(Multipliers, T), GlmError> + Sync,
    mut beside: impl FnMut(T),
) -> Result<WideSums, GlmError> {
    let width = chunks.width();
    let mut total = WideSums {
        products: (0..sets).map(|_| Mat::zeros(width, width)).collect(),
        score: vec![0.0; width],
    };
    let is_streamed = chunks.stream.is_some();
    chunks.fold(
        name,
        |chunk| {
            let (multipliers, beside) = multipliers(chunk)?;
            Ok(Part {
                start: chunk.start / ROWS,
                blocks: chunk.blocks(),
                values: is_streamed.then(|| chunk.all_blocks().to_vec()),
                multipliers,
                beside,
            })
        },
        |part| {
            let values = match &part.values {
                Some(values) => values.as_slice(),
                None => chunks
                    .design
                    .blocks_of(part.start..part.start + part.blocks),
            };
            total.update(values, &part.multipliers);
            beside(part.beside);
        },
    )?;
    for products in &mut total.products {
        mirror(products);
    }
    Ok(total)
}

/// Σ w z zᵀ; `weights` fills in those of the rows of a block, which are zero before.
pub(super) fn weighted_products(
    chunks: Chunks<'_>,
    name: &str,
    weights: impl Fn(&Chunk<'_>, usize, &mut [f64]) -> Result<(), GlmError> + Sync,
) -> Result<Mat<f64>, GlmError> {
    let of_chunk = |chunk: &Chunk<'_>| {
        let mut of_rows = vec![0.0; chunk.blocks() * ROWS];
        for (block, out) in of_rows.chunks_exact_mut(ROWS).enumerate() {
            weights(chunk, block, &mut out[..chunk.rows_in(block)])?;
        }
        let multipliers = Multipliers {
            weights: vec![of_rows],
            score: None,
        };
        Ok((multipliers, ()))
    };
    let sums = sums(chunks, name, 1, of_chunk, |()| {})?;
    let first = sums.products.into_iter().next();
    Ok(first.unwrap_or_else(|| Mat::zeros(0, 0)))
}

/// Σ s z of a block, added to a score.
pub(super) fn add_columns(block: &[f64], multipliers: &[f64], score: &mut [f64]) {
    for (sum, column) in score.iter_mut().zip(block.chunks_exact(ROWS)) {
        let mut lanes = [0.0; 8];
        for (z, s) in column.chunks_exact(8).zip(multipliers.chunks_exact(8)) {
            for lane in 0..8 {
                lanes[lane] += z[lane] * s[lane];
            }
        }
        *sum += lanes.iter().sum::<f64>();
    }
}

impl WideSums {
    fn update(&mut self, values: &[f64], multipliers: &Multipliers) {
        let width = self.score.len();
        for (products, weights) in self.products.iter_mut().zip(&multipliers.weights) {
            strips(products.as_mut())
                .into_par_iter()
                .for_each(|(first, strip)| update_strip(first, strip, values, width, weights));
        }
        let Some(score) = &multipliers.score else {
            return;
        };
        self.score
            .par_chunks_mut(STRIP)
            .enumerate()
            .for_each(|(strip, sums)| {
                let blocks = values.chunks_exact(width * ROWS);
                for (block, multipliers) in blocks.zip(score.chunks_exact(ROWS)) {
                    add_columns(&block[strip * STRIP * ROWS..], multipliers, sums);
                }
            });
    }
}

/// The columns of a matrix in strips, each with its first.
fn strips(matrix: MatMut<'_, f64>) -> Vec<(usize, MatMut<'_, f64>)> {
    let mut rest = matrix;
    let (mut strips, mut first) = (Vec::new(), 0);
    while rest.ncols() > 0 {
        let taken = rest.ncols().min(STRIP);
        let (strip, right) = rest.split_at_col_mut(taken);
        strips.push((first, strip));
        rest = right;
        first += taken;
    }
    strips
}

/// Adds the blocks' products of the strip's columns with those from its first on.
fn update_strip(
    first: usize,
    strip: MatMut<'_, f64>,
    values: &[f64],
    width: usize,
    weights: &[f64],
) {
    let columns = strip.ncols();
    let mut strip = strip.subrows_mut(first, width - first);
    let mut weighted = Mat::<f64>::zeros(ROWS, columns);
    let blocks = values.chunks_exact(width * ROWS);
    for (block, weights) in blocks.zip(weights.chunks_exact(ROWS)) {
        let block = MatRef::from_column_major_slice(block, ROWS, width);
        for j in 0..columns {
            let column = block.col(first + j);
            for (i, weight) in weights.iter().enumerate() {
                weighted[(i, j)] = weight * column[i];
            }
        }
        matmul(
            strip.as_mut(),
            Accum::Add,
            block.subcols(first, width - first).transpose(),
            weighted.as_ref(),
            1.0,
            Par::Seq,
        );
    }
}

/// The upper triangle of a symmetric matrix from the lower, a tile at a time.
fn mirror(matrix: &mut Mat<f64>) {
    const TILE: usize = 64;
    let size = matrix.ncols();
    for left in (0..size).step_by(TILE) {
        for top in (left..size).step_by(TILE) {
            for j in left..size.min(left + TILE) {
                for i in top.max(j + 1)..size.min(top + TILE) {
                    matrix[(j, i)] = matrix[(i, j)];
                }
            }
        }
    }
}
