//! The standard normal distribution: cumulative probability, its logarithm, its inverse.

use super::error_function::{erfcx_coefficients, erfcx_value, exp_minus_half_square};
use super::jet::{logarithm_derivatives, product_coefficient};
use super::taylor;
use crate::dual::Dual;
use std::f64::consts::{FRAC_1_SQRT_2, LN_2};

/// `1/√(2π)`.
const FRAC_1_SQRT_2PI: f64 = 0.398_942_280_401_432_7;
/// `√(2/π)`.
const SQRT_FRAC_2_PI: f64 = 0.797_884_560_802_865_4;
/// Left of this, everything goes by the scaled complementary error function.
const TAIL: f64 = -1.0;

/// The cumulative distribution function `Φ(x)` of the standard normal (A&S 26.2.2).
///
/// Relative error at most 2e-15 wherever it is a normal double (`x > −37.5`).
///
/// ```
/// use fisherinfo::special::normal_cdf;
/// assert!((normal_cdf(1.959_963_984_540_054_f64) - 0.975).abs() < 1e-15);
/// ```
pub fn normal_cdf<D: Dual>(x: D) -> D {
    taylor(x, |a, c| {
        c[0] = normal_cdf_value(a);
        let density = density_coefficients(a, c.len() - 1);
        for (k, g) in density.iter().enumerate() {
            c[k + 1] = g / (k + 1) as f64;
        }
    })
}

/// `ln Φ(x)`, accurate in both tails: at `x = −1e4` as at `x = 30`.
///
/// Left of −1 it is `−x²/2 − ln 2 + ln erfcx(−x/√2)`, whose second derivative `−h(x + h)`, with
/// `h = φ/Φ`, is close to −1 and keeps its digits where `x + h` has none. Relative error at most
/// 4e-15, derivatives 1e-13.
///
/// ```
/// use fisherinfo::special::ln_normal_cdf;
/// let x: f64 = -1e4;
/// // Mills' ratio: Φ(x) ≈ φ(x)/|x|.
/// let leading = -x * x / 2.0 - (x.abs() * std::f64::consts::TAU.sqrt()).ln();
/// assert!((ln_normal_cdf(x) - leading).abs() < 2e-8);
/// ```
pub fn ln_normal_cdf<D: Dual>(x: D) -> D {
    taylor(x, |a, c| {
        c[0] = ln_normal_cdf_value(a);
        if c.len() == 1 {
            return;
        }
        if a <= TAIL {
            let mut scaled = vec![0.0; c.len()];
            erfcx_coefficients(-a * FRAC_1_SQRT_2, &mut scaled);
            let mut factor = 1.0;
            for (c, l) in c.iter_mut().zip(logarithm_derivatives(&scaled)).skip(1) {
                factor *= -FRAC_1_SQRT_2;
                *c = l * factor;
            }
            c[1] -= a;
            if let Some(second) = c.get_mut(2) {
                *second -= 0.5;
            }
        } else {
            // h' = −h (x + h); ln Φ is its integral.
            let orders = c.len() - 1;
            let mut h = vec![0.0; orders];
            h[0] = if a == f64::INFINITY {
                0.0
            } else {
                inverse_mills_ratio(a)
            };
            for k in 1..orders {
                let shifted = if k == 1 { 0.0 } else { h[k - 2] };
                // Beyond the underflow of h, `x h` is 0 however large x is.
                let linear = if h[k - 1] == 0.0 { 0.0 } else { a * h[k - 1] };
                h[k] = -(linear + shifted + product_coefficient(&h, &h, k - 1)) / k as f64;
            }
            for (k, h) in h.iter().enumerate() {
                c[k + 1] = h / (k + 1) as f64;
            }
        }
    })
}

