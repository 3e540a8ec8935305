use super::{ExpectationError, Method, expectation};
use crate::family::{Kink, Model};
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
    /// What kinks add to −E\[∂² log f\], the lower triangle by columns.
    kinks: Vec<f64>,
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
    let kinks = kink_share(&kink_jumps(model, theta), parameters);
    let mut value = result.value;
    for (curvature, share) in value[1 + parameters + half..].iter_mut().zip(&kinks) {
        *curvature += share;
    }
    Ok(Moments {
        parameters,
        value,
        error: result.error,
        kinks,
        route: result.route,
    })
}

/// A kink of the density, and the scores on its two sides.
pub(crate) struct KinkJump {
    pub(crate) density: f64,
    pub(crate) left: Vec<f64>,
    pub(crate) right: Vec<f64>,
    /// How it moves with each parameter.
    pub(crate) gradient: Vec<f64>,
}

pub(crate) fn kink_jumps(model: &dyn Model, theta: &[f64]) -> Vec<KinkJump> {
    let jump = |kink: Kink| {
        // As near to the kink as its position has digits.
        let step = (4.0 * f64::EPSILON * kink.at.abs()).max(1e-290);
        KinkJump {
            density: model.log_density(theta, &[kink.at]).exp(),
            left: model.score(theta, &[kink.at - step]),
            right: model.score(theta, &[kink.at + step]),
            gradient: kink.gradient,
        }
    };
    model.kinks(theta).into_iter().map(jump).collect()
}

/// What kinks add to the mean curvature. At a kink x = k(θ) the score jumps, and the second
/// derivative of log f has a point mass there that no pointwise derivative sees; its share in
/// −E\[∂ᵢ∂ⱼ log f\] is −f(k)·(sᵢ(k−) − sᵢ(k+))·∂k/∂θⱼ, from differentiating ∫ sᵢ f = 0.
pub(crate) fn kink_share(jumps: &[KinkJump], parameters: usize) -> Vec<f64> {
    let mut share = vec![0.0; triangle(parameters)];
    for kink in jumps {
        for column in 0..parameters {
            for row in column..parameters {
                share[half_index(row, column, parameters)] -=
                    kink.density * (kink.left[row] - kink.right[row]) * kink.gradient[column];
            }
        }
    }
    share
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

    /// What kinks of the density have added to the entry (row, column) of −E\[∂² log f\]: zero for
    /// a smooth density.
    ///
    /// ```
    /// use fisherinfo::expectation::{Method, score_moments};
    /// use fisherinfo::family::Laplace;
    /// // Pointwise, the second derivative in the location is zero: the kink carries it all.
    /// let moments = score_moments(&Laplace, &[0.0, 2.0], Method::Numeric)?;
    /// assert_eq!(moments.kink_share(0, 0), 0.25);
    /// assert_eq!(moments.kink_share(1, 1), 0.0);
    /// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
    /// ```
    pub fn kink_share(&self, row: usize, column: usize) -> f64 {
        self.kinks[half_index(row, column, self.parameters)]
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

    /// The entry (row, column) at which the numbers that regularity asks to be equal contradict
    /// one another most, beyond their errors and on the scale of the score: on the diagonal by
    /// E\[s\] ≠ 0 or by E\[s²\] ≠ −E\[∂² log f\], and only where that holds, off it. `None` where
    /// nothing does. Under Monte Carlo the error granted is four standard errors.
    pub fn contradiction(&self) -> Option<(usize, usize)> {
        let slack = if matches!(self.route, Route::MonteCarlo { .. }) {
            4.0
        } else {
            1.0
        };
        let size = |index: usize| self.entry(Definition::ScoreProduct, index, index).0.abs();
        let excess = |row: usize, column: usize| {
            let (product, product_error) = self.entry(Definition::ScoreProduct, row, column);
            let (curvature, error) = self.entry(Definition::NegativeHessian, row, column);
            let gap = (product - curvature).abs() - slack * (product_error + error);
            gap / (size(row) * size(column)).sqrt()
        };
        let shift = |index: usize| {
            let (mean, error) = self.mean_score(index);
            (mean.abs() - slack * error) / size(index).sqrt()
        };
        let worst = |entries: Vec<(usize, usize, f64)>| {
            entries
                .into_iter()
                .filter(|(_, _, excess)| *excess > 0.0)
                .max_by(|a, b| a.2.total_cmp(&b.2))
                .map(|(row, column, _)| (row, column))
        };
        let all = 0..self.parameters;
        let diagonal = all.clone().map(|i| (i, i, excess(i, i).max(shift(i))));
        worst(diagonal.collect()).or_else(|| {
            let pairs = all
                .clone()
                .flat_map(|column| (column + 1..self.parameters).map(move |row| (row, column)));
            worst(
                pairs
                    .map(|(row, column)| (row, column, excess(row, column)))
                    .collect(),
            )
        })
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
