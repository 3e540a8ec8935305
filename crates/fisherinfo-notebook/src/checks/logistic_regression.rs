//! Checks of exercise 7.

use super::{logistic_log_likelihood, logistic_score};
use fisherinfo_notebook::solution::{Check, Findings, Inputs, SolutionError};
use fisherinfo_notebook::solutions::draws::{Row, are_published, of_exercise};

/// ‖empirical − Hessian‖ of the published draws.
pub const PUBLISHED_DISTANCE: f64 = 0.040_518_535_003_959_51;

/// Minus the second differences of the mean log-likelihood.
fn hessian_by_differences(rows: &[Row], w: [f64; 2]) -> Vec<Vec<f64>> {
    const STEP: f64 = 1e-3;
    let mean = |a: f64, b: f64| {
        let moved = [w[0] + a * STEP, w[1] + b * STEP];
        rows.iter()
            .map(|row| logistic_log_likelihood(row.x, row.y, moved))
            .sum::<f64>()
            / rows.len() as f64
    };
    let centre = mean(0.0, 0.0);
    let square = STEP * STEP;
    let first = -(mean(1.0, 0.0) - 2.0 * centre + mean(-1.0, 0.0)) / square;
    let second = -(mean(0.0, 1.0) - 2.0 * centre + mean(0.0, -1.0)) / square;
    let mixed =
        -(mean(1.0, 1.0) - mean(1.0, -1.0) - mean(-1.0, 1.0) + mean(-1.0, -1.0)) / (4.0 * square);
    vec![vec![first, mixed], vec![mixed, second]]
}

/// The mean outer product of scores by differences.
fn empirical_by_differences(rows: &[Row], w: [f64; 2]) -> Vec<Vec<f64>> {
    let mut sum = vec![vec![0.0; 2]; 2];
    for row in rows {
        let score = logistic_score(row.x, row.y, w);
        for i in 0..2 {
            for j in 0..2 {
                sum[i][j] += score[i] * score[j] / rows.len() as f64;
            }
        }
    }
    sum
}

/// Both matrices against differences of the log-likelihood, the distance against the published
/// one, the slope against the law of a mean.
///
/// # Errors
/// Findings that are missing.
pub fn checks(inputs: &Inputs, findings: &Findings) -> Result<Vec<Check>, SolutionError> {
    let w = inputs.pair("w1", "w2")?;
    let rows = of_exercise(7, inputs)?;
    let hessian = hessian_by_differences(&rows, w);
    let empirical = empirical_by_differences(&rows, w);
    let distance = (0..4)
        .map(|k| (empirical[k / 2][k % 2] - hessian[k / 2][k % 2]).powi(2))
        .sum::<f64>()
        .sqrt();
    let found = findings.number("distance")?;

    let mut checks = vec![
        Check::close_matrices(
            "the Hessian is the curvature of the mean negative log-likelihood",
            "second differences of it",
            findings.matrix("Hessian")?,
            &hessian,
            1e-5,
        ),
        Check::close_matrices(
            "the empirical Fisher is the mean outer product of scores",
            "scores by differences of the log-likelihood",
            findings.matrix("empirical Fisher")?,
            &empirical,
            1e-6,
        ),
        Check::near(
            "they differ by this much",
            "both matrices by differences",
            found,
            distance,
            1e-5,
        ),
        Check::near(
            "the difference falls like the error of a mean",
            "the central limit theorem",
            findings.number("slope")?,
            -0.5,
            0.15,
        ),
    ];
    if are_published(inputs) {
        checks.push(Check::close(
            "the distance is the published one",
            "NumPy on the same draws",
            found,
            PUBLISHED_DISTANCE,
            1e-12,
        ));
    }
    Ok(checks)
}
