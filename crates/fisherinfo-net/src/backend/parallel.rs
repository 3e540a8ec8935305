//! Work spread over threads. Each number is computed by itself, or each part of a fixed length one after the
//! other, so that results do not depend on the number of threads.

use rayon::prelude::*;
use std::cell::Cell;

/// Numbers that one task does.
const PART: usize = 1 << 13;

thread_local! {
    /// Does this thread do its part of the examples, all by itself?
    static ALONE: Cell<bool> = const { Cell::new(false) };
}

/// Is the work at hand one thread's, others being busy with other examples?
pub(super) fn is_alone() -> bool {
    ALONE.get()
}

/// f of every number below n, on all threads; inside it nothing is spread any more.
pub(super) fn each_alone<T: Send>(n: usize, f: impl Fn(usize) -> T + Sync) -> Vec<T> {
    if n <= 1 || is_alone() {
        return (0..n).map(f).collect();
    }
    (0..n)
        .into_par_iter()
        .with_max_len(1)
        .map(|i| alone(|| f(i)))
        .collect()
}

/// Nothing inside is spread over threads.
pub(super) fn alone<T>(f: impl FnOnce() -> T) -> T {
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            ALONE.set(self.0);
        }
    }
    let _before = Before(ALONE.replace(true));
    f()
}

/// Changes the numbers part by part, each given its place.
pub(super) fn parts<T: Send>(y: &mut [T], f: impl Fn(usize, &mut [T]) + Sync) {
    if y.len() <= PART || is_alone() {
        f(0, y);
        return;
    }
    y.par_chunks_mut(PART)
        .enumerate()
        .for_each(|(part, values)| f(part * PART, values));
}

/// Changes every line of `length` numbers, given its place.
pub(super) fn lines<T: Send>(y: &mut [T], length: usize, f: impl Fn(usize, &mut [T]) + Sync) {
    if length == 0 {
        return;
    }
    if y.len() <= PART || is_alone() {
        for (i, line) in y.chunks_mut(length).enumerate() {
            f(i, line);
        }
        return;
    }
    let least = (PART / length).max(1);
    y.par_chunks_mut(length)
        .with_min_len(least)
        .enumerate()
        .for_each(|(i, line)| f(i, line));
}

/// Changes the lines of `length` numbers of two arrays together, some lines at a time, given the place of the
/// first of them.
pub(super) fn pairs_of_lines<T: Send, U: Send>(
    y: &mut [T],
    z: &mut [U],
    length: usize,
    f: impl Fn(usize, &mut [T], &mut [U]) + Sync,
) {
    if length == 0 {
        return;
    }
    if y.len() <= PART || is_alone() {
        f(0, y, z);
        return;
    }
    let lines = (PART / length).max(1);
    y.par_chunks_mut(lines * length)
        .zip(z.par_chunks_mut(lines * length))
        .enumerate()
        .for_each(|(part, (y, z))| f(part * lines, y, z));
}
