//! Links: the coordinates in which the mean of a regression is linear.
//!
//! A link g takes a mean μ to the linear predictor η = g(μ). It is a change of coordinates like
//! any other, so that the information about η is the information about μ times (dμ/dη)².
//!
//! | link | η | μ |
//! |---|---|---|
//! | identity | μ | η |
//! | log | ln μ | e^η |
//! | logit | ln(μ / (1−μ)) | 1 / (1 + e^−η) |
//! | probit | Φ⁻¹(μ) | Φ(η) |
//! | cloglog | ln(−ln(1−μ)) | 1 − exp(−e^η) |
//! | cauchit | tan(π(μ − ½)) | ½ + arctan(η)/π |
//! | inverse | 1/μ | 1/η |
//! | inverse-squared | 1/μ² | η^−½, η > 0 |
//! | sqrt | √μ | η², η ≥ 0 |
//! | power(p) | μᵖ | η^(1/p), η ≥ 0 |
//!
//! A predictor outside the values that a link has (η < 0 under a root or a power) gives no mean: NaN.
//!
//! Source: McCullagh & Nelder, Generalized Linear Models (1989), 2.2.3 and 4.3.1; for the cauchit
//! Koenker & Yoon, Parametric links for binary choice models, J. Econometrics 152 (2009).

use crate::dual::Dual;
use crate::special::{logistic, normal_cdf, normal_quantile, taylor};
use std::{f64::consts::PI, fmt, str::FromStr};
use thiserror::Error;

/// The link between the mean of a response and its linear predictor.
///
/// ```
/// use fisherinfo::coordinates::link::Link;
/// use num_dual::Dual64;
///
/// let link: Link = "cloglog".parse()?;
/// let predictor = Dual64::new(0.5, 1.0);
/// // The closed form of dμ/dη is the derivative that the dual number carries.
/// let mean = link.mean(predictor);
/// assert!((mean.eps - link.mean_derivative(0.5)).abs() < 1e-15);
/// assert!((link.predictor(mean.re) - 0.5).abs() < 1e-15);
///
/// // A power that has a name of its own is that link.
/// assert_eq!("power(0.5)".parse::<Link>()?, Link::Sqrt);
/// assert_eq!("power(-0.5)".parse::<Link>()?.mean(2.0), 0.25);
/// # Ok::<(), fisherinfo::coordinates::link::LinkError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Link {
    /// η = μ.
    Identity,
    /// η = ln μ.
    Log,
    /// η = ln(μ / (1 − μ)).
    Logit,
    /// η = Φ⁻¹(μ), with Φ the distribution function of the standard normal.
    Probit,
    /// η = ln(−ln(1 − μ)), the complementary log-log.
    Cloglog,
    /// η = tan(π(μ − ½)), the quantiles of the Cauchy distribution.
    Cauchit,
    /// η = 1/μ.
    Inverse,
    /// η = 1/μ².
    InverseSquared,
    /// η = √μ.
    Sqrt,
    /// η = μᵖ; [`Link::power`] makes it.
    Power(f64),
}

/// A text that names no link.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum LinkError {
    /// A name that is no link's.
    #[error("there is no link «{name}»; the links are {}", Link::names().join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// `power` without a usable exponent.
    #[error(
        "«{text}» is no exponent of a power link: write power(p) with a finite number p other than 0, as power(0.25); the limit p = 0 is the log link"
    )]
    Exponent {
        /// What was given.
        text: String,
    },
}

impl Link {
    /// Every link without a parameter.
    pub const ALL: [Self; 9] = [
        Self::Identity,
        Self::Log,
        Self::Logit,
        Self::Probit,
        Self::Cloglog,
        Self::Cauchit,
        Self::Inverse,
        Self::InverseSquared,
        Self::Sqrt,
    ];

    /// η = μᵖ. The powers 1, ½, −1 and −2 are the links that have a name.
    ///
    /// # Errors
    /// An exponent that is zero or not finite.
    pub fn power(exponent: f64) -> Result<Self, LinkError> {
        if exponent == 0.0 || !exponent.is_finite() || !exponent.recip().is_finite() {
            return Err(LinkError::Exponent {
                text: exponent.to_string(),
            });
        }
        let named = [
            (1.0, Self::Identity),
            (0.5, Self::Sqrt),
            (-1.0, Self::Inverse),
            (-2.0, Self::InverseSquared),
        ];
        Ok(named
            .into_iter()
            .find(|(known, _)| *known == exponent)
            .map_or(Self::Power(exponent), |(_, link)| link))
    }

