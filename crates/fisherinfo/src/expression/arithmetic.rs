//! Operators over dual numbers.

use super::node::Operator;
use crate::dual::Dual;

/// Integer exponents up to this size are products; beyond it their rounding errors add up.
const LARGEST_PRODUCT: u32 = 64;

/// `left operator right`.
pub(super) fn apply<D: Dual>(operator: Operator, left: D, right: D) -> D {
    let (x, y) = (left.re(), right.re());
    match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Power => power(left, right),
        // A comparison with NaN would be an ordinary 0 and hide that something is undefined.
        _ if x.is_nan() || y.is_nan() => D::from(f64::NAN),
        Operator::Less => indicator(x < y),
        Operator::LessOrEqual => indicator(x <= y),
        Operator::Greater => indicator(x > y),
        Operator::GreaterOrEqual => indicator(x >= y),
        Operator::Equal => indicator(x == y),
        Operator::NotEqual => indicator(x != y),
    }
}

fn indicator<D: Dual>(holds: bool) -> D {
    D::from(f64::from(u8::from(holds)))
}

/// `base` to a power that may itself carry derivatives.
///
/// For a base of 0 or less the derivative by the exponent does not exist; on dual numbers the result
/// is then NaN, on `f64` the ordinary power.
pub(super) fn power<D: Dual>(base: D, exponent: D) -> D {
    base.powd(exponent)
}

/// `base` to a constant power.
///
/// num-dual writes x^n as x^(n−3)·x³, which is NaN at x = 0, and forms n(n−1)(n−2) in 32-bit
/// integers; hence the cases.
pub(super) fn constant_power<D: Dual>(base: D, exponent: f64) -> D {
    if D::NDERIV == 0 {
        return D::from(base.re().powf(exponent));
    }
    let is_integer = exponent.fract() == 0.0;
    if is_integer && exponent.abs() <= f64::from(LARGEST_PRODUCT) {
        // Exact: an integer of at most LARGEST_PRODUCT.
        let product = integer_power(base, exponent.abs() as u32);
        return if exponent < 0.0 {
            product.recip()
        } else {
            product
        };
    }
    if base.re() == 0.0 && exponent > 0.0 {
        return if exponent > D::NDERIV as f64 {
            // The value and every derivative carried are 0.
            D::zero()
        } else {
            // The value is 0; a derivative is infinite, which `sqrt` reports as not finite.
            base.sqrt()
        };
    }
    base.powf(exponent)
}

/// `base` to a natural power, by repeated squaring.
fn integer_power<D: Dual>(base: D, exponent: u32) -> D {
    let mut product = D::one();
    for bit in (0..u32::BITS - exponent.leading_zeros()).rev() {
        product *= product;
        if exponent >> bit & 1 == 1 {
            product *= base;
        }
    }
    product
}
