//! A function of one variable on dual numbers of any kind, from its Taylor coefficients.

use crate::dual::Dual;

/// Orders up to this one need no allocation; third derivatives nested once more stay below it.
const ORDERS_ON_STACK: usize = 8;

/// Evaluates a function `f` at a dual number, given its Taylor coefficients.
///
/// With `a = x.re()`, the innermost real part, `δ = x − a` is nilpotent: `δ^(n+1) = 0` for
/// `n = D::NDERIV`, the total order of `D` with its nested types counted. So
///
/// ```text
/// f(x) = Σ_{k=0}^{n} c_k δ^k,    c_k = f⁽ᵏ⁾(a) / k!
/// ```
///
/// holds exactly. `coefficients(a, c)` fills `c`, of length `n + 1`, with `c_k`.
///
/// An infinite coefficient reaches only the parts of the result that depend on it: `0 · ∞` counts
/// as 0, so that a constant at the edge of the domain keeps a finite value and no derivative. At
/// infinite `a` the result is the limit `c_0` where all derivatives vanish there, otherwise `NaN`.
///
/// ```
/// use fisherinfo::special::taylor;
/// use num_dual::{DualNum, HyperDual64};
///
/// // The exponential: every derivative is itself.
/// let exponential = |x: HyperDual64| {
///     taylor(x, |a, c| {
///         let mut term = a.exp();
///         for (k, c) in c.iter_mut().enumerate() {
///             term /= k.max(1) as f64;
///             *c = term;
///         }
///     })
/// };
/// let x = HyperDual64::from_re(0.3).derivative1().derivative2();
/// assert_eq!(exponential(x).eps1eps2, x.exp().eps1eps2);
/// ```
pub fn taylor<D: Dual>(x: D, coefficients: impl FnOnce(f64, &mut [f64])) -> D {
    let a = x.re();
    if D::NDERIV == 0 {
        let mut value = [0.0];
        coefficients(a, &mut value);
        return D::from(value[0]);
    }
    let mut stack = [0.0; ORDERS_ON_STACK + 1];
    let mut heap = Vec::new();
    let c = if D::NDERIV <= ORDERS_ON_STACK {
        &mut stack[..=D::NDERIV]
    } else {
        heap.resize(D::NDERIV + 1, 0.0);
        &mut heap[..]
    };
    coefficients(a, c);
    if a.is_infinite() {
        let flat = c[1..].iter().all(|&c| c == 0.0);
        return D::from(if flat { c[0] } else { f64::NAN });
    }
    let delta = x - a;
    if c[1..].iter().all(|c| c.is_finite()) {
        // Horner's rule from the highest coefficient.
        let mut sum = delta * c[D::NDERIV];
        for &c in c[1..D::NDERIV].iter().rev() {
            sum = (sum + c) * delta;
        }
        return sum + c[0];
    }
    let mut sum = D::from(c[0]);
    let mut power = delta;
    for &c in &c[1..] {
        sum += if c.is_infinite() {
            times_infinity(power, c)
        } else {
            power * c
        };
        power *= delta;
    }
    sum
}

/// `x · sign · ∞` part by part, with `0 · ∞ = 0`.
///
/// Doubling uses additions only, the one operation that never mixes the parts of nested types;
/// 1100 doublings carry the smallest subnormal times `f64::MAX` beyond the largest double.
pub(super) fn times_infinity<D: Dual>(x: D, sign: f64) -> D {
    let mut product = x * f64::MAX.copysign(sign);
    for _ in 0..1100 {
        product += product;
    }
    product
}
