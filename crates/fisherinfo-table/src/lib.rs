//! Regression on tables.
pub mod glm;
