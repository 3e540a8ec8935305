use fisherinfo::coordinates::link::Link;
use fisherinfo::dual::Datum;
use fisherinfo::family::mean::{MeanFamily, NegativeBinomialKnownShape, Tweedie};
use fisherinfo::family::{self as engine, Family as _};
use fisherinfo::special::{ln_binomial, ln_gamma};
use std::{fmt, str::FromStr};
use thiserror::Error;

/// The family of the response of a regression.
///
/// | family | response | unit variance V(μ) | link by default | dispersion |
/// |---|---|---|---|---|
/// | binomial | successes out of m trials (m = 1: zero or one) | μ(1−μ), μ a proportion | logit | 1 |
/// | poisson | a count | μ | log | 1 |
/// | negative-binomial(k) | a count | μ + μ²/k | log | 1 |
/// | gaussian | any number | 1 | identity | estimated |
/// | gamma | a positive number | μ² | inverse | estimated |
/// | inverse-gaussian | a positive number | μ³ | inverse-squared | estimated |
/// | tweedie(p), p > 1 | a positive number, or zero if p < 2 | μᵖ | log | estimated |
///
/// ```
/// use fisherinfo_table::glm::Family;
/// let counts: Family = "negative-binomial(2.5)".parse()?;
/// assert_eq!(counts, Family::NegativeBinomial(2.5));
/// assert_eq!(counts.to_string(), "negative-binomial(2.5)");
/// let error = "tweedie(0.5)".parse::<Family>().unwrap_err();
/// assert!(error.to_string().contains("above 1"));
/// # Ok::<(), fisherinfo_table::glm::FamilyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Family {
    /// Successes out of a known number of trials.
    Binomial,
    /// Counts.
    Poisson,
    /// Counts that vary more, with a shape k > 0 that is known: variance μ + μ²/k. R calls k θ, and
    /// statsmodels calls 1/k α. [`Regression::fit_negative_binomial`](super::Regression::fit_negative_binomial)
    /// estimates it.
    NegativeBinomial(f64),
    /// Numbers with a common variance.
    Gaussian,
    /// Positive numbers with a common coefficient of variation.
    Gamma,
    /// Positive numbers with variance φμ³, 1/φ being the shape λ.
    InverseGaussian,
    /// Numbers with variance φμᵖ, p > 1 known. For 1 < p < 2 zero has a probability of its own.
    Tweedie(f64),
}

/// A text that names no family, or a parameter that the family cannot have.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum FamilyError {
    /// A name that is no family's.
    #[error("there is no family «{name}» here; the families are {}", Family::names().join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// The negative binomial without a usable k.
    #[error(
        "«{text}»: the negative binomial's shape k has to be a finite number above 0, as in negative-binomial(2.5); the variance is μ + μ²/k"
    )]
    Shape {
        /// What was given.
        text: String,
    },
    /// Tweedie without a usable p.
    #[error(
        "«{text}»: Tweedie's power p has to be a finite number above 1, as in tweedie(1.5); the variance is φμᵖ. Power 0 is the gaussian family and 1 the poisson; between them there is none"
    )]
    Power {
        /// What was given.
        text: String,
    },
    /// A parameter of a family that has none.
    #[error("«{text}»: the {name} family has no parameter to give; write {name}")]
    NoParameter {
        /// The family.
        name: &'static str,
        /// What was given.
        text: String,
    },
}

/// What is done with a [`Family`] as the engine knows it; [`Family::as_mean_family`] calls it.
pub trait MeanFamilyTask {
    /// What comes of it.
    type Output;

    /// Does it with the family.
    fn with<F: MeanFamily + 'static>(self, family: F) -> Self::Output;
}

impl Family {
    /// Every family without a parameter.
    pub const ALL: [Self; 5] = [
        Self::Binomial,
        Self::Poisson,
        Self::Gaussian,
        Self::Gamma,
        Self::InverseGaussian,
    ];

