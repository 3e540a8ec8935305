use super::categorical::{
    draw_divergence, draw_information, last, simplex_coordinates, simplex_space,
};
use super::{ClosedGeodesic, Entry, Family, Instance, ParameterSpace, SamplingError, Support};
use crate::coordinates::Coordinates;
use crate::dual::{Datum, Dual};
use crate::special::ln_gamma;
use faer::{Mat, Scale};
use rand::Rng;
use rand_distr::Distribution;

/// Counts of K categories in `trials` draws:
/// \\(f(x \mid p) = n!\,\prod_i p_i^{x_i}/x_i!\\) on vectors of counts that sum to n.
///
/// Information n times that of one draw ([`super::Categorical`]).
#[derive(Clone, Copy, Debug)]
pub struct Multinomial {
    /// n ≥ 1.
    pub trials: u64,
    /// K ≥ 2.
    pub categories: usize,
}

impl Family for Multinomial {
    fn name(&self) -> String {
        format!(
            "Multinomial({} trials, {} categories)",
            self.trials, self.categories
        )
    }

    fn space(&self) -> ParameterSpace {
        simplex_space(self.categories)
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::Counts {
            total: self.trials,
            categories: self.categories,
        }
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let mut density = D::from(ln_gamma(self.trials as f64 + 1.0));
        for (i, count) in x.iter().map(|count| count.value()).enumerate() {
            if count > 0.0 {
                let p = theta.get(i).copied().unwrap_or_else(|| last(theta));
                density += p.ln() * count - ln_gamma(count + 1.0);
            }
        }
        density
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        // Category by category, each binomial given what is left.
        let (mut trials, mut left) = (self.trials, 1.0_f64);
        for (count, p) in x.iter_mut().zip(theta) {
            let share = (p / left).clamp(0.0, 1.0);
            let drawn = rand_distr::Binomial::new(trials, share)
                .map_err(|reason| SamplingError::new(self, reason))?
                .sample(rng);
            *count = drawn as f64;
            trials -= drawn;
            left -= p;
        }
        x[self.categories - 1] = trials as f64;
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        Some(Scale(self.trials as f64) * draw_information(theta))
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        Some(self.trials as f64 * draw_divergence(theta, other))
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        let n = self.trials as f64;
        Some(ClosedGeodesic::great_circle(n, from, to))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        simplex_coordinates()
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "multinomial",
    aliases: &[],
    summary: "counts of K categories in a known number of trials",
    example: "multinomial trials=5 p=[0.2,0.3,0.5]",
    jeffreys_is_proper: Some(true),
    build: |arguments| {
        let trials = arguments.count("trials", 1)?;
        let theta = arguments.probabilities("p")?;
        let categories = theta.len() + 1;
        Instance::new(Multinomial { trials, categories }, theta)
    },
};
