//! What taps add to a block.

use super::Sharing;
use crate::backend::{Backend, Factors, Real, View};
use crate::batch::Batch;
use crate::layer::GlobalPool;
use crate::parameters::{ParameterId, ParameterInfo};
use crate::representation::{Diagonal, EigenKronecker, Factor, Form, InputSide, Kronecker};
use crate::tap::Tap;
use std::ops::Range;
use std::sync::Arc;

/// Numbers of gradients example by example that are held at once where a square needs them.
pub(super) const HELD: usize = 1 << 22;

/// What a part of the examples left at the parameters.
pub(super) struct Part<B: Backend> {
    pub(super) taps: Vec<Tap<B>>,
    pub(super) examples: usize,
    /// Observations that are no padding.
    pub(super) observations: usize,
}

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
        parts: &[Part<B>],
        weight: f64,
        form: &mut Form,
    ) {
        match form {
            Form::Dense(dense) => {
                let n = dense.size;
                for part in parts {
                    let gradients = self.per_example(backend, &part.taps, 0..part.examples);
                    let rows = [(&gradients, part.examples)];
                    backend.add_outer_products(weight, &rows, n, &mut dense.values, n);
                }
            }
            Form::LowRank(low_rank) => {
                let root = weight.sqrt();
                for part in parts {
                    let gradients = self.per_example(backend, &part.taps, 0..part.examples);
                    let scores = backend.download(&gradients).into_iter();
                    low_rank.scores.extend(scores.map(|s| root * s.to_f64()));
                }
            }
            Form::Diagonal(diagonal) => self.add_squares(backend, parts, weight, diagonal),
            Form::Kronecker(kronecker) => self.add_factors(backend, parts, weight, kronecker),
            Form::EigenKronecker(eigen) => {
                let taps: Vec<&Tap<B>> = parts.iter().filter_map(|part| self.own(part)).collect();
                add_moments(backend, &taps, weight, eigen);
            }
        }
    }

    /// The one tap of a block with Kronecker factors.
    fn own<'t, B: Backend>(&self, part: &'t Part<B>) -> Option<&'t Tap<B>> {
        part.taps.iter().find(|tap| match tap {
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
    pub(super) fn per_example<B: Backend>(
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
    fn add_squares<B: Backend>(
        &self,
        backend: &B,
        parts: &[Part<B>],
        weight: f64,
        diagonal: &mut Diagonal,
    ) {
        let mut rest = &mut diagonal.values[..];
        for &id in self.tensors {
            let (into, after) = rest.split_at_mut(self.length(id));
            rest = after;
            if let Some(taps) = alone(parts, id) {
                match taps[0] {
                    Tap::Matrix { weight: of, .. } if *of == id => {
                        let sides: Vec<_> = taps.iter().filter_map(|tap| sides(tap)).collect();
                        add_squared_products(backend, &sides, weight, into);
                        continue;
                    }
                    Tap::Rows { .. } => {
                        add_squared_rows(backend, &taps, None, weight, into);
                        continue;
                    }
                    Tap::Direct { .. } => {
                        for tap in taps {
                            if let Tap::Direct {
                                gradient, examples, ..
                            } = tap
                            {
                                // A table of positions may be longer than the text.
                                let used = backend.length(gradient) / (*examples).max(1);
                                add_column_squares(backend, gradient, weight, &mut into[..used]);
                            }
                        }
                        continue;
                    }
                    Tap::Matrix { .. } => {}
                }
            }
            let only = Target {
                tensors: &[id],
                ..*self
            };
            for part in parts {
                let at_once = (HELD / into.len().max(1)).clamp(1, part.examples.max(1));
                for from in (0..part.examples).step_by(at_once) {
                    let range = from..(from + at_once).min(part.examples);
                    let gradients = only.per_example(backend, &part.taps, range);
                    add_column_squares(backend, &gradients, weight, into);
                }
            }
        }
    }

    fn add_factors<B: Backend>(
        &self,
        backend: &B,
        parts: &[Part<B>],
        weight: f64,
        kronecker: &mut Kronecker,
    ) {
        let taps: Vec<&Tap<B>> = parts.iter().filter_map(|part| self.own(part)).collect();
        let reduced = |batch: &Arc<Batch<B>>, shared: bool, mean: bool| match self.sharing
            == Sharing::Reduce
            && shared
        {
            true => Arc::new(GlobalPool { mean }.pooled(backend, batch)),
            false => Arc::clone(batch),
        };
        let mut gradients = Vec::with_capacity(taps.len());
        let mut inputs = Vec::with_capacity(taps.len());
        for tap in taps {
            match tap {
                Tap::Matrix {
                    input, gradient, ..
                } => {
                    let shared = gradient.positions > 1;
                    if self.first {
                        inputs.push(reduced(input, shared, true));
                    }
                    gradients.push(reduced(gradient, shared, false));
                }
                Tap::Rows {
                    tokens, gradient, ..
                } => {
                    if self.first {
                        add_counts(tokens, gradient, kronecker);
                    }
                    gradients.push(Arc::clone(gradient));
                }
                Tap::Direct { .. } => {}
            }
        }
        kronecker.count += inputs.iter().map(|x| x.unmasked() as f64).sum::<f64>();
        let (of_inputs, of_gradients) = match kronecker.inputs {
            InputSide::Columns => (&mut kronecker.columns, &mut kronecker.rows),
            InputSide::Rows => (&mut kronecker.rows, &mut kronecker.columns),
        };
        if !inputs.is_empty() {
            add_inputs(backend, &joined(backend, inputs), of_inputs);
        }
        let gradients = joined(backend, gradients);
        match of_gradients {
            Factor::Dense { size, values } => {
                let rows: Vec<_> = gradients.iter().map(|g| (&g.values, g.rows())).collect();
                backend.add_outer_products(weight, &rows, *size, values, *size);
            }
            Factor::Diagonal(values) => {
                for gradient in &gradients {
                    add_column_squares(backend, &gradient.values, weight, values);
                }
            }
        }
    }
}

/// The one tap of each part that touches a tensor; none where several do, or none.
pub(super) fn alone<B: Backend>(parts: &[Part<B>], id: ParameterId) -> Option<Vec<&Tap<B>>> {
    let of_part = |part: &'_ Part<B>| -> Option<usize> {
        let mut touching = (0..part.taps.len()).filter(|i| part.taps[*i].touches(id));
        let one = touching.next()?;
        touching.next().is_none().then_some(one)
    };
    let taps: Option<Vec<&Tap<B>>> = parts
        .iter()
        .map(|part| Some(&part.taps[of_part(part)?]))
        .collect();
    taps.filter(|taps| !taps.is_empty())
}

/// What the gradient of a weight is the product of, Σ over positions of left rightᵀ: rows × columns.
fn sides<B: Backend>(tap: &Tap<B>) -> Option<(&Batch<B>, &Batch<B>)> {
    match tap {
        Tap::Matrix {
            transposed,
            input,
            gradient,
            ..
        } => Some(match transposed {
            true => (input, gradient),
            false => (gradient, input),
        }),
        Tap::Rows { .. } | Tap::Direct { .. } => None,
    }
}

/// Counts how often each row was looked up, padding left out.
fn add_counts<B: Backend>(tokens: &[u32], gradient: &Batch<B>, kronecker: &mut Kronecker) {
    let counts = kronecker.rows.values_mut();
    for (row, token) in tokens.iter().enumerate() {
        if gradient.mask.as_ref().is_none_or(|mask| mask[row]) {
            counts[*token as usize] += 1.0;
        }
    }
    kronecker.count += gradient.unmasked() as f64;
}

/// Adds Σ (a, 1)(a, 1)ᵀ over positions that are no padding; without the 1 where there is no bias.
fn add_inputs<B: Backend>(backend: &B, inputs: &[Arc<Batch<B>>], factor: &mut Factor) {
    let (size, d) = (factor.size(), inputs[0].features);
    let into = factor.values_mut();
    let unpadded: Vec<_> = inputs.iter().map(|x| x.unpadded(backend)).collect();
    let kept = inputs.iter().zip(&unpadded);
    let rows: Vec<_> = kept
        .map(|(x, unpadded)| (unpadded.as_ref().unwrap_or(&x.values), x.rows()))
        .collect();
    backend.add_outer_products(1.0, &rows, d, into, size);
    if size == d {
        return;
    }
    for ((x, _), input) in rows.iter().zip(inputs) {
        let sums = backend.download(&backend.column_sums(x, d));
        for (i, sum) in sums.into_iter().map(Real::to_f64).enumerate() {
            into[i * size + d] += sum;
            into[d * size + i] += sum;
        }
        into[d * size + d] += input.unmasked() as f64;
    }
}

/// into += weight times the sums of the squares of each column, of as many columns as there are sums.
pub(super) fn add_column_squares<B: Backend>(
    backend: &B,
    x: &B::Buffer,
    weight: f64,
    into: &mut [f64],
) {
    let sums = backend.column_sums(&backend.multiply(x, x), into.len());
    backend.add_to(weight, &sums, into);
}

/// into += weight·Σ_n (Σ_t l_nt r_ntᵀ)², elementwise. With one position the square of a product is the
/// product of squares.
fn add_squared_products<B: Backend>(
    backend: &B,
    sides: &[(&Batch<B>, &Batch<B>)],
    weight: f64,
    into: &mut [f64],
) {
    let factors = |batch, positions, (l, l_width), (r, r_width)| Factors {
        batch,
        left: l,
        left_view: View::rows(positions, l_width).transposed(),
        right: r,
        right_view: View::rows(positions, r_width),
    };
    if sides.iter().any(|(left, _)| left.positions > 1) {
        let parts: Vec<_> = sides
            .iter()
            .map(|(l, r)| {
                let (left, right) = ((&l.values, l.features), (&r.values, r.features));
                factors(l.examples, l.positions, left, right)
            })
            .collect();
        backend.add_squared_products(weight, &parts, into);
        return;
    }
    let square =
        |x: &Batch<B>| Arc::new(x.like(x.features, backend.multiply(&x.values, &x.values)));
    let squares = backend.each_part(sides.len(), |i| (square(sides[i].0), square(sides[i].1)));
    let (left, right) = squares.into_iter().unzip();
    let (left, right): (Vec<_>, Vec<_>) = (joined(backend, left), joined(backend, right));
    let parts: Vec<_> = left
        .iter()
        .zip(&right)
        .map(|(l, r)| {
            let (left, right) = ((&l.values, l.features), (&r.values, r.features));
            factors(1, l.examples, left, right)
        })
        .collect();
    backend.add_products(weight, &parts, into);
}

/// Rows below which products of a part cost more for the sums that they are added to than for themselves.
const FEW: usize = 128;

/// Parts of few rows as fewer parts of more, in their order.
pub(super) fn joined<B: Backend>(backend: &B, parts: Vec<Arc<Batch<B>>>) -> Vec<Arc<Batch<B>>> {
    if parts.iter().all(|part| part.rows() >= FEW) || parts.len() == 1 {
        return parts;
    }
    let at_once = FEW.div_ceil(parts[0].rows().max(1));
    parts
        .chunks(at_once)
        .map(|some| {
            let values: Vec<&B::Buffer> = some.iter().map(|part| &part.values).collect();
            let masks = some.iter().map(|part| part.mask.as_deref());
            let mask: Option<Vec<bool>> = masks
                .map(|mask| Some(mask?.iter().copied()))
                .collect::<Option<Vec<_>>>()
                .map(|masks| masks.into_iter().flatten().collect());
            Arc::new(Batch {
                examples: some.iter().map(|part| part.examples).sum(),
                values: backend.joined(&values),
                mask: mask.map(Arc::new),
                ..*some[0]
            })
        })
        .collect()
}

/// into += weight·Σ_n of the squares of what each example adds to each row, vocabulary × features: only the
/// rows that an example has are touched. Gradients are those of the taps, or others in their place.
fn add_squared_rows<B: Backend>(
    backend: &B,
    taps: &[&Tap<B>],
    instead: Option<&[Batch<B>]>,
    weight: f64,
    into: &mut [f64],
) {
    for (i, tap) in taps.iter().enumerate() {
        let Tap::Rows {
            tokens, gradient, ..
        } = tap
        else {
            continue;
        };
        let gradient = instead.map_or(&**gradient, |all| &all[i]);
        row_sums(backend, tokens, &[gradient], |first, sums| {
            for (t, s) in into[first..first + sums[0].len()].iter_mut().zip(&sums[0]) {
                *t += weight * s * s;
            }
        });
    }
}

/// Gives f, for each example and row of the table that it looks up, where the row begins and what each of the
/// gradients adds to it.
pub(super) fn row_sums<B: Backend>(
    backend: &B,
    tokens: &[u32],
    gradients: &[&Batch<B>],
    mut f: impl FnMut(usize, &[Vec<f64>]),
) {
    let Some(Batch {
        examples,
        positions,
        features: d,
        ..
    }) = gradients.first()
    else {
        return;
    };
    let values: Vec<Vec<B::Element>> = gradients
        .iter()
        .map(|gradient| backend.download(&gradient.values))
        .collect();
    let mut sums = vec![vec![0.0; *d]; gradients.len()];
    for n in 0..*examples {
        let mut order: Vec<usize> = (n * positions..(n + 1) * positions).collect();
        order.sort_by_key(|row| tokens[*row]);
        for same in order.chunk_by(|i, j| tokens[*i] == tokens[*j]) {
            for (sum, g) in sums.iter_mut().zip(&values) {
                sum.fill(0.0);
                for row in same {
                    for (s, g) in sum.iter_mut().zip(&g[row * d..(row + 1) * d]) {
                        *s += g.to_f64();
                    }
                }
            }
            f(tokens[same[0]] as usize * d, &sums);
        }
    }
}

/// Adds the second moments along the eigenvectors: those of gradients and inputs that are turned first.
fn add_moments<B: Backend>(backend: &B, taps: &[&Tap<B>], weight: f64, eigen: &mut EigenKronecker) {
    let (r, c) = eigen.size;
    let rows = Basis::new(backend, r, eigen.row_basis.as_deref());
    let columns = Basis::new(backend, c, eigen.column_basis.as_deref());
    if let Some(Tap::Rows { .. }) = taps.first() {
        let turned = backend.each_part(taps.len(), |i| match taps[i] {
            Tap::Rows { gradient, .. } => Some(columns.turned(backend, gradient)),
            Tap::Matrix { .. } | Tap::Direct { .. } => None,
        });
        let turned: Vec<Batch<B>> = turned.into_iter().flatten().collect();
        add_squared_rows(backend, taps, Some(&turned), weight, &mut eigen.values);
        return;
    }
    let turned = backend.each_part(taps.len(), |i| {
        let (left, right) = sides(taps[i])?;
        Some((rows.turned(backend, left), columns.turned(backend, right)))
    });
    let turned: Vec<_> = turned.into_iter().flatten().collect();
    let sides: Vec<_> = turned.iter().map(|(l, r)| (l, r)).collect();
    add_squared_products(backend, &sides, weight, &mut eigen.values);
}

/// Eigenvectors in columns; none where they are the axes.
struct Basis<'a, B: Backend> {
    size: usize,
    vectors: Option<(&'a [f64], B::Buffer)>,
}

impl<'a, B: Backend> Basis<'a, B> {
    fn new(backend: &B, size: usize, vectors: Option<&'a [f64]>) -> Self {
        let upload = |numbers: &[f64]| {
            backend.upload(numbers.iter().map(|&v| B::Element::from_f64(v)).collect())
        };
        Self {
            size,
            vectors: vectors.map(|numbers| (numbers, upload(numbers))),
        }
    }

    /// xU, or (x, 1)U where U has a row more than x has features: the input of a bias is 1.
    fn turned(&self, backend: &B, x: &Batch<B>) -> Batch<B> {
        let Some((numbers, vectors)) = &self.vectors else {
            return x.clone();
        };
        let n = self.size;
        let mut y = backend.product(
            1,
            B::Element::from_f64(1.0),
            &x.values,
            View::rows(x.rows(), x.features),
            vectors,
            View::rows(x.features, n),
        );
        if n > x.features {
            let last = numbers[(n - 1) * n..].iter();
            let row = last.map(|&v| B::Element::from_f64(v)).collect();
            backend.add_row(&backend.upload(row), &mut y);
        }
        x.like(n, y)
    }
}
