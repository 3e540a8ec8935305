use super::{Parameterless, Trace};
use crate::backend::{Backend, Real};
use crate::batch::Batch;

/// Every position divided by its root mean square √(m₂ + ε), after its mean is taken away where it is
/// `centred`: what LayerNorm (centred) and RMSNorm do before their scale.
#[derive(Clone, Copy, Debug)]
pub struct Normalise {
    /// Is the mean taken away?
    pub centred: bool,
    /// ε.
    pub epsilon: f64,
}

impl Normalise {
    fn centre<B: Backend>(&self, backend: &B, x: &B::Buffer, features: usize) -> B::Buffer {
        let mut y = x.clone();
        if self.centred {
            let sums = backend.row_sums(x, features);
            backend.add_column(B::Element::from_f64(-1.0 / features as f64), &sums, &mut y);
        }
        y
    }

    /// J v = r(v − v̄ − x̂·mean(x̂v)), which is symmetric.
    fn derivative<B: Backend>(&self, backend: &B, trace: &Trace<B>, v: &Batch<B>) -> Batch<B> {
        let (normal, root) = (&trace.buffers[0], &trace.buffers[1]);
        let d = v.features;
        let mut y = self.centre(backend, &v.values, d);
        let along = backend.row_sums(&backend.multiply(normal, &v.values), d);
        let part = backend.multiply_column(&along, normal);
        backend.add_scaled(B::Element::from_f64(-1.0 / d as f64), &part, &mut y);
        v.like(d, backend.multiply_column(root, &y))
    }
}

impl<B: Backend> Parameterless<B> for Normalise {
    fn value(&self, backend: &B, x: &Batch<B>, trace: &mut Trace<B>) -> Batch<B> {
        let d = x.features;
        let centred = self.centre(backend, &x.values, d);
        let squares = backend.row_sums(&backend.multiply(&centred, &centred), d);
        let root = backend.inverse_root(
            B::Element::from_f64(1.0 / d as f64),
            B::Element::from_f64(self.epsilon),
            &squares,
        );
        let normal = backend.multiply_column(&root, &centred);
        trace.buffers = vec![normal.clone(), root];
        x.like(d, normal)
    }

    fn forwards(&self, backend: &B, trace: &Trace<B>, v: &Batch<B>) -> Batch<B> {
        self.derivative(backend, trace, v)
    }

    fn backwards(&self, backend: &B, trace: &Trace<B>, u: &Batch<B>) -> Batch<B> {
        self.derivative(backend, trace, u)
    }
}
