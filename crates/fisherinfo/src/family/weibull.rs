use super::geodesic::logarithm_of_ratio;
use super::gumbel::EULER;
use super::observation::{logarithm, set_half_line};
use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, ReferencePrior,
    SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use faer::{Mat, mat};
use rand::Rng;
use rand_distr::{Distribution, Exp1};
use std::f64::consts::PI;

/// Weibull with shape k and scale λ:
/// \\(f(x \mid k, \lambda) = \tfrac{k}{\lambda}(x/\lambda)^{k-1}e^{-(x/\lambda)^k}\\) on (0, ∞).
///
/// Information \\(\begin{pmatrix}\bigl((1-\gamma)^2+\pi^2/6\bigr)/k^2 & -(1-\gamma)/\lambda\\\\
/// -(1-\gamma)/\lambda & k^2/\lambda^2\end{pmatrix}\\) with Euler's γ. In (1/k, ln λ), location and scale of
/// the logarithm, it depends on 1/k alone. Source: Johnson, Kotz & Balakrishnan, Continuous Univariate
/// Distributions 1 (1994), ch. 21.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::Weibull;
/// let information = expected_information(&Weibull, &[1.5, 2.0], Method::Numeric)?;
/// assert!((information.matrix()[(1, 1)] - 0.5625).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Weibull;

impl Family for Weibull {
    fn name(&self) -> String {
        "Weibull".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![
            Parameter::positive("shape"),
            Parameter::positive("scale"),
        ])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::HalfLine
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let (shape, ln) = (theta[0], logarithm(x));
        let power = shape * (ln - theta[1].ln());
        shape.ln() + power - ln - power.exp()
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let unit: f64 = Exp1.sample(rng);
        set_half_line(x, theta[1].ln() + unit.ln() / theta[0]);
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let (shape, scale) = (theta[0], theta[1]);
        let across = -(1.0 - EULER) / scale;
        let of_shape = (1.0 - EULER).powi(2) + PI * PI / 6.0;
        Some(mat![
            [of_shape / shape / shape, across],
            [across, shape / scale * (shape / scale)]
        ])
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        // −ln x is Gumbel with the location −ln λ and the scale 1/k.
        let (shape, scale) = (from[0], from[1]);
        let grown = (shape - to[0]) / (shape * to[0]);
        let moved = logarithm_of_ratio(scale, to[1]) + (1.0 - EULER) * grown;
        Some(ClosedGeodesic::half_plane(
            [1.0, PI * PI / 6.0],
            [shape.recip(), to[0].recip()],
            [moved, grown],
            move |u, v| {
                vec![
                    v.recip(),
                    scale * (u - (1.0 - EULER) * (v - shape.recip())).exp(),
                ]
            },
        ))
    }

    fn reference_prior(&self) -> Option<ReferencePrior> {
        // 1/β for the location ln λ and the scale β = 1/k of the logarithm.
        Some(ReferencePrior {
            density: "1/(shape·scale)".into(),
            reason: "the logarithm is a location-scale family, and Jeffreys' rule treats its location as \
                     known: it gives 1/scale here (Sun 1997, Journal of Statistical Planning and \
                     Inference 61)"
                .into(),
        })
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Elementwise::coordinates("log", &[Scalar::Log, Scalar::Log]),
            Elementwise::coordinates("extreme-value", &[Scalar::Reciprocal, Scalar::Log]),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "weibull",
    aliases: &[],
    summary: "lifetimes whose hazard is a power of time",
    example: "weibull shape=1.5 scale=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let first = arguments.number("shape")?;
        Instance::new(Weibull, vec![first, arguments.number("scale")?])
    },
};
