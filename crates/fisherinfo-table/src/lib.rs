//! Regression on tables.
