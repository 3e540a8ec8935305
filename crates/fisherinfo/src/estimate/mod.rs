//! Information from data: expected, observed and empirical at one point, side by side, with the
//! sandwich of them and the test whether they agree.

pub mod information_matrix_test;
mod sample;
mod sandwich;

pub use sample::{DataError, SampleAccumulator, SampleInformation};
pub use sandwich::Sandwich;
