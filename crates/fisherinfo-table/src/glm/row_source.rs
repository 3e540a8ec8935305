//! Where rows come from that do not lie in memory, and who is told how far they have been read.

use super::{totals::Brought, weights::Weighting};
use std::{error::Error, fmt, ops::ControlFlow, ops::Range, sync::Arc};
use thiserror::Error;

/// Rows of a design, read from the first to the last for every pass of a fit.
///
/// Each pass has to give the same rows in the same order; how they are cut into batches changes no
/// result by a bit.
pub trait RowSource: fmt::Debug + Send + Sync {
    /// Begins a pass.
    ///
    /// # Errors
    /// What stands in the way.
    fn open(&self) -> Result<Box<dyn RowReader + '_>, RowsError>;
}

/// A pass over the rows of a [`RowSource`].
pub trait RowReader: Send {
    /// The next batches, in order, about as many as there are threads; none after the last row.
    ///
    /// # Errors
    /// What stands in the way.
    fn next(&mut self) -> Result<Vec<RowBatch>, RowsError>;
}

/// Successive rows of a design.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowBatch {
    /// The response of each row.
    pub response: Vec<f64>,
    /// The columns of the design, each as long as the response.
    pub columns: Vec<Vec<f64>>,
    /// The number of trials of each row, where the response counts successes.
    pub trials: Option<Vec<f64>>,
    /// What is added to the predictor of each row.
    pub offset: Option<Vec<f64>>,
    /// The weight of each row, and what it means.
    pub weights: Option<(Weighting, Vec<f64>)>,
    /// The number of each row's cluster, the same for rows that belong together.
    pub clusters: Option<Vec<usize>>,
}

/// Why rows could not be read.
#[derive(Clone, Debug, Error)]
#[error("{0}")]
pub struct RowsError(pub Arc<dyn Error + Send + Sync>);

impl RowsError {
    /// An error of any kind.
    pub fn new(error: impl Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }
}

impl PartialEq for RowsError {
    /// One and the same failure.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Is told how far a fit has come, and may end it.
pub trait Watch: fmt::Debug + Send + Sync {
    /// A pass over the rows begins.
    fn pass(&self, name: &str) {
        let _ = name;
    }

    /// So many rows of the pass are done; to break ends the fit with [`GlmError::Interrupted`](crate::glm::GlmError::Interrupted).
    fn rows(&self, done: usize) -> ControlFlow<()> {
        let _ = done;
        ControlFlow::Continue(())
    }

    /// An iteration of scoring is finished; to break ends the fit.
    fn iteration(&self, checkpoint: &Checkpoint) -> ControlFlow<()> {
        let _ = checkpoint;
        ControlFlow::Continue(())
    }
}

/// Where scoring stands between two iterations: all that it takes to go on, bit by bit as if it had
/// not been interrupted, on the same rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// Iterations finished.
    pub iteration: usize,
    /// The coefficients of the columns as they are stored.
    pub stored: Vec<f64>,
    /// The relative offset before the last step (see [`super::Options::tolerance`]).
    pub offset: f64,
    /// Whether the next step may be Newton's.
    pub newton: bool,
}

impl RowBatch {
    /// Some of the rows.
    pub(crate) fn slice(mut self, rows: Range<usize>) -> Self {
        fn cut<T>(values: &mut Vec<T>, rows: &Range<usize>) {
            values.truncate(rows.end);
            values.drain(..rows.start);
        }
        if rows == (0..self.response.len()) {
            return self;
        }
        let beside = [&mut self.trials, &mut self.offset].into_iter().flatten();
        let weights = self.weights.iter_mut().map(|(_, weights)| weights);
        cut(&mut self.response, &rows);
        for values in self.columns.iter_mut().chain(beside).chain(weights) {
            cut(values, &rows);
        }
        if let Some(clusters) = &mut self.clusters {
            cut(clusters, &rows);
        }
        self
    }

    pub(super) fn brought(&self) -> Brought {
        Brought {
            trials: self.trials.is_some(),
            offset: self.offset.is_some(),
            weighting: self.weights.as_ref().map(|(weighting, _)| *weighting),
            clusters: self.clusters.is_some(),
        }
    }
}
