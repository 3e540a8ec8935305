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
//! | inverse | 1/μ | 1/η |
//!
//! Source: McCullagh & Nelder, Generalized Linear Models (1989), 2.2.3 and 4.3.1.

use crate::dual::Dual;
use crate::special::{logistic, normal_cdf, normal_quantile};
use std::{fmt, str::FromStr};
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
/// # Ok::<(), fisherinfo::coordinates::link::UnknownLink>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// η = 1/μ.
    Inverse,
}

/// A name that is no link's.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("there is no link «{name}»; the links are {}", Link::names())]
pub struct UnknownLink {
    /// What was asked for.
    pub name: String,
}

impl Link {
    /// Every link.
    pub const ALL: [Self; 6] = [
        Self::Identity,
        Self::Log,
        Self::Logit,
        Self::Probit,
        Self::Cloglog,
        Self::Inverse,
    ];

    /// The name that it is parsed from and shown as.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Log => "log",
            Self::Logit => "logit",
            Self::Probit => "probit",
            Self::Cloglog => "cloglog",
            Self::Inverse => "inverse",
        }
    }

    fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    /// Does every predictor give a mean in (0, 1)?
    pub fn is_into_unit_interval(self) -> bool {
        matches!(self, Self::Logit | Self::Probit | Self::Cloglog)
    }

    /// η = g(μ). A mean outside the link's domain gives NaN or ±∞.
    pub fn predictor<D: Dual>(self, mean: D) -> D {
        match self {
            Self::Identity => mean,
            Self::Log => mean.ln(),
            Self::Logit => mean.ln() - (-mean).ln_1p(),
            Self::Probit => normal_quantile(mean),
            Self::Cloglog => (-(-mean).ln_1p()).ln(),
            Self::Inverse => mean.recip(),
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
            Self::Inverse => predictor.recip(),
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
            Self::Log => -predictor.exp_m1(),
            Self::Identity | Self::Inverse => -self.mean(predictor) + 1.0,
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
            Self::Inverse => -(predictor * predictor).recip(),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Link {
    type Err = UnknownLink;

    fn from_str(name: &str) -> Result<Self, UnknownLink> {
        Self::ALL
            .into_iter()
            .find(|link| link.name().eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| UnknownLink { name: name.into() })
    }
}

/// φ(x), the density of the standard normal.
fn normal_density<D: Dual>(x: D) -> D {
    (x * x * -0.5).exp() / std::f64::consts::TAU.sqrt()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Link;
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
            Link::Inverse => 1.001..50.0,
        }
    }

    fn close(a: f64, b: f64, tolerance: f64) -> bool {
        (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1e-300)
    }

    proptest! {
        #[test]
        fn derivative_is_what_dual_numbers_say(part in 0.0..1.0_f64) {
            for link in Link::ALL {
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
            for link in Link::ALL {
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
                if !matches!(link, Link::Log | Link::Identity | Link::Inverse) || mean.re < 1.0 {
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

    #[test]
    fn names_round_trip() {
        for link in Link::ALL {
            assert_eq!(link.to_string().parse::<Link>().unwrap(), link);
        }
        let error = "cauchit".parse::<Link>().unwrap_err().to_string();
        assert!(error.contains("«cauchit»") && error.contains("cloglog"));
    }
}
