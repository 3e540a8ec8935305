//! Checks of exercise 1.

use super::{difference, mean_curvature, step_inside};
use fisherinfo::family::{Bernoulli, Model};
use fisherinfo_notebook::solution::{Check, Findings, Inputs, SolutionError};

/// Scores against differences, the information against the mean curvature, its shape against
/// values on both sides.
///
/// # Errors
/// Findings that are missing, or at which the model is not defined.
pub fn checks(inputs: &Inputs, findings: &Findings) -> Result<Vec<Check>, SolutionError> {
    let p = inputs.number("p")?;
    let slope = |x: f64| difference(|p| Bernoulli.log_density(&[p], &[x]), p, step_inside(p));
    let success = findings.number("score of a success")?;
    let failure = findings.number("score of a failure")?;
    let information = findings.number("information")?;
    let differences = "central differences of the log-density";

    let flattest = findings.number("least informative p")?;
    let (left, right) = (
        mean_curvature(&Bernoulli, flattest - 0.1)?,
        mean_curvature(&Bernoulli, flattest + 0.1)?,
    );
    // In log-odds the information is the variance of the outcome itself.
    let peak = findings.number("most informative p for the log-odds")?;
    let variance = |p: f64| p * (1.0 - p).powi(2) + (1.0 - p) * p.powi(2);
    let growth = |near: f64, nearer: f64| -> Result<f64, SolutionError> {
        let ratio = mean_curvature(&Bernoulli, nearer)? / mean_curvature(&Bernoulli, near)?;
        Ok(ratio.log10() / 2.0)
    };

    Ok(vec![
        Check::close(
            "the score of a success is the slope of its log-probability",
            differences,
            success,
            slope(1.0),
            1e-6,
        ),
        Check::close(
            "the score of a failure is the slope of its log-probability",
            differences,
            failure,
            slope(0.0),
            1e-6,
        ),
        Check::near(
            "the score has the mean zero",
            "weighing both outcomes",
            p * success + (1.0 - p) * failure,
            0.0,
            1e-10,
        ),
        Check::close(
            "the information is the mean curvature",
            "summing −∂² log f over both outcomes",
            information,
            mean_curvature(&Bernoulli, p)?,
            1e-10,
        ),
        Check::close(
            "the information is the mean squared score",
            "weighing both squared scores",
            information,
            p * success.powi(2) + (1.0 - p) * failure.powi(2),
            1e-10,
        ),
        Check::holds(
            "the information about p is least there",
            "the mean curvature on both sides",
            mean_curvature(&Bernoulli, flattest)? < left.min(right)
                && (left / right - 1.0).abs() < 1e-9,
            format!(
                "{left} at {:.4}, {right} at {:.4}",
                flattest - 0.1,
                flattest + 0.1
            ),
        ),
        Check::close(
            "the least information is that of the least informative coin",
            "the mean curvature",
            findings.number("least information")?,
            mean_curvature(&Bernoulli, flattest)?,
            1e-10,
        ),
        Check::near(
            "it grows without bound toward 0",
            "the mean curvature at 10⁻³ and 10⁻⁵",
            findings.number("growth toward 0")?,
            growth(1e-3, 1e-5)?,
            1e-3,
        ),
        Check::near(
            "it grows without bound toward 1",
            "the mean curvature at 1 − 10⁻³ and 1 − 10⁻⁵",
            findings.number("growth toward 1")?,
            growth(1.0 - 1e-3, 1.0 - 1e-5)?,
            1e-3,
        ),
        Check::holds(
            "the information about the log-odds is most there",
            "the variance of the outcome on both sides",
            variance(peak) > variance(peak - 0.1)
                && (variance(peak - 0.1) / variance(peak + 0.1) - 1.0).abs() < 1e-9,
            format!(
                "{} at {:.4}, {} at {:.4}",
                variance(peak - 0.1),
                peak - 0.1,
                variance(peak + 0.1),
                peak + 0.1
            ),
        ),
        Check::close(
            "the most information about the log-odds is the variance of that coin",
            "the variance of the outcome",
            findings.number("most information about the log-odds")?,
            variance(peak),
            1e-10,
        ),
    ])
}
