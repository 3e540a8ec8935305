//! Coordinates of a model's parameters.
pub mod link;
