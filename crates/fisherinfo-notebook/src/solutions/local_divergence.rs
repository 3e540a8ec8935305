//! Exercise 5: the divergence of a small step is half the information times its square, and what
//! is left over is of a higher order.

use fisherinfo::divergence::{RemainderOrder, local_curvature};
use fisherinfo::family::{Bernoulli, Model, NormalLocation};
use fisherinfo_notebook::solution::{Findings, Inputs, SolutionError};

/// At which power of the step the remainder vanishes; ∞ where there is none.
fn order(model: &dyn Model, theta: f64) -> Result<f64, SolutionError> {
    match local_curvature(model, &[theta], &[0.01])?.order {
        RemainderOrder::Observed(power) => Ok(power),
        RemainderOrder::NoRemainder => Ok(f64::INFINITY),
        order @ RemainderOrder::Undecided => Err(SolutionError::NoOrder { order }),
    }
}

/// The divergence of a step δ against its quadratic, and the order of the difference.
pub fn solve(inputs: &Inputs) -> Result<Findings, SolutionError> {
    let (p, delta) = (inputs.number("p")?, inputs.number("delta")?);
    let local = local_curvature(&Bernoulli, &[p], &[delta])?;

    Ok(Findings::new()
        .with("divergence", local.exact.value, "D(p ‖ p + δ) in nats")
        .with("quadratic", local.quadratic, "½ I(p) δ²")
        .with(
            "remainder",
            local.exact.value - local.quadratic,
            "what the quadratic leaves over",
        )
        .with(
            "order of the remainder",
            order(&Bernoulli, p)?,
            "q, where the remainder falls like δ^q: above 2 is o(δ²)",
        )
        .with(
            "order at one half",
            order(&Bernoulli, 0.5)?,
            "one more, since the third-order terms of both outcomes cancel",
        )
        .with(
            "order for a Gaussian mean",
            order(&NormalLocation { sigma: 2.0 }, 1.0)?,
            "∞: nothing is left over, at any step",
        ))
}
