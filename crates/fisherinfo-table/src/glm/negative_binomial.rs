//! The negative binomial whose shape is estimated.

use super::{
    ascent::ascend,
    error::GlmError,
    family::Family,
    fit::Fit,
    information_matrix_test::{FitInformationMatrixTest, Nuisance},
    kernel::ROWS,
    positive_definite::solve,
    regression::Regression,
    weighted::weighted_columns,
};
use faer::Mat;
use fisherinfo::{
    coordinates::link::Link,
    dual::Datum,
    family::{Family as _, NegativeBinomial2},
    information::{Estimator, Information, Provenance, Route, own_coordinates},
};
use num_dual::{Dual2_64, DualNum, HyperDual64};

/// A regression of counts with variance μ + μ²/k, in which k was estimated with the coefficients.
///
/// The expected information has no entry between a coefficient and k (I_{μk} = 0), so that the
/// standard errors of the coefficients are those at a known k. The observed information has one,
/// Σ xᵢ(dμᵢ/dηᵢ)(yᵢ − μᵢ)/(μᵢ + k)², which vanishes in expectation only.
///
/// Source: Lawless, Negative binomial and mixed Poisson regression, Canadian J. Statistics 15 (1987).
#[derive(Clone, Debug)]
pub struct NegativeBinomialFit<'a> {
    fit: Fit<'a>,
    shape: f64,
    rounds: usize,
    expected: f64,
    observed: f64,
    /// −∂²ℓ/∂b∂k for the stored coefficients.
    cross: Vec<f64>,
}

/// Three standard errors of the shape k.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShapeStandardErrors {
    /// From the expected information I_kk, which the engine has in closed form.
    pub expected: f64,
    /// From the observed information of all parameters together; NaN where that is not positive.
    pub observed: f64,
    /// From the observed information of k alone, as if the coefficients were known: what R's
    /// `glm.nb` prints.
    pub coefficients_known: f64,
}

/// The information of a fit of coefficients and shape, the shape last.
#[derive(Clone, Debug)]
pub struct NegativeBinomialInformation {
    /// The expectation over responses: block diagonal.
    pub expected: Information,
    /// Minus the second derivative of the log-likelihood.
    pub observed: Information,
}

/// Rounds of coefficients and shape in turn. Each brings k nearer by the square of the observed
/// correlation between them, which is small.
const ROUNDS: usize = 60;

/// A shape from which on the counts are Poisson for all that can be seen.
const POISSON_FROM: f64 = 1e9;

impl Regression {
    /// The maximum of the likelihood over the coefficients and the shape k together.
    ///
    /// # Errors
    /// As [`Regression::fit`]; and counts that vary no more than Poisson ones, whose k is infinite.
    ///
    /// ```
    /// use fisherinfo::coordinates::link::Link;
    /// use fisherinfo_table::glm::Regression;
    /// // With one mean only, the mean is the average and k balances Σ ψ(yᵢ + k) − ψ(k).
    /// let counts = [0.0, 0.0, 1.0, 2.0, 5.0, 14.0];
    /// let regression = Regression::new(&counts, &[[1.0; 6]], &["1".into()], Some(0))?;
    /// let fit = regression.fit_negative_binomial(Link::Identity)?;
    /// assert!((fit.fit().coefficients()[0] - 22.0 / 6.0).abs() < 1e-9);
    /// assert!((fit.shape() - 0.517172131528).abs() < 1e-10);
    /// # Ok::<(), fisherinfo_table::glm::GlmError>(())
    /// ```
    pub fn fit_negative_binomial(&self, link: Link) -> Result<NegativeBinomialFit<'_>, GlmError> {
        let poisson = self.fit_on_the_way(Family::Poisson, link)?;
        // ∂ℓ/∂(1/k) at 1/k = 0, twice; and a first k from the squares of y/μ − 1.
        let [excess, squares, total] = poisson.sums_over_rows(|y, _, mean, _, weight| {
            let residual = y - mean;
            let excess = residual * residual - y;
            [excess, (residual / mean).powi(2), 1.0].map(|term| weight * term)
        })?;
        if excess <= 0.0 {
            return Err(GlmError::NoOverdispersion { excess });
        }
        let mut shape = best_shape(&poisson, total / squares)?;
        for round in 1..=ROUNDS {
            let fit = self.fit_on_the_way(Family::NegativeBinomial(shape), link)?;
            let next = best_shape(&fit, shape)?;
            let moved = (next - shape).abs();
            let [_, bend] = slopes(&fit, next.ln())?;
            // In standard errors of k, of which −bend is the information about ln k.
            let offset = moved / next * bend.abs().sqrt();
            let settled = moved <= 1e-13 * next || offset <= self.tolerance();
            if settled {
                return NegativeBinomialFit::new(fit, next, round);
            }
            if round == ROUNDS {
                return Err(GlmError::NotConverged {
                    iterations: ROUNDS,
                    offset,
                });
            }
            shape = next;
        }
        Err(GlmError::NotConverged {
            iterations: ROUNDS,
            offset: f64::INFINITY,
        })
    }
}

/// First and second derivative of the log-likelihood in ln k at the means of a fit.
fn slopes(fit: &Fit<'_>, ln_shape: f64) -> Result<[f64; 2], GlmError> {
    fit.sums_over_rows(|y, _, mean, _, weight| {
        let shape = Dual2_64::new(ln_shape, 1.0, 0.0).exp();
        let density =
            NegativeBinomial2.log_density(&[Dual2_64::from(mean), shape], &[Datum::Known(y)]);
        [weight * density.v1, weight * density.v2]
    })
}

