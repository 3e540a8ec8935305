use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::log_excess;
use faer::{Mat, mat};
use rand::{Rng, RngExt};

/// Failures before the first success: \\(f(x \mid p) = p(1-p)^x\\) on {0, 1, …}.
///
/// Information \\(1/(p^2(1-p))\\). Counting the success too shifts x by one and changes nothing
/// in θ.
#[derive(Clone, Copy, Debug)]
pub struct Geometric;

impl Family for Geometric {
    fn name(&self) -> String {
        "Geometric".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::probability("p")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::NATURAL
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        theta[0].ln() + (-theta[0]).ln_1p() * x[0].value()
    }

    fn log_density_size(&self, theta: &[f64], x: &[f64]) -> Option<f64> {
        Some(-theta[0].ln() - x[0] * (-theta[0]).ln_1p())
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        // Inversion of the tail P(X ≥ x) = (1 − p)^x; 1 − U lies in (0, 1].
        let tail = (1.0 - rng.random::<f64>()).ln();
        x[0] = (tail / (-theta[0]).ln_1p()).floor();
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let p = theta[0];
        Some(mat![[1.0 / (p * p * (1.0 - p))]])
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        let (p, q) = (theta[0], other[0]);
        Some(log_excess((q - p) / p) + (1.0 - p) / p * log_excess((p - q) / (1.0 - p)))
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        Some(ClosedGeodesic::waiting(1.0, from[0], to[0]))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Elementwise::coordinates("logit", &[Scalar::Logit]),
            Elementwise::coordinates("expected-trials", &[Scalar::Reciprocal]),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "geometric",
    aliases: &[],
    summary: "failures before the first success",
    example: "geometric p=0.3",
    jeffreys_is_proper: Some(false),
    build: |arguments| Instance::new(Geometric, vec![arguments.number("p")?]),
};
