//! What columns beside the formula are to the rows of a streamed design.

use crate::design::{Design, DesignError, Response, Successes};
use crate::glm::{RowBatch, Weighting};
use crate::wire::{Wire, wire_fields};

/// What columns beside a formula are to the rows of a [`super::StreamedDesign`].
///
/// Columns of weights and of clusters are named by [`crate::DesignOptions`], as for a design in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowRoles {
    /// The column of the number of trials of each row.
    pub trials: Option<String>,
    /// The column that is added to the predictor, beside the formula's offsets.
    pub offset: Option<String>,
    /// What the weights mean; precisions unless it is said.
    pub weighting: Option<Weighting>,
    /// What becomes of a response of labels.
    pub labels: Labels,
}

/// What becomes of a response of labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Labels {
    /// The position of each row's level, as a multinomial regression takes it.
    #[default]
    Positions,
    /// One for a success and zero for the other of two levels; the second is the success unless one
    /// is named.
    Successes(Option<String>),
}

wire_fields!(RowRoles {
    trials,
    offset,
    weighting,
    labels,
});

impl Wire for Labels {
    fn write(&self, out: &mut Vec<u8>) {
        let successes = match self {
            Self::Positions => None,
            Self::Successes(success) => Some(success.clone()),
        };
        successes.write(out);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let successes = <Option<Option<String>>>::read(bytes)?;
        Some(successes.map_or(Self::Positions, Self::Successes))
    }
}

impl Labels {
    /// Which level counts as success, if one does, and its position.
    pub(super) fn settle(
        &self,
        response: &Response,
    ) -> Result<Option<(Successes, usize)>, DesignError> {
        match self {
            Self::Successes(success) if response.levels.is_some() => {
                let successes = response.successes(success.as_deref())?;
                let position = response.level(&successes.success)?;
                Ok(Some((successes, position)))
            }
            _ => Ok(None),
        }
    }
}

impl RowRoles {
    /// A batch of rows as the design of a batch of a table has it; `success` is the position of the
    /// level that counts as one.
    pub(super) fn batch(&self, design: Design, success: Option<usize>) -> RowBatch {
        let also = |name: &Option<String>| {
            let name = name.as_ref()?;
            let column = design.also.iter().find(|(column, _)| column == name)?;
            Some(column.1.clone())
        };
        let (trials, beside) = (also(&self.trials), also(&self.offset));
        let offset = match (design.offset, beside) {
            (Some(one), Some(other)) => Some(one.iter().zip(other).map(|(a, b)| a + b).collect()),
            (one, other) => one.or(other),
        };
        let mut response = design.response.values;
        if let Some(success) = success {
            for value in &mut response {
                *value = f64::from(*value == success as f64);
            }
        }
        let weighting = self.weighting.unwrap_or(Weighting::Precision);
        RowBatch {
            response,
            columns: design.columns,
            trials,
            offset,
            weights: design.weights.map(|weights| (weighting, weights)),
            clusters: design.clusters.map(|groups| groups.codes),
        }
    }
}
