//! What is computed about a fit, before anything is shown.

use super::inference::{Inference, infer};
use super::model::Model;
use super::rows::Clusters;
use crate::arguments::Intervals;
use crate::error::Failure;
use fisherinfo::special::{chi_squared_survival, normal_cdf, student_t_two_sided};
use fisherinfo_table::glm::{
    ClusterRobust, Family, FirthFit, Fit, FitInformation, FitInformationMatrixTest, GlmError,
    HeteroscedasticityConsistent, ShapeStandardErrors, StandardErrors,
};

pub(crate) struct Report<'a> {
    pub(crate) model: &'a Model,
    pub(crate) fit: Fit<'a>,
    pub(crate) information: FitInformation,
    pub(crate) standard_errors: StandardErrors,
    /// The sandwich, with the correction asked for, or why there is none.
    pub(crate) sandwich: Result<HeteroscedasticityConsistent, GlmError>,
    /// The covariance under dependence within clusters, where there are some.
    pub(crate) clusters: Option<ClusterRobust>,
    /// The tests and intervals asked for.
    pub(crate) inference: Inference,
    /// Estimate over expected standard error, and its two-sided p-value.
    pub(crate) tests: Vec<(f64, f64)>,
    /// The negative binomial's shape, where it was estimated.
    pub(crate) shape: Option<Shape>,
    /// Firth's correction, where it was asked for.
    pub(crate) firth: Option<Firth>,
    /// The test, or why there is none.
    pub(crate) information_matrix_test: Result<FitInformationMatrixTest, String>,
}

/// k, in the variance μ + μ²/k.
pub(crate) struct Shape {
    pub(crate) value: f64,
    pub(crate) errors: ShapeStandardErrors,
}

/// What the penalised likelihood says.
pub(crate) struct Firth {
    pub(crate) penalised_log_likelihood: f64,
    /// For each term the ends of its interval, χ² of its likelihood ratio against zero, and p.
    pub(crate) profiles: Vec<([f64; 2], f64, f64)>,
}

impl Firth {
    fn of(fit: &FirthFit<'_>) -> Result<Self, GlmError> {
        let profile = |term| {
            let ratio = fit.likelihood_ratio(term, 0.0)?;
            let interval = fit.profile_interval(term, 0.95)?;
            Ok((interval, ratio, chi_squared_survival(ratio, 1.0)))
        };
        Ok(Self {
            penalised_log_likelihood: fit.penalised_log_likelihood(),
            profiles: (0..fit.fit().terms().len())
                .map(profile)
                .collect::<Result<_, GlmError>>()?,
        })
    }
}

/// How the coefficients are found.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    Likelihood(Family),
    Firth(Family),
    WithShape,
}

/// The information-matrix test, or why there is none; a pass that was ended ends the fit.
fn tested(
    model: &Model,
    test: impl FnOnce() -> Result<FitInformationMatrixTest, GlmError>,
) -> Result<Result<FitInformationMatrixTest, String>, Failure> {
    if !model.information_matrix_test {
        return Ok(Err(
            "of streamed rows it is made with --information-matrix-test".into(),
        ));
    }
    match test() {
        Err(error @ (GlmError::Rows(_) | GlmError::Interrupted)) => Err(model.failure(error)),
        outcome => Ok(outcome.map_err(|error| error.to_string())),
    }
}

