//! Dual numbers: derivatives of any density, exactly.
//!
//! A density is written once, generically over [`Dual`]; evaluated at `f64` it gives its value, at
//! first-order dual numbers its score, at hyper-dual numbers its second derivatives.

use num_dual::DualNum;

/// A (hyper-) dual number over `f64`: what a density is written over.
///
/// Implemented for `f64` itself and for every copyable type of num-dual, nested ones included.
pub trait Dual: DualNum<Primitive = f64> + Copy {}

impl<D: DualNum<Primitive = f64> + Copy> Dual for D {}
