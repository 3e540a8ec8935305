//! Checks of exercise 2.

use super::mean_curvature;
use fisherinfo::estimate::SampleInformation;
use fisherinfo::family::NormalLocation;
use fisherinfo_notebook::solution::{Check, Findings, Inputs, SolutionError};

/// One observation against quadrature, all of them against the curvature of a likelihood and the
/// simulated variance of its score.
///
/// # Errors
/// Findings that are missing.
pub fn checks(inputs: &Inputs, findings: &Findings) -> Result<Vec<Check>, SolutionError> {
    let n = inputs.count("n")?;
    let model = NormalLocation {
        sigma: inputs.number("sigma2")?.sqrt(),
    };
    let one = findings.number("information of one")?;
    let all = findings.number("information of all")?;
    let variance = findings.number("variance of the total score")?;
    let error = findings.number("its standard error")?;
    let smallest = findings.number("smallest standard error")?;

    // A likelihood of n observations, whatever they are, curves by I_n for this model.
    let curvature_of = |n: usize| -> Result<f64, SolutionError> {
        let rows: Vec<[f64; 1]> = (0..n).map(|i| [(i as f64 * 0.7).sin()]).collect();
        Ok(SampleInformation::from_rows(&model, &[0.3], &rows)?
            .observed
            .matrix()[(0, 0)])
    };
    let mut checks = vec![
        Check::close(
            "one observation has I = 1/σ²",
            "quadrature of −∂² log f",
            one,
            mean_curvature(&model, 0.0)?,
            1e-8,
        ),
        Check::close(
            "the information of all is the curvature of their log-likelihood",
            "second derivatives of a sample's log-likelihood",
            all,
            curvature_of(n)?,
            1e-9,
        ),
        Check::near(
            "the total score varies by the information of all",
            "simulation, within six standard errors",
            variance,
            all,
            6.0 * error,
        ),
        // A squared Gaussian with variance v has the variance 2v².
        Check::close(
            "the standard error is that of a mean of squared Gaussians",
            "the fourth moment of a Gaussian",
            error,
            curvature_of(n)? * (2.0 / inputs.number("samples")?).sqrt(),
            0.4,
        ),
        Check::close(
            "the bound is the standard deviation of a mean",
            "adding variances of independent observations",
            smallest,
            (0..n)
                .map(|_| inputs.number("sigma2").map(|v| v / (n * n) as f64))
                .sum::<Result<f64, _>>()?
                .sqrt(),
            1e-9,
        ),
    ];
    for other in [2 * n, 3 * n + 1] {
        checks.push(Check::close(
            &format!("{other} observations have {other} times the information of one"),
            "second derivatives of a sample's log-likelihood",
            other as f64 * one,
            curvature_of(other)?,
            1e-9,
        ));
    }
    Ok(checks)
}
