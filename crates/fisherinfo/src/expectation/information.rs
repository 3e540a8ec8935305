use super::{ExpectationError, Method, score_moments};
use crate::family::Model;
use crate::information::{Definition, Estimator, Information, Provenance, Route};

/// The expected information of one observation at θ.
///
/// The closed form where the family has one and `method` allows it; else E\[s sᵀ\] by the numeric
/// route or Monte Carlo, held against −E\[∂² log f\] from the same pass.
///
/// # Errors
/// A point outside the space; a route that is not available; and a disagreement of the two
/// definitions, which means that the model is not regular and has no Fisher information.
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
    let moments = score_moments(model, theta, method)?;
    if let Some((row, column, _)) = moments.disagreement() {
        let (score_product, error) = moments.entry(Definition::ScoreProduct, row, column);
        let (negative_hessian, other) = moments.entry(Definition::NegativeHessian, row, column);
        return Err(ExpectationError::Irregular {
            model: model.name(),
            entry: if row == column {
                names[row].clone()
            } else {
                format!("({}, {})", names[row], names[column])
            },
            score_product,
            negative_hessian,
            error: error + other,
        });
    }
    moments.information(Definition::ScoreProduct, &names, theta)
}

/// The expected information by one of its two definitions alone, by a numeric route or Monte
/// Carlo, whether or not the other agrees.
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
