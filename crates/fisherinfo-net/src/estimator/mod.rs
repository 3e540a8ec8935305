//! From a network and data to a Fisher information: which vectors are sent backwards, what becomes of
//! what they leave at the parameters, and the sums over batches.

mod accumulate;
mod estimation;
mod matrix_free;
mod plan;
mod spread;
mod vectors;

pub use estimation::{Estimation, EstimationError, Settings, scores};
pub use matrix_free::{MatrixFree, SolveError};
pub use plan::{Coverage, Plan, Planned, Shape};
pub(crate) use vectors::count;

use serde::{Deserialize, Serialize};
use std::fmt;

/// What stands in the place of F in \\(\sum J^\top F J\\).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Estimator {
    /// F itself, one pass backwards for each column of a factor of it.
    Exact,
    /// The outer products of the scores of labels drawn from the model, their mean over draws: the Fisher
    /// information in expectation.
    MonteCarlo {
        /// Draws an example.
        draws: u32,
        /// What the draws follow from; an example's do not depend on the batch it is in.
        seed: u64,
    },
    /// The outer products of the scores of the labels seen, example by example. Away from the fit of a true
    /// model this is not the Fisher information.
    Empirical,
}

impl fmt::Display for Estimator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => f.write_str("exact"),
            Self::MonteCarlo { draws, seed } => {
                write!(f, "Monte Carlo ({draws} draws an example, seed {seed})")
            }
            Self::Empirical => f.write_str("empirical"),
        }
    }
}

/// How positions that share weights enter Kronecker factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sharing {
    /// Each position as an example of its own: exact where the loss is a sum over positions.
    Expand,
    /// Inputs averaged and gradients summed over positions first: exact where positions are pooled linearly.
    Reduce,
}

/// What is kept of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Representation {
    /// All of it.
    Dense,
    /// A dense block a layer.
    BlockDiagonal,
    /// Its diagonal.
    Diagonal,
    /// K-FAC, diagonal where that does not hold.
    Kronecker(Sharing),
    /// EK-FAC, diagonal where that does not hold; takes a second pass over the data.
    EigenKronecker(Sharing),
    /// All of it as the scores it is made of: a row for each vector that is sent backwards.
    LowRank,
}

impl fmt::Display for Representation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sharing = |sharing: &Sharing| match sharing {
            Sharing::Expand => "expand",
            Sharing::Reduce => "reduce",
        };
        match self {
            Self::Dense => f.write_str("dense"),
            Self::BlockDiagonal => f.write_str("block-diagonal"),
            Self::Diagonal => f.write_str("diagonal"),
            Self::LowRank => f.write_str("low-rank"),
            Self::Kronecker(how) => write!(f, "K-FAC ({})", sharing(how)),
            Self::EigenKronecker(how) => write!(f, "EK-FAC ({})", sharing(how)),
        }
    }
}

/// What the sum over examples is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reduction {
    /// Nothing: the information of the whole sample.
    Sum,
    /// The number of examples N.
    Mean,
    /// The number of observations, N times the terms of the loss an example.
    MeanOverObservations,
}

impl fmt::Display for Reduction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sum => "sum over examples",
            Self::Mean => "mean over examples",
            Self::MeanOverObservations => "mean over observations",
        })
    }
}
