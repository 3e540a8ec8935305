use super::{Layer, Scale, Trace, Use};
use crate::backend::{Backend, Real, View};
use crate::batch::Batch;
use crate::parameters::{ParameterId, Parameters};
use crate::tap::Tap;
use std::sync::Arc;

/// Adds a learned row to each position, from a table that may have more rows than there are positions.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// rows × features.
    pub table: ParameterId,
}

/// Adds the first row of a table to every position: the type of a text's tokens where all are of one type.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// rows × features.
    pub table: ParameterId,
}

/// Adds the beginning of a table, `rows` of it, again and again.
fn add<B: Backend>(backend: &B, table: &B::Buffer, rows: usize, x: &Batch<B>) -> Batch<B> {
    let one = B::Element::from_f64(1.0);
    let size = View::rows(1, rows * x.features);
    let unit = backend.upload(vec![one; x.rows() / rows]);
    let mut y = x.values.clone();
    backend.add_product(
        x.rows() / rows,
        one,
        &unit,
        View::rows(1, 1),
        table,
        size.every(0),
        &mut y,
        size,
    );
    x.like(x.features, y)
}

impl<B: Backend> Layer<B> for Position {
    fn forward(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        input: &Arc<Batch<B>>,
    ) -> (Arc<Batch<B>>, Trace<B>) {
        let output = add(
            backend,
            parameters.tensor(self.table),
            input.positions,
            input,
        );
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
        let rows = tangent.positions;
        add(backend, direction.tensor(self.table), rows, &tangent)
    }

    fn uses(&self) -> Vec<Use> {
        vec![Use::Direct {
            first: self.table,
            second: None,
        }]
    }
}

impl<B: Backend> Layer<B> for Row {
    fn forward(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        input: &Arc<Batch<B>>,
    ) -> (Arc<Batch<B>>, Trace<B>) {
        let output = add(backend, parameters.tensor(self.table), 1, input);
        (Arc::new(output), Trace::of_input(input))
    }

    fn vjp(
        &self,
        backend: &B,
        _: &Parameters<B>,
        _: &Trace<B>,
        cotangent: Arc<Batch<B>>,
        _: bool,
        taps: &mut Vec<Tap<B>>,
    ) -> Option<Arc<Batch<B>>> {
        taps.push(Tap::Direct {
            parameter: self.table,
            examples: cotangent.examples,
            gradient: Scale::per_example(backend, &cotangent, &cotangent.values),
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
        add(backend, direction.tensor(self.table), 1, &tangent)
    }

    fn uses(&self) -> Vec<Use> {
        vec![Use::Direct {
            first: self.table,
            second: None,
        }]
    }
}
