//! The two inner loops of a regression over a block of rows: the linear predictor, and the rank
//! update Σ wᵢ zᵢzᵢᵀ with the score Σ sᵢzᵢ beside it.
//!
//! A block holds [`ROWS`] rows, column after column, so that it lives in the first-level cache
//! while everything is done to it.

use pulp::{Arch, Simd, WithSimd};

/// Rows in a block.
pub(super) const ROWS: usize = 256;

/// Doubles in the widest vector register that is used; accumulators have one lane each for them.
const LANES: usize = 8;

/// Doubles whose first lies on a cache line: a vector load never spans two lines.
#[derive(Clone, Debug)]
pub(super) struct Aligned {
    values: Vec<f64>,
    start: usize,
    length: usize,
}

impl Aligned {
    pub(super) fn zeros(length: usize) -> Self {
        let values = vec![0.0; length + LANES];
        let start = values.as_ptr().align_offset(64).min(LANES);
        Self {
            values,
            start,
            length,
        }
    }

    pub(super) fn as_slice(&self) -> &[f64] {
        &self.values[self.start..self.start + self.length]
    }

    pub(super) fn as_mut_slice(&mut self) -> &mut [f64] {
        &mut self.values[self.start..self.start + self.length]
    }
}

/// η = Σⱼ bⱼzⱼ for the rows of a block.
pub(super) fn linear_predictor(
    arch: Arch,
    block: &[f64],
    coefficients: &[f64],
    predictor: &mut [f64],
) {
    arch.dispatch(Predict {
        block,
        coefficients,
        predictor,
    });
}

struct Predict<'a> {
    block: &'a [f64],
    coefficients: &'a [f64],
    predictor: &'a mut [f64],
}

impl WithSimd for Predict<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (out, _) = S::as_mut_simd_f64s(self.predictor);
        let (block, _) = S::as_simd_f64s(self.block);
        let vectors = ROWS / S::F64_LANES;
        out.fill(simd.splat_f64s(0.0));
        // Two columns at a time, in the order in which they lie in memory: the block is met here for
        // the first time, and few streams of addresses are what the processor foresees best.
        let pairs = block.chunks_exact(2 * vectors);
        let last = pairs.remainder();
        let coefficients = self.coefficients.chunks_exact(2);
        let last_coefficient = coefficients.remainder();
        for (columns, b) in pairs.zip(coefficients) {
            let (left, right) = columns.split_at(vectors);
            let (b, c) = (simd.splat_f64s(b[0]), simd.splat_f64s(b[1]));
            for ((sum, &x), &z) in out.iter_mut().zip(left).zip(right) {
                *sum = simd.mul_add_e_f64s(b, x, simd.mul_add_e_f64s(c, z, *sum));
            }
        }
        for &b in last_coefficient {
            let b = simd.splat_f64s(b);
            for (sum, &z) in out.iter_mut().zip(last) {
                *sum = simd.mul_add_e_f64s(b, z, *sum);
            }
        }
    }
}

/// Rows of a tile of products.
const TALL: usize = 4;

/// Sums of w·z·zᵀ (lower triangle) and of s·z, one sum a vector lane.
#[derive(Clone, Debug)]
pub(super) struct Products {
    width: usize,
    /// Entry (i, j ≤ i) at i(i+1)/2 + j; the score follows as row `width`.
    lanes: Aligned,
    /// Entries before the first that is kept: all products where the score alone is wanted.
    skipped: usize,
    /// w·z for a few columns of the block at hand.
    weighted: Aligned,
}

impl Products {
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            lanes: Aligned::zeros(LANES * packed_length(width)),
            skipped: 0,
            weighted: Aligned::zeros(TALL * ROWS),
        }
    }

    /// For sums of s·z alone.
    pub(super) fn of_score(width: usize) -> Self {
        Self {
            width,
            lanes: Aligned::zeros(LANES * width),
            skipped: packed_length(width) - width,
            weighted: Aligned::zeros(0),
        }
    }

    /// Adds a block: the products with weights `weight`, the score with scores `score`, each
    /// where it is wanted.
    pub(super) fn update(
        &mut self,
        arch: Arch,
        block: &[f64],
        weight: Option<&[f64]>,
        score: Option<&[f64]>,
    ) {
        arch.dispatch(RankUpdate {
            products: self,
            block,
            weight,
            score,
        });
    }

    /// Adds over lanes: the lower triangle row by row where it was wanted, then the score.
    pub(super) fn finish(&self) -> Vec<f64> {
        self.lanes
            .as_slice()
            .chunks_exact(LANES)
            .map(|lanes| lanes.iter().sum())
            .collect()
    }
}

