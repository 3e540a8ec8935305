use super::{Canonical, MeanFamily};
use crate::coordinates::link::Link;
use crate::dual::Dual;
use crate::family::InverseGaussian;

/// The dispersion is one over the shape λ.
impl MeanFamily for InverseGaussian {
    fn variance<D: Dual>(&self, mean: D, _: D) -> D {
        mean * mean * mean
    }

    fn contains(&self, mean: f64) -> bool {
        mean > 0.0 && mean.is_finite()
    }

    fn canonical(&self) -> Option<Canonical> {
        Canonical::new(Link::InverseSquared, -0.5)
    }

    fn variance_stabilising(&self) -> Option<Link> {
        Some(Link::Power(-0.5))
    }

    fn log_kernel<D: Dual>(&self, y: f64, mean: D, _: D) -> D {
        let rate = mean.recip();
        rate * (rate * (-0.5 * y) + 1.0)
    }
}
