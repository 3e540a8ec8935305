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
    /// The sandwich, with the correction asked for.
    pub(crate) sandwich: HeteroscedasticityConsistent,
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
        sandwich: fit
            .heteroscedasticity_consistent(model.robust)
            .map_err(at)?,
        information_matrix_test: fit
            .information_matrix_test()
            .map_err(|error| error.to_string()),
        standard_errors,
        tests,
        model,
        fit,
    })
}
