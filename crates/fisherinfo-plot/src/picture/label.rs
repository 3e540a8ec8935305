//! Numbers as a statistics text prints them.

/// A number with so many decimals and a true minus sign; zero has none.
pub(crate) fn typeset(value: f64, decimals: usize) -> String {
    let digits = format!("{:.*}", decimals, value.abs());
    let zero = digits.chars().all(|digit| matches!(digit, '0' | '.'));
    if value < 0.0 && !zero {
        format!("−{digits}")
    } else {
        digits
    }
}

/// `10ᵏ`.
pub(crate) fn power_of_ten(exponent: i32) -> String {
    let digits = exponent.to_string();
    let raised = digits.chars().map(|digit| match digit {
        '-' => '⁻',
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => digit
            .to_digit(10)
            .and_then(|digit| char::from_u32(0x2070 + digit))
            .unwrap_or(digit),
    });
    std::iter::once('1').chain(['0']).chain(raised).collect()
}

/// A number alone, with four significant digits.
pub(crate) fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    if value.is_nan() {
        return "–".into();
    }
    if value.is_infinite() {
        return if value < 0.0 { "−∞" } else { "∞" }.into();
    }
    let exponent = decade(value);
    if (-3..5).contains(&exponent) {
        typeset(value, usize::try_from(3 - exponent).unwrap_or(0))
    } else {
        let mantissa = scaled(value, exponent);
        format!("{}×{}", typeset(mantissa, 3), power_of_ten(exponent))
    }
}

/// The two halves of `estimate ± standard error`, the second with the sign: both with the
/// decimals that give the standard error four significant digits, and with a common power of ten
/// where either is large or both are small.
pub(crate) fn estimate(value: f64, standard_error: Option<f64>) -> (String, String) {
    let finite = standard_error.filter(|error| error.is_finite() && *error > 0.0);
    let Some(error) = finite.filter(|_| value.is_finite()) else {
        let error = match standard_error {
            Some(error) if !error.is_nan() => significant(error),
            _ => "–".into(),
        };
        return (significant(value), format!("± {error}"));
    };
    let larger = decade(value.abs().max(error));
    let exponent = if (-3..5).contains(&larger) { 0 } else { larger };
    let (value, error) = (scaled(value, exponent), scaled(error, exponent));
    // Ten significant digits of the larger are enough beside the smallest error.
    let decimals = (3 - decade(error)).clamp(0, 9 - (larger - exponent).max(0));
    let decimals = usize::try_from(decimals).unwrap_or(0);
    let (value, error) = (typeset(value, decimals), typeset(error, decimals));
    if exponent == 0 {
        (value, format!("± {error}"))
    } else {
        (
            format!("({value}"),
            format!("± {error})×{}", power_of_ten(exponent)),
        )
    }
}

/// The power of ten of the first of four significant digits.
fn decade(value: f64) -> i32 {
    let scientific = format!("{value:.3e}");
    let exponent = scientific.split_once('e').map(|(_, power)| power.parse());
    exponent.and_then(Result::ok).unwrap_or(0)
}

/// `value / 10^exponent`, also where that power of ten is no number.
fn scaled(value: f64, exponent: i32) -> f64 {
    let half = exponent / 2;
    value / 10_f64.powi(half) / 10_f64.powi(exponent - half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_alone() {
        for (value, text) in [
            (0.0, "0"),
            (2.826_112_6, "2.826"),
            (-13.021_347, "−13.02"),
            (0.095_157_66, "0.09516"),
            (9.999_96, "10.00"),
            (12_345.6, "12346"),
            (123_456.0, "1.235×10⁵"),
            (1.234e-7, "1.234×10⁻⁷"),
            (-5e300, "−5.000×10³⁰⁰"),
            (4.94e-324, "4.941×10⁻³²⁴"),
            (f64::NAN, "–"),
            (f64::NEG_INFINITY, "−∞"),
        ] {
            assert_eq!(significant(value), text);
        }
    }

    #[test]
    fn an_estimate_shares_the_decimals_of_its_error() {
        let pair = |value, error| {
            let (left, right) = estimate(value, error);
            format!("{left} {right}")
        };
        assert_eq!(pair(2.826_112_6, Some(1.262_941)), "2.826 ± 1.263");
        assert_eq!(pair(0.095_157_66, Some(0.141_554)), "0.0952 ± 0.1416");
        assert_eq!(pair(-13.021_347, Some(4.931_324)), "−13.021 ± 4.931");
        assert_eq!(pair(1_234.567_8, Some(1.234_6)), "1234.568 ± 1.235");
        assert_eq!(pair(-1.5e-9, Some(2.5e-9)), "(−1.500 ± 2.500)×10⁻⁹");
        assert_eq!(pair(3e8, Some(2e7)), "(3.0000 ± 0.2000)×10⁸");
        assert_eq!(pair(0.000_01, Some(2.0)), "0.000 ± 2.000");
        assert_eq!(pair(1.5, None), "1.500 ± –");
        assert_eq!(pair(1.5, Some(f64::INFINITY)), "1.500 ± ∞");
        assert_eq!(pair(f64::NAN, Some(1.0)), "– ± 1.000");
        assert_eq!(pair(0.0, Some(1.0)), "0.000 ± 1.000");
    }

    #[test]
    fn zero_has_no_sign() {
        assert_eq!(typeset(-0.001, 2), "0.00");
        assert_eq!(typeset(-0.0, 1), "0.0");
        assert_eq!(typeset(-0.06, 1), "−0.1");
    }
}
