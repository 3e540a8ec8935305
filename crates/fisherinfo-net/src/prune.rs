//! Weights set to zero, the least important first.

use crate::fisher::{Fisher, FisherError};
use crate::parameters::ParameterInfo;

/// What is taken for the importance of a weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saliency {
    /// ½Fᵢᵢθᵢ², what the divergence grows by when the weight becomes zero, to second order.
    ///
    /// Source: Y. LeCun et al., NIPS 1990, eq. 5, with the Fisher information for the curvature; L. Theis et
    /// al., 2018, eq. 5.
    Fisher,
    /// |θᵢ|.
    Magnitude,
}

/// θ with the least important share of its weights set to zero, and how many that are. Tensors with one
/// dimension (biases, scales) stay; all others are compared with each other. Of equal importance the later goes
/// first.
///
/// # Errors
/// An estimate of other parameters.
pub fn prune(
    fisher: &Fisher,
    theta: &[f64],
    sparsity: f64,
    saliency: Saliency,
) -> Result<(Vec<f64>, usize), FisherError> {
    if theta.len() != fisher.dimension() {
        return Err(FisherError::Length {
            expected: fisher.dimension(),
            found: theta.len(),
        });
    }
    let diagonal = match saliency {
        Saliency::Fisher => fisher.diagonal(),
        Saliency::Magnitude => Vec::new(),
    };
    let importance = |i: usize| match saliency {
        Saliency::Fisher => 0.5 * diagonal[i] * theta[i] * theta[i],
        Saliency::Magnitude => theta[i].abs(),
    };
    let weights = |info: &&ParameterInfo| info.shape.len() > 1;
    let mut places: Vec<(f64, usize)> = fisher
        .parameters
        .iter()
        .filter(weights)
        .flat_map(|info| info.offset..info.offset + info.length())
        .map(|i| (importance(i), i))
        .collect();
    let gone = (sparsity.clamp(0.0, 1.0) * places.len() as f64).round() as usize;
    let mut pruned = theta.to_vec();
    if gone > 0 {
        let order = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1));
        places.select_nth_unstable_by(gone - 1, order);
        for (_, i) in &places[..gone] {
            pruned[*i] = 0.0;
        }
    }
    Ok((pruned, gone))
}
