//! Arithmetic on unevaluated sums of two doubles, about 31 decimal digits.
//!
//! For the few places where the answer is a small difference of large terms. The algorithms are
//! those of Dekker (1971) and Knuth, with the fused multiply-add for exact products.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// `high + low`, with `|low|` at most half a unit in the last place of `high`.
#[derive(Clone, Copy, Debug)]
pub(super) struct DoubleDouble {
    pub(super) high: f64,
    pub(super) low: f64,
}

impl DoubleDouble {
    /// The exact sum of two doubles (Knuth's two-sum).
    pub(super) fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let b_part = high - a;
        let low = (a - (high - b_part)) + (b - b_part);
        Self { high, low }
    }

    /// The exact product of two doubles.
    pub(super) fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        Self {
            high,
            low: a.mul_add(b, -high),
        }
    }

    /// Restores the invariant where `|high| ≥ |low|` is known.
    fn normalised(high: f64, low: f64) -> Self {
        let sum = high + low;
        Self {
            high: sum,
            low: low - (sum - high),
        }
    }

    /// The nearest double.
    pub(super) fn to_f64(self) -> f64 {
        self.high + self.low
    }
}

impl From<f64> for DoubleDouble {
    fn from(high: f64) -> Self {
        Self { high, low: 0.0 }
    }
}

impl Neg for DoubleDouble {
    type Output = Self;
    fn neg(self) -> Self {
        Self {
            high: -self.high,
            low: -self.low,
        }
    }
}

impl Add for DoubleDouble {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let high = Self::sum(self.high, other.high);
        let low = Self::sum(self.low, other.low);
        let first = Self::normalised(high.high, high.low + low.high);
        Self::normalised(first.high, first.low + low.low)
    }
}

impl Sub for DoubleDouble {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for DoubleDouble {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let product = Self::product(self.high, other.high);
        let cross = self.high * other.low + self.low * other.high;
        Self::normalised(product.high, product.low + cross)
    }
}

impl Div for DoubleDouble {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let first = self.high / other.high;
        let rest = self - other * Self::from(first);
        let second = rest.high / other.high;
        let rest = rest - other * Self::from(second);
        let third = rest.high / other.high;
        Self::normalised(first, second) + Self::from(third)
    }
}

#[cfg(test)]
mod tests {
    use super::DoubleDouble;

    #[test]
    fn a_third_times_three_is_one_to_thirty_digits() {
        let third = DoubleDouble::from(1.0) / DoubleDouble::from(3.0);
        let rest = third * DoubleDouble::from(3.0) - DoubleDouble::from(1.0);
        assert!(rest.to_f64().abs() < 1e-31);
        assert!((third.low - 1.850371707708594e-17).abs() < 1e-31);
    }

    #[test]
    fn a_square_keeps_what_a_double_loses() {
        // (1 + h)² − 1 − 2h = h² for h = 2^−40, far below the last place of the square.
        let h = 2f64.powi(-40);
        let x = DoubleDouble::sum(1.0, h);
        let rest = x * x - DoubleDouble::from(1.0) - DoubleDouble::from(2.0 * h);
        assert_eq!(rest.to_f64(), h * h);
    }
}
