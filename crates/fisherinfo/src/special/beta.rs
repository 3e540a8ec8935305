//! Combinations of gamma functions that cancel when taken literally: ratios, beta function,
//! binomial coefficients; and the multivariate gamma function.

use super::gamma::{ASYMPTOTIC_FROM, BERNOULLI};
use super::ln_gamma;
use crate::dual::Dual;

/// `ln(2π)/2`.
pub(super) const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_8;

/// Stirling's correction `Δ(x) = ln Γ(x) − (x − ½) ln x + x − ½ ln 2π = Σ_k B_{2k}/(2k(2k−1)x^(2k−1))`
/// (DLMF 5.11.1) for `x ≥ 12`.
pub(super) fn stirling_correction<D: Dual>(x: D) -> D {
    let reciprocal = x.recip();
    let square = reciprocal * reciprocal;
    let mut series = D::from(0.0);
    for &c in STIRLING.iter().rev() {
        series = series * square + c;
    }
    series * reciprocal
}

/// `B_{2k}/(2k(2k−1))` for k = 1, …, 10.
const STIRLING: [f64; 10] = {
    let mut c = [0.0; 10];
    let mut k = 0;
    while k < 10 {
        c[k] = BERNOULLI[k] / ((2 * k + 2) * (2 * k + 1)) as f64;
        k += 1;
    }
    c
};

/// `Δ(x+d) − Δ(x)` for both arguments at least 12, each power's difference taken as
/// `v^n − u^n = (v − u)(v^(n−1) + v^(n−2) u + … + u^(n−1))` with `u = 1/x`, `v = 1/(x+d)`.
fn stirling_correction_difference<D: Dual>(x: D, d: D) -> D {
    let u = x.recip();
    let v = (x + d).recip();
    let mut power = D::from(1.0);
    let mut quotient = D::from(1.0);
    let mut sum = D::from(0.0);
    for c in STIRLING {
        sum += quotient * c;
        for _ in 0..2 {
            power *= u;
            quotient = quotient * v + power;
        }
    }
    -(d * u * v) * sum
}

/// `ln Γ(x+d) − ln Γ(x)` for `x > 0`, `x + d > 0`, without the cancellation of the two.
///
/// Accurate for `d` however small against `x`, with derivatives: `∂/∂x = ψ(x+d) − ψ(x)` keeps its
/// digits too. Both arguments are carried to at least 12 by
///
/// ```text
/// ln Γ(x+d) − ln Γ(x) = ln Γ(x+1+d) − ln Γ(x+1) − ln(1 + d/x)
/// ```
///
/// where Stirling's formula gives `(x+d−½) ln(1+d/x) + d (ln x − 1) + Δ(x+d) − Δ(x)` (after
/// Didonato and Morris, ACM TOMS 708, 1992). Error at most 1e-14 of the larger of the result,
/// `|d|`, and `|ln x|` where `x < 12`. `NaN` outside the domain.
///
/// ```
/// use fisherinfo::special::{digamma, ln_gamma_ratio};
/// // A tiny step gives the slope.
/// let slope = ln_gamma_ratio(3.7_f64, 1e-20) / 1e-20;
/// assert!((slope - digamma(3.7)).abs() < 1e-14);
/// ```
pub fn ln_gamma_ratio<D: Dual>(x: D, d: D) -> D {
    if !(x.re() > 0.0 && (x + d).re() > 0.0) {
        return D::from(f64::NAN);
    }
    let mut y = x;
    let mut head = D::from(0.0);
    while y.re() < ASYMPTOTIC_FROM || (y + d).re() < ASYMPTOTIC_FROM {
        head += ln_1p_ratio(d, y);
        y += 1.0;
    }
    let sum = y + d;
    let stirling = if is_small_step(d, y) {
        let logarithms = (d / y).ln_1p() * (sum - 0.5) + d * (y.ln() - 1.0);
        logarithms + stirling_correction_difference(y, d)
    } else {
        // The same taken apart: factors of d would leave nothing of the derivatives where d ≫ x.
        let logarithms = sum.ln() * (sum - 0.5) - y.ln() * (y - 0.5) - d;
        logarithms + (stirling_correction(sum) - stirling_correction(y))
    };
    stirling - head
}

/// `ln(1 + d/x) = ln((x+d)/x)`, the first form where `d` is small, the second where `d/x` might
/// overflow or lie near −1.
fn ln_1p_ratio<D: Dual>(d: D, x: D) -> D {
    if is_small_step(d, x) {
        (d / x).ln_1p()
    } else {
        (x + d).ln() - x.ln()
    }
}

fn is_small_step<D: Dual>(d: D, x: D) -> bool {
    d.re().abs() < 0.5 * x.re()
}

