use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, ReferencePrior,
    SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::{exp_excess, log_excess};
use faer::{Mat, mat};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, Exp1};

/// Laplace with location μ and scale b: \\(f(x \mid \mu, b) = e^{-|x-\mu|/b}/2b\\) on ℝ.
///
/// Information \\(\mathrm{diag}(1, 1)/b^2\\). The log-density has a kink at μ: pointwise its second
/// derivative in μ is zero, and all of \\(-\mathrm{E}[\partial^2\log f/\partial\mu^2] = 1/b^2\\) is
/// carried by the kink. Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2
/// (1995), ch. 24.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::Laplace;
/// let information = expected_information(&Laplace, &[1.0, 2.0], Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - 0.25).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Laplace;

impl Family for Laplace {
    fn name(&self) -> String {
        "Laplace".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![
            Parameter::real("location"),
            Parameter::positive("scale"),
        ])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::REAL
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let offset = x[0].lift() - theta[0];
        let distance = if offset.re() < 0.0 { -offset } else { offset };
        -distance / theta[1] - theta[1].ln() - std::f64::consts::LN_2
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let distance: f64 = Exp1.sample(rng);
        let sign = if rng.random::<bool>() { 1.0 } else { -1.0 };
        x[0] = theta[0] + sign * theta[1] * distance;
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let unit = theta[1].powi(-2);
        Some(mat![[unit, 0.0], [0.0, unit]])
    }

    /// Its kink keeps second derivatives of the information from going under the integral.
    fn differentiable_information<D: Dual>(&self, theta: &[D]) -> Option<Vec<D>> {
        let unit = (theta[1] * theta[1]).recip();
        Some(vec![unit, D::from(0.0), unit])
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        let (from, to) = ([from[0], from[1]], [to[0], to[1]]);
        Some(ClosedGeodesic::location_scale(1.0, 1.0, from, to))
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        // With ρ = b/b′ and δ = |μ − μ′|/b: ρ − 1 − ln ρ + ρ(e^(−δ) − 1 + δ).
        let ratio = theta[1] / other[1];
        let shift = (theta[0] - other[0]).abs() / theta[1];
        Some(log_excess((theta[1] - other[1]) / other[1]) + ratio * exp_excess(-shift))
    }

    fn reference_prior(&self) -> Option<ReferencePrior> {
        Some(ReferencePrior::location_scale("scale"))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![Elementwise::coordinates(
            "log-scale",
            &[Scalar::Identity, Scalar::Log],
        )]
    }

    fn kinks<D: Dual>(&self, theta: &[D]) -> Vec<D> {
        vec![theta[0]]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "laplace",
    aliases: &["double-exponential"],
    summary: "two exponential tails; the density has a kink",
    example: "laplace location=0 scale=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let first = arguments.number("location")?;
        Instance::new(Laplace, vec![first, arguments.number("scale")?])
    },
};
