//! The checks of answers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod diagnoses;
mod exercises;
mod limits;
mod regressions;