/// `ln B(a, b) = ln Γ(a) + ln Γ(b) − ln Γ(a+b)` for `a, b > 0` (DLMF 5.12.1), without the
/// cancellation at large arguments.
///
/// With both at least 12, and `a ≤ b` (ACM TOMS 708, 1992):
///
/// ```text
/// ln B = ½ ln 2π − ½ ln b − (a−½) ln(1+b/a) − b ln(1+a/b) + Δ(a) + Δ(b) − Δ(a+b)
/// ```
///
/// otherwise `ln Γ(a)` less [`ln_gamma_ratio`]`(b, a)`. Error at most 1e-14 of the larger of the
/// result and 1. `NaN` outside the domain.
///
/// ```
/// use fisherinfo::special::ln_beta;
/// assert!((ln_beta(3.0, 4.0) + 60_f64.ln()).abs() < 1e-14);
/// ```
pub fn ln_beta<D: Dual>(a: D, b: D) -> D {
    if !(a.re() >= 0.0 && b.re() >= 0.0) {
        return D::from(f64::NAN);
    }
    let (a, b) = if a.re() <= b.re() { (a, b) } else { (b, a) };
    if a.re() < ASYMPTOTIC_FROM {
        if a.re() == 0.0 {
            return D::from(f64::INFINITY);
        }
        return ln_gamma(a) - ln_gamma_ratio(b, a);
    }
    let correction = stirling_correction(a) - stirling_correction_difference(b, a);
    // The exponent's large terms are both negative: −a ln(1+b/a) and −b ln(1+a/b).
    correction + (b.ln() * -0.5 + HALF_LN_TWO_PI)
        - ln_1p_ratio(b, a) * (a - 0.5)
        - b * ln_1p_ratio(a, b)
}

/// `ln C(n, k) = ln Γ(n+1) − ln Γ(k+1) − ln Γ(n−k+1)` for real `0 ≤ k ≤ n`.
///
/// Exactly 0 at `k = 0` and `k = n`; error at most 1e-14 of the larger of the result and 1.
/// Its derivatives hold `n` and `k` for real numbers. `NaN` outside the domain.
///
/// ```
/// use fisherinfo::special::ln_binomial;
/// assert!((ln_binomial(52.0, 5.0) - 2_598_960_f64.ln()).abs() < 1e-13);
/// ```
pub fn ln_binomial<D: Dual>(n: D, k: D) -> D {
    let rest = n - k;
    if !(k.re() >= 0.0 && rest.re() >= 0.0) {
        return D::from(f64::NAN);
    }
    let (few, many) = if k.re() <= rest.re() {
        (k, rest)
    } else {
        (rest, k)
    };
    if few.re() < ASYMPTOTIC_FROM {
        // ln Γ(k+1) as a ratio too, for `k` so small that k + 1 would round it away.
        ln_gamma_ratio(many + 1.0, few) - ln_gamma_ratio(D::from(1.0), few)
    } else {
        -ln_beta(few + 1.0, many + 1.0) - (n + 1.0).ln()
    }
}

/// The logarithm of the multivariate gamma function of dimension `p` (DLMF 35.3.5), for
/// `x > (p−1)/2`:
///
/// ```text
/// ln Γ_p(x) = p(p−1)/4 · ln π + Σ_{j=1}^{p} ln Γ(x − (j−1)/2)
/// ```
///
/// `NaN` outside the domain.
///
/// ```
/// use fisherinfo::special::{ln_gamma, ln_multivariate_gamma};
/// assert_eq!(ln_multivariate_gamma(1, 2.3), ln_gamma(2.3));
/// ```
pub fn ln_multivariate_gamma<D: Dual>(p: usize, x: D) -> D {
    let dimension = p as f64;
    let mut sum = D::from(dimension * (dimension - 1.0) / 4.0 * std::f64::consts::PI.ln());
    for j in 0..p {
        sum += ln_gamma(x - 0.5 * j as f64);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::stirling_correction;
    use num_dual::{Dual3, Dual3_64};

    #[test]
    fn stirling_correction_has_all_its_terms_where_the_series_begins() {
        assert!((stirling_correction(12.0) / 0.006_942_840_107_209_53 - 1.0_f64).abs() < 4e-16);
        let mut x = Dual3::from_re(Dual3_64::from_re(12.0).derivative());
        x.v1.re = 1.0;
        let sixth = stirling_correction(x).v3.v3;
        // By mpmath; the first term left out is 1e-14 of it.
        assert!(
            (sixth / 1.6637946260412547e-6 - 1.0).abs() < 3e-14,
            "{sixth:e}"
        );
    }
}
