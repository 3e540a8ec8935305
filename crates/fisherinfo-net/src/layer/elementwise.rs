use super::{Parameterless, Trace};
use crate::backend::{Activation, Backend};
use crate::batch::Batch;

/// σ(x) at every number.
#[derive(Clone, Copy, Debug)]
pub struct Elementwise(pub Activation);

impl Elementwise {
    /// σ′(x) v: the derivative is a diagonal, and its own transpose.
    fn derivative<B: Backend>(&self, backend: &B, trace: &Trace<B>, v: &Batch<B>) -> Batch<B> {
        let slopes = backend.activate_slope(self.0, &trace.batches[0].values, &v.values);
        v.like(v.features, slopes)
    }
}

impl<B: Backend> Parameterless<B> for Elementwise {
    fn value(&self, backend: &B, x: &Batch<B>, _: &mut Trace<B>) -> Batch<B> {
        x.like(x.features, backend.activate(self.0, &x.values))
    }

    fn forwards(&self, backend: &B, trace: &Trace<B>, v: &Batch<B>) -> Batch<B> {
        self.derivative(backend, trace, v)
    }

    fn backwards(&self, backend: &B, trace: &Trace<B>, u: &Batch<B>) -> Batch<B> {
        self.derivative(backend, trace, u)
    }
}
