use super::kumaraswamy::{draw, log_density};
use super::{
    ClosedGeodesic, Entry, Exponential, Family, Instance, Parameter, ParameterSpace, SamplingError,
    Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use faer::Mat;
use rand::Rng;

/// Kumaraswamy with a known shape a: \\(f(x \mid b) = abx^{a-1}(1-x^a)^{b-1}\\) on (0, 1).
///
/// Information \\(1/b^2\\): \\(-\ln(1-x^a)\\) is exponential at the rate b.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::KumaraswamyKnownA;
/// let information = expected_information(&KumaraswamyKnownA { a: 2.0 }, &[3.0], Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - 1.0 / 9.0).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct KumaraswamyKnownA {
    /// a > 0, known.
    pub a: f64,
}

impl Family for KumaraswamyKnownA {
    fn name(&self) -> String {
        format!("Kumaraswamy(a = {} known)", self.a)
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::positive("b")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::UnitInterval
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        log_density(D::from(self.a), theta[0], x)
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        draw(self.a, theta[0], rng, x);
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        Exponential.closed_form_information(theta)
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        Some(ClosedGeodesic::scale(1.0, from[0], to[0]))
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        Exponential.closed_form_divergence(theta, other)
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![Elementwise::coordinates("log", &[Scalar::Log])]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "kumaraswamy-known-a",
    aliases: &[],
    summary: "the same with its first shape known",
    example: "kumaraswamy-known-a b=3 a=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let a = arguments.positive("a")?;
        Instance::new(KumaraswamyKnownA { a }, vec![arguments.number("b")?])
    },
};
