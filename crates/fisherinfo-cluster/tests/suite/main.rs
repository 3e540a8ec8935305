//! Fits on a real scheduler and real executors, against the same fits on one machine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod errors;
mod fits;
mod killed;
mod processes;
mod scaling;
mod table;
