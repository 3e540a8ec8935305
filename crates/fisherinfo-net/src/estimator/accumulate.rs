//! What taps add to a block.

use super::Sharing;
use crate::backend::{Backend, Real, View};
use crate::batch::Batch;
use crate::layer::GlobalPool;
use crate::parameters::{ParameterId, ParameterInfo};
use crate::representation::{EigenKronecker, Factor, Form, InputSide, Kronecker};
use crate::tap::Tap;
use std::ops::Range;
use std::sync::Arc;

/// Numbers of gradients example by example that are held at once where a square needs them.
const HELD: usize = 1 << 22;

/// A block, and what a pass has to know to add to it.
pub(super) struct Target<'a> {
    pub(super) tensors: &'a [ParameterId],
    pub(super) infos: &'a [ParameterInfo],
    pub(super) sharing: Sharing,
    /// Is this the first vector at these examples? Inputs count once.
    pub(super) first: bool,
}

impl Target<'_> {
    /// Adds `weight` times the squares of what the taps say.
    pub(super) fn add<B: Backend>(
        &self,
        backend: &B,
        taps: &[Tap<B>],
        examples: usize,
        weight: f64,
        form: &mut Form,
    ) {
        match form {
            Form::Dense(dense) => {
                let n = dense.size;
                let gradients = self.per_example(backend, taps, 0..examples);
                let mut sum = backend.zeros(n * n);
                let one = B::Element::from_f64(1.0);
                backend.symmetric_update(one, &gradients, examples, n, &mut sum);
                add(backend, &sum, weight, &mut dense.values);
            }
            Form::LowRank(low_rank) => {
                let root = weight.sqrt();
                let gradients = self.per_example(backend, taps, 0..examples);
                let scores = backend.download(&gradients).into_iter();
                low_rank.scores.extend(scores.map(|s| root * s.to_f64()));
            }
            Form::Diagonal(diagonal) => {
                let squares = self.squares(backend, taps, examples);
                for (total, square) in diagonal.values.iter_mut().zip(squares) {
                    *total += weight * square;
                }
            }
            Form::Kronecker(kronecker) => {
                if let Some(tap) = self.own(taps) {
                    self.add_factors(backend, tap, weight, kronecker);
                }
            }
            Form::EigenKronecker(eigen) => {
                if let Some(tap) = self.own(taps) {
                    add_moments(backend, tap, weight, eigen);
                }
            }
        }
    }

    /// The one tap of a block with Kronecker factors.
    fn own<'t, B: Backend>(&self, taps: &'t [Tap<B>]) -> Option<&'t Tap<B>> {
        taps.iter().find(|tap| match tap {
            Tap::Matrix { weight, .. } | Tap::Rows { weight, .. } => *weight == self.tensors[0],
            Tap::Direct { .. } => false,
        })
    }

    fn length(&self, id: ParameterId) -> usize {
        self.infos[id.0].length()
    }

    /// Where a tensor begins in the block.
    fn place(&self, id: ParameterId) -> Option<usize> {
        let at = self.tensors.iter().position(|tensor| *tensor == id)?;
        Some(self.tensors[..at].iter().map(|t| self.length(*t)).sum())
    }

    /// The gradients of the block at some examples, examples × parameters.
    fn per_example<B: Backend>(
        &self,
        backend: &B,
        taps: &[Tap<B>],
        range: Range<usize>,
    ) -> B::Buffer {
        let width: usize = self.tensors.iter().map(|t| self.length(*t)).sum();
        let mut gradients = backend.zeros(range.len() * width);
        for tap in taps {
            tap.add_per_example(
                backend,
                &|id| self.place(id),
                width,
                range.clone(),
                &mut gradients,
            );
        }
        gradients
    }

    /// Σ over examples of the squares of their gradients, not of the square of the sum.
    fn squares<B: Backend>(&self, backend: &B, taps: &[Tap<B>], examples: usize) -> Vec<f64> {
        let mut all = Vec::new();
        for &id in self.tensors {
            let mut of_it = taps.iter().filter(|tap| tap.touches(id));
            let first = of_it.next();
            let alone = of_it.next().is_none();
            all.extend(match first {
                Some(Tap::Matrix {
                    weight,
                    transposed,
                    input,
                    gradient,
                    ..
                }) if alone && *weight == id => match transposed {
                    true => squared_products(backend, input, gradient),
                    false => squared_products(backend, gradient, input),
                },
                Some(Tap::Rows {
                    tokens, gradient, ..
                }) if alone => squared_rows(backend, tokens, gradient, self.infos[id.0].shape[0]),
                _ => {
                    let alone = Target {
                        tensors: &[id],
                        ..*self
                    };
                    let n = self.length(id);
                    let at_once = (HELD / n.max(1)).clamp(1, examples.max(1));
                    let mut total = vec![0.0; n];
                    for from in (0..examples).step_by(at_once) {
                        let range = from..(from + at_once).min(examples);
                        let gradients = alone.per_example(backend, taps, range);
                        add_squares(backend, &gradients, &mut total);
                    }
                    total
                }
            });
        }
        all
    }

    fn add_factors<B: Backend>(
        &self,
        backend: &B,
        tap: &Tap<B>,
        weight: f64,
        kronecker: &mut Kronecker,
    ) {
        match tap {
            Tap::Matrix {
                input, gradient, ..
            } => {
                let reduced = self.sharing == Sharing::Reduce && gradient.positions > 1;
                let (inputs, gradients) = match kronecker.inputs {
                    InputSide::Columns => (&mut kronecker.columns, &mut kronecker.rows),
                    InputSide::Rows => (&mut kronecker.rows, &mut kronecker.columns),
                };
                if self.first {
                    let input = if reduced {
                        Arc::new(GlobalPool { mean: true }.pooled(backend, input))
                    } else {
                        Arc::clone(input)
                    };
                    let biased = inputs.size() > input.features;
                    add_inputs(backend, &input, biased, inputs.values_mut());
                    kronecker.count += input.unmasked() as f64;
                }
                let gradient = if reduced {
                    Arc::new(GlobalPool { mean: false }.pooled(backend, gradient))
                } else {
                    Arc::clone(gradient)
                };
                match gradients {
                    Factor::Dense { values, .. } => {
                        let d = gradient.features;
                        add_outer(backend, &gradient.values, d, weight, values);
                    }
                    Factor::Diagonal(values) => {
                        let mut squares = vec![0.0; values.len()];
                        add_squares(backend, &gradient.values, &mut squares);
                        for (total, square) in values.iter_mut().zip(squares) {
                            *total += weight * square;
                        }
                    }
                }
            }
            Tap::Rows {
                tokens, gradient, ..
            } => {
                if self.first {
                    let counts = kronecker.rows.values_mut();
                    for (row, token) in tokens.iter().enumerate() {
                        if gradient.mask.as_ref().is_none_or(|mask| mask[row]) {
                            counts[*token as usize] += 1.0;
                        }
                    }
                    kronecker.count += gradient.unmasked() as f64;
                }
                let sums = kronecker.columns.values_mut();
                add_outer(backend, &gradient.values, gradient.features, weight, sums);
            }
            Tap::Direct { .. } => {}
        }
    }
}

