//! The gamma function's logarithm and the derivatives of that: digamma, trigamma, polygamma.

use super::double_double::DoubleDouble;
use super::taylor;
use crate::dual::Dual;

/// Bernoulli numbers `B_2, B_4, …, B_20` (DLMF 24.2).
pub(super) const BERNOULLI: [f64; 10] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
    43867.0 / 798.0,
    -174611.0 / 330.0,
];

/// From here on the asymptotic series in `1/x²` reach the last place of a double with seven terms,
/// their sixth derivatives 13 digits with ten.
pub(super) const ASYMPTOTIC_FROM: f64 = 12.0;

/// The positive root of the digamma function, to 32 digits.
const DIGAMMA_ROOT: DoubleDouble = DoubleDouble {
    high: 1.4616321449683623,
    low: 9.549995429965697e-17,
};

/// Taylor coefficients `ψ⁽ᵏ⁾(x₀)/k! = (−1)^(k+1) ζ(k+1, x₀)`, k = 1, 2, …, at the root.
const DIGAMMA_AT_ROOT: [f64; 28] = [
    0.9676722454476212,
    -0.4427631689835921,
    0.258499760955651,
    -0.16394270544240652,
    0.10782405069126237,
    -0.07219956125645471,
    0.04880428816414311,
    -0.03316112647484736,
    0.022597648232218104,
    -0.01542476590494896,
    0.010538791616612175,
    -0.007204534386356869,
    0.004926781395729853,
    -0.003369801655439328,
    0.002305126326734928,
    -0.0015769367714301972,
    0.0010788252019162967,
    -0.0007380709389960052,
    0.000504953265834602,
    -0.0003454680251063077,
    0.00023635601564027053,
    -0.00016170622091974803,
    0.0001106337276874741,
    -7.569179582195066e-05,
    5.178575795222081e-05,
    -3.5430070947659604e-05,
    2.424006611860132e-05,
    -1.6584242271854135e-05,
];

/// `ln Γ(x)` for `x > 0` (DLMF 5.2).
///
/// `+∞` at 0, `NaN` below. Relative error at most 2e-15, also next to the roots 1 and 2.
///
/// ```
/// use fisherinfo::special::ln_gamma;
/// assert!((ln_gamma(11.0) - 3_628_800_f64.ln()).abs() < 1e-14);
/// ```
pub fn ln_gamma<D: Dual>(x: D) -> D {
    taylor(x, |a, c| {
        c[0] = ln_gamma_value(a);
        if let [_, first, higher @ ..] = c {
            *first = digamma_value(a);
            for (k, c) in (2..).zip(higher) {
                *c = alternate(k) * hurwitz_zeta(k, a) / k as f64;
            }
        }
    })
}

/// The digamma function `ψ(x) = d ln Γ(x)/dx` for `x > 0` (DLMF 5.2.2).
///
/// `−∞` at 0, `NaN` below. Relative error at most 1e-14, also next to the root
/// 1.4616321449683623….
///
/// ```
/// use fisherinfo::special::digamma;
/// let euler = 0.577_215_664_901_532_9;
/// assert!((digamma(1.0_f64) + euler).abs() < 1e-15);
/// ```
pub fn digamma<D: Dual>(x: D) -> D {
    taylor(x, |a, c| {
        c[0] = digamma_value(a);
        for (k, c) in c.iter_mut().enumerate().skip(1) {
            *c = -alternate(k) * hurwitz_zeta(k + 1, a);
        }
    })
}

/// The trigamma function `ψ′(x)` for `x > 0`: the variance of `ln X` for a gamma variable of
/// shape `x` (DLMF 5.15).
///
/// `+∞` at 0, `NaN` below. Relative error at most 5e-15.
///
/// ```
/// use fisherinfo::special::trigamma;
/// assert!((trigamma(1.0) - std::f64::consts::PI.powi(2) / 6.0).abs() < 4e-16);
/// ```
pub fn trigamma<D: Dual>(x: D) -> D {
    polygamma(1, x)
}

/// The polygamma function `ψ⁽ⁿ⁾(x)` for `x > 0`; `n = 0` is [`digamma`] (DLMF 5.15).
///
/// For `n ≥ 1` it is `(−1)^(n+1) n! ζ(n+1, x)` with Hurwitz' zeta function. Relative error at most
/// `(n + 5)` units of 1e-15; from `n = 171` on the factorial exceeds the doubles.
///
/// ```
/// use fisherinfo::special::polygamma;
/// // ψ″(1) = −2 ζ(3), with Apéry's constant.
/// assert!((polygamma(2, 1.0_f64) + 2.0 * 1.202_056_903_159_594_3).abs() < 4e-15);
/// ```
pub fn polygamma<D: Dual>(n: usize, x: D) -> D {
    if n == 0 {
        return digamma(x);
    }
    taylor(x, |a, c| {
        for (k, c) in c.iter_mut().enumerate() {
            // (n + k)!/k!, the factor left over from the derivative's own k!.
            let factor: f64 = (k + 1..=k + n).map(|i| i as f64).product();
            *c = -alternate(n + k) * factor * hurwitz_zeta(n + k + 1, a);
        }
    })
}

