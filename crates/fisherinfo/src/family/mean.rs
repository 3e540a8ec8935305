//! Families seen through their mean: all that a regression needs of them.
//!
//! An exponential-dispersion family with mean μ has the variance φV(μ), with a dispersion φ and a
//! *unit variance function* V. The information of one observation about its mean is then
//! F = 1 / (φV(μ)), and its score is F·(y − μ): nothing else about the family enters the
//! information of a regression, which is Σ xᵢ (dμ/dη)² F xᵢᵀ.
//!
//! Source: McCullagh & Nelder, Generalized Linear Models (1989), 2.2.2 and table 2.1.

mod inverse_gaussian;
mod negative_binomial;
mod tweedie;

pub use negative_binomial::NegativeBinomialKnownShape;
pub use tweedie::Tweedie;

use super::{Bernoulli, Gamma, Normal, Poisson};
use crate::{coordinates::link::Link, dual::Dual};

/// A family of distributions through its mean, at dispersion φ = 1.
///
/// The mean comes with its complement 1 − μ, since a family on (0, 1) needs both to full precision.
///
/// ```
/// use fisherinfo::family::{Bernoulli, mean::MeanFamily};
/// // A coin that nearly always shows heads: F = 1/(p(1−p)) from the complement, not from 1 − p.
/// assert_eq!(Bernoulli.information(1.0, 1e-20), 1e20);
/// // The score of a tail at p = 0.25 is −1/(1−p).
/// assert_eq!(Bernoulli.score(0.0, 0.25, 0.75), -1.0 / 0.75);
/// ```
pub trait MeanFamily: Copy + Send + Sync {
    /// The unit variance function V(μ).
    fn variance<D: Dual>(&self, mean: D, complement: D) -> D;

    /// Is `mean` a mean that the family has?
    fn contains(&self, mean: f64) -> bool;

    /// The link whose predictor is the family's natural parameter up to its sign and scale, so
    /// that observed and expected information agree; none where [`Link`] has none.
    fn canonical(&self) -> Option<Canonical>;

    /// The link whose predictor has the same information everywhere, so that Jeffreys' prior is flat
    /// in it and its estimate has the same variance whatever the mean; none where [`Link`] has none.
    ///
    /// It is η = ∫V^(−½)dμ: the logarithm for the gamma family, the root for counts.
    ///
    /// Source: Bartlett, The use of transformations, Biometrics 3 (1947).
    ///
    /// ```
    /// use fisherinfo::{coordinates::link::Link, family::{Poisson, mean::MeanFamily}};
    /// let link = Poisson.variance_stabilising().unwrap();
    /// let slope: f64 = link.mean_derivative(3.0);
    /// assert_eq!(link, Link::Sqrt);
    /// // F·(dμ/dη)² is 4 at a mean of 9, as at any other.
    /// assert_eq!(Poisson.information(9.0, -8.0) * slope * slope, 4.0);
    /// ```
    fn variance_stabilising(&self) -> Option<Link>;

    /// ln f(y; μ) at φ = 1, without the terms that do not depend on μ.
    fn log_kernel<D: Dual>(&self, y: f64, mean: D, complement: D) -> D;

    /// y − μ, without cancellation where y is at an end of the family's mean space.
    fn residual<D: Dual>(&self, y: f64, mean: D, complement: D) -> D {
        let _ = complement;
        -mean + y
    }

    /// F = 1/V(μ): the Fisher information of one observation about its mean.
    fn information<D: Dual>(&self, mean: D, complement: D) -> D {
        self.variance(mean, complement).recip()
    }

    /// F·(y − μ): the score of one observation with respect to its mean.
    fn score<D: Dual>(&self, y: f64, mean: D, complement: D) -> D {
        self.information(mean, complement) * self.residual(y, mean, complement)
    }
}

/// A canonical link, in which dμ/dη is a multiple of the variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Canonical {
    /// The link.
    pub link: Link,
    /// c in dμ/dη = c·V(μ).
    pub slope: f64,
}

impl Canonical {
    const fn new(link: Link, slope: f64) -> Option<Self> {
        Some(Self { link, slope })
    }
}

/// y·ln μ, which is zero at y = 0 whatever the mean.
fn times_ln<D: Dual>(y: f64, mean: D) -> D {
    if y == 0.0 { D::zero() } else { mean.ln() * y }
}

/// A proportion of m trials counts as m observations.
impl MeanFamily for Bernoulli {
    fn variance<D: Dual>(&self, mean: D, complement: D) -> D {
        mean * complement
    }

    fn contains(&self, mean: f64) -> bool {
        (0.0..=1.0).contains(&mean)
    }

    fn canonical(&self) -> Option<Canonical> {
        Canonical::new(Link::Logit, 1.0)
    }

    fn variance_stabilising(&self) -> Option<Link> {
        None
    }

