//! Rank and condition of a design.

use super::{
    chunk::{Chunk, Chunks},
    elsewhere::Task,
    error::GlmError,
    kernel::ROWS,
    wide::WIDE,
};
use crate::sums::Additive;
use crate::wire::Wire;
use faer::{
    Mat, Par, Side,
    linalg::{solvers::Solve, triangular_inverse::invert_upper_triangular},
};

/// Largest over smallest eigenvalue of Σ z zᵀ up to which its Cholesky decomposition is good for
/// ten digits of a standard error. Beyond it the columns are orthogonalised by QR.
pub(super) const WELL_CONDITIONED: f64 = 1e6;

/// A column of which less than this is left after its combination of those before it is none of
/// its own.
const DEPENDENT: f64 = 1e-11;

/// Ratio of the extreme eigenvalues of a positive matrix scaled to a unit diagonal; ∞ when it is
/// not positive definite to rounding.
pub(super) fn condition(matrix: &Mat<f64>) -> f64 {
    let size = matrix.nrows();
    let scaled = Mat::from_fn(size, size, |i, j| {
        matrix[(i, j)] / (matrix[(i, i)] * matrix[(j, j)]).sqrt()
    });
    if (0..size).any(|i| (0..size).any(|j| !scaled[(i, j)].is_finite())) {
        return f64::INFINITY;
    }
    if size >= WIDE {
        return condition_by_iteration(&scaled);
    }
    match scaled.self_adjoint_eigenvalues(Side::Lower) {
        Ok(values) => match (values.first(), values.last()) {
            (Some(&least), Some(&most)) if least > 0.0 => most / least,
            (None, _) => 1.0,
            _ => f64::INFINITY,
        },
        Err(_) => f64::INFINITY,
    }
}

/// Steps of an iteration towards an extreme eigenvalue, which is then known to a few per cent: what it
/// is held against are powers of ten.
const STEPS: usize = 30;

/// The same of a large matrix, from its Cholesky decomposition and the power method at both ends.
fn condition_by_iteration(scaled: &Mat<f64>) -> f64 {
    let size = scaled.nrows();
    let Ok(factor) = scaled.llt(Side::Lower) else {
        return f64::INFINITY;
    };
    // A start that no structure of a design is likely to be orthogonal to.
    let start = || {
        let entry = |i: usize| ((i as f64 + 1.0) * 0.754_877_666_246_692_7).fract() - 0.37;
        Mat::from_fn(size, 1, |i, _| entry(i))
    };
    let largest = |step: &dyn Fn(&Mat<f64>) -> Mat<f64>| {
        let mut vector = start();
        let mut value = 0.0;
        for _ in 0..STEPS {
            let length = vector.norm_l2();
            vector = step(&(faer::Scale(length.recip()) * &vector));
            value = vector.norm_l2();
        }
        value
    };
    let most = largest(&|vector| scaled * vector);
    let inverse_of_least = largest(&|vector| factor.solve(vector));
    let condition = most * inverse_of_least;
    if condition.is_finite() {
        condition
    } else {
        f64::INFINITY
    }
}

/// R of the QR decomposition of the stored columns: of each chunk by itself, then of the factors
/// stacked two by two by the tree of the chunks.
///
/// Source: Demmel, Grigori, Hoemmen & Langou, Communication-optimal parallel and sequential QR and
/// LU factorizations, SIAM J. Sci. Comput. 34 (2012).
pub(super) fn triangular_factor(chunks: Chunks<'_>) -> Result<Mat<f64>, GlmError> {
    let width = chunks.width();
    let sums = chunks.sum(
        "orthogonal columns",
        || Task::Factor,
        |chunk| Ok(triangle_of(chunk)),
    )?;
    let factor = sums.map_or_else(|| Mat::zeros(0, width), |triangle| triangle.0);
    Ok(Mat::from_fn(width, width, |i, j| {
        if i <= j && i < factor.nrows() {
            factor[(i, j)]
        } else {
            0.0
        }
    }))
}