/// into += weight·x, in double precision.
fn add<B: Backend>(backend: &B, x: &B::Buffer, weight: f64, into: &mut [f64]) {
    for (total, value) in into.iter_mut().zip(backend.download(x)) {
        *total += weight * value.to_f64();
    }
}

/// into += weight·Σ x xᵀ over rows.
fn add_outer<B: Backend>(
    backend: &B,
    x: &B::Buffer,
    columns: usize,
    weight: f64,
    into: &mut [f64],
) {
    let mut sum = backend.zeros(columns * columns);
    let rows = backend.length(x) / columns.max(1);
    backend.symmetric_update(B::Element::from_f64(1.0), x, rows, columns, &mut sum);
    add(backend, &sum, weight, into);
}

/// into += Σ (a, 1)(a, 1)ᵀ over positions that are no padding; without the 1 where there is no bias.
fn add_inputs<B: Backend>(backend: &B, input: &Batch<B>, biased: bool, into: &mut [f64]) {
    let d = input.features;
    let unpadded = input.unpadded(backend);
    let values = unpadded.as_ref().unwrap_or(&input.values);
    if !biased {
        add_outer(backend, values, d, 1.0, into);
        return;
    }
    let mut outer = vec![0.0; d * d];
    add_outer(backend, values, d, 1.0, &mut outer);
    let sums = backend.download(&backend.column_sums(values, d));
    for i in 0..d {
        for j in 0..d {
            into[i * (d + 1) + j] += outer[i * d + j];
        }
        into[i * (d + 1) + d] += sums[i].to_f64();
        into[d * (d + 1) + i] += sums[i].to_f64();
    }
    into[d * (d + 1) + d] += input.unmasked() as f64;
}

/// into += the sums of the squares of each column, of as many columns as there are sums.
fn add_squares<B: Backend>(backend: &B, x: &B::Buffer, into: &mut [f64]) {
    let sums = backend.column_sums(&backend.multiply(x, x), into.len());
    add(backend, &sums, 1.0, into);
}

