use super::observation::draw_open_unit;
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

/// Logistic with location μ and scale s: \\(f(x \mid \mu, s) = e^{-z}/\bigl(s(1+e^{-z})^2\bigr)\\)
/// with \\(z = (x-\mu)/s\\), on ℝ.
///
/// Information \\(\mathrm{diag}(1/3, (3+\pi^2)/9)/s^2\\). Source: Johnson, Kotz & Balakrishnan,
/// Continuous Univariate Distributions 2 (1995), ch. 23.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::Logistic;
/// let information = expected_information(&Logistic, &[1.0, 2.0], Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - 1.0 / 12.0).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Logistic;

impl Family for Logistic {
    fn name(&self) -> String {
        "Logistic".into()
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
        let z = (x[0].lift() - theta[0]) / theta[1];
        ln_logistic(z) + ln_logistic(-z) - theta[1].ln()
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        x[0] = theta[0] + theta[1] * logit(draw_open_unit(rng));
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let unit = theta[1].powi(-2);
        let scale = (3.0 + PI * PI) / 9.0;
        Some(mat![[unit / 3.0, 0.0], [0.0, unit * scale]])
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        let (from, to) = ([from[0], from[1]], [to[0], to[1]]);
        Some(ClosedGeodesic::location_scale(
            1.0 / 3.0,
            (3.0 + PI * PI) / 9.0,
            from,
            to,
        ))
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
}

pub(super) const ENTRY: Entry = Entry {
    name: "logistic",
    aliases: &[],
    summary: "a bell with exponential tails",
    example: "logistic location=0 scale=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let first = arguments.number("location")?;
        Instance::new(Logistic, vec![first, arguments.number("scale")?])
    },
};
