use super::parallel::{change, fill, lines};
use super::product::multiply;
use super::{Activation, Backend, PADDING, Real, View};
use rayon::prelude::*;
use std::marker::PhantomData;

/// The processor: arrays in memory, the `gemm` kernel, threads by rayon.
///
/// Results are the same bit by bit for any number of threads.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu<R>(PhantomData<R>);

impl<R: Real> Cpu<R> {
    /// The processor, in the precision of `R`.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

/// Columns of a symmetric update that one product does: half of the matrix need not be computed.
const BAND: usize = 128;
/// Numbers of a product that are held until they are squared.
const CACHED: usize = 1 << 16;
/// Rows that one task of a sum over rows does.
const ROWS: usize = 256;

impl<R: Real> Backend for Cpu<R> {
    type Element = R;
    type Buffer = Vec<R>;

    fn upload(&self, values: Vec<R>) -> Vec<R> {
        values
    }

    fn download(&self, x: &Vec<R>) -> Vec<R> {
        x.clone()
    }

    fn length(&self, x: &Vec<R>) -> usize {
        x.len()
    }

    fn zeros(&self, n: usize) -> Vec<R> {
        vec![R::default(); n]
    }

    fn product(
        &self,
        batch: usize,
        alpha: R,
        a: &Vec<R>,
        a_view: View,
        b: &Vec<R>,
        b_view: View,
        c: &mut Vec<R>,
        c_view: View,
    ) {
        multiply(batch, alpha, (a, a_view), (b, b_view), (c, c_view));
    }

    fn symmetric_update(&self, alpha: R, x: &Vec<R>, rows: usize, columns: usize, c: &mut Vec<R>) {
        let all = View::rows(rows, columns);
        let square = View::rows(columns, columns);
        for from in (0..columns).step_by(BAND) {
            let to = (from + BAND).min(columns);
            // The band of rows of the lower triangle, up to the diagonal block.
            let left = all.part(from, to, false).transposed();
            let right = all.part(0, to, false);
            let into = square.part(from, to, true).part(0, to, false);
            multiply(1, alpha, (x, left), (x, right), (c, into));
        }
        for i in 0..columns {
            for j in 0..i {
                c[j * columns + i] = c[i * columns + j];
            }
        }
    }

    fn add_squared_products(
        &self,
        batch: usize,
        a: &Vec<R>,
        a_view: View,
        b: &Vec<R>,
        b_view: View,
        c: &mut Vec<R>,
    ) {
        let columns = b_view.columns;
        assert_eq!(c.len(), a_view.rows * columns, "sums of squares");
        // A few rows at a time, whose products stay in the cache until they are squared.
        let height = (CACHED / columns.max(1)).clamp(8, BAND);
        c.par_chunks_mut((height * columns).max(1))
            .enumerate()
            .for_each(|(part, sums)| {
                let from = part * height;
                let rows = a_view.part(from, (from + height).min(a_view.rows), true);
                let into = View::rows(rows.rows, columns);
                let mut products = vec![R::default(); sums.len()];
                for n in 0..batch {
                    let (left, right) = (
                        rows.at(rows.offset + n * rows.batch_stride),
                        b_view.at(b_view.offset + n * b_view.batch_stride),
                    );
                    products.fill(R::default());
                    let one = R::from_f64(1.0);
                    multiply(1, one, (a, left), (b, right), (&mut products, into));
                    for (sum, product) in sums.iter_mut().zip(&products) {
                        *sum += *product * *product;
                    }
                }
            });
    }

    fn activate(&self, function: Activation, x: &Vec<R>) -> Vec<R> {
        if function == Activation::Relu {
            let zero = R::default();
            return fill(x.len(), |i| if x[i] < zero { zero } else { x[i] });
        }
        fill(x.len(), |i| R::from_f64(function.value(x[i].to_f64())))
    }

    fn activate_slope(&self, function: Activation, x: &Vec<R>, u: &Vec<R>) -> Vec<R> {
        assert_eq!(x.len(), u.len(), "lengths");
        if function == Activation::Relu {
            let zero = R::default();
            return fill(x.len(), |i| if x[i] > zero { u[i] } else { zero });
        }
        fill(x.len(), |i| {
            R::from_f64(function.slope(x[i].to_f64())) * u[i]
        })
    }

    fn multiply(&self, x: &Vec<R>, y: &Vec<R>) -> Vec<R> {
        assert_eq!(x.len(), y.len(), "lengths");
        fill(x.len(), |i| x[i] * y[i])
    }

    fn add_scaled(&self, alpha: R, x: &Vec<R>, y: &mut Vec<R>) {
        assert_eq!(x.len(), y.len(), "lengths");
        change(y, |i, value| *value += alpha * x[i]);
    }

    fn inverse_root(&self, alpha: R, epsilon: R, x: &Vec<R>) -> Vec<R> {
        fill(x.len(), |i| {
            R::from_f64(1.0) / (alpha * x[i] + epsilon).square_root()
        })
    }

