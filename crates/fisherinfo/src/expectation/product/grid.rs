//! Sums over integer vectors, outwards until nothing is added.

use super::super::{CompensatedSum, ExpectationError};
use rayon::prelude::*;

/// The integers that one entry may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub(super) from: i64,
    pub(super) to: Option<i64>,
}

/// Sets up to this size are summed whole, whatever hollows they have.
const SUMMED_WHOLE: i64 = 4_096;

impl Axis {
    fn contains(self, x: i64) -> bool {
        x >= self.from && self.to.is_none_or(|to| x <= to)
    }

    fn is_short(self) -> bool {
        self.to.is_some_and(|to| to - self.from < SUMMED_WHOLE)
    }
}

/// A sum over a box of integer vectors.
pub(super) struct GridSum {
    pub(super) total: CompensatedSum,
    /// An estimate of what lies beyond the box.
    pub(super) beyond: Vec<f64>,
    pub(super) terms: usize,
    /// The least and the largest entries.
    pub(super) reach: Vec<i64>,
}

/// A term of the sum, by its index.
pub(super) type Term<'a> = dyn Fn(&[i64], &mut [f64]) -> Result<(), ExpectationError> + Sync + 'a;

/// Indices that are summed together: fixed, so that results do not depend on the number of threads.
const CHUNK: usize = 256;

/// A layer adds nothing when it is below this part of the sum.
const NOTHING: f64 = 1e-17;

/// The first layers may lie in a hollow.
const NEAR: i64 = 3;

impl GridSum {
    /// From a start the box grows by layers on every side until two layers in a row add nothing;
    /// then once more on every side, since the box has grown meanwhile.
    ///
    /// `None` where that takes more terms than the budget.
    pub(super) fn over(
        width: usize,
        axes: &[Axis],
        start: &[i64],
        budget: usize,
        term: &Term<'_>,
    ) -> Result<Option<Self>, ExpectationError> {
        let mut grid = Growing {
            axes,
            start,
            low: start.to_vec(),
            high: start.to_vec(),
            total: sum(width, start, start, term)?,
            terms: 1,
            last: vec![vec![0.0; width]; 2 * axes.len()],
            before: vec![vec![0.0; width]; 2 * axes.len()],
            budget,
            term,
        };
        let mut quiet = vec![0; 2 * axes.len()];
        loop {
            for side in 0..quiet.len() {
                if quiet[side] < 2 {
                    match grid.grow(side)? {
                        Layer::Something => quiet[side] = 0,
                        Layer::Nothing => quiet[side] += 1,
                        Layer::None => quiet[side] = 2,
                        Layer::TooMany => return Ok(None),
                    }
                }
            }
            if quiet.iter().all(|count| *count == 2) {
                for side in 0..quiet.len() {
                    match grid.grow(side)? {
                        Layer::Something => quiet[side] = 0,
                        Layer::Nothing | Layer::None => {}
                        Layer::TooMany => return Ok(None),
                    }
                }
                if quiet.iter().all(|count| *count == 2) {
                    return Ok(Some(grid.finish()));
                }
            }
        }
    }
}

/// What a layer did.
enum Layer {
    Something,
    Nothing,
    /// The axis ends here.
    None,
    TooMany,
}

/// The box as far as it was summed.
struct Growing<'a> {
    axes: &'a [Axis],
    start: &'a [i64],
    low: Vec<i64>,
    high: Vec<i64>,
    total: CompensatedSum,
    terms: usize,
    /// Of every side, the absolute sum of the last layer, and of the one before.
    last: Vec<Vec<f64>>,
    before: Vec<Vec<f64>>,
    budget: usize,
    term: &'a Term<'a>,
}

impl Growing<'_> {
    /// One more layer on a side: 2i above on axis i, 2i + 1 below.
    fn grow(&mut self, side: usize) -> Result<Layer, ExpectationError> {
        let axis = side / 2;
        let next = if side.is_multiple_of(2) {
            self.high[axis] + 1
        } else {
            self.low[axis] - 1
        };
        if !self.axes[axis].contains(next) {
            self.last[side].fill(0.0);
            return Ok(Layer::None);
        }
        let (mut low, mut high) = (self.low.clone(), self.high.clone());
        (low[axis], high[axis]) = (next, next);
        self.terms = self.terms.saturating_add(count(&low, &high));
        if self.terms > self.budget {
            return Ok(Layer::TooMany);
        }
        let layer = sum(self.total.sum.len(), &low, &high, self.term)?;
        self.total.merge(&layer);
        self.low[axis] = self.low[axis].min(next);
        self.high[axis] = self.high[axis].max(next);
        let adds_nothing = layer
            .absolute
            .iter()
            .zip(&self.total.absolute)
            .all(|(part, all)| *part <= NOTHING * all);
        self.before[side] = std::mem::replace(&mut self.last[side], layer.absolute);
        let is_near = (next - self.start[axis]).abs() <= NEAR;
        Ok(if adds_nothing && !is_near && !self.axes[axis].is_short() {
            Layer::Nothing
        } else {
            Layer::Something
        })
    }

    fn finish(self) -> GridSum {
        let mut beyond = vec![0.0; self.total.sum.len()];
        for (last, before) in self.last.iter().zip(&self.before) {
            for ((rest, last), before) in beyond.iter_mut().zip(last).zip(before) {
                // A geometric majorant, or ten layers where the last two do not fall.
                let ratio = if *last == 0.0 { 0.0 } else { last / before };
                *rest += last
                    * if ratio < 0.9 {
                        ratio / (1.0 - ratio)
                    } else {
                        10.0
                    };
            }
        }
        GridSum {
            total: self.total,
            beyond,
            terms: self.terms,
            reach: self.low.into_iter().chain(self.high).collect(),
        }
    }
}

fn count(low: &[i64], high: &[i64]) -> usize {
    low.iter()
        .zip(high)
        .map(|(low, high)| (high - low + 1) as usize)
        .fold(1, usize::saturating_mul)
}

/// Over every index from `low` to `high`.
fn sum(
    width: usize,
    low: &[i64],
    high: &[i64],
    term: &Term<'_>,
) -> Result<CompensatedSum, ExpectationError> {
    let indices = count(low, high);
    let parts: Vec<Result<CompensatedSum, ExpectationError>> = (0..indices.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let mut sum = CompensatedSum::new(width);
            let mut out = vec![0.0; width];
            let mut index = low.to_vec();
            for number in chunk * CHUNK..indices.min((chunk + 1) * CHUNK) {
                let mut rest = number;
                for axis in 0..low.len() {
                    let size = (high[axis] - low[axis] + 1) as usize;
                    index[axis] = low[axis] + (rest % size) as i64;
                    rest /= size;
                }
                term(&index, &mut out)?;
                sum.add(&out);
            }
            Ok(sum)
        })
        .collect();
    let mut total = CompensatedSum::new(width);
    for part in parts {
        total.merge(&part?);
    }
    Ok(total)
}
