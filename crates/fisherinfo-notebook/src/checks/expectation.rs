//! Checks of exercise 9.

use super::{difference, mean_curvature, step_inside};
use fisherinfo::expectation::{Method, expected_information};
use fisherinfo::family::{Bernoulli, Model};
use fisherinfo::information::Accuracy;
use fisherinfo_notebook::solution::{Check, Findings, Inputs, SolutionError};

/// Terms against scores by differences, their sum against the mean curvature and simulation.
///
/// # Errors
/// Findings that are missing.
pub fn checks(inputs: &Inputs, findings: &Findings) -> Result<Vec<Check>, SolutionError> {
    let p = inputs.number("p")?;
    let slope = |x: f64| difference(|p| Bernoulli.log_density(&[p], &[x]), p, step_inside(p));
    let terms = [(1.0 - p) * slope(0.0).powi(2), p * slope(1.0).powi(2)];
    let expectation = findings.number("expectation of the squared score")?;
    let closed = findings.number("closed form")?;

    let draws = Method::MonteCarlo {
        draws: 20_000,
        seed: 9,
    };
    let simulated = expected_information(&Bernoulli, &[p], draws)?;
    let error = match &simulated.provenance().accuracy {
        Accuracy::StandardError(errors) => errors[(0, 0)],
        Accuracy::Exact | Accuracy::Bound(_) => 0.0,
    };
    Ok(vec![
        Check::near(
            "the score has the mean zero",
            "weighing the slopes of both log-probabilities",
            findings.number("mean score")?,
            p * slope(1.0) + (1.0 - p) * slope(0.0),
            1e-5,
        ),
        Check::close_vectors(
            "each outcome contributes its probability times its squared score",
            "central differences of the log-density",
            findings.vector("contributions")?,
            &terms,
            1e-6,
        ),
        Check::close(
            "the expectation is the mean curvature",
            "summing −∂² log f over both outcomes",
            expectation,
            mean_curvature(&Bernoulli, p)?,
            1e-10,
        ),
        Check::close(
            "the closed form is the expectation",
            "adding both contributions by differences",
            closed,
            terms[0] + terms[1],
            1e-6,
        ),
        Check::near(
            "simulated tosses agree",
            "20,000 tosses, within six standard errors",
            simulated.matrix()[(0, 0)],
            expectation,
            6.0 * error,
        ),
    ])
}
