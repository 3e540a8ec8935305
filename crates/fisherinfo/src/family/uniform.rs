use super::observation::draw_open_unit;
use super::{
    Entry, Family, Instance, Irregularity, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::dual::{Datum, Dual};
use rand::Rng;

/// Uniform on (0, θ): \\(f(x \mid \theta) = 1/\theta\\).
///
/// Not regular: its support moves with θ. E\[s\] = −1/θ, E\[s²\] = 1/θ² and −E\[∂² log f\] = −1/θ²
/// contradict one another, and there is no Fisher information to report: the maximum of a sample finds θ
/// at the rate 1/n. Source: E. L. Lehmann & G. Casella, Theory of Point Estimation (1998), 2.5.
///
/// ```
/// use fisherinfo::expectation::{ExpectationError, Method, expected_information};
/// use fisherinfo::family::Uniform;
/// let refused = expected_information(&Uniform, &[2.0], Method::Automatic);
/// let Err(ExpectationError::Irregular { mean_score, score_product, negative_hessian, .. }) = refused else {
///     panic!("{refused:?}")
/// };
/// assert!((mean_score + 0.5).abs() < 1e-12);
/// assert!((score_product - 0.25).abs() < 1e-12 && (negative_hessian + 0.25).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Uniform;

impl Family for Uniform {
    fn name(&self) -> String {
        "Uniform(0, θ)".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::positive("theta")])
    }

    fn support(&self, theta: &[f64]) -> Support {
        Support::Interval {
            lower: 0.0,
            upper: theta[0],
        }
    }

    fn log_density<D: Dual>(&self, theta: &[D], _: &[Datum<D>]) -> D {
        -theta[0].ln()
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        x[0] = theta[0] * draw_open_unit(rng);
        Ok(())
    }

    fn known_irregularity(&self, theta: &[f64]) -> Option<Irregularity> {
        let rate = theta[0].recip();
        Some(Irregularity::new(
            "its support (0, theta) moves with theta, and the density does not vanish at its end",
            "theta",
            [-rate, rate * rate, -rate * rate],
        ))
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "uniform",
    aliases: &[],
    summary: "uniform up to an unknown end: not regular, no information",
    example: "uniform theta=2",
    jeffreys_is_proper: None,
    build: |arguments| Instance::new(Uniform, vec![arguments.number("theta")?]),
};
