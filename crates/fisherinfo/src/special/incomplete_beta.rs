//! The regularised incomplete beta function, and the F and Student's t tails it gives.

use super::beta::{HALF_LN_TWO_PI, ln_beta, stirling_correction};
use super::double_double::DoubleDouble;
use super::gamma::ASYMPTOTIC_FROM;
use super::incomplete_gamma::minus_ln_1p;

/// `I_x(a, b) = B_x(a, b)/B(a, b)`, the probability that a beta variable of shapes `a, b` is at
/// most `x` (DLMF 8.17.2), for `a, b > 0`, `0 ≤ x ≤ 1`.
///
/// `NaN` outside the domain. Relative error at most 1e-12 for shapes up to 1e6, in both tails. The
/// work grows as the root of the larger shape.
///
/// ```
/// use fisherinfo::special::regularised_incomplete_beta;
/// // I_x(2, 3) = x² (6 − 8x + 3x²).
/// assert!((regularised_incomplete_beta(2.0, 3.0, 0.4) - 0.5248).abs() < 1e-15);
/// ```
pub fn regularised_incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    let complement = DoubleDouble::sum(1.0, -x);
    with_complement(a, b, DoubleDouble::from(x), complement)
}

/// The probability that an F variable of the given degrees of freedom exceeds `f`:
/// `I_{d₂/(d₂+d₁f)}(d₂/2, d₁/2)` (A&S 26.6.2).
///
/// ```
/// use fisherinfo::special::f_survival;
/// // With 2 and 2 degrees of freedom it is 1/(1+f).
/// assert!((f_survival(3.0, 2.0, 2.0) - 0.25).abs() < 1e-15);
/// ```
pub fn f_survival(f: f64, numerator_degrees: f64, denominator_degrees: f64) -> f64 {
    let weight = DoubleDouble::product(numerator_degrees, f.max(0.0));
    survival(weight, numerator_degrees, denominator_degrees)
}

/// The probability that a Student's t variable exceeds `|t|` in size, the two-sided p-value:
/// `I_{ν/(ν+t²)}(ν/2, ½)` (A&S 26.7.1).
///
/// ```
/// use fisherinfo::special::student_t_two_sided;
/// // With one degree of freedom, Cauchy's distribution.
/// assert!((student_t_two_sided(1.0, 1.0) - 0.5).abs() < 1e-15);
/// ```
pub fn student_t_two_sided(t: f64, degrees_of_freedom: f64) -> f64 {
    survival(DoubleDouble::product(t, t), 1.0, degrees_of_freedom)
}

/// `I_{d₂/(d₂+w)}(d₂/2, d₁/2)`, with the argument and its complement each to full precision.
fn survival(weight: DoubleDouble, numerator_degrees: f64, denominator_degrees: f64) -> f64 {
    if weight.high == f64::INFINITY {
        return if denominator_degrees > 0.0 {
            0.0
        } else {
            f64::NAN
        };
    }
    let degrees = DoubleDouble::from(denominator_degrees);
    let total = degrees + weight;
    with_complement(
        0.5 * denominator_degrees,
        0.5 * numerator_degrees,
        degrees / total,
        weight / total,
    )
}

/// `I_x(a, b)` given `x` and `y = 1 − x`.
fn with_complement(a: f64, b: f64, x: DoubleDouble, y: DoubleDouble) -> f64 {
    let shapes = a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite();
    if !(shapes && (0.0..=1.0).contains(&x.high)) {
        return f64::NAN;
    }
    if x.high == 0.0 || y.high == 0.0 {
        return x.high;
    }
    if x.high <= (a + 1.0) / (a + b + 2.0) {
        return lower(a, b, x, y);
    }
    let upper = lower(b, a, y, x);
    if upper < 0.9 {
        1.0 - upper
    } else {
        // Little is left: rather the fraction from the other side, slower though it is.
        lower(a, b, x, y)
    }
}

/// `xᵃ yᵇ/B(a,b)` times a continued fraction.
fn lower(a: f64, b: f64, x: DoubleDouble, y: DoubleDouble) -> f64 {
    ln_prefactor(a, b, x, y).exp() * fraction(a, b, x, y)
}

/// `ln(xᵃ yᵇ/B(a,b))`.
///
/// At large shapes the terms nearly cancel: then, with `λ = b x − a y`,
/// `−a [u − ln(1+u)]_{u=λ/a} − b [u − ln(1+u)]_{u=−λ/b} + ½ ln(ab/(2π(a+b))) − Δ(a) − Δ(b) + Δ(a+b)`
/// (Didonato and Morris, ACM TOMS 708, 1992).
fn ln_prefactor(a: f64, b: f64, x: DoubleDouble, y: DoubleDouble) -> f64 {
    if a < ASYMPTOTIC_FROM || b < ASYMPTOTIC_FROM {
        // The logarithm of the smaller of x and y is well conditioned; the other's is ln(1 − it).
        let (ln_x, ln_y) = if x.high <= y.high {
            (ln(x), (-x.high).ln_1p())
        } else {
            ((-y.high).ln_1p(), ln(y))
        };
        return a * ln_x + b * ln_y - ln_beta(a, b);
    }
    let lambda = (x * DoubleDouble::from(b) - y * DoubleDouble::from(a)).to_f64();
    let exponent = a * minus_ln_1p(lambda / a, x.high / a * (a + b))
        + b * minus_ln_1p(-lambda / b, y.high / b * (a + b));
    let smaller = a.min(b);
    // ab/(a+b), without overflow.
    let scale = 0.5 * (smaller / (1.0 + smaller / a.max(b))).ln() - HALF_LN_TWO_PI;
    let correction = stirling_correction(a) + stirling_correction(b) - stirling_correction(a + b);
    scale - exponent - correction
}

fn ln(x: DoubleDouble) -> f64 {
    x.high.ln() + x.low / x.high
}

/// `a` times the even part of the continued fraction DLMF 8.17.22 over its first factor, by Lentz'
/// method.
///
/// After Didonato and Morris (ACM TOMS 708, 1992) in terms of `λ = a y − b x`, as
/// `1 − (a+b)x/(a+1)` and its like cancel for `x` near 1.
fn fraction(a: f64, b: f64, x: DoubleDouble, y: DoubleDouble) -> f64 {
    let lambda = (y * DoubleDouble::from(a) - x * DoubleDouble::from(b)).to_f64();
    let (x, y) = (x.high, y.high);
    let first = guard((1.0 + lambda) * a / (a + 1.0));
    let mut c = first;
    let mut d = 0.0;
    let mut value = first;
    // A few times the root of the larger shape; slow only beyond the mean.
    for n in 1..20_000_000_u32 {
        let n = f64::from(n);
        let before = a + 2.0 * n - 1.0;
        let weight = n * (b - n) * x;
        // (a+n−1)(a+n−1+b) n (b−n) x²/(a+2n−1)².
        let numerator = (a + n - 1.0) / before * ((a + n - 1.0 + b) / before) * weight * x;
        let denominator =
            n + weight / before + (a + n) / (before + 2.0) * (1.0 + lambda + n * (1.0 + y));
        d = 1.0 / guard(denominator + numerator * d);
        c = guard(denominator + numerator / c);
        let factor = c * d;
        value *= factor;
        if (factor - 1.0).abs() < 1e-16 {
            break;
        }
    }
    1.0 / value
}

/// Lentz' method must not divide by 0.
fn guard(x: f64) -> f64 {
    if x == 0.0 { 1e-300 } else { x }
}
