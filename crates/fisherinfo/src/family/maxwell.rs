use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::log_excess;
use faer::{Mat, mat};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use std::f64::consts::FRAC_2_PI;

/// The length of a vector of three normal components with standard deviation a (Maxwell–Boltzmann):
/// \\(f(x \mid a) = \sqrt{2/\pi}\,x^2a^{-3}e^{-x^2/2a^2}\\) on (0, ∞).
///
/// Information \\(6/a^2\\). Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1
/// (1994), ch. 18.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::Maxwell;
/// let information = expected_information(&Maxwell, &[2.0], Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - 1.5).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Maxwell;

impl Family for Maxwell {
    fn name(&self) -> String {
        "Maxwell".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::positive("a")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::POSITIVE
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let z = x[0].lift() / theta[0];
        x[0].ln() * 2.0 - theta[0].ln() * 3.0 - z * z * 0.5 + 0.5 * FRAC_2_PI.ln()
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let mut square = 0.0;
        for _ in 0..3 {
            let unit: f64 = StandardNormal.sample(rng);
            square += unit * unit;
        }
        x[0] = theta[0] * square.sqrt();
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        Some(mat![[6.0 * theta[0].powi(-2)]])
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        Some(ClosedGeodesic::scale(6.0, from[0], to[0]))
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        // Of the ratio of squares, without cancellation.
        let ratio = (theta[0] - other[0]) * (theta[0] + other[0]) / (other[0] * other[0]);
        Some(1.5 * log_excess(ratio))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![Elementwise::coordinates("log", &[Scalar::Log])]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "maxwell",
    aliases: &["maxwell-boltzmann"],
    summary: "the speed of a molecule in a gas",
    example: "maxwell a=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| Instance::new(Maxwell, vec![arguments.number("a")?]),
};