    fn log_kernel<D: Dual>(&self, y: f64, mean: D, complement: D) -> D {
        times_ln(y, mean) + times_ln(1.0 - y, complement)
    }

    fn residual<D: Dual>(&self, y: f64, mean: D, complement: D) -> D {
        complement * y - mean * (1.0 - y)
    }

    /// F·(y − μ) = y/μ − (1 − y)/(1 − μ), in which a part that is absent divides by nothing: a mean
    /// that has nearly rounded to one is then harmless beside a success.
    fn score<D: Dual>(&self, y: f64, mean: D, complement: D) -> D {
        let per = |count: f64, part: D| {
            if count == 0.0 {
                D::zero()
            } else {
                part.recip() * count
            }
        };
        per(y, mean) - per(1.0 - y, complement)
    }
}

impl MeanFamily for Poisson {
    fn variance<D: Dual>(&self, mean: D, _: D) -> D {
        mean
    }

    fn contains(&self, mean: f64) -> bool {
        mean >= 0.0 && mean.is_finite()
    }

    fn canonical(&self) -> Option<Canonical> {
        Canonical::new(Link::Log, 1.0)
    }

    fn variance_stabilising(&self) -> Option<Link> {
        Some(Link::Sqrt)
    }

    fn log_kernel<D: Dual>(&self, y: f64, mean: D, _: D) -> D {
        times_ln(y, mean) - mean
    }
}

/// The dispersion is the variance σ².
impl MeanFamily for Normal {
    fn variance<D: Dual>(&self, _: D, _: D) -> D {
        D::one()
    }

    fn contains(&self, mean: f64) -> bool {
        mean.is_finite()
    }

    fn canonical(&self) -> Option<Canonical> {
        Canonical::new(Link::Identity, 1.0)
    }

    fn variance_stabilising(&self) -> Option<Link> {
        Some(Link::Identity)
    }

    fn log_kernel<D: Dual>(&self, y: f64, mean: D, _: D) -> D {
        let residual = mean - y;
        residual * residual * -0.5
    }
}

/// The dispersion is one over the shape.
impl MeanFamily for Gamma {
    fn variance<D: Dual>(&self, mean: D, _: D) -> D {
        mean * mean
    }

    fn contains(&self, mean: f64) -> bool {
        mean > 0.0 && mean.is_finite()
    }

    fn canonical(&self) -> Option<Canonical> {
        Canonical::new(Link::Inverse, -1.0)
    }

    fn variance_stabilising(&self) -> Option<Link> {
        Some(Link::Log)
    }

    fn log_kernel<D: Dual>(&self, y: f64, mean: D, _: D) -> D {
        -(mean.recip() * y) - mean.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Bernoulli, Canonical, Gamma, MeanFamily, NegativeBinomialKnownShape, Normal, Poisson,
        Tweedie,
    };
    use crate::coordinates::link::Link;
    use crate::coordinates::{Elementwise, Reparameterised, Scalar};
    use crate::family::{Exponential, InverseGaussian, Model, NegativeBinomial2, NormalLocation};
    use num_dual::Dual64;
    use proptest::prelude::*;

    /// The same score and information as the engine's family in its mean, at dispersion one.
    fn same<F: MeanFamily>(
        family: F,
        model: &dyn Model,
        y: f64,
        mean: f64,
    ) -> Result<(), TestCaseError> {
        let (derived, closed) = (
            model.score(&[mean], &[y])[0],
            family.score(y, mean, 1.0 - mean),
        );
        prop_assert!(
            (derived - closed).abs() <= 1e-11 * (1.0 + closed.abs()),
            "{model:?}"
        );
        // The score is linear in y, so its mean slope is the slope at y = μ.
        let derived = model.observed_information(&[mean], &[mean])[(0, 0)];
        let information = family.information(mean, 1.0 - mean);
        let expected = model
            .closed_form_information(&[mean])
            .map_or(derived, |m| m[(0, 0)]);
        prop_assert!(
            (expected - information).abs() <= 1e-11 * information,
            "{model:?}"
        );
        Ok(())
    }

