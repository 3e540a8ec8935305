//! Modified Bessel functions of order 0 and 1 and their ratio, the mean resultant length of the
//! von Mises distribution.

use super::double_double::DoubleDouble;
use super::jet::{logarithm_derivatives, quotient};
use super::taylor;
use crate::dual::Dual;

/// From here on the asymptotic expansions hold to the last place, sixth derivatives included;
/// their smallest term is about `e^(−2κ)`.
const ASYMPTOTIC_FROM: f64 = 30.0;

/// `ln I₀(κ)`, the logarithm of the modified Bessel function of order 0 (DLMF 10.25.2), for any
/// real `κ`.
///
/// Power series DLMF 10.25.2 in double-double arithmetic up to 30, asymptotic expansion
/// DLMF 10.40.1 beyond. Relative error at most 4e-15, derivatives likewise.
///
/// ```
/// use fisherinfo::special::{bessel_ratio, ln_bessel_i0};
/// use num_dual::Dual64;
/// let x = ln_bessel_i0(Dual64::from_re(2.0).derivative());
/// assert!((x.re - 2.279_585_302_336_067_f64.ln()).abs() < 1e-15);
/// assert!((x.eps - bessel_ratio(2.0)).abs() < 1e-15);
/// ```
pub fn ln_bessel_i0<D: Dual>(kappa: D) -> D {
    let kappa = if kappa.re() < 0.0 { -kappa } else { kappa };
    taylor(kappa, |a, c| ln_bessel_coefficients(Order::Zero, a, c))
}

/// `ln I₁(κ)` for `κ ≥ 0`; `−∞` at 0, `NaN` below, where `I₁` is negative. See [`ln_bessel_i0`].
///
/// ```
/// use fisherinfo::special::ln_bessel_i1;
/// assert!((ln_bessel_i1(2.0) - 1.590_636_854_637_329_f64.ln()).abs() < 1e-15);
/// ```
pub fn ln_bessel_i1<D: Dual>(kappa: D) -> D {
    taylor(kappa, |a, c| {
        if a < 0.0 {
            c.fill(f64::NAN);
        } else {
            ln_bessel_coefficients(Order::One, a, c);
        }
    })
}

/// `A(κ) = I₁(κ)/I₀(κ)`, the mean resultant length of a von Mises distribution of concentration
/// `κ`; odd in `κ`, tending to 1.
///
/// Satisfies `A′ = 1 − A² − A/κ`. Relative error at most 4e-15, derivatives likewise: they are
/// taken from the series of `I₀` and `I₁` in double-double arithmetic, or from the asymptotic
/// expansions, never from that difference.
///
/// ```
/// use fisherinfo::special::bessel_ratio;
/// // A(κ) ≈ κ/2 near 0, 1 − 1/(2κ) far away.
/// assert!((bessel_ratio(1e-8_f64) - 5e-9).abs() < 1e-23);
/// assert!((bessel_ratio(1e8_f64) - (1.0 - 5e-9)).abs() < 1e-15);
/// ```
pub fn bessel_ratio<D: Dual>(kappa: D) -> D {
    if kappa.re() < 0.0 {
        -taylor(-kappa, ratio_coefficients)
    } else {
        taylor(kappa, ratio_coefficients)
    }
}

