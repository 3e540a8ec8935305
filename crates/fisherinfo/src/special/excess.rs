//! What is left of a logarithm or an exponential after its first terms, without cancellation.

use super::taylor;
use crate::dual::Dual;

/// t − ln(1 + t) ≥ 0 for t > −1, to full relative precision near zero, with its derivatives.
///
/// With s = t/(2 + t), ln(1 + t) = 2·artanh(s) and t − 2s = t·s, so that the difference is
/// \\(s\,\bigl(t - 2s^2(1/3 + s^2/5 + s^4/7 + \dots)\bigr)\\); its slope is t/(1 + t).
///
/// ```
/// use fisherinfo::special::log_excess;
/// use num_dual::Dual64;
/// assert!((log_excess(1e-9_f64) - 5e-19).abs() < 1e-27);
/// assert_eq!(log_excess(1.0_f64), 1.0 - 2f64.ln());
/// let slope = log_excess(Dual64::from_re(1e-20).derivative()).eps;
/// assert_eq!(slope, 1e-20);
/// ```
pub fn log_excess<D: Dual>(t: D) -> D {
    taylor(t, |t, c| {
        c[0] = log_excess_value(t);
        let reciprocal = 1.0 / (1.0 + t);
        if let [_, first, higher @ ..] = c {
            *first = t * reciprocal;
            let mut power = reciprocal;
            for (k, c) in (2..).zip(higher) {
                power *= -reciprocal;
                *c = -power / f64::from(k);
            }
        }
    })
}

fn log_excess_value(t: f64) -> f64 {
    if t.abs() > 0.3 {
        return t - t.ln_1p();
    }
    let s = t / (2.0 + t);
    let square = s * s;
    let series = (0..14)
        .rev()
        .fold(0.0, |sum, k| sum * square + 1.0 / f64::from(2 * k + 3));
    s * (t - 2.0 * square * series)
}

/// eʳ − 1 − r ≥ 0, to full relative precision near zero.
///
/// ```
/// use fisherinfo::special::exp_excess;
/// assert!((exp_excess(1e-9) - 5e-19).abs() < 1e-27);
/// ```
pub fn exp_excess(r: f64) -> f64 {
    if r.abs() > 0.5 {
        return r.exp_m1() - r;
    }
    let series = (3..=20)
        .rev()
        .fold(1.0, |sum, k| 1.0 + r / f64::from(k) * sum);
    0.5 * r * r * series
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_dual::HyperDual64;

    /// The curvature 1/(1 + t)².
    #[test]
    fn the_logarithm_has_its_derivatives() {
        for t in [-0.6, -0.1, 1e-9, 0.2, 3.0] {
            let dual = HyperDual64::from_re(t).derivative1().derivative2();
            let wanted = (1.0 + t).powi(-2);
            assert!(
                (log_excess(dual).eps1eps2 / wanted - 1.0).abs() < 1e-14,
                "t = {t}"
            );
            assert!(
                (log_excess(dual).eps1 - t / (1.0 + t)).abs() < 1e-15,
                "t = {t}"
            );
        }
    }

    /// Both sides of the switch agree with the plain form, which keeps its digits there.
    #[test]
    fn series_and_plain_form_meet() {
        for t in [-0.29, -0.25, 0.25, 0.29, 0.299_999] {
            let plain = t - f64::ln_1p(t);
            assert!((log_excess(t) / plain - 1.0).abs() < 2e-14, "t = {t}");
        }
        for r in [-0.49, -0.4, 0.4, 0.49] {
            let plain = f64::exp_m1(r) - r;
            assert!((exp_excess(r) / plain - 1.0).abs() < 1e-14, "r = {r}");
        }
    }

    /// t²/2 − t³/3 + t⁴/4 and r²/2 + r³/6 + r⁴/24, exact to rounding for arguments this small.
    #[test]
    fn small_arguments_keep_their_digits() {
        for t in [1e-5_f64, -1e-5, 3e-8, -7e-12] {
            let log = t * t * (0.5 - t / 3.0 + t * t / 4.0);
            assert!((log_excess(t) / log - 1.0).abs() < 1e-14, "t = {t}");
            let exp = t * t * (0.5 + t / 6.0 + t * t / 24.0);
            assert!((exp_excess(t) / exp - 1.0).abs() < 1e-14, "r = {t}");
        }
    }
}
