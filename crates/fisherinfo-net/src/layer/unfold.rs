use super::{Parameterless, Trace};
use crate::backend::{Backend, PADDING};
use crate::batch::Batch;
use std::sync::Arc;

/// A window that slides over a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Height and width.
    pub size: [usize; 2],
    /// Steps down and to the right.
    pub stride: [usize; 2],
    /// Rows above and below, columns left and right, all zero.
    pub padding: [usize; 2],
}

impl Window {
    /// The grid of its places over a grid, or none when it does not fit.
    pub fn places(&self, grid: [usize; 2]) -> Option<[usize; 2]> {
        let along = |i: usize| {
            let room = (grid[i] + 2 * self.padding[i]).checked_sub(self.size[i])?;
            (self.size[i] > 0 && self.stride[i] > 0).then(|| room / self.stride[i] + 1)
        };
        Some([along(0)?, along(1)?])
    }

    /// The position of the grid under each cell of the window at each of its places, or padding.
    pub(super) fn cells(&self, grid: [usize; 2]) -> Vec<Vec<u32>> {
        let [down, right] = self.places(grid).unwrap_or([0, 0]);
        let mut all = Vec::with_capacity(down * right);
        for place in 0..down * right {
            let (top, left) = (
                place / right * self.stride[0],
                place % right * self.stride[1],
            );
            let mut cells = Vec::with_capacity(self.size[0] * self.size[1]);
            for y in top..top + self.size[0] {
                for x in left..left + self.size[1] {
                    let inside = |i: usize, v: usize| {
                        v.checked_sub(self.padding[i]).filter(|v| *v < grid[i])
                    };
                    cells.push(match (inside(0, y), inside(1, x)) {
                        (Some(y), Some(x)) => (y * grid[1] + x) as u32,
                        _ => PADDING,
                    });
                }
            }
            all.push(cells);
        }
        all
    }
}

/// The numbers under a window at each of its places, channel by channel: with a [`super::Linear`] after it, a
/// convolution, whose weight is then out × (channels · height · width) as checkpoints have it.
#[derive(Clone, Debug)]
pub struct Unfold {
    index: Arc<Vec<u32>>,
    positions: usize,
    features: usize,
    inputs: [usize; 2],
}

impl Unfold {
    /// A window over a grid with so many channels, or none when it does not fit.
    pub fn new(window: Window, grid: [usize; 2], channels: usize) -> Option<Self> {
        let [down, right] = window.places(grid)?;
        let cells = window.cells(grid);
        let mut index =
            Vec::with_capacity(cells.len() * channels * window.size[0] * window.size[1]);
        for place in &cells {
            for channel in 0..channels {
                index.extend(place.iter().map(|&position| match position {
                    PADDING => PADDING,
                    position => position * channels as u32 + channel as u32,
                }));
            }
        }
        Some(Self {
            index: Arc::new(index),
            positions: down * right,
            features: channels * window.size[0] * window.size[1],
            inputs: [grid[0] * grid[1], channels],
        })
    }

    fn apply<B: Backend>(&self, backend: &B, x: &Batch<B>) -> Batch<B> {
        Batch {
            examples: x.examples,
            positions: self.positions,
            features: self.features,
            values: backend.gather(&x.values, x.examples, &self.index),
            mask: None,
        }
    }
}

impl<B: Backend> Parameterless<B> for Unfold {
    fn value(&self, backend: &B, x: &Batch<B>, _: &mut Trace<B>) -> Batch<B> {
        self.apply(backend, x)
    }

    fn forwards(&self, backend: &B, _: &Trace<B>, v: &Batch<B>) -> Batch<B> {
        self.apply(backend, v)
    }

    fn backwards(&self, backend: &B, _: &Trace<B>, u: &Batch<B>) -> Batch<B> {
        let [positions, features] = self.inputs;
        let length = positions * features;
        Batch {
            examples: u.examples,
            positions,
            features,
            values: backend.scatter_add(&u.values, u.examples, &self.index, length),
            mask: None,
        }
    }
}