/// `A′(κ) = 1 − A² − A/κ`, the Fisher information of a von Mises distribution about its
/// concentration, without the cancellation of the three terms: `1/(2κ²)` at large `κ`.
///
/// Even in `κ`, ½ at 0. Relative error at most 4e-15, derivatives likewise.
///
/// ```
/// use fisherinfo::special::bessel_ratio_derivative;
/// assert_eq!(bessel_ratio_derivative(0.0), 0.5);
/// assert!((bessel_ratio_derivative(1e10_f64) / 5e-21 - 1.0).abs() < 1e-9);
/// ```
pub fn bessel_ratio_derivative<D: Dual>(kappa: D) -> D {
    let kappa = if kappa.re() < 0.0 { -kappa } else { kappa };
    taylor(kappa, |a, c| {
        let mut ratio = vec![0.0; c.len() + 1];
        ratio_coefficients(a, &mut ratio);
        for (k, c) in c.iter_mut().enumerate() {
            *c = ratio[k + 1] * (k + 1) as f64;
        }
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Order {
    Zero,
    One,
}

fn ratio_coefficients(a: f64, c: &mut [f64]) {
    if a.is_infinite() {
        c.fill(0.0);
        c[0] = 1.0;
    } else if a < ASYMPTOTIC_FROM {
        let (i0, i1, _) = series(a, c.len());
        for (c, ratio) in c.iter_mut().zip(quotient(&i1, &i0)) {
            *c = ratio.to_f64();
        }
    } else {
        let s0 = expansion(Order::Zero, a, c.len());
        let s1 = expansion(Order::One, a, c.len());
        c.copy_from_slice(&quotient(&s1, &s0));
    }
}

fn ln_bessel_coefficients(order: Order, a: f64, c: &mut [f64]) {
    if a.is_infinite() {
        c.fill(f64::NAN);
        c[0] = f64::INFINITY;
    } else if a < ASYMPTOTIC_FROM {
        let (i0, i1, i0_minus_one) = series(a, c.len());
        let function = if order == Order::Zero { &i0 } else { &i1 };
        for (c, l) in c.iter_mut().zip(logarithm_derivatives(function)).skip(1) {
            *c = l.to_f64();
        }
        c[0] = match order {
            Order::Zero if a < 1.0 => i0_minus_one.ln_1p(),
            // Next to its root the logarithm sees the low part too.
            _ => function[0].high.ln() + function[0].low / function[0].high,
        };
    } else {
        // I_ν = e^κ/√(2πκ) · S_ν.
        let s = expansion(order, a, c.len());
        let mut power = 1.0;
        for (k, (c, l)) in c
            .iter_mut()
            .zip(logarithm_derivatives(&s))
            .enumerate()
            .skip(1)
        {
            power /= -a;
            // The k-th coefficient of −½ ln κ is ½ (−1/κ)ᵏ/k.
            *c = l + 0.5 * power / k as f64;
        }
        if let Some(first) = c.get_mut(1) {
            *first += 1.0;
        }
        c[0] = a - 0.5 * (std::f64::consts::TAU * a).ln() + s[0].ln();
    }
}

/// The Taylor coefficients at `κ` of `I₀` and `I₁`, `orders` each, and `I₀(κ) − 1`.
///
/// `I₀⁽ᵐ⁾(κ)/m! = Σ_k C(2k, m) κ^(2k−m)/(4ᵏ k!²)`: every term is positive. `I₁ = I₀′`.
fn series(kappa: f64, orders: usize) -> (Vec<DoubleDouble>, Vec<DoubleDouble>, f64) {
    let square = DoubleDouble::product(kappa, kappa);
    let mut i0 = Vec::with_capacity(orders + 1);
    let mut i0_minus_one = 0.0;
    for m in 0..=orders {
        // The first term that is not 0, k = ⌈m/2⌉; for m = 0 the 1 is added at the end.
        let mut k = m.div_ceil(2).max(1);
        let mut term = DoubleDouble::from(1.0);
        for j in 1..=k {
            term = term / DoubleDouble::from((4 * j * j) as f64);
        }
        term = term
            * match (m, m.is_multiple_of(2)) {
                (0, _) => square,
                (_, true) => DoubleDouble::from(1.0),
                (_, false) => DoubleDouble::from((m + 1) as f64) * DoubleDouble::from(kappa),
            };
        let mut sum = term;
        while term.high > sum.high * 1e-33 {
            let numerator = (2 * k + 1) as f64;
            let denominator = (2 * (k + 1) * (2 * k + 2 - m) * (2 * k + 1 - m)) as f64;
            term = term * square * DoubleDouble::from(numerator) / DoubleDouble::from(denominator);
            sum = sum + term;
            k += 1;
        }
        if m == 0 {
            i0_minus_one = sum.to_f64();
            sum = sum + DoubleDouble::from(1.0);
        }
        i0.push(sum);
    }
    let i1 = i0[1..]
        .iter()
        .enumerate()
        .map(|(m, &c)| c * DoubleDouble::from((m + 1) as f64))
        .collect();
    i0.truncate(orders);
    (i0, i1, i0_minus_one)
}

/// The Taylor coefficients at `κ` of `S_ν(κ) = I_ν(κ) √(2πκ) e^(−κ)`, by
/// `S_ν ~ Σ_k (−1)ᵏ a_k(ν)/κᵏ`, `a_k = a_{k−1} (4ν² − (2k−1)²)/(8k)` (DLMF 10.40.1, 10.17.1).
fn expansion(order: Order, kappa: f64, orders: usize) -> Vec<f64> {
    let four_nu_square = if order == Order::Zero { 0.0 } else { 4.0 };
    let mut result = vec![0.0; orders];
    result[0] = 1.0;
    let mut term = 1.0;
    for k in 1..=60 {
        let odd = (2 * k - 1) as f64;
        term *= -(four_nu_square - odd * odd) / (8 * k) as f64 / kappa;
        // κ^(−k) has the coefficients C(k+m−1, m) (−1)ᵐ κ^(−k−m).
        let mut coefficient = term;
        let mut largest = 0.0_f64;
        for (m, r) in result.iter_mut().enumerate() {
            if m > 0 {
                coefficient *= -((k + m - 1) as f64) / m as f64 / kappa;
            }
            *r += coefficient;
            if *r != 0.0 {
                largest = largest.max((coefficient / *r).abs());
            }
        }
        if largest < 1e-18 {
            break;
        }
    }
    result
}
