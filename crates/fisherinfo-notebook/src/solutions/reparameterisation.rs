//! Exercise 3: one coin, two coordinates: the probability p and the log-odds φ.

use fisherinfo::coordinates::{Elementwise, Reparameterised, Scalar};
use fisherinfo::expectation::{Method, expected_information};
use fisherinfo::family::Bernoulli;
use fisherinfo_notebook::solution::{Findings, Inputs, SolutionError};

/// The information about φ, by the transformation law and by starting over in φ.
pub fn solve(inputs: &Inputs) -> Result<Findings, SolutionError> {
    let p = inputs.number("p")?;
    let logit = Elementwise::new("logit", &[Scalar::Logit]);
    let coordinates = Elementwise::coordinates("logit", &[Scalar::Logit]);

    // First way: I_φ = J I_p J, with J = dp/dφ.
    let about_p = expected_information(&Bernoulli, &[p], Method::Automatic)?;
    let phi = coordinates.forward(&[p]);
    let slope = coordinates.jacobian(&phi);
    let by_law = about_p.reparameterised(slope.as_ref(), &["φ"], "logit")?;

    // Second way: write the density in φ and sum the squared score over both outcomes.
    let in_phi = Reparameterised::new(Bernoulli, logit);
    let afresh = expected_information(&in_phi, &phi, Method::Numeric)?;

    Ok(Findings::new()
        .with("phi", phi[0], "the log-odds ln(p/(1 − p))")
        .with(
            "information about p",
            about_p.matrix()[(0, 0)],
            "1/(p(1 − p))",
        )
        .with("slope dp/dphi", slope[(0, 0)], "how fast p moves with φ")
        .with(
            "information about phi by the law",
            by_law.matrix()[(0, 0)],
            "J² times the information about p",
        )
        .with(
            "information about phi afresh",
            afresh.matrix()[(0, 0)],
            "the same from the density in φ, without the law",
        ))
}
