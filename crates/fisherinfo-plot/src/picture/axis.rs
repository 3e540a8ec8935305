//! From the numbers of an axis to pixels.

use super::ticks::{self, Ticks};

/// Beyond this many standard errors the left panel would press its intervals to points.
const LINEAR_REACH: f64 = 40.0;

/// Where the other scale passes from linear to logarithmic.
const BEND: f64 = 2.0;

/// How the numbers of an axis are spread over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spread {
    Linear,
    /// A number is placed by its logarithm.
    Logarithmic,
    /// A number is placed by its inverse hyperbolic sine: linear around zero, logarithmic farther
    /// out.
    AroundZero,
}

/// A range of numbers and how it is spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Axis {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) spread: Spread,
}

impl Axis {
    /// A linear axis with room at both ends; a range that is a point is widened.
    pub(crate) fn linear(low: f64, high: f64) -> Self {
        let span = high - low;
        let margin = if span > 0.0 {
            0.06 * span
        } else if low == 0.0 {
            1.0
        } else {
            0.5 * low.abs()
        };
        Self {
            low: low - margin,
            high: high + margin,
            spread: Spread::Linear,
        }
    }

    /// An axis of multiples of a standard error that holds zero: linear where these are of the
    /// usual size, else linear around zero and logarithmic farther out.
    pub(crate) fn in_standard_errors(low: f64, high: f64) -> Self {
        let (low, high) = (low.min(0.0), high.max(0.0));
        if high - low <= LINEAR_REACH {
            return Self::linear(low, high);
        }
        let (from, to) = (bend(low), bend(high));
        let margin = 0.04 * (to - from);
        let straighten = |position: f64| (BEND * position.sinh()).clamp(f64::MIN, f64::MAX);
        Self {
            low: straighten(from - margin),
            high: straighten(to + margin),
            spread: Spread::AroundZero,
        }
    }

    /// Where a number lies, from 0 at the low end to 1 at the high one.
    pub(crate) fn position(&self, value: f64) -> f64 {
        let place: fn(f64) -> f64 = match self.spread {
            Spread::Linear => |value| value,
            Spread::Logarithmic => f64::ln,
            Spread::AroundZero => bend,
        };
        let low = place(self.low);
        (place(value) - low) / (place(self.high) - low)
    }

    pub(crate) fn ticks(&self, at_most: usize) -> Ticks {
        match self.spread {
            Spread::Linear => ticks::linear(self.low, self.high, at_most),
            Spread::Logarithmic => ticks::logarithmic(self.low, self.high, at_most),
            Spread::AroundZero => ticks::around_zero(self.low, self.high, at_most),
        }
    }
}

/// `asinh(value / BEND)`, by logarithms where the quotient's square is too large for a number.
fn bend(value: f64) -> f64 {
    let scaled = (value / BEND).abs();
    let position = if scaled > 1e100 {
        scaled.ln() + std::f64::consts::LN_2
    } else {
        scaled.asinh()
    };
    position.copysign(value)
}

/// The rectangle that two axes span, in pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Frame {
    pub(crate) fn right(&self) -> f64 {
        self.left + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.top + self.height
    }

    pub(crate) fn across(&self, axis: &Axis, value: f64) -> f64 {
        self.left + self.width * axis.position(value)
    }

    pub(crate) fn up(&self, axis: &Axis, value: f64) -> f64 {
        self.bottom() - self.height * axis.position(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_axis_of_standard_errors_holds_its_range_and_zero_in_order(
            a in -1e6..1e6f64,
            b in -1e6..1e6f64,
            scale in -5..200i32,
        ) {
            let factor = 10_f64.powi(scale);
            let (low, high) = (a.min(b) * factor, a.max(b) * factor);
            let axis = Axis::in_standard_errors(low, high);
            let mut last = 0.0;
            for value in [low.min(0.0), low.max(0.0).min(high), high.max(0.0)] {
                let position = axis.position(value);
                prop_assert!((0.0..=1.0).contains(&position), "{value} at {position} of {axis:?}");
                prop_assert!(position >= last);
                last = position;
            }
        }
    }

    #[test]
    fn the_scale_bends_only_for_long_ranges() {
        let spread = Axis::in_standard_errors(-5.0, 30.0).spread;
        assert_eq!(spread, Spread::Linear);
        let axis = Axis::in_standard_errors(-5.0, 500.0);
        assert_eq!(axis.spread, Spread::AroundZero);
        // Around zero an interval keeps much of its length: two of the bend are asinh 1.
        let length = axis.position(2.0) - axis.position(-2.0);
        let whole = (axis.high / 2.0).asinh() - (axis.low / 2.0).asinh();
        assert!((length - 2.0 * 0.881_373_587_019_543 / whole).abs() < 1e-12);
    }

    #[test]
    fn the_largest_numbers_stay_on_the_axis() {
        let axis = Axis::in_standard_errors(-1e308, 1e308);
        assert!((axis.position(0.0) - 0.5).abs() < 1e-12);
        assert!(axis.position(1e308) <= 1.0);
    }

    #[test]
    fn a_point_is_widened() {
        assert_eq!(
            Axis::linear(0.0, 0.0),
            Axis {
                low: -1.0,
                high: 1.0,
                spread: Spread::Linear
            }
        );
        assert_eq!(
            Axis::linear(-4.0, -4.0),
            Axis {
                low: -6.0,
                high: -2.0,
                spread: Spread::Linear
            }
        );
    }

    #[test]
    fn up_is_up() {
        let frame = Frame {
            left: 10.0,
            top: 20.0,
            width: 100.0,
            height: 50.0,
        };
        let axis = Axis {
            low: 0.0,
            high: 2.0,
            spread: Spread::Linear,
        };
        assert_eq!(frame.up(&axis, 2.0), 20.0);
        assert_eq!(frame.up(&axis, 0.0), 70.0);
        assert_eq!(frame.across(&axis, 0.5), 35.0);
    }
}
