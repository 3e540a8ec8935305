use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::deviance::{deviance, deviance_size, factorial_width};
use crate::special::log_excess;
use faer::{Mat, mat};
use rand::Rng;
use rand_distr::Distribution;

/// Counts at a rate: \\(f(x \mid \lambda) = e^{-\lambda}\lambda^x/x!\\) on {0, 1, …}.
///
/// Information \\(1/\lambda\\); constant in root coordinates √λ.
#[derive(Clone, Copy, Debug)]
pub struct Poisson;

impl Family for Poisson {
    fn name(&self) -> String {
        "Poisson".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::positive("rate")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::NATURAL
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let (rate, count) = (theta[0], x[0].value());
        if count == 0.0 {
            return -rate;
        }
        // As the deviance from the rate, in which x ln λ, λ and ln x! have cancelled.
        -deviance(count, rate, rate - count) - factorial_width(count)
    }

    fn log_density_size(&self, theta: &[f64], x: &[f64]) -> Option<f64> {
        let (rate, count) = (theta[0], x[0]);
        Some(if count == 0.0 {
            rate
        } else {
            deviance_size(count, rate) + factorial_width(count)
        })
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        x[0] = rand_distr::Poisson::new(theta[0])
            .map_err(|reason| SamplingError::new(self, reason))?
            .sample(rng);
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        Some(mat![[1.0 / theta[0]]])
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        Some(theta[0] * log_excess((other[0] - theta[0]) / theta[0]))
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        Some(ClosedGeodesic::rate(from[0], to[0]))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Elementwise::coordinates("log-rate", &[Scalar::Log]),
            Elementwise::coordinates("root", &[Scalar::Root]),
            Elementwise::coordinates("natural", &[Scalar::Log]),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "poisson",
    aliases: &[],
    summary: "counts at a rate",
    example: "poisson rate=4",
    jeffreys_is_proper: Some(false),
    build: |arguments| Instance::new(Poisson, vec![arguments.number("rate")?]),
};
