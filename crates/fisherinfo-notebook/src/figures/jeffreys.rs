//! Exercise 6: the mass of both priors, as ever more of the range is counted.

use super::{curve, figure, grid, short};
use fisherinfo::family::{Bernoulli, Exponential, Model};
use fisherinfo::jeffreys::log_density;
use fisherinfo_notebook::solution::{Figure, Findings, Inputs, Series, SolutionError};

/// Running integral of √I from `from` down to 10^(−k), for k up to eight decades below.
fn running_mass(model: &dyn Model, from: f64) -> Result<Vec<(f64, f64)>, SolutionError> {
    const STEPS: u32 = 320;
    let decades = 8.0;
    let integrand = |k: f64| -> Result<f64, SolutionError> {
        let theta = from * 10_f64.powf(-k);
        Ok(log_density(model, &[theta])?.exp() * theta * std::f64::consts::LN_10)
    };
    let mut mass = 0.0;
    let mut before = integrand(0.0)?;
    let mut points = vec![(0.0, 0.0)];
    for k in grid(0.0, decades, STEPS).skip(1) {
        let here = integrand(k)?;
        mass += 0.5 * (before + here) * decades / f64::from(STEPS);
        before = here;
        points.push((k, mass));
    }
    Ok(points)
}

/// The mass of both priors, and the shape of the one that is a distribution.
///
/// # Errors
/// Findings that are missing.
pub fn figures(inputs: &Inputs, findings: &Findings) -> Result<Vec<Figure>, SolutionError> {
    let p = inputs.number("p")?;
    let mass = findings.number("Bernoulli: mass")?;
    let at_p = findings.number("Bernoulli: prior at p")? / mass;
    let coin = running_mass(&Bernoulli, 0.5)?;
    let waiting = running_mass(&Exponential, 1.0)?;
    let last = |points: &[(f64, f64)]| points.last().map_or(f64::NAN, |point| point.1);
    let masses = figure(
        "mass",
        "Mass toward zero, decade by decade",
        format!(
            "The mass of the Bernoulli prior below ½ levels off at π/2 (after eight decades: {}). That of the \
             exponential prior below 1 goes on by ln 10 a decade, to {} after eight and without end.",
            short(last(&coin)),
            short(last(&waiting))
        ),
        "decades below the start",
        "mass so far",
        vec![
            Series::line("Bernoulli", coin),
            Series::line("exponential", waiting),
        ],
    );
    let density =
        |p: f64| -> Result<f64, SolutionError> { Ok(log_density(&Bernoulli, &[p])?.exp() / mass) };
    let shape = figure(
        "prior",
        "Jeffreys' prior of a coin",
        format!(
            "A bowl with its floor at p = ½ and walls that rise without bound, yet with a finite mass: \
             Beta(½, ½). At p = {} it is {}.",
            short(p),
            short(at_p)
        ),
        "p",
        "density",
        vec![
            Series::line("Beta(½, ½)", curve(grid(0.005, 0.995, 198), density)?),
            Series::points("here", [(p, at_p)]),
        ],
    );
    Ok(vec![masses, shape])
}
