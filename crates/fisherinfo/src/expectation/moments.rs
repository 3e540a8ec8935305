use super::{ExpectationError, Method, expectation};
use crate::family::Model;
use crate::information::{Accuracy, Definition, Estimator, Information, Provenance, Route};
use crate::linear::{half_index, triangle};
use faer::Mat;

/// The moments that decide whether a model has a Fisher information, from one pass:
/// ∫f, E\[s\], E\[s sᵀ\] and −E\[∂² log f\].
#[derive(Clone, Debug)]
pub struct Moments {
    parameters: usize,
    value: Vec<f64>,
    error: Vec<f64>,
    /// How they were computed.
    pub route: Route,
}

/// The moments of the score at θ, by a numeric route.
///
/// # Errors
/// As [`expectation`], and a density whose mass is not one within the error of the rule.
///
/// ```
/// use fisherinfo::expectation::{Method, score_moments};
/// use fisherinfo::family::Gamma;
/// let moments = score_moments(&Gamma, &[2.0, 3.0], Method::Numeric)?;
/// let (total, error) = moments.total_mass();
/// assert!((total - 1.0).abs() <= error && error < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
pub fn score_moments(
    model: &dyn Model,
    theta: &[f64],
    method: Method,
) -> Result<Moments, ExpectationError> {
    let parameters = theta.len();
    let half = triangle(parameters);
    let integrand = |x: &[f64], out: &mut [f64]| {
        let score = model.score(theta, x);
        let curvature = model.observed_information(theta, x);
        out[0] = 1.0;
        out[1..=parameters].copy_from_slice(&score);
        let (products, curvatures) = out[1 + parameters..].split_at_mut(half);
        for column in 0..parameters {
            for row in column..parameters {
                let at = half_index(row, column, parameters);
                products[at] = score[row] * score[column];
                curvatures[at] = curvature[(row, column)];
            }
        }
    };
    let result = expectation(model, theta, 1 + parameters + 2 * half, &integrand, method)?;
    let (total, error) = (result.value[0], result.error[0]);
    let simulated = matches!(result.route, Route::MonteCarlo { .. });
    // Moments of a density whose mass was not found would pass for those of an irregular model.
    if !simulated && ((total - 1.0).abs() > error || total == 0.0) {
        return Err(ExpectationError::Mass {
            model: model.name(),
            total,
            error,
        });
    }
    Ok(Moments {
        parameters,
        value: result.value,
        error: result.error,
        route: result.route,
    })
}

impl Moments {
    /// k, the number of parameters.
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// ∫f and its error: one for a density. Under Monte Carlo it is one by construction.
    pub fn total_mass(&self) -> (f64, f64) {
        (self.value[0], self.error[0])
    }

    /// E\[sᵢ\] and its error: zero for a regular model.
    pub fn mean_score(&self, index: usize) -> (f64, f64) {
        (self.value[1 + index], self.error[1 + index])
    }

    /// The entry (row, column) of the information by one of its definitions, and its error.
    pub fn entry(&self, definition: Definition, row: usize, column: usize) -> (f64, f64) {
        let half = triangle(self.parameters);
        let start = 1
            + self.parameters
            + if definition == Definition::ScoreProduct {
                0
            } else {
                half
            };
        let at = start + half_index(row, column, self.parameters);
        (self.value[at], self.error[at])
    }

    /// The largest disagreement of the two definitions beyond their errors, as (row, column,
    /// excess); `None` when they agree. Under Monte Carlo the error granted is four standard errors.
    pub fn disagreement(&self) -> Option<(usize, usize, f64)> {
        let slack = if matches!(self.route, Route::MonteCarlo { .. }) {
            4.0
        } else {
            1.0
        };
        let mut worst: Option<(usize, usize, f64)> = None;
        for column in 0..self.parameters {
            for row in column..self.parameters {
                let (product, product_error) = self.entry(Definition::ScoreProduct, row, column);
                let (curvature, curvature_error) =
                    self.entry(Definition::NegativeHessian, row, column);
                let excess =
                    (product - curvature).abs() - slack * (product_error + curvature_error);
                if excess > 0.0 && worst.is_none_or(|(_, _, most)| excess > most) {
                    worst = Some((row, column, excess));
                }
            }
        }
        worst
    }

    /// The information matrix by one definition.
    ///
    /// # Errors
    /// When the entries are no information, which for a regular model they are.
    pub fn information(
        &self,
        definition: Definition,
        names: &[String],
        theta: &[f64],
    ) -> Result<Information, ExpectationError> {
        let size = self.parameters;
        let matrix = Mat::from_fn(size, size, |i, j| self.entry(definition, i, j).0);
        let error = Mat::from_fn(size, size, |i, j| self.entry(definition, i, j).1);
        let provenance = Provenance {
            estimator: Estimator::Expected,
            route: self.route,
            accuracy: if matches!(self.route, Route::MonteCarlo { .. }) {
                Accuracy::StandardError(error)
            } else {
                Accuracy::Bound(error)
            },
        };
        Ok(Information::new(matrix, names, provenance)?.at(theta)?)
    }
}