/// Entries of the lower triangle and the score of `width` columns.
pub(super) fn packed_length(width: usize) -> usize {
    (width + 1) * (width + 2) / 2 - 1
}

struct RankUpdate<'a> {
    products: &'a mut Products,
    block: &'a [f64],
    weight: Option<&'a [f64]>,
    score: Option<&'a [f64]>,
}

impl WithSimd for RankUpdate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let width = self.products.width;
        let (vectors, skipped) = (ROWS / S::F64_LANES, self.products.skipped);
        let (block, _) = S::as_simd_f64s(self.block);
        let (weighted, _) = S::as_mut_simd_f64s(self.products.weighted.as_mut_slice());
        let (lanes, _) = S::as_mut_simd_f64s(self.products.lanes.as_mut_slice());
        let mut tiles = Tiles {
            simd,
            block,
            lanes,
            vectors,
            width,
            skipped,
        };
        let mut score = self.score.map(|score| S::as_simd_f64s(score).0);
        if let Some(weight) = self.weight {
            let (weight, _) = S::as_simd_f64s(weight);
            for first in (0..width).step_by(TALL) {
                let high = (width - first).min(TALL);
                let columns = block[first * vectors..].chunks_exact(vectors);
                for (out, column) in weighted.chunks_exact_mut(vectors).zip(columns).take(high) {
                    for ((out, &z), &w) in out.iter_mut().zip(column).zip(weight) {
                        *out = simd.mul_f64s(z, w);
                    }
                }
                // The score is a row like the others, where the last tile has room for one.
                if high < TALL
                    && let Some(score) = score.take()
                {
                    weighted[high * vectors..][..vectors].copy_from_slice(score);
                    tiles.rows_and_score(&weighted[..(high + 1) * vectors], first);
                } else {
                    tiles.rows(&weighted[..high * vectors], first);
                }
            }
        }
        if let Some(score) = score {
            tiles.score(score);
        }
    }
}

struct Tiles<'a, S: Simd> {
    simd: S,
    block: &'a [S::f64s],
    lanes: &'a mut [S::f64s],
    vectors: usize,
    width: usize,
    skipped: usize,
}

