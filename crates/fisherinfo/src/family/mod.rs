//! Families of densities, one a file.
//!
//! A family writes its log-density once, generically over dual numbers; its score, its observed
//! and its expected information follow from that. A closed form, where one is known, is an
//! override that the tests hold against the derived one.
//!
//! To add a family: write its file beside these and add its name to the list at the end of this
//! one. The tests walk the list.

mod bregman;
mod catalogue;
mod geodesic;
mod irregularity;
pub mod mean;
mod model;
mod observation;
mod reference_prior;
mod space;
mod support;
mod trigamma_difference;
mod typed;

pub use catalogue::{ArgumentError, Arguments, Entry, Instance, Value, find};
pub use geodesic::{ClosedGeodesic, location_scale_distance};
pub use irregularity::Irregularity;
pub use model::{InformationDerivatives, Kink, Model};
pub use reference_prior::ReferencePrior;
pub use space::{Constraint, Parameter, ParameterError, ParameterSpace};
pub use support::Support;
pub(crate) use support::end;
pub use typed::{
    DensityFormula, SupportError, SupportFormula, SupportProblem, TypedDensity, TypedError,
};

use crate::coordinates::Coordinates;
use crate::dual::{Datum, Dual};
use faer::Mat;
use rand::Rng;
use std::fmt::Debug;
use thiserror::Error;

/// A parametric family of densities f(x | θ).
///
/// ```
/// use fisherinfo::dual::{Datum, Dual};
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::{Family, Parameter, ParameterSpace, SamplingError, Support};
/// use rand::{Rng, RngExt};
///
/// /// Waiting times with the density θ²·x·exp(−θx).
/// #[derive(Clone, Debug)]
/// struct Erlang;
///
/// impl Family for Erlang {
///     fn name(&self) -> String {
///         "Erlang".into()
///     }
///     fn space(&self) -> ParameterSpace {
///         ParameterSpace::product(vec![Parameter::positive("θ")])
///     }
///     fn support(&self, _: &[f64]) -> Support {
///         Support::POSITIVE
///     }
///     fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
///         theta[0].ln() * 2.0 + x[0].ln() - theta[0] * x[0].lift()
///     }
///     fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
///         x[0] = -(rng.random::<f64>() * rng.random::<f64>()).ln() / theta[0];
///         Ok(())
///     }
/// }
///
/// let information = expected_information(&Erlang, &[3.0], Method::Automatic)?;
/// assert!((information.matrix()[(0, 0)] - 2.0 / 9.0).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
pub trait Family: Clone + Debug + Send + Sync + 'static {
    /// The family's name.
    fn name(&self) -> String;

    /// Names and ranges of its parameters.
    fn space(&self) -> ParameterSpace;

    /// Where the density lives at θ.
    fn support(&self, theta: &[f64]) -> Support;

    /// ln f(x | θ), for θ inside the parameter space and x inside the support.
    ///
    /// Written over dual numbers for both: derivatives in θ give scores and information, those in
    /// x are there for continuous families. Leave no normalising constant out.
    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D;

    /// One draw from the model into `x`, of length [`Support::width`].
    ///
    /// # Errors
    /// When the generator cannot represent the parameters.
    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError>;

    /// The expected information of one observation, k × k, where a formula is known.
    fn closed_form_information(&self, _theta: &[f64]) -> Option<Mat<f64>> {
        None
    }

    /// The expected information as a lower triangle by columns, over dual numbers in the parameters,
    /// for a family of which expectations are costly: geometry then differentiates it, instead of
    /// taking moments of the score.
    fn differentiable_information<D: Dual>(&self, _theta: &[D]) -> Option<Vec<D>> {
        None
    }

    /// KL(θ ‖ other) = E_θ\[ln f(x | θ) − ln f(x | other)\], where a formula is known.
    fn closed_form_divergence(&self, _theta: &[f64], _other: &[f64]) -> Option<f64> {
        None
    }

    /// The shortest path from one point to another under the Fisher information, and its length,
    /// where a formula is known. It may be known for some pairs of points only.
    fn closed_form_geodesic(&self, _from: &[f64], _to: &[f64]) -> Option<ClosedGeodesic> {
        None
    }

    /// The point with the same density as θ that lies nearest to `reference`: θ itself, unless
    /// parameters that differ can mean the same, as angles do.
    fn nearest_equivalent(&self, theta: &[f64], _reference: &[f64]) -> Vec<f64> {
        theta.to_vec()
    }

    /// What to use instead of Jeffreys' prior of all parameters together, where that is known to
    /// misbehave.
    fn reference_prior(&self) -> Option<ReferencePrior> {
        None
    }

    /// The coordinates that people use besides the family's own.
    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        Vec::new()
    }

    /// Where in the support the density has a kink in x: where the score jumps, while the density
    /// itself does not. For densities of one real variable; quadrature does not reach over them.
    fn kinks<D: Dual>(&self, _theta: &[D]) -> Vec<D> {
        Vec::new()
    }

    /// Why there is no Fisher information at θ, where that is known, with the numbers that contradict
    /// one another. Then there is no closed form either, and every route is refused; the tests hold
    /// it against what the numeric route finds.
    fn known_irregularity(&self, _theta: &[f64]) -> Option<Irregularity> {
        None
    }

    /// The part of the parameter space in which there is a Fisher information: all of it, unless
    /// [`Family::known_irregularity`] cuts a part off.
    fn regular_space(&self) -> ParameterSpace {
        self.space()
    }

    /// Observations spread over the bulk of the density, for a family that knows them without
    /// drawing: where rules begin. Without them a few draws are taken.
    fn landmarks(&self, _theta: &[f64]) -> Vec<Vec<f64>> {
        Vec::new()
    }

    /// The size of the numbers whose sum [`Family::log_density`] is at x, for a density of counts:
    /// by so many ε it may be rounded. Without a better one it is taken for that of θ ln θ and
    /// x ln x, which a density of large counts should not let cancel.
    fn log_density_size(&self, _theta: &[f64], _x: &[f64]) -> Option<f64> {
        None
    }

    /// For a density on ℝᵈ: mean and lower Cholesky factor of a normal distribution near it, as
    /// the frame for cubature. On a [`Support::Product`] of intervals it is that of the observation
    /// opened to ℝᵈ: ln of the distance to the one finite end, the logit of the place between two.
    fn normal_frame(&self, _theta: &[f64]) -> Option<(Vec<f64>, Mat<f64>)> {
        None
    }
}

