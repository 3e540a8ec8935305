use super::{Layer, Trace};
use crate::backend::Backend;
use crate::batch::Batch;
use crate::parameters::Parameters;
use crate::tap::Tap;
use std::fmt::Debug;
use std::sync::Arc;

/// A layer that learns nothing: its value and the two directions of its derivative are all that there is to
/// say. [`Fixed`] is the layer of it.
pub trait Parameterless<B: Backend>: Debug + Send + Sync {
    /// f(x); what the derivative needs besides x goes to the trace.
    fn value(&self, backend: &B, x: &Batch<B>, trace: &mut Trace<B>) -> Batch<B>;

    /// Jv.
    fn forwards(&self, backend: &B, trace: &Trace<B>, v: &Batch<B>) -> Batch<B>;

    /// Jᵀu.
    fn backwards(&self, backend: &B, trace: &Trace<B>, u: &Batch<B>) -> Batch<B>;
}

/// A layer without parameters among the others.
#[derive(Clone, Copy, Debug)]
pub struct Fixed<L>(pub L);

impl<B: Backend, L: Parameterless<B>> Layer<B> for Fixed<L> {
    fn forward(
        &self,
        backend: &B,
        _: &Parameters<B>,
        input: &Arc<Batch<B>>,
    ) -> (Arc<Batch<B>>, Trace<B>) {
        let mut trace = Trace::of_input(input);
        let output = self.0.value(backend, input, &mut trace);
        (Arc::new(output), trace)
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
        input_wanted.then(|| Arc::new(self.0.backwards(backend, trace, &cotangent)))
    }

    fn jvp(
        &self,
        backend: &B,
        _: &Parameters<B>,
        _: &Parameters<B>,
        trace: &Trace<B>,
        tangent: Batch<B>,
    ) -> Batch<B> {
        self.0.forwards(backend, trace, &tangent)
    }
}
