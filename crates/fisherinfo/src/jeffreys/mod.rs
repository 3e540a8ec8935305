//! Jeffreys' prior √det I(θ), and whether it is proper: decided from its tails and, where they
//! allow it, its integral.
//!
//! The parameter space is opened to ℝᵏ (logarithms, logits, stick-breaking, log-Cholesky), where
//! the prior has the density \\(g(u) = \sqrt{\det J^\top I J}\\). Along a direction that leaves
//! for infinity, g either falls like \\(e^{-cr}\\) and is integrable, or stays or grows and is
//! not; in between, a power \\(r^{-q}\\) decides by q > 1. Source: H. Jeffreys, Proc. R. Soc. A
//! 186 (1946).

mod mass;
mod tail;

pub use tail::{End, Tail, Verdict};

use crate::expectation::{ExpectationError, Method, expected_information};
use crate::family::Model;

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
    let prior = OpenedPrior::new(model);
    let tails = tail::tails(&prior);
    let properness = if tails.iter().any(|tail| tail.verdict == Verdict::Diverges) {
        Properness::Improper
    } else if let Some(tail) = tails.iter().find(|tail| tail.verdict == Verdict::Undecided) {
        Properness::Undecided {
            reason: format!(
                "the tail toward {} could not be read, or falls too close to 1/r",
                tail.end
            ),
        }
    } else {
        mass::integrate(&prior, &tails).unwrap_or_else(|error| Properness::Undecided {
            reason: format!("every tail looked at converges, but the integral failed: {error}"),
        })
    };
    Assessment { properness, tails }
}

/// The prior on ℝᵏ.
struct OpenedPrior<'a> {
    model: &'a dyn Model,
    coordinates: crate::coordinates::Coordinates,
}

impl<'a> OpenedPrior<'a> {
    fn new(model: &'a dyn Model) -> Self {
        Self {
            model,
            coordinates: model.space().unconstrained(),
        }
    }

    fn dimension(&self) -> usize {
        self.model.space().dimension()
    }

    /// ln g(u).
    fn log_density(&self, u: &[f64]) -> Result<f64, ExpectationError> {
        let theta = self.coordinates.inverse(u);
        let information = expected_information(self.model, &theta, Method::Automatic)?;
        // √det(JᵀIJ) = √det I · |det J|, each determinant by itself: the product of the matrices
        // would mix what is large with what is small.
        let volume = self.coordinates.jacobian(u).determinant().abs().ln();
        Ok(0.5 * information.log_determinant()? + volume)
    }
}