    /// The name that it is parsed from and shown as, without the exponent of a power.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Log => "log",
            Self::Logit => "logit",
            Self::Probit => "probit",
            Self::Cloglog => "cloglog",
            Self::Cauchit => "cauchit",
            Self::Inverse => "inverse",
            Self::InverseSquared => "inverse-squared",
            Self::Sqrt => "sqrt",
            Self::Power(_) => "power",
        }
    }

    /// The names of all links, as they are typed.
    pub fn names() -> Vec<&'static str> {
        let mut names = Self::ALL.map(Self::name).to_vec();
        names.push("power(p)");
        names
    }

    /// Does every predictor give a mean in (0, 1)?
    pub fn is_into_unit_interval(self) -> bool {
        matches!(
            self,
            Self::Logit | Self::Probit | Self::Cloglog | Self::Cauchit
        )
    }

    /// η = g(μ). A mean outside the link's domain gives NaN or ±∞.
    pub fn predictor<D: Dual>(self, mean: D) -> D {
        match self {
            Self::Identity => mean,
            Self::Log => mean.ln(),
            Self::Logit => mean.ln() - (-mean).ln_1p(),
            Self::Probit => normal_quantile(mean),
            Self::Cloglog => (-(-mean).ln_1p()).ln(),
            Self::Cauchit => cauchy_quantile(mean),
            Self::Inverse => mean.recip(),
            Self::InverseSquared => (mean * mean).recip(),
            Self::Sqrt => mean.sqrt(),
            Self::Power(p) => power(mean, p),
        }
    }

    /// μ = g⁻¹(η).
    pub fn mean<D: Dual>(self, predictor: D) -> D {
        match self {
            Self::Identity => predictor,
            Self::Log => predictor.exp(),
            Self::Logit => logistic(predictor),
            Self::Probit => normal_cdf(predictor),
            Self::Cloglog => -(-predictor.exp()).exp_m1(),
            Self::Cauchit => cauchy_cdf(predictor),
            Self::Inverse => predictor.recip(),
            Self::InverseSquared => predictor.sqrt().recip(),
            Self::Sqrt => not_negative(predictor, |eta| eta * eta),
            Self::Power(p) => not_negative(predictor, |eta| power(eta, p.recip())),
        }
    }

    /// 1 − μ, without cancellation where the link is into (0, 1).
    ///
    /// ```
    /// use fisherinfo::coordinates::link::Link;
    /// assert_eq!(1.0 - Link::Logit.mean(40.0), 0.0);
    /// assert!((Link::Logit.complement(40.0) / (-40.0_f64).exp() - 1.0).abs() < 1e-15);
    /// ```
    pub fn complement<D: Dual>(self, predictor: D) -> D {
        match self {
            Self::Logit => logistic(-predictor),
            Self::Probit => normal_cdf(-predictor),
            Self::Cloglog => (-predictor.exp()).exp(),
            Self::Cauchit => cauchy_cdf(-predictor),
            Self::Log => -predictor.exp_m1(),
            Self::Identity | Self::Inverse | Self::InverseSquared | Self::Sqrt | Self::Power(_) => {
                -self.mean(predictor) + 1.0
            }
        }
    }

    /// dμ/dη in closed form.
    pub fn mean_derivative<D: Dual>(self, predictor: D) -> D {
        match self {
            Self::Identity => D::one(),
            Self::Log => predictor.exp(),
            Self::Logit => logistic(predictor) * logistic(-predictor),
            Self::Probit => normal_density(predictor),
            // e^η·exp(−e^η) as one exponential: the first factor alone overflows.
            Self::Cloglog => (predictor - predictor.exp()).exp(),
            // 1/(1 + η²) from whichever of η and 1/η has a square.
            Self::Cauchit if predictor.re().abs() > 1.0 => {
                let small = predictor.recip();
                let square = small * small;
                square / (square + 1.0) / PI
            }
            Self::Cauchit => (predictor * predictor + 1.0).recip() / PI,
            Self::Inverse => -(predictor * predictor).recip(),
            Self::InverseSquared => (predictor.sqrt() * predictor).recip() * -0.5,
            Self::Sqrt => not_negative(predictor, |eta| eta * 2.0),
            Self::Power(p) => not_negative(predictor, |eta| {
                let inverse = p.recip();
                power(eta, inverse - 1.0) * inverse
            }),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Power(exponent) => write!(f, "power({exponent})"),
            named => f.write_str(named.name()),
        }
    }
}

