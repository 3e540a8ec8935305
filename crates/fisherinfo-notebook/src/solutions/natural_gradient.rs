//! Exercise 10: one gradient, two steps: measured in parameters, and in distributions.

use faer::mat;
use fisherinfo::information::{Damping, Information};
use fisherinfo::natural_gradient::{Metric, NaturalGradient, StepLength};
use fisherinfo_notebook::solution::{Findings, Inputs, SolutionError};

/// The ordinary and the natural step, and how far each moves the distribution.
pub fn solve(inputs: &Inputs) -> Result<Findings, SolutionError> {
    let gradient = inputs.pair("g1", "g2")?;
    let [f1, f2] = inputs.pair("f1", "f2")?;
    let eta = inputs.number("eta")?;
    let information = Information::expected(mat![[f1, 0.0], [0.0, f2]], &["theta1", "theta2"])?;

    // Steepest descent in the parameters themselves …
    let ordinary = [-eta * gradient[0], -eta * gradient[1]];
    // … and in the metric of the distributions: −η F⁻¹ g.
    let rule = NaturalGradient {
        metric: Metric::Dense,
        damping: Damping::NONE,
    };
    let natural = rule.descent_step(&information, &gradient, StepLength::LearningRate(eta))?;

    // ½ sᵀFs is the divergence of a small step s.
    let divergence = |step: &[f64]| Ok::<_, SolutionError>(0.5 * information.quadratic_form(step)?);
    let ordinary_length = divergence(&ordinary)?;
    let natural_length = divergence(&natural)?;

    Ok(Findings::new()
        .with("ordinary step", ordinary, "−η g: both parameters alike")
        .with(
            "natural step",
            natural,
            "−η F⁻¹ g: short where the distribution reacts strongly, long where it hardly does",
        )
        .with(
            "divergence of the ordinary step",
            ordinary_length,
            "½ sᵀFs in nats, to second order",
        )
        .with(
            "divergence of the natural step",
            natural_length,
            "½ sᵀFs in nats, to second order",
        ))
}
