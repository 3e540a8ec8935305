//! Exercise 1: score and information of one toss, and where the information is largest.

use fisherinfo::coordinates::{Elementwise, Scalar};
use fisherinfo::expectation::{ExpectationError, Method, expected_information};
use fisherinfo::family::{Bernoulli, Model};
use fisherinfo_notebook::solution::{Findings, Inputs, SolutionError};

/// The information about p in one toss.
fn information(p: f64) -> Result<f64, ExpectationError> {
    Ok(expected_information(&Bernoulli, &[p], Method::Automatic)?.matrix()[(0, 0)])
}

/// The information about the log-odds in one toss.
fn logit_information(p: f64) -> Result<f64, ExpectationError> {
    let logit = Elementwise::coordinates("logit", &[Scalar::Logit]);
    let about_p = expected_information(&Bernoulli, &[p], Method::Automatic)?;
    Ok(logit.apply(&about_p)?.matrix()[(0, 0)])
}

/// The score, the information at p, and the shape of the information over (0, 1).
pub fn solve(inputs: &Inputs) -> Result<Findings, SolutionError> {
    let p = inputs.number("p")?;

    // The engine differentiates the log-density with dual numbers.
    let score = |x: f64| Bernoulli.score(&[p], &[x])[0];

    // Walk over (0, 1): where is the information about p least, and that about the log-odds most?
    let (mut flattest, mut least) = (0.0, f64::INFINITY);
    let (mut peak, mut most) = (0.0, 0.0);
    for step in 1..1000 {
        let here = f64::from(step) / 1000.0;
        let (about_p, about_logit) = (information(here)?, logit_information(here)?);
        if about_p < least {
            (flattest, least) = (here, about_p);
        }
        if about_logit > most {
            (peak, most) = (here, about_logit);
        }
    }

    // Toward an end, I grows like distance^(−e): a thousand times closer, 1000^e times as much.
    let growth = |near: f64, nearer: f64| -> Result<f64, ExpectationError> {
        Ok((information(nearer)? / information(near)?).ln() / 1000_f64.ln())
    };

    Ok(Findings::new()
        .with(
            "score of a success",
            score(1.0),
            "1/p: a success pulls p up",
        )
        .with(
            "score of a failure",
            score(0.0),
            "−1/(1 − p): a failure pulls p down",
        )
        .with(
            "information",
            information(p)?,
            "how sharply one toss locates p",
        )
        .with(
            "least informative p",
            flattest,
            "where one toss says least about p",
        )
        .with(
            "least information",
            least,
            "what one toss of that coin says about p",
        )
        .with(
            "growth toward 0",
            growth(1e-6, 1e-9)?,
            "e, where I grows like p^(−e) as p → 0",
        )
        .with(
            "growth toward 1",
            growth(1.0 - 1e-4, 1.0 - 1e-7)?,
            "e, where I grows like (1 − p)^(−e) as p → 1",
        )
        .with(
            "most informative p for the log-odds",
            peak,
            "where one toss says most about the log-odds",
        )
        .with(
            "most information about the log-odds",
            most,
            "what one toss of that coin says about them",
        ))
}
