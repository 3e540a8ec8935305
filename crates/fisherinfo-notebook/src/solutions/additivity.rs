//! Exercise 2: the information of n independent observations is n times that of one.

use fisherinfo::expectation::{Method, expected_information};
use fisherinfo::family::{Model, NormalLocation};
use fisherinfo_notebook::solution::{Findings, Inputs, SolutionError};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// The information by addition, and the variance of the total score by simulation.
pub fn solve(inputs: &Inputs) -> Result<Findings, SolutionError> {
    let n = inputs.count("n")?;
    let model = NormalLocation {
        sigma: inputs.number("sigma2")?.sqrt(),
    };
    let mu = [0.0];

    // Informations of independent observations add: one term for each.
    let one = expected_information(&model, &mu, Method::Automatic)?;
    let mut total = one.clone();
    for _ in 1..n {
        total = total.add(&one)?;
    }
    let bound = total.cramer_rao_bound()?;

    // The same from scratch: I_n is the variance of the score of a whole sample.
    let samples = inputs.count("samples")?;
    let mut generator = ChaCha8Rng::seed_from_u64(inputs.count("seed")? as u64);
    let mut squares = Vec::with_capacity(samples);
    for _ in 0..samples {
        let mut score = 0.0;
        for _ in 0..n {
            let mut x = [0.0];
            model.sample(&mu, &mut generator, &mut x)?;
            score += model.score(&mu, &x)[0];
        }
        // The score has the mean zero, so the mean of its square is its variance.
        squares.push(score * score);
    }
    let count = samples as f64;
    let variance = squares.iter().sum::<f64>() / count;
    let spread = squares.iter().map(|s| (s - variance).powi(2)).sum::<f64>() / (count - 1.0);

    Ok(Findings::new()
        .with("information of one", one.matrix()[(0, 0)], "I(μ) = 1/σ²")
        .with(
            "information of all",
            total.matrix()[(0, 0)],
            "I_n(μ), one term for each of the n observations",
        )
        .with(
            "smallest standard error",
            bound.standard_errors()[0],
            "1/√I_n: no unbiased estimator of μ has a smaller one",
        )
        .with(
            "variance of the total score",
            variance,
            "I_n once more, from simulated samples",
        )
        .with(
            "its standard error",
            (spread / count).sqrt(),
            "how far the simulation may be off",
        ))
}
