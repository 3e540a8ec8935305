//! Intervals from the likelihood itself.

use super::{
    constrained::{Constrained, Held},
    error::GlmError,
    fit::Fit,
    pass::{Extent, Predictor, pass},
};
use fisherinfo::special::{normal_quantile, student_t_two_sided};

/// An end of a profile-likelihood interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ProfileEnd {
    /// Where the profile has fallen to its limit.
    At(f64),
    /// The profile has not fallen so far, and from here on the fit with the coefficient held would
    /// leave the means of the family.
    Edge(f64),
    /// The profile never falls so far: the data do not bound the coefficient on this side.
    Infinite,
}

/// The values of a coefficient that the likelihood-ratio test does not reject.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProfileInterval {
    /// Its lower end.
    pub lower: ProfileEnd,
    /// Its upper end.
    pub upper: ProfileEnd,
}

/// A value of the coefficient, the maximum over the others there, the root of the fall and its slope.
struct Point {
    value: f64,
    at: Constrained,
    root: f64,
    slope: f64,
}

/// The profile of one coefficient.
struct Profile<'f, 'a> {
    fit: &'f Fit<'a>,
    held: Held,
    estimate: f64,
    spread: f64,
    /// The log-likelihood at the estimate, at dispersion one and up to a constant.
    top: f64,
}

/// Points that may be looked at on one side.
const POINTS: usize = 200;

/// An interval that has not ended after so many standard errors has no end.
const FAR: f64 = 1e8;

impl Profile<'_, '_> {
    fn point(&self, value: f64, near: &[f64]) -> Result<Option<Point>, GlmError> {
        let start = self.held.nearest(near, &[value]);
        let Some(at) = self.held.maximise(self.fit, start)? else {
            return Ok(None);
        };
        let fall = (self.top - at.sums.tally.log_kernel).max(0.0);
        let root = (2.0 * fall / self.fit.dispersion).sqrt();
        // The others are at their best, so the profile's slope is the score along any direction in
        // which the coefficient grows by one.
        let follow = self.held.direction();
        let along: f64 = follow.iter().zip(&at.sums.score).map(|(d, s)| d * s).sum();
        Ok(Some(Point {
            value,
            root,
            slope: -along / self.fit.dispersion / root,
            at,
        }))
    }

    /// The end on the side of `sign`, where the root of the fall is `limit`.
    fn end(&self, sign: f64, limit: f64) -> Result<ProfileEnd, GlmError> {
        let mut inside = self.estimate;
        let mut near = self.fit.stored.clone();
        let mut outside: Option<f64> = None;
        let mut step = limit * self.spread;
        // After a step that led nowhere, the longest that is tried.
        let mut longest = f64::INFINITY;
        for _ in 0..POINTS {
            let point = self.point(inside + sign * step, &near)?;
            // A profile that rises again outwards lies beyond a pole of the link.
            let rises = |point: &Point| sign * point.slope * self.spread < -1e-6;
            let Some(point) = point.filter(|point| point.root >= limit || !rises(point)) else {
                // That may only be a start too far off, so shorter steps are tried.
                step *= 0.5;
                longest = step;
                if step <= 1e-9 * self.spread {
                    return Ok(ProfileEnd::Edge(inside));
                }
                continue;
            };
            if (point.root - limit).abs() <= 1e-10 * limit {
                return Ok(ProfileEnd::At(point.value));
            }
            let newton = point.value - (point.root - limit) / point.slope;
            if point.root < limit {
                (inside, near) = (point.value, point.at.coefficients);
                longest *= 2.0;
            } else {
                outside = Some(point.value);
            }
            let reach = (inside - self.estimate).abs();
            if reach > FAR * self.spread {
                return Ok(ProfileEnd::Infinite);
            }
            let bound = outside.map_or(2.0 * reach, |outside| (outside - inside).abs());
            if outside.is_some() && bound <= 1e-13 * (self.spread + inside.abs()) {
                return Ok(ProfileEnd::At(inside));
            }
            let ahead = sign * (newton - inside);
            step = if ahead > 0.0 && ahead < bound {
                ahead
            } else if outside.is_some() {
                0.5 * bound
            } else {
                bound
            };
            step = step.min(longest);
        }
        Ok(ProfileEnd::Infinite)
    }
}

