//! What the machine can do: bytes read and fused multiplications a second.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use std::{hint::black_box, time::Instant};

const REPEATS: usize = 15;

/// Bytes a second, reading `values` once on the threads of the pool.
pub(crate) fn bandwidth(values: &[f64]) -> f64 {
    let arch = Arch::new();
    let least = (0..REPEATS)
        .map(|_| {
            let start = Instant::now();
            let total: f64 = values
                .par_chunks(1 << 16)
                .map(|chunk| arch.dispatch(Sum(chunk)))
                .sum();
            black_box(total);
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    std::mem::size_of_val(values) as f64 / least
}

struct Sum<'a>(&'a [f64]);

impl WithSimd for Sum<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let (vectors, _) = S::as_simd_f64s(self.0);
        let mut sums = [simd.splat_f64s(0.0); 8];
        for eight in vectors.chunks_exact(8) {
            for (sum, &value) in sums.iter_mut().zip(eight) {
                *sum = simd.add_f64s(*sum, value);
            }
        }
        sums.into_iter().map(|sum| simd.reduce_sum_f64s(sum)).sum()
    }
}

/// Floating-point operations a second in fused multiplications on registers, on all threads.
pub(crate) fn multiply_add_peak() -> f64 {
    const ROUNDS: usize = 4_000_000;
    let arch = Arch::new();
    let threads = rayon::current_num_threads();
    let (lanes, least) = (0..REPEATS)
        .map(|_| {
            let start = Instant::now();
            let lanes: Vec<usize> = (0..threads)
                .into_par_iter()
                .map(|_| arch.dispatch(Multiply(ROUNDS)))
                .collect();
            (lanes[0], start.elapsed().as_secs_f64())
        })
        .fold((0, f64::INFINITY), |(_, a), (lanes, b)| (lanes, a.min(b)));
    (2 * CHAINS * lanes * ROUNDS * threads) as f64 / least
}

/// Independent chains, enough to hide the latency of each.
const CHAINS: usize = 10;

struct Multiply(usize);

impl WithSimd for Multiply {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let (a, b) = (
            simd.splat_f64s(black_box(0.999_999)),
            simd.splat_f64s(black_box(1e-6)),
        );
        let mut chains = [simd.splat_f64s(1.0); CHAINS];
        for _ in 0..self.0 {
            for chain in &mut chains {
                *chain = simd.mul_add_e_f64s(*chain, a, b);
            }
        }
        let total: f64 = chains
            .into_iter()
            .map(|chain| simd.reduce_sum_f64s(chain))
            .sum();
        black_box(total);
        S::F64_LANES
    }
}
