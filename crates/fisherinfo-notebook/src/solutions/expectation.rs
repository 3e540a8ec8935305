//! Exercise 9: the information of one toss as what it is defined to be, an expectation.

use fisherinfo::expectation::{Method, expected_information};
use fisherinfo::family::{Bernoulli, Model};
use fisherinfo_notebook::solution::{Findings, Inputs, SolutionError};

/// The mean of the squared score over both outcomes, beside the closed form.
pub fn solve(inputs: &Inputs) -> Result<Findings, SolutionError> {
    let p = inputs.number("p")?;

    // There are two outcomes, so the expectation is a sum of two terms.
    let outcomes = [(0.0, 1.0 - p), (1.0, p)];
    let mut contributions = [0.0; 2];
    let mut mean_score = 0.0;
    for (place, (x, probability)) in outcomes.into_iter().enumerate() {
        let score = Bernoulli.score(&[p], &[x])[0];
        mean_score += probability * score;
        contributions[place] = probability * score * score;
    }
    let closed = expected_information(&Bernoulli, &[p], Method::ClosedForm)?;

    Ok(Findings::new()
        .with(
            "mean score",
            mean_score,
            "zero: right and wrong pulls cancel",
        )
        .with(
            "contributions",
            contributions,
            "of a failure and of a success to the expectation",
        )
        .with(
            "expectation of the squared score",
            contributions[0] + contributions[1],
            "the information, from its definition",
        )
        .with("closed form", closed.matrix()[(0, 0)], "1/(p(1 − p))"))
}
