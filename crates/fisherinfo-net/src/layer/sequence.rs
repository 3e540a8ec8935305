use super::{Layer, Trace, Use};
use crate::backend::Backend;
use crate::batch::Batch;
use crate::parameters::Parameters;
use crate::tap::Tap;
use std::sync::Arc;

/// One layer after the other.
#[derive(Debug)]
pub struct Sequence<B: Backend> {
    /// The layers.
    pub layers: Vec<Box<dyn Layer<B>>>,
}

impl<B: Backend> Layer<B> for Sequence<B> {
    fn forward(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        input: &Arc<Batch<B>>,
    ) -> (Arc<Batch<B>>, Trace<B>) {
        let mut x = Arc::clone(input);
        let mut trace = Trace::of_input(input);
        trace.batches.clear();
        for layer in &self.layers {
            let (y, inner) = layer.forward(backend, parameters, &x);
            trace.children.push(inner);
            x = y;
        }
        (x, trace)
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
        // What lies before the first layer that learns is of no use, unless the input is wanted.
        let first = if input_wanted {
            0
        } else {
            self.layers
                .iter()
                .position(|layer| layer.uses().into_iter().any(Use::is_learnt))?
        };
        let mut u = cotangent;
        for (i, layer) in self.layers.iter().enumerate().skip(first).rev() {
            let wanted = input_wanted || i > first;
            let inner = &trace.children[i];
            u = layer.vjp(backend, parameters, inner, u, wanted, taps)?;
        }
        Some(u)
    }

    fn jvp(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        direction: &Parameters<B>,
        trace: &Trace<B>,
        tangent: Batch<B>,
    ) -> Batch<B> {
        let layers = self.layers.iter().zip(&trace.children);
        layers.fold(tangent, |v, (layer, inner)| {
            layer.jvp(backend, parameters, direction, inner, v)
        })
    }

    fn uses(&self) -> Vec<Use> {
        self.layers.iter().flat_map(|layer| layer.uses()).collect()
    }
}
