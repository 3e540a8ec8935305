//! The rows of the most used regressions in vector code.

use super::{
    exponential::{self, exponential, multiply_add},
    kernel::ROWS,
    rows::{RowModel, RowTerms, Tally},
};
use pulp::{Arch, Simd, WithSimd};
use std::marker::PhantomData;

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

/// Responses with a length that the compiler knows, without a copy but in the last block.
#[inline(always)]
fn whole<'a>(response: &'a [f64], padded: &'a mut [f64; ROWS]) -> &'a [f64; ROWS] {
    match response.try_into() {
        Ok(whole) => whole,
        Err(_) => {
            padded[..response.len()].copy_from_slice(response);
            padded
        }
    }
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
        let response = whole(self.response, &mut padded);
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

/// What a row is by its response and predictor alone, without branches.
pub(super) trait VectorRow: Sync {
    /// Is the link the canonical one, so that weight and observed information are the same?
    const CANONICAL: bool;
    /// What a row with y = 0 and η = 0 adds to the log-likelihood, as those after the last do.
    const PADDING: f64;
    /// The least and the largest predictor whose mean is an ordinary number.
    const RANGE: (f64, f64);

    fn value<const FUSED: bool>(y: f64, eta: f64) -> RowValue;
}

pub(super) struct RowValue {
    weight: f64,
    score: f64,
    observed: f64,
    log_kernel: f64,
}

/// Counts with the log link.
pub(super) struct PoissonLog;

impl VectorRow for PoissonLog {
    const CANONICAL: bool = true;
    const PADDING: f64 = -1.0;
    const RANGE: (f64, f64) = (f64::NEG_INFINITY, exponential::LARGEST);

    #[inline(always)]
    fn value<const FUSED: bool>(y: f64, eta: f64) -> RowValue {
        let mean = exponential::<FUSED>(eta);
        RowValue {
            weight: mean,
            score: y - mean,
            observed: mean,
            log_kernel: multiply_add::<FUSED>(y, eta, -mean),
        }
    }
}

/// Positive numbers with the log link, which stabilises their variance.
pub(super) struct GammaLog;

impl VectorRow for GammaLog {
    const CANONICAL: bool = false;
    const PADDING: f64 = 0.0;
    const RANGE: (f64, f64) = (-708.0, 708.0);

    #[inline(always)]
    fn value<const FUSED: bool>(y: f64, eta: f64) -> RowValue {
        let ratio = y * exponential::<FUSED>(-eta);
        RowValue {
            weight: 1.0,
            score: ratio - 1.0,
            observed: ratio,
            log_kernel: -(ratio + eta),
        }
    }
}

/// Rows in vector code.
pub(super) struct Vector<'a, R> {
    response: &'a [f64],
    row: PhantomData<R>,
}

impl<'a, R: VectorRow> Vector<'a, R> {
    pub(super) fn new(response: &'a [f64]) -> Self {
        Self {
            response,
            row: PhantomData,
        }
    }
}

impl<R: VectorRow> RowModel for Vector<'_, R> {
    fn is_canonical(&self) -> bool {
        R::CANONICAL
    }

    fn fill(
        &self,
        arch: Arch,
        start: usize,
        count: usize,
        observed: bool,
        terms: &mut RowTerms,
    ) -> Tally {
        arch.dispatch(Fill::<R> {
            row: PhantomData,
            response: &self.response[start..start + count],
            observed,
            terms,
        })
    }
}

struct Fill<'a, R> {
    row: PhantomData<R>,
    response: &'a [f64],
    observed: bool,
    terms: &'a mut RowTerms,
}

impl<R: VectorRow> WithSimd for Fill<'_, R> {
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

impl<R: VectorRow> Fill<'_, R> {
    #[inline(always)]
    fn fill<const FUSED: bool>(self) -> Tally {
        let count = self.response.len();
        let mut padded = [0.0; ROWS];
        let response = whole(self.response, &mut padded);
        let RowTerms {
            predictor,
            weight,
            score,
            observed,
        } = self.terms;
        let (mut sum, mut least, mut most) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        for i in (0..ROWS).step_by(LANES) {
            let (responses, predictors) = (lanes(response, i), lanes(predictor, i));
            let mut weights = [0.0; LANES];
            let (mut scores, mut informations) = ([0.0; LANES], [0.0; LANES]);
            for lane in 0..LANES {
                let (y, eta) = (responses[lane], predictors[lane]);
                let value = R::value::<FUSED>(y, eta);
                weights[lane] = value.weight;
                scores[lane] = value.score;
                informations[lane] = value.observed;
                sum[lane] += value.log_kernel;
                least[lane] = if eta < least[lane] { eta } else { least[lane] };
                most[lane] = if eta > most[lane] { eta } else { most[lane] };
            }
            weight[i..i + LANES].copy_from_slice(&weights);
            score[i..i + LANES].copy_from_slice(&scores);
            if self.observed {
                observed[i..i + LANES].copy_from_slice(&informations);
            }
        }
        weight[count..].fill(0.0);
        score[count..].fill(0.0);
        if self.observed {
            observed[count..].fill(0.0);
        }
        let most = most.into_iter().fold(0.0, f64::max);
        let least = least.into_iter().fold(0.0, f64::min);
        let log_kernel = sum.iter().sum::<f64>() - R::PADDING * (ROWS - count) as f64;
        let inside = R::RANGE.0 <= least && most <= R::RANGE.1 && log_kernel.is_finite();
        Tally {
            log_kernel,
            outside: if inside { 0 } else { count },
            largest: most.max(-least),
        }
    }
}
