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

/// One number of an observation, as a density is given it.
///
/// Mostly it is known, and no derivative is taken in it; a function of it then costs no dual
/// arithmetic and loses nothing where a derivative would overflow (ln x at x = 1e-200). Where the
/// derivative in the data is wanted, it varies.
///
/// ```
/// use fisherinfo::dual::Datum;
/// use num_dual::Dual64;
/// let known: Datum<Dual64> = Datum::Known(2.0);
/// assert_eq!(known.ln().eps, 0.0);
/// let varying = Datum::Varying(Dual64::from_re(2.0).derivative());
/// assert_eq!(varying.ln().eps, 0.5);
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Datum<D> {
    /// A value.
    Known(f64),
    /// A value in which derivatives are taken.
    Varying(D),
}

impl<D: Dual> Datum<D> {
    /// Its value.
    pub fn value(self) -> f64 {
        match self {
            Self::Known(value) => value,
            Self::Varying(x) => x.re(),
        }
    }

    /// It as a dual number.
    pub fn lift(self) -> D {
        match self {
            Self::Known(value) => D::from(value),
            Self::Varying(x) => x,
        }
    }

    /// Its logarithm.
    pub fn ln(self) -> D {
        match self {
            Self::Known(value) => D::from(value.ln()),
            Self::Varying(x) => x.ln(),
        }
    }
}
