use super::observation::{draw_ln_gamma, logarithm, set_half_line};
use super::{Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support, bregman};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::{digamma, ln_gamma, trigamma};
use faer::{Mat, mat};
use rand::Rng;
use std::f64::consts::LN_2;

/// The sum of ν squared standard normal variables, with real ν:
/// \\(f(x \mid \nu) = x^{\nu/2-1}e^{-x/2}/\bigl(2^{\nu/2}\Gamma(\nu/2)\bigr)\\) on (0, ∞).
///
/// Information \\(\psi'(\nu/2)/4\\). Source: Johnson, Kotz & Balakrishnan, Continuous Univariate
/// Distributions 1 (1994), ch. 18.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::ChiSquared;
/// let information = expected_information(&ChiSquared, &[2.0], Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - std::f64::consts::PI.powi(2) / 24.0).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ChiSquared;

impl Family for ChiSquared {
    fn name(&self) -> String {
        "ChiSquared".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::positive("nu")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::HalfLine
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let half = theta[0] * 0.5;
        (half - 1.0) * logarithm(x) - x[0].lift() * 0.5 - half * LN_2 - ln_gamma(half)
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        set_half_line(x, LN_2 + draw_ln_gamma(self, 0.5 * theta[0], rng)?);
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        Some(mat![[0.25 * trigamma(0.5 * theta[0])]])
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        let (half, step) = (0.5 * theta[0], 0.5 * (other[0] - theta[0]));
        if bregman::is_near(theta, other) {
            return Some(bregman::divergence(|t| {
                step * step * trigamma(half + t * step)
            }));
        }
        Some(ln_gamma(half + step) - ln_gamma(half) - step * digamma(half))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![Elementwise::coordinates("log", &[Scalar::Log])]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "chi-squared",
    aliases: &[],
    summary: "a sum of squared standard normal variables",
    example: "chi-squared nu=3",
    jeffreys_is_proper: Some(false),
    build: |arguments| Instance::new(ChiSquared, vec![arguments.number("nu")?]),
};
