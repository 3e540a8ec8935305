use super::{
    ClosedGeodesic, Entry, Exponential, Family, Instance, Parameter, ParameterSpace, SamplingError,
    Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use faer::Mat;
use rand::Rng;
use rand_distr::{Distribution, Exp1};

/// Pareto with a known minimum m:
/// \\(f(x \mid \alpha) = \alpha m^\alpha x^{-\alpha-1}\\) on (m, ∞).
///
/// Information \\(1/\alpha^2\\): ln(x/m) is exponential at the rate α. With the minimum unknown there is
/// none, see [`ParetoUnknownMinimum`](super::ParetoUnknownMinimum). Source: Johnson, Kotz &
/// Balakrishnan, Continuous Univariate Distributions 1 (1994), ch. 20.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::Pareto;
/// let information = expected_information(&Pareto { minimum: 2.0 }, &[3.0], Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - 1.0 / 9.0).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Pareto {
    /// m > 0, known.
    pub minimum: f64,
}

impl Family for Pareto {
    fn name(&self) -> String {
        format!("Pareto(minimum {} known)", self.minimum)
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::positive("alpha")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::AboveMinimum {
            minimum: self.minimum,
        }
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let minimum = self.minimum.ln();
        let reach = x.get(1).map_or_else(|| x[0].ln() - minimum, |ln| ln.lift());
        theta[0].ln() - theta[0] * reach - reach - minimum
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let unit: f64 = Exp1.sample(rng);
        let reach = unit / theta[0];
        x[0] = self.minimum * reach.exp();
        if let Some(place) = x.get_mut(1) {
            *place = reach;
        }
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        Exponential.closed_form_information(theta)
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        Some(ClosedGeodesic::scale(1.0, from[0], to[0]))
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        Exponential.closed_form_divergence(theta, other)
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Elementwise::coordinates("log", &[Scalar::Log]),
            Elementwise::coordinates("reciprocal", &[Scalar::Reciprocal]),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "pareto",
    aliases: &[],
    summary: "a power tail above a known minimum",
    example: "pareto alpha=3 minimum=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let minimum = arguments.positive("minimum")?;
        Instance::new(Pareto { minimum }, vec![arguments.number("alpha")?])
    },
};
