use super::normal::normal_log_density;
use super::{Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::ln_normal_cdf;
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use std::f64::consts::LN_2;

/// Skew-normal with location ξ, scale ω and shape α:
/// \\(f(x \mid \xi, \omega, \alpha) = \tfrac2\omega\varphi(z)\Phi(\alpha z)\\) with \\(z = (x-\xi)/\omega\\),
/// on ℝ.
///
/// The information has no closed form and is computed. At α = 0 it is singular: the scores of location
/// and shape are proportional there, \\(s_\alpha = \sqrt{2/\pi}\,\omega\,s_\xi\\). Source: A. Azzalini,
/// Scandinavian Journal of Statistics 12 (1985).
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::SkewNormal;
/// let flat = expected_information(&SkewNormal, &[0.0, 1.0, 0.0], Method::Automatic)?;
/// let null = flat.null_space()?;
/// assert_eq!(null.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SkewNormal;

impl Family for SkewNormal {
    fn name(&self) -> String {
        "SkewNormal".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![
            Parameter::real("xi"),
            Parameter::positive("omega"),
            Parameter::real("alpha"),
        ])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::REAL
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let x = x[0].lift();
        let z = (x - theta[0]) / theta[1];
        normal_log_density(theta[0], theta[1], x) + ln_normal_cdf(theta[2] * z) + LN_2
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let first: f64 = StandardNormal.sample(rng);
        let second: f64 = StandardNormal.sample(rng);
        let z = (theta[2] * first.abs() + second) / (1.0 + theta[2] * theta[2]).sqrt();
        x[0] = theta[0] + theta[1] * z;
        Ok(())
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![Elementwise::coordinates(
            "log-omega",
            &[Scalar::Identity, Scalar::Log, Scalar::Identity],
        )]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "skew-normal",
    aliases: &[],
    summary: "a normal density leaning to one side; singular at alpha = 0",
    example: "skew-normal xi=0 omega=1 alpha=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let location = arguments.number("xi")?;
        let scale = arguments.number("omega")?;
        Instance::new(
            SkewNormal,
            vec![location, scale, arguments.number("alpha")?],
        )
    },
};
