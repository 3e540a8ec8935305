use super::boundary::{Ends, ends};
use super::{ExpectationError, Method, Moments, divergent, score_moments};
use crate::family::{Irregularity, Model};
use crate::information::{Definition, Estimator, Information, Provenance, Route};

/// The expected information of one observation at θ.
///
/// The closed form where the family has one and `method` allows it; else E\[s sᵀ\] by the numeric
/// route or Monte Carlo, held against −E\[∂² log f\] from the same pass.
///
/// # Errors
/// A point outside the space; a route that is not available; and a model that is not regular and has
/// no Fisher information: E\[s\] is not zero, the two definitions disagree, the support has an end
/// that moves where the density does not vanish, or the family says so itself.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::Beta;
/// let closed = expected_information(&Beta, &[2.0, 3.0], Method::ClosedForm)?;
/// let numeric = expected_information(&Beta, &[2.0, 3.0], Method::Numeric)?;
/// let difference = (closed.matrix()[(0, 1)] - numeric.matrix()[(0, 1)]).abs();
/// assert!(difference <= numeric.provenance().accuracy.of_entry(0, 1));
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
pub fn expected_information(
    model: &dyn Model,
    theta: &[f64],
    method: Method,
) -> Result<Information, ExpectationError> {
    let space = model.space();
    space.check(theta)?;
    let names = space.names();
    if let Some(known) = model.known_irregularity(theta) {
        return Err(refusal(model, known));
    }
    if matches!(method, Method::Automatic | Method::ClosedForm) {
        if let Some(matrix) = model.closed_form_information(theta) {
            if (0..theta.len()).any(|i| !matrix[(i, i)].is_normal()) {
                return Err(ExpectationError::OutOfRange {
                    model: model.name(),
                });
            }
            let provenance = Provenance::exact(Estimator::Expected, Route::ClosedForm);
            return Ok(Information::new(matrix, &names, provenance)?.at(theta)?);
        }
        if method == Method::ClosedForm {
            return Err(ExpectationError::NoClosedForm {
                model: model.name(),
            });
        }
    }
    let moments = score_moments(model, theta, method);
    let abrupt = ends(model, theta).is_ok_and(|ends| ends == Ends::Abrupt);
    // A moment that is infinite is said to be, which no rule may have seen.
    if abrupt && let Some(refused) = divergent::refusal_by_parts(model, theta, method) {
        return Err(refused);
    }
    let moments = moments?;
    let contradiction = moments.contradiction();
    if contradiction.is_none() && !abrupt {
        return moments.information(Definition::ScoreProduct, &names, theta);
    }
    let reason = if abrupt {
        ABRUPT
    } else {
        "what should be equal is not"
    };
    Err(irregular(model, &names, &moments, contradiction, reason))
}

/// What is said of an end that moves.
pub(super) const ABRUPT: &str =
    "its support moves with the parameters, and the density does not vanish there fast enough";

/// The refusal of a family that knows its numbers.
pub(super) fn refusal(model: &dyn Model, known: Irregularity) -> ExpectationError {
    let mean = known.mean_score;
    ExpectationError::Irregular {
        model: model.name(),
        reason: known.reason,
        entry: known.parameter,
        mean_score: mean,
        mean_score_error: 0.0,
        variance: mean
            .is_finite()
            .then_some(known.score_product - mean * mean),
        score_product: known.score_product,
        negative_hessian: known.negative_hessian,
        error: 0.0,
    }
}

/// The refusal with its three numbers.
fn irregular(
    model: &dyn Model,
    names: &[String],
    moments: &Moments,
    contradiction: Option<(usize, usize)>,
    reason: &str,
) -> ExpectationError {
    let (row, column) = contradiction.unwrap_or((0, 0));
    let (mean_score, mean_score_error) = moments.mean_score(row);
    let (score_product, error) = moments.entry(Definition::ScoreProduct, row, column);
    let (negative_hessian, other) = moments.entry(Definition::NegativeHessian, row, column);
    ExpectationError::Irregular {
        model: model.name(),
        reason: reason.into(),
        entry: if row == column {
            names[row].clone()
        } else {
            format!("({}, {})", names[row], names[column])
        },
        mean_score,
        mean_score_error,
        variance: (row == column).then_some(score_product - mean_score * mean_score),
        score_product,
        negative_hessian,
        error: error + other,
    }
}

/// The expected information by one of its two definitions alone, by a numeric route or Monte
/// Carlo, whether or not the other agrees. Where the density has kinks, −E\[∂² log f\] has their
/// share in it ([`Moments::kink_share`]).
///
/// # Errors
/// As [`expected_information`], but for disagreement.
pub fn expected_information_by_definition(
    model: &dyn Model,
    theta: &[f64],
    definition: Definition,
    method: Method,
) -> Result<Information, ExpectationError> {
    score_moments(model, theta, method)?.information(definition, &model.space().names(), theta)
}
