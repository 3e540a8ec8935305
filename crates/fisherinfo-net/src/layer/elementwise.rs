use super::{Layer, Trace};
use crate::backend::{Activation, Backend};
use crate::batch::Batch;
use crate::parameters::Parameters;
use crate::tap::Tap;
use std::sync::Arc;

/// σ(x) at every number.
#[derive(Clone, Copy, Debug)]
pub struct Elementwise(pub Activation);

impl<B: Backend> Layer<B> for Elementwise {
    fn forward(
        &self,
        backend: &B,
        _: &Parameters<B>,
        input: &Arc<Batch<B>>,
    ) -> (Arc<Batch<B>>, Trace<B>) {
        let y = backend.activate(self.0, &input.values);
        let output = input.like(input.features, y);
        (Arc::new(output), Trace::of_input(input))
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
            let x = &trace.batches[0].values;
            let u = backend.activate_slope(self.0, x, &cotangent.values);
            Arc::new(cotangent.like(cotangent.features, u))
        })
    }

    fn jvp(
        &self,
        backend: &B,
        _: &Parameters<B>,
        _: &Parameters<B>,
        trace: &Trace<B>,
        tangent: Batch<B>,
    ) -> Batch<B> {
        let x = &trace.batches[0].values;
        let v = backend.activate_slope(self.0, x, &tangent.values);
        tangent.like(tangent.features, v)
    }
}
