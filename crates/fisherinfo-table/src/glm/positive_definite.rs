//! Solving with an information matrix, whose entries differ by the squares of the columns' units.

use faer::{Mat, Side, linalg::solvers::Solve};

/// A⁻¹b for a positive definite matrix, scaled to a unit diagonal first; none if it is not one.
pub(super) fn solve(matrix: &Mat<f64>, right_hand_side: &[f64]) -> Option<Vec<f64>> {
    let (scale, scaled) = unit_diagonal(matrix)?;
    let factor = scaled.llt(Side::Lower).ok()?;
    let b = Mat::from_fn(scale.len(), 1, |i, _| right_hand_side[i] / scale[i]);
    let x = factor.solve(&b);
    let solution: Vec<f64> = (0..scale.len()).map(|i| x[(i, 0)] / scale[i]).collect();
    solution.iter().all(|x| x.is_finite()).then_some(solution)
}

/// W with W·Wᵀ = A⁻¹, for a positive definite matrix; none if it is not one.
pub(super) fn inverse_root(matrix: &Mat<f64>) -> Option<Mat<f64>> {
    let (scale, scaled) = unit_diagonal(matrix)?;
    let factor = scaled.llt(Side::Lower).ok()?;
    let lower = factor.L();
    let upper = Mat::from_fn(scale.len(), scale.len(), |i, j| lower[(j, i)]);
    let inverse = super::collinear::inverse_upper(&upper);
    let root = Mat::from_fn(scale.len(), scale.len(), |i, j| inverse[(i, j)] / scale[i]);
    let finite = (0..scale.len()).all(|i| (0..scale.len()).all(|j| root[(i, j)].is_finite()));
    finite.then_some(root)
}

fn unit_diagonal(matrix: &Mat<f64>) -> Option<(Vec<f64>, Mat<f64>)> {
    let size = matrix.nrows();
    let scale: Vec<f64> = (0..size).map(|i| matrix[(i, i)].sqrt()).collect();
    // A zero or negative entry of the diagonal, and NaN.
    if !scale.iter().all(|s| *s > 0.0 && s.is_finite()) {
        return None;
    }
    let scaled = Mat::from_fn(size, size, |i, j| matrix[(i, j)] / scale[i] / scale[j]);
    Some((scale, scaled))
}
