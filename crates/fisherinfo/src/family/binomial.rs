use super::bernoulli::{probability_coordinates, toss_divergence};
use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::coordinates::Coordinates;
use crate::dual::{Datum, Dual};
use crate::special::ln_binomial;
use faer::{Mat, mat};
use rand::Rng;
use rand_distr::Distribution;

/// Successes in `trials` tosses: \\(f(x \mid p) = \binom{n}{x} p^x (1-p)^{n-x}\\) on {0, …, n}.
///
/// Information \\(n/(p(1-p))\\) for one observation, which is one count out of n.
#[derive(Clone, Copy, Debug)]
pub struct Binomial {
    /// n ≥ 1.
    pub trials: u64,
}

impl Family for Binomial {
    fn name(&self) -> String {
        format!("Binomial({} trials)", self.trials)
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::probability("p")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::Integers {
            from: 0,
            to: i64::try_from(self.trials).ok(),
        }
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let (n, successes) = (self.trials as f64, x[0].value());
        let failures = n - successes;
        let mut density = D::from(ln_binomial(n, successes));
        // A logarithm of zero times no success would be NaN.
        if successes > 0.0 {
            density += theta[0].ln() * successes;
        }
        if failures > 0.0 {
            density += (-theta[0]).ln_1p() * failures;
        }
        density
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let counts = rand_distr::Binomial::new(self.trials, theta[0])
            .map_err(|reason| SamplingError::new(self, reason))?;
        x[0] = counts.sample(rng) as f64;
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let p = theta[0];
        Some(mat![[self.trials as f64 / (p * (1.0 - p))]])
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        Some(self.trials as f64 * toss_divergence(theta[0], other[0]))
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        let n = self.trials as f64;
        Some(ClosedGeodesic::probability(n, from[0], to[0]))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        probability_coordinates()
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "binomial",
    aliases: &[],
    summary: "successes in a known number of trials",
    example: "binomial trials=10 p=0.3",
    jeffreys_is_proper: Some(true),
    build: |arguments| {
        let trials = arguments.count("trials", 1)?;
        Instance::new(Binomial { trials }, vec![arguments.number("p")?])
    },
};