impl<S: Simd> Tiles<'_, S> {
    /// Products of up to [`TALL`] rows, from row `first` on, with every column up to the diagonal.
    #[inline(always)]
    fn rows(&mut self, left: &[S::f64s], first: usize) {
        match left.len() / self.vectors {
            4 => self.of_height::<4, 4>(left, first),
            3 => self.of_height::<3, 3>(left, first),
            2 => self.of_height::<2, 2>(left, first),
            _ => self.of_height::<1, 1>(left, first),
        }
    }

    /// As [`Tiles::rows`], of the last rows and the score below them.
    #[inline(always)]
    fn rows_and_score(&mut self, left: &[S::f64s], first: usize) {
        match left.len() / self.vectors {
            4 => self.of_height::<4, 3>(left, first),
            3 => self.of_height::<3, 2>(left, first),
            _ => self.of_height::<2, 1>(left, first),
        }
    }

    /// `R` rows, of which `C` are columns as well.
    #[inline(always)]
    fn of_height<const R: usize, const C: usize>(&mut self, left: &[S::f64s], first: usize) {
        // As many sums as fit in the registers beside a row and a column of operands.
        if S::REGISTER_COUNT >= 32 {
            for column in (0..first).step_by(4) {
                self.tile::<R, 4, false>(left, first, column);
            }
        } else {
            for column in (0..first).step_by(2) {
                self.tile::<R, 2, false>(left, first, column);
            }
        }
        // What meets the diagonal starts on it, since `first` is a multiple of four.
        self.tile::<R, C, true>(left, first, first);
    }

    /// The products of the score with every column.
    #[inline(always)]
    fn score(&mut self, score: &[S::f64s]) {
        let width = self.width;
        let mut column = 0;
        while column < width {
            // A sum alone waits for each of its additions, so what is left is shared out evenly.
            let left = width - column;
            let taken = if left <= 8 {
                left
            } else {
                (left / 2).clamp(5, 8)
            };
            match taken {
                8 => self.tile::<1, 8, false>(score, width, column),
                7 => self.tile::<1, 7, false>(score, width, column),
                6 => self.tile::<1, 6, false>(score, width, column),
                5 => self.tile::<1, 5, false>(score, width, column),
                4 => self.tile::<1, 4, false>(score, width, column),
                3 => self.tile::<1, 3, false>(score, width, column),
                2 => self.tile::<1, 2, false>(score, width, column),
                _ => self.tile::<1, 1, false>(score, width, column),
            }
            column += taken;
        }
    }

    #[inline(always)]
    fn tile<const R: usize, const C: usize, const DIAGONAL: bool>(
        &mut self,
        left: &[S::f64s],
        row: usize,
        column: usize,
    ) {
        let simd = self.simd;
        let n = self.vectors;
        let left: [&[S::f64s]; R] = std::array::from_fn(|i| &left[i * n..][..n]);
        let right: [&[S::f64s]; C] = std::array::from_fn(|j| &self.block[(column + j) * n..][..n]);
        let mut sums = [[simd.splat_f64s(0.0); C]; R];
        for k in 0..n {
            let z: [S::f64s; C] = std::array::from_fn(|j| right[j][k]);
            for i in 0..R {
                let w = left[i][k];
                // Above the diagonal is the mirror.
                for j in 0..if DIAGONAL { C.min(i + 1) } else { C } {
                    sums[i][j] = simd.mul_add_e_f64s(w, z[j], sums[i][j]);
                }
            }
        }
        let stride = LANES / S::F64_LANES;
        for (i, sums) in sums.iter().enumerate() {
            let i = row + i;
            let start = i * (i + 1) / 2 - self.skipped;
            for (j, &sum) in sums.iter().enumerate() {
                let j = column + j;
                if j <= i {
                    let lane = &mut self.lanes[(start + j) * stride];
                    *lane = simd.add_f64s(*lane, sum);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Aligned, Products, ROWS, linear_predictor, packed_length};
    use proptest::prelude::*;
    use pulp::Arch;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Against three nested loops, on every vector width that this machine has.
        #[test]
        fn agrees_with_plain_loops(width in 1..14_usize, seed in 1..1000_u64) {
            let value = |i: usize| ((i as u64 * 2_654_435_761 + seed * 40_503) % 1009) as f64 / 300.0 - 1.5;
            let mut block = Aligned::zeros(width * ROWS);
            for (i, z) in block.as_mut_slice().iter_mut().enumerate() { *z = value(i); }
            let z = block.as_slice();
            let weight: Vec<f64> = (0..ROWS).map(|i| value(i + 7).abs()).collect();
            let score: Vec<f64> = (0..ROWS).map(|i| value(3 * i)).collect();
            let b: Vec<f64> = (0..width).map(|j| value(j * 31)).collect();
            let mut kinds = vec![Arch::new(), Arch::Scalar];
            #[cfg(target_arch = "x86_64")]
            kinds.extend(pulp::x86::V3::try_new().map(Arch::V3));
            for arch in kinds {
                let mut predictor = vec![0.0; ROWS];
                linear_predictor(arch, z, &b, &mut predictor);
                for (i, found) in predictor.iter().enumerate() {
                    let sum: f64 = (0..width).map(|j| b[j] * z[j * ROWS + i]).sum();
                    prop_assert!((found - sum).abs() < 1e-12);
                }
                let mut products = Products::new(width);
                products.update(arch, z, Some(&weight), Some(&score));
                products.update(arch, z, Some(&weight), None);
                let found = products.finish();
                prop_assert_eq!(found.len(), packed_length(width));
                let mut alone = Products::of_score(width);
                alone.update(arch, z, None, Some(&score));
                let alone = alone.finish();
                prop_assert_eq!(alone.len(), width);
                for (alone, beside) in alone.iter().zip(&found[found.len() - width..]) {
                    prop_assert!((alone - beside).abs() < 1e-9);
                }
                for i in 0..=width {
                    for j in 0..=i.min(width - 1) {
                        let sum: f64 = (0..ROWS).map(|k| {
                            if i == width { score[k] * z[j * ROWS + k] }
                            else { 2.0 * weight[k] * z[i * ROWS + k] * z[j * ROWS + k] }
                        }).sum();
                        let entry = found[i * (i + 1) / 2 + j];
                        prop_assert!((entry - sum).abs() < 1e-9, "{} {} {} {}", i, j, entry, sum);
                    }
                }
            }
        }
    }
}
