use crate::backend::{Backend, Real};
use std::sync::Arc;

/// Which of a network's tensors of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParameterId(pub usize);

impl ParameterId {
    /// From here on they are tensors that are not learnt.
    const FROZEN: usize = 1 << (usize::BITS - 1);

    /// A tensor that is not learnt, and no part of θ.
    pub(crate) fn frozen(place: usize) -> Self {
        Self(place + Self::FROZEN)
    }

    /// Is it no part of θ?
    pub fn is_frozen(self) -> bool {
        self.0 >= Self::FROZEN
    }

    /// Its place among those that are learnt, or among those that are not.
    pub(crate) fn place(self) -> usize {
        self.0 % Self::FROZEN
    }
}

/// A tensor that a network learns, and its place in θ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterInfo {
    /// Its name in the checkpoint.
    pub name: String,
    /// Its shape there.
    pub shape: Vec<usize>,
    /// Where it begins in θ.
    pub offset: usize,
}

impl ParameterInfo {
    /// How many numbers it has.
    pub fn length(&self) -> usize {
        self.shape.iter().product()
    }
}

/// The numbers of all parameters, or a direction in their space, tensor by tensor.
#[derive(Clone, Debug)]
pub struct Parameters<B: Backend> {
    tensors: Vec<B::Buffer>,
    frozen: Arc<Vec<B::Buffer>>,
}

impl<B: Backend> Parameters<B> {
    /// Tensors in the order of θ.
    pub fn new(tensors: Vec<B::Buffer>) -> Self {
        Self {
            tensors,
            frozen: Arc::default(),
        }
    }

    /// The same beside tensors that are not learnt.
    #[must_use]
    pub(crate) fn beside(self, frozen: Arc<Vec<B::Buffer>>) -> Self {
        Self { frozen, ..self }
    }

    /// The tensors themselves.
    pub(crate) fn into_tensors(self) -> Arc<Vec<B::Buffer>> {
        Arc::new(self.tensors)
    }

    /// The tensors that are not learnt.
    pub(crate) fn frozen(&self) -> &Arc<Vec<B::Buffer>> {
        &self.frozen
    }

    /// θ, cut into the tensors of `infos` in their order.
    ///
    /// # Panics
    /// When θ is shorter than they are together.
    pub fn from_flat(backend: &B, infos: &[ParameterInfo], theta: &[f64]) -> Self {
        let tensors = infos
            .iter()
            .map(|info| {
                let part = &theta[info.offset..info.offset + info.length()];
                backend.upload(part.iter().map(|&v| B::Element::from_f64(v)).collect())
            })
            .collect();
        Self::new(tensors)
    }

    /// The tensors one after the other.
    pub fn to_flat(&self, backend: &B) -> Vec<f64> {
        self.tensors
            .iter()
            .flat_map(|tensor| backend.download(tensor))
            .map(Real::to_f64)
            .collect()
    }

    /// One tensor.
    pub fn tensor(&self, id: ParameterId) -> &B::Buffer {
        match id.is_frozen() {
            true => &self.frozen[id.place()],
            false => &self.tensors[id.0],
        }
    }
}
