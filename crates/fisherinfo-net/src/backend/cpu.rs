use super::array::Shelf;
use super::greatest::Greatest;
use super::parallel::{each_alone, lines, pairs_of_lines, parts};
use super::product::{Before, multiply};
use super::{Activation, Array, Backend, Factors, PADDING, Real, View, sums};
use pulp::Arch;
use std::sync::Arc;

/// The processor: arrays in memory, the `gemm` kernel, threads by rayon.
///
/// Results are the same bit by bit for any number of threads. A copy shares the memory that arrays leave
/// behind, which goes back to the system with the last of them.
#[derive(Clone, Debug)]
pub struct Cpu<R> {
    shelf: Arc<Shelf<R>>,
}

impl<R: Real> Cpu<R> {
    /// The processor, in the precision of `R`.
    pub fn new() -> Self {
        Self {
            shelf: Arc::default(),
        }
    }

    /// y_i = f of the i-th numbers of x.
    fn map(&self, x: &[R], f: impl Fn(R) -> R + Sync) -> Array<R> {
        let mut y = Array::unwritten(&self.shelf, x.len());
        parts(&mut y, |from, y| {
            for (y, &x) in y.iter_mut().zip(&x[from..]) {
                *y = f(x);
            }
        });
        y
    }
}

impl<R: Real> Default for Cpu<R> {
    fn default() -> Self {
        Self::new()
    }
}

/// Numbers of all layers that one thread's part of the examples has at once, about: a cache's worth.
const PART: usize = 1 << 19;
/// Examples of a part at most.
const EXAMPLES: usize = 128;
/// Rows that one task of a sum over rows does.
const ROWS: usize = 256;
/// Numbers that are summed beside each other.
const LANES: usize = 16;

impl<R: Real> Backend for Cpu<R> {
    type Element = R;
    type Buffer = Array<R>;

    fn upload(&self, values: Vec<R>) -> Array<R> {
        values.into()
    }

    fn download(&self, x: &Array<R>) -> Vec<R> {
        x.to_vec()
    }

    fn length(&self, x: &Array<R>) -> usize {
        x.len()
    }

    fn zeros(&self, n: usize) -> Array<R> {
        Array::zeros(&self.shelf, n)
    }

    fn rows(&self, row: &Array<R>, rows: usize) -> Array<R> {
        let mut y = Array::unwritten(&self.shelf, rows * row.len());
        lines(&mut y, row.len(), |_, line| line.copy_from_slice(row));
        y
    }

    fn joined(&self, parts: &[&Array<R>]) -> Array<R> {
        let mut all = Array::unwritten(&self.shelf, parts.iter().map(|part| part.len()).sum());
        let mut rest = &mut all[..];
        for part in parts {
            let (here, after) = rest.split_at_mut(part.len());
            here.copy_from_slice(part);
            rest = after;
        }
        all
    }

    fn examples_of_a_part(&self, numbers: usize) -> usize {
        (PART / numbers.max(1)).clamp(1, EXAMPLES)
    }

    fn each_part<T: Send>(&self, count: usize, f: impl Fn(usize) -> T + Sync) -> Vec<T> {
        each_alone(count, f)
    }

    fn add_product(
        &self,
        batch: usize,
        alpha: R,
        a: &Array<R>,
        a_view: View,
        b: &Array<R>,
        b_view: View,
        c: &mut Array<R>,
        c_view: View,
    ) {
        let before = Before::Kept;
        multiply(batch, alpha, (a, a_view), (b, b_view), (c, c_view), before);
    }

    fn product(
        &self,
        batch: usize,
        alpha: R,
        a: &Array<R>,
        a_view: View,
        b: &Array<R>,
        b_view: View,
    ) -> Array<R> {
        let view = View::rows(a_view.rows, b_view.columns);
        if a_view.columns == 0 {
            return self.zeros(batch * view.batch_stride);
        }
        let mut c = Array::unwritten(&self.shelf, batch * view.batch_stride);
        let before = Before::Lost;
        multiply(
            batch,
            alpha,
            (a, a_view),
            (b, b_view),
            (&mut c, view),
            before,
        );
        c
    }

    fn add_to(&self, weight: f64, x: &Array<R>, into: &mut [f64]) {
        assert!(x.len() <= into.len(), "lengths");
        sums::add(weight, x, into);
    }

