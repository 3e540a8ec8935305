use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::log_excess;
use faer::{Mat, mat};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use std::f64::consts::TAU;

/// Lévy with scale c, the one-sided stable law of index ½:
/// \\(f(x \mid c) = \sqrt{c/2\pi}\,x^{-3/2}e^{-c/2x}\\) on (0, ∞).
///
/// Information \\(1/2c^2\\): 1/x is gamma with the shape ½ and the rate c/2.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::Levy;
/// let information = expected_information(&Levy, &[2.0], Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - 0.125).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Levy;

impl Family for Levy {
    fn name(&self) -> String {
        "Levy".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::positive("c")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::POSITIVE
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let constant = (theta[0].ln() - TAU.ln()) * 0.5;
        constant - x[0].ln() * 1.5 - theta[0] * x[0].lift().recip() * 0.5
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let unit: f64 = StandardNormal.sample(rng);
        x[0] = theta[0] / (unit * unit);
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        Some(mat![[0.5 * theta[0].powi(-2)]])
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        Some(ClosedGeodesic::scale(0.5, from[0], to[0]))
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        Some(0.5 * log_excess((other[0] - theta[0]) / theta[0]))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![Elementwise::coordinates("log", &[Scalar::Log])]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "levy",
    aliases: &[],
    summary: "first-passage times of Brownian motion",
    example: "levy c=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| Instance::new(Levy, vec![arguments.number("c")?]),
};
