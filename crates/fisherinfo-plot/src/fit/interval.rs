//! Confidence intervals in units of one kind of standard error.

/// The 97.5 % quantile of the standard normal distribution.
pub(crate) const NORMAL_QUANTILE: f64 = 1.959_963_984_540_054;

/// An estimate with the ends of its 95 % interval, in units of a standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interval {
    pub(crate) lower: f64,
    pub(crate) estimate: f64,
    pub(crate) upper: f64,
}

/// `coefficient ± 1.96 · standard_error`, divided by `unit`; `None` unless all of it is finite
/// and the unit positive.
pub(crate) fn interval(
    coefficient: f64,
    standard_error: Option<f64>,
    unit: Option<f64>,
) -> Option<Interval> {
    let unit = unit.filter(|unit| *unit > 0.0 && unit.is_finite())?;
    let standard_error = standard_error.filter(|error| *error >= 0.0)?;
    let estimate = coefficient / unit;
    let half_width = NORMAL_QUANTILE * (standard_error / unit);
    let interval = Interval {
        lower: estimate - half_width,
        estimate,
        upper: estimate + half_width,
    };
    (interval.lower.is_finite() && interval.upper.is_finite()).then_some(interval)
}

/// The kind whose standard errors are the unit: the one named `expected` if it has any that can
/// be divided by, else the first that has.
pub(crate) fn unit_kind(standard_errors: &[(String, Vec<Option<f64>>)]) -> Option<usize> {
    let usable = |(_, errors): &(String, Vec<Option<f64>>)| {
        errors
            .iter()
            .flatten()
            .any(|error| *error > 0.0 && error.is_finite())
    };
    let expected = standard_errors
        .iter()
        .position(|kind| kind.0 == "expected" && usable(kind));
    expected.or_else(|| standard_errors.iter().position(usable))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_ends_are_the_quantile_away_in_raw_units(
            coefficient in -1e3..1e3f64,
            error in 1e-3..1e3f64,
            unit in 1e-3..1e3f64,
        ) {
            let found = interval(coefficient, Some(error), Some(unit)).unwrap();
            let raw = |z: f64| z * unit;
            let scale = coefficient.abs() + error;
            prop_assert!((raw(found.estimate) - coefficient).abs() < 1e-12 * scale);
            prop_assert!((raw(found.upper) - coefficient - 1.959_963_984_540 * error).abs() < 1e-11 * scale);
            prop_assert!((coefficient - raw(found.lower) - 1.959_963_984_540 * error).abs() < 1e-11 * scale);
        }
    }

    #[test]
    fn in_its_own_unit_every_interval_is_of_one_width() {
        let found = interval(
            -13.021_346_858_115_69,
            Some(4.931_324_213_602_758),
            Some(4.931_324_213_602_758),
        )
        .unwrap();
        // Spector and Mazzeo's constant: z = −2.640538 (Greene, the logit of table 17.1).
        assert!((found.estimate - -2.640_538).abs() < 1e-6);
        assert!((found.upper - found.lower - 3.919_927_969_080_108).abs() < 1e-14);
    }

    #[test]
    fn what_is_not_finite_has_no_interval() {
        for (coefficient, error, unit) in [
            (f64::NAN, Some(1.0), Some(1.0)),
            (f64::INFINITY, Some(1.0), Some(1.0)),
            (1.0, None, Some(1.0)),
            (1.0, Some(f64::INFINITY), Some(1.0)),
            (1.0, Some(f64::NAN), Some(1.0)),
            (1.0, Some(-1.0), Some(1.0)),
            (1.0, Some(1.0), None),
            (1.0, Some(1.0), Some(0.0)),
            (1.0, Some(1.0), Some(f64::INFINITY)),
            (1.0, Some(1.0), Some(1e-310)),
        ] {
            assert_eq!(
                interval(coefficient, error, unit),
                None,
                "{coefficient} {error:?} {unit:?}"
            );
        }
        // Without spread the interval is its estimate.
        assert_eq!(
            interval(3.0, Some(0.0), Some(2.0)),
            Some(Interval {
                lower: 1.5,
                estimate: 1.5,
                upper: 1.5
            })
        );
    }

    #[test]
    fn the_unit_is_the_expected_error_wherever_it_stands() {
        let kind = |name: &str, error| (name.to_owned(), vec![error]);
        let both = [kind("observed", Some(1.0)), kind("expected", Some(1.0))];
        assert_eq!(unit_kind(&both), Some(1));
        let missing = [
            kind("expected", Some(f64::INFINITY)),
            kind("sandwich", Some(1.0)),
        ];
        assert_eq!(unit_kind(&missing), Some(1));
        assert_eq!(unit_kind(&[kind("expected", None)]), None);
    }
}