impl FromStr for Link {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, LinkError> {
        let lower = text.trim().to_ascii_lowercase();
        if let Some(link) = Self::ALL.into_iter().find(|link| link.name() == lower) {
            return Ok(link);
        }
        let Some(argument) = lower.strip_prefix("power") else {
            return Err(LinkError::Unknown { name: text.into() });
        };
        argument
            .trim()
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
            .and_then(|number| number.trim().parse().ok())
            .ok_or_else(|| LinkError::Exponent { text: text.into() })
            .and_then(Self::power)
    }
}

/// ½ + arctan(x)/π, without cancellation far out on either side.
fn cauchy_cdf<D: Dual>(x: D) -> D {
    if x.re() < -1.0 {
        -x.recip().atan() / PI
    } else if x.re() > 1.0 {
        -(x.recip().atan() / PI) + 1.0
    } else {
        x.atan() / PI + 0.5
    }
}

/// tan(π(p − ½)) from the nearest of 0, ½ and 1.
fn cauchy_quantile<D: Dual>(p: D) -> D {
    let value = p.re();
    if !(0.0..=1.0).contains(&value) {
        D::from(f64::NAN)
    } else if value < 0.25 {
        -(p * PI).tan().recip()
    } else if value > 0.75 {
        ((-p + 1.0) * PI).tan().recip()
    } else {
        ((p - 0.5) * PI).tan()
    }
}

/// xᵖ, each Taylor coefficient from a power of its own: a product of powers would round more.
fn power<D: Dual>(x: D, p: f64) -> D {
    taylor(x, |x, c| {
        let mut binomial = 1.0;
        for (k, c) in c.iter_mut().enumerate() {
            let k = k as f64;
            *c = if binomial == 0.0 {
                0.0
            } else {
                binomial * x.powf(p - k)
            };
            binomial *= (p - k) / (k + 1.0);
        }
    })
}

/// A function of numbers that are not negative; NaN of those that are.
fn not_negative<D: Dual>(x: D, of: impl Fn(D) -> D) -> D {
    if x.re() >= 0.0 {
        of(x)
    } else {
        D::from(f64::NAN)
    }
}

