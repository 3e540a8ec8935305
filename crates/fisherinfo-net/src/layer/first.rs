use super::{Parameterless, Trace};
use crate::backend::{Backend, Real, View};
use crate::batch::Batch;

/// The first position alone: where BERT's classifiers look.
#[derive(Clone, Copy, Debug)]
pub struct First;

/// Moves rows of `features` numbers, one an example, from where they lie in x to where they go.
fn moved<B: Backend>(
    backend: &B,
    x: &Batch<B>,
    (from, to): (usize, usize),
    values: &B::Buffer,
) -> B::Buffer {
    let d = x.features;
    let unit = backend.upload(vec![B::Element::from_f64(1.0)]);
    let row = View::rows(1, d);
    let mut y = backend.zeros(x.examples * to * d);
    backend.add_product(
        x.examples,
        B::Element::from_f64(1.0),
        &unit,
        View::rows(1, 1).every(0),
        values,
        row.every(from * d),
        &mut y,
        row.every(to * d),
    );
    y
}

fn first<B: Backend>(backend: &B, x: &Batch<B>) -> Batch<B> {
    Batch {
        examples: x.examples,
        positions: 1,
        features: x.features,
        values: moved(backend, x, (x.positions, 1), &x.values),
        mask: None,
    }
}

impl<B: Backend> Parameterless<B> for First {
    fn value(&self, backend: &B, x: &Batch<B>, _: &mut Trace<B>) -> Batch<B> {
        first(backend, x)
    }

    fn forwards(&self, backend: &B, _: &Trace<B>, v: &Batch<B>) -> Batch<B> {
        first(backend, v)
    }

    fn backwards(&self, backend: &B, trace: &Trace<B>, u: &Batch<B>) -> Batch<B> {
        let x = &trace.batches[0];
        x.like(x.features, moved(backend, x, (1, x.positions), &u.values))
    }
}
