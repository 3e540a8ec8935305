use super::observation::draw_open_unit;
use super::student_t::ln_1p_square;
use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, ReferencePrior,
    SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use faer::{Mat, mat};
use rand::Rng;
use std::f64::consts::PI;

/// Cauchy with location x₀ and scale γ:
/// \\(f(x \mid x_0, \gamma) = \bigl(\pi\gamma(1+z^2)\bigr)^{-1}\\) with \\(z = (x-x_0)/\gamma\\), on ℝ.
///
/// Information \\(\mathrm{diag}(\tfrac12, \tfrac12)/\gamma^2\\), although no moment of x exists.
/// Sources: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), ch. 16; for the
/// divergence, F. Chyzak & F. Nielsen, arXiv:1905.10965.
///
/// ```
/// use fisherinfo::divergence::kullback_leibler;
/// use fisherinfo::expectation::Method;
/// use fisherinfo::family::Cauchy;
/// let far = kullback_leibler(&Cauchy, &[1.0, 3.0], &[5.0, 2.0], Method::Numeric)?;
/// assert!((far.value - 0.5355182363563621).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Cauchy;

impl Family for Cauchy {
    fn name(&self) -> String {
        "Cauchy".into()
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
        -ln_1p_square(x[0].lift() - theta[0], theta[1]) - theta[1].ln() - PI.ln()
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        // The tangent of an angle, from the nearer of its poles.
        let turn = draw_open_unit(rng) - 0.5;
        x[0] = theta[0] + theta[1] * (PI * turn).tan();
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let half = 0.5 * theta[1].powi(-2);
        Some(mat![[half, 0.0], [0.0, half]])
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        let (from, to) = ([from[0], from[1]], [to[0], to[1]]);
        Some(ClosedGeodesic::location_scale(0.5, 0.5, from, to))
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        // ln of ((γ + γ′)² + (x₀ − x₀′)²)/4γγ′.
        let (shift, change) = (theta[0] - other[0], theta[1] - other[1]);
        let part = shift / theta[1] * (shift / other[1]) + change / theta[1] * (change / other[1]);
        Some((0.25 * part).ln_1p())
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
    name: "cauchy",
    aliases: &["lorentz"],
    summary: "a bell without moments",
    example: "cauchy location=0 scale=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let first = arguments.number("location")?;
        Instance::new(Cauchy, vec![first, arguments.number("scale")?])
    },
};