/// φ(x), the density of the standard normal.
fn normal_density<D: Dual>(x: D) -> D {
    (x * x * -0.5).exp() / std::f64::consts::TAU.sqrt()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Link, LinkError};
    use num_dual::{Dual64, DualStruct, HyperHyperDual64};
    use proptest::prelude::*;

    /// Predictors that give a mean in (0, 1) under every link.
    fn predictors(link: Link) -> std::ops::Range<f64> {
        match link {
            Link::Identity => 1e-3..0.999,
            Link::Log => -6.0..-1e-3,
            Link::Logit => -30.0..30.0,
            Link::Probit => -8.0..5.0,
            Link::Cloglog => -20.0..2.5,
            Link::Cauchit => -1e6..1e6,
            Link::Inverse | Link::InverseSquared => 1.001..50.0,
            Link::Sqrt => 1e-3..0.999,
            Link::Power(p) if p > 0.0 => 1e-3..0.999,
            Link::Power(_) => 1.001..50.0,
        }
    }

    fn every_link() -> Vec<Link> {
        let powers = [3.0, 0.3, -0.5, -1.75].map(|p| Link::power(p).unwrap());
        Link::ALL.into_iter().chain(powers).collect()
    }

    fn close(a: f64, b: f64, tolerance: f64) -> bool {
        (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1e-300)
    }

    proptest! {
        #[test]
        fn derivative_is_what_dual_numbers_say(part in 0.0..1.0_f64) {
            for link in every_link() {
                let range = predictors(link);
                let eta = range.start + part * (range.end - range.start);
                let slope = link.mean(Dual64::new(eta, 1.0)).eps;
                prop_assert!(close(slope, link.mean_derivative(eta), 1e-13), "{link} {eta}");
                let fall = link.complement(Dual64::new(eta, 1.0)).eps;
                prop_assert!(close(-fall, slope, 1e-12), "{link} {eta}: {fall} {slope}");
                // Third derivative of the mean = second derivative of its derivative.
                let x = HyperHyperDual64::new(eta, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0);
                let third = link.mean(x).eps1eps2eps3;
                let second = link.mean_derivative(x).eps1eps2;
                prop_assert!((third - second).abs() <= 1e-10 * (slope.abs() + third.abs()), "{link} {eta}: {third} {second}");
            }
        }

        #[test]
        fn predictor_inverts_the_mean(part in 0.0..1.0_f64) {
            for link in every_link() {
                let range = predictors(link);
                let eta = range.start + part * (range.end - range.start);
                let mean = link.mean(Dual64::new(eta, 1.0));
                let back = link.predictor(mean);
                // A mean near one keeps no digits of the predictor.
                let lost = f64::EPSILON / link.complement(eta).min(1.0);
                let tolerance = 1e-12 * (1.0 + eta.abs()) + 8.0 * lost / link.mean_derivative(eta).abs();
                if lost < 1e-6 {
                    prop_assert!((back.re - eta).abs() <= tolerance, "{link} {eta} {}", back.re);
                    prop_assert!((back.eps - 1.0).abs() <= 1e-5, "{link} {eta} {}", back.eps);
                }
                if link.is_into_unit_interval() || mean.re < 1.0 {
                    prop_assert!(close(mean.re() + link.complement(eta), 1.0, 4e-16));
                }
            }
        }
    }

    #[test]
    fn tails_keep_their_digits() {
        // Φ(−10) = 7.619853024160526e-24, Φ⁻¹(1e-20) = −9.262340089798408 (to 16 digits).
        assert!(close(
            Link::Probit.complement(10.0),
            7.619_853_024_160_527e-24,
            1e-14
        ));
        assert!(close(
            Link::Probit.predictor(1e-20),
            -9.262_340_089_798_408,
            1e-15
        ));
        assert!(close(
            Link::Cloglog.complement(3.0),
            (-(3.0_f64.exp())).exp(),
            1e-15
        ));
        assert!(Link::Probit.predictor(0.5_f64).abs() < 1e-17);
    }

    /// At forty digits: ½ + arctan(−1e15)/π, and tan(π(10⁻¹⁸ − ½)).
    #[test]
    fn cauchit_keeps_its_digits_far_out() {
        let mean = 3.183_098_861_837_906_7e-16;
        assert!(close(Link::Cauchit.mean(-1e15), mean, 2e-16));
        assert!(close(Link::Cauchit.complement(1e15), mean, 2e-16));
        let far = -3.183_098_861_837_907e17;
        assert!(close(Link::Cauchit.predictor(1e-18), far, 4e-16));
        // dμ/dη = 1/π(1 + η²), whose square would overflow.
        let slope = Link::Cauchit.mean_derivative(Dual64::new(-1e200, 1.0));
        assert!(slope.re == 0.0 && slope.eps == 0.0);
        assert!(close(
            Link::Cauchit.mean_derivative(1e100),
            1e-200 / std::f64::consts::PI,
            1e-15
        ));
        assert!(Link::Cauchit.predictor(-0.1_f64).is_nan());
    }

    #[test]
    fn powers_have_no_mean_under_zero() {
        for link in [
            Link::Sqrt,
            Link::InverseSquared,
            Link::Power(0.25),
            Link::Power(-0.5),
        ] {
            assert!(link.mean(-0.5_f64).is_nan(), "{link}");
            // At zero only the direction decides: nothing, or infinity.
            let end = link.mean(0.0);
            assert!(end == 0.0 || end == f64::INFINITY, "{link} {end}");
        }
        assert!(close(Link::Power(0.25).mean(3.0), 81.0, 4e-16));
        assert!(close(Link::InverseSquared.mean(0.25), 2.0, 4e-16));
    }

    #[test]
    fn names_round_trip() {
        for link in every_link() {
            assert_eq!(link.to_string().parse::<Link>().unwrap(), link);
        }
        assert_eq!(" Power( 1 ) ".parse::<Link>().unwrap(), Link::Identity);
        assert_eq!("power(-2)".parse::<Link>().unwrap(), Link::InverseSquared);
        let error = "loglog".parse::<Link>().unwrap_err().to_string();
        assert!(
            error.contains("«loglog»") && error.contains("cauchit") && error.contains("power(p)")
        );
        for text in [
            "power",
            "power()",
            "power(0)",
            "power(nan)",
            "power(two)",
            "power(1e-310)",
        ] {
            let error = text.parse::<Link>().unwrap_err();
            assert!(matches!(error, LinkError::Exponent { .. }), "{text}");
            assert!(error.to_string().contains("log link"));
        }
    }
}
