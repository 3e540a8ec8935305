use super::normal::{Normal, normal_log_density};
use super::observation::{logarithm, set_half_line};
use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, ReferencePrior,
    SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use faer::Mat;
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

/// A positive variable whose logarithm is normal with mean μ and standard deviation σ:
/// \\(f(x \mid \mu, \sigma) = (2\pi\sigma^2)^{-1/2}x^{-1}e^{-(\ln x-\mu)^2/2\sigma^2}\\) on (0, ∞).
///
/// Information \\(\mathrm{diag}(1, 2)/\sigma^2\\), that of the normal distribution: ln is one to one.
/// Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), ch. 14.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::LogNormal;
/// let information = expected_information(&LogNormal, &[0.5, 2.0], Method::Numeric)?;
/// assert!((information.matrix()[(1, 1)] - 0.5).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LogNormal;

impl Family for LogNormal {
    fn name(&self) -> String {
        "LogNormal".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::real("mu"), Parameter::positive("sigma")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::HalfLine
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let ln = logarithm(x);
        normal_log_density(theta[0], theta[1], ln) - ln
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let unit: f64 = StandardNormal.sample(rng);
        set_half_line(x, theta[0] + theta[1] * unit);
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        Normal.closed_form_information(theta)
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        let (from, to) = ([from[0], from[1]], [to[0], to[1]]);
        Some(ClosedGeodesic::location_scale(1.0, 2.0, from, to))
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        Normal.closed_form_divergence(theta, other)
    }

    fn reference_prior(&self) -> Option<ReferencePrior> {
        Some(ReferencePrior::location_scale("sigma"))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Elementwise::coordinates("variance", &[Scalar::Identity, Scalar::Square]),
            Elementwise::coordinates("log-sigma", &[Scalar::Identity, Scalar::Log]),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "lognormal",
    aliases: &["log-normal"],
    summary: "positive values with a normal logarithm",
    example: "lognormal mu=0.5 sigma=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let first = arguments.number("mu")?;
        Instance::new(LogNormal, vec![first, arguments.number("sigma")?])
    },
};
