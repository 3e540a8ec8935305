use super::observation::draw_ln_gamma;
use super::shifted_exponential::{distance, set_above};
use super::{
    Entry, Family, Instance, Irregularity, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::{ln_gamma, trigamma};
use faer::{Mat, mat};
use rand::Rng;

/// Gamma with shape α and rate β above an unknown shift δ:
/// \\(f(x \mid \alpha, \beta, \delta) = \frac{\beta^\alpha}{\Gamma(\alpha)}
/// (x-\delta)^{\alpha-1} e^{-\beta(x-\delta)}\\) on (δ, ∞).
///
/// Information, for α > 2: \\(I_{\alpha\alpha} = \psi'(\alpha)\\), \\(I_{\alpha\beta} = -1/\beta\\),
/// \\(I_{\alpha\delta} = \beta/(\alpha-1)\\), \\(I_{\beta\beta} = \alpha/\beta^2\\), \\(I_{\beta\delta} = -1\\),
/// \\(I_{\delta\delta} = \beta^2/(\alpha-2)\\). For α ≤ 2 the score of δ has no second moment, and there is
/// no information. Sources: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994),
/// ch. 17.7; R. L. Smith, Biometrika 72 (1985).
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::ShiftedGamma;
/// let information = expected_information(&ShiftedGamma, &[4.0, 3.0, -1.0], Method::Numeric)?;
/// assert!((information.matrix()[(2, 2)] - 4.5).abs() < 1e-11);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ShiftedGamma;

impl Family for ShiftedGamma {
    fn name(&self) -> String {
        "ShiftedGamma".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![
            Parameter::positive("shape"),
            Parameter::positive("rate"),
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
        let (shape, rate) = (theta[0], theta[1]);
        let distance = distance(theta[2], x);
        shape * rate.ln() + (shape - 1.0) * distance.ln() - rate * distance - ln_gamma(shape)
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let ln = draw_ln_gamma(self, theta[0], rng)? - theta[1].ln();
        set_above(x, theta[2], ln.exp());
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let (shape, rate) = (theta[0], theta[1]);
        if shape <= 2.0 {
            return None;
        }
        let across = rate / (shape - 1.0);
        Some(mat![
            [trigamma(shape), -1.0 / rate, across],
            [-1.0 / rate, shape / rate / rate, -1.0],
            [across, -1.0, rate * rate / (shape - 2.0)]
        ])
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        let same = Scalar::Identity;
        vec![
            Elementwise::coordinates("shape-scale", &[same, Scalar::Reciprocal, same]),
            Elementwise::coordinates("log", &[Scalar::Log, Scalar::Log, same]),
        ]
    }

    fn regular_space(&self) -> ParameterSpace {
        self.space().within("shape", 2.0, f64::INFINITY)
    }

    fn known_irregularity(&self, theta: &[f64]) -> Option<Irregularity> {
        (theta[0] <= 2.0).then(|| irregular_shift(theta[0], theta[1]))
    }
}

/// What is said of a density that begins like the power `shape` − 1 ≤ 1 of the distance from a shift.
pub(super) fn irregular_shift(shape: f64, height: f64) -> Irregularity {
    let reason = format!(
        "for shape ≤ 2 (here {shape}) its support (shift, ∞) moves, and the density does not vanish \
         there fast enough"
    );
    Irregularity::of_location(reason, "shift", shape, 1.0, height)
}

pub(super) const ENTRY: Entry = Entry {
    name: "shifted-gamma",
    aliases: &["gamma-3"],
    summary: "gamma above an unknown shift: regular for shape > 2",
    example: "shifted-gamma shape=4 rate=3 shift=1",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let shape = arguments.number("shape")?;
        let theta = vec![shape, arguments.number("rate")?, arguments.number("shift")?];
        Instance::new(ShiftedGamma, theta)
    },
};
