use super::geodesic::logarithm_of_ratio;
use super::observation::{draw_open_unit, logarithm, set_half_line};
use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, ReferencePrior,
    SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::{ln_logistic, logit};
use faer::{Mat, mat};
use rand::Rng;
use std::f64::consts::PI;

/// A positive variable whose logarithm is logistic with location ln α and scale 1/β, so that α is its
/// median: \\(f(x \mid \alpha, \beta) = \beta z/\bigl(x(1+z)^2\bigr)\\) with \\(z = (x/\alpha)^\beta\\), on (0, ∞).
///
/// Information \\(\mathrm{diag}\bigl(\beta^2/3\alpha^2, (3+\pi^2)/9\beta^2\bigr)\\).
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::LogLogistic;
/// let information = expected_information(&LogLogistic, &[2.0, 3.0], Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - 0.75).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LogLogistic;

impl Family for LogLogistic {
    fn name(&self) -> String {
        "LogLogistic".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![
            Parameter::positive("scale"),
            Parameter::positive("shape"),
        ])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::HalfLine
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let ln = logarithm(x);
        let z = theta[1] * (ln - theta[0].ln());
        theta[1].ln() - ln + ln_logistic(z) + ln_logistic(-z)
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        set_half_line(x, theta[0].ln() + logit(draw_open_unit(rng)) / theta[1]);
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let (scale, shape) = (theta[0], theta[1]);
        let of_shape = (3.0 + PI * PI) / 9.0 / shape / shape;
        Some(mat![
            [shape / scale * (shape / scale) / 3.0, 0.0],
            [0.0, of_shape]
        ])
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        // ln x is logistic with the location ln α and the scale 1/β.
        let (scale, shape) = (from[0], from[1]);
        Some(ClosedGeodesic::half_plane(
            [1.0 / 3.0, (3.0 + PI * PI) / 9.0],
            [shape.recip(), to[1].recip()],
            [
                logarithm_of_ratio(scale, to[0]),
                (shape - to[1]) / (shape * to[1]),
            ],
            move |u, v| vec![scale * u.exp(), v.recip()],
        ))
    }

    fn reference_prior(&self) -> Option<ReferencePrior> {
        // 1/β' for the location ln α and the scale β' = 1/β of the logarithm.
        Some(ReferencePrior {
            density: "1/(scale·shape)".into(),
            reason: "the logarithm is a location-scale family, and Jeffreys' rule treats its location as \
                     known: it gives 1/scale here (Bernardo 1979)"
                .into(),
        })
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Elementwise::coordinates("log", &[Scalar::Log, Scalar::Log]),
            Elementwise::coordinates("logistic", &[Scalar::Log, Scalar::Reciprocal]),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "log-logistic",
    aliases: &["fisk"],
    summary: "positive values with a logistic logarithm",
    example: "log-logistic scale=2 shape=3",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let first = arguments.number("scale")?;
        Instance::new(LogLogistic, vec![first, arguments.number("shape")?])
    },
};
