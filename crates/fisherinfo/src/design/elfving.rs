//! c-optimal weights, as a linear program.
//!
//! The smallest variance of cᵀθ̂ is (min Σ|βᵢ|)² over all β with Σ βᵢaᵢ = c, and the weights are
//! |βᵢ|/Σ|βⱼ|; its dual, the largest cᵀz with |aᵢᵀz| ≤ 1 for all i, is the certificate. Source:
//! G. Elfving, Ann. Math. Statist. 23 (1952). Solved by the simplex method, whose first basis any k
//! independent rows are, with the signs that make β ≥ 0.

use super::DesignError;
use faer::{Mat, linalg::solvers::Solve};

/// Rows that violate their bound by less than this are within it.
const TOLERANCE: f64 = 1e-12;
/// Steps in a row without progress after which the first violation is taken instead of the largest,
/// by which no cycle is possible (Bland's rule).
const PATIENCE: usize = 50;

pub(super) struct Solution {
    pub(super) weights: Vec<f64>,
    /// z with max |aᵢᵀz| = 1.
    pub(super) dual: Vec<f64>,
}

/// # Errors
/// Rows that do not span; the limit of steps.
pub(super) fn solve(
    rows: &[&[f64]],
    combination: &[f64],
    most_steps: usize,
    steps: &mut usize,
) -> Result<Solution, DesignError> {
    let size = combination.len();
    let mut basis = first_basis(rows, size)?;
    let mut last = f64::INFINITY;
    let mut idle = 0;
    loop {
        let matrix = Mat::from_fn(size, size, |i, j| rows[basis[j]][i]);
        let factor = matrix.partial_piv_lu();
        let right = Mat::from_fn(size, 1, |i, _| combination[i]);
        let beta = factor.solve(&right);
        let sign = |j: usize| if beta[(j, 0)] < 0.0 { -1.0 } else { 1.0 };
        let signs = Mat::from_fn(size, 1, |j, _| sign(j));
        let z = matrix.transpose().partial_piv_lu().solve(&signs);
        let z: Vec<f64> = (0..size).map(|i| z[(i, 0)]).collect();
        let total: f64 = (0..size).map(|j| beta[(j, 0)].abs()).sum();
        let at = |row: &[f64]| -> f64 { row.iter().zip(&z).map(|(a, z)| a * z).sum() };
        idle = if total < last * (1.0 - 1e-14) {
            0
        } else {
            idle + 1
        };
        last = total;
        let violations = rows
            .iter()
            .enumerate()
            .filter(|(i, _)| !basis.contains(i))
            .map(|(i, row)| (i, at(row)))
            .filter(|(_, value)| value.abs() > 1.0 + TOLERANCE);
        let entering = if idle > PATIENCE {
            violations.min_by_key(|(i, _)| *i)
        } else {
            violations.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
        };
        let Some((entering, value)) = entering else {
            let mut weights = vec![0.0; rows.len()];
            for (j, row) in basis.iter().enumerate() {
                weights[*row] = beta[(j, 0)].abs() / total;
            }
            return Ok(Solution { weights, dual: z });
        };
        *steps += 1;
        if *steps > most_steps {
            let most = rows.iter().map(|row| at(row).abs()).fold(1.0, f64::max);
            return Err(DesignError::NotConverged {
                steps: *steps,
                efficiency: most.recip().powi(2),
            });
        }
        // The entering row, with its sign, in terms of the basis with its signs.
        let right = Mat::from_fn(size, 1, |i, _| value.signum() * rows[entering][i]);
        let parts = factor.solve(&right);
        let leaving = (0..size)
            .filter_map(|j| {
                let part = sign(j) * parts[(j, 0)];
                (part > 1e-11).then(|| (beta[(j, 0)].abs() / part, basis[j], j))
            })
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let Some((_, _, leaving)) = leaving else {
            return Err(DesignError::NotEstimable);
        };
        basis[leaving] = entering;
    }
}

/// k independent rows, each the one farthest from the span of those before.
fn first_basis(rows: &[&[f64]], size: usize) -> Result<Vec<usize>, DesignError> {
    let mut left: Vec<Vec<f64>> = rows.iter().map(|row| row.to_vec()).collect();
    let mut basis = Vec::with_capacity(size);
    let square = |row: &[f64]| row.iter().map(|v| v * v).sum::<f64>();
    for _ in 0..size {
        let Some(farthest) =
            (0..left.len()).max_by(|&a, &b| square(&left[a]).total_cmp(&square(&left[b])))
        else {
            return Err(DesignError::NoCandidates);
        };
        let norm = square(&left[farthest]).sqrt();
        if norm == 0.0 {
            return Err(DesignError::NotEstimable);
        }
        let direction: Vec<f64> = left[farthest].iter().map(|v| v / norm).collect();
        for row in &mut left {
            let along: f64 = row.iter().zip(&direction).map(|(a, b)| a * b).sum();
            for (value, part) in row.iter_mut().zip(&direction) {
                *value -= along * part;
            }
        }
        left[farthest].fill(0.0);
        basis.push(farthest);
    }
    Ok(basis)
}
