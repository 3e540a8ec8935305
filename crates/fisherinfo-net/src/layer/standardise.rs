use super::{Layer, Trace};
use crate::backend::{Backend, Real};
use crate::batch::Batch;
use crate::parameters::Parameters;
use crate::tap::Tap;
use std::sync::Arc;

/// (x − m)/√(v + ε), feature by feature, with m and v that no pass changes: BatchNorm with frozen statistics,
/// before its scale.
#[derive(Clone, Debug)]
pub struct Standardise<B: Backend> {
    /// 1/√(v + ε).
    factor: B::Buffer,
    /// −m/√(v + ε).
    shift: B::Buffer,
}

impl<B: Backend> Standardise<B> {
    /// From means and variances.
    pub fn new(backend: &B, mean: &[f64], variance: &[f64], epsilon: f64) -> Self {
        let factors: Vec<f64> = variance
            .iter()
            .map(|v| (v + epsilon).sqrt().recip())
            .collect();
        let upload = |values: Vec<f64>| {
            backend.upload(values.into_iter().map(B::Element::from_f64).collect())
        };
        let shifts = mean.iter().zip(&factors).map(|(m, f)| -m * f).collect();
        Self {
            factor: upload(factors),
            shift: upload(shifts),
        }
    }
}

impl<B: Backend> Layer<B> for Standardise<B> {
    fn forward(
        &self,
        backend: &B,
        _: &Parameters<B>,
        input: &Arc<Batch<B>>,
    ) -> (Arc<Batch<B>>, Trace<B>) {
        let mut y = backend.multiply_row(&self.factor, &input.values);
        backend.add_row(&self.shift, &mut y);
        let output = input.like(input.features, y);
        (Arc::new(output), Trace::of_input(input))
    }

    fn vjp(
        &self,
        backend: &B,
        _: &Parameters<B>,
        _: &Trace<B>,
        cotangent: Arc<Batch<B>>,
        input_wanted: bool,
        _: &mut Vec<Tap<B>>,
    ) -> Option<Arc<Batch<B>>> {
        input_wanted.then(|| {
            let u = backend.multiply_row(&self.factor, &cotangent.values);
            Arc::new(cotangent.like(cotangent.features, u))
        })
    }

    fn jvp(
        &self,
        backend: &B,
        _: &Parameters<B>,
        _: &Parameters<B>,
        _: &Trace<B>,
        tangent: Batch<B>,
    ) -> Batch<B> {
        let v = backend.multiply_row(&self.factor, &tangent.values);
        tangent.like(tangent.features, v)
    }
}
