use super::gumbel::EULER;
use super::shifted_exponential::{distance, set_above};
use super::shifted_gamma::irregular_shift;
use super::{
    Entry, Family, Instance, Irregularity, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::{digamma, ln_gamma};
use faer::{Mat, mat};
use rand::Rng;
use rand_distr::{Distribution, Exp1};
use std::f64::consts::PI;

/// Weibull with shape k and scale λ above an unknown shift δ:
/// \\(f(x \mid k, \lambda, \delta) = \tfrac{k}{\lambda}u^{k-1}e^{-u^k}\\) with
/// \\(u = (x-\delta)/\lambda\\), on (δ, ∞).
///
/// Information, for k > 2, with Euler's γ and a = 1 − 1/k:
/// \\(I_{kk} = \bigl((1-\gamma)^2+\pi^2/6\bigr)/k^2\\), \\(I_{k\lambda} = -(1-\gamma)/\lambda\\),
/// \\(I_{\lambda\lambda} = k^2/\lambda^2\\),
/// \\(I_{k\delta} = -\Gamma(1+a)\,\bigl(1+\psi(a)\bigr)/\lambda\\),
/// \\(I_{\lambda\delta} = k^2\,\Gamma(1+a)/\lambda^2\\),
/// \\(I_{\delta\delta} = (k-1)^2\,\Gamma(1-2/k)/\lambda^2\\). For k ≤ 2 the score of δ has no second moment,
/// and there is no information. Sources: Johnson, Kotz & Balakrishnan, Continuous Univariate
/// Distributions 1 (1994), ch. 21; R. L. Smith, Biometrika 72 (1985).
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::ShiftedWeibull;
/// // Γ(1 − 2/4) = √π.
/// let information = expected_information(&ShiftedWeibull, &[4.0, 3.0, -1.0], Method::Numeric)?;
/// assert!((information.matrix()[(2, 2)] - std::f64::consts::PI.sqrt()).abs() < 1e-11);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ShiftedWeibull;

impl Family for ShiftedWeibull {
    fn name(&self) -> String {
        "ShiftedWeibull".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![
            Parameter::positive("shape"),
            Parameter::positive("scale"),
            Parameter::real("shift"),
        ])
    }

    fn support(&self, theta: &[f64]) -> Support {
        Support::Segment {
            lower: theta[2],
            upper: f64::INFINITY,
        }
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let (shape, ln) = (theta[0], distance(theta[2], x).ln());
        let power = shape * (ln - theta[1].ln());
        shape.ln() + power - ln - power.exp()
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let unit: f64 = Exp1.sample(rng);
        set_above(x, theta[2], theta[1] * (unit.ln() / theta[0]).exp());
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let (shape, scale) = (theta[0], theta[1]);
        if shape <= 2.0 {
            return None;
        }
        let part = 1.0 - 1.0 / shape;
        let gamma = ln_gamma(1.0 + part).exp();
        let of_shape = ((1.0 - EULER).powi(2) + PI * PI / 6.0) / shape / shape;
        let shape_scale = -(1.0 - EULER) / scale;
        let shape_shift = -gamma * (1.0 + digamma(part)) / scale;
        let rate = shape / scale;
        let scale_shift = rate * rate * gamma;
        let slope = (shape - 1.0) / scale;
        let of_shift = slope * slope * ln_gamma((shape - 2.0) / shape).exp();
        Some(mat![
            [of_shape, shape_scale, shape_shift],
            [shape_scale, rate * rate, scale_shift],
            [shape_shift, scale_shift, of_shift]
        ])
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![Elementwise::coordinates(
            "log",
            &[Scalar::Log, Scalar::Log, Scalar::Identity],
        )]
    }

    fn regular_space(&self) -> ParameterSpace {
        self.space().within("shape", 2.0, f64::INFINITY)
    }

    fn known_irregularity(&self, theta: &[f64]) -> Option<Irregularity> {
        (theta[0] <= 2.0).then(|| irregular_shift(theta[0], theta[1].recip()))
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "shifted-weibull",
    aliases: &["weibull-3"],
    summary: "Weibull above an unknown shift: regular for shape > 2",
    example: "shifted-weibull shape=4 scale=3 shift=1",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let shape = arguments.number("shape")?;
        let theta = vec![
            shape,
            arguments.number("scale")?,
            arguments.number("shift")?,
        ];
        Instance::new(ShiftedWeibull, theta)
    },
};
