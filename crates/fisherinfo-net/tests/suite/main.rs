//! The tests of networks, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod adapters;
mod backend;
mod common;
mod estimators;
mod files;
mod golden;
mod invariants;
mod laplace;
mod layers;
mod naive;
mod output;
#[cfg(feature = "columnar")]
mod parquet;
mod parts;
mod pretrained;
mod representations;
mod uses;
mod wrong_rules;
