use super::{CompensatedSum, Expectation, ExpectationError, Problem, Route};
use faer::{Mat, Side};

/// Nodes per axis of the finer and the coarser rule, exact for polynomials of degree 2m − 1.
const FINE: usize = 6;
const COARSE: usize = 4;
const MOST_NODES: usize = 10_000;

/// Tensor Gauss–Hermite cubature in the family's normal frame: x = mean + L z with z standard
/// normal, every node weighted by f(x)·det L / φ(z). The error is the difference to a coarser
/// rule, and rounding.
pub(super) fn over_space(
    problem: &Problem<'_>,
    dimension: usize,
) -> Result<Expectation, ExpectationError> {
    let Some((mean, factor)) = problem.model.normal_frame(problem.theta) else {
        return Err(problem.no_route("it names no normal frame for cubature"));
    };
    if (FINE as f64).powi(dimension as i32) > MOST_NODES.min(problem.budget) as f64 {
        return Err(problem.no_route(format!(
            "a tensor rule in {dimension} dimensions is too large"
        )));
    }
    let fine = tensor(problem, &mean, &factor, FINE)?;
    let coarse = tensor(problem, &mean, &factor, COARSE)?;
    let value = fine.value();
    // The density of a flat frame is a difference of large numbers: by the largest ratio of a
    // variance to what is left of it given the coordinates before.
    let condition: f64 = (0..dimension)
        .map(|row| {
            let variance: f64 = (0..=row).map(|column| factor[(row, column)].powi(2)).sum();
            // A mean many deviations from zero is rounded by as many ε.
            let offset = (mean[row] / factor[(row, row)]).abs();
            variance / factor[(row, row)].powi(2) * (1.0 + offset)
        })
        .sum();
    let error = value
        .iter()
        .zip(coarse.value())
        .zip(fine.rounding(condition + problem.log_scale(0.0)))
        .map(|((a, b), rounding)| (a - b).abs() + rounding)
        .collect();
    Ok(Expectation {
        value,
        error,
        route: Route::Cubature {
            nodes: FINE.pow(dimension as u32),
        },
    })
}

fn tensor(
    problem: &Problem<'_>,
    mean: &[f64],
    factor: &Mat<f64>,
    points: usize,
) -> Result<CompensatedSum, ExpectationError> {
    let dimension = mean.len();
    let rule = gauss_hermite(points)
        .ok_or_else(|| problem.no_route("the nodes of the Gauss–Hermite rule did not converge"))?;
    let log_volume: f64 = (0..dimension).map(|i| factor[(i, i)].ln()).sum();
    let mut sum = CompensatedSum::new(problem.width);
    let mut out = vec![0.0; problem.width];
    let mut index = vec![0; dimension];
    loop {
        let mut x = mean.to_vec();
        let mut log_weight = log_volume;
        for (column, &at) in index.iter().enumerate() {
            let (z, weight) = rule[at];
            // The rule integrates against φ, so φ is divided out of the density.
            log_weight += weight.ln() + 0.5 * (z * z + std::f64::consts::TAU.ln());
            for row in column..dimension {
                x[row] += factor[(row, column)] * z;
            }
        }
        problem.weighted(&x, log_weight, &mut out)?;
        sum.add(&out);
        let Some(axis) = index.iter().position(|&at| at + 1 < points) else {
            return Ok(sum);
        };
        index[axis] += 1;
        index[..axis].fill(0);
    }
}

/// Nodes and weights of the Gauss rule for the standard normal density: eigenvalues of the
/// Jacobi matrix of the Hermite polynomials, and squared first components of its eigenvectors
/// (Golub & Welsch 1969).
fn gauss_hermite(points: usize) -> Option<Vec<(f64, f64)>> {
    let jacobi = Mat::from_fn(points, points, |i, j| {
        if i.abs_diff(j) == 1 {
            (i.max(j) as f64).sqrt()
        } else {
            0.0
        }
    });
    let eigen = jacobi.self_adjoint_eigen(Side::Lower).ok()?;
    let nodes = eigen.S().column_vector();
    Some(
        (0..points)
            .map(|i| (nodes[i], eigen.U()[(0, i)].powi(2)))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_rule_has_the_moments_of_the_normal_distribution() {
        let rule = gauss_hermite(6).unwrap();
        for (power, moment) in [
            (0, 1.0),
            (1, 0.0),
            (2, 1.0),
            (4, 3.0),
            (6, 15.0),
            (10, 945.0),
        ] {
            let sum: f64 = rule.iter().map(|(z, w)| w * z.powi(power)).sum();
            assert!(
                (sum - moment).abs() < 1e-12 * moment.max(1.0),
                "E[z^{power}]"
            );
        }
        let beyond: f64 = rule.iter().map(|(z, w)| w * z.powi(12)).sum();
        assert!(
            (beyond - 10_395.0).abs() > 1.0,
            "degree 12 is past a 6-point rule"
        );
    }
}
