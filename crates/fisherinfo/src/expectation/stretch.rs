//! Sums of smooth terms over long stretches of integers, from a few of the terms.

use super::{CompensatedSum, ExpectationError, Problem};
use faer::{Mat, linalg::solvers::Solve};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};
use std::rc::Rc;

/// Terms of the finer rule on a stretch; every other is the coarser rule.
const FINE: usize = 25;
/// A shorter stretch is added up term by term.
const SHORTEST: i64 = 512;
/// Relative error asked of every component, on the scale of its absolute sum.
const TOLERANCE: f64 = 2e-14;
/// Stretches more, after which the largest relative error has to be half of what it was.
const PATIENCE: usize = 192;
/// A larger relative error is no answer.
const USELESS: f64 = 1e-3;

/// The integers at which a stretch of `length` is looked at, from 0, and the weights of both rules.
///
/// The integers nearest to the extremes of a Chebyshev polynomial, and the weights with which the sum
/// of every polynomial of a degree below their number comes out: with the polynomials q₀, q₁, … that
/// are orthonormal in the mean over the integers 0 … n − 1 (Gram's), Σ wⱼqₖ(iⱼ) is n for k = 0 and
/// else 0. No value is asked for between integers.
struct Rule {
    places: Vec<i64>,
    fine: Vec<f64>,
    /// Zero at every other place.
    coarse: Vec<f64>,
}

impl Rule {
    fn new(length: i64) -> Self {
        let last = (length - 1) as f64;
        let places: Vec<i64> = (0..FINE)
            .map(|j| {
                let angle = std::f64::consts::PI * j as f64 / (FINE - 1) as f64;
                (0.5 * last * (1.0 - angle.cos())).round() as i64
            })
            .collect();
        let every_other: Vec<i64> = places.iter().copied().step_by(2).collect();
        let mut coarse = vec![0.0; FINE];
        for (weight, part) in coarse
            .iter_mut()
            .step_by(2)
            .zip(weights(&every_other, length))
        {
            *weight = part;
        }
        Self {
            fine: weights(&places, length),
            places,
            coarse,
        }
    }
}

/// The weights at integers from 0 to n − 1 of the rule that interpolates there.
fn weights(places: &[i64], length: i64) -> Vec<f64> {
    let (size, n) = (places.len(), length as f64);
    let mut polynomials = Mat::zeros(size, size);
    for (column, place) in places.iter().enumerate() {
        let y = (2.0 * *place as f64 - (n - 1.0)) / n;
        let (mut before, mut here, mut link) = (0.0, 1.0, 0.0);
        for k in 0..size {
            polynomials[(k, column)] = here;
            // y qₖ = bₖ₊₁ qₖ₊₁ + bₖ qₖ₋₁.
            let order = (k + 1) as f64;
            let part = order / n;
            let next_link = order * ((1.0 - part * part) / (4.0 * order * order - 1.0)).sqrt();
            (before, here) = (here, (y * here - link * before) / next_link);
            link = next_link;
        }
    }
    let wanted = Mat::from_fn(size, 1, |k, _| if k == 0 { n } else { 0.0 });
    let found = polynomials.partial_piv_lu().solve(&wanted);
    (0..size).map(|j| found[(j, 0)]).collect()
}

/// A part of the sum.
struct Stretch {
    first: i64,
    last: i64,
    value: Vec<f64>,
    absolute: Vec<f64>,
    /// Σ |term| times the size of the logarithms that it is made of.
    noise: Vec<f64>,
    error: Vec<f64>,
    /// The largest error on the scale of its component.
    priority: f64,
}

impl PartialEq for Stretch {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Stretch {}
impl PartialOrd for Stretch {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Stretch {
    fn cmp(&self, other: &Self) -> Ordering {
        self.priority
            .total_cmp(&other.priority)
            .then(other.first.cmp(&self.first))
    }
}

/// What stretches add to a sum.
pub(super) struct Stretched {
    pub(super) sum: CompensatedSum,
    pub(super) noise: Vec<f64>,
    pub(super) error: Vec<f64>,
    pub(super) terms: usize,
}

/// Stretches of a sum: they double outwards while the sum goes on, and the worst of them is halved
/// until the difference of its two rules is small. The error of a stretch is that difference, which
/// for smooth terms is far above the error of the finer rule.
pub(super) struct Stretches<'a> {
    problem: &'a Problem<'a>,
    rules: BTreeMap<i64, Rc<Rule>>,
    heap: BinaryHeap<Stretch>,
    terms: usize,
}

impl<'a> Stretches<'a> {
    pub(super) fn new(problem: &'a Problem<'a>) -> Self {
        Self {
            problem,
            rules: BTreeMap::new(),
            heap: BinaryHeap::new(),
            terms: 0,
        }
    }

