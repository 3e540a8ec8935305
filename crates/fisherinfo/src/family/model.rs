use super::{
    ClosedGeodesic, Family, Irregularity, ParameterSpace, ReferencePrior, SamplingError, Support,
};
use crate::coordinates::Coordinates;
use crate::dual::{Datum, Dual};
use crate::linear::triangle;
use faer::Mat;
use num_dual::{Dual64, HyperDual64};
use rand::Rng;
use std::fmt::Debug;

/// A kink of a density, x = k(θ).
#[derive(Clone, Debug, PartialEq)]
pub struct Kink {
    /// k(θ).
    pub at: f64,
    /// ∂k/∂θ, of length k.
    pub gradient: Vec<f64>,
}

/// The expected information and its derivatives, every matrix a lower triangle by columns.
#[derive(Clone, Debug, PartialEq)]
pub struct InformationDerivatives {
    /// I.
    pub value: Vec<f64>,
    /// ∂I/∂θᵢ.
    pub first: Vec<Vec<f64>>,
    /// ∂²I/∂θᵢ∂θⱼ, these too as a lower triangle by columns.
    pub second: Vec<Vec<f64>>,
}

/// A [`Family`] with its derivatives taken: what the rest of the engine works on.
///
/// Every family is a model; nobody implements this trait by hand. It can be boxed, so that a
/// program may choose its family at run time.
///
/// ```
/// use fisherinfo::family::{Bernoulli, Model};
/// // The score of a Bernoulli variable is x/p − (1 − x)/(1 − p).
/// let score = Bernoulli.score(&[0.25], &[1.0]);
/// assert!((score[0] - 4.0).abs() < 1e-15);
/// ```
pub trait Model: Debug + Send + Sync {
    /// The family's name.
    fn name(&self) -> String;

    /// Names and ranges of its parameters.
    fn space(&self) -> ParameterSpace;

    /// Where the density lives at θ.
    fn support(&self, theta: &[f64]) -> Support;

    /// ln f(x | θ).
    fn log_density(&self, theta: &[f64], x: &[f64]) -> f64;

    /// The score ∂ ln f(x | θ)/∂θ, of length k, by first-order dual numbers.
    fn score(&self, theta: &[f64], x: &[f64]) -> Vec<f64>;

    /// −∂² ln f(x | θ)/∂θ∂θᵀ, k × k, by hyper-dual numbers: the observed information of one
    /// observation.
    fn observed_information(&self, theta: &[f64], x: &[f64]) -> Mat<f64>;

    /// One draw from the model into `x`, of length [`Support::width`].
    ///
    /// # Errors
    /// When the generator cannot represent the parameters.
    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError>;

    /// The expected information of one observation where a formula is known, k × k.
    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>>;

    /// The expected information with its derivatives, where a formula is differentiated.
    fn information_derivatives(&self, theta: &[f64]) -> Option<InformationDerivatives>;

    /// KL(θ ‖ other) where a formula is known.
    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64>;

    /// The shortest path between two points, and its length, where a formula is known.
    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic>;

    /// The point with the same density as θ that lies nearest to `reference`: θ itself, unless
    /// parameters that differ can mean the same, as angles do.
    fn nearest_equivalent(&self, theta: &[f64], reference: &[f64]) -> Vec<f64>;

    /// What to use instead of Jeffreys' prior of all parameters together, where that is known to
    /// misbehave.
    fn reference_prior(&self) -> Option<ReferencePrior>;

    /// The coordinates that people use besides the family's own.
    fn alternative_coordinates(&self) -> Vec<Coordinates>;

    /// The kinks of the density at θ, with how they move.
    fn kinks(&self, theta: &[f64]) -> Vec<Kink>;

    /// Why there is no Fisher information at θ, where that is known, with its numbers.
    fn known_irregularity(&self, theta: &[f64]) -> Option<Irregularity>;

    /// The part of the parameter space in which there is a Fisher information.
    fn regular_space(&self) -> ParameterSpace;

    /// Observations spread over the bulk of the density, where the family knows them without
    /// drawing; else none.
    fn landmarks(&self, theta: &[f64]) -> Vec<Vec<f64>>;

    /// The size of the numbers whose sum the log-density is at x, where the family knows it.
    fn log_density_size(&self, theta: &[f64], x: &[f64]) -> Option<f64>;

    /// Mean and lower Cholesky factor of a normal distribution near the density.
    fn normal_frame(&self, theta: &[f64]) -> Option<(Vec<f64>, Mat<f64>)>;
}

/// Observations in which no derivative is taken.
fn known<D: Dual>(x: &[f64]) -> Vec<Datum<D>> {
    x.iter().copied().map(Datum::Known).collect()
}

