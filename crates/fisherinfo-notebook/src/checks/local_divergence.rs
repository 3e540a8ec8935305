//! Checks of exercise 5.

use fisherinfo::divergence::kullback_leibler;
use fisherinfo::expectation::Method;
use fisherinfo::family::{Bernoulli, Model, NormalLocation};
use fisherinfo_notebook::solution::{Check, Findings, Inputs, SolutionError};

/// D(p ‖ p + δ) by the engine's sum over both outcomes, which keeps its digits for small δ.
fn summed(p: f64, delta: f64) -> Result<f64, SolutionError> {
    Ok(kullback_leibler(&Bernoulli, &[p], &[p + delta], Method::Numeric)?.value)
}

/// The term of order k in δ of D(p ‖ p + δ), from the series of the logarithm.
fn term(p: f64, delta: f64, k: i32) -> f64 {
    (p * (-delta / p).powi(k) + (1.0 - p) * (delta / (1.0 - p)).powi(k)) / f64::from(k)
}

/// By how many powers of two the remainder falls when the step is halved.
fn fall(p: f64, step: f64) -> Result<f64, SolutionError> {
    // A quadratic halved twice: D(δ) − 4 D(δ/2) has no second-order part left.
    let without_square = |step: f64| -> Result<f64, SolutionError> {
        Ok(summed(p, step)? - 4.0 * summed(p, step / 2.0)?)
    };
    Ok((without_square(step)? / without_square(step / 2.0)?).log2())
}

/// The divergence against its definition, the quadratic against second differences, the remainder
/// against its series, the orders against halved steps.
///
/// # Errors
/// Findings that are missing.
pub fn checks(inputs: &Inputs, findings: &Findings) -> Result<Vec<Check>, SolutionError> {
    let (p, delta) = (inputs.number("p")?, inputs.number("delta")?);
    let q = p + delta;
    let divergence = findings.number("divergence")?;
    let quadratic = findings.number("quadratic")?;
    let remainder = findings.number("remainder")?;

    let definition = p * (p / q).ln() + (1.0 - p) * ((1.0 - p) / (1.0 - q)).ln();
    let h = 1e-3 * p.min(1.0 - p);
    let curvature = (summed(p, h)? + summed(p, -h)?) / (h * h);
    let series: f64 = (3..400).map(|k| term(p, delta, k)).sum();

    // Steps short enough for the leading term to lead: near ½ the third order is weak.
    let bend = (1.0 - 2.0 * p).abs();
    let step = 0.02 * p.min(1.0 - p) * if bend == 0.0 { 1.0 } else { bend };

    let gaussian: &dyn Model = &NormalLocation { sigma: 2.0 };
    let far = kullback_leibler(gaussian, &[1.0], &[2.5], Method::Numeric)?;
    let left_over = far.value - 0.5 * (1.5_f64 / 2.0).powi(2);
    let gaussian_order = if left_over.abs() <= far.error {
        "∞"
    } else {
        "finite"
    };
    let found = findings.number("order for a Gaussian mean")?;

    Ok(vec![
        Check::near(
            "the divergence is its definition",
            "adding p ln(p/q) and (1 − p) ln((1 − p)/(1 − q))",
            divergence,
            definition,
            1e-14,
        ),
        Check::close(
            "the quadratic is the curvature of the divergence",
            "second differences of the divergence",
            quadratic,
            0.5 * curvature * delta * delta,
            1e-4,
        ),
        Check::near(
            "the remainder is the rest of the series",
            "the series of the logarithm from the third order on",
            remainder,
            series,
            1e-12 * divergence.abs(),
        ),
        Check::near(
            "the remainder is of this order",
            "halving the step",
            findings.number("order of the remainder")?,
            fall(p, step)?,
            0.1,
        ),
        Check::near(
            "at one half it is one more",
            "halving the step",
            findings.number("order at one half")?,
            fall(0.5, 0.05)?,
            0.1,
        ),
        Check::same(
            "a Gaussian mean leaves nothing over",
            "quadrature over a long step",
            if found == f64::INFINITY {
                "∞"
            } else {
                "finite"
            },
            gaussian_order,
        ),
    ])
}
