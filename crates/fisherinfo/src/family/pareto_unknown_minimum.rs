use super::{
    Entry, Family, Instance, Irregularity, Parameter, ParameterSpace, SamplingError, Support,
};
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
        Support::AboveMinimum { minimum: theta[1] }
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let (alpha, minimum) = (theta[0], theta[1]);
        // ln(x/m) keeps its digits next to the minimum, and beyond the largest double.
        let ln_ratio = match x.get(1) {
            Some(ln) => ln.lift() - (minimum.ln() - minimum.re().ln()),
            None => x[0].ln() - minimum.ln(),
        };
        alpha.ln() - (alpha + 1.0) * ln_ratio - minimum.ln()
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let unit: f64 = Exp1.sample(rng);
        let ln_ratio = unit / theta[0];
        x[0] = theta[1] * ln_ratio.exp();
        if let Some(place) = x.get_mut(1) {
            *place = ln_ratio;
        }
        Ok(())
    }

    fn known_irregularity(&self, theta: &[f64]) -> Option<Irregularity> {
        let slope = theta[0] / theta[1];
        Some(Irregularity::new(
            "its support (minimum, ∞) moves with the minimum, where the density is largest",
            "minimum",
            [slope, slope * slope, slope / theta[1]],
        ))
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
