//! The one place that takes pointers: tasks write to parts of one matrix that may lie between each other,
//! as the heads of attention do, and no slice is such a part.
//!
//! The kernel is faer's. On one core with AVX-512 it does 130–160 GFLOP/s in single precision on the shapes of an
//! estimate, 40 on those of a small convolution; `gemm` did 105–155 and 16.
#![allow(unsafe_code)]

use super::parallel::is_alone;
use super::{Real, View};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

/// A part of the product at most so large is one task. Parts depend on the shapes alone, never on the
/// number of threads: results are the same bit by bit.
const PART: usize = 128;
/// Fewer multiplications than this are not worth waking a thread for.
const WORTH_A_THREAD: usize = 1 << 18;

/// A pointer that tasks share; each writes to places of its own.
#[derive(Clone, Copy)]
struct Destination<R>(*mut R);

// SAFETY: the tasks of `multiply` write to disjoint parts of what it points to.
unsafe impl<R: Send> Send for Destination<R> {}
// SAFETY: as above.
unsafe impl<R: Send> Sync for Destination<R> {}

/// What becomes of the numbers that a product is written over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// They are added to.
    Kept,
    /// They are never read.
    Lost,
}

/// C ← C + αAB for each matrix of the batch, or αAB.
///
/// # Panics
/// When the shapes disagree, a view reaches beyond its buffer, or places of C coincide.
pub(super) fn multiply<R: Real>(
    batch: usize,
    alpha: R,
    (a, a_view): (&[R], View),
    (b, b_view): (&[R], View),
    (c, c_view): (&mut [R], View),
    before: Before,
) {
    assert_eq!(a_view.columns, b_view.rows, "inner dimensions");
    assert_eq!(a_view.rows, c_view.rows, "rows of a product");
    assert_eq!(b_view.columns, c_view.columns, "columns of a product");
    assert!(a_view.end(batch) <= a.len(), "left factor {a_view:?}");
    assert!(b_view.end(batch) <= b.len(), "right factor {b_view:?}");
    assert!(c_view.end(batch) <= c.len(), "product {c_view:?}");
    assert!(c_view.is_disjoint(batch), "product {c_view:?}");
    let (m, k, n) = (a_view.rows, a_view.columns, b_view.columns);
    if batch == 0 || m == 0 || n == 0 || (k == 0 && before == Before::Kept) {
        return;
    }
    let of_rows = m >= n;
    let length = if of_rows { m } else { n };
    let alone = is_alone();
    let part_length = if alone { length } else { PART };
    let parts = length.div_ceil(part_length);
    let accumulate = match before {
        Before::Kept => Accum::Add,
        Before::Lost => Accum::Replace,
    };
    let destination = Destination(c.as_mut_ptr());
    let task = |index: usize| {
        let (matrix, part) = (index / parts, index % parts);
        let (from, to) = (part * part_length, ((part + 1) * part_length).min(length));
        let (left, right) = if of_rows {
            (a_view.part(from, to, true), b_view)
        } else {
            (a_view, b_view.part(from, to, false))
        };
        let into = c_view.part(from, to, of_rows);
        let whole = destination;
        // SAFETY: the views were checked above to lie within their slices for the whole batch, and a
        // part lies within its view. Tasks write to different matrices of the batch or to different
        // rows or columns of one, which `is_disjoint` says do not coincide; a and b are only read.
        let (left, right, into) = unsafe {
            (
                MatRef::from_raw_parts(
                    a.as_ptr().add(left.offset + matrix * a_view.batch_stride),
                    left.rows,
                    k,
                    left.row_stride as isize,
                    left.column_stride as isize,
                ),
                MatRef::from_raw_parts(
                    b.as_ptr().add(right.offset + matrix * b_view.batch_stride),
                    k,
                    right.columns,
                    right.row_stride as isize,
                    right.column_stride as isize,
                ),
                MatMut::from_raw_parts_mut(
                    whole.0.add(into.offset + matrix * c_view.batch_stride),
                    into.rows,
                    into.columns,
                    into.row_stride as isize,
                    into.column_stride as isize,
                ),
            )
        };
        matmul(into, accumulate, left, right, alpha, Par::Seq);
        forget_wide_registers();
    };
    let tasks = batch * parts;
    let least = (WORTH_A_THREAD * tasks)
        .div_ceil((batch * m * n * k).max(1))
        .max(1);
    if alone || tasks <= least {
        (0..tasks).for_each(task);
    } else {
        (0..tasks)
            .into_par_iter()
            .with_min_len(least)
            .for_each(task);
    }
}

/// The kernel leaves numbers in the upper halves of wide registers. Until they are zero, every instruction on
/// narrow ones has to keep them, and waits for them: exponentials by the system's library were a fifth of the
/// estimate of a language model, and are a hundredth.
pub(super) fn forget_wide_registers() {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx")]
        fn clear() {
            std::arch::x86_64::_mm256_zeroupper();
        }
        if std::is_x86_feature_detected!("avx") {
            // SAFETY: the processor has the instructions.
            unsafe { clear() }
        }
    }
}
