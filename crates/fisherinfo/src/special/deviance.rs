//! Logarithms of the probabilities of counts, which keep their digits however large the counts are.

use super::beta::{HALF_LN_TWO_PI, stirling_correction};
use super::gamma::{ASYMPTOTIC_FROM, ln_gamma_value};
use super::log_excess;
use crate::dual::Dual;

/// Up to this part of the count a mean is near it.
const NEAR: f64 = 0.3;

/// ln(x!) − (x + ½) ln x + x − ½ ln 2π for x > 0.
pub(crate) fn factorial_correction(count: f64) -> f64 {
    if count >= ASYMPTOTIC_FROM {
        stirling_correction(count)
    } else {
        ln_gamma_value(count + 1.0) - (count + 0.5) * count.ln() + count - HALF_LN_TWO_PI
    }
}

/// ln(x!) − x ln x + x for x > 0: what a factorial has besides powers.
pub(crate) fn factorial_width(count: f64) -> f64 {
    0.5 * count.ln() + HALF_LN_TWO_PI + factorial_correction(count)
}

/// x ln(x/m) + m − x ≥ 0 for a count x > 0 and a mean m, given m − x too, which the caller may know
/// better than by subtraction. Source: C. Loader, Fast and accurate computation of binomial
/// probabilities (2000), where it is the deviance part of the saddle-point expansion.
pub(crate) fn deviance<D: Dual>(count: f64, mean: D, excess: D) -> D {
    let part = excess / count;
    if part.re().abs() <= NEAR {
        log_excess(part) * count
    } else {
        excess - (mean.ln() - count.ln()) * count
    }
}

/// The largest of the numbers whose sum [`deviance`] is.
pub(crate) fn deviance_size(count: f64, mean: f64) -> f64 {
    if ((mean - count) / count).abs() <= NEAR {
        deviance(count, mean, mean - count)
    } else {
        mean + count + count * (mean.ln() - count.ln()).abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_dual::Dual64;

    /// ln(e^(−m) mˣ/x!) by forty digits (mpmath 1.3), where the plain form has lost some or all of
    /// them.
    #[test]
    fn probabilities_of_large_counts_keep_their_digits() {
        for (count, mean, wanted) in [
            (4.0, 3.0, -1.783_604_675_675_506_9),
            (1e6, 1_001_000.0, -8.326_360_811_986_976),
            (1e12, 1_000_001_000_000.0, -15.234_448_757_835_947),
        ] {
            let found = -deviance(count, mean, mean - count) - factorial_width(count);
            assert!((found / wanted - 1.0).abs() < 1e-14, "{count}: {found}");
        }
    }

    /// The derivative in the mean, 1 − x/m, on either side of the switch.
    #[test]
    fn slopes_keep_their_digits() {
        for (count, mean) in [(1e12, 1e12 + 1e5), (7.0, 9.0), (7.0, 9.2), (7.0, 0.1)] {
            let mean = Dual64::from_re(mean).derivative();
            let found = deviance(count, mean, mean - count).eps;
            let wanted = (mean.re - count) / mean.re;
            assert!((found / wanted - 1.0).abs() < 1e-14, "{count}: {found:e}");
        }
    }
}
