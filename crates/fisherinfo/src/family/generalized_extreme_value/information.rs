//! The closed form, and the power series of its entries about ξ = 0, where the formula cancels.

use crate::family::gumbel::EULER;
use crate::special::{digamma, ln_gamma, zeta};
use faer::{Mat, mat};
use std::f64::consts::PI;
use std::sync::LazyLock;

/// Up to this size of ξ the series serve, which all have the radius one.
const SERIES_UP_TO: f64 = 0.5;
/// Terms of a series: ½ to this power is far below rounding.
const TERMS: usize = 64;
/// Powers of ξ that cancel at most.
const CANCELLED: usize = 4;

/// The information at (μ, σ, ξ) for ξ > −½; there is no formula otherwise.
pub(super) fn closed_form(scale: f64, shape: f64) -> Option<Mat<f64>> {
    if shape <= -0.5 {
        return None;
    }
    // p, and with σ = 1 the entries at (μ, σ), (μ, ξ), (σ, σ), (σ, ξ), (ξ, ξ).
    let [p, ms, mx, ss, sx, xx] = if shape.abs() <= SERIES_UP_TO {
        by_series(shape)
    } else {
        literally(shape)
    };
    let rate = scale.recip();
    Some(mat![
        [p * rate * rate, ms * rate * rate, mx * rate],
        [ms * rate * rate, ss * rate * rate, sx * rate],
        [mx * rate, sx * rate, xx]
    ])
}

fn literally(shape: f64) -> [f64; 6] {
    let g = ln_gamma(2.0 + shape).exp();
    let p = (1.0 + shape).powi(2) * ln_gamma(1.0 + 2.0 * shape).exp();
    let psi = digamma(1.0 + shape);
    let q = g * (psi + (1.0 + shape) / shape);
    let spread = 1.0 - 2.0 * g + p;
    let square = shape * shape;
    [
        p,
        (g - p) / shape,
        (p / shape - q) / shape,
        spread / square,
        (g + g * psi + EULER - 1.0 - spread / shape) / square,
        (PI * PI / 6.0 + (1.0 - EULER + 1.0 / shape).powi(2) - 2.0 * q / shape + p / square)
            / square,
    ]
}

/// Each entry as (1 + 2ξ)⁻¹ times a power series, from which the powers of ξ are divided.
fn by_series(shape: f64) -> [f64; 6] {
    SERIES
        .each_ref()
        .map(|series| sum(series, shape) / (1.0 + 2.0 * shape))
}

fn sum(series: &[f64], at: f64) -> f64 {
    series.iter().rev().fold(0.0, |sum, c| sum * at + c)
}

static SERIES: LazyLock<[Vec<f64>; 6]> = LazyLock::new(|| {
    let length = TERMS + CANCELLED;
    // Γ(1 + ξ), Γ(2 + ξ) = (1 + ξ)Γ(1 + ξ), and g·ψ(1 + ξ) = (1 + ξ)Γ′(1 + ξ).
    let gamma = gamma_series(length + 1);
    let slope: Vec<f64> = (1..=length).map(|k| k as f64 * gamma[k]).collect();
    let gamma = &gamma[..length];
    let g = product(&[1.0, 1.0], gamma);
    let g_psi = product(&[1.0, 1.0], &slope);
    // (1 + 2ξ)·p = (1 + ξ)·Γ(3 + 2ξ)/2, where Γ(3 + t) = (2 + t)(1 + t)Γ(1 + t).
    let doubled: Vec<f64> = product(&[2.0, 3.0, 1.0], gamma)
        .iter()
        .enumerate()
        .map(|(k, c)| c * 2f64.powi(k as i32) / 2.0)
        .collect();
    let p = product(&[1.0, 1.0], &doubled);
    // The other parts get the factor 1 + 2ξ as well.
    let times = |series: &[f64]| product(&[1.0, 2.0], series);
    let polynomial = |coefficients: &[f64]| {
        let mut series = vec![0.0; length];
        series[..coefficients.len()].copy_from_slice(coefficients);
        times(&series)
    };
    let (g, g_psi) = (times(&g), times(&g_psi));
    // ξq = ξ·g·ψ(1 + ξ) + (1 + ξ)·g.
    let q_times_shape = combined(&[
        (1.0, &product(&[0.0, 1.0], &g_psi)),
        (1.0, &product(&[1.0, 1.0], &g)),
    ]);
    let spread = combined(&[(1.0, &polynomial(&[1.0])), (-2.0, &g), (1.0, &p)]);
    let of_scale_and_shape = combined(&[
        (
            1.0,
            &product(&[0.0, 1.0], &combined(&[(1.0, &g), (1.0, &g_psi)])),
        ),
        (1.0, &polynomial(&[0.0, EULER - 1.0])),
        (-1.0, &spread),
    ]);
    let rest = 1.0 - EULER;
    let of_shape = combined(&[
        (
            1.0,
            &polynomial(&[1.0, 2.0 * rest, rest * rest + PI * PI / 6.0]),
        ),
        (-2.0, &q_times_shape),
        (1.0, &p),
    ]);
    let less = |series: &[f64], powers: usize| series[powers..powers + TERMS].to_vec();
    [
        less(&p, 0),
        less(&combined(&[(1.0, &g), (-1.0, &p)]), 1),
        less(&combined(&[(1.0, &p), (-1.0, &q_times_shape)]), 2),
        less(&spread, 2),
        less(&of_scale_and_shape, 3),
        less(&of_shape, 4),
    ]
});

