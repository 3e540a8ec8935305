use super::observation::draw_ln_gamma;
use super::{
    ArgumentError, Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support,
    Value, bregman,
};
use crate::coordinates::{CoordinateMap, Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::{digamma, ln_gamma, log_sum_exp, trigamma, trigamma_minus_reciprocal};
use faer::Mat;
use rand::Rng;

/// Dirichlet on K proportions:
/// \\(f(x \mid a) = \frac{\Gamma(\sum a_i)}{\prod\Gamma(a_i)}\prod x_i^{a_i-1}\\), with the volume of
/// the first K − 1 of them.
///
/// Information \\(\mathrm{diag}(\psi'(a_i)) - \psi'(\sum a_i)\,\mathbf{1}\mathbf{1}^\top\\). The numeric
/// route is a lattice up to K = 4; beyond, it is Monte Carlo. Source: K. W. Ng, G.-L. Tian & M.-L.
/// Tang, Dirichlet and Related Distributions (2011), ch. 2.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::{Beta, Dirichlet};
/// // Two proportions are a beta variable and its complement.
/// let dirichlet = Dirichlet { categories: 2 };
/// let two = expected_information(&dirichlet, &[2.0, 3.0], Method::Numeric)?;
/// let beta = expected_information(&Beta, &[2.0, 3.0], Method::Automatic)?;
/// assert!((two.matrix()[(0, 1)] - beta.matrix()[(0, 1)]).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Dirichlet {
    /// K ≥ 2.
    pub categories: usize,
}

fn total<D: Dual>(terms: &[D]) -> D {
    terms.iter().fold(D::from(0.0), |sum, &term| sum + term)
}

/// (m₁, …, m_{K−1}, s): means and precision s = Σ aᵢ.
#[derive(Clone, Copy, Debug)]
struct MeanPrecision;

impl CoordinateMap for MeanPrecision {
    fn name(&self) -> String {
        "mean-precision".into()
    }

    fn names(&self, base: &[String]) -> Vec<String> {
        let means = (1..base.len()).map(|i| format!("mean{i}"));
        means.chain(["precision".into()]).collect()
    }

    fn forward<D: Dual>(&self, theta: &[D]) -> Vec<D> {
        let precision = total(theta);
        let means = theta[..theta.len() - 1].iter().map(|&a| a / precision);
        means.chain([precision]).collect()
    }

    fn inverse<D: Dual>(&self, phi: &[D]) -> Vec<D> {
        let (means, precision) = (&phi[..phi.len() - 1], phi[phi.len() - 1]);
        let rest = -total(means) + 1.0;
        means
            .iter()
            .map(|&mean| mean * precision)
            .chain([rest * precision])
            .collect()
    }
}

impl Family for Dirichlet {
    fn name(&self) -> String {
        format!("Dirichlet({} proportions)", self.categories)
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(
            (1..=self.categories)
                .map(|i| Parameter::positive(format!("a{i}")))
                .collect(),
        )
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::Simplex {
            categories: self.categories,
        }
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        theta
            .iter()
            .zip(x)
            .fold(ln_gamma(total(theta)), |sum, (&a, ln)| {
                sum + (a - 1.0) * ln.lift() - ln_gamma(a)
            })
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        for (place, &shape) in x.iter_mut().zip(theta) {
            *place = draw_ln_gamma(self, shape, rng)?;
        }
        let whole = log_sum_exp(x);
        for place in x {
            *place -= whole;
        }
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let whole = trigamma(total(theta));
        Some(Mat::from_fn(theta.len(), theta.len(), |i, j| {
            let own = if i == j { trigamma(theta[i]) } else { 0.0 };
            own - whole
        }))
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        let step: Vec<f64> = theta.iter().zip(other).map(|(a, b)| b - a).collect();
        let whole = total(&step);
        if bregman::is_near(theta, other) {
            // With τ(x) = ψ′(x) − 1/x the large parts of ψ′ make squares of differences.
            return Some(bregman::divergence(|t| {
                let at: Vec<f64> = theta.iter().zip(&step).map(|(a, d)| a + t * d).collect();
                let sum = total(&at);
                let tau = trigamma_minus_reciprocal::<f64>;
                let parts = at.iter().zip(&step).map(|(&a, &d)| {
                    let across = d / a - whole / sum;
                    a * across * across + d * d * tau(a)
                });
                parts.sum::<f64>() - whole * whole * tau(sum)
            }));
        }
        let normaliser =
            |a: &[f64]| a.iter().map(|&a| ln_gamma(a)).sum::<f64>() - ln_gamma(total(a));
        let mean = digamma(total(theta));
        let slopes = theta.iter().zip(&step);
        let slope: f64 = slopes.map(|(&a, &d)| d * (digamma(a) - mean)).sum();
        Some(normaliser(other) - normaliser(theta) - slope)
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Coordinates::new(MeanPrecision),
            Elementwise::coordinates("log", &vec![Scalar::Log; self.categories]),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "dirichlet",
    aliases: &[],
    summary: "K proportions that sum to 1",
    example: "dirichlet a=[2,3,4]",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let theta = arguments.vector("a")?;
        if theta.len() < 2 {
            return Err(ArgumentError::Wanted {
                name: "a".into(),
                value: Value::Vector(theta).to_string(),
                wanted: "a vector of at least two numbers".into(),
            });
        }
        let categories = theta.len();
        Instance::new(Dirichlet { categories }, theta)
    },
};
