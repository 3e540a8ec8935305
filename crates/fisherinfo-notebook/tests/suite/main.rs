//! The tests of the notebook, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod runs;
