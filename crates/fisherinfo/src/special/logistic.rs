//! The logistic function and its kin: logarithms and exponentials that neither overflow nor
//! cancel.

use super::jet::product_coefficient;
use super::taylor;
use super::taylor::times_infinity;
use crate::dual::Dual;
use std::f64::consts::{FRAC_PI_2, LN_2};

/// The logistic function `1/(1 + e^(−x))`.
///
/// Relative error at most 1e-15 in both tails; derivatives by `p′ = p (1 − p)`, the complement
/// taken as `logistic(−x)`.
///
/// ```
/// use fisherinfo::special::logistic;
/// assert_eq!(logistic(0.0), 0.5);
/// assert_eq!(logistic(1e3), 1.0);
/// assert!((logistic(-100.0) / (-100_f64).exp() - 1.0).abs() < 1e-15);
/// ```
pub fn logistic<D: Dual>(x: D) -> D {
    taylor(x, logistic_coefficients)
}

/// `ln logistic(x) = −softplus(−x)`, the log-probability of a success with log-odds `x`.
///
/// Relative error at most 1e-15.
///
/// ```
/// use fisherinfo::special::ln_logistic;
/// assert_eq!(ln_logistic(-1e3), -1e3);
/// assert!((ln_logistic(40.0) / -(-40_f64).exp() - 1.0).abs() < 1e-15);
/// ```
pub fn ln_logistic<D: Dual>(x: D) -> D {
    -softplus(-x)
}

/// `softplus(x) = ln(1 + eˣ)`, the cumulant function of the Bernoulli distribution.
///
/// Relative error at most 1e-15; its derivative is [`logistic`].
///
/// ```
/// use fisherinfo::special::softplus;
/// assert_eq!(softplus(1e3), 1e3);
/// assert_eq!(softplus(0.0), std::f64::consts::LN_2);
/// ```
pub fn softplus<D: Dual>(x: D) -> D {
    taylor(x, |a, c| {
        c[0] = softplus_value(a);
        let orders = c.len() - 1;
        if orders > 0 {
            let mut p = vec![0.0; orders];
            logistic_coefficients(a, &mut p);
            for (k, p) in p.iter().enumerate() {
                c[k + 1] = p / (k + 1) as f64;
            }
        }
    })
}

/// The log-odds `logit(p) = ln(p/(1 − p))`, inverse of [`logistic`].
///
/// `−∞` at 0, `+∞` at 1, `NaN` outside. Relative error at most 1e-15, also next to `p = ½`.
///
/// ```
/// use fisherinfo::special::logit;
/// assert_eq!(logit(0.5), 0.0);
/// assert!((logit(0.75) - 3_f64.ln()).abs() < 1e-15);
/// ```
pub fn logit<D: Dual>(p: D) -> D {
    taylor(p, |p, c| {
        let q = 1.0 - p;
        c[0] = if !(0.0..=1.0).contains(&p) {
            f64::NAN
        } else if (0.25..0.75).contains(&p) {
            ((2.0 * p - 1.0) / q).ln_1p()
        } else {
            // Apart, as p/q may be subnormal or infinite.
            p.ln() - (-p).ln_1p()
        };
        // g = 1/(p(1−p)) from its product with p(1−p), so that the second derivative keeps its
        // digits next to ½.
        let (product, slope) = (p * q, 1.0 - 2.0 * p);
        let mut before = 0.0;
        let mut g = product.recip();
        for (k, c) in c.iter_mut().enumerate().skip(1) {
            *c = g / k as f64;
            (before, g) = (g, (before - slope * g) / product);
        }
    })
}

/// `ln(1 − eˣ)` for `x < 0`, the logarithm of the complement of a probability `eˣ`.
///
/// `−∞` at 0, `NaN` above. Relative error at most 2e-15, after Mächler, *Accurately computing
/// log(1 − exp(−|a|))* (2012); derivatives by `f′ = −w`, `w = 1/(e^(−x) − 1)`, `w′ = w (1 + w)`.
///
/// ```
/// use fisherinfo::special::ln_1m_exp;
/// assert!((ln_1m_exp(-1e-20) - 1e-20_f64.ln()).abs() < 1e-14);
/// assert_eq!(ln_1m_exp(-1e3), 0.0);
/// ```
pub fn ln_1m_exp<D: Dual>(x: D) -> D {
    taylor(x, |a, c| {
        c[0] = if a > -LN_2 {
            (-a.exp_m1()).ln()
        } else {
            (-a.exp()).ln_1p()
        };
        let orders = c.len() - 1;
        if orders == 0 {
            return;
        }
        let w = (-a).exp_m1().recip();
        let mut w = vec![w];
        for k in 0..orders {
            c[k + 1] = -w[k] / (k + 1) as f64;
            w.push((w[k] + product_coefficient(&w, &w, k)) / (k + 1) as f64);
        }
    })
}

