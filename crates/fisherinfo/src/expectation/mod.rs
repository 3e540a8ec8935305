//! Expectations over a model, E_θ\[h(X)\], each with its error: by summation over a discrete
//! support, by adaptive quadrature or cubature over a continuous one, by seeded simulation.
//!
//! On them stand the moments of the score and so the expected information, by either of its two
//! definitions.

mod boundary;
mod circle;
mod cubature;
mod divergent;
mod information;
mod lattice;
mod moments;
mod monte_carlo;
mod product;
pub(crate) mod quadrature;
mod stretch;
mod summation;

pub(crate) use boundary::{Ends, ends};
pub use information::{expected_information, expected_information_by_definition};
pub(crate) use moments::{KinkJump, kink_jumps, kink_share};
pub use moments::{Moments, score_moments};

use crate::family::{Model, ParameterError, SamplingError, Support};
use crate::information::{InformationError, Route};
use quadrature::Chart;
use thiserror::Error;

/// How an expectation, or an expected information, is to be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Method {
    /// The closed form where there is one, else the numeric route, else Monte Carlo.
    #[default]
    Automatic,
    /// The closed form, or an error.
    ClosedForm,
    /// Summation, quadrature or cubature, as the support asks, with an error bound.
    Numeric,
    /// As [`Method::Numeric`], but given up where it takes more evaluations than this.
    NumericWithin(usize),
    /// Seeded draws, with a standard error.
    MonteCarlo {
        /// Number of draws.
        draws: usize,
        /// Seed of the generator; the same seed gives the same result on any number of threads.
        seed: u64,
    },
}

impl Method {
    /// What Monte Carlo falls back to when nothing is said: 100,000 draws.
    pub const DEFAULT_MONTE_CARLO: Self = Self::MonteCarlo {
        draws: DEFAULT_DRAWS,
        seed: DEFAULT_SEED,
    };
}

const DEFAULT_DRAWS: usize = 100_000;
const DEFAULT_SEED: u64 = 20_250_101;

/// Why an expectation cannot be given.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ExpectationError {
    /// A point outside the parameter space.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// No formula is known.
    #[error("no closed form is known for {model}; ask for the numeric route or for Monte Carlo")]
    NoClosedForm {
        /// The family.
        model: String,
    },
    /// A support over which no deterministic rule is available.
    #[error("{model}: {reason}; use Monte Carlo")]
    NoNumericRoute {
        /// The family.
        model: String,
        /// Why.
        reason: String,
    },
    /// NaN or ∞ in the density or the integrand.
    #[error("{model}: the integrand is not finite at x = {x:?}; check the density there")]
    NotFinite {
        /// The family.
        model: String,
        /// The observation.
        x: Vec<f64>,
    },
    /// An integral that does not converge, or too slowly to tell.
    #[error(
        "{model}: an expectation is infinite here, or converges too slowly to tell: what is integrated does not fall toward the end {end} of the support"
    )]
    Divergent {
        /// The family.
        model: String,
        /// The end of the support.
        end: String,
    },
    /// The sampler failed.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    /// A closed form that no double can hold.
    #[error(
        "the information of {model} at this point is too large or too small for a double; rescale its parameters"
    )]
    OutOfRange {
        /// The family.
        model: String,
    },
    /// A density without the mass one.
    #[error(
        "{model}: the rule finds the mass {total} ± {error:.1e} under the density instead of 1; either it is not normalised, or the rule does not find its mass"
    )]
    Mass {
        /// The family.
        model: String,
        /// ∫f.
        total: f64,
        /// Its error.
        error: f64,
    },
    /// A step without a direction.
    #[error("the step is zero, so it has no direction; give one number a parameter, not all zero")]
    ZeroStep,
    /// Monte Carlo with too few draws for a standard error, or more than can be waited for.
    #[error("Monte Carlo needs from two to 10^10 draws, not {draws}")]
    Draws {
        /// Draws asked for.
        draws: usize,
    },
    /// The numbers that should agree contradict one another, or are infinite.
    #[error(
        "{model} is not regular here and has no Fisher information to report: {reason}; for {entry}, {}",
        contradiction([*mean_score, *score_product, *negative_hessian], [*mean_score_error, *error], *variance)
    )]
    Irregular {
        /// The family.
        model: String,
        /// What is behind it, as far as it is known.
        reason: String,
        /// The entry that disagrees most.
        entry: String,
        /// The mean of the score, for an entry (i, j) that of i.
        mean_score: f64,
        /// Its error.
        mean_score_error: f64,
        /// E\[s²\] − E\[s\]², on the diagonal and where E\[s\] is finite.
        variance: Option<f64>,
        /// By the second moment of the score.
        score_product: f64,
        /// By the mean curvature.
        negative_hessian: f64,
        /// Sum of the errors of the two.
        error: f64,
    },
    /// A matrix that is no information.
    #[error(transparent)]
    Information(#[from] InformationError),
}

