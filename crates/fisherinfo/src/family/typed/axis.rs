//! One entry of an observation, opened to ℝ.

use crate::dual::Dual;
use crate::expectation::quadrature::nearer_end;
use crate::family::Support;

/// An open interval, and the coordinate v ∈ ℝ of a point in it: itself on ℝ, the logarithm of its
/// distance to the one finite end, the logit of its place between two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    lower: f64,
    upper: f64,
}

impl Axis {
    pub(super) fn of(support: &Support) -> Option<Self> {
        match *support {
            Support::Interval { lower, upper } | Support::Segment { lower, upper } => {
                Some(Self { lower, upper })
            }
            _ => None,
        }
    }

    /// The point at v, and ln |dx/dv|.
    pub(super) fn point<D: Dual>(self, v: D) -> (D, D) {
        match (self.lower.is_finite(), self.upper.is_finite()) {
            (false, false) => (v, D::zero()),
            (true, false) => (v.exp() + self.lower, v),
            (false, true) => (-v.exp() + self.upper, v),
            (true, true) => {
                let width = self.upper - self.lower;
                // Each branch exponentiates a number ≤ 0, and starts from the nearer end.
                let small = (if v.re() < 0.0 { v } else { -v }).exp();
                let part = small / (small + 1.0);
                let x = if v.re() < 0.0 {
                    part * width + self.lower
                } else {
                    -part * width + self.upper
                };
                (x, part.ln() - (small + 1.0).ln() + width.ln())
            }
        }
    }

    /// Writes the observation at v: the point, and where there is room the nearer end and the
    /// distance from it.
    pub(super) fn observe(self, v: f64, observation: &mut [f64]) {
        let (end, offset) = nearer_end(self.lower, self.upper, v);
        for (place, value) in observation.iter_mut().zip([self.point(v).0, end, offset]) {
            *place = value;
        }
    }

    /// v of a point; not finite outside.
    pub(super) fn coordinate(self, x: f64) -> f64 {
        match (self.lower.is_finite(), self.upper.is_finite()) {
            (false, false) => x,
            (true, false) => (x - self.lower).ln(),
            (false, true) => (self.upper - x).ln(),
            (true, true) => (x - self.lower).ln() - (self.upper - x).ln(),
        }
    }

    /// Is a point, rounded as it may be, inside?
    pub(super) fn contains(self, x: f64) -> bool {
        x.is_finite() && x > self.lower && x < self.upper
    }

    /// Is it ℝ itself?
    pub(super) fn is_line(self) -> bool {
        !self.lower.is_finite() && !self.upper.is_finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_dual::Dual64;

    #[test]
    fn a_point_goes_there_and_back_with_its_slope() {
        for (lower, upper) in [
            (f64::NEG_INFINITY, f64::INFINITY),
            (2.0, f64::INFINITY),
            (f64::NEG_INFINITY, -1.0),
            (-3.0, 5.0),
        ] {
            let axis = Axis { lower, upper };
            for v in [-7.5, -0.5, 0.0, 0.75, 6.0] {
                let (x, log_slope) = axis.point(Dual64::from_re(v).derivative());
                assert!(axis.contains(x.re));
                assert!((axis.coordinate(x.re) - v).abs() < 1e-11, "{axis:?} at {v}");
                assert!(
                    (x.eps.abs().ln() - log_slope.re).abs() < 1e-12,
                    "{axis:?} at {v}"
                );
            }
        }
    }
}
