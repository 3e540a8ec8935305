use super::{Canonical, MeanFamily};
use crate::coordinates::link::Link;
use crate::dual::Dual;

/// Overdispersed counts with a shape k that is known: variance μ + μ²/k.
///
/// The same distribution as [`NegativeBinomial2`](crate::family::NegativeBinomial2), at a k that is
/// not estimated; as k grows it becomes Poisson. With k unknown it is no exponential family, but the
/// information of the mean stays apart from that of k. R's `MASS` calls k θ; 1/k is the α of
/// statsmodels. Source: Lawless, Negative binomial and mixed Poisson regression, Canadian J.
/// Statistics 15 (1987).
///
/// ```
/// use fisherinfo::family::mean::{MeanFamily, NegativeBinomialKnownShape};
/// let counts = NegativeBinomialKnownShape { shape: 2.0 };
/// // μ + μ²/k = 4 + 8.
/// assert_eq!(counts.variance(4.0, -3.0), 12.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NegativeBinomialKnownShape {
    /// k > 0.
    pub shape: f64,
}

impl MeanFamily for NegativeBinomialKnownShape {
    fn variance<D: Dual>(&self, mean: D, _: D) -> D {
        mean * (mean / self.shape + 1.0)
    }

    fn contains(&self, mean: f64) -> bool {
        mean >= 0.0 && mean.is_finite()
    }

    /// The natural parameter ln(μ/(μ + k)) is the logarithm of a probability: no usual link.
    fn canonical(&self) -> Option<Canonical> {
        None
    }

    fn variance_stabilising(&self) -> Option<Link> {
        None
    }

    fn log_kernel<D: Dual>(&self, y: f64, mean: D, _: D) -> D {
        let none = -(mean / self.shape).ln_1p() * self.shape;
        if y == 0.0 {
            none
        } else {
            none - (mean.recip() * self.shape).ln_1p() * y
        }
    }
}
