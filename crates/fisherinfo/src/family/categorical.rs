use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::coordinates::{CoordinateMap, Coordinates};
use crate::dual::{Datum, Dual};
use crate::special::log_excess;
use faer::Mat;
use rand::{Rng, RngExt};

/// One draw from K categories, 0 to K − 1, with probabilities p₁ … p_{K−1} and the rest for the
/// last: \\(f(x \mid p) = p_x\\).
///
/// Information \\(\mathrm{diag}(1/p_i) + \mathbf{1}\mathbf{1}^\top/p_K\\) on the first K − 1.
#[derive(Clone, Copy, Debug)]
pub struct Categorical {
    /// K ≥ 2.
    pub categories: usize,
}

/// What the last category keeps.
pub(super) fn last<D: Dual>(theta: &[D]) -> D {
    theta.iter().fold(D::from(1.0), |left, &p| left - p)
}

pub(super) fn simplex_space(categories: usize) -> ParameterSpace {
    ParameterSpace::constrained(
        (1..categories)
            .map(|i| Parameter::probability(format!("p{i}")))
            .collect(),
        super::Constraint::Simplex,
    )
}

pub(super) fn draw_information(theta: &[f64]) -> Mat<f64> {
    let rest = 1.0 / last(theta);
    Mat::from_fn(theta.len(), theta.len(), |i, j| {
        rest + if i == j { 1.0 / theta[i] } else { 0.0 }
    })
}

pub(super) fn draw_divergence(theta: &[f64], other: &[f64]) -> f64 {
    // The last difference is the sum of the others, which keeps its digits where 1 − Σ does not.
    let moved: f64 = theta.iter().zip(other).map(|(p, q)| p - q).sum();
    let kept = last(theta);
    theta
        .iter()
        .zip(other)
        .map(|(&p, &q)| p * log_excess((q - p) / p))
        .sum::<f64>()
        + kept * log_excess(moved / kept)
}

/// φᵢ = ln(pᵢ/p_K): the natural parameters of a categorical draw.
#[derive(Clone, Copy, Debug)]
struct LogOdds;

impl CoordinateMap for LogOdds {
    fn name(&self) -> String {
        "natural".into()
    }

    fn names(&self, base: &[String]) -> Vec<String> {
        let last = base.len() + 1;
        base.iter().map(|p| format!("log({p}/p{last})")).collect()
    }

    fn forward<D: Dual>(&self, theta: &[D]) -> Vec<D> {
        let rest = last(theta).ln();
        theta.iter().map(|p| p.ln() - rest).collect()
    }

    fn inverse<D: Dual>(&self, phi: &[D]) -> Vec<D> {
        // The shift by the largest keeps every exponential finite.
        let top = phi.iter().fold(0.0_f64, |top, f| top.max(f.re()));
        let weights: Vec<D> = phi.iter().map(|f| (*f - top).exp()).collect();
        let total = weights
            .iter()
            .fold(D::from((-top).exp()), |sum, &weight| sum + weight);
        weights.into_iter().map(|weight| weight / total).collect()
    }
}

pub(super) fn simplex_coordinates() -> Vec<Coordinates> {
    vec![Coordinates::new(LogOdds)]
}

impl Family for Categorical {
    fn name(&self) -> String {
        format!("Categorical({} categories)", self.categories)
    }

    fn space(&self) -> ParameterSpace {
        simplex_space(self.categories)
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::Integers {
            from: 0,
            to: Some(self.categories as i64 - 1),
        }
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        match theta.get(x[0].value() as usize) {
            Some(p) => p.ln(),
            None => last(theta).ln(),
        }
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let mut left = rng.random::<f64>();
        let mut category = 0;
        for p in theta {
            left -= p;
            if left < 0.0 {
                break;
            }
            category += 1;
        }
        x[0] = f64::from(category);
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        Some(draw_information(theta))
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        Some(draw_divergence(theta, other))
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        Some(ClosedGeodesic::great_circle(1.0, from, to))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        simplex_coordinates()
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "categorical",
    aliases: &["softmax"],
    summary: "one draw from K categories; p lists all K probabilities",
    example: "categorical p=[0.2,0.3,0.5]",
    jeffreys_is_proper: Some(true),
    build: |arguments| {
        let theta = arguments.probabilities("p")?;
        let categories = theta.len() + 1;
        Instance::new(Categorical { categories }, theta)
    },
};
