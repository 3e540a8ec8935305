use super::{Adapter, Layer, Trace, Use};
use crate::backend::{Backend, Real, View};
use crate::batch::Batch;
use crate::parameters::{ParameterId, Parameters};
use crate::tap::Tap;
use std::sync::Arc;

/// y = Wx + b at every position, W out × in, or in × out where the checkpoint has it so (GPT-2's `Conv1D`);
/// with an adapter (W + (α/r)BA)x + b.
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
    /// A and B.
    pub adapter: Option<Adapter>,
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

    /// xWᵀ, and b at every position where there is one.
    fn apply<B: Backend>(
        &self,
        backend: &B,
        x: &Batch<B>,
        weight: &B::Buffer,
        bias: Option<&B::Buffer>,
    ) -> B::Buffer {
        let one = B::Element::from_f64(1.0);
        let (rows, weights) = (View::rows(x.rows(), self.inputs), self.view().transposed());
        let Some(bias) = bias else {
            return backend.product(1, one, &x.values, rows, weight, weights);
        };
        let mut y = backend.rows(bias, x.rows());
        let into = View::rows(x.rows(), self.outputs);
        backend.add_product(1, one, &x.values, rows, weight, weights, &mut y, into);
        y
    }
}

impl<B: Backend> Layer<B> for Linear {
    fn forward(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        input: &Arc<Batch<B>>,
    ) -> (Arc<Batch<B>>, Trace<B>) {
        let bias = self.bias.map(|bias| parameters.tensor(bias));
        let mut y = self.apply(backend, input, parameters.tensor(self.weight), bias);
        let mut trace = Trace::of_input(input);
        if let Some(adapter) = self.adapter {
            let mut x = Arc::clone(input);
            for map in adapter.maps(self) {
                let (z, inner) = map.forward(backend, parameters, &x);
                trace.children.push(inner);
                x = z;
            }
            backend.add_scaled(B::Element::from_f64(adapter.scale), &x.values, &mut y);
        }
        (Arc::new(input.like(self.outputs, y)), trace)
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
        let mut beside = None;
        if let Some(adapter) = self.adapter {
            let mut scaled = backend.zeros(backend.length(&cotangent.values));
            let scale = B::Element::from_f64(adapter.scale);
            backend.add_scaled(scale, &cotangent.values, &mut scaled);
            let u = Arc::new(cotangent.like(self.outputs, scaled));
            let [down, up] = adapter.maps(self);
            let [first, second] = [&trace.children[0], &trace.children[1]];
            let u = up.vjp(backend, parameters, second, u, true, taps)?;
            beside = down.vjp(backend, parameters, first, u, input_wanted, taps);
        }
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
        let mut x = backend.product(
            1,
            B::Element::from_f64(1.0),
            &cotangent.values,
            View::rows(rows, self.outputs),
            parameters.tensor(self.weight),
            self.view(),
        );
        if let Some(beside) = beside {
            backend.add_scaled(B::Element::from_f64(1.0), &beside.values, &mut x);
        }
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
        let bias = self.bias.map(|bias| direction.tensor(bias));
        let mut y = self.apply(backend, &tangent, parameters.tensor(self.weight), bias);
        if !self.weight.is_frozen() {
            let turned = direction.tensor(self.weight);
            let moved = self.apply(backend, &trace.batches[0], turned, None);
            backend.add_scaled(B::Element::from_f64(1.0), &moved, &mut y);
        }
        if let Some(adapter) = self.adapter {
            let mut v = tangent.clone();
            for (map, inner) in adapter.maps(self).iter().zip(&trace.children) {
                v = map.jvp(backend, parameters, direction, inner, v);
            }
            backend.add_scaled(B::Element::from_f64(adapter.scale), &v.values, &mut y);
        }
        tangent.like(self.outputs, y)
    }

    fn uses(&self) -> Vec<Use> {
        let own = Use::Matrix {
            weight: self.weight,
            bias: self.bias,
            transposed: self.transposed,
        };
        let maps = self.adapter.map(|adapter| adapter.maps(self));
        let maps = maps.iter().flatten();
        let beside = maps.flat_map(|map| Layer::<B>::uses(map));
        std::iter::once(own).chain(beside).collect()
    }
}
