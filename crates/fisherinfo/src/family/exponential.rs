use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::log_excess;
use faer::{Mat, mat};
use rand::Rng;
use rand_distr::{Distribution, Exp1};

/// A waiting time: \\(f(x \mid \lambda) = \lambda e^{-\lambda x}\\) on (0, ∞).
///
/// Information \\(1/\lambda^2\\); constant in log-rate coordinates.
#[derive(Clone, Copy, Debug)]
pub struct Exponential;

impl Family for Exponential {
    fn name(&self) -> String {
        "Exponential".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::positive("rate")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::POSITIVE
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        theta[0].ln() - theta[0] * x[0].lift()
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let unit: f64 = Exp1.sample(rng);
        x[0] = unit / theta[0];
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        Some(mat![[theta[0].powi(-2)]])
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        Some(log_excess((other[0] - theta[0]) / theta[0]))
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        Some(ClosedGeodesic::scale(1.0, from[0], to[0]))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Elementwise::coordinates("mean", &[Scalar::Reciprocal]),
            Elementwise::coordinates("log-rate", &[Scalar::Log]),
            Elementwise::coordinates("natural", &[Scalar::Negative]),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "exponential",
    aliases: &[],
    summary: "a waiting time with a constant rate",
    example: "exponential rate=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| Instance::new(Exponential, vec![arguments.number("rate")?]),
};