/// A model that cannot be sampled at the parameters given.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("{model} cannot be sampled here: {reason}")]
pub struct SamplingError {
    /// The family.
    pub model: String,
    /// What the generator says.
    pub reason: String,
}

impl SamplingError {
    /// A generator's refusal, in its words.
    pub fn new(model: &impl Family, reason: impl std::fmt::Display) -> Self {
        Self {
            model: model.name(),
            reason: reason.to_string(),
        }
    }
}

macro_rules! families {
    ($($file:ident :: $family:ident),* $(,)?) => {
        $(mod $file; pub use $file::$family;)*

        /// Every family of the catalogue, in the order of its list.
        pub static CATALOGUE: &[&Entry] = &[$(&$file::ENTRY),*];
    };
}

families![
    bernoulli::Bernoulli,
    binomial::Binomial,
    categorical::Categorical,
    multinomial::Multinomial,
    poisson::Poisson,
    geometric::Geometric,
    negative_binomial::NegativeBinomial,
    negative_binomial_2::NegativeBinomial2,
    exponential::Exponential,
    gamma::Gamma,
    shifted_gamma::ShiftedGamma,
    inverse_gamma::InverseGamma,
    chi_squared::ChiSquared,
    weibull::Weibull,
    shifted_weibull::ShiftedWeibull,
    log_normal::LogNormal,
    log_logistic::LogLogistic,
    inverse_gaussian::InverseGaussian,
    nakagami::Nakagami,
    rayleigh::Rayleigh,
    maxwell::Maxwell,
    half_normal::HalfNormal,
    levy::Levy,
    pareto::Pareto,
    generalized_pareto::GeneralizedPareto,
    beta::Beta,
    kumaraswamy::Kumaraswamy,
    kumaraswamy_known_a::KumaraswamyKnownA,
    dirichlet::Dirichlet,
    normal::Normal,
    normal_location::NormalLocation,
    multivariate_normal_location::MultivariateNormalLocation,
    multivariate_normal::MultivariateNormal,
    wishart::Wishart,
    wishart_known_nu::WishartKnownNu,
    skew_normal::SkewNormal,
    laplace::Laplace,
    logistic::Logistic,
    gumbel::Gumbel,
    generalized_extreme_value::GeneralizedExtremeValue,
    cauchy::Cauchy,
    student_t::StudentT,
    student_t_known_nu::StudentTKnownNu,
    von_mises::VonMises,
    uniform::Uniform,
    pareto_unknown_minimum::ParetoUnknownMinimum,
    shifted_exponential::ShiftedExponential,
];
