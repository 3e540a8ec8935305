//! The exponential function without branches, so that a loop over it becomes vector code.

use std::f64::consts::LOG2_E;

/// ln 2 in two parts: the first has so few digits that its whole multiples are exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// Adding this rounds to a whole number and leaves it in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// (e^r − 1 − r)/r² on |r| ≤ ln 2 / 2, by Chebyshev interpolation: relative error of e^r 1.6e-17.
const COEFFICIENTS: [f64; 10] = [
    0.500_000_000_000_000_1,
    0.166_666_666_666_666_69,
    0.041_666_666_666_624_13,
    0.008_333_333_333_330_062,
    0.001_388_888_891_721_371_7,
    0.000_198_412_698_630_536_18,
    2.480_152_129_595_437_6e-5,
    2.755_726_845_999_706_4e-6,
    2.762_008_844_540_974_6e-7,
    2.510_038_549_551_032e-8,
];

/// The largest argument; e^709 is the last power of e with a whole exponent that is finite.
pub(super) const LARGEST: f64 = 709.0;

/// a·b + c, fused only where the processor does it in one instruction.
#[inline(always)]
pub(super) fn multiply_add<const FUSED: bool>(a: f64, b: f64, c: f64) -> f64 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// e^x for −708 ≤ x ≤ 709, to about one unit in the last place; outside, the value at the end.
#[inline(always)]
pub(super) fn exponential<const FUSED: bool>(x: f64) -> f64 {
    let x = if x < -708.0 { -708.0 } else { x };
    let x = if x > LARGEST { LARGEST } else { x };
    let shifted = multiply_add::<FUSED>(x, LOG2_E, ROUND);
    let power = shifted - ROUND;
    let r = multiply_add::<FUSED>(power, -LN_2_HIGH, x);
    let r = multiply_add::<FUSED>(power, -LN_2_LOW, r);
    let mut sum = COEFFICIENTS[9];
    let mut index = 9;
    while index > 0 {
        index -= 1;
        sum = multiply_add::<FUSED>(sum, r, COEFFICIENTS[index]);
    }
    let value = multiply_add::<FUSED>(sum, r * r, r) + 1.0;
    let scale = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    value * scale
}

#[cfg(test)]
mod tests {
    use super::{LARGEST, exponential};
    use proptest::prelude::*;

    fn units(x: f64) -> f64 {
        let truth = x.exp();
        let unit = f64::from_bits(truth.to_bits() + 1) - truth;
        let worse = |value: f64| (value - truth).abs() / unit;
        worse(exponential::<true>(x)).max(worse(exponential::<false>(x)))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn within_two_units_in_the_last_place(x in -708.0..LARGEST, small in -1.0..1.0_f64) {
            prop_assert!(units(x) <= 2.0, "{x}: {}", units(x));
            prop_assert!(units(small) <= 2.0, "{small}: {}", units(small));
        }
    }

    #[test]
    fn ends_and_zero() {
        assert_eq!(exponential::<true>(0.0), 1.0);
        assert_eq!(exponential::<false>(-0.0), 1.0);
        assert_eq!(exponential::<true>(-1e9), exponential::<true>(-708.0));
        assert!(exponential::<true>(-708.0) > 0.0);
        assert!(exponential::<true>(LARGEST).is_finite());
        assert_eq!(exponential::<true>(1e9), exponential::<true>(LARGEST));
    }
}
