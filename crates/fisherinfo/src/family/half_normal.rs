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

/// The absolute value of a normal variable with mean 0 and standard deviation σ:
/// \\(f(x \mid \sigma) = \sqrt{2/\pi\sigma^2}\,e^{-x^2/2\sigma^2}\\) on (0, ∞).
///
/// Information \\(2/\sigma^2\\): the sign says nothing about σ.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::HalfNormal;
/// let information = expected_information(&HalfNormal, &[2.0], Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - 0.5).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HalfNormal;

impl Family for HalfNormal {
    fn name(&self) -> String {
        "HalfNormal".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::positive("sigma")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::POSITIVE
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let z = x[0].lift() / theta[0];
        -theta[0].ln() - z * z * 0.5 + 0.5 * FRAC_2_PI.ln()
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let unit: f64 = StandardNormal.sample(rng);
        x[0] = theta[0] * unit.abs();
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        Some(mat![[2.0 * theta[0].powi(-2)]])
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        Some(ClosedGeodesic::scale(2.0, from[0], to[0]))
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        // Of the ratio of squares, without cancellation.
        let ratio = (theta[0] - other[0]) * (theta[0] + other[0]) / (other[0] * other[0]);
        Some(0.5 * log_excess(ratio))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Elementwise::coordinates("log", &[Scalar::Log]),
            Elementwise::coordinates("variance", &[Scalar::Square]),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "half-normal",
    aliases: &[],
    summary: "the absolute value of a centred normal variable",
    example: "half-normal sigma=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| Instance::new(HalfNormal, vec![arguments.number("sigma")?]),
};
