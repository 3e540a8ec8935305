//! Exercise 7: a logistic regression: the outer products of its scores against its Hessian.

use faer::Mat;
use fisherinfo::family::{Bernoulli, Model};
use fisherinfo::information::{Estimator, Information, Provenance, Route};
use fisherinfo::special::logistic;
use fisherinfo_notebook::solution::{Findings, Inputs, SolutionError};
use fisherinfo_notebook::solutions::draws::{Row, draw, of_exercise};

/// Hessian of the mean negative log-likelihood and empirical Fisher, both averages over the rows.
///
/// The map is p = logistic(x·w), with the Jacobian J = dp/dw = p(1 − p) xᵀ.
pub fn informations(
    rows: &[Row],
    w: [f64; 2],
) -> Result<(Information, Information), SolutionError> {
    let mut hessian = Mat::zeros(2, 2);
    let mut empirical = Mat::zeros(2, 2);
    let n = rows.len() as f64;
    for Row { x, y } in rows {
        let p = logistic(x[0] * w[0] + x[1] * w[1]);
        let jacobian = [p * (1.0 - p) * x[0], p * (1.0 - p) * x[1]];
        // In p, one label has this information on average over labels, and this score as it fell.
        let expected = 1.0 / (p * (1.0 - p));
        let score = Bernoulli.score(&[p], &[*y])[0];
        for i in 0..2 {
            for j in 0..2 {
                hessian[(i, j)] += jacobian[i] * expected * jacobian[j] / n;
                empirical[(i, j)] += jacobian[i] * score * score * jacobian[j] / n;
            }
        }
    }
    let labelled = |matrix: Mat<f64>, estimator: Estimator| {
        Information::new(
            matrix,
            &["w1", "w2"],
            Provenance::exact(estimator, Route::Data),
        )?
        .at(&w)
    };
    Ok((
        labelled(hessian, Estimator::Expected)?,
        labelled(empirical, Estimator::Empirical)?,
    ))
}

/// ‖empirical − Hessian‖ in the Frobenius norm.
fn distance(rows: &[Row], w: [f64; 2]) -> Result<f64, SolutionError> {
    let (hessian, empirical) = informations(rows, w)?;
    Ok((empirical.matrix() - hessian.matrix()).norm_l2())
}

/// Sizes of the samples on which the fall of the difference is read.
pub const SIZES: [usize; 6] = [50, 100, 200, 400, 800, 1600];

/// Root mean square of the difference at each size, over fresh samples.
pub fn differences(w: [f64; 2], repeats: usize, seed: u64) -> Result<Vec<f64>, SolutionError> {
    let mut result = Vec::new();
    for (place, size) in SIZES.into_iter().enumerate() {
        let mut sum = 0.0;
        for repeat in 0..repeats {
            // Every sample has a stream of random numbers of its own.
            let stream = 1 + (place * repeats + repeat) as u64;
            sum += distance(&draw(size, w, seed, stream)?, w)?.powi(2);
        }
        result.push((sum / repeats as f64).sqrt());
    }
    Ok(result)
}

/// The slope of ln y on ln x by least squares.
fn logarithmic_slope(x: &[usize], y: &[f64]) -> f64 {
    let x: Vec<f64> = x.iter().map(|x| (*x as f64).ln()).collect();
    let y: Vec<f64> = y.iter().map(|y| y.ln()).collect();
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let (mean_x, mean_y) = (mean(&x), mean(&y));
    let products: f64 = x
        .iter()
        .zip(&y)
        .map(|(a, b)| (a - mean_x) * (b - mean_y))
        .sum();
    products / x.iter().map(|a| (a - mean_x).powi(2)).sum::<f64>()
}

/// Both matrices, how far apart they are, and how that falls as n grows.
pub fn solve(inputs: &Inputs) -> Result<Findings, SolutionError> {
    let w = inputs.pair("w1", "w2")?;
    let rows = of_exercise(7, inputs)?;
    let (hessian, empirical) = informations(&rows, w)?;

    let differences = differences(w, inputs.count("repeats")?, inputs.count("seed")? as u64)?;
    let slope = logarithmic_slope(&SIZES, &differences);

    Ok(Findings::new()
        .with(
            "Hessian",
            hessian.matrix(),
            "of the mean negative log-likelihood at w",
        )
        .with(
            "empirical Fisher",
            empirical.matrix(),
            "the mean outer product of the scores at w",
        )
        .with(
            "distance",
            distance(&rows, w)?,
            "‖empirical − Hessian‖ in the Frobenius norm",
        )
        .with(
            "slope",
            slope,
            "of ln distance on ln n, over fresh samples: −½ is the law of a mean",
        ))
}
