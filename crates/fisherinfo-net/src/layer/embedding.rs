use super::{Layer, Trace, Use};
use crate::backend::{Backend, Real};
use crate::batch::Batch;
use crate::parameters::{ParameterId, Parameters};
use crate::tap::Tap;
use std::sync::Arc;

/// The row of a table for each token. A batch of tokens has one feature, the token's number.
#[derive(Clone, Copy, Debug)]
pub struct Embedding {
    /// vocabulary × features.
    pub weight: ParameterId,
    /// Features of a row.
    pub features: usize,
}

impl Embedding {
    fn look_up<B: Backend>(&self, backend: &B, table: &B::Buffer, tokens: &[u32]) -> B::Buffer {
        let d = self.features as u32;
        let index: Vec<u32> = tokens
            .iter()
            .flat_map(|token| (0..d).map(move |i| token * d + i))
            .collect();
        backend.gather(table, 1, &index)
    }
}

impl<B: Backend> Layer<B> for Embedding {
    fn forward(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        input: &Arc<Batch<B>>,
    ) -> (Arc<Batch<B>>, Trace<B>) {
        let tokens: Vec<u32> = backend
            .download(&input.values)
            .into_iter()
            .map(|token| token.to_f64() as u32)
            .collect();
        let values = self.look_up(backend, parameters.tensor(self.weight), &tokens);
        let mut trace = Trace::of_input(input);
        trace.indices = Arc::new(tokens);
        (Arc::new(input.like(self.features, values)), trace)
    }

    fn vjp(
        &self,
        backend: &B,
        _: &Parameters<B>,
        trace: &Trace<B>,
        cotangent: Arc<Batch<B>>,
        input_wanted: bool,
        taps: &mut Vec<Tap<B>>,
    ) -> Option<Arc<Batch<B>>> {
        let tokens = Arc::clone(&trace.indices);
        // The number of a token is no quantity that anything could be derived by.
        let input = input_wanted.then(|| Arc::new(cotangent.zeros_like(backend, 1)));
        taps.push(Tap::Rows {
            weight: self.weight,
            tokens,
            gradient: cotangent,
        });
        input
    }

    fn jvp(
        &self,
        backend: &B,
        _: &Parameters<B>,
        direction: &Parameters<B>,
        trace: &Trace<B>,
        tangent: Batch<B>,
    ) -> Batch<B> {
        let values = self.look_up(backend, direction.tensor(self.weight), &trace.indices);
        tangent.like(self.features, values)
    }

    fn uses(&self) -> Vec<Use> {
        vec![Use::Rows {
            weight: self.weight,
        }]
    }
}