/// The k at which the likelihood is largest at the means of a fit.
fn best_shape(fit: &Fit<'_>, start: f64) -> Result<f64, GlmError> {
    let shape = ascend(start, POISSON_FROM, |ln_shape| slopes(fit, ln_shape))?;
    if shape < POISSON_FROM && shape > 0.0 {
        return Ok(shape);
    }
    let [excess] =
        fit.sums_over_rows(|y, _, mean, _, weight| [weight * ((y - mean).powi(2) - y)])?;
    Err(GlmError::NoOverdispersion { excess })
}

impl<'a> NegativeBinomialFit<'a> {
    fn new(fit: Fit<'a>, shape: f64, rounds: usize) -> Result<Self, GlmError> {
        let [expected] = fit.sums_over_rows(|_, _, mean, _, weight| {
            let information = NegativeBinomial2.closed_form_information(&[mean, shape]);
            [information.map_or(f64::NAN, |information| weight * information[(1, 1)])]
        })?;
        let derivatives = |y: f64, eta: f64| {
            let predictor = HyperDual64::new(eta, 1.0, 0.0, 0.0);
            let shape = HyperDual64::new(shape, 0.0, 1.0, 0.0);
            let mean = fit.link.mean(predictor);
            NegativeBinomial2.log_density(&[mean, shape], &[Datum::Known(y)])
        };
        let cross = weighted_columns(fit.chunks(), "shape", |chunk, block, out| {
            let mut predictor = [0.0; ROWS];
            chunk.predictors(block, &fit.stored, &mut predictor);
            for (i, (value, eta)) in out.iter_mut().zip(predictor).enumerate() {
                let row = block * ROWS + i;
                let derivative = derivatives(chunk.response[row], eta).eps1eps2;
                *value = -chunk.weight_of(row) * derivative;
            }
        })?;
        let [observed] = fit.sums_over_rows(|y, _, mean, _, weight| {
            let shape = Dual2_64::new(shape, 1.0, 0.0);
            let density = NegativeBinomial2.log_density(&[mean.into(), shape], &[Datum::Known(y)]);
            [-weight * density.v2]
        })?;
        Ok(Self {
            fit,
            shape,
            rounds,
            expected,
            observed,
            cross,
        })
    }

    /// The coefficients, at the estimated k. Tests of terms, deviance tables and profiles of it hold k
    /// at this value and do not estimate it anew without a term; the expected information between k and
    /// the coefficients is zero, so that to first order this does not matter.
    pub fn fit(&self) -> &Fit<'a> {
        &self.fit
    }

    /// The coefficients alone.
    pub fn into_fit(self) -> Fit<'a> {
        self.fit
    }

    /// k in the variance μ + μ²/k.
    pub fn shape(&self) -> f64 {
        self.shape
    }

    /// How often coefficients and shape were fitted in turn.
    pub fn rounds(&self) -> usize {
        self.rounds
    }

    /// The standard errors of k.
    pub fn shape_standard_errors(&self) -> ShapeStandardErrors {
        // 1/(I_kk − I_kβ I_ββ⁻¹ I_βk), the corner of the inverse.
        let explained = solve(self.fit.observed(), &self.cross).map_or(f64::NAN, |solved| {
            solved.iter().zip(&self.cross).map(|(a, b)| a * b).sum()
        });
        ShapeStandardErrors {
            expected: self.expected.recip().sqrt(),
            observed: (self.observed - explained).recip().sqrt(),
            coefficients_known: self.observed.recip().sqrt(),
        }
    }

    /// Expected and observed information of the coefficients and of k, which is named `k` and comes
    /// last.
    ///
    /// # Errors
    /// A scale that no double can hold.
    pub fn information(&self) -> Result<NegativeBinomialInformation, GlmError> {
        let zero = vec![0.0; self.cross.len()];
        Ok(NegativeBinomialInformation {
            expected: self.joint(
                &self.fit.expected,
                &zero,
                self.expected,
                Provenance::exact(Estimator::Expected, Route::ClosedForm),
            )?,
            observed: self.joint(
                self.fit.observed(),
                &self.cross,
                self.observed,
                Provenance::exact(Estimator::Observed, Route::Data),
            )?,
        })
    }

    fn joint(
        &self,
        of_coefficients: &Mat<f64>,
        cross: &[f64],
        of_shape: f64,
        provenance: Provenance,
    ) -> Result<Information, GlmError> {
        let last = cross.len();
        let mut names = self.fit.terms().to_vec();
        names.push("k".into());
        let stored = Mat::from_fn(last + 1, last + 1, |i, j| match (i == last, j == last) {
            (false, false) => of_coefficients[(i, j)],
            (true, true) => of_shape,
            _ => cross[i.min(j)],
        });
        let to_stored = &self.fit.regression.design.to_stored;
        let jacobian = Mat::from_fn(last + 1, last + 1, |i, j| match (i == last, j == last) {
            (false, false) => to_stored[(i, j)],
            (true, true) => 1.0,
            _ => 0.0,
        });
        let mut point = self.fit.coefficients().to_vec();
        point.push(self.shape);
        Ok(Information::new(stored, &names, provenance)?
            .reparameterised(jacobian.as_ref(), &names, &own_coordinates(&names))?
            .at(&point)?
            .from_observations(self.fit.sample_size() as f64))
    }

    /// ln of the likelihood, all constants included.
    pub fn log_likelihood(&self) -> f64 {
        self.fit.log_likelihood()
    }

    /// Akaike's criterion, k counted.
    pub fn aic(&self) -> f64 {
        self.fit.aic() + 2.0
    }

    /// White's test, as [`Fit::information_matrix_test`] has it, with the score of k among the scores.
    ///
    /// # Errors
    /// As there.
    pub fn information_matrix_test(&self) -> Result<FitInformationMatrixTest, GlmError> {
        self.fit
            .information_matrix_test_beside(Nuisance::Count(self.shape))
    }
}