/// The numbers of a refusal in words: E\[s\], E\[s²\] and −E\[∂² log f\] with the errors of the first and of
/// the others, and the variance of the score.
fn contradiction(numbers: [f64; 3], errors: [f64; 2], variance: Option<f64>) -> String {
    let number = |value: f64| {
        if value.is_nan() {
            "(not found)".into()
        } else {
            crate::family::end(value)
        }
    };
    let said = |value: f64, error: f64| {
        let value = number(value);
        if error > 0.0 {
            format!("{value} ± {error:.1e}")
        } else {
            value
        }
    };
    let [mean, product, hessian] = numbers;
    let variance = variance
        .filter(|variance| !variance.is_nan())
        .map_or(String::new(), |variance| {
            format!("Var(s) = {}, ", crate::family::end(variance))
        });
    format!(
        "E[s] = {} should be 0, and {variance}E[s sᵀ] = {} and −E[∂² log f] = {} should be finite and equal",
        said(mean, errors[0]),
        number(product),
        said(hessian, errors[1]),
    )
}

/// A vector of expectations with their errors.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// E\[h\], one entry a component of h.
    pub value: Vec<f64>,
    /// Absolute error bound of each, or its standard error under Monte Carlo.
    pub error: Vec<f64>,
    /// How it was computed.
    pub route: Route,
}

/// h(x), written into the second argument.
pub type Integrand<'a> = dyn Fn(&[f64], &mut [f64]) + Sync + 'a;

/// E_θ\[h(X)\] for a function h with `width` components.
///
/// # Errors
/// A point outside the space; an integrand that is not finite; a route that the support does not
/// have.
///
/// ```
/// use fisherinfo::expectation::{Method, expectation};
/// use fisherinfo::family::Poisson;
/// // Mean and second factorial moment of a Poisson variable.
/// let h = |x: &[f64], out: &mut [f64]| {
///     out[0] = x[0];
///     out[1] = x[0] * (x[0] - 1.0);
/// };
/// let moments = expectation(&Poisson, &[4.0], 2, &h, Method::Numeric)?;
/// assert!((moments.value[1] - 16.0).abs() <= moments.error[1]);
/// assert!(moments.error[1] < 1e-10);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
pub fn expectation(
    model: &dyn Model,
    theta: &[f64],
    width: usize,
    integrand: &Integrand<'_>,
    method: Method,
) -> Result<Expectation, ExpectationError> {
    expectation_with_kinks(model, theta, width, integrand, &[], method)
}

/// The same for an integrand that has kinks of its own at these observations.
pub(crate) fn expectation_with_kinks(
    model: &dyn Model,
    theta: &[f64],
    width: usize,
    integrand: &Integrand<'_>,
    kinks: &[f64],
    method: Method,
) -> Result<Expectation, ExpectationError> {
    model.space().check(theta)?;
    let problem = Problem {
        model,
        theta,
        width,
        integrand,
        kinks,
        budget: match method {
            Method::NumericWithin(evaluations) => evaluations,
            _ => MOST_EVALUATIONS,
        },
    };
    match method {
        Method::ClosedForm => Err(ExpectationError::NoClosedForm {
            model: model.name(),
        }),
        Method::Numeric | Method::NumericWithin(_) => problem.numeric(),
        Method::MonteCarlo { draws, seed } => monte_carlo::simulate(&problem, draws, seed),
        Method::Automatic => match problem.numeric() {
            // Where draws fail too, the reason that there is no rule says more.
            Err(reason @ ExpectationError::NoNumericRoute { .. }) => {
                monte_carlo::simulate(&problem, DEFAULT_DRAWS, DEFAULT_SEED).map_err(|_| reason)
            }
            result => result,
        },
    }
}

/// What every route is given.
struct Problem<'a> {
    model: &'a dyn Model,
    theta: &'a [f64],
    width: usize,
    integrand: &'a Integrand<'a>,
    /// Where the integrand has kinks that the density does not have.
    kinks: &'a [f64],
    /// Evaluations after which a rule is not the right tool.
    budget: usize,
}

/// Below the root of the least double a density has no mass, but its reciprocal squared no value.
const VANISHING: f64 = 1e-140;

/// The budget where nothing else is said.
const MOST_EVALUATIONS: usize = 5_000_000;