/// R of some rows.
#[derive(Clone, Debug)]
pub(crate) struct Triangle(Mat<f64>);

/// R of the rows of a chunk.
pub(super) fn triangle_of(chunk: &Chunk<'_>) -> Triangle {
    Triangle(upper_factor(&Mat::from_fn(
        chunk.rows,
        chunk.width(),
        |i, j| chunk.block(i / ROWS)[j * ROWS + i % ROWS],
    )))
}

impl Additive for Triangle {
    fn add(&mut self, later: Self) {
        let (above, below) = (&self.0, later.0);
        let split = above.nrows();
        let rows = split + below.nrows();
        self.0 = upper_factor(&Mat::from_fn(rows, above.ncols(), |i, j| {
            if i < split {
                above[(i, j)]
            } else {
                below[(i - split, j)]
            }
        }));
    }
}

impl Wire for Triangle {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Wire::read(bytes).map(Self)
    }
}

fn upper_factor(matrix: &Mat<f64>) -> Mat<f64> {
    matrix.qr().thin_R().to_owned()
}

/// A column that is a combination of those before it: z_column = Σ weightsᵢ zᵢ, with no weight on
/// columns that are combinations themselves.
pub(super) struct Dependence {
    pub(super) column: usize,
    pub(super) weights: Vec<f64>,
}

/// The dependent columns, in their order. `offsets` are the largest sizes of the columns as they were
/// given, in the same units: a column far from zero carries the rounding of its size.
pub(super) fn dependences(factor: &Mat<f64>, offsets: &[f64]) -> Vec<Dependence> {
    let width = factor.ncols();
    let mut factor = factor.to_owned();
    let (mut found, mut kept) = (Vec::new(), Vec::with_capacity(width));
    for column in 0..width {
        // What is left of the column beside those kept: its entries from this row on.
        let row = kept.len();
        for below in (row + 1..=column).rev() {
            rotate(&mut factor, below, column);
        }
        let norm = (0..=row)
            .map(|i| factor[(i, column)].powi(2))
            .sum::<f64>()
            .sqrt();
        let weights = solve_upper(&factor, &kept, column);
        let rounding: f64 = offsets[column]
            + kept
                .iter()
                .zip(&weights)
                .map(|(&j, weight): (&usize, _)| (weight * offsets[j]).abs())
                .sum::<f64>();
        let left = factor[(row, column)].abs();
        if left > norm * DEPENDENT.max(2.0 * f64::EPSILON * rounding) {
            kept.push(column);
            continue;
        }
        let mut of_all = vec![0.0; width];
        for (&j, weight) in kept.iter().zip(weights) {
            of_all[j] = weight;
        }
        found.push(Dependence {
            column,
            weights: of_all,
        });
    }
    found
}

/// Turns a row and the one above it, of the columns from `column` on, so that the row's entry there
/// becomes zero.
fn rotate(matrix: &mut Mat<f64>, row: usize, column: usize) {
    let (above, entry) = (matrix[(row - 1, column)], matrix[(row, column)]);
    if entry == 0.0 {
        return;
    }
    let length = above.hypot(entry);
    let (cosine, sine) = (above / length, entry / length);
    for j in column..matrix.ncols() {
        let (a, b) = (matrix[(row - 1, j)], matrix[(row, j)]);
        matrix[(row - 1, j)] = cosine * a + sine * b;
        matrix[(row, j)] = cosine * b - sine * a;
    }
    matrix[(row, column)] = 0.0;
}

/// a with R·a = r, of the columns `kept`, the i-th of which ends in row i, and `column`.
fn solve_upper(factor: &Mat<f64>, kept: &[usize], column: usize) -> Vec<f64> {
    let size = kept.len();
    let mut solution: Vec<f64> = (0..size).map(|i| factor[(i, column)]).collect();
    for i in (0..size).rev() {
        solution[i] /= factor[(i, kept[i])];
        for above in 0..i {
            solution[above] -= factor[(above, kept[i])] * solution[i];
        }
    }
    solution
}