    /// Are the terms from `first` to `last`, whose sum is known, seen by the rule?
    pub(super) fn sees(
        &mut self,
        first: i64,
        last: i64,
        sum: &CompensatedSum,
    ) -> Result<bool, ExpectationError> {
        /// Of the absolute sum.
        const SEEN: f64 = 1e-6;
        let by_rule = self.by_rule(first, last)?;
        let exact = sum.value();
        Ok((0..exact.len()).all(|i| {
            (by_rule.value[i] - exact[i]).abs() <= SEEN * sum.absolute[i].max(by_rule.absolute[i])
        }))
    }

    /// Adds stretches from `first` on to one side (±1), up to the end of the support or until the rest
    /// is negligible beside `scale` and what was added; returns a majorant of the rest.
    ///
    /// What follows two stretches, of which the second is twice as long and has r times the absolute
    /// sum, is at most r/(1 − r) times the second, where r does not grow: it is constant for terms
    /// that fall like a power, and falls for an exponential.
    pub(super) fn outwards(
        &mut self,
        first: i64,
        side: i64,
        end: Option<i64>,
        mut length: i64,
        scale: &mut [f64],
    ) -> Result<Vec<f64>, ExpectationError> {
        let width = self.problem.width;
        let mut before = vec![f64::INFINITY; width];
        let mut steady = 0;
        let mut near = first;
        loop {
            let mut far = near.saturating_add(side * (length - 1));
            if let Some(end) = end.filter(|end| side * (far - end) >= 0) {
                far = end;
            }
            if far.abs() > super::summation::LARGEST {
                return Err(self.problem.no_route(
                    "the sum over its support reaches beyond the integers that a double can tell apart",
                ));
            }
            let stretch = self.stretch(near.min(far), near.max(far))?;
            let last = stretch.absolute.clone();
            self.heap.push(stretch);
            for (scale, part) in scale.iter_mut().zip(&last) {
                *scale += part;
            }
            if end == Some(far) {
                return Ok(vec![0.0; width]);
            }
            let rest: Vec<f64> = last
                .iter()
                .zip(&before)
                .map(|(last, before)| {
                    if *last < *before {
                        last * last / (before - last)
                    } else if *last == 0.0 {
                        0.0
                    } else {
                        f64::INFINITY
                    }
                })
                .collect();
            let small = rest
                .iter()
                .zip(&*scale)
                .all(|(rest, scale)| *rest <= 0.25 * f64::EPSILON * scale);
            steady = if small { steady + 1 } else { 0 };
            if steady == 2 {
                return Ok(rest);
            }
            before = last;
            near = far + side;
            length *= 2;
        }
    }

    /// Halves the worst stretch until all components meet the tolerance, or what they have is
    /// rounding; `absolute` is the sum of all other terms.
    pub(super) fn refined(mut self, absolute: &[f64]) -> Result<Stretched, ExpectationError> {
        let width = self.problem.width;
        let mut scale = absolute.to_vec();
        for stretch in &self.heap {
            for (scale, part) in scale.iter_mut().zip(&stretch.absolute) {
                *scale += part;
            }
        }
        let mut stretches: Vec<Stretch> = std::mem::take(&mut self.heap).into_vec();
        for stretch in &mut stretches {
            stretch.rank(&scale);
        }
        self.heap = stretches.into();
        let mut next_look = 0;
        let (mut looked_again, mut standing) = (0, f64::INFINITY);
        let mut relative = 0.0;
        loop {
            if self.heap.len() >= next_look {
                next_look = self.heap.len() + 1 + self.heap.len() / 64;
                let (mut error, mut noise) = (vec![0.0; width], vec![0.0; width]);
                for stretch in &self.heap {
                    for i in 0..width {
                        error[i] += stretch.error[i];
                        noise[i] += stretch.noise[i];
                    }
                }
                relative = (0..width)
                    .filter(|i| scale[*i] > 0.0)
                    .map(|i| error[i] / scale[i])
                    .fold(0.0, f64::max);
                // Halving does not mend what rounding has done.
                let met = (0..width).all(|i| {
                    error[i] <= TOLERANCE * scale[i] + super::ROUNDING * f64::EPSILON * noise[i]
                });
                if met {
                    break;
                }
                if self.heap.len() >= looked_again {
                    looked_again = self.heap.len() + PATIENCE;
                    if relative > 0.5 * standing {
                        break;
                    }
                    standing = relative;
                }
            }
            if self.terms >= self.problem.budget {
                break;
            }
            let Some(worst) = self.heap.pop() else { break };
            if worst.priority == 0.0 {
                self.heap.push(worst);
                break;
            }
            let middle = worst.first + (worst.last - worst.first) / 2;
            for (first, last) in [(worst.first, middle), (middle + 1, worst.last)] {
                let mut half = self.stretch(first, last)?;
                half.rank(&scale);
                self.heap.push(half);
            }
        }
        if relative > USELESS {
            return Err(self.problem.no_route(
                "the sum over its support takes too many terms, and they do not vary smoothly enough from one integer to the next to be taken together",
            ));
        }
        // Summed in order, whatever the order of halving was.
        let mut stretches = self.heap.into_vec();
        stretches.sort_by_key(|stretch| stretch.first);
        let mut result = Stretched {
            sum: CompensatedSum::new(width),
            noise: vec![0.0; width],
            error: vec![0.0; width],
            terms: self.terms,
        };
        for stretch in &stretches {
            result.sum.add(&stretch.value);
            for i in 0..width {
                result.error[i] += stretch.error[i];
                result.noise[i] += stretch.noise[i];
            }
        }
        result.sum.absolute = scale.iter().zip(absolute).map(|(a, b)| a - b).collect();
        Ok(result)
    }

