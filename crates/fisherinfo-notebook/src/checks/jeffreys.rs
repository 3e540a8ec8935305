//! Checks of exercise 6.

use super::mean_curvature;
use fisherinfo::family::{Bernoulli, Beta, Exponential, Model};
use fisherinfo_notebook::solution::{Check, Findings, Inputs, SolutionError};

/// √I by the mean curvature.
fn prior(model: &dyn Model, theta: f64) -> Result<f64, SolutionError> {
    Ok(mean_curvature(model, theta)?.sqrt())
}

/// The mass between a = 10^from and b = 10^to, by Simpson's rule in ln θ.
fn mass_between(model: &dyn Model, from: f64, to: f64) -> Result<f64, SolutionError> {
    const PANELS: usize = 40;
    let width = (to - from) * std::f64::consts::LN_10 / PANELS as f64;
    let mut sum = 0.0;
    for node in 0..=PANELS {
        let theta = 10_f64.powf(from + (to - from) * node as f64 / PANELS as f64);
        let weight = match node {
            0 | PANELS => 1.0,
            odd if odd % 2 == 1 => 4.0,
            _ => 2.0,
        };
        sum += weight * theta * prior(model, theta)?;
    }
    Ok(sum * width / 3.0)
}

/// Does the mass toward an end go on growing? Each pair of decades is compared with the pair before.
fn diverges(model: &dyn Model, from: f64, toward: f64) -> Result<bool, SolutionError> {
    let pair = |k: f64| {
        mass_between(
            model,
            from + toward * 2.0 * k,
            from + toward * 2.0 * (k + 1.0),
        )
    };
    // Where the mass is finite, pairs of decades fall like a geometric series.
    Ok((pair(1.0)? / pair(0.0)?).abs() > 0.5)
}

/// e from √I at two points near an end, in powers of the distance that these have to it.
fn exponent(model: &dyn Model, near: f64, nearer: f64, decades: f64) -> Result<f64, SolutionError> {
    Ok((prior(model, nearer)? / prior(model, near)?).log10() / decades)
}

/// The mass over (0, 1) by the midpoint rule in the angle t, with p = sin² t.
fn mass_by_angle() -> Result<f64, SolutionError> {
    const NODES: u32 = 200;
    let width = std::f64::consts::FRAC_PI_2 / f64::from(NODES);
    let mut mass = 0.0;
    for node in 0..NODES {
        let (sine, cosine) = ((f64::from(node) + 0.5) * width).sin_cos();
        mass += prior(&Bernoulli, sine * sine)? * 2.0 * sine * cosine * width;
    }
    Ok(mass)
}

/// Priors against the mean curvature and the beta distribution, masses against sums of their own,
/// verdicts against the mass of further decades.
///
/// # Errors
/// Findings that are missing.
pub fn checks(inputs: &Inputs, findings: &Findings) -> Result<Vec<Check>, SolutionError> {
    let (p, rate) = (inputs.number("p")?, inputs.number("rate")?);
    let at_p = findings.number("Bernoulli: prior at p")?;
    let mass = findings.number("Bernoulli: mass")?;
    let at_rate = findings.number("exponential: prior at the rate")?;
    let beta = Beta.log_density(&[0.5, 0.5], &[p, 1.0 - p]).exp();

    // By symmetry the end at one is that at zero.
    let coin = diverges(&Bernoulli, -2.0, -1.0)?;
    let (slow, fast) = (
        diverges(&Exponential, -2.0, -1.0)?,
        diverges(&Exponential, 2.0, 1.0)?,
    );
    let word = |infinite: bool| if infinite { "improper" } else { "proper" };
    let mut ends = Vec::new();
    if slow {
        ends.push("rate → 0");
    }
    if fast {
        ends.push("rate → ∞");
    }

    let decades = "the mass of further decades";
    let slopes = "the prior at two points near each end";
    Ok(vec![
        Check::close(
            "the prior is the root of the information (Bernoulli)",
            "the mean curvature",
            at_p,
            prior(&Bernoulli, p)?,
            1e-9,
        ),
        Check::close(
            "divided by its mass it is Beta(½, ½)",
            "the beta density",
            at_p / mass,
            beta,
            1e-8,
        ),
        Check::close(
            "the mass is what its density adds up to",
            "the midpoint rule in the angle t with p = sin² t",
            mass,
            mass_by_angle()?,
            1e-9,
        ),
        Check::close(
            "the mass is π",
            "the number",
            mass,
            std::f64::consts::PI,
            1e-9,
        ),
        Check::close_vectors(
            "the Bernoulli prior grows like distance^(−½)",
            slopes,
            findings.vector("Bernoulli: tail exponents")?,
            &[
                exponent(&Bernoulli, 1e-4, 1e-6, 2.0)?,
                exponent(&Bernoulli, 1.0 - 1e-4, 1.0 - 1e-6, 2.0)?,
            ],
            1e-3,
        ),
        Check::same(
            "the Bernoulli prior has finite mass at both ends",
            decades,
            findings.verdict("Bernoulli: ends of infinite mass")?,
            if coin { "p → 0 and p → 1" } else { "none" },
        ),
        Check::same(
            "the verdict on the Bernoulli prior follows its mass",
            decades,
            findings.verdict("Bernoulli: verdict")?,
            word(coin),
        ),
        Check::close(
            "the prior is the root of the information (exponential)",
            "quadrature of −∂² log f",
            at_rate,
            prior(&Exponential, rate)?,
            1e-7,
        ),
        Check::close_vectors(
            "the exponential prior goes like 1/λ at both ends",
            slopes,
            findings.vector("exponential: tail exponents")?,
            &[
                exponent(&Exponential, 1e-2, 1e-4, 2.0)?,
                exponent(&Exponential, 1e2, 1e4, -2.0)?,
            ],
            1e-3,
        ),
        Check::same(
            "the exponential prior has infinite mass there",
            decades,
            findings.verdict("exponential: ends of infinite mass")?,
            &ends.join(" and "),
        ),
        Check::same(
            "the verdict on the exponential prior follows its mass",
            decades,
            findings.verdict("exponential: verdict")?,
            word(slow || fast),
        ),
    ])
}
