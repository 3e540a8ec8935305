//! The greatest likelihood of a density with kinks, where Newton's method finds no level ground: mostly
//! it lies where the kink meets an observation.

use super::maximum_likelihood::{MaximumLikelihood, MaximumLikelihoodError, Search};

/// Rounds over all parameters.
const MOST_ROUNDS: usize = 100;
/// The gain of a round that is the last, relative to the log-likelihood.
const LEVEL: f64 = 1e-13;

/// Moves kinks onto the observations, and the other parameters uphill, in turn.
pub(super) fn maximise(
    mut search: Search<'_>,
    mut u: Vec<f64>,
    mut height: f64,
) -> Result<MaximumLikelihood, MaximumLikelihoodError> {
    let mut sorted: Vec<f64> = search.observations.iter().map(|x| x[0]).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    for round in 0..MOST_ROUNDS {
        let before = height;
        search.held.fill(false);
        let kinks = search.model.kinks(&search.open.inverse(&u));
        for kink in &kinks {
            for (parameter, slope) in kink.gradient.iter().enumerate() {
                if *slope != 0.0 {
                    search.held[parameter] = true;
                    (u, height) = search.put_kink(&sorted, (kink.at, *slope), parameter, u, height);
                }
            }
        }
        if search.held.iter().all(|held| !held) {
            // The kinks stay where they are: the likelihood is smooth.
            return search.ascend(u, height);
        }
        if search.held.iter().any(|held| !held) {
            let smooth = search.ascend(u.clone(), height)?;
            if !smooth.on_boundary.is_empty() {
                return Ok(smooth);
            }
            u = search.open.forward(&smooth.theta);
            height = smooth.log_likelihood;
        }
        if height - before <= LEVEL * (1.0 + height.abs()) {
            return search.arrived(&u, height, round + 1);
        }
    }
    Err(MaximumLikelihoodError::NotConverged {
        model: search.model.name(),
        iterations: MOST_ROUNDS,
        decrement: f64::NAN,
    })
}

impl Search<'_> {
    /// Moves one parameter so that the kink lies on the observation where the likelihood is greatest,
    /// by thirds; of a likelihood with several tops, one of them.
    fn put_kink(
        &self,
        sorted: &[f64],
        (at, slope): (f64, f64),
        parameter: usize,
        u: Vec<f64>,
        height: f64,
    ) -> (Vec<f64>, f64) {
        let theta = self.open.inverse(&u);
        let at_shift = |shift: f64| {
            let mut theta = theta.clone();
            theta[parameter] += shift;
            let u = self.open.forward(&theta);
            let height = self.log_likelihood(&u);
            (
                u,
                if height.is_nan() {
                    f64::NEG_INFINITY
                } else {
                    height
                },
            )
        };
        let shift = |index: usize| (sorted[index] - at) / slope;
        let moved = |index: usize| at_shift(shift(index));
        let (mut low, mut high) = (0, sorted.len() - 1);
        while high - low > 2 {
            let third = (high - low) / 3;
            if moved(low + third).1 < moved(high - third).1 {
                low += third;
            } else {
                high -= third;
            }
        }
        let heights: Vec<f64> = (low..=high).map(|index| moved(index).1).collect();
        let most = heights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // Of several that are as likely, as the medians of an even sample, the middle.
        let level = |height: &f64| most - height <= LEVEL * (1.0 + most.abs());
        let first = heights.iter().position(level).unwrap_or(0);
        let last = heights.iter().rposition(level).unwrap_or(0);
        let middle = at_shift(0.5 * (shift(low + first) + shift(low + last)));
        let mut best = (u, height);
        for next in [moved(low + first), middle] {
            if next.1 >= best.1 - LEVEL * (1.0 + best.1.abs()) {
                best = next;
            }
        }
        best
    }
}