/// `ψ′(x) − 1/x` for `x > 0`, without the cancellation of the two at large `x`.
///
/// The shape's entry of the Fisher information of a gamma variable with known mean: it behaves as
/// `1/(2x²)` at large `x`, where the difference taken literally has no digit left at `x = 1e16`.
/// From `1/x = Σ_{i<N} 1/((x+i)(x+i+1)) + 1/(x+N)` and DLMF 5.15.5,
///
/// ```text
/// ψ′(x) − 1/x = Σ_{i<N} 1/((x+i)²(x+i+1)) + [ψ′(x+N) − 1/(x+N)]
/// ```
///
/// whose terms are all positive, closed by the asymptotic series DLMF 5.11.2 (differentiated)
/// `1/(2x²) + Σ_k B_{2k}/x^(2k+1)`. Relative error at most 3e-15.
///
/// ```
/// use fisherinfo::special::trigamma_minus_reciprocal;
/// assert!((trigamma_minus_reciprocal(1e10_f64) / 5e-21 - 1.0).abs() < 1e-9);
/// ```
pub fn trigamma_minus_reciprocal<D: Dual>(x: D) -> D {
    if x.re() <= 0.0 {
        return D::from(if x.re() == 0.0 {
            f64::INFINITY
        } else {
            f64::NAN
        });
    }
    let mut y = x;
    let mut head = D::from(0.0);
    while y.re() < ASYMPTOTIC_FROM {
        let next = y + 1.0;
        head += (y * y * next).recip();
        y = next;
    }
    let reciprocal = y.recip();
    let square = reciprocal * reciprocal;
    let mut series = D::from(0.0);
    for &b in BERNOULLI.iter().rev() {
        series = series * square + b;
    }
    head + square * (reciprocal * series + 0.5)
}

/// `+1` for even `k`, `−1` for odd.
fn alternate(k: usize) -> f64 {
    if k.is_multiple_of(2) { 1.0 } else { -1.0 }
}

pub(super) fn ln_gamma_value(x: f64) -> f64 {
    if x < 0.0 { f64::NAN } else { libm::lgamma(x) }
}

fn digamma_value(x: f64) -> f64 {
    if x < 0.0 {
        return f64::NAN;
    }
    if (1.06..1.86).contains(&x) {
        // Next to the root the recurrence cancels; the series about it does not.
        let offset = (x - DIGAMMA_ROOT.high) - DIGAMMA_ROOT.low;
        return offset
            * DIGAMMA_AT_ROOT
                .iter()
                .rev()
                .fold(0.0, |sum, c| sum * offset + c);
    }
    // ψ(x) = ψ(x+1) − 1/x (DLMF 5.5.2) up to where the asymptotic series holds (5.11.2).
    let mut y = x;
    let mut head = 0.0;
    while y < ASYMPTOTIC_FROM {
        head += 1.0 / y;
        y += 1.0;
    }
    let square = (1.0 / y) * (1.0 / y);
    let mut series = 0.0;
    for (k, &b) in BERNOULLI[..7].iter().enumerate().rev() {
        series = series * square + b / (2 * k + 2) as f64;
    }
    y.ln() - 0.5 / y - series * square - head
}

/// Riemann's zeta function at an integer `s ≥ 2` (DLMF 25.2.1).
pub(crate) fn zeta(s: usize) -> f64 {
    hurwitz_zeta(s, 1.0)
}

/// Hurwitz' zeta function `ζ(s, x) = Σ_{i≥0} (x+i)^(−s)` for an integer `s ≥ 2` and `x > 0`, by
/// Euler–Maclaurin summation (DLMF 25.11.28, with its integral left off).
fn hurwitz_zeta(s: usize, x: f64) -> f64 {
    if x < 0.0 {
        return f64::NAN;
    }
    let exponent = i32::try_from(s).unwrap_or(i32::MAX);
    let order = s as f64;
    let from = order + ASYMPTOTIC_FROM;
    let mut shift = 0.0;
    while x + shift < from {
        shift += 1.0;
    }
    let y = x + shift;
    let reciprocal = 1.0 / y;
    // Σ_j B_{2j}/(2j)! · s(s+1)…(s+2j−2) y^(1−2j), after the factor y^(−s) · y.
    let mut term = order * reciprocal * reciprocal / 2.0;
    let mut tail = 1.0 / (order - 1.0) + 0.5 * reciprocal;
    for (j, &b) in (1..).zip(&BERNOULLI) {
        tail += b * term;
        let two_j = (2 * j) as f64;
        term *= (order + two_j - 1.0) * (order + two_j) * reciprocal * reciprocal
            / ((two_j + 1.0) * (two_j + 2.0));
    }
    let mut sum = tail * reciprocal.powi(exponent - 1);
    // The smallest terms first.
    while shift > 0.0 {
        shift -= 1.0;
        sum += 1.0 / (x + shift).powi(exponent);
    }
    sum
}
