//! The rows of the two most used regressions in vector code.

use super::{
    exponential::{self, exponential, multiply_add},
    kernel::ROWS,
    rows::{RowModel, RowTerms, Tally},
};
use pulp::{Arch, Simd, WithSimd};

/// Zero or one with the logit link, in vector code.
pub(super) struct Logistic<'a> {
    pub(super) response: &'a [f64],
}

impl RowModel for Logistic<'_> {
    fn fill(&self, arch: Arch, start: usize, count: usize, _: bool, terms: &mut RowTerms) -> Tally {
        arch.dispatch(FillLogistic {
            response: &self.response[start..start + count],
            terms,
        })
    }
}

struct FillLogistic<'a> {
    response: &'a [f64],
    terms: &'a mut RowTerms,
}

/// Products and sums are kept in this many lanes, for the compiler to put into vectors.
const LANES: usize = 8;

/// The rows from `start` on that are worked on together.
#[inline(always)]
fn lanes(values: &[f64; ROWS], start: usize) -> [f64; LANES] {
    std::array::from_fn(|lane| values[start + lane])
}

impl WithSimd for FillLogistic<'_> {
    type Output = Tally;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Tally {
        // One register of a processor with vectors has fused multiplication as well.
        if S::F64_LANES > 1 {
            self.fill::<true>()
        } else {
            self.fill::<false>()
        }
    }
}

impl FillLogistic<'_> {
    #[inline(always)]
    fn fill<const FUSED: bool>(self) -> Tally {
        let count = self.response.len();
        let mut padded = [0.0; ROWS];
        // A length that the compiler knows, without a copy but in the last block.
        let response: &[f64; ROWS] = match self.response.try_into() {
            Ok(whole) => whole,
            Err(_) => {
                padded[..count].copy_from_slice(self.response);
                &padded
            }
        };
        let RowTerms {
            predictor,
            weight,
            score,
            ..
        } = self.terms;
        // Σ ln(1 + e^−|η|) is the logarithm of one product, at most 2^256 over a block.
        let (mut product, mut linear, mut largest) = ([1.0; LANES], [0.0; LANES], [0.0; LANES]);
        for i in (0..ROWS).step_by(LANES) {
            // What is stored could be what is loaded next, for all that the compiler knows, so
            // all is loaded first.
            let (responses, predictors) = (lanes(response, i), lanes(predictor, i));
            let (mut weights, mut scores) = ([0.0; LANES], [0.0; LANES]);
            for lane in 0..LANES {
                let (y, eta) = (responses[lane], predictors[lane]);
                let size = eta.abs();
                let small = exponential::<FUSED>(-size);
                let total = 1.0 + small;
                let likely = total.recip();
                let unlikely = small * likely;
                let positive = eta >= 0.0;
                let mean = if positive { likely } else { unlikely };
                let complement = if positive { unlikely } else { likely };
                weights[lane] = likely * unlikely;
                // y − μ without its cancellation.
                scores[lane] = multiply_add::<FUSED>(y, complement, (y - 1.0) * mean);
                product[lane] *= total;
                linear[lane] += multiply_add::<FUSED>(y, eta, if positive { -eta } else { 0.0 });
                largest[lane] = if size > largest[lane] {
                    size
                } else {
                    largest[lane]
                };
            }
            weight[i..i + LANES].copy_from_slice(&weights);
            score[i..i + LANES].copy_from_slice(&scores);
        }
        let padding = (ROWS - count) as f64;
        weight[count..].fill(0.0);
        score[count..].fill(0.0);
        // Rows of padding have η = 0 and add ln 2 each.
        let logarithm: f64 =
            product.iter().product::<f64>().ln() - padding * std::f64::consts::LN_2;
        let largest = largest.into_iter().fold(0.0, f64::max);
        Tally {
            log_kernel: linear.iter().sum::<f64>() - logarithm,
            outside: if linear.iter().all(|sum| sum.is_finite()) {
                0
            } else {
                count
            },
            largest,
        }
    }
}

/// Counts with the log link, in vector code.
pub(super) struct PoissonLog<'a> {
    pub(super) response: &'a [f64],
}

impl RowModel for PoissonLog<'_> {
    fn fill(&self, arch: Arch, start: usize, count: usize, _: bool, terms: &mut RowTerms) -> Tally {
        arch.dispatch(FillPoisson {
            response: &self.response[start..start + count],
            terms,
        })
    }
}

struct FillPoisson<'a> {
    response: &'a [f64],
    terms: &'a mut RowTerms,
}

impl WithSimd for FillPoisson<'_> {
    type Output = Tally;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Tally {
        if S::F64_LANES > 1 {
            self.fill::<true>()
        } else {
            self.fill::<false>()
        }
    }
}

impl FillPoisson<'_> {
    #[inline(always)]
    fn fill<const FUSED: bool>(self) -> Tally {
        let count = self.response.len();
        let mut padded = [0.0; ROWS];
        // A length that the compiler knows, without a copy but in the last block.
        let response: &[f64; ROWS] = match self.response.try_into() {
            Ok(whole) => whole,
            Err(_) => {
                padded[..count].copy_from_slice(self.response);
                &padded
            }
        };
        let RowTerms {
            predictor,
            weight,
            score,
            ..
        } = self.terms;
        let (mut sum, mut least, mut most) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        for i in (0..ROWS).step_by(LANES) {
            let (responses, predictors) = (lanes(response, i), lanes(predictor, i));
            let (mut weights, mut scores) = ([0.0; LANES], [0.0; LANES]);
            for lane in 0..LANES {
                let (y, eta) = (responses[lane], predictors[lane]);
                let mean = exponential::<FUSED>(eta);
                weights[lane] = mean;
                scores[lane] = y - mean;
                sum[lane] += multiply_add::<FUSED>(y, eta, -mean);
                least[lane] = if eta < least[lane] { eta } else { least[lane] };
                most[lane] = if eta > most[lane] { eta } else { most[lane] };
            }
            weight[i..i + LANES].copy_from_slice(&weights);
            score[i..i + LANES].copy_from_slice(&scores);
        }
        weight[count..].fill(0.0);
        score[count..].fill(0.0);
        let most = most.into_iter().fold(0.0, f64::max);
        let least = least.into_iter().fold(0.0, f64::min);
        // Rows of padding have η = 0 and add −1 each.
        let log_kernel = sum.iter().sum::<f64>() + (ROWS - count) as f64;
        let outside = if most <= exponential::LARGEST && log_kernel.is_finite() {
            0
        } else {
            count
        };
        Tally {
            log_kernel,
            outside,
            largest: most.max(-least),
        }
    }
}
