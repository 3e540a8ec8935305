use super::observation::draw_ln_gamma;
use super::{
    ClosedGeodesic, Entry, Family, Geometric, Instance, Parameter, ParameterSpace, SamplingError,
    Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::ln_beta;
use faer::{Mat, mat};
use rand::Rng;
use rand_distr::Distribution;

/// Failures before the r-th success, with a known real r:
/// \\(f(x \mid p) = \frac{\Gamma(r+x)}{\Gamma(r)\,x!}\,p^r(1-p)^x\\) on {0, 1, …}.
///
/// Information \\(r/(p^2(1-p))\\): r times that of the geometric distribution.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::NegativeBinomial;
/// let information = expected_information(&NegativeBinomial { r: 3.0 }, &[0.5], Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - 24.0).abs() < 1e-11);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct NegativeBinomial {
    /// r > 0, known.
    pub r: f64,
}

impl NegativeBinomial {
    /// ln Γ(r + x)/(Γ(r) x!), as a beta function: its gamma functions would cancel.
    fn ln_ways(&self, count: f64) -> f64 {
        -ln_beta(self.r, count + 1.0) - (self.r + count).ln()
    }
}

/// A Poisson count whose rate is a gamma variable.
pub(super) fn draw_mixed_poisson(
    model: &impl Family,
    shape: f64,
    scale: f64,
    rng: &mut dyn Rng,
) -> Result<f64, SamplingError> {
    let rate = draw_ln_gamma(model, shape, rng)?.exp() * scale;
    if rate == 0.0 {
        return Ok(0.0);
    }
    Ok(rand_distr::Poisson::new(rate)
        .map_err(|reason| SamplingError::new(model, reason))?
        .sample(rng))
}

impl Family for NegativeBinomial {
    fn name(&self) -> String {
        format!("NegativeBinomial(r = {} known)", self.r)
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::probability("p")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::NATURAL
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let count = x[0].value();
        theta[0].ln() * self.r + (-theta[0]).ln_1p() * count + self.ln_ways(count)
    }

    fn log_density_size(&self, theta: &[f64], x: &[f64]) -> Option<f64> {
        let (successes, failures) = (self.r * theta[0].ln(), x[0] * (-theta[0]).ln_1p());
        // The logarithm of r + x is the part of the ways that may cancel.
        let ways = self.ln_ways(x[0]).abs() + (self.r + x[0]).ln().abs();
        Some(-successes - failures + ways)
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let odds = (1.0 - theta[0]) / theta[0];
        x[0] = draw_mixed_poisson(self, self.r, odds, rng)?;
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let p = theta[0];
        Some(mat![[self.r / (p * p * (1.0 - p))]])
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        Some(ClosedGeodesic::waiting(self.r, from[0], to[0]))
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        let one = Geometric.closed_form_divergence(theta, other)?;
        Some(self.r * one)
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Elementwise::coordinates("logit", &[Scalar::Logit]),
            Elementwise::coordinates("expected-trials", &[Scalar::Reciprocal]),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "negative-binomial",
    aliases: &[],
    summary: "failures before the r-th success, r known",
    example: "negative-binomial p=0.4 r=3",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let r = arguments.positive("r")?;
        Instance::new(NegativeBinomial { r }, vec![arguments.number("p")?])
    },
};
