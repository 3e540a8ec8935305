//! Sums of products over examples, in double precision from one part of the examples to the next.

use super::array::Shelf;
use super::parallel::alone;
use super::product::{Before, forget_wide_registers, multiply};
use super::{Array, Factors, Real, View};
use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::prelude::*;
use faer::{Accum, MatMut, MatRef, Par};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use std::sync::Arc;

/// Numbers of products that are held, and stay in a cache, until they are added.
const HELD: usize = 1 << 16;
/// Rows of a band at least, and at most.
const LEAST: usize = 32;
const MOST: usize = 128;
/// Rows and columns of what is turned over at once.
const TILE: usize = 32;

/// Rows of a band of a matrix with so many columns.
fn height(columns: usize) -> usize {
    (HELD / columns.max(1)).clamp(LEAST, MOST)
}

/// f of every band of rows of a matrix and of the first of them, each on one thread.
fn bands<R: Send>(
    into: &mut [R],
    columns: usize,
    height: usize,
    f: impl Fn(usize, &mut [R]) + Sync,
) {
    into.par_chunks_mut((height * columns).max(1))
        .enumerate()
        .for_each(|(band, rows)| alone(|| f(band * height, rows)));
}

/// into += weight·x, in double precision.
pub(super) fn add<R: Real>(weight: f64, x: &[R], into: &mut [f64]) {
    Arch::new().dispatch(Add(weight, x, into));
}

/// No closures, because those are not always compiled for the processor that is there.
struct Add<'a, R>(f64, &'a [R], &'a mut [f64]);

impl<R: Real> WithSimd for Add<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (total, value) in self.2.iter_mut().zip(self.1) {
            *total += self.0 * value.to_f64();
        }
    }
}

struct AddSquares<'a, R>(&'a [R], &'a mut [R]);

impl<R: Real> WithSimd for AddSquares<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (sum, &value) in self.1.iter_mut().zip(self.0) {
            *sum += value * value;
        }
    }
}

/// into += weight·Σ AB.
pub(super) fn products<R: Real>(
    shelf: &Arc<Shelf<R>>,
    weight: f64,
    parts: &[Factors<'_, Array<R>>],
    into: &mut [f64],
) {
    let Some(columns) = parts.first().map(|part| part.right_view.columns) else {
        return;
    };
    bands(into, columns, height(columns), |from, rows| {
        let mut sum = Array::unwritten(shelf, rows.len());
        let mut before = Before::Lost;
        let view = View::rows(rows.len() / columns, columns);
        for part in parts {
            let left = part.left_view.part(from, from + view.rows, true);
            for n in 0..part.batch {
                multiply(
                    1,
                    R::from_f64(1.0),
                    (part.left, left.of_batch(n)),
                    (part.right, part.right_view.of_batch(n)),
                    (&mut sum, view),
                    before,
                );
                before = Before::Kept;
            }
        }
        if before == Before::Kept {
            add(weight, &sum, rows);
        }
    });
}

/// into += weight·Σ (AB)², squared elementwise.
pub(super) fn squared_products<R: Real>(
    shelf: &Arc<Shelf<R>>,
    weight: f64,
    parts: &[Factors<'_, Array<R>>],
    into: &mut [f64],
) {
    let Some(columns) = parts.first().map(|part| part.right_view.columns) else {
        return;
    };
    bands(into, columns, height(columns), |from, rows| {
        let mut sum = Array::zeros(shelf, rows.len());
        let mut product = Array::unwritten(shelf, rows.len());
        let view = View::rows(rows.len() / columns, columns);
        for part in parts {
            let left = part.left_view.part(from, from + view.rows, true);
            for n in 0..part.batch {
                multiply(
                    1,
                    R::from_f64(1.0),
                    (part.left, left.of_batch(n)),
                    (part.right, part.right_view.of_batch(n)),
                    (&mut product, view),
                    Before::Lost,
                );
                Arch::new().dispatch(AddSquares(&product, &mut sum));
            }
        }
        add(weight, &sum, rows);
    });
}

/// into += weight·Σ XᵀX, rows of `into` `stride` numbers apart; one triangle is computed.
pub(super) fn outer_products<R: Real>(
    shelf: &Arc<Shelf<R>>,
    weight: f64,
    parts: &[(&Array<R>, usize)],
    columns: usize,
    into: &mut [f64],
    stride: usize,
) {
    let height = height(columns);
    let mut lower = Array::zeros(shelf, columns * columns);
    bands(&mut lower, columns, height, |from, rows| {
        let to = from + rows.len() / columns.max(1);
        let mut band = MatMut::from_row_major_slice_mut(rows, to - from, columns);
        let one = R::from_f64(1.0);
        for &(x, examples) in parts {
            let x = MatRef::from_row_major_slice(x, examples, columns);
            let own = x.subcols(from, to - from);
            let before = band.rb_mut().subcols_mut(0, from);
            matmul(
                before,
                Accum::Add,
                own.transpose(),
                x.subcols(0, from),
                one,
                Par::Seq,
            );
            triangular::matmul(
                band.rb_mut().subcols_mut(from, to - from),
                BlockStructure::TriangularLower,
                Accum::Add,
                own.transpose(),
                BlockStructure::Rectangular,
                own,
                BlockStructure::Rectangular,
                one,
                Par::Seq,
            );
            forget_wide_registers();
        }
    });
    // What is above the diagonal is what is below it.
    let lower = &lower;
    bands(into, stride, TILE, |from, rows| {
        let mut tile = [[R::default(); TILE]; TILE];
        for (i, row) in rows.chunks_mut(stride).enumerate() {
            let i = from + i;
            if i < columns {
                add(weight, &lower[i * columns..=i * columns + i], row);
            }
        }
        let to = (from + TILE).min(columns);
        for first in (from..columns).step_by(TILE) {
            let last = (first + TILE).min(columns);
            for j in first..last {
                for i in from..to.min(j) {
                    tile[i - from][j - first] = lower[j * columns + i];
                }
            }
            for i in from..to {
                let start = first.max(i + 1);
                if start < last {
                    let row = &mut rows[(i - from) * stride..];
                    add(
                        weight,
                        &tile[i - from][start - first..last - first],
                        &mut row[start..last],
                    );
                }
            }
        }
    });
}
