use super::{Layer, Trace};
use crate::backend::{Backend, Real, View};
use crate::batch::Batch;
use crate::parameters::Parameters;
use crate::tap::Tap;
use std::sync::Arc;

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
    backend.product(
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

impl<B: Backend> Layer<B> for First {
    fn forward(
        &self,
        backend: &B,
        _: &Parameters<B>,
        input: &Arc<Batch<B>>,
    ) -> (Arc<Batch<B>>, Trace<B>) {
        (Arc::new(first(backend, input)), Trace::of_input(input))
    }

    fn vjp(
        &self,
        backend: &B,
        _: &Parameters<B>,
        trace: &Trace<B>,
        cotangent: Arc<Batch<B>>,
        input_wanted: bool,
        _: &mut Vec<Tap<B>>,
    ) -> Option<Arc<Batch<B>>> {
        input_wanted.then(|| {
            let input = &trace.batches[0];
            let u = moved(backend, input, (1, input.positions), &cotangent.values);
            Arc::new(input.like(input.features, u))
        })
    }

    fn jvp(
        &self,
        backend: &B,
        _: &Parameters<B>,
        _: &Parameters<B>,
        _: &Trace<B>,
        tangent: Batch<B>,
    ) -> Batch<B> {
        first(backend, &tangent)
    }
}
