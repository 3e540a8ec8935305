//! Matrices over dual numbers, row after row.

use crate::dual::Dual;

/// Sum of `left[i]`·`right[i]`.
pub(super) fn dot<D: Dual>(left: &[D], right: &[D]) -> D {
    left.iter()
        .zip(right)
        .fold(D::zero(), |sum, (x, y)| sum + *x * *y)
}

/// The product of a matrix with `inner` columns and one with `inner` rows and `columns` columns.
pub(super) fn product<D: Dual>(left: &[D], right: &[D], inner: usize, columns: usize) -> Vec<D> {
    if inner == 0 || columns == 0 {
        return Vec::new();
    }
    let mut result = vec![D::zero(); left.len() / inner * columns];
    for (row, sums) in left.chunks(inner).zip(result.chunks_mut(columns)) {
        for (x, others) in row.iter().zip(right.chunks(columns)) {
            for (sum, y) in sums.iter_mut().zip(others) {
                *sum += *x * *y;
            }
        }
    }
    result
}

/// The transpose of a matrix with so many columns.
pub(super) fn transpose<D: Copy>(entries: &[D], columns: usize) -> Vec<D> {
    (0..columns)
        .flat_map(|column| entries.iter().skip(column).step_by(columns))
        .copied()
        .collect()
}

/// The identity matrix.
pub(super) fn identity<D: Dual>(dimension: usize) -> Vec<D> {
    diagonal(&vec![D::one(); dimension])
}

/// The diagonal matrix of a vector.
pub(super) fn diagonal<D: Dual>(vector: &[D]) -> Vec<D> {
    let dimension = vector.len();
    let mut entries = vec![D::zero(); dimension * dimension];
    for (index, entry) in vector.iter().enumerate() {
        entries[index * (dimension + 1)] = *entry;
    }
    entries
}

/// A⁻¹B for a square A and a B with `columns` columns, and the determinant of A; by elimination
/// with row exchanges. Where A is singular, A⁻¹B is NaN.
///
/// On dual numbers the determinant of a singular matrix of order 3 or more is NaN, since its
/// derivative cannot be found this way.
pub(super) fn solve<D: Dual>(matrix: &[D], right: &[D], columns: usize) -> (Vec<D>, D) {
    let dimension = matrix.len().isqrt();
    let mut a = matrix.to_vec();
    let mut b = right.to_vec();
    let mut determinant = D::one();
    let singular = |b: Vec<D>| {
        let determinant = match *matrix {
            [a] => a,
            [a, b, c, d] => a * d - b * c,
            _ if D::NDERIV == 0 => D::zero(),
            _ => D::from(f64::NAN),
        };
        (vec![D::from(f64::NAN); b.len()], determinant)
    };
    for pivot in 0..dimension {
        let size = |row: usize| a[row * dimension + pivot].re().abs();
        let largest = (pivot + 1..dimension).fold(pivot, |largest, row| {
            if size(row) > size(largest) {
                row
            } else {
                largest
            }
        });
        if size(largest) == 0.0 {
            return singular(b);
        }
        if largest != pivot {
            determinant = -determinant;
            for column in 0..dimension {
                a.swap(pivot * dimension + column, largest * dimension + column);
            }
            for column in 0..columns {
                b.swap(pivot * columns + column, largest * columns + column);
            }
        }
        let divisor = a[pivot * dimension + pivot];
        determinant *= divisor;
        for row in pivot + 1..dimension {
            let factor = a[row * dimension + pivot] / divisor;
            for column in pivot + 1..dimension {
                let above = a[pivot * dimension + column];
                a[row * dimension + column] -= factor * above;
            }
            for column in 0..columns {
                let above = b[pivot * columns + column];
                b[row * columns + column] -= factor * above;
            }
        }
    }
    for row in (0..dimension).rev() {
        for column in 0..columns {
            let mut entry = b[row * columns + column];
            for known in row + 1..dimension {
                entry -= a[row * dimension + known] * b[known * columns + column];
            }
            b[row * columns + column] = entry / a[row * dimension + row];
        }
    }
    (b, determinant)
}
