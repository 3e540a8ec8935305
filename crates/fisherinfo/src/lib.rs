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
//! | where to observe? | [`design`] |
//! | is Jeffreys' prior proper? | [`jeffreys`] |
//! | which way is down? | [`natural_gradient`] |
//! | what must not be forgotten? | [`ewc`] |
//! | what did a person type? | [`expression`] |
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

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
