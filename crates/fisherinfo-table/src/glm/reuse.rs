//! When the information of an earlier point will do for the next step.
//!
//! A pass over n rows of p columns costs some np operations for the score and np² for the information.
//! Steps with an information that is kept converge only linearly, but near the maximum each of them
//! leaves so little of the way that several are cheaper than one with the information of its own point.
//!
//! Source: Shamanskii, A modification of Newton's method, Ukrainian Math. J. 19 (1967); Ortega &
//! Rheinboldt, Iterative solution of nonlinear equations in several variables (1970), 10.2.

/// Nanoseconds a row of a design in memory that lie in a pass for the score alone, and in the products,
/// on one thread; their ratio alone matters, and only to the time that is taken.
const ROW: f64 = 3.0;
const COLUMN: f64 = 0.35;
const PRODUCT: f64 = 1.0 / 54.0;

/// Above it, a pass for the score alone saves too little to be tried.
const DEAR: f64 = 0.5;

/// What a pass for the score alone costs, of one for the information as well.
pub(super) fn share_of_score(width: usize) -> f64 {
    let width = width as f64;
    let score = ROW + COLUMN * width;
    score / (score + PRODUCT * width * width)
}

/// Of the tolerance: as near the maximum is the information found at last, for it to be that of the
/// maximum to all its digits. Newton's last step leaves as little.
const NEARNESS: f64 = 1e-3;

/// Where scoring is: how far from the maximum, in units of the standard errors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Course {
    /// The relative offset of the point at hand.
    pub(super) offset: f64,
    /// That of the point before.
    pub(super) before: Option<f64>,
    /// The offset at which scoring ends.
    pub(super) tolerance: f64,
    /// Is the information that of the point at hand?
    pub(super) is_current: bool,
}

impl Course {
    /// Is the next pass to be for the score alone, where one costs `share` of a pass for both?
    pub(super) fn keeps_information(self, share: f64) -> bool {
        if share > DEAR {
            return false;
        }
        if self.is_current {
            // The next step is Newton's, whose offset is about the square.
            return self.offset * self.offset > self.tolerance;
        }
        let Some(before) = self.before else {
            return true;
        };
        let (ratio, target) = (self.offset / before, NEARNESS * self.tolerance);
        if !(ratio > 0.0 && ratio < 0.5 && self.offset > target) {
            return false;
        }
        // Steps that are left if each does as well as the last; the last of them finds the information.
        let steps = (target / self.offset).ln() / ratio.ln();
        // Passes for both whose steps double the digits: 3·2^(k−1) − 2 of these steps after k.
        let passes = (((steps + 2.0) / 3.0).log2() + 1.0).ceil();
        steps > 1.0 && (steps - 1.0) * share + 1.0 < passes
    }
}

#[cfg(test)]
mod tests {
    use super::{Course, share_of_score};

    fn course(offset: f64, before: f64) -> Course {
        Course {
            offset,
            before: Some(before),
            tolerance: 1e-10,
            is_current: false,
        }
    }

    #[test]
    fn is_kept_where_that_is_cheaper() {
        assert!(share_of_score(10) > 0.5 && share_of_score(300) < 0.1);
        // Each step leaves a hundredth: four and a half are left, the last of them for both.
        assert!(course(1e-4, 1e-2).keeps_information(0.1));
        // Each leaves four tenths: twenty-three, against five passes for both.
        assert!(!course(1e-4, 2.5e-4).keeps_information(0.3));
        assert!(course(1e-4, 2.5e-4).keeps_information(0.1));
        // The next step is the last, or the steps no longer get shorter.
        assert!(!course(1e-12, 1e-10).keeps_information(0.01));
        assert!(!course(1e-4, 1.5e-4).keeps_information(0.01));
        assert!(!course(f64::NAN, 1e-2).keeps_information(0.01));
        // A step of Newton's from nearby ends it.
        let current = |offset| Course {
            is_current: true,
            ..course(offset, 1.0)
        };
        assert!(!current(1e-6).keeps_information(0.01));
        assert!(current(1e-2).keeps_information(0.01));
        assert!(!current(1e-2).keeps_information(0.6));
    }
}
