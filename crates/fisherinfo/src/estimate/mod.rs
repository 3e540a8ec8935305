//! Information from data: expected, observed and empirical at one point, side by side, with the
//! sandwich of them and the test whether they agree; the point of greatest likelihood; and how near
//! to its bound an estimator comes.

mod efficiency;
pub mod information_matrix_test;
mod kinked_likelihood;
mod maximum_likelihood;
mod sample;
mod sandwich;

pub use efficiency::{
    Efficiency, EfficiencyError, EstimatorEfficiency, PointEstimator, simulate_efficiency,
};
pub use maximum_likelihood::{MaximumLikelihood, MaximumLikelihoodError, maximum_likelihood};
pub use sample::{DataError, SampleAccumulator, SampleInformation};
pub use sandwich::Sandwich;
