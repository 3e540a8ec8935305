use crate::backend::{Backend, PADDING, Real, View};
use crate::batch::Batch;
use crate::parameters::ParameterId;
use std::ops::Range;
use std::sync::Arc;

/// What a pass backwards leaves at a parameter: enough for its gradient example by example, without
/// that gradient being computed.
#[derive(Clone, Debug)]
pub enum Tap<B: Backend> {
    /// A matrix that every position is multiplied by: the gradient of example n is \\(\sum_t g_{nt} a_{nt}^\top\\).
    Matrix {
        /// out × in, unless it is `transposed`.
        weight: ParameterId,
        /// What is added after it, with the gradient \\(\sum_t g_{nt}\\).
        bias: Option<ParameterId>,
        /// Is the weight kept in × out? Its gradient then is \\(\sum_t a_{nt} g_{nt}^\top\\).
        transposed: bool,
        /// a.
        input: Arc<Batch<B>>,
        /// g, the gradient with respect to the product.
        gradient: Arc<Batch<B>>,
    },
    /// A table whose rows are looked up: the gradient of example n has g at the rows it looked at.
    Rows {
        /// vocabulary × out.
        weight: ParameterId,
        /// The row of each position.
        tokens: Arc<Vec<u32>>,
        /// g.
        gradient: Arc<Batch<B>>,
    },
    /// Any other parameter, with its gradients themselves.
    Direct {
        /// Which.
        parameter: ParameterId,
        /// How many examples.
        examples: usize,
        /// examples × length of the parameter.
        gradient: B::Buffer,
    },
}

impl<B: Backend> Tap<B> {
    /// Is it of something that is learnt?
    pub(crate) fn is_learnt(&self) -> bool {
        let (Self::Matrix { weight: id, .. }
        | Self::Rows { weight: id, .. }
        | Self::Direct { parameter: id, .. }) = self;
        !id.is_frozen()
    }

    /// Is part of this parameter's gradient here?
    pub fn touches(&self, id: ParameterId) -> bool {
        match self {
            Self::Matrix { weight, bias, .. } => *weight == id || *bias == Some(id),
            Self::Rows { weight, .. } => *weight == id,
            Self::Direct { parameter, .. } => *parameter == id,
        }
    }

    /// Adds the gradient of each example of a range to a row of `into`, which has `width` numbers a row; a
    /// parameter begins at `place` of its row, or is left out where that is none.
    pub fn add_per_example(
        &self,
        backend: &B,
        place: &dyn Fn(ParameterId) -> Option<usize>,
        width: usize,
        range: Range<usize>,
        into: &mut B::Buffer,
    ) {
        let one = B::Element::from_f64(1.0);
        let (first, examples) = (range.start, range.len());
        match self {
            Self::Matrix {
                weight,
                bias,
                transposed,
                input,
                gradient,
            } => {
                let positions = gradient.positions;
                let of = |batch: &Batch<B>| {
                    View::rows(positions, batch.features).at(first * positions * batch.features)
                };
                let sides = (&**gradient, &**input);
                let (rows, columns) = if *transposed {
                    (sides.1, sides.0)
                } else {
                    sides
                };
                if let Some(offset) = place(*weight) {
                    let c = View::rows(rows.features, columns.features)
                        .at(offset)
                        .every(width);
                    backend.add_product(
                        examples,
                        one,
                        &rows.values,
                        of(rows).transposed(),
                        &columns.values,
                        of(columns),
                        into,
                        c,
                    );
                }
                if let Some(offset) = bias.and_then(place) {
                    let ones = backend.upload(vec![one; positions]);
                    let ones_view = View::rows(positions, 1).every(0);
                    let c = View::rows(gradient.features, 1).at(offset).every(width);
                    backend.add_product(
                        examples,
                        one,
                        &gradient.values,
                        of(gradient).transposed(),
                        &ones,
                        ones_view,
                        into,
                        c,
                    );
                }
            }
            Self::Rows {
                weight,
                tokens,
                gradient,
            } => {
                let Some(offset) = place(*weight) else { return };
                let index = scattered(tokens, gradient, |row| {
                    let example = row / gradient.positions;
                    range
                        .contains(&example)
                        .then(|| (example - first) * width + offset)
                });
                let rows = backend.scatter_add(&gradient.values, 1, &index, examples * width);
                backend.add_scaled(one, &rows, into);
            }
            Self::Direct {
                parameter,
                examples: all,
                gradient,
            } => {
                let Some(offset) = place(*parameter) else {
                    return;
                };
                let length = backend.length(gradient) / (*all).max(1);
                let index: Vec<u32> = (0..*all)
                    .flat_map(|example| {
                        let inside = range.contains(&example);
                        (0..length).map(move |i| match inside {
                            true => ((example - first) * width + offset + i) as u32,
                            false => PADDING,
                        })
                    })
                    .collect();
                let rows = backend.scatter_add(gradient, 1, &index, examples * width);
                backend.add_scaled(one, &rows, into);
            }
        }
    }

    /// Adds the gradient of all examples together to `into`, which has a place for every number of θ.
    pub fn add_sum(&self, backend: &B, place: &dyn Fn(ParameterId) -> usize, into: &mut B::Buffer) {
        let one = B::Element::from_f64(1.0);
        match self {
            Self::Matrix {
                weight,
                bias,
                transposed,
                input,
                gradient,
            } => {
                let g = View::rows(gradient.rows(), gradient.features).transposed();
                let a = View::rows(input.rows(), input.features);
                let c = if *transposed {
                    View::rows(input.features, gradient.features).transposed()
                } else {
                    View::rows(gradient.features, input.features)
                };
                let c = c.at(place(*weight));
                backend.add_product(1, one, &gradient.values, g, &input.values, a, into, c);
                if let Some(bias) = bias {
                    let sums = backend.column_sums(&gradient.values, gradient.features);
                    add_at(backend, &sums, place(*bias), into);
                }
            }
            Self::Rows {
                weight,
                tokens,
                gradient,
            } => {
                let index = scattered(tokens, gradient, |_| Some(place(*weight)));
                let length = backend.length(into);
                let rows = backend.scatter_add(&gradient.values, 1, &index, length);
                backend.add_scaled(one, &rows, into);
            }
            Self::Direct {
                parameter,
                examples,
                gradient,
            } => {
                let length = backend.length(gradient) / (*examples).max(1);
                let sums = backend.column_sums(gradient, length);
                add_at(backend, &sums, place(*parameter), into);
            }
        }
    }
}

fn add_at<B: Backend>(backend: &B, values: &B::Buffer, offset: usize, into: &mut B::Buffer) {
    let n = backend.length(values);
    let one = B::Element::from_f64(1.0);
    let unit = backend.upload(vec![one]);
    let row = View::rows(1, n);
    backend.add_product(
        1,
        one,
        &unit,
        View::rows(1, 1),
        values,
        row,
        into,
        row.at(offset),
    );
}

/// Where the numbers of each row of a gradient go: to the row of its token, after `start` of the row, or
/// nowhere.
fn scattered<B: Backend>(
    tokens: &[u32],
    gradient: &Batch<B>,
    start: impl Fn(usize) -> Option<usize>,
) -> Vec<u32> {
    let d = gradient.features;
    tokens
        .iter()
        .enumerate()
        .flat_map(|(row, &token)| {
            let first = start(row).map(|start| start + token as usize * d);
            (0..d).map(move |i| first.map_or(PADDING, |first| (first + i) as u32))
        })
        .collect()
}
