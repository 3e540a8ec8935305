use super::{Expectation, ExpectationError, Problem, Route};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// Draws that share a stream of the generator. The chunks, not the threads, own the streams, and
/// their sums are merged in order: the result does not depend on the number of threads.
const CHUNK: usize = 4_096;

/// More than this would take days.
const MOST_DRAWS: usize = 10_000_000_000;

/// Chunks whose sums are kept before they are merged.
const BATCH: usize = 1_024;

/// Count, mean and sum of squared deviations, merged by the rule of Chan, Golub & LeVeque (1983).
struct Partial {
    count: f64,
    mean: Vec<f64>,
    squares: Vec<f64>,
}

impl Partial {
    fn new(width: usize) -> Self {
        Self {
            count: 0.0,
            mean: vec![0.0; width],
            squares: vec![0.0; width],
        }
    }

    fn update(&mut self, values: &[f64]) {
        self.count += 1.0;
        for (i, &value) in values.iter().enumerate() {
            let before = value - self.mean[i];
            self.mean[i] += before / self.count;
            self.squares[i] += before * (value - self.mean[i]);
        }
    }

    fn merge(mut self, other: &Self) -> Self {
        let count = self.count + other.count;
        for i in 0..self.mean.len() {
            let shift = other.mean[i] - self.mean[i];
            self.mean[i] += shift * other.count / count;
            self.squares[i] += other.squares[i] + shift * shift * self.count * other.count / count;
        }
        self.count = count;
        self
    }
}

pub(super) fn simulate(
    problem: &Problem<'_>,
    draws: usize,
    seed: u64,
) -> Result<Expectation, ExpectationError> {
    if !(2..=MOST_DRAWS).contains(&draws) {
        return Err(ExpectationError::Draws { draws });
    }
    let observation = problem.model.support(problem.theta).width();
    let chunks = draws.div_ceil(CHUNK);
    let mut total = Partial::new(problem.width);
    for first in (0..chunks).step_by(BATCH) {
        let partials: Vec<Result<Partial, ExpectationError>> = (first..chunks.min(first + BATCH))
            .into_par_iter()
            .map(|chunk| {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                rng.set_stream(chunk as u64);
                let mut partial = Partial::new(problem.width);
                let mut x = vec![0.0; observation];
                let mut out = vec![0.0; problem.width];
                for _ in chunk * CHUNK..draws.min((chunk + 1) * CHUNK) {
                    problem.model.sample(problem.theta, &mut rng, &mut x)?;
                    (problem.integrand)(&x, &mut out);
                    if !out.iter().all(|value| value.is_finite()) {
                        return Err(problem.not_finite(&x));
                    }
                    partial.update(&out);
                }
                Ok(partial)
            })
            .collect();
        for partial in partials {
            total = total.merge(&partial?);
        }
    }
    Ok(Expectation {
        error: total
            .squares
            .iter()
            .map(|squares| (squares / (total.count - 1.0) / total.count).sqrt())
            .collect(),
        value: total.mean,
        route: Route::MonteCarlo { draws, seed },
    })
}
