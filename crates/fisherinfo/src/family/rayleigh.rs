use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::log_excess;
use faer::{Mat, mat};
use rand::Rng;
use rand_distr::{Distribution, Exp1};

/// The length of a vector of two normal components with standard deviation σ:
/// \\(f(x \mid \sigma) = x\sigma^{-2}e^{-x^2/2\sigma^2}\\) on (0, ∞).
///
/// Information \\(4/\sigma^2\\). Source: Johnson, Kotz & Balakrishnan, Continuous Univariate
/// Distributions 1 (1994), ch. 18.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::Rayleigh;
/// let information = expected_information(&Rayleigh, &[2.0], Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - 1.0).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Rayleigh;

impl Family for Rayleigh {
    fn name(&self) -> String {
        "Rayleigh".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::positive("sigma")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::POSITIVE
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let z = x[0].lift() / theta[0];
        x[0].ln() - theta[0].ln() * 2.0 - z * z * 0.5
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let unit: f64 = Exp1.sample(rng);
        x[0] = theta[0] * (2.0 * unit).sqrt();
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        Some(mat![[4.0 * theta[0].powi(-2)]])
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        Some(ClosedGeodesic::scale(4.0, from[0], to[0]))
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        // Of the ratio of squares, without cancellation.
        let ratio = (theta[0] - other[0]) * (theta[0] + other[0]) / (other[0] * other[0]);
        Some(log_excess(ratio))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![Elementwise::coordinates("log", &[Scalar::Log])]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "rayleigh",
    aliases: &[],
    summary: "the length of a normal vector in the plane",
    example: "rayleigh sigma=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| Instance::new(Rayleigh, vec![arguments.number("sigma")?]),
};
