//! Generalised linear models: fits, and the Fisher information of their coefficients.
//!
//! The mean of a response is μ = g⁻¹(xᵀβ) with a link g; its [`Family`] gives the information
//! about the mean, and the row x of the design is the Jacobian of the predictor. Hence the
//! information about β is Σ xᵢ wᵢ xᵢᵀ with wᵢ = (dμᵢ/dηᵢ)²/(φV(μᵢ)), and Fisher scoring solves with
//! it for each step. One pass over the rows makes an iteration; its sums are the same, bit by bit,
//! for any number of threads.
//!
//! | question | here |
//! |---|---|
//! | where is the likelihood largest | [`Regression::fit`] |
//! | expected, observed, empirical information | [`Fit::information`] |
//! | their standard errors, side by side | [`Fit::standard_errors`] |
//! | standard errors under any variance | [`Fit::heteroscedasticity_consistent`] |
//! | do the informations agree | [`Fit::information_matrix_test`] |
//! | a table that fits no memory | [`Regression::streamed`] |
//!
//! Source: McCullagh & Nelder, Generalized Linear Models (1989).

mod chunk;
mod collinear;
mod covariance;
mod design;
mod error;
mod exponential;
mod family;
mod fit;
mod information_matrix_test;
#[cfg(test)]
mod invariance;
mod kernel;
mod likelihood;
mod pass;
mod regression;
mod rows;
mod scoring;
mod separation;
mod standards;
mod stream;
mod vector_rows;

pub use covariance::{
    Heteroscedasticity, HeteroscedasticityConsistent, NoStandardErrors, StandardErrors,
};
pub use error::GlmError;
pub use family::{Family, UnknownFamily};
pub use fit::{Fit, FitInformation};
pub use information_matrix_test::{Compared, FitInformationMatrixTest};
pub use regression::{Options, Regression};
pub use separation::Separation;
pub use stream::{Checkpoint, RowBatch, RowReader, RowSource, RowsError, Watch};
