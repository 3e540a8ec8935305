use super::observation::{draw_ln_gamma, logarithm, set_half_line};
use super::{Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support, bregman};
use crate::coordinates::{CoordinateMap, Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::{digamma, ln_gamma, log_excess, trigamma, trigamma_minus_reciprocal};
use faer::{Mat, mat};
use rand::Rng;

/// Gamma with shape α and rate β:
/// \\(f(x \mid \alpha, \beta) = \beta^\alpha x^{\alpha-1}e^{-\beta x}/\Gamma(\alpha)\\) on (0, ∞).
///
/// Information \\(\begin{pmatrix}\psi'(\alpha) & -1/\beta\\\\ -1/\beta & \alpha/\beta^2\end{pmatrix}\\);
/// diagonal in shape and mean.
#[derive(Clone, Copy, Debug)]
pub struct Gamma;

/// (α, m) with m = α/β.
#[derive(Clone, Copy, Debug)]
struct ShapeMean;

impl CoordinateMap for ShapeMean {
    fn name(&self) -> String {
        "shape-mean".into()
    }

    fn names(&self, base: &[String]) -> Vec<String> {
        vec![base[0].clone(), "mean".into()]
    }

    fn forward<D: Dual>(&self, theta: &[D]) -> Vec<D> {
        vec![theta[0], theta[0] / theta[1]]
    }

    fn inverse<D: Dual>(&self, phi: &[D]) -> Vec<D> {
        vec![phi[0], phi[0] / phi[1]]
    }
}

impl Family for Gamma {
    fn name(&self) -> String {
        "Gamma".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![
            Parameter::positive("shape"),
            Parameter::positive("rate"),
        ])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::HalfLine
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let (shape, rate) = (theta[0], theta[1]);
        shape * rate.ln() + (shape - 1.0) * logarithm(x) - rate * x[0].lift() - ln_gamma(shape)
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let ln = draw_ln_gamma(self, theta[0], rng)? - theta[1].ln();
        set_half_line(x, ln);
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let (shape, rate) = (theta[0], theta[1]);
        Some(mat![
            [trigamma(shape), -1.0 / rate],
            [-1.0 / rate, shape / rate / rate]
        ])
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        let step = [other[0] - theta[0], other[1] - theta[1]];
        if bregman::is_near(theta, other) {
            // δᵀIδ = δα²(ψ′(α) − 1/α) + (βδα − αδβ)²/(αβ²), a sum of positive terms.
            return Some(bregman::divergence(|t| {
                let (shape, rate) = (theta[0] + t * step[0], theta[1] + t * step[1]);
                // βδα − αδβ is the same all along the step.
                let across = theta[1] * step[0] - theta[0] * step[1];
                step[0] * step[0] * trigamma_minus_reciprocal(shape)
                    + across / rate * (across / rate) / shape
            }));
        }
        let change = step[1] / theta[1];
        let shape =
            ln_gamma(other[0]) - ln_gamma(theta[0]) - (other[0] - theta[0]) * digamma(theta[0]);
        Some(shape + theta[0] * log_excess(change) - (other[0] - theta[0]) * change.ln_1p())
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Elementwise::coordinates("shape-scale", &[Scalar::Identity, Scalar::Reciprocal]),
            Coordinates::new(ShapeMean),
            Elementwise::coordinates("log", &[Scalar::Log, Scalar::Log]),
            Elementwise::coordinates("natural", &[Scalar::Identity, Scalar::Negative]),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "gamma",
    aliases: &[],
    summary: "positive values with a shape and a rate",
    example: "gamma shape=2 rate=3",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let shape = arguments.number("shape")?;
        Instance::new(Gamma, vec![shape, arguments.number("rate")?])
    },
};
