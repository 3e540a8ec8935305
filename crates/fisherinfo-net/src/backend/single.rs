//! Elementwise functions in single precision without branches, so that loops over them become vector code.
//! Relative errors are a few units of single precision, as the tests say.

use super::Activation;
use pulp::{Arch, Simd, WithSimd};
use std::marker::PhantomData;

/// ln 2 in two parts: the first has so few digits that its multiples up to 2⁸ are exact.
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;
/// Adding this rounds to a whole number and leaves it in the low bits.
const ROUND: f32 = 12_582_912.0;
/// e to this and less is taken for zero: the power of two below has no exponent.
const LEAST: f32 = -87.0;

/// eˣ; 0 below −87, and e⁸⁸ above 88.
#[inline(always)]
pub(super) fn exponential(x: f32) -> f32 {
    let clamped = if x > 88.0 { 88.0 } else { x };
    let clamped = if clamped < LEAST { LEAST } else { clamped };
    let shifted = clamped * std::f32::consts::LOG2_E + ROUND;
    let power = shifted - ROUND;
    let r = (clamped - power * LN_2_HIGH) - power * LN_2_LOW;
    // Taylor's series up to r⁷/7!: |r| ≤ ln 2 / 2, and what follows is 5e-9.
    let sum = 1.0 / 720.0 + r * (1.0 / 5040.0);
    let sum = 1.0 / 120.0 + r * sum;
    let sum = 1.0 / 24.0 + r * sum;
    let sum = 1.0 / 6.0 + r * sum;
    let sum = 0.5 + r * sum;
    let value = 1.0 + (r + r * r * sum);
    let scale = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    let value = value * scale;
    // NaN compares as neither, and stays.
    if x < LEAST {
        0.0
    } else if x.is_nan() {
        x
    } else {
        value
    }
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exponential(-x))
}

/// tanh x: by its continued fraction near 0, where the quotient of exponentials would lose digits.
#[inline(always)]
fn tanh(x: f32) -> f32 {
    let z = x * x;
    let near = x * (135_135.0 + z * (17_325.0 + z * (378.0 + z)))
        / (135_135.0 + z * (62_370.0 + z * (3_150.0 + z * 28.0)));
    let far = 1.0 - 2.0 / (exponential(2.0 * x.abs()) + 1.0);
    if z < 1.0 { near } else { far.copysign(x) }
}

/// Φ(x), by W. H. Press et al., Numerical Recipes, 6.2: erfc to 1.2e-7 of itself.
#[inline(always)]
fn normal_cdf(x: f32) -> f32 {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * z);
    let series = -1.265_512_2
        + t * (1.000_023_7
            + t * (0.374_091_96
                + t * (0.096_784_18
                    + t * (-0.186_288_06
                        + t * (0.278_868_07
                            + t * (-1.135_204
                                + t * (1.488_515_9 + t * (-0.822_152_2 + t * 0.170_872_8))))))));
    let tail = 0.5 * t * exponential(-z * z + series);
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// √(2/π).
const GELU_SCALE: f32 = 0.797_884_6;
const GELU_CUBE: f32 = 0.044_715;
/// 1/√(2π).
const DENSITY: f32 = 0.398_942_3;

/// ½(1 + tanh a) is the sigmoid of 2a, which keeps its digits where it is near 0: this is 2a.
#[inline(always)]
fn gelu_angle(x: f32) -> f32 {
    2.0 * GELU_SCALE * (x + GELU_CUBE * x * x * x)
}

#[inline(always)]
fn gelu_tanh_slope(x: f32) -> f32 {
    let angle = gelu_angle(x);
    let (share, rest) = (sigmoid(angle), sigmoid(-angle));
    share + x * share * rest * 2.0 * GELU_SCALE * (1.0 + 3.0 * GELU_CUBE * x * x)
}

/// A function of one number, as a type: a closure or a pointer is not always compiled for the processor that is
/// there, a method that is always inlined is.
trait Pointwise {
    fn at(x: f32) -> f32;
}

/// Types for functions, each by its expression.
macro_rules! pointwise {
    ($($name:ident = |$x:ident| $value:expr;)*) => {$(
        struct $name;

        impl Pointwise for $name {
            #[inline(always)]
            fn at($x: f32) -> f32 {
                $value
            }
        }
    )*};
}

pointwise! {
    Tanh = |x| tanh(x);
    TanhSlope = |x| 4.0 * sigmoid(2.0 * x) * sigmoid(-2.0 * x);
    Sigmoid = |x| sigmoid(x);
    SigmoidSlope = |x| sigmoid(x) * sigmoid(-x);
    // Not `max`, which would turn NaN into 0.
    Relu = |x| if x < 0.0 { 0.0 } else { x };
    ReluSlope = |x| if x > 0.0 { 1.0 } else { 0.0 };
    Gelu = |x| x * normal_cdf(x);
    GeluSlope = |x| normal_cdf(x) + x * DENSITY * exponential(-0.5 * x * x);
    GeluTanh = |x| x * sigmoid(gelu_angle(x));
    GeluTanhSlope = |x| gelu_tanh_slope(x);
    Silu = |x| x * sigmoid(x);
    SiluSlope = |x| sigmoid(x) * (1.0 + x * sigmoid(-x));
}

/// y = f(x), in the widest vectors that the processor has.
struct Map<'a, F>(&'a [f32], &'a mut [f32], PhantomData<F>);