/// The quantile function `Φ⁻¹(p)` of the standard normal.
///
/// `−∞` at 0, `+∞` at 1, `NaN` outside `[0, 1]`. Starts from A&S 26.2.23 (error 4.5e-4) and takes
/// three Halley steps. Relative error at most 2e-15, also next to `p = ½`; derivatives by
/// `x' = 1/φ(x)`, `x'' = x (x')²`.
///
/// ```
/// use fisherinfo::special::normal_quantile;
/// assert!((normal_quantile(0.975_f64) - 1.959_963_984_540_054).abs() < 1e-15);
/// ```
pub fn normal_quantile<D: Dual>(p: D) -> D {
    taylor(p, |p, c| {
        c[0] = normal_quantile_value(p);
        let orders = c.len() - 1;
        if orders == 0 {
            return;
        }
        // From the nearer end, φ(x) = h Φ with Φ known exactly: φ(x) itself would multiply the
        // error of x by x².
        let tail = p.min(1.0 - p);
        let mut y = vec![1.0 / (inverse_mills_ratio(-c[0].abs()) * tail)];
        for k in 1..orders {
            c[k] = y[k - 1] / k as f64;
            let square: Vec<f64> = (0..k).map(|j| product_coefficient(&y, &y, j)).collect();
            y.push(product_coefficient(c, &square, k - 1) / k as f64);
        }
        c[orders] = y[orders - 1] / orders as f64;
    })
}

/// `φ(x)` and its Taylor coefficients up to the order wanted: `(k+1) g_{k+1} = −(x g_k + g_{k−1})`.
fn density_coefficients(x: f64, orders: usize) -> Vec<f64> {
    let mut g: Vec<f64> = Vec::with_capacity(orders);
    for k in 0..orders {
        g.push(match k {
            0 => FRAC_1_SQRT_2PI * exp_minus_half_square(x),
            _ if g[0] == 0.0 => 0.0,
            1 => -x * g[0],
            _ => -(x * g[k - 1] + g[k - 2]) / k as f64,
        });
    }
    g
}

/// `h(x) = φ(x)/Φ(x)`.
fn inverse_mills_ratio(x: f64) -> f64 {
    if x <= TAIL {
        SQRT_FRAC_2_PI / erfcx_value(-x * FRAC_1_SQRT_2)
    } else {
        FRAC_1_SQRT_2PI * exp_minus_half_square(x) / normal_cdf_value(x)
    }
}

fn normal_cdf_value(x: f64) -> f64 {
    if x <= TAIL {
        // erfc(−x/√2) would multiply the rounding of x/√2 by x².
        0.5 * exp_minus_half_square(x) * erfcx_value(-x * FRAC_1_SQRT_2)
    } else {
        0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
    }
}

fn ln_normal_cdf_value(x: f64) -> f64 {
    if x == f64::NEG_INFINITY {
        x
    } else if x <= TAIL {
        -0.5 * x * x - LN_2 + erfcx_value(-x * FRAC_1_SQRT_2).ln()
    } else if x < 0.0 {
        normal_cdf_value(x).ln()
    } else {
        (-normal_cdf_value(-x)).ln_1p()
    }
}

fn normal_quantile_value(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p > 0.5 {
        return -normal_quantile_value(1.0 - p);
    }
    if p == 0.0 {
        return f64::NEG_INFINITY;
    }
    let t = (-2.0 * p.ln()).sqrt();
    let mut x = (2.515517 + t * (0.802853 + t * 0.010328))
        / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
        - t;
    for _ in 0..3 {
        let (residual, curvature) = if p > 0.2 {
            // Φ(x) − p = ½ erf(x/√2) − (p − ½), exact at p near ½; divided by φ.
            let density = FRAC_1_SQRT_2PI * exp_minus_half_square(x);
            let gap = 0.5 * libm::erf(x * FRAC_1_SQRT_2) - (p - 0.5);
            (gap / density, -x)
        } else {
            let h = inverse_mills_ratio(x);
            ((ln_normal_cdf_value(x) - p.ln()) / h, -(x + h))
        };
        // Halley: r / (1 − r f''/(2f')).
        x -= residual / (1.0 - 0.5 * residual * curvature);
    }
    x
}
