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
//! | … and any dependence within clusters | [`Fit::cluster_robust`] |
//! | the same of overdispersed counts, their shape estimated | [`Regression::fit_negative_binomial`] |
//! | finite estimates under separation | [`Regression::fit_firth`] |
//! | more than two categories | [`Regression::fit_multinomial`] |
//! | do the informations agree | [`Fit::information_matrix_test`] |
//! | is a term needed | [`Fit::test_of`], [`Fit::deviance_table`] |
//! | which values of a coefficient fit | [`Fit::profile_interval`] |
//! | coefficients kept small | [`Regression::fit_penalised`] |
//! | what is to be expected of new rows | [`SavedFit::predict`] |
//! | a factor of a hundred thousand levels | [`LevelRegression`] |
//! | rows that count for several, or for less | [`Regression::weights`], [`Regression::offset`] |
//! | terms that are combinations of others | [`Regression::identified`], [`IdentifiedTerms`] |
//! | a table that fits no memory | [`Regression::streamed`] |
//!
//! Source: McCullagh & Nelder, Generalized Linear Models (1989).

mod ascent;
mod choice;
mod chunk;
mod cluster;
mod collinear;
mod constrained;
mod covariance;
mod design;
mod elsewhere;
mod error;
mod exponential;
mod family;
mod firth;
mod fit;
mod identified;
mod information_matrix_test;
#[cfg(test)]
mod invariance;
mod kernel;
mod levels;
mod leverage;
mod likelihood;
mod multinomial;
mod negative_binomial;
mod null_model;
mod pass;
mod penalty;
mod positive_definite;
mod profile;
mod regression;
mod reuse;
mod row_source;
mod rows;
mod saved;
mod scoring;
mod separation;
mod standards;
mod stream;
mod term_tests;
mod totals;
mod vector_rows;
mod weighted;
mod weights;
mod wide;

pub use choice::FamilyChoice;
pub use cluster::{ClusterFactor, ClusterRobust, MOST_CLUSTER_SUMS};
pub use covariance::{
    Heteroscedasticity, HeteroscedasticityConsistent, NoStandardErrors, StandardErrors,
};
pub(crate) use elsewhere::{Elsewhere, Request, Sums};
pub use error::GlmError;
pub use family::{Family, FamilyError, MeanFamilyTask};
pub use firth::FirthFit;
pub use fit::{Fit, FitInformation};
pub use identified::{IdentifiedTerms, Relation};
pub use information_matrix_test::{Compared, FitInformationMatrixTest};
pub use levels::{LevelFit, LevelRegression, LevelStandardErrors};
pub use multinomial::{MultinomialFit, MultinomialSeparation, MultinomialStandardErrors};
pub use negative_binomial::{
    NegativeBinomialFit, NegativeBinomialInformation, ShapeStandardErrors,
};
pub use penalty::{PenalisedFit, Penalty, RidgeSpread};
pub use profile::{ProfileEnd, ProfileInterval, quantile};
pub use regression::{Options, Regression};
pub use row_source::{Checkpoint, RowBatch, RowReader, RowSource, RowsError, Watch};
pub use saved::{PredictOptions, Prediction, SavedFit, SavedFitError, SavedLevels, SavedSource};
pub use separation::Separation;
pub(crate) use stream::Origin;
pub use term_tests::{DevianceStep, TermTest, TestStatistic};
pub use weights::Weighting;