    fn add_products(&self, weight: f64, parts: &[Factors<'_, Array<R>>], into: &mut [f64]) {
        sums::products(&self.shelf, weight, parts, into);
    }

    fn add_squared_products(&self, weight: f64, parts: &[Factors<'_, Array<R>>], into: &mut [f64]) {
        sums::squared_products(&self.shelf, weight, parts, into);
    }

    fn add_outer_products(
        &self,
        weight: f64,
        parts: &[(&Array<R>, usize)],
        columns: usize,
        into: &mut [f64],
        stride: usize,
    ) {
        sums::outer_products(&self.shelf, weight, parts, columns, into, stride);
    }

    fn activate(&self, function: Activation, x: &Array<R>) -> Array<R> {
        let mut y = Array::unwritten(&self.shelf, x.len());
        parts(&mut y, |from, y| R::activate(function, &x[from..], y));
        y
    }

    fn activate_slope(&self, function: Activation, x: &Array<R>, u: &Array<R>) -> Array<R> {
        assert_eq!(x.len(), u.len(), "lengths");
        let mut y = Array::unwritten(&self.shelf, x.len());
        parts(&mut y, |from, y| {
            R::activate_slope(function, &x[from..], &u[from..], y);
        });
        y
    }

    fn multiply(&self, x: &Array<R>, y: &Array<R>) -> Array<R> {
        assert_eq!(x.len(), y.len(), "lengths");
        let mut z = Array::unwritten(&self.shelf, x.len());
        parts(&mut z, |from, z| {
            for ((z, &x), &y) in z.iter_mut().zip(&x[from..]).zip(&y[from..]) {
                *z = x * y;
            }
        });
        z
    }

    fn add_scaled(&self, alpha: R, x: &Array<R>, y: &mut Array<R>) {
        assert_eq!(x.len(), y.len(), "lengths");
        parts(y, |from, y| {
            for (y, &x) in y.iter_mut().zip(&x[from..]) {
                *y += alpha * x;
            }
        });
    }

    fn inverse_root(&self, alpha: R, epsilon: R, x: &Array<R>) -> Array<R> {
        self.map(x, |x| {
            R::from_f64(1.0) / (alpha * x + epsilon).square_root()
        })
    }

    fn add_row(&self, row: &Array<R>, x: &mut Array<R>) {
        assert_eq!(x.len() % row.len().max(1), 0, "rows");
        lines(x, row.len(), |_, line| {
            for (value, &r) in line.iter_mut().zip(&row[..]) {
                *value += r;
            }
        });
    }

    fn multiply_row(&self, row: &Array<R>, x: &Array<R>) -> Array<R> {
        assert_eq!(x.len() % row.len().max(1), 0, "rows");
        let mut y = Array::unwritten(&self.shelf, x.len());
        let width = row.len();
        lines(&mut y, width, |i, line| {
            let from = &x[i * width..(i + 1) * width];
            for ((y, &x), &r) in line.iter_mut().zip(from).zip(&row[..]) {
                *y = x * r;
            }
        });
        y
    }

    fn add_column(&self, alpha: R, column: &Array<R>, x: &mut Array<R>) {
        let width = width(x, column);
        lines(x, width, |i, line| {
            let add = alpha * column[i];
            for value in line {
                *value += add;
            }
        });
    }

    fn multiply_column(&self, column: &Array<R>, x: &Array<R>) -> Array<R> {
        let width = width(x, column);
        let mut y = Array::unwritten(&self.shelf, x.len());
        lines(&mut y, width, |i, line| {
            let factor = column[i];
            for (y, &x) in line.iter_mut().zip(&x[i * width..]) {
                *y = x * factor;
            }
        });
        y
    }

    fn row_sums(&self, x: &Array<R>, columns: usize) -> Array<R> {
        assert_eq!(x.len() % columns.max(1), 0, "rows");
        let mut sums = Array::unwritten(&self.shelf, x.len() / columns.max(1));
        parts(&mut sums, |from, sums| {
            for (i, total) in sums.iter_mut().enumerate() {
                let first = (from + i) * columns;
                *total = sum(&x[first..first + columns]);
            }
        });
        sums
    }

    fn column_sums(&self, x: &Array<R>, columns: usize) -> Array<R> {
        assert_eq!(x.len() % columns.max(1), 0, "rows");
        // Sums of parts of rows, then the sum of those in order.
        let parts = x.len().div_ceil((columns * ROWS).max(1));
        let mut sums = self.zeros(parts * columns);
        lines(&mut sums, columns, |part, sum| {
            let end = ((part + 1) * ROWS * columns).min(x.len());
            add_rows(&x[part * ROWS * columns..end], columns, sum);
        });
        let mut total = vec![R::default(); columns];
        for part in sums.chunks_exact(columns.max(1)) {
            for (all, &value) in total.iter_mut().zip(part) {
                *all += value;
            }
        }
        total.into()
    }

    fn greatest_of_rows(
        &self,
        x: &Array<R>,
        batch: usize,
        columns: usize,
        index: &[u32],
        group: usize,
    ) -> (Array<R>, Vec<u32>) {
        let part = x.len() / batch.max(1);
        assert_eq!(part * batch, x.len(), "parts");
        let groups = index.len() / group.max(1);
        let mut values = Array::unwritten(&self.shelf, batch * groups * columns);
        let mut places = vec![0; values.len()];
        pairs_of_lines(&mut values, &mut places, columns, |from, values, places| {
            Arch::new().dispatch(Greatest {
                x,
                part,
                index,
                group,
                from,
                columns,
                values,
                places,
            });
        });
        (values, places)
    }

    fn softmax(&self, x: &Array<R>, columns: usize) -> Array<R> {
        let mut y = x.clone();
        let nothing = R::from_f64(f64::NEG_INFINITY);
        lines(&mut y, columns, |_, row| {
            let top = across(row, nothing, |top, v| if v > top { v } else { top });
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
            R::exponentials(top, row);
            let share = R::from_f64(1.0) / sum(row);
            for value in row.iter_mut() {
                *value *= share;
            }
        });
        y
    }

    fn softmax_derivative(&self, p: &Array<R>, v: &Array<R>, columns: usize) -> Array<R> {
        assert_eq!(p.len(), v.len(), "lengths");
        let mut y = Array::unwritten(&self.shelf, p.len());
        lines(&mut y, columns, |i, line| {
            let row = i * columns..(i + 1) * columns;
            let (p, v) = (&p[row.clone()], &v[row]);
            for ((y, &p), &v) in line.iter_mut().zip(p).zip(v) {
                *y = p * v;
            }
            let mean = sum(line);
            for (y, &p) in line.iter_mut().zip(p) {
                *y -= mean * p;
            }
        });
        y
    }

    fn gather(&self, x: &Array<R>, batch: usize, index: &[u32]) -> Array<R> {
        let part = x.len() / batch.max(1);
        assert_eq!(part * batch, x.len(), "parts");
        let mut y = Array::unwritten(&self.shelf, batch * index.len());
        lines(&mut y, index.len(), |n, line| {
            let from = &x[n * part..(n + 1) * part];
            Arch::new().dispatch(|| {
                for (value, &i) in line.iter_mut().zip(index) {
                    // Padding is beyond the end of any array.
                    *value = from.get(i as usize).copied().unwrap_or_default();
                }
            });
        });
        y
    }

    fn scatter_add(&self, x: &Array<R>, batch: usize, index: &[u32], length: usize) -> Array<R> {
        assert_eq!(batch * index.len(), x.len(), "parts");
        let mut y = self.zeros(batch * length);
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

/// Adds rows to `sum`: several at once where they are short, so that it becomes vector code.
fn add_rows<R: Real>(x: &[R], columns: usize, sum: &mut [R]) {
    let wide = columns * (4 * LANES / columns).max(1);
    let mut beside = vec![R::default(); wide];
    Arch::new().dispatch(|| {
        for rows in x.chunks(wide) {
            for (total, &value) in beside.iter_mut().zip(rows) {
                *total += value;
            }
        }
    });
    for row in beside.chunks_exact(columns) {
        for (total, &value) in sum.iter_mut().zip(row) {
            *total += value;
        }
    }
}

/// Folds numbers `LANES` at a time, then what those come to: in vector code, and always in this order.
fn across<R: Real>(x: &[R], start: R, f: impl Fn(R, R) -> R) -> R {
    let mut lanes = [start; LANES];
    let (whole, rest) = x.as_chunks::<LANES>();
    for chunk in whole {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane = f(*lane, value);
        }
    }
    for (lane, &value) in lanes.iter_mut().zip(rest) {
        *lane = f(*lane, value);
    }
    lanes.into_iter().fold(start, f)
}

fn sum<R: Real>(x: &[R]) -> R {
    across(x, R::default(), |sum, value| sum + value)
}

fn width<R>(x: &[R], column: &[R]) -> usize {
    let width = x.len() / column.len().max(1);
    assert_eq!(width * column.len(), x.len(), "rows");
    width
}
