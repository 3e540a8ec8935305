//! The worked solutions, one file an exercise. A learner reads the very file that is run.

pub mod additivity;
pub mod bernoulli;
pub mod consolidation;
pub mod draws;
pub mod expectation;
pub mod gaussian_location;
pub mod jeffreys;
pub mod local_divergence;
pub mod logistic_regression;
pub mod natural_gradient;
pub mod reparameterisation;
