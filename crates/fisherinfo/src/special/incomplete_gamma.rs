//! The regularised incomplete gamma functions, and the chi-squared tail they give.

use super::beta::{HALF_LN_TWO_PI, ln_gamma_ratio, stirling_correction};
use super::gamma::{ASYMPTOTIC_FROM, ln_gamma_value};
use std::f64::consts::LN_2;

/// `P(a, x) = γ(a, x)/Γ(a)`, the probability that a gamma variable of shape `a` and rate 1 is at
/// most `x` (DLMF 8.2.4), for `a > 0`, `x ≥ 0`.
///
/// `NaN` outside the domain. Relative error at most 1e-12 for `a` up to 1e6, in both tails. The
/// work grows as `√a`.
///
/// ```
/// use fisherinfo::special::regularised_gamma_p;
/// assert!((regularised_gamma_p(1.0, 2.0) - (1.0 - (-2_f64).exp())).abs() < 1e-15);
/// ```
pub fn regularised_gamma_p(a: f64, x: f64) -> f64 {
    match tails(a, x) {
        Tails::Lower { ln_value } => ln_value.exp(),
        Tails::Upper { ln_value } => -ln_value.exp_m1(),
    }
}

/// `Q(a, x) = 1 − P(a, x)` (DLMF 8.2.4), without cancellation in the upper tail; see
/// [`regularised_gamma_p`].
///
/// ```
/// use fisherinfo::special::regularised_gamma_q;
/// assert!((regularised_gamma_q(1.0, 700.0) / (-700_f64).exp() - 1.0).abs() < 1e-13);
/// ```
pub fn regularised_gamma_q(a: f64, x: f64) -> f64 {
    match tails(a, x) {
        Tails::Lower { ln_value } => -ln_value.exp_m1(),
        Tails::Upper { ln_value } => ln_value.exp(),
    }
}

/// `ln Q(a, x)`, which goes on where `Q` underflows.
///
/// ```
/// use fisherinfo::special::ln_regularised_gamma_q;
/// assert!((ln_regularised_gamma_q(1.0, 1e5) + 1e5).abs() < 1e-9);
/// ```
pub fn ln_regularised_gamma_q(a: f64, x: f64) -> f64 {
    match tails(a, x) {
        Tails::Lower { ln_value } => super::ln_1m_exp(ln_value),
        Tails::Upper { ln_value } => ln_value,
    }
}

/// The probability that a chi-squared variable of `degrees_of_freedom` exceeds `x`: the p-value
/// of a likelihood-ratio, Wald or score statistic.
///
/// ```
/// use fisherinfo::special::chi_squared_survival;
/// assert!((chi_squared_survival(3.841_458_820_694_124, 1.0) - 0.05).abs() < 1e-15);
/// ```
pub fn chi_squared_survival(x: f64, degrees_of_freedom: f64) -> f64 {
    regularised_gamma_q(0.5 * degrees_of_freedom, 0.5 * x.max(0.0))
}

/// The logarithm of [`chi_squared_survival`], for p-values below the smallest double.
///
/// ```
/// use fisherinfo::special::ln_chi_squared_survival;
/// assert!((ln_chi_squared_survival(1e4, 2.0) + 5e3).abs() < 1e-11);
/// ```
pub fn ln_chi_squared_survival(x: f64, degrees_of_freedom: f64) -> f64 {
    ln_regularised_gamma_q(0.5 * degrees_of_freedom, 0.5 * x.max(0.0))
}

/// The logarithm of whichever of `P` and `Q` the arguments give directly.
enum Tails {
    Lower { ln_value: f64 },
    Upper { ln_value: f64 },
}

fn tails(a: f64, x: f64) -> Tails {
    if !(a > 0.0 && a.is_finite() && x >= 0.0) {
        Tails::Upper { ln_value: f64::NAN }
    } else if x == 0.0 {
        Tails::Upper { ln_value: 0.0 }
    } else if x == f64::INFINITY {
        Tails::Upper {
            ln_value: f64::NEG_INFINITY,
        }
    } else if x < a + 1.0 {
        let ln_lower = ln_prefactor(a, x) + lower_series(a, x).ln();
        if a < 1.0 && ln_lower > -LN_2 {
            Tails::Upper {
                ln_value: upper_at_small_shape(a, x).ln(),
            }
        } else {
            Tails::Lower { ln_value: ln_lower }
        }
    } else {
        Tails::Upper {
            ln_value: ln_prefactor(a, x) + upper_fraction(a, x).ln(),
        }
    }
}

