//! The tests of the notebook, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod course;
mod document;
mod mutation;
mod properties;
mod questions;
mod runs;
mod wrong_results;
mod wrong_values;
