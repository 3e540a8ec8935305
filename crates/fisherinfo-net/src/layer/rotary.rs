use crate::backend::{Backend, Real};

/// Rotary position embedding: the pair (i, i + e/2) of each head turned by the angle t·base^(−2i/e) at
/// position t, with halves of a head paired as Llama's checkpoints have them.
///
/// Source: J. Su et al., RoFormer (2021), eq. 34.
#[derive(Clone, Debug)]
pub struct Rotary {
    cosines: Vec<f64>,
    sines: Vec<f64>,
    swap: Vec<u32>,
}

impl Rotary {
    /// For so many positions of so many heads, each of an even size.
    pub fn new(positions: usize, heads: usize, size: usize, base: f64) -> Self {
        let half = size / 2;
        let (mut cosines, mut sines, mut swap) = (Vec::new(), Vec::new(), Vec::new());
        for t in 0..positions {
            for head in 0..heads {
                let first = ((t * heads + head) * size) as u32;
                for i in 0..size {
                    let angle = t as f64 * base.powf(-2.0 * (i % half) as f64 / size as f64);
                    let other = if i < half { i + half } else { i - half };
                    cosines.push(angle.cos());
                    sines.push(if i < half { -angle.sin() } else { angle.sin() });
                    swap.push(first + other as u32);
                }
            }
        }
        Self {
            cosines,
            sines,
            swap,
        }
    }

    /// The rotation of every example, or its transpose, which is its inverse.
    pub(super) fn apply<B: Backend>(
        &self,
        backend: &B,
        x: &B::Buffer,
        transposed: bool,
    ) -> B::Buffer {
        let table = |values: &[f64]| {
            backend.upload(values.iter().map(|&v| B::Element::from_f64(v)).collect())
        };
        let examples = backend.length(x) / self.swap.len().max(1);
        let swapped = backend.gather(x, examples, &self.swap);
        let turned = backend.multiply_row(&table(&self.sines), &swapped);
        let mut y = backend.multiply_row(&table(&self.cosines), x);
        let sign = if transposed { -1.0 } else { 1.0 };
        backend.add_scaled(B::Element::from_f64(sign), &turned, &mut y);
        y
    }
}
