use super::normal::normal_log_density;
use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::dual::{Datum, Dual};
use faer::{Mat, mat};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

/// Normal with a known standard deviation: the Gaussian location model, whose information
/// \\(1/\sigma^2\\) is the same everywhere.
#[derive(Clone, Copy, Debug)]
pub struct NormalLocation {
    /// σ > 0, known.
    pub sigma: f64,
}

impl Family for NormalLocation {
    fn name(&self) -> String {
        format!("Normal(σ = {} known)", self.sigma)
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::real("mu")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::REAL
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        normal_log_density(theta[0], D::from(self.sigma), x[0].lift())
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let unit: f64 = StandardNormal.sample(rng);
        x[0] = theta[0] + self.sigma * unit;
        Ok(())
    }

    fn closed_form_information(&self, _: &[f64]) -> Option<Mat<f64>> {
        Some(mat![[self.sigma.powi(-2)]])
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        let shift = (theta[0] - other[0]) / self.sigma;
        Some(0.5 * shift * shift)
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        let length = ((to[0] - from[0]) / self.sigma).abs();
        Some(ClosedGeodesic::straight(length, from, to))
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "normal-location",
    aliases: &["normal-known-sigma"],
    summary: "normal with unknown mean and known standard deviation",
    example: "normal-location mu=0 sigma=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let mu = arguments.number("mu")?;
        let sigma = arguments.positive("sigma")?;
        Instance::new(NormalLocation { sigma }, vec![mu])
    },
};