    fn stretch(&mut self, first: i64, last: i64) -> Result<Stretch, ExpectationError> {
        if last - first + 1 < SHORTEST {
            self.term_by_term(first, last)
        } else {
            self.by_rule(first, last)
        }
    }

    fn term_by_term(&mut self, first: i64, last: i64) -> Result<Stretch, ExpectationError> {
        let width = self.problem.width;
        let mut sum = CompensatedSum::new(width);
        let mut noise = vec![0.0; width];
        let mut term = vec![0.0; width];
        for x in first..=last {
            let size = self.term(x, &mut term)?;
            sum.add(&term);
            for (noise, term) in noise.iter_mut().zip(&term) {
                *noise += size * term.abs();
            }
        }
        Ok(Stretch {
            first,
            last,
            value: sum.value(),
            absolute: sum.absolute,
            noise,
            error: vec![0.0; width],
            priority: 0.0,
        })
    }

    fn by_rule(&mut self, first: i64, last: i64) -> Result<Stretch, ExpectationError> {
        let width = self.problem.width;
        let length = last - first + 1;
        let rule = Rc::clone(
            self.rules
                .entry(length)
                .or_insert_with(|| Rc::new(Rule::new(length))),
        );
        let (mut fine, mut coarse) = (vec![0.0; width], vec![0.0; width]);
        let (mut absolute, mut noise) = (vec![0.0; width], vec![0.0; width]);
        let mut term = vec![0.0; width];
        for (j, place) in rule.places.iter().enumerate() {
            let size = self.term(first + place, &mut term)?;
            for i in 0..width {
                fine[i] += rule.fine[j] * term[i];
                coarse[i] += rule.coarse[j] * term[i];
                let part = (rule.fine[j] * term[i]).abs();
                absolute[i] += part;
                noise[i] += size * part;
            }
        }
        Ok(Stretch {
            first,
            last,
            error: fine
                .iter()
                .zip(&coarse)
                .map(|(fine, coarse)| (fine - coarse).abs())
                .collect(),
            value: fine,
            absolute,
            noise,
            priority: 0.0,
        })
    }

    /// The term at x, and the size of its logarithms.
    fn term(&mut self, x: i64, term: &mut [f64]) -> Result<f64, ExpectationError> {
        self.terms += 1;
        let point = [x as f64];
        self.problem.weighted(&point, 0.0, term)?;
        Ok(self.problem.log_size(&point))
    }
}

impl Stretch {
    fn rank(&mut self, scale: &[f64]) {
        self.priority = self
            .error
            .iter()
            .zip(scale)
            .map(|(error, scale)| if *scale > 0.0 { error / scale } else { 0.0 })
            .fold(0.0, f64::max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Σ xᵏ over 0 … n − 1 for every degree that a rule has, against the sum itself, in the
    /// coordinate y ∈ [−1, 1].
    #[test]
    fn polynomials_are_summed_exactly() {
        for length in [512_i64, 513, 4096, 100_003] {
            let rule = Rule::new(length);
            let y = |i: i64| (2 * i - (length - 1)) as f64 / length as f64;
            for degree in 0..FINE as i32 {
                let exact: f64 = (0..length).map(|i| y(i).powi(degree)).sum();
                let by = |weights: &[f64]| -> f64 {
                    let terms = rule.places.iter().zip(weights);
                    terms.map(|(i, w)| w * y(*i).powi(degree)).sum()
                };
                let unit = 1e-13 * length as f64;
                assert!((by(&rule.fine) - exact).abs() < unit, "{length}, {degree}");
                let is_exact = (by(&rule.coarse) - exact).abs() < unit;
                // Odd degrees cancel by symmetry, or nearly.
                if degree < 13 {
                    assert!(is_exact, "{length}, {degree}");
                } else if degree > 14 && degree % 2 == 0 {
                    assert!(!is_exact, "{length}, {degree}");
                }
            }
        }
    }

    /// Of a very long stretch too the weights add up to its length, and none is far from positive.
    #[test]
    fn weights_are_those_of_a_mean() {
        for length in [512_i64, 1 << 20, (1 << 52) + 1] {
            let rule = Rule::new(length);
            for weights in [&rule.fine, &rule.coarse] {
                let (sum, absolute) = weights
                    .iter()
                    .fold((0.0, 0.0), |(s, a), w: &f64| (s + w, a + w.abs()));
                assert!((sum / length as f64 - 1.0).abs() < 1e-13);
                assert!(absolute < 1.05 * sum, "{length}: {absolute:e}");
            }
        }
    }
}
