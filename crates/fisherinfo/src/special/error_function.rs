//! The error function, its complement, and the complement scaled.

use super::double_double::DoubleDouble;
use super::taylor;
use crate::dual::Dual;
use std::f64::consts::FRAC_2_SQRT_PI;

/// Below this the scaled complement's derivatives follow from its differential equation, above it
/// from the continued fraction, whose length grows as `1/z²`.
const CONTINUED_FRACTION_FROM: f64 = 0.25;

/// The error function `erf x = 2/√π ∫_0^x e^(−t²) dt` (DLMF 7.2.1).
///
/// Relative error at most 1e-15.
///
/// ```
/// assert!((fisherinfo::special::erf(1.0_f64) - 0.842_700_792_949_714_9).abs() < 1e-15);
/// ```
pub fn erf<D: Dual>(x: D) -> D {
    taylor(x, |a, c| {
        c[0] = libm::erf(a);
        gaussian_integral_coefficients(a, c, FRAC_2_SQRT_PI);
    })
}

/// The complementary error function `erfc x = 1 − erf x` (DLMF 7.2.2), without cancellation at
/// large `x`.
///
/// Relative error at most 2e-15 wherever it is a normal double (`x < 26.5`).
///
/// ```
/// assert!((fisherinfo::special::erfc(2.0_f64) / 0.004_677_734_981_047_266 - 1.0).abs() < 1e-15);
/// ```
pub fn erfc<D: Dual>(x: D) -> D {
    taylor(x, |a, c| {
        c[0] = libm::erfc(a);
        gaussian_integral_coefficients(a, c, -FRAC_2_SQRT_PI);
    })
}

/// The scaled complementary error function `erfcx x = e^(x²) erfc x` (DLMF 7.2.3 at `ix`), which
/// behaves as `1/(x√π)` where `erfc` underflows; Mills' ratio is `√(π/2) erfcx(x/√2)`.
///
/// From 2 on it is the continued fraction DLMF 7.9.1. Derivatives are
/// `(−2)ᵏ k! e^(x²) iᵏerfc(x)` (DLMF 7.18.3), the repeated integrals by backward recurrence
/// (DLMF 7.18.7), which does not cancel. Relative error at most 4e-15; `+∞` below −26.6, where it
/// exceeds the doubles.
///
/// ```
/// let x = 1e10;
/// let limit = 1.0 / (x * std::f64::consts::PI.sqrt());
/// assert!((fisherinfo::special::erfcx(x) / limit - 1.0).abs() < 1e-15);
/// ```
pub fn erfcx<D: Dual>(x: D) -> D {
    taylor(x, erfcx_coefficients)
}

/// Fills `c[1..]` with the Taylor coefficients of `scale ∫ e^(−t²) dt`.
fn gaussian_integral_coefficients(a: f64, c: &mut [f64], scale: f64) {
    if c.len() == 1 {
        return;
    }
    // g = e^(−t²) has g' = −2tg, so (k+1) g_{k+1} = −2 (a g_k + g_{k−1}).
    let mut before = 0.0;
    let mut g = scale * exp_minus_square(a);
    // Beyond the underflow of the exponential, `a g` is 0 however large `a` is.
    let a = if g == 0.0 { 0.0 } else { a };
    for (k, c) in c.iter_mut().enumerate().skip(1) {
        *c = g / k as f64;
        let next = -2.0 * (a * g + before) / k as f64;
        (before, g) = (g, next);
    }
}

/// `e^(−x²)` with the rounding of the square made good: relative error 2e-16 instead of `x²`
/// times that.
fn exp_minus_square(x: f64) -> f64 {
    let square = DoubleDouble::product(x, x);
    if square.high > 750.0 {
        return 0.0;
    }
    (-square.high).exp() * (1.0 - square.low)
}

/// `e^(−x²/2)`, likewise.
pub(super) fn exp_minus_half_square(x: f64) -> f64 {
    let square = DoubleDouble::product(0.5 * x, x);
    if square.high > 750.0 {
        return 0.0;
    }
    (-square.high).exp() * (1.0 - square.low)
}

pub(super) fn erfcx_coefficients(z: f64, c: &mut [f64]) {
    c[0] = erfcx_value(z);
    if c.len() == 1 {
        return;
    }
    if z.is_infinite() {
        c[1..].fill(if z > 0.0 { 0.0 } else { f64::NEG_INFINITY });
    } else if z < CONTINUED_FRACTION_FROM {
        // y' = 2zy − 2/√π.
        for k in 0..c.len() - 1 {
            let source = if k == 0 {
                -FRAC_2_SQRT_PI
            } else {
                2.0 * c[k - 1]
            };
            c[k + 1] = (2.0 * z * c[k] + source) / (k + 1) as f64;
        }
    } else {
        // c_k = (−2)ᵏ e^(z²) iᵏerfc(z), so c_k = −2 r_k c_{k−1}.
        let orders = c.len();
        repeated_integral_ratios(z, orders, |n, ratio| {
            if (1..orders).contains(&n) {
                c[n] = -2.0 * ratio;
            }
        });
        for k in 1..orders {
            c[k] *= c[k - 1];
        }
    }
}

/// Visits `r_n = iⁿerfc(z)/iⁿ⁻¹erfc(z)` for `n` from far above `orders` down to 0, for `z > 0`.
///
/// `r_{n−1} = 1/(2z + 2n r_n)` (DLMF 7.18.7); an error at the start has shrunk by
/// `e^(−2z√(2n))` at the end.
fn repeated_integral_ratios(z: f64, orders: usize, mut visit: impl FnMut(usize, f64)) {
    let terms = (200.0 / (z * z)) as usize + orders + 20;
    let mut ratio = 1.0 / (z + (z * z + 2.0 * terms as f64).sqrt());
    for n in (1..=terms).rev() {
        visit(n, ratio);
        ratio = 1.0 / (2.0 * z + 2.0 * n as f64 * ratio);
    }
    visit(0, ratio);
}

pub(super) fn erfcx_value(z: f64) -> f64 {
    if z >= 2.0 {
        let mut value = 0.0;
        // i⁻¹erfc(z) = 2/√π e^(−z²).
        repeated_integral_ratios(z, 1, |_, ratio| value = FRAC_2_SQRT_PI * ratio);
        value
    } else if z < -27.0 {
        f64::INFINITY
    } else {
        let square = DoubleDouble::product(z, z);
        square.high.exp() * (1.0 + square.low) * libm::erfc(z)
    }
}