impl Problem<'_> {
    /// The rule that the support has. The mass is looked at too: where an integrand is zero, a rule
    /// would otherwise take the density for having ended.
    fn numeric(&self) -> Result<Expectation, ExpectationError> {
        let width = self.width;
        let with_mass = |x: &[f64], out: &mut [f64]| {
            let (own, mass) = out.split_at_mut(width);
            (self.integrand)(x, own);
            mass.fill(1.0);
        };
        let problem = Problem {
            width: width + 1,
            integrand: &with_mass,
            ..*self
        };
        let mut found = problem.by_support()?;
        found.value.truncate(width);
        found.error.truncate(width);
        Ok(found)
    }

    fn by_support(&self) -> Result<Expectation, ExpectationError> {
        match self.model.support(self.theta) {
            Support::Integers { from, to } => summation::over_integers(self, from, to),
            Support::Counts { total, categories } => {
                summation::over_counts(self, total, categories)
            }
            Support::Interval { lower, upper } => quadrature::over_interval(self, lower, upper),
            Support::HalfLine => quadrature::over(self, Chart::Half),
            Support::AboveMinimum { minimum } => {
                quadrature::over(self, Chart::AboveMinimum(minimum))
            }
            Support::Segment { lower, upper } => quadrature::over_segment(self, lower, upper),
            Support::UnitInterval => quadrature::over(self, Chart::Unit),
            Support::Circle => circle::over_circle(self),
            Support::Space { dimension } => cubature::over_space(self, dimension),
            Support::Simplex { categories } => lattice::over_simplex(self, categories),
            Support::PositiveDefinite { dimension } => {
                lattice::over_positive_definite(self, dimension)
            }
            Support::Product(factors) => product::over_product(self, &factors),
        }
    }

    /// weight · f(x) · h(x) into `out`; exactly zero where the density underflows, or is so small
    /// that a derivative made of it overflows: ln(e^a + e^b) has 1/(e^a + e^b)² in its second.
    ///
    /// # Errors
    /// When the product is not finite.
    fn weighted(
        &self,
        x: &[f64],
        log_weight: f64,
        out: &mut [f64],
    ) -> Result<(), ExpectationError> {
        let density = (self.model.log_density(self.theta, x) + log_weight).exp();
        if density == 0.0 {
            out.fill(0.0);
            return Ok(());
        }
        (self.integrand)(x, out);
        for value in out.iter_mut() {
            *value *= density;
        }
        if out.iter().all(|value| value.is_finite()) {
            Ok(())
        } else if density < VANISHING {
            out.fill(0.0);
            Ok(())
        } else {
            Err(self.not_finite(x))
        }
    }

    /// The size of the logarithms whose sum the log-density is: e^(a − b) has the relative error
    /// ε·max(|a|, |b|), and a and b are of the order θ·ln θ and x·ln x.
    fn log_scale(&self, x: f64) -> f64 {
        self.theta
            .iter()
            .chain([&x])
            .map(|v| v.abs())
            .filter(|v| *v > 0.0)
            .map(|v| (1.0 + v) * v.ln().abs())
            .sum()
    }

    /// The same at a count, where the family may know better.
    fn log_size(&self, x: &[f64]) -> f64 {
        self.model
            .log_density_size(self.theta, x)
            .unwrap_or_else(|| self.log_scale(x.first().copied().unwrap_or(0.0)))
    }

    fn not_finite(&self, x: &[f64]) -> ExpectationError {
        ExpectationError::NotFinite {
            model: self.model.name(),
            x: x.to_vec(),
        }
    }

    fn no_route(&self, reason: impl Into<String>) -> ExpectationError {
        ExpectationError::NoNumericRoute {
            model: self.model.name(),
            reason: reason.into(),
        }
    }
}

/// Neumaier's compensated sum of a vector, with the sum of absolute terms beside it.
#[derive(Clone, Debug)]
struct CompensatedSum {
    sum: Vec<f64>,
    carry: Vec<f64>,
    absolute: Vec<f64>,
}

impl CompensatedSum {
    fn new(width: usize) -> Self {
        Self {
            sum: vec![0.0; width],
            carry: vec![0.0; width],
            absolute: vec![0.0; width],
        }
    }

    fn add(&mut self, terms: &[f64]) {
        for (i, &term) in terms.iter().enumerate() {
            let total = self.sum[i] + term;
            self.carry[i] += if self.sum[i].abs() >= term.abs() {
                (self.sum[i] - total) + term
            } else {
                (term - total) + self.sum[i]
            };
            self.sum[i] = total;
            self.absolute[i] += term.abs();
        }
    }

    /// Adds the terms of another sum.
    fn merge(&mut self, other: &Self) {
        let absolute: Vec<f64> = self
            .absolute
            .iter()
            .zip(&other.absolute)
            .map(|(a, b)| a + b)
            .collect();
        self.add(&other.value());
        self.absolute = absolute;
    }

    fn value(&self) -> Vec<f64> {
        self.sum
            .iter()
            .zip(&self.carry)
            .map(|(s, c)| s + c)
            .collect()
    }

    /// What rounding may have done: every term carries the relative error of its log-density.
    fn rounding(&self, log_scale: f64) -> Vec<f64> {
        rounding(&self.absolute, log_scale)
    }
}

/// The rounding of sums of terms with these absolute sums and logarithms of this size.
fn rounding(absolute: &[f64], log_scale: f64) -> Vec<f64> {
    let unit = ROUNDING * (1.0 + log_scale) * f64::EPSILON;
    absolute.iter().map(|a| unit * a).collect()
}

/// Units in the last place granted to a term that is a product of a few special functions.
const ROUNDING: f64 = 8.0;
