//! Layers that can be linearised, one a file.
//!
//! A layer brings its value, its derivative along a direction (jvp, Jv), the transpose of that (vjp, Jᵀu),
//! and on the way back a [`Tap`] for each of its parameters. Everything is written in the operations of a
//! [`Backend`].

mod adapter;
mod attention;
mod elementwise;
mod embedding;
mod first;
mod flatten;
mod linear;
mod normalise;
mod parameterless;
mod pooling;
mod position;
mod product;
mod residual;
mod rotary;
mod scale;
mod sequence;
mod standardise;
mod unfold;

pub use adapter::Adapter;
pub use attention::{Attention, Inputs};
pub use elementwise::Elementwise;
pub use embedding::Embedding;
pub use first::First;
pub use flatten::Flatten;
pub use linear::Linear;
pub use normalise::Normalise;
pub use parameterless::{Fixed, Parameterless};
pub use pooling::{GlobalPool, Pool, Pooling};
pub use position::{Position, Row};
pub use product::Product;
pub use residual::Residual;
pub use rotary::Rotary;
pub use scale::Scale;
pub use sequence::Sequence;
pub use standardise::Standardise;
pub use unfold::{Unfold, Window};

use crate::backend::Backend;
use crate::batch::Batch;
use crate::parameters::{ParameterId, Parameters};
use crate::tap::Tap;
use std::collections::HashSet;
use std::fmt::Debug;
use std::sync::Arc;

/// What a layer keeps of its forward pass for the others.
#[derive(Clone, Debug)]
pub struct Trace<B: Backend> {
    /// Batches, its input first where it needs it.
    pub batches: Vec<Arc<Batch<B>>>,
    /// Other arrays.
    pub buffers: Vec<B::Buffer>,
    /// Places in its input.
    pub indices: Arc<Vec<u32>>,
    /// The traces of the layers it is made of.
    pub children: Vec<Trace<B>>,
}

impl<B: Backend> Trace<B> {
    /// Nothing but the input.
    pub fn of_input(input: &Arc<Batch<B>>) -> Self {
        Self {
            batches: vec![Arc::clone(input)],
            buffers: Vec::new(),
            indices: Arc::default(),
            children: Vec::new(),
        }
    }

    /// How many numbers are kept; batches that several layers keep count once.
    pub(crate) fn numbers(&self, backend: &B, seen: &mut HashSet<*const Batch<B>>) -> usize {
        let batches = self.batches.iter();
        let batches = batches
            .filter(|batch| seen.insert(Arc::as_ptr(batch)))
            .map(|batch| backend.length(&batch.values))
            .sum::<usize>();
        let buffers = self.buffers.iter().map(|b| backend.length(b));
        let own = batches + buffers.sum::<usize>();
        let children = self.children.iter();
        own + children.map(|c| c.numbers(backend, seen)).sum::<usize>()
    }
}

/// How a layer uses parameters: what decides which representations it can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A matrix, with what is added after it.
    Matrix {
        /// out × in, unless it is `transposed`.
        weight: ParameterId,
        /// out.
        bias: Option<ParameterId>,
        /// Is the weight kept in × out?
        transposed: bool,
    },
    /// A table whose rows are looked up.
    Rows {
        /// vocabulary × out.
        weight: ParameterId,
    },
    /// Elementwise scale and shift.
    Direct {
        /// The scale, or the only parameter.
        first: ParameterId,
        /// The shift.
        second: Option<ParameterId>,
    },
}

impl Use {
    /// The tensors.
    pub fn tensors(self) -> Vec<ParameterId> {
        let (first, second) = match self {
            Self::Matrix { weight, bias, .. } => (weight, bias),
            Self::Rows { weight } => (weight, None),
            Self::Direct { first, second } => (first, second),
        };
        std::iter::once(first).chain(second).collect()
    }

    /// Are they learnt, and not frozen?
    pub fn is_learnt(self) -> bool {
        self.tensors().iter().any(|id| !id.is_frozen())
    }
}

/// A differentiable map of batches.
///
/// The shapes that it is given are those it was made for: a network checks them when it is built.
pub trait Layer<B: Backend>: Debug + Send + Sync {
    /// f(x), and what the other passes need.
    fn forward(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        input: &Arc<Batch<B>>,
    ) -> (Arc<Batch<B>>, Trace<B>);

    /// Jᵀu in the input, where that is wanted; what belongs to the parameters goes to `taps`.
    fn vjp(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        trace: &Trace<B>,
        cotangent: Arc<Batch<B>>,
        input_wanted: bool,
        taps: &mut Vec<Tap<B>>,
    ) -> Option<Arc<Batch<B>>>;

    /// The derivative of f along `tangent` in the input and `direction` in the parameters.
    fn jvp(
        &self,
        backend: &B,
        parameters: &Parameters<B>,
        direction: &Parameters<B>,
        trace: &Trace<B>,
        tangent: Batch<B>,
    ) -> Batch<B>;

    /// How it uses parameters.
    fn uses(&self) -> Vec<Use> {
        Vec::new()
    }
}
