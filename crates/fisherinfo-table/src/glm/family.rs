use fisherinfo::coordinates::link::Link;
use fisherinfo::special::{ln_binomial, ln_gamma};
use std::{fmt, str::FromStr};
use thiserror::Error;

/// The family of the response of a regression.
///
/// | family | response | unit variance V(μ) | link by default | dispersion |
/// |---|---|---|---|---|
/// | binomial | successes out of m trials (m = 1: zero or one) | μ(1−μ), μ a proportion | logit | 1 |
/// | poisson | a count | μ | log | 1 |
/// | gaussian | any number | 1 | identity | estimated |
/// | gamma | a positive number | μ² | inverse | estimated |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Successes out of a known number of trials.
    Binomial,
    /// Counts.
    Poisson,
    /// Numbers with a common variance.
    Gaussian,
    /// Positive numbers with a common coefficient of variation.
    Gamma,
}

/// A name that is no family's.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("there is no family «{name}» here; the families are {}", Family::ALL.map(Family::name).join(", "))]
pub struct UnknownFamily {
    /// What was asked for.
    pub name: String,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 4] = [Self::Binomial, Self::Poisson, Self::Gaussian, Self::Gamma];

    /// The name that it is parsed from and shown as.
    pub fn name(self) -> &'static str {
        match self {
            Self::Binomial => "binomial",
            Self::Poisson => "poisson",
            Self::Gaussian => "gaussian",
            Self::Gamma => "gamma",
        }
    }

    /// The canonical link, which is also the usual one.
    pub fn default_link(self) -> Link {
        match self {
            Self::Binomial => Link::Logit,
            Self::Poisson => Link::Log,
            Self::Gaussian => Link::Identity,
            Self::Gamma => Link::Inverse,
        }
    }

    /// Is the dispersion estimated from the data? Otherwise it is one.
    pub fn estimates_dispersion(self) -> bool {
        matches!(self, Self::Gaussian | Self::Gamma)
    }

    /// Can a response of this family be `value`, out of `trials`?
    pub(super) fn allows(self, value: f64, trials: f64) -> bool {
        match self {
            Self::Binomial => (0.0..=trials).contains(&value) && is_whole(value),
            Self::Poisson => value >= 0.0 && is_whole(value),
            Self::Gaussian => value.is_finite(),
            Self::Gamma => value > 0.0 && value.is_finite(),
        }
    }

    /// Does it allow all values, each out of one trial? (Without an early end, for vector code.)
    pub(super) fn allows_all(self, values: &[f64]) -> bool {
        fn all(values: &[f64], allowed: impl Fn(f64) -> bool) -> bool {
            values.iter().fold(true, |all, &value| all & allowed(value))
        }
        match self {
            Self::Binomial => all(values, |y| (y == 0.0) | (y == 1.0)),
            family => all(values, |y| family.allows(y, 1.0)),
        }
    }

    pub(super) fn support(self, trials: Option<f64>) -> String {
        match (self, trials) {
            (Self::Binomial, None) => {
                "0 or 1 (a proportion needs its trials: give counts of successes and the trials)"
                    .into()
            }
            (Self::Binomial, Some(m)) => format!("a whole number from 0 to its {m} trials"),
            (Self::Poisson, _) => "a whole number ≥ 0".into(),
            (Self::Gaussian, _) => "a finite number".into(),
            (Self::Gamma, _) => "a finite number > 0".into(),
        }
    }

    /// A mean near the response from which the first step starts (McCullagh & Nelder 1989, 2.5.1).
    pub(super) fn starting_mean(self, y: f64, trials: f64) -> f64 {
        match self {
            Self::Binomial => (y + 0.5) / (trials + 1.0),
            Self::Poisson => y + 0.1,
            Self::Gaussian | Self::Gamma => y,
        }
    }

    /// Twice the log-likelihood that a row falls short of its own best, at φ = 1.
    pub(super) fn unit_deviance(self, y: f64, trials: f64, mean: f64, complement: f64) -> f64 {
        let times_ratio = |y: f64, fitted: f64| if y == 0.0 { 0.0 } else { y * (y / fitted).ln() };
        2.0 * match self {
            Self::Binomial => {
                times_ratio(y, trials * mean) + times_ratio(trials - y, trials * complement)
            }
            Self::Poisson => times_ratio(y, mean) - (y - mean),
            Self::Gaussian => 0.5 * (y - mean) * (y - mean),
            // x − ln(1 + x) at the relative residual x, not a difference of logarithms.
            Self::Gamma => {
                let relative = (y - mean) / mean;
                relative - relative.ln_1p()
            }
        }
    }

    /// The log-density with all its constants, at dispersion φ.
    pub(super) fn log_density(
        self,
        y: f64,
        m: f64,
        mean: f64,
        complement: f64,
        dispersion: f64,
    ) -> f64 {
        let times_ln = |y: f64, x: f64| if y == 0.0 { 0.0 } else { y * x.ln() };
        match self {
            Self::Binomial => {
                let ways = if m == 1.0 { 0.0 } else { ln_binomial(m, y) };
                ways + times_ln(y, mean) + times_ln(m - y, complement)
            }
            Self::Poisson => times_ln(y, mean) - mean - ln_gamma(y + 1.0),
            Self::Gaussian => {
                let residual = y - mean;
                -0.5 * ((std::f64::consts::TAU * dispersion).ln()
                    + residual * residual / dispersion)
            }
            Self::Gamma => {
                let shape = dispersion.recip();
                shape * (shape * y / mean).ln() - shape * y / mean - y.ln() - ln_gamma(shape)
            }
        }
    }
}

/// Is it a whole number under 2^63? (A conversion and back, where `fract` would be a call.)
fn is_whole(value: f64) -> bool {
    value as i64 as f64 == value
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Family {
    type Err = UnknownFamily;

    fn from_str(name: &str) -> Result<Self, UnknownFamily> {
        Self::ALL
            .into_iter()
            .find(|family| family.name().eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| UnknownFamily { name: name.into() })
    }
}
