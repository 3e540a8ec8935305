use super::{Parameterless, Trace, Window};
use crate::backend::{Backend, Real, View};
use crate::batch::Batch;
use std::sync::Arc;

/// What becomes of the numbers under a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// Their mean.
    Mean,
    /// The greatest, the first of several.
    Maximum,
}

/// Pooling under a window without padding, channel by channel.
#[derive(Clone, Debug)]
pub struct Pool {
    pooling: Pooling,
    /// Positions under the window at each of its places, and the same channel by channel.
    rows: Vec<u32>,
    index: Vec<u32>,
    cells: usize,
    positions: usize,
    inputs: [usize; 2],
}

impl Pool {
    /// A window over a grid with so many channels, or none when it does not fit or is padded.
    pub fn new(
        pooling: Pooling,
        window: Window,
        grid: [usize; 2],
        channels: usize,
    ) -> Option<Self> {
        let [down, right] = window.places(grid)?;
        if window.padding != [0, 0] {
            return None;
        }
        let (mut rows, mut index) = (Vec::new(), Vec::new());
        for place in window.cells(grid) {
            for channel in 0..channels as u32 {
                index.extend(place.iter().map(|p| p * channels as u32 + channel));
            }
            rows.extend(place);
        }
        Some(Self {
            pooling,
            rows,
            index,
            cells: window.size[0] * window.size[1],
            positions: down * right,
            inputs: [grid[0] * grid[1], channels],
        })
    }

    fn batch<B: Backend>(&self, examples: usize, positions: usize, values: B::Buffer) -> Batch<B> {
        Batch {
            examples,
            positions,
            features: self.inputs[1],
            values,
            mask: None,
        }
    }

    fn mean<B: Backend>(&self, backend: &B, x: &Batch<B>) -> Batch<B> {
        let under = backend.gather(&x.values, x.examples, &self.index);
        let sums = backend.row_sums(&under, self.cells);
        let mut y = backend.zeros(backend.length(&sums));
        backend.add_scaled(self.share::<B>(), &sums, &mut y);
        self.batch(x.examples, self.positions, y)
    }

    fn share<B: Backend>(&self) -> B::Element {
        B::Element::from_f64(1.0 / self.cells as f64)
    }
}

impl<B: Backend> Parameterless<B> for Pool {
    fn value(&self, backend: &B, x: &Batch<B>, trace: &mut Trace<B>) -> Batch<B> {
        match self.pooling {
            Pooling::Mean => self.mean(backend, x),
            Pooling::Maximum => {
                let (rows, cells) = (&self.rows, self.cells);
                let (y, winners) =
                    backend.greatest_of_rows(&x.values, x.examples, x.features, rows, cells);
                trace.indices = Arc::new(winners);
                self.batch(x.examples, self.positions, y)
            }
        }
    }

    fn forwards(&self, backend: &B, trace: &Trace<B>, v: &Batch<B>) -> Batch<B> {
        match self.pooling {
            Pooling::Mean => self.mean(backend, v),
            Pooling::Maximum => {
                let y = backend.gather(&v.values, 1, &trace.indices);
                self.batch(v.examples, self.positions, y)
            }
        }
    }

    fn backwards(&self, backend: &B, trace: &Trace<B>, u: &Batch<B>) -> Batch<B> {
        let examples = u.examples;
        let [positions, features] = self.inputs;
        let part = positions * features;
        let values = match self.pooling {
            Pooling::Mean => {
                // Each number goes to all cells of its window.
                let mut spread = backend.zeros(examples * self.index.len());
                backend.add_column(self.share::<B>(), &u.values, &mut spread);
                backend.scatter_add(&spread, examples, &self.index, part)
            }
            Pooling::Maximum => backend.scatter_add(&u.values, 1, &trace.indices, examples * part),
        };
        self.batch(examples, positions, values)
    }
}

/// The sum or the mean over all positions that are no padding.
#[derive(Clone, Copy, Debug)]
pub struct GlobalPool {
    /// The mean and not the sum.
    pub mean: bool,
}

impl GlobalPool {
    /// What each position counts.
    fn weights<B: Backend>(&self, backend: &B, x: &Batch<B>) -> B::Buffer {
        let kept =
            |n: usize, t: usize| x.mask.as_ref().is_none_or(|mask| mask[n * x.positions + t]);
        let mut weights = Vec::with_capacity(x.rows());
        for n in 0..x.examples {
            let count = (0..x.positions).filter(|&t| kept(n, t)).count().max(1);
            let weight = if self.mean { 1.0 / count as f64 } else { 1.0 };
            weights.extend(
                (0..x.positions)
                    .map(|t| B::Element::from_f64(if kept(n, t) { weight } else { 0.0 })),
            );
        }
        backend.upload(weights)
    }

    /// The pooled batch, one position an example.
    pub(crate) fn pooled<B: Backend>(&self, backend: &B, x: &Batch<B>) -> Batch<B> {
        self.apply(backend, &self.weights(backend, x), x)
    }

    fn apply<B: Backend>(&self, backend: &B, weights: &B::Buffer, x: &Batch<B>) -> Batch<B> {
        let mut y = backend.zeros(x.examples * x.features);
        backend.add_product(
            x.examples,
            B::Element::from_f64(1.0),
            weights,
            View::rows(1, x.positions),
            &x.values,
            View::rows(x.positions, x.features),
            &mut y,
            View::rows(1, x.features),
        );
        Batch {
            examples: x.examples,
            positions: 1,
            features: x.features,
            values: y,
            mask: None,
        }
    }
}

impl<B: Backend> Parameterless<B> for GlobalPool {
    fn value(&self, backend: &B, x: &Batch<B>, trace: &mut Trace<B>) -> Batch<B> {
        trace.buffers.push(self.weights(backend, x));
        self.apply(backend, &trace.buffers[0], x)
    }

    fn forwards(&self, backend: &B, trace: &Trace<B>, v: &Batch<B>) -> Batch<B> {
        self.apply(backend, &trace.buffers[0], v)
    }

    fn backwards(&self, backend: &B, trace: &Trace<B>, u: &Batch<B>) -> Batch<B> {
        let x = &trace.batches[0];
        let mut spread = backend.zeros(x.rows() * x.features);
        backend.add_product(
            x.examples,
            B::Element::from_f64(1.0),
            &trace.buffers[0],
            View::rows(x.positions, 1),
            &u.values,
            View::rows(1, x.features),
            &mut spread,
            View::rows(x.positions, x.features),
        );
        x.like(x.features, spread)
    }
}
