use std::collections::BTreeMap;

/// A tensor in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its numbers, the last index running fastest.
    pub values: Vec<f64>,
}

/// Tensors by name, as a safetensors file has them.
pub type Checkpoint = BTreeMap<String, Tensor>;
