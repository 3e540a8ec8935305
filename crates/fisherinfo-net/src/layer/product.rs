use super::{Layer, Sequence, Trace, Use};
use crate::backend::Backend;
use crate::batch::Batch;
use crate::parameters::Parameters;
use crate::tap::Tap;
use std::sync::Arc;

/// f(x) g(x), elementwise: the gate of Llama's feed-forward layers.
#[derive(Debug)]
pub struct Product<B: Backend> {
    /// f.
    pub left: Sequence<B>,
    /// g.
    pub right: Sequence<B>,
}

impl<B: Backend> Layer<B> for Product<B> {
    fn forward(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        input: &Arc<Batch<B>>,
    ) -> (Arc<Batch<B>>, Trace<B>) {
        let (left, left_trace) = self.left.forward(backend, parameters, input);
        let (right, right_trace) = self.right.forward(backend, parameters, input);
        let product = backend.multiply(&left.values, &right.values);
        let output = left.like(left.features, product);
        let mut trace = Trace::of_input(input);
        trace.batches = vec![left, right];
        trace.children = vec![left_trace, right_trace];
        (Arc::new(output), trace)
    }

    fn vjp(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        trace: &Trace<B>,
        cotangent: Arc<Batch<B>>,
        input_wanted: bool,
        taps: &mut Vec<Tap<B>>,
    ) -> Option<Arc<Batch<B>>> {
        let mut back = |branch: &Sequence<B>, inner: usize, other: usize| {
            let u = backend.multiply(&trace.batches[other].values, &cotangent.values);
            let u = Arc::new(cotangent.like(cotangent.features, u));
            let inner = &trace.children[inner];
            branch.vjp(backend, parameters, inner, u, input_wanted, taps)
        };
        let left = back(&self.left, 0, 1);
        let right = back(&self.right, 1, 0);
        Some(Arc::new(right?.plus(backend, &*left?)))
    }

    fn jvp(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        direction: &Parameters<B>,
        trace: &Trace<B>,
        tangent: Batch<B>,
    ) -> Batch<B> {
        let along = |branch: &Sequence<B>, inner: usize, other: usize| {
            let inner = &trace.children[inner];
            let v = branch.jvp(backend, parameters, direction, inner, tangent.clone());
            let v_other = backend.multiply(&trace.batches[other].values, &v.values);
            v.like(v.features, v_other)
        };
        along(&self.right, 1, 0).plus(backend, &along(&self.left, 0, 1))
    }

    fn uses(&self) -> Vec<Use> {
        let mut uses = self.left.uses();
        uses.extend(self.right.uses());
        uses
    }
}
