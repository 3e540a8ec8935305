use crate::backend::{Backend, Real};

/// Which of a network's tensors of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParameterId(pub usize);

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
}

impl<B: Backend> Parameters<B> {
    /// Tensors in the order of θ.
    pub fn new(tensors: Vec<B::Buffer>) -> Self {
        Self { tensors }
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
        Self { tensors }
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
        &self.tensors[id.0]
    }
}