/// `ln(eᵃ + eᵇ)`, without overflow.
///
/// `−∞` stands for a probability of 0 and is neutral. Error at most 1e-15 of the larger of the
/// result and `|a − b| e^(−|a − b|)`.
///
/// ```
/// use fisherinfo::special::ln_add_exp;
/// assert_eq!(ln_add_exp(1e3, 1e3), 1e3 + std::f64::consts::LN_2);
/// assert_eq!(ln_add_exp(f64::NEG_INFINITY, 2.0), 2.0);
/// ```
pub fn ln_add_exp<D: Dual>(a: D, b: D) -> D {
    let (larger, smaller) = if a.re() >= b.re() { (a, b) } else { (b, a) };
    if larger.re().is_infinite() || smaller.re() == f64::NEG_INFINITY {
        return larger;
    }
    larger + softplus(smaller - larger)
}

/// `ln Σ_i e^(x_i)`, without overflow; `−∞` for no terms.
///
/// The largest term is set apart, so that small ones beside it are kept (`ln_1p`).
///
/// ```
/// use fisherinfo::special::log_sum_exp;
/// assert!((log_sum_exp(&[-1e3, -1e3, -1e3]) - (3_f64.ln() - 1e3)).abs() < 1e-12);
/// assert_eq!(log_sum_exp::<f64>(&[]), f64::NEG_INFINITY);
/// ```
pub fn log_sum_exp<D: Dual>(terms: &[D]) -> D {
    let mut largest = 0;
    for (i, term) in terms.iter().enumerate() {
        if term.re().is_nan() {
            return *term;
        }
        if term.re() > terms[largest].re() {
            largest = i;
        }
    }
    let Some(&peak) = terms.get(largest) else {
        return D::from(f64::NEG_INFINITY);
    };
    if peak.re().is_infinite() {
        return peak;
    }
    let mut rest = D::from(0.0);
    for (i, &term) in terms.iter().enumerate() {
        if i != largest && term.re() != f64::NEG_INFINITY {
            rest += (term - peak).exp();
        }
    }
    peak + rest.ln_1p()
}

/// `x ln y`, with `0 · ln 0 = 0`.
///
/// For a dual `x` that is 0 without being constant, at `y = 0`, the derivative is `−∞` as it
/// should be; a constant 0 contributes nothing.
///
/// ```
/// use fisherinfo::special::xlogy;
/// assert_eq!(xlogy(0.0, 0.0), 0.0);
/// assert_eq!(xlogy(2.0, 3.0), 2.0 * 3_f64.ln());
/// ```
pub fn xlogy<D: Dual>(x: D, y: D) -> D {
    if x.re() == 0.0 && y.re() == 0.0 {
        times_infinity(x, -1.0)
    } else {
        x * y.ln()
    }
}

/// `x ln(1 + y)`, with `0 · ln 0 = 0` at `y = −1`; see [`xlogy`].
///
/// ```
/// use fisherinfo::special::xlog1py;
/// assert_eq!(xlog1py(0.0, -1.0), 0.0);
/// assert_eq!(xlog1py(2.0, 1e-20), 2e-20);
/// ```
pub fn xlog1py<D: Dual>(x: D, y: D) -> D {
    if x.re() == 0.0 && y.re() == -1.0 {
        times_infinity(x, -1.0)
    } else {
        x * y.ln_1p()
    }
}

/// `arcsin √p` for `0 ≤ p ≤ 1`: half the coordinate in which a coin's Fisher information is 1.
///
/// `NaN` outside. Relative error at most 1e-15, the distance from `π/2` included; the derivative
/// is `1/(2√(p(1−p)))`.
///
/// ```
/// use fisherinfo::special::arcsine_square_root;
/// assert!((arcsine_square_root(0.5) - std::f64::consts::FRAC_PI_4).abs() < 1e-15);
/// ```
pub fn arcsine_square_root<D: Dual>(p: D) -> D {
    taylor(p, |p, c| {
        c[0] = if p > 0.5 {
            FRAC_PI_2 - (1.0 - p).sqrt().asin()
        } else {
            p.sqrt().asin()
        };
        // g = (p(1−p))^(−½) has p(1−p) g′ = −½ (1−2p) g.
        let (product, slope) = (p * (1.0 - p), 1.0 - 2.0 * p);
        let mut before = 0.0;
        let mut g = 0.5 / product.sqrt();
        for (k, c) in c.iter_mut().enumerate().skip(1) {
            let order = k as f64;
            *c = g / order;
            let next = ((0.5 - order) * slope * g + (order - 1.0) * before) / (order * product);
            (before, g) = (g, next);
        }
    })
}

/// The jet of the logistic function: `(k+1) p_{k+1}` is the `k`-th coefficient of `p (1 − p)`.
fn logistic_coefficients(a: f64, c: &mut [f64]) {
    let mut complement = vec![0.0; c.len()];
    c[0] = logistic_value(a);
    complement[0] = logistic_value(-a);
    for k in 0..c.len() - 1 {
        c[k + 1] = product_coefficient(c, &complement, k) / (k + 1) as f64;
        complement[k + 1] = -c[k + 1];
    }
}

fn logistic_value(x: f64) -> f64 {
    if x >= 0.0 {
        (1.0 + (-x).exp()).recip()
    } else {
        let odds = x.exp();
        odds / (1.0 + odds)
    }
}

fn softplus_value(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}
