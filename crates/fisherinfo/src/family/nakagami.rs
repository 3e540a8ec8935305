use super::observation::{draw_ln_gamma, logarithm, set_half_line};
use super::{Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::{ln_gamma, trigamma_minus_reciprocal};
use faer::{Mat, mat};
use rand::Rng;
use std::f64::consts::LN_2;

/// Nakagami with shape m and spread Ω = E\[x²\], the root of a gamma variable:
/// \\(f(x \mid m, \Omega) = 2(m/\Omega)^m x^{2m-1}e^{-mx^2/\Omega}/\Gamma(m)\\) on (0, ∞).
///
/// Information \\(\mathrm{diag}(\psi'(m) - 1/m, m/\Omega^2)\\): that of the gamma variable x² in shape and
/// mean. Source: M. Nakagami, The m-distribution, in Statistical Methods in Radio Wave Propagation (1960).
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::Nakagami;
/// let information = expected_information(&Nakagami, &[2.0, 3.0], Method::Numeric)?;
/// assert!((information.matrix()[(1, 1)] - 2.0 / 9.0).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Nakagami;

impl Family for Nakagami {
    fn name(&self) -> String {
        "Nakagami".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::positive("m"), Parameter::positive("omega")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::HalfLine
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let (shape, ln) = (theta[0], logarithm(x));
        let square = ln * 2.0 - theta[1].ln();
        shape * (shape.ln() + square - square.exp()) - ln - ln_gamma(shape) + LN_2
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let square = draw_ln_gamma(self, theta[0], rng)? - theta[0].ln() + theta[1].ln();
        set_half_line(x, 0.5 * square);
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let (shape, spread) = (theta[0], theta[1]);
        let of_shape = trigamma_minus_reciprocal(shape);
        Some(mat![[of_shape, 0.0], [0.0, shape / spread / spread]])
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![Elementwise::coordinates("log", &[Scalar::Log, Scalar::Log])]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "nakagami",
    aliases: &[],
    summary: "the strength of a fading radio signal",
    example: "nakagami m=2 omega=3",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let first = arguments.number("m")?;
        Instance::new(Nakagami, vec![first, arguments.number("omega")?])
    },
};
