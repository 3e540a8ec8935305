use super::{Layer, Trace, Use};
use crate::backend::{Backend, Real, View};
use crate::batch::Batch;
use crate::parameters::{ParameterId, Parameters};
use crate::tap::Tap;
use std::sync::Arc;

/// γx + β, feature by feature.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// γ.
    pub scale: ParameterId,
    /// β.
    pub shift: Option<ParameterId>,
}

impl Scale {
    /// Σ over the positions of each example.
    pub(super) fn per_example<B: Backend>(
        backend: &B,
        x: &Batch<B>,
        values: &B::Buffer,
    ) -> B::Buffer {
        let one = B::Element::from_f64(1.0);
        let ones = backend.upload(vec![one; x.positions]);
        let mut sums = backend.zeros(x.examples * x.features);
        backend.add_product(
            x.examples,
            one,
            &ones,
            View::rows(1, x.positions).every(0),
            values,
            View::rows(x.positions, x.features),
            &mut sums,
            View::rows(1, x.features),
        );
        sums
    }
}

impl<B: Backend> Layer<B> for Scale {
    fn forward(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        input: &Arc<Batch<B>>,
    ) -> (Arc<Batch<B>>, Trace<B>) {
        let mut y = backend.multiply_row(parameters.tensor(self.scale), &input.values);
        if let Some(shift) = self.shift {
            backend.add_row(parameters.tensor(shift), &mut y);
        }
        let output = input.like(input.features, y);
        (Arc::new(output), Trace::of_input(input))
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
        let examples = cotangent.examples;
        let product = backend.multiply(&trace.batches[0].values, &cotangent.values);
        taps.push(Tap::Direct {
            parameter: self.scale,
            examples,
            gradient: Self::per_example(backend, &cotangent, &product),
        });
        if let Some(shift) = self.shift {
            taps.push(Tap::Direct {
                parameter: shift,
                examples,
                gradient: Self::per_example(backend, &cotangent, &cotangent.values),
            });
        }
        input_wanted.then(|| {
            let u = backend.multiply_row(parameters.tensor(self.scale), &cotangent.values);
            Arc::new(cotangent.like(cotangent.features, u))
        })
    }

    fn jvp(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        direction: &Parameters<B>,
        trace: &Trace<B>,
        tangent: Batch<B>,
    ) -> Batch<B> {
        let mut y = backend.multiply_row(parameters.tensor(self.scale), &tangent.values);
        let moved = backend.multiply_row(direction.tensor(self.scale), &trace.batches[0].values);
        backend.add_scaled(B::Element::from_f64(1.0), &moved, &mut y);
        if let Some(shift) = self.shift {
            backend.add_row(direction.tensor(shift), &mut y);
        }
        tangent.like(tangent.features, y)
    }

    fn uses(&self) -> Vec<Use> {
        vec![Use::Direct {
            first: self.scale,
            second: self.shift,
        }]
    }
}
