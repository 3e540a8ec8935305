//! The floor of an iteration: linear predictor, mean, weight and XᵀWX in one pass over rows that
//! already lie as the kernel wants them. The number of columns is known when it is compiled.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

pub(crate) const WIDTH: usize = 10;
const ENTRIES: usize = WIDTH * (WIDTH + 1) / 2;
/// Rows in a block: block, weights and predictor lie in the first-level cache together.
const ROWS: usize = 256;
const BLOCKS_IN_A_CHUNK: usize = 64;

pub(crate) struct Floor {
    values: Vec<f64>,
    start: usize,
    /// Rows after the last, which are zero and weigh ¼ each in nothing.
    blocks: usize,
}

impl Floor {
    pub(crate) fn new(columns: &[Vec<f64>]) -> Self {
        let rows = columns[0].len();
        let blocks = rows.div_ceil(ROWS);
        let mut values = vec![0.0; blocks * ROWS * WIDTH + 8];
        let start = values.as_ptr().align_offset(64);
        for (j, column) in columns.iter().enumerate() {
            for (i, &x) in column.iter().enumerate() {
                values[start + (i / ROWS) * ROWS * WIDTH + j * ROWS + i % ROWS] = x;
            }
        }
        Self {
            values,
            start,
            blocks,
        }
    }

    pub(crate) fn values(&self) -> &[f64] {
        &self.values[self.start..self.start + self.blocks * ROWS * WIDTH]
    }

    /// The lower triangle of XᵀWX, row by row.
    pub(crate) fn run(&self, coefficients: &[f64]) -> [f64; ENTRIES] {
        let arch = Arch::new();
        let coefficients: [f64; WIDTH] = std::array::from_fn(|j| coefficients[j]);
        let parts: Vec<[f64; ENTRIES]> = self
            .values()
            .par_chunks(BLOCKS_IN_A_CHUNK * ROWS * WIDTH)
            .map(|chunk| arch.dispatch(Chunk(chunk, &coefficients)))
            .collect();
        let mut total = [0.0; ENTRIES];
        for part in parts {
            for (sum, more) in total.iter_mut().zip(part) {
                *sum += more;
            }
        }
        total
    }
}

struct Chunk<'a>(&'a [f64], &'a [f64; WIDTH]);

#[repr(align(64))]
struct Lines([f64; ROWS]);

impl WithSimd for Chunk<'_> {
    type Output = [f64; ENTRIES];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f64; ENTRIES] {
        let mut sums = [simd.splat_f64s(0.0); ENTRIES];
        let mut weight = Lines([0.0; ROWS]);
        for block in self.0.chunks_exact(ROWS * WIDTH) {
            let (x, _) = S::as_simd_f64s(block);
            predict(simd, x, self.1, &mut weight.0);
            weigh(&mut weight.0);
            let (w, _) = S::as_simd_f64s(&weight.0);
            tile::<S, 4, 4>(simd, x, w, 0, 0, &mut sums);
            tile::<S, 4, 4>(simd, x, w, 4, 0, &mut sums);
            tile::<S, 4, 4>(simd, x, w, 4, 4, &mut sums);
            tile::<S, 2, 5>(simd, x, w, 8, 0, &mut sums);
            tile::<S, 2, 5>(simd, x, w, 8, 5, &mut sums);
        }
        sums.map(|sum| simd.reduce_sum_f64s(sum))
    }
}

#[inline(always)]
fn predict<S: Simd>(simd: S, x: &[S::f64s], coefficients: &[f64; WIDTH], out: &mut [f64; ROWS]) {
    let n = ROWS / S::F64_LANES;
    let (out, _) = S::as_mut_simd_f64s(out);
    let columns: [&[S::f64s]; WIDTH] = std::array::from_fn(|j| &x[j * n..][..n]);
    let b = coefficients.map(|b| simd.splat_f64s(b));
    // Column after column, as they lie in memory, which the processor foresees best.
    for k in 0..n {
        out[k] = simd.mul_f64s(columns[0][k], b[0]);
    }
    for j in 1..WIDTH {
        for k in 0..n {
            out[k] = simd.mul_add_e_f64s(columns[j][k], b[j], out[k]);
        }
    }
}

/// η ↦ μ(1 − μ), with e^−|η| by range reduction and a polynomial.
#[inline(always)]
fn weigh(values: &mut [f64; ROWS]) {
    const COEFFICIENTS: [f64; 10] = [
        2.510_038_549_551_032e-8,
        2.762_008_844_540_974_6e-7,
        2.755_726_845_999_706_4e-6,
        2.480_152_129_595_437_6e-5,
        0.000_198_412_698_630_536_18,
        0.001_388_888_891_721_371_7,
        0.008_333_333_333_330_062,
        0.041_666_666_666_624_13,
        0.166_666_666_666_666_69,
        0.500_000_000_000_000_1,
    ];
    for value in values {
        let x = (-value.abs()).max(-708.0);
        let shifted = x.mul_add(std::f64::consts::LOG2_E, 6_755_399_441_055_744.0);
        let power = shifted - 6_755_399_441_055_744.0;
        let r = power.mul_add(-0.693_147_180_369_123_8, x);
        let r = power.mul_add(-1.908_214_929_270_587_7e-10, r);
        let mut sum = 0.0_f64;
        for c in COEFFICIENTS {
            sum = sum.mul_add(r, c);
        }
        let small = (sum.mul_add(r * r, r) + 1.0)
            * f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
        let likely = (1.0 + small).recip();
        *value = likely * likely * small;
    }
}

/// Adds Σ w·xᵢ·xⱼ for R columns i and C columns j to the lower triangle.
#[inline(always)]
fn tile<S: Simd, const R: usize, const C: usize>(
    simd: S,
    x: &[S::f64s],
    w: &[S::f64s],
    row: usize,
    column: usize,
    sums: &mut [S::f64s; ENTRIES],
) {
    let n = ROWS / S::F64_LANES;
    let left: [&[S::f64s]; R] = std::array::from_fn(|i| &x[(row + i) * n..][..n]);
    let right: [&[S::f64s]; C] = std::array::from_fn(|j| &x[(column + j) * n..][..n]);
    let w = &w[..n];
    let mut local = [[simd.splat_f64s(0.0); C]; R];
    for k in 0..n {
        let right: [S::f64s; C] = std::array::from_fn(|j| right[j][k]);
        for i in 0..R {
            let weighted = simd.mul_f64s(w[k], left[i][k]);
            for j in 0..C {
                if column + j <= row + i {
                    local[i][j] = simd.mul_add_e_f64s(weighted, right[j], local[i][j]);
                }
            }
        }
    }
    for i in 0..R {
        for j in 0..C {
            if column + j <= row + i {
                let entry = &mut sums[(row + i) * (row + i + 1) / 2 + column + j];
                *entry = simd.add_f64s(*entry, local[i][j]);
            }
        }
    }
}
