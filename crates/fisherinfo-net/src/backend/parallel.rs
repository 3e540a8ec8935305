//! Maps over slices on all threads. Each number is computed by itself, or each part of a fixed length
//! one after the other, so that results do not depend on the number of threads.

use rayon::prelude::*;

/// Numbers that one task does.
const PART: usize = 1 << 13;

/// y_i = f(i).
pub(super) fn fill<T: Copy + Default + Send, F: Fn(usize) -> T + Sync>(n: usize, f: F) -> Vec<T> {
    let mut y = vec![T::default(); n];
    change(&mut y, |i, value| *value = f(i));
    y
}

/// Changes every number, given its place.
pub(super) fn change<T: Send, F: Fn(usize, &mut T) + Sync>(y: &mut [T], f: F) {
    if y.len() <= PART {
        y.iter_mut().enumerate().for_each(|(i, value)| f(i, value));
        return;
    }
    y.par_chunks_mut(PART)
        .enumerate()
        .for_each(|(part, values)| {
            for (i, value) in values.iter_mut().enumerate() {
                f(part * PART + i, value);
            }
        });
}

/// Changes every line of `length` numbers, given its place.
pub(super) fn lines<T: Send, F: Fn(usize, &mut [T]) + Sync>(y: &mut [T], length: usize, f: F) {
    if length == 0 {
        return;
    }
    let least = (PART / length).max(1);
    y.par_chunks_mut(length)
        .with_min_len(least)
        .enumerate()
        .for_each(|(i, line)| f(i, line));
}