impl<F: Family> Model for F {
    fn name(&self) -> String {
        Family::name(self)
    }

    fn space(&self) -> ParameterSpace {
        Family::space(self)
    }

    fn support(&self, theta: &[f64]) -> Support {
        Family::support(self, theta)
    }

    fn log_density(&self, theta: &[f64], x: &[f64]) -> f64 {
        Family::log_density(self, theta, &known(x))
    }

    fn score(&self, theta: &[f64], x: &[f64]) -> Vec<f64> {
        let mut lifted: Vec<Dual64> = theta.iter().copied().map(Dual64::from).collect();
        let x = known(x);
        (0..theta.len())
            .map(|i| {
                lifted[i].eps = 1.0;
                let slope = Family::log_density(self, &lifted, &x).eps;
                lifted[i].eps = 0.0;
                slope
            })
            .collect()
    }

    fn observed_information(&self, theta: &[f64], x: &[f64]) -> Mat<f64> {
        let mut lifted: Vec<HyperDual64> = theta.iter().map(|t| HyperDual64::from_re(*t)).collect();
        let x = known(x);
        let mut matrix = Mat::zeros(theta.len(), theta.len());
        for i in 0..theta.len() {
            lifted[i].eps1 = 1.0;
            for j in 0..=i {
                lifted[j].eps2 = 1.0;
                let curvature = Family::log_density(self, &lifted, &x).eps1eps2;
                matrix[(i, j)] = -curvature;
                matrix[(j, i)] = -curvature;
                lifted[j].eps2 = 0.0;
            }
            lifted[i].eps1 = 0.0;
        }
        matrix
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        Family::sample(self, theta, rng, x)
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        Family::closed_form_information(self, theta)
    }

    fn information_derivatives(&self, theta: &[f64]) -> Option<InformationDerivatives> {
        let value = Family::differentiable_information(self, theta)?;
        let size = theta.len();
        let mut lifted: Vec<HyperDual64> = theta.iter().map(|t| HyperDual64::from_re(*t)).collect();
        let mut first = Vec::with_capacity(size);
        let mut second = Vec::with_capacity(triangle(size));
        for column in 0..size {
            lifted[column].eps1 = 1.0;
            for row in column..size {
                lifted[row].eps2 = 1.0;
                let entries = Family::differentiable_information(self, &lifted)?;
                if row == column {
                    first.push(entries.iter().map(|entry| entry.eps1).collect());
                }
                second.push(entries.iter().map(|entry| entry.eps1eps2).collect());
                lifted[row].eps2 = 0.0;
            }
            lifted[column].eps1 = 0.0;
        }
        Some(InformationDerivatives {
            value,
            first,
            second,
        })
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        Family::closed_form_divergence(self, theta, other)
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        Family::closed_form_geodesic(self, from, to)
    }

    fn nearest_equivalent(&self, theta: &[f64], reference: &[f64]) -> Vec<f64> {
        Family::nearest_equivalent(self, theta, reference)
    }

    fn reference_prior(&self) -> Option<ReferencePrior> {
        Family::reference_prior(self)
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        Family::alternative_coordinates(self)
    }

    fn kinks(&self, theta: &[f64]) -> Vec<Kink> {
        let mut kinks: Vec<Kink> = Family::kinks(self, theta)
            .into_iter()
            .map(|at| Kink {
                at,
                gradient: Vec::with_capacity(theta.len()),
            })
            .collect();
        if kinks.is_empty() {
            return kinks;
        }
        let mut lifted: Vec<Dual64> = theta.iter().copied().map(Dual64::from).collect();
        for i in 0..theta.len() {
            lifted[i].eps = 1.0;
            for (kink, moved) in kinks.iter_mut().zip(Family::kinks(self, &lifted)) {
                kink.gradient.push(moved.eps);
            }
            lifted[i].eps = 0.0;
        }
        kinks
    }

    fn known_irregularity(&self, theta: &[f64]) -> Option<Irregularity> {
        Family::known_irregularity(self, theta)
    }

    fn regular_space(&self) -> ParameterSpace {
        Family::regular_space(self)
    }

    fn landmarks(&self, theta: &[f64]) -> Vec<Vec<f64>> {
        Family::landmarks(self, theta)
    }

    fn log_density_size(&self, theta: &[f64], x: &[f64]) -> Option<f64> {
        Family::log_density_size(self, theta, x)
    }

    fn normal_frame(&self, theta: &[f64]) -> Option<(Vec<f64>, Mat<f64>)> {
        Family::normal_frame(self, theta)
    }
}
