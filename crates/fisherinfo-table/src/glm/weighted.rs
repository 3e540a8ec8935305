//! Sums over the rows with multipliers that are not those of a step of scoring.

use super::{
    chunk::{Chunk, Chunks},
    design::{add_to, symmetric},
    elsewhere::Task,
    error::GlmError,
    kernel::{Products, ROWS, packed_length},
    wide::{self, WIDE},
};
use faer::Mat;
use pulp::Arch;

/// Σ weight·zzᵀ; `weights` fills in those of the rows of a block, which are zero before.
pub(super) fn weighted_products(
    chunks: Chunks<'_>,
    name: &str,
    weights: impl Fn(&Chunk<'_>, usize, &mut [f64]) -> Result<(), GlmError> + Sync,
) -> Result<Mat<f64>, GlmError> {
    weighted_products_or(chunks, name, None, weights)
}

/// The same, where there is a task that says it to others.
pub(super) fn weighted_products_or(
    chunks: Chunks<'_>,
    name: &str,
    task: Option<&dyn Fn() -> Task>,
    weights: impl Fn(&Chunk<'_>, usize, &mut [f64]) -> Result<(), GlmError> + Sync,
) -> Result<Mat<f64>, GlmError> {
    let width = chunks.width();
    if width >= WIDE {
        return wide::weighted_products(chunks, name, weights);
    }
    let of_chunk = |chunk: &Chunk<'_>| products_of_weights(chunk, &weights);
    let sums = match task {
        Some(task) => chunks.sum(name, task, of_chunk)?,
        None => {
            let mut total = Vec::new();
            chunks.fold(name, of_chunk, |part| add_to(&mut total, part))?;
            (!total.is_empty()).then_some(total)
        }
    };
    let total = sums.unwrap_or_else(|| vec![0.0; packed_length(width)]);
    Ok(symmetric(&total, width))
}

/// Σ weight·zzᵀ over the rows of a chunk, packed.
pub(super) fn products_of_weights(
    chunk: &Chunk<'_>,
    weights: impl Fn(&Chunk<'_>, usize, &mut [f64]) -> Result<(), GlmError>,
) -> Result<Vec<f64>, GlmError> {
    let arch = Arch::new();
    let mut products = Products::new(chunk.width());
    for block in 0..chunk.blocks() {
        let mut of_block = [0.0; ROWS];
        weights(chunk, block, &mut of_block[..chunk.rows_in(block)])?;
        products.update(arch, chunk.block(block), Some(&of_block), None);
    }
    Ok(products.finish())
}

/// Σ value·z; `fill` fills in the values of the rows of a block.
pub(super) fn weighted_columns(
    chunks: Chunks<'_>,
    name: &str,
    fill: impl Fn(&Chunk<'_>, usize, &mut [f64]) + Sync,
) -> Result<Vec<f64>, GlmError> {
    let (arch, width) = (Arch::new(), chunks.width());
    let triangle = width * (width + 1) / 2;
    let mut total = Vec::new();
    chunks.fold(
        name,
        |chunk| {
            let mut values = [0.0; ROWS];
            let mut fill = |block: usize| {
                let count = chunk.rows_in(block);
                values[count..].fill(0.0);
                fill(chunk, block, &mut values[..count]);
                values
            };
            if width >= WIDE {
                let mut score = vec![0.0; width];
                for block in 0..chunk.blocks() {
                    wide::add_columns(chunk.block(block), &fill(block), &mut score);
                }
                return Ok(score);
            }
            let mut products = Products::new(width);
            for block in 0..chunk.blocks() {
                products.update(arch, chunk.block(block), None, Some(&fill(block)));
            }
            Ok(products.finish().split_off(triangle))
        },
        |part| add_to(&mut total, part),
    )?;
    Ok(total)
}

/// `value(η)` of every row, offsets included.
pub(super) fn of_predictors<T: Send>(
    chunks: Chunks<'_>,
    name: &str,
    coefficients: &[f64],
    value: impl Fn(f64) -> T + Sync,
) -> Result<Vec<T>, GlmError> {
    let mut all = Vec::new();
    chunks.fold(
        name,
        |chunk| {
            let mut out = Vec::with_capacity(chunk.rows);
            let mut predictor = [0.0; ROWS];
            for block in 0..chunk.blocks() {
                chunk.predictors(block, coefficients, &mut predictor);
                out.extend(
                    predictor[..chunk.rows_in(block)]
                        .iter()
                        .map(|&eta| value(eta)),
                );
            }
            Ok(out)
        },
        |part| all.extend(part),
    )?;
    Ok(all)
}
