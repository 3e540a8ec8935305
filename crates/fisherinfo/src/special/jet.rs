//! Arithmetic on truncated Taylor series ("jets"): slices of coefficients `f⁽ᵏ⁾(a)/k!`.

use std::ops::{Add, Div, Mul, Sub};

/// What a jet's coefficients must do.
pub(super) trait Coefficient:
    Copy + From<f64> + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
}

impl<T> Coefficient for T where
    T: Copy + From<f64> + Add<Output = T> + Sub<Output = T> + Mul<Output = T> + Div<Output = T>
{
}

/// The jet of `numerator / denominator`, as long as `numerator`.
pub(super) fn quotient<T: Coefficient>(numerator: &[T], denominator: &[T]) -> Vec<T> {
    let mut result: Vec<T> = Vec::with_capacity(numerator.len());
    for k in 0..numerator.len() {
        let mut rest = numerator[k];
        for (j, &r) in result.iter().enumerate() {
            rest = rest - r * denominator[k - j];
        }
        result.push(rest / denominator[0]);
    }
    result
}

/// The jet of `ln f` but for its value, which is left 0: the caller knows how to take that
/// logarithm without loss.
pub(super) fn logarithm_derivatives<T: Coefficient>(f: &[T]) -> Vec<T> {
    let mut result: Vec<T> = vec![T::from(0.0)];
    for k in 1..f.len() {
        // k f_k = Σ_{j=1}^{k} j l_j f_{k−j}, from f' = f (ln f)'.
        let mut rest = f[k] * T::from(k as f64);
        for j in 1..k {
            rest = rest - result[j] * f[k - j] * T::from(j as f64);
        }
        result.push(rest / (f[0] * T::from(k as f64)));
    }
    result
}

/// Coefficient `k` of the product of two jets.
pub(super) fn product_coefficient(f: &[f64], g: &[f64], k: usize) -> f64 {
    (0..=k).map(|j| f[j] * g[k - j]).sum()
}