    /// The name that it is parsed from and shown as, without its parameter.
    pub fn name(self) -> &'static str {
        match self {
            Self::Binomial => "binomial",
            Self::Poisson => "poisson",
            Self::NegativeBinomial(_) => "negative-binomial",
            Self::Gaussian => "gaussian",
            Self::Gamma => "gamma",
            Self::InverseGaussian => "inverse-gaussian",
            Self::Tweedie(_) => "tweedie",
        }
    }

    /// The names of all families, as they are typed.
    pub fn names() -> Vec<&'static str> {
        let mut names = Self::ALL.map(Self::name).to_vec();
        names.extend(["negative-binomial(k)", "tweedie(p)"]);
        names
    }

    /// The family as the engine knows it: through its mean, at dispersion one.
    ///
    /// ```
    /// use fisherinfo::family::mean::MeanFamily;
    /// use fisherinfo_table::glm::{Family, MeanFamilyTask};
    ///
    /// struct VarianceAt(f64);
    /// impl MeanFamilyTask for VarianceAt {
    ///     type Output = f64;
    ///     fn with<F: MeanFamily + 'static>(self, family: F) -> f64 {
    ///         family.variance(self.0, 1.0 - self.0)
    ///     }
    /// }
    /// // μ + μ²/k.
    /// assert_eq!(Family::NegativeBinomial(2.0).as_mean_family(VarianceAt(4.0)), 12.0);
    /// ```
    pub fn as_mean_family<T: MeanFamilyTask>(self, task: T) -> T::Output {
        match self {
            Self::Binomial => task.with(engine::Bernoulli),
            Self::Poisson => task.with(engine::Poisson),
            Self::NegativeBinomial(shape) => task.with(NegativeBinomialKnownShape { shape }),
            Self::Gaussian => task.with(engine::Normal),
            Self::Gamma => task.with(engine::Gamma),
            Self::InverseGaussian => task.with(engine::InverseGaussian),
            Self::Tweedie(power) => task.with(Tweedie { power }),
        }
    }

    /// The same family, if its parameter is one that it can have.
    pub(super) fn checked(self) -> Result<Self, FamilyError> {
        let text = || self.to_string();
        match self {
            Self::NegativeBinomial(shape)
                if !(shape > 0.0 && shape.is_finite() && shape.recip().is_finite()) =>
            {
                Err(FamilyError::Shape { text: text() })
            }
            Self::Tweedie(power) if !(power > 1.0 && power.is_finite()) => {
                Err(FamilyError::Power { text: text() })
            }
            family => Ok(family),
        }
    }

    /// The usual link: the canonical one, and the logarithm where that is unhandy.
    pub fn default_link(self) -> Link {
        match self {
            Self::Binomial => Link::Logit,
            Self::Poisson | Self::NegativeBinomial(_) | Self::Tweedie(_) => Link::Log,
            Self::Gaussian => Link::Identity,
            Self::Gamma => Link::Inverse,
            Self::InverseGaussian => Link::InverseSquared,
        }
    }

    /// Is the dispersion estimated from the data? Otherwise it is one.
    pub fn estimates_dispersion(self) -> bool {
        matches!(
            self,
            Self::Gaussian | Self::Gamma | Self::InverseGaussian | Self::Tweedie(_)
        )
    }

    /// Can a response of this family be `value`, out of `trials`?
    pub(super) fn allows(self, value: f64, trials: f64) -> bool {
        match self {
            Self::Binomial => (0.0..=trials).contains(&value) && is_whole(value),
            Self::Poisson | Self::NegativeBinomial(_) => value >= 0.0 && is_whole(value),
            Self::Gaussian => value.is_finite(),
            Self::Tweedie(power) if power < 2.0 => value >= 0.0 && value.is_finite(),
            Self::Gamma | Self::InverseGaussian | Self::Tweedie(_) => {
                value > 0.0 && value.is_finite()
            }
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
            (Self::Poisson | Self::NegativeBinomial(_), _) => "a whole number ≥ 0".into(),
            (Self::Gaussian, _) => "a finite number".into(),
            (Self::Tweedie(power), _) if power < 2.0 => "a finite number ≥ 0".into(),
            (Self::Gamma | Self::InverseGaussian | Self::Tweedie(_), _) => {
                "a finite number > 0".into()
            }
        }
    }

    /// A mean near the response from which the first step starts (McCullagh & Nelder 1989, 2.5.1).
    pub(super) fn starting_mean(self, y: f64, trials: f64) -> f64 {
        match self {
            Self::Binomial => (y + 0.5) / (trials + 1.0),
            Self::Poisson | Self::NegativeBinomial(_) => y + 0.1,
            // A zero of a logarithm's gives way to the average.
            Self::Gaussian | Self::Gamma | Self::InverseGaussian | Self::Tweedie(_) => y,
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
            Self::InverseGaussian => {
                let relative = (y - mean) / mean;
                0.5 * relative * relative / y
            }
            Self::NegativeBinomial(shape) => {
                times_ratio(y, mean) - (y + shape) * ((y - mean) / (mean + shape)).ln_1p()
            }
            Self::Tweedie(power) => 0.5 * Tweedie { power }.unit_deviance(y, mean),
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
            Self::InverseGaussian => {
                engine::InverseGaussian.log_density(&[mean, dispersion.recip()], &[Datum::Known(y)])
            }
            Self::NegativeBinomial(shape) => {
                engine::NegativeBinomial2.log_density(&[mean, shape], &[Datum::Known(y)])
            }
            Self::Tweedie(power) => Tweedie { power }.log_density(y, mean, dispersion),
        }
    }
}

/// Is it a whole number under 2^63? (A conversion and back, where `fract` would be a call.)
fn is_whole(value: f64) -> bool {
    value as i64 as f64 == value
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NegativeBinomial(parameter) | Self::Tweedie(parameter) => {
                write!(f, "{}({parameter})", self.name())
            }
            family => f.write_str(family.name()),
        }
    }
}

/// The name before the parentheses, and what stands in them.
pub(super) fn split_argument(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    text.strip_suffix(')')
        .and_then(|text| text.split_once('('))
        .map_or((text, None), |(name, argument)| {
            (name.trim(), Some(argument.trim()))
        })
}

impl FromStr for Family {
    type Err = FamilyError;

    fn from_str(text: &str) -> Result<Self, FamilyError> {
        let (name, argument) = split_argument(text);
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        if let Some(family) = Self::ALL.into_iter().find(|family| is(family.name())) {
            return match argument {
                None => Ok(family),
                Some(_) => Err(FamilyError::NoParameter {
                    name: family.name(),
                    text: text.into(),
                }),
            };
        }
        let number = argument.and_then(|argument| argument.parse().ok());
        if is("negative-binomial") {
            number
                .and_then(|shape| Self::NegativeBinomial(shape).checked().ok())
                .ok_or_else(|| FamilyError::Shape { text: text.into() })
        } else if is("tweedie") {
            number
                .and_then(|power| Self::Tweedie(power).checked().ok())
                .ok_or_else(|| FamilyError::Power { text: text.into() })
        } else {
            Err(FamilyError::Unknown { name: text.into() })
        }
    }
}
