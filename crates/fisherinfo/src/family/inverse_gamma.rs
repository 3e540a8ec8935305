use super::observation::{draw_ln_gamma, logarithm, set_half_line};
use super::{Entry, Family, Gamma, Instance, Parameter, ParameterSpace, SamplingError, Support};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::ln_gamma;
use faer::Mat;
use rand::Rng;

/// The reciprocal of a gamma variable with shape α and rate β:
/// \\(f(x \mid \alpha, \beta) = \beta^\alpha x^{-\alpha-1}e^{-\beta/x}/\Gamma(\alpha)\\) on (0, ∞), where
/// β is a scale.
///
/// Information \\(\begin{pmatrix}\psi'(\alpha) & -1/\beta\\\\ -1/\beta & \alpha/\beta^2\end{pmatrix}\\),
/// that of the gamma distribution: 1/x is one to one.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::InverseGamma;
/// let information = expected_information(&InverseGamma, &[2.0, 3.0], Method::Numeric)?;
/// assert!((information.matrix()[(1, 1)] - 2.0 / 9.0).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct InverseGamma;

impl Family for InverseGamma {
    fn name(&self) -> String {
        "InverseGamma".into()
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
        let (shape, scale, ln) = (theta[0], theta[1], logarithm(x));
        shape * scale.ln() - (shape + 1.0) * ln - scale * (-ln).exp() - ln_gamma(shape)
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        set_half_line(x, theta[1].ln() - draw_ln_gamma(self, theta[0], rng)?);
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        Gamma.closed_form_information(theta)
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        Gamma.closed_form_divergence(theta, other)
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Elementwise::coordinates("log", &[Scalar::Log, Scalar::Log]),
            Elementwise::coordinates("natural", &[Scalar::Negative, Scalar::Negative]),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "inverse-gamma",
    aliases: &[],
    summary: "the reciprocal of a gamma variable",
    example: "inverse-gamma shape=2 scale=3",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let first = arguments.number("shape")?;
        Instance::new(InverseGamma, vec![first, arguments.number("scale")?])
    },
};