pub(crate) fn compute(model: &Model, way: Way) -> Result<Report<'_>, Failure> {
    let at = |error: GlmError| model.failure(error);
    let mut firth = None;
    let (fit, shape, information_matrix_test) = match way {
        Way::Firth(family) => {
            let penalised = model.regression.fit_firth(family, model.link).map_err(at)?;
            firth = Some(Firth::of(&penalised).map_err(at)?);
            let reason = "Firth's estimates are not those of the largest likelihood".to_string();
            (penalised.into_fit(), None, Err(reason))
        }
        Way::Likelihood(family) => {
            let fit = model.regression.fit(family, model.link).map_err(at)?;
            let test = tested(model, || fit.information_matrix_test())?;
            (fit, None, test)
        }
        Way::WithShape => {
            let fit = model.regression.fit_negative_binomial(model.link);
            let fit = fit.map_err(at)?;
            let shape = Shape {
                value: fit.shape(),
                errors: fit.shape_standard_errors(),
            };
            let test = tested(model, || fit.information_matrix_test())?;
            (fit.into_fit(), Some(shape), test)
        }
    };
    let standard_errors = fit.standard_errors();
    let tests = fit
        .coefficients()
        .iter()
        .zip(&standard_errors.expected)
        .map(|(estimate, error)| {
            let ratio = estimate / error;
            let p = if fit.family().estimates_dispersion() {
                student_t_two_sided(ratio, fit.residual_degrees_of_freedom() as f64)
            } else {
                2.0 * normal_cdf(-ratio.abs())
            };
            (ratio, p)
        })
        .collect();
    Ok(Report {
        information: fit.information().map_err(at)?,
        sandwich: match fit.heteroscedasticity_consistent(model.robust) {
            // That the data leave no residual is an answer; that a correction cannot be made is not.
            Err(error) if !matches!(error, GlmError::Saturated { .. }) => return Err(at(error)),
            sandwich => sandwich,
        },
        information_matrix_test,
        shape,
        firth,
        clusters: match &model.design.clusters {
            None => None,
            Some(Clusters { codes, .. }) => {
                let factor = model.cluster_factor;
                let robust = match codes {
                    Some(codes) => fit.cluster_robust(codes, factor),
                    None => fit.cluster_robust_of_rows(factor),
                };
                Some(robust.map_err(at)?)
            }
        },
        inference: infer(model, &fit)?,
        standard_errors,
        tests,
        model,
        fit,
    })
}

/// One way to standard errors.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// What they were made of.
    pub(crate) from: String,
    /// One a term, or why there are none.
    pub(crate) values: Result<Vec<f64>, String>,
}

impl Report<'_> {
    /// Akaike's criterion, an estimated shape counted.
    pub(crate) fn aic(&self) -> f64 {
        self.fit.aic() + if self.shape.is_some() { 2.0 } else { 0.0 }
    }

    /// What is said with the estimated shape taken as known; Wald's intervals are not among it, since
    /// the expected information of coefficients and shape is zero between them.
    pub(crate) fn with_shape_held(&self) -> Vec<&'static str> {
        if self.shape.is_none() {
            return Vec::new();
        }
        let inference = &self.inference;
        let profiles = matches!(self.model.intervals, Some(Intervals::Profile));
        [
            ("tests", !inference.tests.is_empty()),
            ("deviance_table", !inference.deviances.is_empty()),
            ("intervals", profiles),
        ]
        .into_iter()
        .filter_map(|(name, held)| held.then_some(name))
        .collect()
    }

    /// The ways, side by side.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        let errors = &self.standard_errors;
        let mut kinds = vec![
            Kind {
                name: "expected",
                from: "inverse of the expected information XᵀWX/φ".into(),
                values: Ok(errors.expected.clone()),
            },
            Kind {
                name: "observed",
                from: "inverse of minus the second derivative of the log-likelihood".into(),
                values: errors.observed.clone().map_err(|reason| reason.to_string()),
            },
            Kind {
                name: "empirical",
                from: "inverse of the outer products of the scores".into(),
                values: errors
                    .empirical
                    .clone()
                    .map_err(|reason| reason.to_string()),
            },
            Kind {
                name: "sandwich",
                from: self.sandwich_formula(),
                values: match &self.sandwich {
                    Ok(sandwich) => Ok(sandwich.standard_errors()),
                    Err(reason) => Err(reason.to_string()),
                },
            },
        ];
        if let (Some(robust), Some(groups)) = (&self.clusters, &self.model.design.clusters) {
            kinds.push(Kind {
                name: "cluster",
                from: format!(
                    "expected⁻¹ · outer products of the sums over {} clusters by {} · expected⁻¹ \
                     (small-sample factor {})",
                    robust.clusters,
                    groups.column,
                    robust.factor.name()
                ),
                values: Ok(robust.standard_errors()),
            });
        }
        kinds
    }

    /// The factors of the sandwich, the small-sample one included.
    pub(crate) fn sandwich_formula(&self) -> String {
        let kind = self.model.robust;
        format!(
            "expected⁻¹ · outer products · expected⁻¹ ({}, small-sample factor {})",
            kind.name(),
            kind.factor()
        )
    }
}
