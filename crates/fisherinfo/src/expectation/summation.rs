use super::stretch::Stretches;
use super::{CompensatedSum, Expectation, ExpectationError, Problem, Route};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Up to here every integer is a double.
pub(super) const LARGEST: i64 = 1 << 53;

/// Terms of a side that are added up one by one before longer stretches are looked at.
const ONE_BY_ONE: usize = 4096;
/// The last of these, on which the rule for stretches is tried.
const TRIAL: usize = 1024;

/// Σ f(x)h(x) over integers, outwards from a point inside the bulk.
///
/// An infinite (or very long) side stops when a geometric majorant of the rest is below rounding:
/// what follows a term is at most r/(1 − r) times it, with r < 1 a majorant of the ratios to come.
/// For log-concave terms ratios fall, and r is the last of them. For log-convex ones, such as a
/// negative binomial density with r < 1, they rise to their limit like r∞ − c/x, and r is that
/// limit, with twice the distance to it. Either is required of the last terms seen. The majorants
/// are part of the error.
///
/// A side that goes on for thousands of terms is added up in [`Stretches`] from there on, if the rule
/// for them finds the sum of the last terms; if it does not, the terms are not smooth, and are added up
/// one by one as far as the budget goes.
pub(super) fn over_integers(
    problem: &Problem<'_>,
    from: i64,
    to: Option<i64>,
) -> Result<Expectation, ExpectationError> {
    let width = problem.width;
    let start = inside(problem, from, to)?;
    let mut sum = CompensatedSum::new(width);
    let mut error = vec![0.0; width];
    // Σ |term|·|ln term|: what rounding of the logarithms comes from.
    let mut noise = vec![0.0; width];
    let mut terms = 0;
    let mut stretches = Stretches::new(problem);
    let mut scale = vec![0.0; width];
    for step in [1_i64, -1] {
        let mut x = if step == 1 { start } else { start - 1 };
        let end = if step == 1 { to } else { Some(from) };
        let mut side = Side::new(width);
        let mut term = vec![0.0; width];
        let mut of_side = 0;
        let mut trial = CompensatedSum::new(width);
        while x >= from && to.is_none_or(|to| x <= to) {
            if terms == problem.budget || x > LARGEST {
                return Err(problem.no_route(format!(
                    "the sum over its support takes more than {terms} terms"
                )));
            }
            let point = [x as f64];
            let log_size = problem.log_size(&point);
            problem.weighted(&point, 0.0, &mut term)?;
            sum.add(&term);
            for (noise, term) in noise.iter_mut().zip(&term) {
                *noise += log_size * term.abs();
            }
            terms += 1;
            of_side += 1;
            if side.has_ended(&term, x.abs_diff(from) as f64 + 1.0, &sum) {
                for (total, rest) in error.iter_mut().zip(side.majorant()) {
                    *total += rest;
                }
                break;
            }
            if of_side > ONE_BY_ONE - TRIAL && of_side <= ONE_BY_ONE {
                trial.add(&term);
            }
            let is_long = end.is_none_or(|end| end.abs_diff(x) > 2 * ONE_BY_ONE as u64);
            if of_side == ONE_BY_ONE && is_long {
                let back = x - step * (TRIAL as i64 - 1);
                if stretches.sees(x.min(back), x.max(back), &trial)? {
                    for (scale, part) in scale.iter_mut().zip(&sum.absolute) {
                        *scale = part.max(*scale);
                    }
                    let rest =
                        stretches.outwards(x + step, step, end, ONE_BY_ONE as i64, &mut scale)?;
                    for (total, rest) in error.iter_mut().zip(rest) {
                        *total += rest;
                    }
                    break;
                }
            }
            x += step;
        }
    }
    let stretched = stretches.refined(&sum.absolute)?;
    sum.merge(&stretched.sum);
    for i in 0..width {
        noise[i] += stretched.noise[i];
        error[i] += stretched.error[i];
        error[i] += super::ROUNDING * f64::EPSILON * (sum.absolute[i] + noise[i]);
    }
    Ok(Expectation {
        value: sum.value(),
        error,
        route: Route::Summation {
            terms: terms + stretched.terms,
        },
    })
}

/// The terms of one side, as far as they were summed.
struct Side {
    last: Vec<f64>,
    ratio: Vec<f64>,
    /// Majorants of the ratios to come.
    most: Vec<f64>,
    steady: usize,
}

impl Side {
    fn new(width: usize) -> Self {
        Self {
            last: vec![f64::INFINITY; width],
            ratio: vec![f64::INFINITY; width],
            most: vec![f64::INFINITY; width],
            steady: 0,
        }
    }

    /// Takes the next term, the `distance`-th from the end of the support; says whether the rest
    /// is negligible in every component.
    fn has_ended(&mut self, term: &[f64], distance: f64, sum: &CompensatedSum) -> bool {
        let mut steady = true;
        for (i, &value) in term.iter().enumerate() {
            let size = value.abs();
            let ratio = if size == 0.0 {
                0.0
            } else {
                size / self.last[i]
            };
            // A ratio that is constant rises by its rounding.
            let rise = ratio - self.ratio[i];
            self.most[i] = if rise > 1e-9 * ratio {
                ratio + 2.0 * distance * rise
            } else {
                ratio
            };
            steady &= self.most[i] < 1.0;
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
            .zip(&self.most)
            .map(|(last, most)| last * most / (1.0 - most))
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

    /// Terms qˣ(x + 1)^(−power): log-convex for a positive power, whose ratios rise to q, log-concave
    /// for a negative one.
    #[test]
    fn majorants_cover_what_is_left_out() {
        for power in [-2.5, -0.5, 0.3, 0.9, 3.0_f64] {
            let q = 0.9_f64;
            let term = |x: i32| q.powi(x) * f64::from(x + 1).powf(-power);
            let mut side = Side::new(1);
            let mut sum = CompensatedSum::new(1);
            for x in 0..300 {
                sum.add(&[term(x)]);
                side.has_ended(&[term(x)], f64::from(x + 1), &sum);
                if x > 40 {
                    let rest: f64 = (x + 1..1200).map(term).sum();
                    let majorant = side.majorant()[0];
                    assert!(majorant >= rest * (1.0 - 1e-9), "power {power}, x = {x}");
                    assert!(majorant < 6.0 * rest, "power {power}, x = {x}");
                }
            }
        }
    }

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