impl<F: Pointwise> WithSimd for Map<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (y, &x) in self.1.iter_mut().zip(self.0) {
            *y = F::at(x);
        }
    }
}

/// y = f(x) u.
struct MapTimes<'a, F>(&'a [f32], &'a [f32], &'a mut [f32], PhantomData<F>);

impl<F: Pointwise> WithSimd for MapTimes<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for ((y, &x), &u) in self.2.iter_mut().zip(self.0).zip(self.1) {
            *y = F::at(x) * u;
        }
    }
}

/// exp(x − top) in the place of x.
struct Exponentials<'a>(f32, &'a mut [f32]);

impl WithSimd for Exponentials<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for x in self.1 {
            *x = exponential(*x - self.0);
        }
    }
}

fn map<F: Pointwise>(_: F, x: &[f32], y: &mut [f32]) {
    Arch::new().dispatch(Map::<F>(x, y, PhantomData));
}

fn map_times<F: Pointwise>(_: F, x: &[f32], u: &[f32], y: &mut [f32]) {
    Arch::new().dispatch(MapTimes::<F>(x, u, y, PhantomData));
}

/// σ(x) of each.
pub(super) fn activate(function: Activation, x: &[f32], y: &mut [f32]) {
    match function {
        Activation::Tanh => map(Tanh, x, y),
        Activation::Sigmoid => map(Sigmoid, x, y),
        Activation::Relu => map(Relu, x, y),
        Activation::Gelu => map(Gelu, x, y),
        Activation::GeluTanh => map(GeluTanh, x, y),
        Activation::Silu => map(Silu, x, y),
    }
}

/// σ′(x) u of each.
pub(super) fn activate_slope(function: Activation, x: &[f32], u: &[f32], y: &mut [f32]) {
    match function {
        Activation::Tanh => map_times(TanhSlope, x, u, y),
        Activation::Sigmoid => map_times(SigmoidSlope, x, u, y),
        Activation::Relu => map_times(ReluSlope, x, u, y),
        Activation::Gelu => map_times(GeluSlope, x, u, y),
        Activation::GeluTanh => map_times(GeluTanhSlope, x, u, y),
        Activation::Silu => map_times(SiluSlope, x, u, y),
    }
}

/// exp(x − top) in the place of each x.
pub(super) fn exponentials(top: f32, x: &mut [f32]) {
    Arch::new().dispatch(Exponentials(top, x));
}

#[cfg(test)]
mod tests {
    use super::{activate, activate_slope, exponentials};
    use crate::backend::Activation;

    /// Against double precision, as a share of the largest that the function is near there.
    #[test]
    fn functions_and_slopes_to_single_precision() {
        let x: Vec<f32> = (-4000..=4000).map(|i| i as f32 * 0.0051).collect();
        let u = vec![2.0_f32; x.len()];
        let mut y = vec![0.0; x.len()];
        for function in Activation::ALL {
            activate(function, &x, &mut y);
            for (&x, &y) in x.iter().zip(&y) {
                let value = function.value(f64::from(x));
                let off = (f64::from(y) - value).abs();
                assert!(
                    off <= 4e-7 * value.abs().max(1e-3) + 1e-7 * f64::from(x).abs(),
                    "{function:?} at {x}: {y} and {value}"
                );
            }
            activate_slope(function, &x, &u, &mut y);
            for (&x, &y) in x.iter().zip(&y) {
                let value = 2.0 * function.slope(f64::from(x));
                assert!(
                    (f64::from(y) - value).abs() <= 1.5e-6,
                    "{function:?}' at {x}: {y} and {value}"
                );
            }
        }
    }

    #[test]
    fn what_is_near_zero_keeps_its_digits() {
        for function in [Activation::Tanh, Activation::Sigmoid, Activation::Silu] {
            for x in [
                -60.0_f32, -20.0, -1e-3, -1e-20, 1e-20, 1e-3, 0.3, 0.999, 1.001,
            ] {
                let mut y = [0.0];
                activate(function, &[x], &mut y);
                let value = function.value(f64::from(x));
                let off = (f64::from(y[0]) - value).abs() / value.abs();
                // The exponent itself is rounded by half a unit of x.
                assert!(
                    off <= 3e-7 + 6e-8 * f64::from(x).abs(),
                    "{function:?} {x}: {off}"
                );
            }
        }
        let mut y = [0.0];
        activate_slope(Activation::Tanh, &[9.0], &[1.0], &mut y);
        let slope = 1.0 / 9.0_f64.cosh().powi(2);
        assert!((f64::from(y[0]) - slope).abs() < 2e-6 * slope);
    }

    #[test]
    fn exponentials_and_what_is_not_finite() {
        let mut x = [0.0, -1.0, -86.9, -88.0, f32::NEG_INFINITY, f32::NAN];
        exponentials(0.0, &mut x);
        assert_eq!(x[0], 1.0);
        assert!((f64::from(x[1]) - (-1.0_f64).exp()).abs() < 4e-8);
        assert!((f64::from(x[2]) / (-86.9_f64).exp() - 1.0).abs() < 6e-6);
        assert_eq!(x[3..5], [0.0, 0.0]);
        assert!(x[5].is_nan());
        for function in Activation::ALL {
            let mut y = [0.0];
            activate(function, &[f32::NAN], &mut y);
            assert!(y[0].is_nan(), "{function:?}");
        }
    }
}
