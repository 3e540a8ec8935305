use super::{Layer, Sequence, Trace, Use};
use crate::backend::Backend;
use crate::batch::Batch;
use crate::parameters::Parameters;
use crate::tap::Tap;
use std::sync::Arc;

/// x + f(x).
#[derive(Debug)]
pub struct Residual<B: Backend>(pub Sequence<B>);

impl<B: Backend> Layer<B> for Residual<B> {
    fn forward(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        input: &Arc<Batch<B>>,
    ) -> (Arc<Batch<B>>, Trace<B>) {
        let (y, trace) = self.0.forward(backend, parameters, input);
        (Arc::new(y.plus(backend, input)), trace)
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
        let direct = Arc::clone(&cotangent);
        let through = self
            .0
            .vjp(backend, parameters, trace, cotangent, input_wanted, taps)?;
        Some(Arc::new(through.plus(backend, &direct)))
    }

    fn jvp(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        direction: &Parameters<B>,
        trace: &Trace<B>,
        tangent: Batch<B>,
    ) -> Batch<B> {
        let through = self
            .0
            .jvp(backend, parameters, direction, trace, tangent.clone());
        through.plus(backend, &tangent)
    }

    fn uses(&self) -> Vec<Use> {
        self.0.uses()
    }
}
