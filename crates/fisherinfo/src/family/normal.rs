use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, ReferencePrior,
    SamplingError, Support,
};
use crate::coordinates::{CoordinateMap, Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::log_excess;
use faer::{Mat, mat};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

/// Normal with mean μ and standard deviation σ:
/// \\(f(x \mid \mu, \sigma) = (2\pi\sigma^2)^{-1/2}e^{-(x-\mu)^2/2\sigma^2}\\) on ℝ.
///
/// Information \\(\mathrm{diag}(1, 2)/\sigma^2\\).
#[derive(Clone, Copy, Debug)]
pub struct Normal;

/// ln f of a normal variable over dual numbers.
pub(super) fn normal_log_density<D: Dual>(mean: D, deviation: D, x: D) -> D {
    let z = (x - mean) / deviation;
    -(z * z) * 0.5 - deviation.ln() - 0.5 * std::f64::consts::TAU.ln()
}

/// (μ/σ², −1/(2σ²)).
#[derive(Clone, Copy, Debug)]
struct Natural;

impl CoordinateMap for Natural {
    fn name(&self) -> String {
        "natural".into()
    }

    fn names(&self, base: &[String]) -> Vec<String> {
        vec![
            format!("{}/{}^2", base[0], base[1]),
            format!("-1/(2*{}^2)", base[1]),
        ]
    }

    fn forward<D: Dual>(&self, theta: &[D]) -> Vec<D> {
        let precision = (theta[1] * theta[1]).recip();
        vec![theta[0] * precision, precision * -0.5]
    }

    fn inverse<D: Dual>(&self, phi: &[D]) -> Vec<D> {
        let variance = (phi[1] * -2.0).recip();
        vec![phi[0] * variance, variance.sqrt()]
    }
}

impl Family for Normal {
    fn name(&self) -> String {
        "Normal".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::real("mu"), Parameter::positive("sigma")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::REAL
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        normal_log_density(theta[0], theta[1], x[0].lift())
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let unit: f64 = StandardNormal.sample(rng);
        x[0] = theta[0] + theta[1] * unit;
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let precision = theta[1].powi(-2);
        Some(mat![[precision, 0.0], [0.0, 2.0 * precision]])
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        let shift = (theta[0] - other[0]) / other[1];
        // ρ − 1 for the ratio ρ of variances, without cancellation.
        let ratio = (theta[1] - other[1]) * (theta[1] + other[1]) / (other[1] * other[1]);
        Some(0.5 * (shift * shift + log_excess(ratio)))
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        let (from, to) = ([from[0], from[1]], [to[0], to[1]]);
        Some(ClosedGeodesic::location_scale(1.0, 2.0, from, to))
    }

    fn reference_prior(&self) -> Option<ReferencePrior> {
        Some(ReferencePrior::location_scale("sigma"))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Elementwise::coordinates("variance", &[Scalar::Identity, Scalar::Square]),
            Elementwise::coordinates("log-sigma", &[Scalar::Identity, Scalar::Log]),
            Coordinates::new(Natural),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "normal",
    aliases: &["gaussian"],
    summary: "normal with unknown mean and standard deviation",
    example: "normal mu=0 sigma=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let mu = arguments.number("mu")?;
        Instance::new(Normal, vec![mu, arguments.number("sigma")?])
    },
};
