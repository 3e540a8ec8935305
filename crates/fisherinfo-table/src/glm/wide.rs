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
use faer::{Accum, Mat, MatMut, MatRef, Par, linalg::matmul::matmul, mat::AsMatRef};
use pulp::{Arch, Simd, WithSimd};
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
    let mut weighted = vec![0.0; ROWS * columns];
    let blocks = values.chunks_exact(width * ROWS);
    for (block, weights) in blocks.zip(weights.chunks_exact(ROWS)) {
        Arch::new().dispatch(Weigh {
            columns: &block[first * ROWS..(first + columns) * ROWS],
            weights,
            weighted: &mut weighted,
        });
        let block = MatRef::from_column_major_slice(block, ROWS, width);
        matmul(
            strip.as_mut(),
            Accum::Add,
            block.subcols(first, width - first).transpose(),
            MatRef::from_column_major_slice(&weighted, ROWS, columns),
            1.0,
            Par::Seq,
        );
    }
}

/// Columns times the weights of their rows. In vector code it also ends the wait for what the product before
/// it left in the upper halves of wide registers, which any narrow instruction would have to keep.
struct Weigh<'a> {
    columns: &'a [f64],
    weights: &'a [f64],
    weighted: &'a mut [f64],
}

impl WithSimd for Weigh<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let columns = self.columns.chunks_exact(ROWS);
        for (column, into) in columns.zip(self.weighted.chunks_exact_mut(ROWS)) {
            for ((into, x), weight) in into.iter_mut().zip(column).zip(self.weights) {
                *into = weight * x;
            }
        }
    }
}

