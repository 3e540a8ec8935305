use super::{CompensatedSum, Expectation, ExpectationError, Problem, Route};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Up to here every integer is a double.
const LARGEST: i64 = 1 << 53;

/// Σ f(x)h(x) over integers, outwards from a point inside the bulk.
///
/// An infinite (or very long) side stops when a geometric majorant of the rest is below rounding:
/// with the ratio r < 1 of the last two terms of a component, what follows is at most r/(1 − r)
/// times the last term as long as the ratio does not increase, which holds for log-concave terms
/// and is required of the last terms seen. The majorants are part of the error.
pub(super) fn over_integers(
    problem: &Problem<'_>,
    from: i64,
    to: Option<i64>,
) -> Result<Expectation, ExpectationError> {
    let width = problem.width;
    let start = inside(problem, from, to)?;
    let mut sum = CompensatedSum::new(width);
    let mut tail = vec![0.0; width];
    let mut log_scale = 0.0_f64;
    let mut terms = 0;
    for step in [1_i64, -1] {
        let mut x = if step == 1 { start } else { start - 1 };
        let mut side = Side::new(width);
        let mut term = vec![0.0; width];
        while x >= from && to.is_none_or(|to| x <= to) {
            if terms == problem.budget || x > LARGEST {
                return Err(problem.no_route(format!(
                    "the sum over its support takes more than {terms} terms"
                )));
            }
            let point = [x as f64];
            log_scale = log_scale.max(problem.log_scale(x as f64));
            problem.weighted(&point, 0.0, &mut term)?;
            sum.add(&term);
            terms += 1;
            if side.has_ended(&term, &sum) {
                for (total, rest) in tail.iter_mut().zip(side.majorant()) {
                    *total += rest;
                }
                break;
            }
            x += step;
        }
    }
    let error = sum
        .rounding(log_scale)
        .iter()
        .zip(&tail)
        .map(|(rounding, tail)| rounding + tail)
        .collect();
    Ok(Expectation {
        value: sum.value(),
        error,
        route: Route::Summation { terms },
    })
}

/// The terms of one side, as far as they were summed.
struct Side {
    last: Vec<f64>,
    ratio: Vec<f64>,
    steady: usize,
}

impl Side {
    fn new(width: usize) -> Self {
        Self {
            last: vec![f64::INFINITY; width],
            ratio: vec![f64::INFINITY; width],
            steady: 0,
        }
    }

    /// Takes the next term; says whether the rest is negligible in every component.
    fn has_ended(&mut self, term: &[f64], sum: &CompensatedSum) -> bool {
        let mut steady = true;
        for (i, &value) in term.iter().enumerate() {
            let size = value.abs();
            let ratio = if size == 0.0 {
                0.0
            } else {
                size / self.last[i]
            };
            // The slack is for rounding of a ratio that is constant.
            steady &= ratio < 1.0 && ratio <= self.ratio[i] * (1.0 + 1e-9);
            self.last[i] = size;
            self.ratio[i] = ratio;
        }
        self.steady = if steady { self.steady + 1 } else { 0 };
        self.steady >= 3
            && self
                .majorant()
                .iter()
                .zip(&sum.absolute)
                .all(|(rest, total)| *rest <= 0.25 * f64::EPSILON * total)
    }

    fn majorant(&self) -> Vec<f64> {
        self.last
            .iter()
            .zip(&self.ratio)
            .map(|(last, ratio)| last * ratio / (1.0 - ratio))
            .collect()
    }
}

/// A point with mass not far from the mode: the median of the family's landmarks, or of a few
/// seeded draws. Where it lies does
/// not change the sum, only how soon both sides end.
fn inside(problem: &Problem<'_>, from: i64, to: Option<i64>) -> Result<i64, ExpectationError> {
    if to.is_some_and(|to| to.saturating_sub(from) < 64) {
        return Ok(from);
    }
    let mut draws: Vec<i64> = problem
        .model
        .landmarks(problem.theta)
        .iter()
        .filter_map(|x| x.first().map(|x| *x as i64))
        .collect();
    if draws.is_empty() {
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let mut x = [0.0];
        for _ in 0..9 {
            problem.model.sample(problem.theta, &mut rng, &mut x)?;
            draws.push(x[0] as i64);
        }
    }
    draws.sort_unstable();
    let middle = draws[draws.len() / 2];
    if middle >= LARGEST {
        return Err(
            problem.no_route("its bulk lies beyond the integers that a double can tell apart")
        );
    }
    Ok(middle.clamp(from, to.unwrap_or(i64::MAX)))
}

/// Σ over all vectors of counts with the given total, every one of them.
pub(super) fn over_counts(
    problem: &Problem<'_>,
    total: u64,
    categories: usize,
) -> Result<Expectation, ExpectationError> {
    let size = compositions(total, categories);
    if size > problem.budget as f64 {
        return Err(problem.no_route(format!("its support has {size:.1e} points")));
    }
    let mut sum = CompensatedSum::new(problem.width);
    let mut term = vec![0.0; problem.width];
    let mut counts = vec![0.0; categories];
    counts[categories - 1] = total as f64;
    let mut terms = 0;
    loop {
        problem.weighted(&counts, 0.0, &mut term)?;
        sum.add(&term);
        terms += 1;
        if !advance(&mut counts) {
            break;
        }
    }
    let error = sum.rounding(problem.log_scale(total as f64));
    Ok(Expectation {
        value: sum.value(),
        error,
        route: Route::Summation { terms },
    })
}

/// How many vectors of counts there are: C(total + categories − 1, categories − 1).
fn compositions(total: u64, categories: usize) -> f64 {
    (1..categories).fold(1.0, |product, i| {
        product * (total as f64 + i as f64) / i as f64
    })
}

/// The next vector of counts in reverse lexicographic order; false after the last.
fn advance(counts: &mut [f64]) -> bool {
    let end = counts.len() - 1;
    let Some(at) = (1..=end).rev().find(|&i| counts[i] > 0.0) else {
        return false;
    };
    let moved = counts[at];
    counts[at] = 0.0;
    counts[end] = moved - 1.0;
    counts[at - 1] += 1.0;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_composition_is_visited_once() {
        for (total, categories) in [(0, 2), (1, 2), (3, 3), (5, 4), (4, 1)] {
            let mut counts = vec![0.0; categories];
            counts[categories - 1] = total as f64;
            let mut seen = vec![counts.clone()];
            while advance(&mut counts) {
                assert_eq!(counts.iter().sum::<f64>(), total as f64);
                assert!(!seen.contains(&counts));
                seen.push(counts.clone());
            }
            assert_eq!(seen.len() as f64, compositions(total, categories).round());
        }
    }
}
