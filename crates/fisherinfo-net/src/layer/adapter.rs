use super::Linear;
use crate::parameters::ParameterId;

/// (α/r) B A beside the weight of a linear map: what is learnt of it while the weight itself stays.
///
/// Source: E. Hu et al., ICLR 2022, 4.1.
#[derive(Clone, Copy, Debug)]
pub struct Adapter {
    /// A, rank × in.
    pub down: ParameterId,
    /// B, out × rank.
    pub up: ParameterId,
    /// r.
    pub rank: usize,
    /// α/r.
    pub scale: f64,
}

impl Adapter {
    /// A and B, each a linear map.
    pub(super) fn maps(&self, beside: &Linear) -> [Linear; 2] {
        let map = |weight, inputs, outputs| Linear {
            weight,
            bias: None,
            inputs,
            outputs,
            transposed: false,
            adapter: None,
        };
        [
            map(self.down, beside.inputs, self.rank),
            map(self.up, self.rank, beside.outputs),
        ]
    }
}
