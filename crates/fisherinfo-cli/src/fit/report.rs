//! What is computed about a fit, before anything is shown.

use super::model::Model;
use crate::error::Failure;
use fisherinfo::special::{normal_cdf, student_t_two_sided};
use fisherinfo_table::glm::{
    Fit, FitInformation, FitInformationMatrixTest, GlmError, HeteroscedasticityConsistent,
    StandardErrors,
};

pub(crate) struct Report<'a> {
    pub(crate) model: &'a Model,
    pub(crate) fit: Fit<'a>,
    pub(crate) information: FitInformation,
    pub(crate) standard_errors: StandardErrors,
    /// The sandwich, with the correction asked for, or why there is none.
    pub(crate) sandwich: Result<HeteroscedasticityConsistent, GlmError>,
    /// Estimate over expected standard error, and its two-sided p-value.
    pub(crate) tests: Vec<(f64, f64)>,
    /// The test, or why there is none.
    pub(crate) information_matrix_test: Result<FitInformationMatrixTest, String>,
}

pub(crate) fn compute(model: &Model) -> Result<Report<'_>, Failure> {
    let at = |error: GlmError| model.failure(error);
    let fit = model.regression.fit(model.family, model.link).map_err(at)?;
    let standard_errors = fit.standard_errors();
    let tests = fit
        .coefficients()
        .iter()
        .zip(&standard_errors.expected)
        .map(|(estimate, error)| {
            let ratio = estimate / error;
            let p = if model.family.estimates_dispersion() {
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
        information_matrix_test: if model.information_matrix_test {
            match fit.information_matrix_test() {
                Err(error @ (GlmError::Rows(_) | GlmError::Interrupted)) => return Err(at(error)),
                outcome => outcome.map_err(|error| error.to_string()),
            }
        } else {
            Err("of streamed rows it is made with --information-matrix-test".into())
        },
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
    /// The four ways, side by side.
    pub(crate) fn kinds(&self) -> [Kind; 4] {
        let errors = &self.standard_errors;
        [
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
        ]
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
