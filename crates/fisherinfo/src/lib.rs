//! Fisher information of any density.
pub mod coordinates;
pub mod divergence;
pub mod dual;
pub mod estimate;
pub mod ewc;
pub mod expectation;
pub mod expression;
pub mod family;
pub mod information;
pub mod jeffreys;
mod linear;
pub mod natural_gradient;
pub mod regularity;
pub mod special;
