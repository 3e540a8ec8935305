use super::{Layer, Trace, Use};
use crate::backend::{Backend, Real, View};
use crate::batch::Batch;
use crate::parameters::{ParameterId, Parameters};
use crate::tap::Tap;
use std::sync::Arc;

/// y = Wx + b at every position, W out × in, or in × out where the checkpoint has it so (GPT-2's `Conv1D`).
#[derive(Clone, Copy, Debug)]
pub struct Linear {
    /// W.
    pub weight: ParameterId,
    /// b.
    pub bias: Option<ParameterId>,
    /// Features of x.
    pub inputs: usize,
    /// Features of y.
    pub outputs: usize,
    /// Is W kept in × out?
    pub transposed: bool,
}

impl Linear {
    /// W, out × in.
    fn view(&self) -> View {
        if self.transposed {
            View::rows(self.inputs, self.outputs).transposed()
        } else {
            View::rows(self.outputs, self.inputs)
        }
    }

    /// y += xWᵀ.
    fn add_product<B: Backend>(
        &self,
        backend: &B,
        x: &Batch<B>,
        weight: &B::Buffer,
        y: &mut B::Buffer,
    ) {
        backend.product(
            1,
            B::Element::from_f64(1.0),
            &x.values,
            View::rows(x.rows(), self.inputs),
            weight,
            self.view().transposed(),
            y,
            View::rows(x.rows(), self.outputs),
        );
    }
}

impl<B: Backend> Layer<B> for Linear {
    fn forward(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        input: &Arc<Batch<B>>,
    ) -> (Arc<Batch<B>>, Trace<B>) {
        let mut y = backend.zeros(input.rows() * self.outputs);
        self.add_product(backend, input, parameters.tensor(self.weight), &mut y);
        if let Some(bias) = self.bias {
            backend.add_row(parameters.tensor(bias), &mut y);
        }
        let output = input.like(self.outputs, y);
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
        taps.push(Tap::Matrix {
            weight: self.weight,
            bias: self.bias,
            transposed: self.transposed,
            input: Arc::clone(&trace.batches[0]),
            gradient: Arc::clone(&cotangent),
        });
        if !input_wanted {
            return None;
        }
        let rows = cotangent.rows();
        let mut x = backend.zeros(rows * self.inputs);
        backend.product(
            1,
            B::Element::from_f64(1.0),
            &cotangent.values,
            View::rows(rows, self.outputs),
            parameters.tensor(self.weight),
            self.view(),
            &mut x,
            View::rows(rows, self.inputs),
        );
        Some(Arc::new(cotangent.like(self.inputs, x)))
    }

    fn jvp(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        direction: &Parameters<B>,
        trace: &Trace<B>,
        tangent: Batch<B>,
    ) -> Batch<B> {
        let mut y = backend.zeros(tangent.rows() * self.outputs);
        self.add_product(backend, &tangent, parameters.tensor(self.weight), &mut y);
        let input = &trace.batches[0];
        self.add_product(backend, input, direction.tensor(self.weight), &mut y);
        if let Some(bias) = self.bias {
            backend.add_row(direction.tensor(bias), &mut y);
        }
        tangent.like(self.outputs, y)
    }

    fn uses(&self) -> Vec<Use> {
        vec![Use::Matrix {
            weight: self.weight,
            bias: self.bias,
            transposed: self.transposed,
        }]
    }
}