/// R⁻¹ of an upper triangular matrix.
pub(super) fn inverse_upper(factor: &Mat<f64>) -> Mat<f64> {
    let size = factor.ncols();
    let mut inverse = Mat::zeros(size, size);
    if size >= WIDE {
        invert_upper_triangular(inverse.as_mut(), factor.as_ref(), Par::Seq);
        return inverse;
    }
    for column in 0..size {
        for i in (0..=column).rev() {
            let mut sum = if i == column { 1.0 } else { 0.0 };
            for k in i + 1..=column {
                sum -= factor[(i, k)] * inverse[(k, column)];
            }
            inverse[(i, column)] = sum / factor[(i, i)];
        }
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::{WIDE, condition, condition_by_iteration, dependences, inverse_upper};
    use faer::Mat;

    /// A matrix whose eigenvalues are known: 1 + a(n − 1) once, and 1 − a.
    #[test]
    fn the_condition_of_a_large_matrix() {
        for (correlation, size) in [(0.9, 40), (0.999_999, 40), (0.5, WIDE), (0.999_99, WIDE)] {
            let matrix = Mat::from_fn(
                size,
                size,
                |i, j| if i == j { 4.0 } else { 4.0 * correlation },
            );
            let wanted = (1.0 + correlation * (size as f64 - 1.0)) / (1.0 - correlation);
            let scaled = faer::Scale(0.25) * &matrix;
            for found in [condition(&matrix), condition_by_iteration(&scaled)] {
                assert!((found / wanted - 1.0).abs() < 1e-3, "{found} {wanted}");
            }
        }
        let singular = Mat::from_fn(WIDE, WIDE, |_, _| 1.0);
        assert!(condition(&singular) > 1e15);
    }

    #[test]
    fn the_inverse_of_a_large_triangle() {
        let size = WIDE + 3;
        let factor = Mat::from_fn(size, size, |i, j| match i.cmp(&j) {
            std::cmp::Ordering::Less => ((i * 31 + j * 17) % 13) as f64 / 130.0 - 0.05,
            std::cmp::Ordering::Equal => 1.0 + (i % 3) as f64,
            std::cmp::Ordering::Greater => 0.0,
        });
        let product = &factor * inverse_upper(&factor);
        for i in 0..size {
            for j in 0..size {
                let wanted = f64::from(i == j);
                assert!((product[(i, j)] - wanted).abs() < 1e-9, "{i} {j}");
            }
        }
    }

    /// Columns of which several are combinations, with independent ones after them, that have entries in
    /// the rows of those left out: all are found at once.
    #[test]
    fn all_dependent_columns_at_once() {
        let columns = [
            [2.0, 0.0, 0.0, 0.0, 0.0],
            [6.0, 0.0, 0.0, 0.0, 0.0],
            [1.0, 3.0, 4.0, 0.0, 0.0],
            [3.0, -3.0, -4.0, 0.0, 0.0],
            [0.5, 1.0, -2.0, 2.0, 3.0],
        ];
        let factor = Mat::from_fn(5, 5, |i, j| columns[j][i]);
        let found = dependences(&factor, &[1.0; 5]);
        let wanted = [
            (1, [3.0, 0.0, 0.0, 0.0, 0.0]),
            (3, [2.0, 0.0, -1.0, 0.0, 0.0]),
        ];
        assert_eq!(found.len(), wanted.len());
        for (found, (column, weights)) in found.iter().zip(wanted) {
            assert_eq!(found.column, column);
            for (a, b) in found.weights.iter().zip(weights) {
                assert!((a - b).abs() < 1e-14, "{column}: {:?}", found.weights);
            }
        }
    }
}
