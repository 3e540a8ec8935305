//! Exercise 5: the divergence and its quadratic, near and nearer.

use super::{curve, figure, grid, short};
use fisherinfo::divergence::{kullback_leibler, local_curvature};
use fisherinfo::expectation::{Method, expected_information};
use fisherinfo::family::Bernoulli;
use fisherinfo_notebook::solution::{Figure, Findings, Inputs, Series, SolutionError};

/// Both curves over δ, and the remainder over steps that halve.
///
/// # Errors
/// Inputs that are missing.
pub fn figures(inputs: &Inputs, findings: &Findings) -> Result<Vec<Figure>, SolutionError> {
    let (p, delta) = (inputs.number("p")?, inputs.number("delta")?);
    let information = expected_information(&Bernoulli, &[p], Method::Automatic)?;
    let reach = 0.8 * p.min(1.0 - p);
    let exact = |delta: f64| -> Result<f64, SolutionError> {
        Ok(kullback_leibler(&Bernoulli, &[p], &[p + delta], Method::Automatic)?.value)
    };
    let quadratic = |delta: f64| -> Result<f64, SolutionError> {
        Ok(0.5 * information.quadratic_form(&[delta])?)
    };
    let order = findings.number("order of the remainder")?;
    let near = figure(
        "divergence",
        "Divergence of a step, and its quadratic",
        format!(
            "Two curves that touch at δ = 0 with the same curvature and part as the step grows. At δ = {} \
             the divergence is {} and the quadratic {}.",
            short(delta),
            short(findings.number("divergence")?),
            short(findings.number("quadratic")?)
        ),
        "δ",
        "nats",
        vec![
            Series::line("D(p ‖ p + δ)", curve(grid(-reach, reach, 160), exact)?),
            Series::line("½ I(p) δ²", curve(grid(-reach, reach, 160), quadratic)?),
            Series::points("here", [(delta, exact(delta)?)]),
        ],
    );
    let sequence = local_curvature(&Bernoulli, &[p], &[1.0_f64.copysign(delta) * 0.01])?.sequence;
    let resolved: Vec<_> = sequence.iter().filter(|step| step.resolved).collect();
    let mut orders = figure(
        "remainder",
        "How fast the remainder vanishes",
        format!(
            "On logarithmic axes a line of slope {} beside one of slope 2: the remainder is of order {}.",
            short(order),
            short(order.round())
        ),
        "|δ|",
        "nats",
        vec![
            Series::line(
                "|D − ½ I δ²|",
                resolved
                    .iter()
                    .map(|s| (s.factor * 0.01, (s.exact - s.quadratic).abs())),
            ),
            Series::line(
                "½ I δ²",
                resolved.iter().map(|s| (s.factor * 0.01, s.quadratic)),
            ),
        ],
    );
    orders.logarithmic = (true, true);
    Ok(vec![near, orders])
}