impl Fit<'_> {
    /// The values of a coefficient at which the likelihood-ratio test does not reject at 1 −
    /// `level`, with all other coefficients refitted: ends where twice the fall of the profile,
    /// over the dispersion of the fit, is the square of a quantile, the normal one where the
    /// dispersion is known and Student's with n − p degrees of freedom where it is estimated. For a
    /// linear model with normal errors that is the usual interval.
    ///
    /// Unlike estimate ± quantile · standard error it does not depend on how the coefficient is
    /// expressed, need not be symmetric, and says where it has no end. Source: Venables & Ripley,
    /// Modern Applied Statistics with S (2002), 8.4.
    ///
    /// # Errors
    /// A column that is not there, a level that is not inside (0, 1), a dispersion of zero.
    ///
    /// ```
    /// use fisherinfo_table::glm::{Family, ProfileEnd, Regression};
    /// // Ten events: exp(β) from 5.1 to 17.7, where 2(10 ln(10/μ) − 10 + μ) = 1.96².
    /// let regression = Regression::new(&[10.0], &[[1.0]], &["ln rate".into()], Some(0))?;
    /// let fit = regression.fit(Family::Poisson, Family::Poisson.default_link())?;
    /// let interval = fit.profile_interval(0, 0.95)?;
    /// let ProfileEnd::At(upper) = interval.upper else { panic!() };
    /// let fall = 2.0 * (10.0 * (10.0 / upper.exp()).ln() - 10.0 + upper.exp());
    /// assert!((fall.sqrt() - 1.959963984540054).abs() < 1e-9);
    /// # Ok::<(), fisherinfo_table::glm::GlmError>(())
    /// ```
    pub fn profile_interval(&self, column: usize, level: f64) -> Result<ProfileInterval, GlmError> {
        let limit = self.quantile(level)?;
        let width = self.terms().len();
        if column >= width {
            return Err(GlmError::Shape {
                what: "columns up to the one profiled".into(),
                expected: column + 1,
                found: width,
            });
        }
        if self.dispersion <= 0.0 {
            return Err(GlmError::PerfectFit);
        }
        let held = Held::new(self, &[column]).ok_or_else(|| GlmError::NotTestable {
            terms: self.terms()[column].clone(),
        })?;
        let profile = Profile {
            fit: self,
            held,
            top: self.log_kernel()?,
            estimate: self.coefficients()[column],
            spread: self.standard_errors_expected()[column],
        };
        self.regression.in_pool(|| {
            Ok(ProfileInterval {
                lower: profile.end(-1.0, limit)?,
                upper: profile.end(1.0, limit)?,
            })
        })?
    }

    /// The quantile q with P(|T| < q) = `level`: normal, or Student's with n − p degrees of freedom
    /// where the dispersion is estimated.
    ///
    /// # Errors
    /// A level that is not inside (0, 1).
    pub fn quantile(&self, level: f64) -> Result<f64, GlmError> {
        quantile(
            level,
            self.family
                .estimates_dispersion()
                .then(|| self.residual_degrees_of_freedom()),
        )
    }

    /// The logarithm of the likelihood at dispersion one, up to what does not depend on the
    /// coefficients.
    pub(super) fn log_kernel(&self) -> Result<f64, GlmError> {
        let here = Predictor::Coefficients(&self.stored);
        let (chunks, name) = (self.chunks(), "at the estimates");
        let sums = pass(chunks, name, self.family, self.link, here, Extent::Step)?;
        Ok(sums.tally.log_kernel)
    }
}

/// q with P(|T| < q) = level for Student's distribution, or the normal without degrees of freedom.
///
/// # Errors
/// A level that is not inside (0, 1).
pub fn quantile(level: f64, degrees_of_freedom: Option<usize>) -> Result<f64, GlmError> {
    if !(level > 0.0 && level < 1.0) {
        return Err(GlmError::Level { level });
    }
    let Some(degrees) = degrees_of_freedom else {
        return Ok(normal_quantile(0.5 + 0.5 * level));
    };
    let beyond = |q: f64| student_t_two_sided(q, degrees as f64) > 1.0 - level;
    let (mut low, mut high) = (0.0, 1.0);
    while beyond(high) && high < f64::MAX / 2.0 {
        (low, high) = (high, 2.0 * high);
    }
    // Bisection to the last bit; the distribution function is cheap.
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if beyond(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(high)
}
