//! Sums over all rows of what they bring beside their columns.

use super::{
    chunk::Chunks,
    regression::{Regression, require},
    stream::RowValues,
    weights::Weighting,
};
use crate::sums::{Additive, Forest};

/// The sums, and which of a row's numbers there are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Totals {
    /// Σ w·y.
    pub(super) response: f64,
    /// Σ w·m, each row one trial where none are given.
    pub(super) trials: f64,
    /// Σ w, each one where there are no weights.
    pub(super) weight: f64,
    /// Σ of the offsets.
    pub(super) offset: f64,
    pub(super) brought: Brought,
}

/// What rows bring beside a response and columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Brought {
    pub(super) trials: bool,
    pub(super) offset: bool,
    pub(super) weighting: Option<Weighting>,
    pub(super) clusters: bool,
}

impl Brought {
    /// The first thing that only one of the two has.
    pub(super) fn difference(self, other: Self) -> Option<&'static str> {
        [
            (self.trials != other.trials, "numbers of trials"),
            (self.offset != other.offset, "offsets"),
            (
                self.weighting != other.weighting,
                "weights of the same kind",
            ),
            (self.clusters != other.clusters, "clusters"),
        ]
        .into_iter()
        .find_map(|(differs, what)| differs.then_some(what))
    }
}

impl Totals {
    /// Of successive rows.
    fn of_rows(
        response: &[f64],
        trials: Option<&[f64]>,
        offset: Option<&[f64]>,
        weights: Option<(Weighting, &[f64])>,
    ) -> Self {
        let weight_of = |row: usize| weights.map_or(1.0, |(_, weights)| weights[row]);
        let mut total = Self {
            brought: Brought {
                trials: trials.is_some(),
                offset: offset.is_some(),
                weighting: weights.map(|(weighting, _)| weighting),
                clusters: false,
            },
            ..Self::default()
        };
        for (row, y) in response.iter().enumerate() {
            let weight = weight_of(row);
            total.response += weight * y;
            total.trials += weight * trials.map_or(1.0, |trials| trials[row]);
            total.weight += weight;
            total.offset += offset.map_or(0.0, |offset| offset[row]);
        }
        total
    }

    pub(super) fn of_values(values: &RowValues) -> Self {
        let weights = values.weights.as_ref();
        let mut total = Self::of_rows(
            &values.response,
            values.trials.as_deref(),
            values.offset.as_deref(),
            weights.map(|(weighting, weights)| (*weighting, weights.as_slice())),
        );
        total.brought.clusters = values.clusters.is_some();
        total
    }
}

impl Additive for Totals {
    fn add(&mut self, later: Self) {
        self.response += later.response;
        self.trials += later.trials;
        self.weight += later.weight;
        self.offset += later.offset;
        self.brought = later.brought;
    }
}

impl Regression {
    /// The sums over all rows, made chunk by chunk whether these are in memory or not.
    pub(super) fn totals(&self) -> &Totals {
        if let Some(stream) = &self.stream {
            return &stream.totals;
        }
        self.totals.get_or_init(|| {
            let Chunks {
                response,
                trials,
                offset,
                weights,
                ..
            } = self.chunks(None);
            let (rows, chunk) = (self.rows(), self.design.rows_in_a_chunk());
            let of_chunk = |start: usize| {
                let range = start..rows.min(start + chunk);
                Totals::of_rows(
                    &response[range.clone()],
                    trials.map(|trials| &trials[range.clone()]),
                    offset.map(|offset| &offset[range.clone()]),
                    weights.map(|weights| (weights.weighting, &weights.values[range.clone()])),
                )
            };
            Forest::of((0..rows).step_by(chunk).map(of_chunk)).unwrap_or_default()
        })
    }

    /// The mean response, a proportion where there are trials: the fitted mean of every row in a
    /// model with an intercept only.
    pub(super) fn mean_response(&self) -> f64 {
        let totals = self.totals();
        totals.response / totals.trials
    }

    /// The mean offset of the rows.
    pub(super) fn mean_offset(&self) -> f64 {
        self.totals().offset / self.rows() as f64
    }

    pub(super) fn has_trials(&self) -> bool {
        self.totals().brought.trials
    }

    pub(super) fn has_offset(&self) -> bool {
        self.totals().brought.offset
    }

    /// What the weights mean, if there are any.
    pub fn weighting(&self) -> Option<Weighting> {
        self.totals().brought.weighting
    }

    /// n, the size of the sample: the sum of the weights where they are frequencies, otherwise the
    /// number of rows.
    pub fn sample_size(&self) -> usize {
        match self.weighting() {
            Some(Weighting::Frequency) => self.totals().weight as usize,
            _ => self.rows(),
        }
    }

    /// Refuses another number of values than of responses.
    pub(super) fn require_one_a_row(
        &self,
        what: &str,
        found: usize,
    ) -> Result<(), super::error::GlmError> {
        self.require_in_memory(&format!("{what} given apart from the rows"))?;
        require(what, self.response.len(), found)
    }
}