/// Σ_n (Σ_t l_nt r_ntᵀ)², elementwise. With one position the square of a product is the product of squares.
fn squared_products<B: Backend>(backend: &B, left: &Batch<B>, right: &Batch<B>) -> Vec<f64> {
    let (positions, rows, columns) = (left.positions, left.features, right.features);
    let mut sums = backend.zeros(rows * columns);
    if positions == 1 {
        let l = backend.multiply(&left.values, &left.values);
        let r = backend.multiply(&right.values, &right.values);
        backend.product(
            1,
            B::Element::from_f64(1.0),
            &l,
            View::rows(left.examples, rows).transposed(),
            &r,
            View::rows(left.examples, columns),
            &mut sums,
            View::rows(rows, columns),
        );
    } else {
        backend.add_squared_products(
            left.examples,
            &left.values,
            View::rows(positions, rows).transposed(),
            &right.values,
            View::rows(positions, columns),
            &mut sums,
        );
    }
    let sums = backend.download(&sums);
    sums.into_iter().map(Real::to_f64).collect()
}

/// Σ_n of the squares of what each example adds to each row, vocabulary × features: only the rows that an
/// example has are touched.
fn squared_rows<B: Backend>(
    backend: &B,
    tokens: &[u32],
    gradient: &Batch<B>,
    vocabulary: usize,
) -> Vec<f64> {
    let (positions, d) = (gradient.positions, gradient.features);
    let g = backend.download(&gradient.values);
    let mut total = vec![0.0; vocabulary * d];
    let mut sum = vec![0.0; d];
    for n in 0..gradient.examples {
        let rows = n * positions..(n + 1) * positions;
        let mut order: Vec<usize> = rows.collect();
        order.sort_by_key(|row| tokens[*row]);
        for same in order.chunk_by(|i, j| tokens[*i] == tokens[*j]) {
            sum.fill(0.0);
            for row in same {
                for (s, g) in sum.iter_mut().zip(&g[row * d..(row + 1) * d]) {
                    *s += g.to_f64();
                }
            }
            let first = tokens[same[0]] as usize * d;
            for (t, s) in total[first..first + d].iter_mut().zip(&sum) {
                *t += s * s;
            }
        }
    }
    total
}

/// Adds the second moments along the eigenvectors: those of gradients and inputs that are turned first.
fn add_moments<B: Backend>(backend: &B, tap: &Tap<B>, weight: f64, eigen: &mut EigenKronecker) {
    let (r, c) = eigen.size;
    let squares = match tap {
        Tap::Matrix {
            transposed,
            input,
            gradient,
            ..
        } => {
            let rows = (r, eigen.row_basis.as_deref());
            let columns = (c, eigen.column_basis.as_deref());
            let (of_inputs, of_gradients) = match transposed {
                true => (rows, columns),
                false => (columns, rows),
            };
            let mut a = turned(backend, input, of_inputs.0, of_inputs.1);
            if let (n, Some(basis)) = of_inputs
                && n > input.features
            {
                // The input of a bias is 1, the last row of the basis.
                let row = basis[(n - 1) * n..]
                    .iter()
                    .map(|&v| B::Element::from_f64(v));
                backend.add_row(&backend.upload(row.collect()), &mut a.values);
            }
            let g = turned(backend, gradient, of_gradients.0, of_gradients.1);
            match transposed {
                true => squared_products(backend, &a, &g),
                false => squared_products(backend, &g, &a),
            }
        }
        Tap::Rows {
            tokens, gradient, ..
        } => {
            let g = turned(backend, gradient, c, eigen.column_basis.as_deref());
            squared_rows(backend, tokens, &g, r)
        }
        Tap::Direct { .. } => return,
    };
    for (total, square) in eigen.values.iter_mut().zip(squares) {
        *total += weight * square;
    }
}

/// xU, U with `size` columns; as many of its rows as x has features.
fn turned<B: Backend>(backend: &B, x: &Batch<B>, size: usize, basis: Option<&[f64]>) -> Batch<B> {
    let Some(basis) = basis else {
        return x.clone();
    };
    let used = &basis[..x.features * size];
    let basis = backend.upload(used.iter().map(|&v| B::Element::from_f64(v)).collect());
    let mut y = backend.zeros(x.rows() * size);
    backend.product(
        1,
        B::Element::from_f64(1.0),
        &x.values,
        View::rows(x.rows(), x.features),
        &basis,
        View::rows(x.features, size),
        &mut y,
        View::rows(x.rows(), size),
    );
    x.like(size, y)
}
