//! The vectors u with Σ w u uᵀ in the place of F, at the outputs of a batch.

use super::Estimator;
use crate::backend::Backend;
use crate::dataset::Dataset;
use crate::network::{Linearised, Network};
use fisherinfo::family::SamplingError;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

/// How many vectors there are, and what the square of each counts.
pub(crate) fn count<B: Backend>(estimator: Estimator, network: &Network<B>) -> (usize, f64) {
    match estimator {
        Estimator::Exact => (network.output_positions() * network.output().rank(), 1.0),
        Estimator::MonteCarlo { draws, .. } => (draws as usize, 1.0 / f64::from(draws)),
        Estimator::Empirical => (1, 1.0),
    }
}

/// One of them: for every example its score, of a drawn label or the one seen, or a column of a factor.
pub(super) fn vector<B: Backend>(
    estimator: Estimator,
    index: usize,
    network: &Network<B>,
    there: &Linearised<'_, B>,
    data: &Dataset,
    range: Range<usize>,
) -> Result<Vec<f64>, SamplingError> {
    let output = network.output();
    let (k, positions) = (output.coordinates(), network.output_positions());
    let z = there.coordinates();
    let mut u = vec![0.0; z.len()];
    let rows = z.chunks_exact(k).zip(u.chunks_exact_mut(k)).enumerate();
    let rows = rows.filter(|(row, _)| there.is_observed(*row));
    match estimator {
        Estimator::Exact => {
            let (position, column) = (index / output.rank(), index % output.rank());
            for (_, (z, u)) in rows.filter(|(row, _)| row % positions == position) {
                output.factor(z, column, u);
            }
        }
        Estimator::Empirical => {
            let labels = data.labels(range);
            for (row, (z, u)) in rows {
                let width = output.label_width();
                output.score(z, &labels[row * width..(row + 1) * width], u);
            }
        }
        Estimator::MonteCarlo { seed, .. } => {
            let mut label = vec![0.0; output.label_width()];
            let mut current: Option<(u64, ChaCha8Rng)> = None;
            for (row, (z, u)) in rows {
                let example = data.first() + (range.start + row / positions) as u64;
                let rng = match &mut current {
                    Some((of, rng)) if *of == example => rng,
                    other => {
                        // A stream an example and draw, so that the batch it is in changes nothing.
                        let mut rng = ChaCha8Rng::seed_from_u64(seed);
                        rng.set_stream(((index as u64) << 40) | example);
                        &mut other.insert((example, rng)).1
                    }
                };
                output.sample(z, rng, &mut label)?;
                output.score(z, &label, u);
            }
        }
    }
    Ok(u)
}
