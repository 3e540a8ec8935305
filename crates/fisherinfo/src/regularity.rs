//! The certificate: why a Fisher information exists at a point, or what fails.
//!
//! Four signs are looked at: E\[s\] = 0; the two definitions agree, E\[s sᵀ\] = −E\[∂² log f\]; the
//! support does not move with θ; the information has full rank. Under them the Cramér–Rao bound
//! holds. Source: E. L. Lehmann & G. Casella, Theory of Point Estimation (1998), 2.5.

use crate::expectation::{ExpectationError, Method, Moments, score_moments};
use crate::family::Model;
use crate::information::{Definition, Direction, Route};

/// One condition: what was found, against what regularity asks, within which error.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What is asked, in symbols.
    pub statement: String,
    /// The worst pair of numbers that should be equal, and the error granted to their difference.
    pub found: f64,
    /// What it should be.
    pub wanted: f64,
    /// The sum of the errors of both.
    pub error: f64,
    /// Whether they are equal within the error.
    pub verdict: Verdict,
}

/// Whether something is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Holds,
    /// It is not.
    Fails,
    /// The errors are of the size of the numbers, and nothing follows.
    Undecided,
}

/// What was checked at a point, and what came out.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// ∫f = 1, E\[s\] = 0, and the agreement of the two definitions, in this order.
    pub conditions: Vec<Condition>,
    /// Whether the support stays where it is as θ moves.
    pub support_is_fixed: bool,
    /// Directions about which the information says nothing.
    pub null_directions: Vec<Direction>,
    /// The route of the numbers.
    pub route: Route,
}

impl Certificate {
    /// Is the model regular at the point, so that it has a Fisher information? Singular
    /// information is regular: the null directions say what cannot be estimated.
    pub fn verdict(&self) -> Verdict {
        let any = |verdict| {
            self.conditions
                .iter()
                .any(|condition| condition.verdict == verdict)
        };
        if !self.support_is_fixed || any(Verdict::Fails) {
            Verdict::Fails
        } else if any(Verdict::Undecided) {
            Verdict::Undecided
        } else {
            Verdict::Holds
        }
    }
}

/// Errors above this part of the scale decide nothing.
const TOO_WIDE: f64 = 0.25;

/// Checks the regularity of a model at θ.
///
/// # Errors
/// A point outside the space; a density whose moments cannot be computed.
///
/// ```
/// use fisherinfo::expectation::Method;
/// use fisherinfo::family::Gamma;
/// use fisherinfo::regularity::{Verdict, certify};
/// let certificate = certify(&Gamma, &[2.0, 3.0], Method::Automatic)?;
/// assert_eq!(certificate.verdict(), Verdict::Holds);
/// assert!(certificate.null_directions.is_empty());
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
pub fn certify(
    model: &dyn Model,
    theta: &[f64],
    method: Method,
) -> Result<Certificate, ExpectationError> {
    let moments = score_moments(model, theta, method)?;
    certificate(model, theta, &moments)
}

/// The certificate from moments already computed.
///
/// # Errors
/// When the eigenvalues of the information cannot be computed.
pub fn certificate(
    model: &dyn Model,
    theta: &[f64],
    moments: &Moments,
) -> Result<Certificate, ExpectationError> {
    let names = model.space().names();
    let slack = if matches!(moments.route, Route::MonteCarlo { .. }) {
        4.0
    } else {
        1.0
    };
    let condition = |statement: String, found: f64, wanted: f64, error: f64, scale: f64| {
        let error = slack * error;
        Condition {
            statement,
            found,
            wanted,
            error,
            verdict: if (found - wanted).abs() > error {
                Verdict::Fails
            } else if error > TOO_WIDE * scale {
                Verdict::Undecided
            } else {
                Verdict::Holds
            },
        }
    };
    // Scores and informations are measured by the root of the diagonal.
    let unit = |index: usize| {
        moments
            .entry(Definition::ScoreProduct, index, index)
            .0
            .abs()
            .sqrt()
    };
    let (total, error) = moments.total_mass();
    let mut conditions = vec![condition("∫f = 1".into(), total, 1.0, error, 1.0)];
    for (index, name) in names.iter().enumerate() {
        let (score, error) = moments.mean_score(index);
        let statement = format!("E[∂ log f/∂{name}] = 0");
        conditions.push(condition(statement, score, 0.0, error, unit(index)));
    }
    for column in 0..names.len() {
        for row in column..names.len() {
            let (product, product_error) = moments.entry(Definition::ScoreProduct, row, column);
            let (curvature, error) = moments.entry(Definition::NegativeHessian, row, column);
            let statement = format!(
                "E[s sᵀ] = −E[∂² log f] at ({}, {})",
                names[row], names[column]
            );
            let scale = unit(row) * unit(column);
            conditions.push(condition(
                statement,
                product,
                curvature,
                product_error + error,
                scale,
            ));
        }
    }
    let null_directions = moments
        .information(Definition::ScoreProduct, &names, theta)?
        .null_space()?;
    Ok(Certificate {
        conditions,
        support_is_fixed: support_is_fixed(model, theta),
        null_directions,
        route: moments.route,
    })
}

/// Does the support stay where it is when each parameter moves a little?
fn support_is_fixed(model: &dyn Model, theta: &[f64]) -> bool {
    let space = model.space();
    let here = model.support(theta);
    (0..theta.len()).all(|i| {
        [-1e-3, 1e-3].into_iter().all(|relative| {
            let mut moved = theta.to_vec();
            moved[i] += relative * theta[i].abs().max(1e-3);
            space.check(&moved).is_err() || model.support(&moved) == here
        })
    })
}
