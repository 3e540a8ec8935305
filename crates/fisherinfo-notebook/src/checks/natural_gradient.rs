//! Checks of exercise 10.

use fisherinfo::divergence::kullback_leibler;
use fisherinfo::expectation::Method;
use fisherinfo::family::MultivariateNormalLocation;
use fisherinfo_notebook::solution::{Check, Findings, Inputs, SolutionError};

/// Both steps of the published example.
pub const PUBLISHED_STEPS: [[f64; 2]; 2] = [[-0.2, -0.2], [-0.02, -0.4]];

/// Steps against what they minimise and against every other direction, lengths against the
/// divergence of two Gaussians.
///
/// # Errors
/// Findings that are missing.
pub fn checks(inputs: &Inputs, findings: &Findings) -> Result<Vec<Check>, SolutionError> {
    let gradient = inputs.pair("g1", "g2")?;
    let diagonal = inputs.pair("f1", "f2")?;
    let eta = inputs.number("eta")?;
    let mut checks = Vec::new();

    // A step s of rate η and metric M minimises gᵀs + sᵀMs/(2η), where g + Ms/η = 0.
    for (name, metric, length) in [
        (
            "ordinary step",
            [1.0, 1.0],
            "divergence of the ordinary step",
        ),
        ("natural step", diagonal, "divergence of the natural step"),
    ] {
        let [s1, s2] = *findings.vector(name)? else {
            checks.push(Check::holds(
                name,
                "counting",
                false,
                "two numbers are needed".into(),
            ));
            continue;
        };
        let pull = [-metric[0] * s1 / eta, -metric[1] * s2 / eta];
        checks.push(Check::close_vectors(
            &format!("the {name} balances gradient and price"),
            "the slope of what it minimises",
            &pull,
            &gradient,
            1e-9,
        ));

        // Of all steps of its length, none goes further down.
        let drop = |a: f64, b: f64| gradient[0] * a + gradient[1] * b;
        let radius = (metric[0] * s1 * s1 + metric[1] * s2 * s2).sqrt();
        let lowest = (0..3600)
            .map(|k| f64::from(k) * std::f64::consts::TAU / 3600.0)
            .map(|angle| {
                drop(
                    radius * angle.cos() / metric[0].sqrt(),
                    radius * angle.sin() / metric[1].sqrt(),
                )
            })
            .fold(f64::INFINITY, f64::min);
        checks.push(Check::close(
            &format!("no other step of its length goes further down than the {name}"),
            "trying 3600 directions",
            drop(s1, s2),
            lowest,
            1e-5,
        ));

        // A Gaussian with covariance F⁻¹ has the information F about its mean.
        let model =
            MultivariateNormalLocation::new(2, &[1.0 / diagonal[0], 0.0, 1.0 / diagonal[1]])?;
        let divergence = kullback_leibler(&model, &[0.0, 0.0], &[s1, s2], Method::Numeric)?;
        checks.push(Check::close(
            &format!("the length of the {name} is a divergence"),
            "cubature over two Gaussians of information F",
            findings.number(length)?,
            divergence.value,
            1e-6,
        ));
    }
    if inputs.iter().all(|(input, value)| input.default == value) {
        for (name, published) in ["ordinary step", "natural step"]
            .into_iter()
            .zip(PUBLISHED_STEPS)
        {
            checks.push(Check::close_vectors(
                &format!("the {name} is the published one"),
                "the published example",
                findings.vector(name)?,
                &published,
                1e-12,
            ));
        }
    }
    Ok(checks)
}
