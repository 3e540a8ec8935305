//! Estimates of information from data.
pub mod information_matrix_test;
