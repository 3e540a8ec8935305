//! Families of distributions.
pub mod mean;
