//! Jeffreys' prior √det I(θ), and whether it is proper: decided from its tails and, where they
//! allow it, its integral.
//!
//! The parameter space is opened to ℝᵏ (logarithms, logits, stick-breaking, log-Cholesky), where
//! the prior has the density \\(g(u) = \sqrt{\det J^\top I J}\\). Along a direction that leaves
//! for infinity, g either falls like \\(e^{-cr}\\) and is integrable, or stays or grows and is
//! not; in between, a power \\(r^{-q}\\) decides by q > 1. Source: H. Jeffreys, Proc. R. Soc. A
//! 186 (1946).

mod mass;
mod opened;
mod tail;

pub use tail::{End, Tail, Verdict};

use crate::expectation::{ExpectationError, Method, expected_information};
use crate::family::{Model, ParameterError};
use opened::OpenedPrior;
use thiserror::Error;

/// ln √det I(θ).
///
/// # Errors
/// A point outside the space; an information that is not available there.
///
/// ```
/// use fisherinfo::family::Bernoulli;
/// use fisherinfo::jeffreys::log_density;
/// let at_half = log_density(&Bernoulli, &[0.5])?;
/// assert!((at_half - 2f64.ln()).abs() < 1e-15);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
pub fn log_density(model: &dyn Model, theta: &[f64]) -> Result<f64, ExpectationError> {
    let information = expected_information(model, theta, Method::Automatic)?;
    Ok(0.5 * information.log_determinant()?)
}

/// Is the prior a probability distribution?
#[derive(Clone, Debug, PartialEq)]
pub enum Properness {
    /// Yes: its total mass is finite.
    Proper {
        /// ∫√det I dθ.
        mass: f64,
        /// Its absolute error.
        error: f64,
    },
    /// No: the mass diverges at the ends listed by [`Assessment::tails`].
    Improper,
    /// The evidence does not decide.
    Undecided {
        /// Why.
        reason: String,
    },
}

/// The decision with its evidence.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// The decision.
    pub properness: Properness,
    /// How the prior behaves at every end of the parameter space that was looked at. For one
    /// parameter these are its two ends; for several, the directions in which one or more of them
    /// leave.
    pub tails: Vec<Tail>,
}

/// Decides whether Jeffreys' prior of a model is proper. Where the information is not available,
/// nothing is decided, and the reason is said.
///
/// ```
/// use fisherinfo::family::{Bernoulli, Exponential};
/// use fisherinfo::jeffreys::{Properness, assess};
/// let Properness::Proper { mass, error } = assess(&Bernoulli).properness else {
///     panic!("Beta(½, ½) is a distribution")
/// };
/// assert!((mass - std::f64::consts::PI).abs() <= error && error < 1e-9);
///
/// let waiting = assess(&Exponential);
/// assert_eq!(waiting.properness, Properness::Improper);
/// // Like 1/λ at both ends.
/// assert!(waiting.tails.iter().all(|tail| (tail.exponent.unwrap() - 1.0).abs() < 1e-9));
/// ```
pub fn assess(model: &dyn Model) -> Assessment {
    OpenedPrior::new(model).assess()
}

/// Why there is no prior of one parameter.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum SectionError {
    /// There is no such parameter.
    #[error("parameter {index} of {count}: there is no such parameter")]
    NoParameter {
        /// The index given.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// The others are outside of their space.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// An entry of a matrix that has to stay positive definite.
    #[error(
        "{name} cannot move by itself: it is an entry of a matrix that has to stay positive definite"
    )]
    Tied {
        /// Its name.
        name: String,
    },
}

/// The same for one parameter with the others fixed at θ: the prior √I_jj as a function of θ_j alone.
/// It is Jeffreys' prior of the model in which the others are known.
///
/// # Errors
/// Where there is no such parameter, θ is outside the space, or the parameter cannot move alone.
///
/// ```
/// use fisherinfo::family::Normal;
/// use fisherinfo::jeffreys::{Properness, assess_one};
/// // 1/σ, where the joint prior of (μ, σ) is 1/σ².
/// let of_sigma = assess_one(&Normal, &[0.0, 2.0], 1)?;
/// assert_eq!(of_sigma.properness, Properness::Improper);
/// assert!(of_sigma.tails.iter().all(|tail| (tail.exponent.unwrap() - 1.0).abs() < 1e-9));
/// # Ok::<(), fisherinfo::jeffreys::SectionError>(())
/// ```
pub fn assess_one(
    model: &dyn Model,
    theta: &[f64],
    index: usize,
) -> Result<Assessment, SectionError> {
    Ok(OpenedPrior::of_one(model, theta, index)?.assess())
}
