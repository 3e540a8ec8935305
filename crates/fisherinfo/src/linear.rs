//! Small dense linear algebra over dual numbers, where a matrix library over `f64` cannot go.

use crate::dual::Dual;

/// Entries of a symmetric d × d matrix: d(d + 1)/2.
pub(crate) fn triangle(dimension: usize) -> usize {
    dimension * (dimension + 1) / 2
}

/// The index of entry (row, column), row ≥ column, in the lower triangle stored by columns (the
/// order of the half-vectorisation vech).
pub(crate) fn half_index(row: usize, column: usize, dimension: usize) -> usize {
    let (row, column) = if row >= column {
        (row, column)
    } else {
        (column, row)
    };
    column * dimension - column * (column + 1) / 2 + row
}

/// The lower Cholesky factor of a symmetric matrix, both as lower triangles stored by columns.
///
/// # Errors
/// The order of the first leading minor that is not positive.
pub(crate) fn cholesky<D: Dual>(matrix: &[D], dimension: usize) -> Result<Vec<D>, usize> {
    let at = |row, column| half_index(row, column, dimension);
    let mut factor = matrix.to_vec();
    for column in 0..dimension {
        let mut pivot = factor[at(column, column)];
        for k in 0..column {
            pivot -= factor[at(column, k)] * factor[at(column, k)];
        }
        let positive = pivot.re() > 0.0 && pivot.re().is_finite();
        if !positive {
            return Err(column + 1);
        }
        let root = pivot.sqrt();
        factor[at(column, column)] = root;
        for row in column + 1..dimension {
            let mut entry = factor[at(row, column)];
            for k in 0..column {
                entry -= factor[at(row, k)] * factor[at(column, k)];
            }
            factor[at(row, column)] = entry / root;
        }
    }
    Ok(factor)
}

/// L⁻¹ b for a lower factor stored by columns, in place.
pub(crate) fn forward_substitute<D: Dual>(factor: &[D], b: &mut [D]) {
    let dimension = b.len();
    for row in 0..dimension {
        for column in 0..row {
            let known = b[column];
            b[row] -= factor[half_index(row, column, dimension)] * known;
        }
        b[row] /= factor[half_index(row, row, dimension)];
    }
}

/// L⁻ᵀ b for a lower factor stored by columns, in place.
pub(crate) fn backward_substitute<D: Dual>(factor: &[D], b: &mut [D]) {
    let dimension = b.len();
    for row in (0..dimension).rev() {
        for below in row + 1..dimension {
            let known = b[below];
            b[row] -= factor[half_index(below, row, dimension)] * known;
        }
        b[row] /= factor[half_index(row, row, dimension)];
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn cholesky_multiplies_back_and_names_the_failing_minor() {
        let matrix = [4.0, 2.0, -1.0, 3.0, 0.5, 5.0];
        let factor: Vec<f64> = cholesky(&matrix, 3).unwrap();
        for row in 0..3 {
            for column in 0..=row {
                let product: f64 = (0..=column)
                    .map(|k| factor[half_index(row, k, 3)] * factor[half_index(column, k, 3)])
                    .sum();
                assert!((product - matrix[half_index(row, column, 3)]).abs() < 1e-14);
            }
        }
        let mut b = [2.0, 3.0, -1.0];
        forward_substitute(&factor, &mut b);
        let back: f64 = factor[half_index(2, 0, 3)] * b[0]
            + factor[half_index(2, 1, 3)] * b[1]
            + factor[half_index(2, 2, 3)] * b[2];
        assert!((back + 1.0).abs() < 1e-14);
        // Both substitutions solve A x = b: here A x is (2, 3, −1) again.
        backward_substitute(&factor, &mut b);
        let product =
            |row: usize| -> f64 { (0..3).map(|k| matrix[half_index(row, k, 3)] * b[k]).sum() };
        for (row, wanted) in [2.0, 3.0, -1.0].into_iter().enumerate() {
            assert!((product(row) - wanted).abs() < 1e-13);
        }
        assert_eq!(cholesky(&[1.0, 2.0, 1.0], 2), Err(2));
    }
}
