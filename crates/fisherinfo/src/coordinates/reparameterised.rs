use super::CoordinateMap;
use crate::dual::{Datum, Dual};
use crate::family::{Family, Irregularity, Parameter, ParameterSpace, SamplingError, Support};
use rand::Rng;

/// A family seen in other coordinates, as a family of its own.
///
/// Its log-density is that of the base at θ(φ), so its score and information come out by the
/// chain rule inside the dual numbers: an independent route to \\(J^\top I J\\).
///
/// ```
/// use fisherinfo::coordinates::{Elementwise, Reparameterised, Scalar};
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::Bernoulli;
///
/// let logit = Reparameterised::new(Bernoulli, Elementwise::new("logit", &[Scalar::Logit]));
/// let information = expected_information(&logit, &[-(3f64.ln())], Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - 0.25 * 0.75).abs() < 1e-14);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Debug)]
pub struct Reparameterised<F, M> {
    base: F,
    map: std::sync::Arc<M>,
}

impl<F: Clone, M> Clone for Reparameterised<F, M> {
    fn clone(&self) -> Self {
        Self {
            base: self.base.clone(),
            map: self.map.clone(),
        }
    }
}

impl<F: Family, M: CoordinateMap> Reparameterised<F, M> {
    /// `base` in the coordinates of `map`.
    pub fn new(base: F, map: M) -> Self {
        Self {
            base,
            map: std::sync::Arc::new(map),
        }
    }
}

impl<F: Family, M: CoordinateMap> Family for Reparameterised<F, M> {
    fn name(&self) -> String {
        format!("{} in {} coordinates", self.base.name(), self.map.name())
    }

    /// The new parameters are taken as free: the range of φ is that of the map.
    fn space(&self) -> ParameterSpace {
        let names = self.map.names(&self.base.space().names());
        ParameterSpace::product(names.into_iter().map(Parameter::real).collect())
    }

    fn support(&self, phi: &[f64]) -> Support {
        self.base.support(&self.map.inverse(phi))
    }

    fn log_density<D: Dual>(&self, phi: &[D], x: &[Datum<D>]) -> D {
        self.base.log_density(&self.map.inverse(phi), x)
    }

    fn sample(&self, phi: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        self.base.sample(&self.map.inverse(phi), rng, x)
    }

    fn kinks<D: Dual>(&self, phi: &[D]) -> Vec<D> {
        self.base.kinks(&self.map.inverse(phi))
    }

    /// With the numbers of the base, in its own coordinates.
    fn known_irregularity(&self, phi: &[f64]) -> Option<Irregularity> {
        self.base.known_irregularity(&self.map.inverse(phi))
    }

    fn landmarks(&self, phi: &[f64]) -> Vec<Vec<f64>> {
        self.base.landmarks(&self.map.inverse(phi))
    }

    fn normal_frame(&self, phi: &[f64]) -> Option<(Vec<f64>, faer::Mat<f64>)> {
        self.base.normal_frame(&self.map.inverse(phi))
    }
}
