//! Eigenvalues of a graded positive definite matrix, each to its own digits.

use faer::{Mat, Side};

/// Eigenvalues, ascending, and eigenvectors of D R D with R positive definite and a unit diagonal.
///
/// With R = LLᵀ the matrix is AᵀA for A = LᵀD, and one-sided Jacobi rotations make the columns of A
/// orthogonal: their squared lengths are the eigenvalues, with a relative error of the condition of
/// R times rounding, however far apart the entries of D are. `None` where R has no Cholesky factor.
/// Source: J. Demmel & K. Veselić, SIAM J. Matrix Anal. Appl. 13 (1992).
pub(super) fn graded_eigen(scaled: &Mat<f64>, scale: &[f64]) -> Option<(Vec<f64>, Mat<f64>)> {
    let size = scale.len();
    let factor = scaled.llt(Side::Lower).ok()?;
    let lower = factor.L();
    let mut columns = Mat::from_fn(size, size, |i, j| {
        if j >= i {
            lower[(j, i)] * scale[j]
        } else {
            0.0
        }
    });
    let mut vectors = Mat::<f64>::identity(size, size);
    for _ in 0..MOST_SWEEPS {
        let mut rotated = false;
        for p in 0..size {
            for q in p + 1..size {
                let dot = |i: usize, j: usize| -> f64 {
                    (0..size).map(|k| columns[(k, i)] * columns[(k, j)]).sum()
                };
                let (pp, qq, pq) = (dot(p, p), dot(q, q), dot(p, q));
                if pq.abs() <= f64::EPSILON * (pp * qq).sqrt() {
                    continue;
                }
                rotated = true;
                let zeta = (qq - pp) / (2.0 * pq);
                let tangent = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
                let cosine = tangent.hypot(1.0).recip();
                let sine = cosine * tangent;
                for matrix in [&mut columns, &mut vectors] {
                    for k in 0..size {
                        let (a, b) = (matrix[(k, p)], matrix[(k, q)]);
                        matrix[(k, p)] = cosine * a - sine * b;
                        matrix[(k, q)] = sine * a + cosine * b;
                    }
                }
            }
        }
        if !rotated {
            let mut order: Vec<(f64, usize)> = (0..size)
                .map(|j| ((0..size).map(|k| columns[(k, j)].powi(2)).sum(), j))
                .collect();
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
            let sorted = Mat::from_fn(size, size, |i, j| vectors[(i, order[j].1)]);
            return Some((order.into_iter().map(|(value, _)| value).collect(), sorted));
        }
    }
    None
}

/// Jacobi's sweeps converge quadratically; ten are many.
const MOST_SWEEPS: usize = 40;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The gamma information at shape 1e6 and rate 1, whose eigenvalues 24 digits away from each
    /// other in the product an ordinary solver loses: λ₁λ₂ = det and λ₁ + λ₂ = trace.
    #[test]
    fn small_eigenvalues_keep_their_digits() {
        // [[1 + e, −1], [−1, 1e6]] with e = 1e-6: det = 1e6 + 1 − 1 = 1e6, trace = 1e6 + 1 + e.
        let matrix: [[f64; 2]; 2] = [[1.0 + 1e-6, -1.0], [-1.0, 1e6]];
        let scale = [matrix[0][0].sqrt(), matrix[1][1].sqrt()];
        let scaled = Mat::from_fn(2, 2, |i, j| matrix[i][j] / scale[i] / scale[j]);
        let (values, vectors) = graded_eigen(&scaled, &scale).unwrap();
        let determinant = (1.0 + 1e-6) * 1e6 - 1.0;
        assert!((values[0] * values[1] / determinant - 1.0).abs() < 1e-14);
        assert!(((values[0] + values[1]) / (1e6 + 1.0 + 1e-6) - 1.0).abs() < 1e-14);
        for j in 0..2 {
            for i in 0..2 {
                let product = matrix[i][0] * vectors[(0, j)] + matrix[i][1] * vectors[(1, j)];
                let size = scale[i] * values[j].sqrt();
                assert!((product - values[j] * vectors[(i, j)]).abs() < 1e-13 * size);
            }
        }
        let diagonal = Mat::<f64>::identity(2, 2);
        let (values, _) = graded_eigen(&diagonal, &[1e-150, 1e100]).unwrap();
        assert_eq!(values, [1e-150 * 1e-150, 1e100 * 1e100]);
    }
}
