//! Round numbers along an axis, and their labels.

use super::label::{power_of_ten, typeset};

/// Round numbers in increasing order, with one label each.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ticks {
    pub(crate) values: Vec<f64>,
    pub(crate) labels: Vec<String>,
    /// The labels are to be read times ten to this power.
    pub(crate) exponent: i32,
}

impl Ticks {
    /// ` (×10ᵏ)` for the name of the axis, empty for k = 0.
    pub(crate) fn factor(&self) -> String {
        match self.exponent {
            0 => String::new(),
            exponent => format!(" (×{})", power_of_ten(exponent)),
        }
    }
}

/// The multiples of 1, 2 or 5 times a power of ten within the range: the finest such step that
/// gives at most so many of them (at least two).
pub(crate) fn linear(low: f64, high: f64, at_most: usize) -> Ticks {
    let span = high - low;
    if !(span.is_finite() && span > 0.0) {
        return Ticks::default();
    }
    let finest = span / at_most.max(2) as f64;
    let start = finest.log10().floor() as i32;
    let steps = (start..)
        .take(3)
        .flat_map(|power| [(1.0, power), (2.0, power), (5.0, power)]);
    for (digit, power) in steps {
        let step = times_ten_to(digit, power);
        let (first, last) = ((low / step).ceil(), (high / step).floor());
        if last - first < at_most.max(2) as f64 {
            let count = (last - first).max(-1.0) as usize + usize::from(last >= first);
            let values: Vec<f64> = (0..count)
                .map(|index| times_ten_to((first + index as f64) * digit, power))
                .collect();
            return labelled(values, power);
        }
    }
    Ticks::default()
}

/// `mantissa · 10^power`, correctly rounded for the powers whose reciprocal is a number exactly.
fn times_ten_to(mantissa: f64, power: i32) -> f64 {
    if power < 0 {
        mantissa / 10_f64.powi(-power)
    } else {
        mantissa * 10_f64.powi(power)
    }
}

/// Labels with as many decimals as the step has; large and small ones with a common power of ten
/// taken out.
fn labelled(values: Vec<f64>, power: i32) -> Ticks {
    let largest = values
        .iter()
        .fold(0.0_f64, |most, value| most.max(value.abs()));
    let exponent = if largest >= 1e5 || (largest > 0.0 && largest < 1e-3) {
        largest.log10().floor() as i32
    } else {
        0
    };
    let decimals = usize::try_from(exponent - power).unwrap_or(0);
    let labels = values
        .iter()
        .map(|&value| typeset(times_ten_to(value, -exponent), decimals))
        .collect();
    Ticks {
        values,
        labels,
        exponent,
    }
}

/// Round numbers of an axis by logarithms, at most so many (at least two): 1, 2, 3 and 5 times
/// powers of ten, then 1, 2 and 5 times them, then 1 and 3 times them, then the powers alone, then every so many of them. A range
/// that holds fewer than two of these has linear ticks.
pub(crate) fn logarithmic(low: f64, high: f64, at_most: usize) -> Ticks {
    let at_most = at_most.max(2);
    if !(low > 0.0 && low < high && high.is_finite()) {
        return Ticks::default();
    }
    let powers = decades(low, high);
    let within = |digits: &[f64], stride: i32| -> Vec<(f64, i32)> {
        let powers = powers.clone().filter(|power| power % stride == 0);
        powers
            .flat_map(|power| digits.iter().map(move |&digit| (digit, power)))
            .filter(|&(digit, power)| (low..=high).contains(&times_ten_to(digit, power)))
            .collect()
    };
    let dense: [&[f64]; 4] = [&[1.0, 2.0, 3.0, 5.0], &[1.0, 2.0, 5.0], &[1.0, 3.0], &[1.0]];
    let strides = (2..).map(|stride| (&[1.0] as &[f64], stride));
    let chosen = dense
        .into_iter()
        .map(|digits| (digits, 1))
        .chain(strides)
        .map(|(digits, stride)| within(digits, stride))
        .find(|chosen| chosen.len() <= at_most);
    match chosen {
        Some(chosen) if chosen.len() >= 2 => labelled_by_powers(&chosen),
        _ => linear(low, high, at_most),
    }
}

/// The multiples of powers of ten within the range, for a finer grid that has no labels.
pub(crate) fn between_powers(low: f64, high: f64) -> Vec<f64> {
    decades(low, high)
        .flat_map(|power| (2..10).map(move |digit| times_ten_to(f64::from(digit), power)))
        .filter(|value| (low..=high).contains(value))
        .collect()
}

