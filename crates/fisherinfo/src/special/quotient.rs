//! Quotients of a function by its argument that have a limit at zero.

use super::taylor;
use crate::dual::Dual;

/// Up to here the power series serves; beyond, the quotient taken literally.
const SERIES_UP_TO: f64 = 0.5;
/// Terms of the series: 0.5^64 is far below rounding, third derivatives included.
const TERMS: usize = 64;

/// `ln(1 + t)/t` for `t > −1`, 1 at 0.
///
/// Below ½ in size the power series `Σ (−t)ⁿ/(n+1)` (DLMF 4.6.1) and its derivatives, beyond it the
/// quotient itself, whose derivatives keep their digits there. Relative error at most 1e-15,
/// derivatives 1e-13. `NaN` below −1.
///
/// ```
/// use fisherinfo::special::ln_1p_quotient;
/// assert_eq!(ln_1p_quotient(0.0), 1.0);
/// assert!((ln_1p_quotient(1.0) - std::f64::consts::LN_2).abs() < 1e-16);
/// ```
pub fn ln_1p_quotient<D: Dual>(t: D) -> D {
    if t.re().abs() > SERIES_UP_TO {
        return t.ln_1p() / t;
    }
    taylor(t, |a, c| {
        for (k, c) in c.iter_mut().enumerate() {
            // Σ_{n≥k} C(n, k)(−1)ⁿ aⁿ⁻ᵏ/(n + 1), the binomials by their recurrence.
            let mut term = if k.is_multiple_of(2) { 1.0 } else { -1.0 };
            *c = 0.0;
            for n in k..k + TERMS {
                *c += term / (n + 1) as f64;
                term *= -a * (n + 1) as f64 / (n + 1 - k) as f64;
            }
        }
    })
}
