//! Checks of exercise 3.

use super::{difference, mean_curvature};
use fisherinfo::divergence::kullback_leibler;
use fisherinfo::expectation::{Method, expectation};
use fisherinfo::family::Bernoulli;
use fisherinfo_notebook::solution::{Check, Findings, Inputs, SolutionError};

/// Both coordinates against routes that know nothing of the transformation law.
///
/// # Errors
/// Findings that are missing, or at which the model is not defined.
pub fn checks(inputs: &Inputs, findings: &Findings) -> Result<Vec<Check>, SolutionError> {
    let p = inputs.number("p")?;
    let phi = findings.number("phi")?;
    let about_p = findings.number("information about p")?;
    let slope = findings.number("slope dp/dphi")?;
    let by_law = findings.number("information about phi by the law")?;
    let afresh = findings.number("information about phi afresh")?;
    let probability = |phi: f64| 1.0 / (1.0 + (-phi).exp());

    // The log-odds are the natural coordinate, in which the information is the variance of X.
    let moments = |x: &[f64], out: &mut [f64]| {
        out[0] = x[0];
        out[1] = x[0] * x[0];
    };
    let moments = expectation(&Bernoulli, &[p], 2, &moments, Method::Numeric)?;
    let variance = moments.value[1] - moments.value[0].powi(2);

    // The divergence of two coins knows no coordinates.
    let step = 1e-3;
    let both_ways = kullback_leibler(
        &Bernoulli,
        &[p],
        &[probability(phi + step)],
        Method::Numeric,
    )?
    .value
        + kullback_leibler(
            &Bernoulli,
            &[p],
            &[probability(phi - step)],
            Method::Numeric,
        )?
        .value;

    Ok(vec![
        Check::close(
            "the log-odds lead back to p",
            "the logistic function",
            probability(phi),
            p,
            1e-10,
        ),
        Check::close(
            "the information about p is the mean curvature",
            "summing −∂² log f over both outcomes",
            about_p,
            mean_curvature(&Bernoulli, p)?,
            1e-10,
        ),
        Check::close(
            "the slope is that of p in the log-odds",
            "central differences of the logistic function",
            slope,
            difference(probability, (p / (1.0 - p)).ln(), 1e-4),
            1e-7,
        ),
        Check::close(
            "the law gives the variance of the natural statistic",
            "the first two moments of X",
            by_law,
            variance,
            1e-9,
        ),
        Check::close(
            "starting over in the log-odds gives the same",
            "the first two moments of X",
            afresh,
            variance,
            1e-9,
        ),
        Check::close(
            "a small step is as long in either coordinate",
            "the divergence of two coins near each other",
            by_law * step * step,
            both_ways,
            1e-5,
        ),
    ])
}
