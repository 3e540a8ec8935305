use super::{Layer, Trace, Use};
use crate::backend::Backend;
use crate::batch::Batch;
use crate::parameters::{ParameterId, Parameters};
use crate::tap::Tap;
use std::sync::Arc;

/// Adds a learned row to each position: positions × features.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// positions × features.
    pub table: ParameterId,
}

fn add<B: Backend>(backend: &B, table: &B::Buffer, x: &Batch<B>) -> Batch<B> {
    let mut y = x.values.clone();
    backend.add_row(table, &mut y);
    x.like(x.features, y)
}

impl<B: Backend> Layer<B> for Position {
    fn forward(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        input: &Arc<Batch<B>>,
    ) -> (Arc<Batch<B>>, Trace<B>) {
        let output = add(backend, parameters.tensor(self.table), input);
        (Arc::new(output), Trace::of_input(input))
    }

    fn vjp(
        &self,
        _: &B,
        _: &Parameters<B>,
        _: &Trace<B>,
        cotangent: Arc<Batch<B>>,
        _: bool,
        taps: &mut Vec<Tap<B>>,
    ) -> Option<Arc<Batch<B>>> {
        taps.push(Tap::Direct {
            parameter: self.table,
            examples: cotangent.examples,
            gradient: cotangent.values.clone(),
        });
        Some(cotangent)
    }

    fn jvp(
        &self,
        backend: &B,
        _: &Parameters<B>,
        direction: &Parameters<B>,
        _: &Trace<B>,
        tangent: Batch<B>,
    ) -> Batch<B> {
        add(backend, direction.tensor(self.table), &tangent)
    }

    fn uses(&self) -> Vec<Use> {
        vec![Use::Direct {
            first: self.table,
            second: None,
        }]
    }
}
