use super::bernoulli::{probability_coordinates, toss_divergence};
use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::coordinates::Coordinates;
use crate::dual::{Datum, Dual};
use crate::special::deviance::{deviance, deviance_size, factorial_width};
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

/// ln of the binomial coefficient without the powers nⁿ/(xˣ(n − x)ⁿ⁻ˣ), for 0 < x < n.
fn widths(n: f64, successes: f64) -> f64 {
    factorial_width(n) - factorial_width(successes) - factorial_width(n - successes)
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
        let (p, n, successes) = (theta[0], self.trials as f64, x[0].value());
        let failures = n - successes;
        if successes == 0.0 {
            return (-p).ln_1p() * n;
        }
        if failures == 0.0 {
            return p.ln() * n;
        }
        // np − x is rounded once; as the deviances from np and n(1 − p) the large terms have
        // cancelled.
        let mean = p * n;
        let plain = mean - successes;
        let excess = plain + (n.mul_add(p.re(), -successes) - plain.re());
        D::from(widths(n, successes))
            - deviance(successes, mean, excess)
            - deviance(failures, (-p + 1.0) * n, -excess)
    }

    fn log_density_size(&self, theta: &[f64], x: &[f64]) -> Option<f64> {
        let (p, n, successes) = (theta[0], self.trials as f64, x[0]);
        let failures = n - successes;
        Some(if successes == 0.0 {
            -n * (-p).ln_1p()
        } else if failures == 0.0 {
            -n * p.ln()
        } else {
            deviance_size(successes, n * p)
                + deviance_size(failures, n * (1.0 - p))
                + widths(n, successes).abs()
        })
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
