use super::{Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support};
use crate::dual::{Datum, Dual};
use rand::Rng;
use rand_distr::{Distribution, Exp1};

/// Pareto with shape α and unknown minimum m:
/// \\(f(x \mid \alpha, m) = \alpha m^\alpha x^{-\alpha-1}\\) on (m, ∞).
///
/// Not regular: its support moves with m. In m, E\[s\] = α/m, E\[s²\] = α²/m² and
/// −E\[∂² log f\] = α/m² contradict one another. With the minimum known see [`Pareto`](super::Pareto).
///
/// ```
/// use fisherinfo::expectation::{ExpectationError, Method, expected_information};
/// use fisherinfo::family::ParetoUnknownMinimum;
/// let refused = expected_information(&ParetoUnknownMinimum, &[3.0, 2.0], Method::Automatic);
/// let Err(ExpectationError::Irregular { mean_score, score_product, negative_hessian, .. }) = refused else {
///     panic!("{refused:?}")
/// };
/// assert!((mean_score - 1.5).abs() < 1e-12);
/// assert!((score_product - 2.25).abs() < 1e-12 && (negative_hessian - 0.75).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ParetoUnknownMinimum;

impl Family for ParetoUnknownMinimum {
    fn name(&self) -> String {
        "Pareto(minimum unknown)".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![
            Parameter::positive("alpha"),
            Parameter::positive("minimum"),
        ])
    }

    fn support(&self, theta: &[f64]) -> Support {
        Support::Interval {
            lower: theta[1],
            upper: f64::INFINITY,
        }
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let ln = x[0].ln();
        theta[0].ln() - theta[0] * (ln - theta[1].ln()) - ln
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let unit: f64 = Exp1.sample(rng);
        x[0] = theta[1] * (unit / theta[0]).exp();
        Ok(())
    }

    fn known_irregularity(&self, _: &[f64]) -> Option<String> {
        Some("its support (minimum, ∞) moves with the minimum, where the density is largest".into())
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "pareto-unknown-minimum",
    aliases: &[],
    summary: "a power tail above an unknown minimum: not regular",
    example: "pareto-unknown-minimum alpha=3 minimum=2",
    jeffreys_is_proper: None,
    build: |arguments| {
        let first = arguments.number("alpha")?;
        Instance::new(
            ParetoUnknownMinimum,
            vec![first, arguments.number("minimum")?],
        )
    },
};
