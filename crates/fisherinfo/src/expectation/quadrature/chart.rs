//! Maps of the line onto the supports.

use crate::special::ln_logistic;

/// Where the line w ∈ ℝ goes: w ↦ centre + spread·w ↦ x, with the last step chosen by the support.
#[derive(Clone, Copy, Debug)]
pub(in crate::expectation) enum Chart {
    /// x itself, on ℝ.
    Line,
    /// x = centre + spread·sinh(v), on ℝ: tails that fall like a power of x fall exponentially
    /// in v.
    HeavyLine {
        /// The centre.
        centre: f64,
        /// The spread.
        spread: f64,
        /// The largest |x − centre| that is asked for.
        farthest: f64,
    },
    /// x = lower + e^v.
    Above(f64),
    /// x = upper − e^v.
    Below(f64),
    /// x = lower + (upper − lower)·logistic(v).
    Between(f64, f64),
    /// As those three, with the nearer end and the distance from it.
    Segment(f64, f64),
    /// x itself, with the one finite end, far from which the bulk lies, and the distance from it.
    Far(f64, f64),
    /// The pair (e^v, v).
    Half,
    /// (m·e^y, y) with y = e^v.
    AboveMinimum(f64),
    /// (logistic(v), logistic(−v)) and their logarithms.
    Unit,
}

impl Chart {
    /// The chart of an interval.
    pub(in crate::expectation) fn of_interval(lower: f64, upper: f64) -> Self {
        match (lower.is_finite(), upper.is_finite()) {
            (false, false) => Self::Line,
            (true, false) => Self::Above(lower),
            (false, true) => Self::Below(upper),
            (true, true) => Self::Between(lower, upper),
        }
    }

    /// The observation at v and ln |dx/dv|.
    pub(in crate::expectation) fn point(self, v: f64, x: &mut Vec<f64>) -> f64 {
        x.clear();
        match self {
            Self::Line => {
                x.push(v);
                0.0
            }
            Self::HeavyLine { centre, spread, .. } => {
                x.push(centre + spread * v.sinh());
                // ln cosh v, which overflows later than cosh v.
                spread.ln() + v.abs() + (-2.0 * v.abs()).exp().ln_1p() - std::f64::consts::LN_2
            }
            Self::Above(lower) => {
                x.push(lower + v.exp());
                v
            }
            Self::Below(upper) => {
                x.push(upper - v.exp());
                v
            }
            Self::Between(lower, upper) => {
                let (left, right) = logistic_pair(v);
                // From the nearer end, where the distance keeps its digits.
                x.push(if v < 0.0 {
                    lower + (upper - lower) * left
                } else {
                    upper - (upper - lower) * right
                });
                (upper - lower).ln() + left.ln() + right.ln()
            }
            Self::Segment(lower, upper) => {
                let log_slope = Self::of_interval(lower, upper).point(v, x);
                let (end, offset) = nearer_end(lower, upper, v);
                x.extend([end, offset]);
                log_slope
            }
            Self::Far(lower, upper) => {
                let end = finite_end(lower, upper);
                x.extend([v, end, v - end]);
                0.0
            }
            Self::Half => {
                x.extend([v.exp(), v]);
                v
            }
            Self::AboveMinimum(minimum) => {
                let ln = v.exp();
                x.extend([minimum * ln.exp(), ln]);
                minimum.ln() + ln + v
            }
            Self::Unit => {
                let (left, right) = logistic_pair(v);
                let (ln_left, ln_right) = (ln_logistic(v), ln_logistic(-v));
                x.extend([left, right, ln_left, ln_right]);
                ln_left + ln_right
            }
        }
    }

    /// v of an observation.
    pub(in crate::expectation) fn coordinate(self, x: &[f64]) -> f64 {
        match self {
            Self::Line | Self::Far(..) => x[0],
            Self::HeavyLine { centre, spread, .. } => ((x[0] - centre) / spread).asinh(),
            Self::Above(lower) => (x[0] - lower).ln(),
            Self::Below(upper) => (upper - x[0]).ln(),
            Self::Between(lower, upper) => (x[0] - lower).ln() - (upper - x[0]).ln(),
            Self::Segment(lower, upper) => {
                let distance = |end: f64| if x[1] == end { x[2] } else { x[0] - end };
                let (below, above) = (distance(lower), -distance(upper));
                match (lower.is_finite(), upper.is_finite()) {
                    (true, true) => below.ln() - above.ln(),
                    (true, false) => below.ln(),
                    (false, true) => above.ln(),
                    (false, false) => x[0],
                }
            }
            Self::Half => x[1],
            Self::AboveMinimum(_) => x[1].ln(),
            Self::Unit => x[2] - x[3],
        }
    }