/// A·B, where it is large on all threads.
pub(super) fn product(
    left: impl AsMatRef<T = f64, Rows = usize, Cols = usize>,
    right: impl AsMatRef<T = f64, Rows = usize, Cols = usize>,
) -> Mat<f64> {
    let (left, right) = (left.as_mat_ref(), right.as_mat_ref());
    let (left, right) = (left.as_dyn_stride(), right.as_dyn_stride());
    if right.ncols() < WIDE {
        return left * right;
    }
    let mut product = Mat::zeros(left.nrows(), right.ncols());
    strips(product.as_mut())
        .into_par_iter()
        .for_each(|(first, strip)| {
            let columns = right.subcols(first, strip.ncols());
            matmul(strip, Accum::Replace, left, columns, 1.0, Par::Seq);
        });
    product
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::WIDE;
    use crate::glm::{
        Family, Regression, Weighting,
        chunk::Chunk,
        design::{add_to, symmetric},
        pass::{Extent, Partial, Predictor, pass},
        weighted::{weighted_columns, weighted_products},
    };
    use crate::sums::Additive;
    use fisherinfo::coordinates::link::Link;

    fn noise(i: usize) -> f64 {
        let x = ((i as f64 + 1.0) * 12.9898).sin() * 43_758.545_3;
        2.0 * (x - x.floor()) - 1.0
    }

    fn regression() -> Regression {
        let (n, width) = (1100, WIDE + 9);
        let column = |j: usize| -> Vec<f64> {
            let value = |i: usize| if j == 0 { 1.0 } else { noise(i * width + j) };
            (0..n).map(value).collect()
        };
        let columns: Vec<Vec<f64>> = (0..width).map(column).collect();
        let terms: Vec<String> = (0..width).map(|j| format!("x{j}")).collect();
        let y: Vec<f64> = (0..n).map(|i| 1.5 + noise(i + 77_777)).collect();
        let weights: Vec<f64> = (0..n).map(|i| 2.0 + noise(i + 99_999).round()).collect();
        Regression::new(&y, &columns, &terms, Some(0))
            .unwrap()
            .weights(Weighting::Frequency, &weights)
            .unwrap()
    }

    fn close(found: f64, wanted: f64, size: f64) {
        assert!((found - wanted).abs() <= 1e-13 * size, "{found} {wanted}");
    }

    /// Against the sums that narrow designs have, entry by entry.
    #[test]
    fn strips_add_up_to_the_sums_of_blocks() {
        let regression = regression();
        let width = regression.terms().len();
        let stored: Vec<f64> = (0..width).map(|j| 0.02 * noise(j + 5)).collect();
        for (family, link) in [
            (Family::Gamma, Link::Log),
            (Family::Gaussian, Link::Identity),
        ] {
            let chunks = regression.chunks(Some(family));
            let predictor = Predictor::Coefficients(&stored);
            let extent = Extent::Everything;
            let found = pass(chunks, "", family, link, predictor, extent).unwrap();
            let mut wanted = Partial::nothing(width);
            chunks
                .fold(
                    "",
                    |chunk| Ok(Partial::of_chunk(chunk, family, link, predictor, extent)),
                    |part| wanted.add(part),
                )
                .unwrap();
            let wanted = wanted.finish(width);
            assert_eq!(found.pearson, wanted.pearson);
            assert_eq!(found.tally.log_kernel, wanted.tally.log_kernel);
            assert_eq!(found.observed.is_some(), family == Family::Gamma);
            for (found, wanted) in [
                (Some(&found.expected), Some(&wanted.expected)),
                (found.observed.as_ref(), wanted.observed.as_ref()),
                (found.empirical.as_ref(), wanted.empirical.as_ref()),
            ] {
                let (Some(found), Some(wanted)) = (found, wanted) else {
                    assert!(found.is_none() && wanted.is_none());
                    continue;
                };
                for i in 0..width {
                    for j in 0..width {
                        let size = (wanted[(i, i)] * wanted[(j, j)]).abs().sqrt();
                        close(found[(i, j)], wanted[(i, j)], 10.0 * size);
                    }
                }
            }
            for j in 0..width {
                close(found.score[j], wanted.score[j], 1e4);
            }
        }
    }

    #[test]
    fn products_and_columns_against_loops() {
        let regression = regression();
        let (width, chunks) = (regression.terms().len(), regression.chunks(None));
        let fill = |chunk: &Chunk<'_>, block: usize, out: &mut [f64]| {
            for (i, out) in out.iter_mut().enumerate() {
                *out = noise(chunk.start + block * 256 + i);
            }
        };
        let found = weighted_products(chunks, "", |chunk, block, out| {
            fill(chunk, block, out);
            Ok(())
        })
        .unwrap();
        let columns = weighted_columns(chunks, "", fill).unwrap();
        let (mut packed, mut score) = (Vec::new(), Vec::new());
        chunks
            .fold(
                "",
                |chunk| {
                    let mut sums = vec![0.0; width * (width + 1) / 2];
                    let mut of_columns = vec![0.0; width];
                    for row in 0..chunk.rows {
                        let mut z = vec![0.0; width];
                        chunk.row(row, &mut z);
                        let weight = noise(chunk.start + row);
                        for i in 0..width {
                            of_columns[i] += weight * z[i];
                            for j in 0..=i {
                                sums[i * (i + 1) / 2 + j] += weight * z[i] * z[j];
                            }
                        }
                    }
                    Ok((sums, of_columns))
                },
                |(sums, of_columns)| {
                    add_to(&mut packed, sums);
                    add_to(&mut score, of_columns);
                },
            )
            .unwrap();
        let wanted = symmetric(&packed, width);
        for i in 0..width {
            close(columns[i], score[i], 1e4);
            for j in 0..width {
                close(found[(i, j)], wanted[(i, j)], 1e4);
            }
        }
        // The products that the design itself holds, and with them its response.
        let gram = &regression.design.gram;
        assert_eq!(gram[(3, 700.min(width - 1))], gram[(700.min(width - 1), 3)]);
        let moments = weighted_columns(chunks, "", |chunk, block, out| {
            for (i, out) in out.iter_mut().enumerate() {
                *out = chunk.response[block * 256 + i];
            }
        })
        .unwrap();
        for (found, wanted) in regression.design.moments.iter().zip(moments) {
            close(*found, wanted, 1e4);
        }
    }
}