/// Coefficients of Γ(1 + t), by k·c_k = Σ_j j·l_j·c_{k−j} from ln Γ(1 + t) = −γt + Σ ζ(k)(−t)ᵏ/k (DLMF
/// 5.7.3).
fn gamma_series(length: usize) -> Vec<f64> {
    let mut slope_of_ln = vec![-EULER];
    for k in 2..length {
        let sign = if k.is_multiple_of(2) { 1.0 } else { -1.0 };
        slope_of_ln.push(sign * zeta(k));
    }
    let mut series = vec![1.0];
    for k in 1..length {
        let total: f64 = (0..k).map(|j| slope_of_ln[j] * series[k - 1 - j]).sum();
        series.push(total / k as f64);
    }
    series
}

/// The product with a polynomial, as long as the series.
fn product(polynomial: &[f64], series: &[f64]) -> Vec<f64> {
    (0..series.len())
        .map(|k| {
            polynomial
                .iter()
                .enumerate()
                .take(k + 1)
                .map(|(j, c)| c * series[k - j])
                .sum()
        })
        .collect()
}

fn combined(parts: &[(f64, &Vec<f64>)]) -> Vec<f64> {
    let length = parts.iter().map(|(_, part)| part.len()).min().unwrap_or(0);
    (0..length)
        .map(|k| parts.iter().map(|(factor, part)| factor * part[k]).sum())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Were a power that is divided not zero, the series would differ from the formula taken literally.
    #[test]
    fn what_is_divided_is_zero() {
        for shape in [-0.49, -0.4, 0.35, 0.4, 0.5] {
            for (series, literal) in by_series(shape).iter().zip(literally(shape)) {
                assert!(
                    (series - literal).abs() < 2e-12 * literal.abs().max(1.0),
                    "ξ = {shape}: {series} against {literal}"
                );
            }
        }
    }

    /// By eighty digits.
    #[test]
    fn it_keeps_its_digits() {
        for (shape, wanted) in [
            (
                1e-17,
                [
                    1.0,
                    -0.422_784_335_098_467_13,
                    0.411_840_330_426_439_7,
                    1.823_680_660_852_879_3,
                    0.332_484_907_160_274,
                    2.423_606_055_177_028_7,
                ],
            ),
            (
                1e-3,
                [
                    1.000_848_215_534_839_7,
                    -0.425_019_277_759_558_8,
                    0.411_593_200_001_666_7,
                    1.823_020_679_497_216_1,
                    0.328_781_592_775_009_8,
                    2.418_170_113_257_272,
                ],
            ),
            (
                -0.05,
                [
                    0.964_437_403_662_685_7,
                    -0.308_864_952_197_897_4,
                    0.434_747_136_158_687_15,
                    1.870_440_447_009_818,
                    0.535_998_503_142_196_3,
                    2.736_025_662_912_396,
                ],
            ),
            (
                0.3,
                [
                    1.510_040_940_296_196_5,
                    -1.144_430_116_993_453_9,
                    0.583_717_453_624_158_9,
                    1.962_412_554_443_065,
                    -0.468_813_561_390_892_7,
                    1.583_958_258_270_555_4,
                ],
            ),
            (
                -0.49,
                [
                    12.859_918_863_447_18,
                    24.435_361_588_837_98,
                    48.212_533_179_820_724,
                    50.340_422_713_927_694,
                    97.596_011_928_364_35,
                    196.282_172_581_100_53,
                ],
            ),
            (
                0.7,
                [
                    3.589_869_405_617_442,
                    -2.921_690_799_666_927,
                    1.506_948_576_167_180_4,
                    3.062_240_232_482_153,
                    -1.427_603_472_420_558_6,
                    1.551_194_468_896_956_1,
                ],
            ),
        ] {
            let Some(matrix) = closed_form(1.0, shape) else {
                unreachable!("ξ > −½")
            };
            let found = [
                matrix[(0, 0)],
                matrix[(0, 1)],
                matrix[(0, 2)],
                matrix[(1, 1)],
                matrix[(1, 2)],
                matrix[(2, 2)],
            ];
            for (found, wanted) in found.iter().zip(wanted) {
                assert!(
                    (found / wanted - 1.0).abs() < 3e-14,
                    "ξ = {shape}: {found} against {wanted}"
                );
            }
        }
    }
}