    /// The same of its value alone; not finite outside.
    pub(super) fn coordinate_of_value(self, x: f64) -> f64 {
        match self {
            Self::Segment(lower, upper) => Self::of_interval(lower, upper).coordinate(&[x]),
            Self::Half => x.ln(),
            Self::AboveMinimum(minimum) => ((x - minimum) / minimum).ln_1p().ln(),
            Self::Unit => x.ln() - (-x).ln_1p(),
            _ => self.coordinate(&[x]),
        }
    }

    /// The most extreme v on a side (±1) at which the observation is still a double of full
    /// precision inside the support, where there is one.
    pub(super) fn limit(self, side: f64) -> Option<f64> {
        let smallest = f64::MIN_POSITIVE.ln();
        Some(match self {
            Self::Line | Self::Far(..) | Self::Half | Self::AboveMinimum(_) | Self::Unit => {
                return None;
            }
            // Distances have all their digits.
            Self::Segment(lower, upper) => match (lower.is_finite(), upper.is_finite()) {
                (true, true) => side * ((upper - lower).ln() - smallest),
                (false, false) => return None,
                _ => -side * smallest,
            },
            Self::HeavyLine {
                spread, farthest, ..
            } => side * (farthest / spread.max(1.0)).ln(),
            // e^v has to stand clear of the end that it is added to.
            Self::Above(end) | Self::Below(end) if side < 0.0 => {
                if end == 0.0 {
                    smallest
                } else {
                    (end.abs() * f64::EPSILON).ln()
                }
            }
            Self::Above(_) | Self::Below(_) => -smallest,
            Self::Between(lower, upper) => {
                let end = if side < 0.0 { lower } else { upper };
                let least = (end.abs() * f64::EPSILON).max(f64::MIN_POSITIVE);
                side * ((upper - lower) / least).ln()
            }
        })
    }

    pub(super) fn width(self) -> usize {
        match self {
            Self::Unit => 4,
            Self::Segment(..) | Self::Far(..) => 3,
            Self::Half | Self::AboveMinimum(_) => 2,
            _ => 1,
        }
    }

    /// Is x, made by [`Chart::point`], a point of the support? Past the largest double, or rounded
    /// onto an end, it is not.
    pub(in crate::expectation) fn holds(self, x: &[f64]) -> bool {
        match self {
            Self::Line => x[0].is_finite(),
            Self::HeavyLine {
                centre, farthest, ..
            } => (x[0] - centre).abs() <= farthest,
            Self::Above(lower) => x[0] > lower && x[0].is_finite(),
            Self::Below(upper) => x[0] < upper && x[0].is_finite(),
            Self::Between(lower, upper) => x[0] > lower && x[0] < upper,
            Self::Segment(..) => x[0].is_finite() && x[2] != 0.0,
            Self::Far(lower, upper) => x[0] > lower && x[0] < upper,
            Self::Half | Self::AboveMinimum(_) => x[1].is_finite(),
            Self::Unit => x[2].is_finite() && x[3].is_finite(),
        }
    }

    /// The end of the support on a side of v, in words.
    pub(super) fn end(self, side: f64) -> String {
        let (left, right) = match self {
            Self::Line | Self::HeavyLine { .. } => (f64::NEG_INFINITY, f64::INFINITY),
            Self::Above(lower) => (lower, f64::INFINITY),
            Self::Below(upper) => (upper, f64::NEG_INFINITY),
            Self::Between(lower, upper) => (lower, upper),
            Self::Segment(lower, f64::INFINITY) | Self::AboveMinimum(lower) => {
                (lower, f64::INFINITY)
            }
            Self::Segment(f64::NEG_INFINITY, upper) => (upper, f64::NEG_INFINITY),
            Self::Segment(lower, upper) | Self::Far(lower, upper) => (lower, upper),
            Self::Half => (0.0, f64::INFINITY),
            Self::Unit => (0.0, 1.0),
        };
        crate::family::end(if side < 0.0 { left } else { right })
    }
}

/// The end of a half line.
fn finite_end(lower: f64, upper: f64) -> f64 {
    if lower.is_finite() { lower } else { upper }
}

/// The nearer of the finite ends to the point at v of an interval, and the point less that end.
pub(crate) fn nearer_end(lower: f64, upper: f64, v: f64) -> (f64, f64) {
    match (lower.is_finite(), upper.is_finite()) {
        (true, true) => {
            let (left, right) = logistic_pair(v);
            if v < 0.0 {
                (lower, (upper - lower) * left)
            } else {
                (upper, -(upper - lower) * right)
            }
        }
        (true, false) => (lower, v.exp()),
        (false, true) => (upper, -v.exp()),
        (false, false) => (0.0, v),
    }
}

/// logistic(v) and logistic(−v), each to full relative precision.
fn logistic_pair(v: f64) -> (f64, f64) {
    let e = (-v.abs()).exp();
    let (small, large) = (e / (1.0 + e), 1.0 / (1.0 + e));
    if v < 0.0 {
        (small, large)
    } else {
        (large, small)
    }
}
