use super::{Parameterless, Trace};
use crate::backend::{Backend, Real};
use crate::batch::Batch;

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

    fn scaled(&self, backend: &B, v: &Batch<B>) -> Batch<B> {
        v.like(v.features, backend.multiply_row(&self.factor, &v.values))
    }
}

impl<B: Backend> Parameterless<B> for Standardise<B> {
    fn value(&self, backend: &B, x: &Batch<B>, _: &mut Trace<B>) -> Batch<B> {
        let mut y = self.scaled(backend, x);
        backend.add_row(&self.shift, &mut y.values);
        y
    }

    fn forwards(&self, backend: &B, _: &Trace<B>, v: &Batch<B>) -> Batch<B> {
        self.scaled(backend, v)
    }

    fn backwards(&self, backend: &B, _: &Trace<B>, u: &Batch<B>) -> Batch<B> {
        self.scaled(backend, u)
    }
}
