//! The one call of a kernel that takes pointers.
//!
//! `gemm` is already below faer; measured on one core at sizes 512 to 2048 in single precision, it does
//! 53–67 GFLOP/s by itself and 39–50 through faer, and this call is the whole cost of an estimate.
#![allow(unsafe_code)]

use super::{Real, View};
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

/// C ← C + αAB for each matrix of the batch.
///
/// # Panics
/// When the shapes disagree, a view reaches beyond its buffer, or places of C coincide.
pub(super) fn multiply<R: Real>(
    batch: usize,
    alpha: R,
    (a, a_view): (&[R], View),
    (b, b_view): (&[R], View),
    (c, c_view): (&mut [R], View),
) {
    assert_eq!(a_view.columns, b_view.rows, "inner dimensions");
    assert_eq!(a_view.rows, c_view.rows, "rows of a product");
    assert_eq!(b_view.columns, c_view.columns, "columns of a product");
    assert!(a_view.end(batch) <= a.len(), "left factor {a_view:?}");
    assert!(b_view.end(batch) <= b.len(), "right factor {b_view:?}");
    assert!(c_view.end(batch) <= c.len(), "product {c_view:?}");
    assert!(c_view.is_disjoint(batch), "product {c_view:?}");
    let (m, k, n) = (a_view.rows, a_view.columns, b_view.columns);
    if batch == 0 || m == 0 || n == 0 || k == 0 {
        return;
    }
    let of_rows = m >= n;
    let length = if of_rows { m } else { n };
    let parts = length.div_ceil(PART);
    let destination = Destination(c.as_mut_ptr());
    let task = |index: usize| {
        let (matrix, part) = (index / parts, index % parts);
        let (from, to) = (part * PART, ((part + 1) * PART).min(length));
        let (left, right) = if of_rows {
            (a_view.part(from, to, true), b_view)
        } else {
            (a_view, b_view.part(from, to, false))
        };
        let into = c_view.part(from, to, of_rows);
        let whole = destination;
        // SAFETY: the views were checked above to lie within their slices for the whole batch, and a
        // part lies within its view. Tasks write to different matrices of the batch or to different
        // rows or columns of one, which `is_disjoint` says do not coincide; a and b are only read. R is
        // f32 or f64, the types that the kernel takes.
        unsafe {
            gemm::gemm(
                left.rows,
                right.columns,
                k,
                whole.0.add(into.offset + matrix * c_view.batch_stride),
                into.column_stride as isize,
                into.row_stride as isize,
                true,
                a.as_ptr().add(left.offset + matrix * a_view.batch_stride),
                left.column_stride as isize,
                left.row_stride as isize,
                b.as_ptr().add(right.offset + matrix * b_view.batch_stride),
                right.column_stride as isize,
                right.row_stride as isize,
                R::from_f64(1.0),
                alpha,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
    };
    let tasks = batch * parts;
    let least = (WORTH_A_THREAD * tasks).div_ceil(batch * m * n * k).max(1);
    if tasks <= least {
        (0..tasks).for_each(task);
    } else {
        (0..tasks)
            .into_par_iter()
            .with_min_len(least)
            .for_each(task);
    }
}