/// The powers of ten around a range of positive numbers.
fn decades(low: f64, high: f64) -> std::ops::RangeInclusive<i32> {
    low.log10().floor() as i32..=high.log10().ceil() as i32
}

fn labelled_by_powers(digits: &[(f64, i32)]) -> Ticks {
    let plain = digits.iter().all(|(_, power)| (-3..=4).contains(power));
    let label = |&(digit, power): &(f64, i32)| {
        if plain {
            let decimals = usize::try_from(-power).unwrap_or(0);
            typeset(times_ten_to(digit, power), decimals)
        } else if digit == 1.0 {
            power_of_ten(power)
        } else {
            format!("{digit}×{}", power_of_ten(power))
        }
    };
    Ticks {
        values: digits
            .iter()
            .map(|&(digit, power)| times_ten_to(digit, power))
            .collect(),
        labels: digits.iter().map(label).collect(),
        exponent: 0,
    }
}

/// Ticks for an axis that is linear around zero and logarithmic farther out: zero and, on both
/// sides, powers of ten with three times them in between where there is room.
pub(crate) fn around_zero(low: f64, high: f64, at_most: usize) -> Ticks {
    let inside = |value: &f64| (low..=high).contains(value);
    let reach = low.abs().max(high.abs());
    let last = if reach >= 1.0 {
        reach.log10().floor() as i32
    } else {
        0
    };
    let place = |magnitudes: &[f64]| -> Vec<f64> {
        let negative = magnitudes.iter().rev().map(|value| -value);
        let positive = magnitudes.iter().copied();
        let all = negative.chain([0.0]).chain(positive);
        all.filter(inside).collect()
    };
    let dense: Vec<f64> = (0..=last)
        .flat_map(|power| [times_ten_to(1.0, power), times_ten_to(3.0, power)])
        .skip(1)
        .collect();
    let mut values = place(&dense);
    let mut stride = 1;
    while values.len() > at_most.max(3) {
        let sparse: Vec<f64> = (1..=last)
            .filter(|power| power % stride == 0)
            .map(|power| times_ten_to(1.0, power))
            .collect();
        values = place(&sparse);
        stride += 1;
    }
    let label = |value: &f64| {
        if value.abs() < 1e5 {
            typeset(*value, 0)
        } else {
            let sign = if *value < 0.0 { "−" } else { "" };
            format!("{sign}{}", power_of_ten(value.abs().log10().round() as i32))
        }
    };
    let labels = values.iter().map(label).collect();
    Ticks {
        values,
        labels,
        exponent: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ticks_are_round_evenly_spaced_and_cover_the_range(
            low in -1e3..1e3f64,
            span in 1e-2..1e3f64,
            scale in -12..12i32,
            at_most in 3..9usize,
        ) {
            let factor = 10_f64.powi(scale);
            let (low, high) = (low * factor, (low + span) * factor);
            let ticks = linear(low, high, at_most);
            prop_assert!(ticks.values.len() <= at_most, "{ticks:?}");
            // A step is at most 2.5 times the next finer one, which gave too many.
            prop_assert!(ticks.values.len() >= 2 * at_most / 5, "{ticks:?}");
            prop_assert_eq!(ticks.values.len(), ticks.labels.len());
            let step = ticks.values.windows(2).map(|w| w[1] - w[0]).fold(0.0, f64::max);
            if step > 0.0 {
                let mantissa = step / 10_f64.powf(step.log10().floor());
                let round = [1.0, 2.0, 5.0, 10.0].iter().any(|m| (mantissa - m).abs() < 1e-5);
                prop_assert!(round, "step {step}");
                for pair in ticks.values.windows(2) {
                    prop_assert!(((pair[1] - pair[0]) / step - 1.0).abs() < 1e-5);
                }
                prop_assert!((ticks.values[0] - low) >= 0.0 && ticks.values[0] - low < step * 1.000_01);
                let last = ticks.values[ticks.values.len() - 1];
                prop_assert!(high - last >= 0.0 && high - last < step * 1.000_01);
            }
            // No two labels are the same, and each reads as its value.
            for (value, label) in ticks.values.iter().zip(&ticks.labels) {
                let read: f64 = label.replace('−', "-").parse().unwrap_or(f64::NAN);
                let read = read * 10_f64.powi(ticks.exponent);
                prop_assert!((read - value).abs() <= 1e-6 * step.max(1e-3 * value.abs()), "{label} for {value}");
            }
        }
    }

    #[test]
    fn labels_have_the_decimals_of_the_step() {
        let ticks = linear(-0.32, 0.51, 6);
        assert_eq!(ticks.labels, ["−0.2", "0.0", "0.2", "0.4"]);
        assert_eq!(ticks.factor(), "");
        let ticks = linear(-2.1e7, 4.2e7, 5);
        assert_eq!(ticks.labels, ["−2", "0", "2", "4"]);
        assert_eq!(ticks.factor(), " (×10⁷)");
        let ticks = linear(1.0e-9, 2.6e-9, 5);
        assert_eq!(ticks.labels, ["1.0", "1.5", "2.0", "2.5"]);
        assert_eq!(ticks.factor(), " (×10⁻⁹)");
    }

    proptest! {
        #[test]
        fn ticks_of_logarithms_are_few_increasing_and_read_as_their_values(
            low in -200.0..200.0f64,
            decades in 0.01..60.0f64,
            at_most in 2..9usize,
        ) {
            let (low, high) = (10_f64.powf(low), 10_f64.powf(low + decades));
            let ticks = logarithmic(low, high, at_most);
            prop_assert!(ticks.values.len() <= at_most, "{ticks:?}");
            prop_assert!(ticks.values.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(ticks.values.iter().all(|value| (low..=high).contains(value)));
            // At least every other of the powers that would fit.
            let powers = decades.floor() as usize;
            prop_assert!(ticks.values.len() >= powers.min(at_most) / 2, "{ticks:?}");
            for (value, label) in ticks.values.iter().zip(&ticks.labels) {
                let read = reading(label) * 10_f64.powi(ticks.exponent);
                prop_assert!((read / value - 1.0).abs() < 1e-3, "{label} for {value}");
            }
        }
    }

    /// The number that a label such as `2×10⁻⁵` stands for.
    fn reading(label: &str) -> f64 {
        let number = |text: &str| text.replace('−', "-").parse().unwrap_or(f64::NAN);
        let (digit, power) = match label.split_once('×') {
            Some((digit, power)) => (number(digit), power),
            None => (1.0, label),
        };
        let raised = power.strip_prefix("10").unwrap_or("");
        let exponent: String = raised
            .chars()
            .filter_map(|character| match character {
                '⁻' => Some('-'),
                '¹' => Some('1'),
                '²' => Some('2'),
                '³' => Some('3'),
                '⁰' | '⁴'..='⁹' => char::from_digit(character as u32 - 0x2070, 10),
                _ => None,
            })
            .collect();
        match exponent.parse() {
            Ok(exponent) => digit * 10_f64.powi(exponent),
            Err(_) => number(label),
        }
    }

    #[test]
    fn logarithms_get_the_numbers_that_one_would_write() {
        let labels = |low, high, at_most| logarithmic(low, high, at_most).labels;
        assert_eq!(labels(0.012, 0.085, 6), ["0.02", "0.03", "0.05"]);
        assert_eq!(labels(3.5, 220.0, 6), ["5", "10", "20", "50", "100", "200"]);
        assert_eq!(labels(3.5, 220.0, 4), ["10", "30", "100"]);
        assert_eq!(labels(0.5, 2e4, 8), ["1", "10", "100", "1000", "10000"]);
        assert_eq!(labels(1e-6, 2e-6, 4), ["10⁻⁶", "2×10⁻⁶"]);
        assert_eq!(
            labels(1e-12, 1.0, 5),
            ["10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "10⁰"]
        );
        // Within a digit of a decade nothing is left but a linear scale.
        assert_eq!(labels(6.0, 9.0, 4), ["6", "7", "8", "9"]);
    }

    #[test]
    fn no_range_has_no_ticks() {
        assert!(linear(1.0, 1.0, 5).values.is_empty());
        assert!(linear(0.0, f64::INFINITY, 5).values.is_empty());
        assert!(linear(f64::NAN, 1.0, 5).values.is_empty());
    }

    #[test]
    fn far_out_the_ticks_are_powers_of_ten() {
        assert_eq!(
            around_zero(-4.0, 40.0, 9).values,
            [-3.0, 0.0, 3.0, 10.0, 30.0]
        );
        assert_eq!(
            around_zero(-2e3, 2e3, 7).values,
            [-1e3, -100.0, -10.0, 0.0, 10.0, 100.0, 1e3]
        );
        let far = around_zero(-1e12, 1e3, 7);
        assert!(far.values.len() <= 7);
        assert!(far.values.contains(&0.0));
        assert!(far.labels.contains(&"−10¹²".to_owned()), "{far:?}");
    }
}