    fn add_row(&self, row: &Vec<R>, x: &mut Vec<R>) {
        assert_eq!(x.len() % row.len().max(1), 0, "rows");
        lines(x, row.len(), |_, line| {
            for (value, &r) in line.iter_mut().zip(row) {
                *value += r;
            }
        });
    }

    fn multiply_row(&self, row: &Vec<R>, x: &Vec<R>) -> Vec<R> {
        assert_eq!(x.len() % row.len().max(1), 0, "rows");
        let mut y = x.clone();
        lines(&mut y, row.len(), |_, line| {
            for (value, &r) in line.iter_mut().zip(row) {
                *value = *value * r;
            }
        });
        y
    }

    fn add_column(&self, alpha: R, column: &Vec<R>, x: &mut Vec<R>) {
        let width = width(x, column);
        lines(x, width, |i, line| {
            for value in line {
                *value += alpha * column[i];
            }
        });
    }

    fn multiply_column(&self, column: &Vec<R>, x: &Vec<R>) -> Vec<R> {
        let width = width(x, column);
        let mut y = x.clone();
        lines(&mut y, width, |i, line| {
            for value in line {
                *value = *value * column[i];
            }
        });
        y
    }

    fn row_sums(&self, x: &Vec<R>, columns: usize) -> Vec<R> {
        assert_eq!(x.len() % columns.max(1), 0, "rows");
        fill(x.len() / columns.max(1), |i| {
            x[i * columns..(i + 1) * columns].iter().copied().sum()
        })
    }

    fn column_sums(&self, x: &Vec<R>, columns: usize) -> Vec<R> {
        assert_eq!(x.len() % columns.max(1), 0, "rows");
        // Sums of parts of rows, then the sum of those in order.
        let parts = x.len().div_ceil((columns * ROWS).max(1));
        let mut sums = vec![R::default(); parts * columns];
        lines(&mut sums, columns, |part, sum| {
            let end = ((part + 1) * ROWS * columns).min(x.len());
            for row in x[part * ROWS * columns..end].chunks_exact(columns) {
                for (total, &value) in sum.iter_mut().zip(row) {
                    *total += value;
                }
            }
        });
        let mut total = vec![R::default(); columns];
        for part in sums.chunks_exact(columns.max(1)) {
            for (all, &value) in total.iter_mut().zip(part) {
                *all += value;
            }
        }
        total
    }

    fn row_maxima(&self, x: &Vec<R>, columns: usize) -> Vec<u32> {
        assert_eq!(x.len() % columns.max(1), 0, "rows");
        fill(x.len() / columns.max(1), |i| {
            let row = &x[i * columns..(i + 1) * columns];
            let mut best = 0;
            for (j, value) in row.iter().enumerate() {
                if *value > row[best] {
                    best = j;
                }
            }
            (i * columns + best) as u32
        })
    }

    fn softmax(&self, x: &Vec<R>, columns: usize) -> Vec<R> {
        let mut y = x.clone();
        let nothing = R::from_f64(f64::NEG_INFINITY);
        lines(&mut y, columns, |_, row| {
            let top = row
                .iter()
                .fold(nothing, |top, &v| if v > top { v } else { top });
            if top == nothing {
                // All of it −∞, unless a NaN is among it, which has to stay seen.
                for value in row.iter_mut() {
                    *value = if *value == nothing {
                        R::default()
                    } else {
                        *value
                    };
                }
                return;
            }
            for value in row.iter_mut() {
                *value = (*value - top).exponential();
            }
            let total: R = row.iter().copied().sum();
            for value in row.iter_mut() {
                *value = *value / total;
            }
        });
        y
    }

    fn gather(&self, x: &Vec<R>, batch: usize, index: &[u32]) -> Vec<R> {
        let part = x.len() / batch.max(1);
        assert_eq!(part * batch, x.len(), "parts");
        let mut y = vec![R::default(); batch * index.len()];
        lines(&mut y, index.len(), |n, line| {
            let from = &x[n * part..(n + 1) * part];
            for (value, &i) in line.iter_mut().zip(index) {
                if i != PADDING {
                    *value = from[i as usize];
                }
            }
        });
        y
    }

    fn scatter_add(&self, x: &Vec<R>, batch: usize, index: &[u32], length: usize) -> Vec<R> {
        assert_eq!(batch * index.len(), x.len(), "parts");
        let mut y = vec![R::default(); batch * length];
        lines(&mut y, length, |n, line| {
            let from = &x[n * index.len()..(n + 1) * index.len()];
            for (&value, &i) in from.iter().zip(index) {
                if i != PADDING {
                    line[i as usize] += value;
                }
            }
        });
        y
    }
}

fn width<R>(x: &[R], column: &[R]) -> usize {
    let width = x.len() / column.len().max(1);
    assert_eq!(width * column.len(), x.len(), "rows");
    width
}