/// `ln(xᵃ e^(−x)/Γ(a))`.
///
/// At large `a` the terms are of size `a ln a` and nearly cancel: then it is
/// `−a (u − ln(1+u)) + ½ ln(a/2π) − Δ(a)` with `u = (x − a)/a`, Stirling's formula (DLMF 5.11.1).
fn ln_prefactor(a: f64, x: f64) -> f64 {
    if a < ASYMPTOTIC_FROM {
        a * x.ln() - x - ln_gamma_value(a)
    } else {
        0.5 * a.ln() - HALF_LN_TWO_PI - stirling_correction(a) - a * minus_ln_1p((x - a) / a, x / a)
    }
}

/// `u − ln(1+u)` for `u > −1`, without the cancellation at small `u`; `v = 1 + u` comes along,
/// since near −1 it is lost in the rounding of `u`.
///
/// With `r = u/(2+u)`, `ln(1+u) = 2 artanh r` (DLMF 4.6.4), hence
/// `u − ln(1+u) = r u − 2r³ (1/3 + r²/5 + r⁴/7 + …)`.
pub(super) fn minus_ln_1p(u: f64, v: f64) -> f64 {
    if u < -0.4 {
        return u - v.ln();
    }
    if u > 0.6 {
        return u - u.ln_1p();
    }
    let r = u / (2.0 + u);
    let square = r * r;
    let series = (1..=13)
        .rev()
        .fold(0.0, |sum, k| sum * square + 1.0 / (2 * k + 1) as f64);
    r * u - 2.0 * r * square * series
}

/// `P Γ(a) x^(−a) eˣ = Σ_n xⁿ/(a (a+1) … (a+n))` (DLMF 8.7.1).
fn lower_series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    let mut n = a;
    while term > sum * 1e-17 {
        n += 1.0;
        term *= x / n;
        sum += term;
    }
    sum
}

/// `Q Γ(a) x^(−a) eˣ` by its continued fraction (DLMF 8.9.2, contracted), with Lentz' method, for
/// `x ≥ a + 1`.
fn upper_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = f64::INFINITY;
    let mut d = 1.0 / b;
    let mut value = d;
    // Enough for every a up to 1e12.
    for n in 1..20_000_000_u32 {
        let n = f64::from(n);
        let numerator = n * (a - n);
        b += 2.0;
        d = 1.0 / (b + numerator * d);
        c = b + numerator / c;
        let factor = c * d;
        value *= factor;
        if (factor - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

/// `Q(a, x)` for `a < 1`, `x < 2`, where `1 − P` would cancel as `a → 0`:
///
/// ```text
/// Q = 1 − xᵃ/Γ(1+a) − xᵃ/Γ(a) Σ_{n≥1} (−x)ⁿ/((a+n) n!)
/// ```
fn upper_at_small_shape(a: f64, x: f64) -> f64 {
    let ln_power = a * x.ln() - ln_gamma_ratio(1.0, a);
    let mut term = 1.0;
    let mut sum: f64 = 0.0;
    for n in 1..40_u32 {
        let n = f64::from(n);
        term *= -x / n;
        sum += term / (a + n);
    }
    -ln_power.exp_m1() - a * ln_power.exp() * sum
}

#[cfg(test)]
mod tests {
    use super::minus_ln_1p;

    #[test]
    fn minus_ln_1p_holds_to_the_ends_of_its_series() {
        // By mpmath.
        for (u, want) in [
            (-0.3999, 0.110_758_970_986_669_87),
            (-0.2, 0.023_143_551_314_209_76),
            (1e-9, 4.999999996666667e-19),
            (0.5999, 0.129_958_872_707_470_83),
        ] {
            let got = minus_ln_1p(u, 1.0 + u);
            assert!((got / want - 1.0_f64).abs() < 4e-16, "{u}: {got:e}");
        }
    }
}
