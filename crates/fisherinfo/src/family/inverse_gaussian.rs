use super::observation::{logarithm, set_half_line};
use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::coordinates::{CoordinateMap, Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::log_excess;
use faer::{Mat, mat};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};

/// Inverse Gaussian (Wald) with mean μ and shape λ:
/// \\(f(x \mid \mu, \lambda) = \sqrt{\lambda/2\pi x^3}\,e^{-\lambda(x-\mu)^2/2\mu^2x}\\) on (0, ∞).
///
/// Information \\(\mathrm{diag}(\lambda/\mu^3, 1/2\lambda^2)\\). Sources: Johnson, Kotz & Balakrishnan,
/// Continuous Univariate Distributions 1 (1994), ch. 15; for the sampler, J. R. Michael, W. R. Schucany
/// & R. W. Haas, The American Statistician 30 (1976).
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::InverseGaussian;
/// let information = expected_information(&InverseGaussian, &[2.0, 3.0], Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - 0.375).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct InverseGaussian;

/// (−λ/(2μ²), −λ/2), which multiply x and 1/x.
#[derive(Clone, Copy, Debug)]
struct Natural;

impl CoordinateMap for Natural {
    fn name(&self) -> String {
        "natural".into()
    }

    fn names(&self, base: &[String]) -> Vec<String> {
        let (mean, shape) = (&base[0], &base[1]);
        vec![format!("-{shape}/(2*{mean}^2)"), format!("-{shape}/2")]
    }

    fn forward<D: Dual>(&self, theta: &[D]) -> Vec<D> {
        let half = theta[1] * -0.5;
        vec![half / theta[0] / theta[0], half]
    }

    fn inverse<D: Dual>(&self, phi: &[D]) -> Vec<D> {
        vec![(phi[1] / phi[0]).sqrt(), phi[1] * -2.0]
    }
}

impl Family for InverseGaussian {
    fn name(&self) -> String {
        "InverseGaussian".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![
            Parameter::positive("mu"),
            Parameter::positive("lambda"),
        ])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::HalfLine
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let (mean, shape, ln) = (theta[0], theta[1], logarithm(x));
        // (x − μ)²/μ²x = (x/μ − 1)(1/μ − 1/x), whose derivatives do not cancel.
        let bend = (x[0].lift() / mean - 1.0) * (mean.recip() - (-ln).exp());
        let constant = (shape.ln() - std::f64::consts::TAU.ln()) * 0.5;
        constant - ln * 1.5 - shape * bend * 0.5
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let normal: f64 = StandardNormal.sample(rng);
        let w = 0.5 * normal * normal * theta[0] / theta[1];
        // The smaller root of the quadratic, μ/(1 + w + √(w² + 2w)); the other is μ² over it.
        let factor = 1.0 + w + (w * (w + 2.0)).sqrt();
        let smaller = rng.random::<f64>() * (1.0 + 1.0 / factor) <= 1.0;
        let ln = theta[0].ln() + if smaller { -factor.ln() } else { factor.ln() };
        set_half_line(x, ln);
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let (mean, shape) = (theta[0], theta[1]);
        let of_mean = shape / mean / mean / mean;
        Some(mat![[of_mean, 0.0], [0.0, 0.5 / shape / shape]])
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        // (4du² + 2dv²)/v² at u = μ^(−½), v = λ^(−½).
        let (x, y) = (
            [from[0].sqrt(), to[0].sqrt()],
            [from[1].sqrt(), to[1].sqrt()],
        );
        let moved = (from[0] - to[0]) / (x[0] * x[1] * (x[0] + x[1]));
        let grown = (from[1] - to[1]) / (y[0] * y[1] * (y[0] + y[1]));
        let start = x[0].recip();
        Some(ClosedGeodesic::half_plane(
            [4.0, 2.0],
            [y[0].recip(), y[1].recip()],
            [moved, grown],
            move |u, v| vec![(start + u).powi(-2), v.powi(-2)],
        ))
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        let shift = (theta[0] - other[0]) / other[0];
        let mean = 0.5 * other[1] / theta[0] * shift * shift;
        Some(mean + 0.5 * log_excess((other[1] - theta[1]) / theta[1]))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Elementwise::coordinates("log", &[Scalar::Log, Scalar::Log]),
            Coordinates::new(Natural),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "inverse-gaussian",
    aliases: &["wald"],
    summary: "first-passage times of a drifting Brownian motion",
    example: "inverse-gaussian mu=2 lambda=3",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let first = arguments.number("mu")?;
        Instance::new(InverseGaussian, vec![first, arguments.number("lambda")?])
    },
};
