//! Fisher information of any density: scores, information, bounds, divergences, priors.
//!
//! The Fisher information of a model is \\(\sum J^\top F J\\): the information F of a *family* in its
//! own coordinates, pulled back through the Jacobian J of the *map* from the model's parameters to
//! those coordinates, summed over observations.
//!
//! ```text
//! family  →  map  →  estimate  →  information  →  use
//! ```
//!
//! | question | room |
//! |---|---|
//! | what is the density? | [`family`], written over [`dual`] numbers with [`special`] functions |
//! | what is E_θ\[h(X)\], and how far off? | [`expectation`] |
//! | is there a Fisher information at all? | [`regularity`] |
//! | in other coordinates? | [`coordinates`] |
//! | from data? | [`estimate`] |
//! | what follows from it? | [`information`]: sums, bounds, null spaces, directions |
//! | how far apart are two points? | [`divergence`], [`geometry`] |
//! | over a range, toward the ends? | [`sweep`] |
//! | where to observe? | [`design`] |
//! | is Jeffreys' prior proper? | [`jeffreys`] |
//! | which way is down? | [`natural_gradient`] |
//! | what must not be forgotten? | [`ewc`] |
//! | what did a person type? | [`expression`] |
//!
//! A density of your own is one method, written over dual numbers; [`family::Family`] has more to
//! override, and [`family::DensityFormula`] takes a formula that a person types instead.
//!
//! ```
//! use fisherinfo::dual::{Datum, Dual};
//! use fisherinfo::expectation::{Method, expected_information};
//! use fisherinfo::family::{Family, Parameter, ParameterSpace, SamplingError, Support};
//! use rand::{Rng, RngExt};
//!
//! /// Speeds with the density (x/s²)·exp(−x²/2s²).
//! #[derive(Clone, Debug)]
//! struct Rayleigh;
//!
//! impl Family for Rayleigh {
//!     fn name(&self) -> String { "Rayleigh".into() }
//!     fn space(&self) -> ParameterSpace { ParameterSpace::product(vec![Parameter::positive("s")]) }
//!     fn support(&self, _: &[f64]) -> Support { Support::POSITIVE }
//!     fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
//!         let z = x[0].lift() / theta[0];
//!         x[0].ln() - theta[0].ln() * 2.0 - z * z * 0.5
//!     }
//!     fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
//!         x[0] = theta[0] * (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
//!         Ok(())
//!     }
//! }
//!
//! let information = expected_information(&Rayleigh, &[3.0], Method::Automatic)?;
//! assert!((information.matrix()[(0, 0)] - 4.0 / 9.0).abs() < 1e-12);
//! # Ok::<(), fisherinfo::expectation::ExpectationError>(())
//! ```
//!
//! ```
//! use fisherinfo::expectation::{Method, expected_information};
//! use fisherinfo::family::Gamma;
//!
//! // One observation of a gamma variable, by its closed form and by quadrature.
//! let closed = expected_information(&Gamma, &[2.0, 3.0], Method::ClosedForm)?;
//! let numeric = expected_information(&Gamma, &[2.0, 3.0], Method::Numeric)?;
//! let difference = (closed.matrix()[(0, 0)] - numeric.matrix()[(0, 0)]).abs();
//! assert!(difference <= numeric.provenance().accuracy.of_entry(0, 0));
//!
//! // Fifty of them, and the smallest standard errors an unbiased estimator can have.
//! let bound = closed.repeated(50.0)?.cramer_rao_bound()?;
//! assert!((bound.standard_errors()[0] - 0.371475).abs() < 1e-6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod coordinates;
pub mod design;
pub mod divergence;
pub mod dual;
pub mod estimate;
pub mod ewc;
pub mod expectation;
pub mod expression;
pub mod family;
pub mod geometry;
pub mod information;
pub mod jeffreys;
mod linear;
pub mod natural_gradient;
pub mod regularity;
pub mod special;
pub mod sweep;

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