    /// The closed forms against the derivative of the log-density, and E[s²] = F by summation.
    fn check<F: MeanFamily>(family: F, y: f64, mean: f64) -> Result<(), TestCaseError> {
        let mu = Dual64::new(mean, 1.0);
        let derived = family.log_kernel(y, mu, -mu + 1.0).eps;
        let closed = family.score(y, mean, 1.0 - mean);
        prop_assert!(
            (derived - closed).abs() <= 1e-11 * (1.0 + closed.abs()),
            "{derived} {closed}"
        );
        // F = −E[∂s/∂μ], and s is linear in y, so the expectation is the value at y = μ.
        let slope = family.score(mean, mu, -mu + 1.0).eps;
        let information = family.information(mean, 1.0 - mean);
        prop_assert!((slope + information).abs() <= 1e-11 * information);
        if let Some(Canonical { link, slope }) = family.canonical() {
            let eta: f64 = link.predictor(mean);
            let scaled = slope * family.variance(mean, 1.0 - mean);
            prop_assert!((link.mean_derivative(eta) - scaled).abs() <= 1e-11 * scaled.abs());
        }
        if let Some(link) = family.variance_stabilising() {
            let about_predictor = |mean: f64| {
                let slope = link.mean_derivative(link.predictor(mean));
                family.information(mean, 1.0 - mean) * slope * slope
            };
            let (here, there) = (about_predictor(mean), about_predictor(1.0));
            prop_assert!(
                (here - there).abs() <= 1e-11 * there,
                "{link}: {here} {there}"
            );
        }
        Ok(())
    }

    #[test]
    fn variance_stabilising_links() {
        let cubed = Tweedie { power: 3.0 }.variance_stabilising();
        assert_eq!(cubed, InverseGaussian.variance_stabilising());
        assert_eq!(
            Tweedie { power: 2.0 }.variance_stabilising(),
            Some(Link::Log)
        );
        assert_eq!(Gamma.variance_stabilising(), Some(Link::Log));
        assert_eq!(Normal.variance_stabilising(), Some(Link::Identity));
        assert_eq!(Bernoulli.variance_stabilising(), None);
        assert_eq!(
            NegativeBinomialKnownShape { shape: 2.0 }.variance_stabilising(),
            None
        );
    }

    proptest! {
        #[test]
        fn score_is_the_derivative_of_the_log_density(p in 0.01..0.99_f64, k in 0..20_u32, y in 0.1..9.0_f64) {
            check(Bernoulli, 0.0, p)?;
            check(Bernoulli, 1.0, p)?;
            check(Bernoulli, 0.25, p)?;
            // The two ways of writing F·(y − μ).
            let product = Bernoulli.information(p, 1.0 - p) * Bernoulli.residual(0.25, p, 1.0 - p);
            prop_assert!((MeanFamily::score(&Bernoulli, 0.25, p, 1.0 - p) - product).abs() <= 1e-12 * (1.0 + product.abs()));
            check(Poisson, f64::from(k), 10.0 * p)?;
            check(Normal, y, 5.0 * p)?;
            check(Gamma, y, 5.0 * p)?;
            check(InverseGaussian, y, 5.0 * p)?;
            for shape in [0.05, 2.5, 1e6] {
                check(NegativeBinomialKnownShape { shape }, f64::from(k), 10.0 * p)?;
            }
            for power in [1.1, 1.5, 2.0, 2.7, 3.0] {
                check(Tweedie { power }, y, 5.0 * p)?;
                check(Tweedie { power }, 0.0, 5.0 * p)?;
            }
        }

        #[test]
        fn the_engines_families_agree(p in 0.01..0.99_f64, k in 0..20_u32, y in 0.1..9.0_f64) {
            same(Bernoulli, &Bernoulli, 0.0, p)?;
            same(Bernoulli, &Bernoulli, 1.0, p)?;
            same(Poisson, &Poisson, f64::from(k), 10.0 * p)?;
            same(Normal, &NormalLocation { sigma: 1.0 }, y, 5.0 * p)?;
            let waiting = Elementwise::new("mean", &[Scalar::Reciprocal]);
            same(Gamma, &Reparameterised::new(Exponential, waiting), y, 5.0 * p)?;
            // Of two parameters the first, the second held at its place.
            let of_mean = |model: &dyn Model, theta: [f64; 2], y: f64, found: (f64, f64)| {
                let score = model.score(&theta, &[y])[0];
                prop_assert!((score - found.0).abs() <= 1e-10 * (1.0 + score.abs()), "{model:?}");
                let information = model.closed_form_information(&theta).map(|m| m[(0, 0)]);
                prop_assert!(information.is_some_and(|i| (i - found.1).abs() <= 1e-11 * i), "{model:?}");
                Ok(())
            };
            let (mean, count) = (8.0 * p, f64::from(k));
            let both = |family: Tweedie| (family.score(y, mean, 1.0 - mean), family.information(mean, 1.0 - mean));
            of_mean(&InverseGaussian, [mean, 1.0], y, (
                MeanFamily::score(&InverseGaussian, y, mean, 1.0 - mean),
                InverseGaussian.information(mean, 1.0 - mean),
            ))?;
            of_mean(&InverseGaussian, [mean, 1.0], y, both(Tweedie { power: 3.0 }))?;
            let counts = NegativeBinomialKnownShape { shape: y };
            of_mean(&NegativeBinomial2, [mean, y], count, (
                counts.score(count, mean, 1.0 - mean),
                counts.information(mean, 1.0 - mean),
            ))?;
        }
    }
}
