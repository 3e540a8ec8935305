//! Coordinates: other names for the same distributions, with exact Jacobians.
//!
//! Information is a metric: under θ = θ(φ) it becomes \\(J^\top I J\\) with J = ∂θ/∂φ. A map is
//! written once over dual numbers, both ways; its Jacobian follows.

mod elementwise;
pub mod link;
mod reparameterised;
mod unconstrained;

pub use elementwise::{Elementwise, Scalar};
pub use reparameterised::Reparameterised;
pub(crate) use unconstrained::unconstrained;

use crate::dual::Dual;
use crate::information::{Information, InformationError};
use faer::Mat;
use num_dual::{Dual64, HyperDual64};
use std::fmt::Debug;
use std::sync::Arc;

/// An invertible, differentiable map θ ↦ φ and its inverse.
///
/// ```
/// use fisherinfo::coordinates::{CoordinateMap, Coordinates};
/// use fisherinfo::dual::Dual;
///
/// /// A waiting time by its half-life instead of its rate.
/// #[derive(Debug)]
/// struct HalfLife;
///
/// impl CoordinateMap for HalfLife {
///     fn name(&self) -> String {
///         "half-life".into()
///     }
///     fn names(&self, _: &[String]) -> Vec<String> {
///         vec!["half_life".into()]
///     }
///     fn forward<D: Dual>(&self, theta: &[D]) -> Vec<D> {
///         vec![theta[0].recip() * std::f64::consts::LN_2]
///     }
///     fn inverse<D: Dual>(&self, phi: &[D]) -> Vec<D> {
///         vec![phi[0].recip() * std::f64::consts::LN_2]
///     }
/// }
///
/// let half_life = Coordinates::new(HalfLife);
/// let jacobian = half_life.jacobian(&half_life.forward(&[0.5]));
/// assert!((jacobian[(0, 0)] + 0.25 / std::f64::consts::LN_2).abs() < 1e-15);
/// ```
pub trait CoordinateMap: Debug + Send + Sync + 'static {
    /// The name of the coordinates.
    fn name(&self) -> String;

    /// Names of the new parameters, from those of the old.
    fn names(&self, base: &[String]) -> Vec<String>;

    /// φ(θ).
    fn forward<D: Dual>(&self, theta: &[D]) -> Vec<D>;

    /// θ(φ).
    fn inverse<D: Dual>(&self, phi: &[D]) -> Vec<D>;
}

/// The same without generics, so that maps can be kept in one list.
trait ErasedMap: Debug + Send + Sync {
    fn name(&self) -> String;
    fn names(&self, base: &[String]) -> Vec<String>;
    fn forward(&self, theta: &[f64]) -> Vec<f64>;
    fn inverse(&self, phi: &[f64]) -> Vec<f64>;
    fn inverse_slope(&self, phi: &[Dual64]) -> Vec<Dual64>;
    fn inverse_curvature(&self, phi: &[HyperDual64]) -> Vec<HyperDual64>;
}

impl<M: CoordinateMap> ErasedMap for M {
    fn name(&self) -> String {
        CoordinateMap::name(self)
    }
    fn names(&self, base: &[String]) -> Vec<String> {
        CoordinateMap::names(self, base)
    }
    fn forward(&self, theta: &[f64]) -> Vec<f64> {
        CoordinateMap::forward(self, theta)
    }
    fn inverse(&self, phi: &[f64]) -> Vec<f64> {
        CoordinateMap::inverse(self, phi)
    }
    fn inverse_slope(&self, phi: &[Dual64]) -> Vec<Dual64> {
        CoordinateMap::inverse(self, phi)
    }
    fn inverse_curvature(&self, phi: &[HyperDual64]) -> Vec<HyperDual64> {
        CoordinateMap::inverse(self, phi)
    }
}

/// A coordinate system of a family: any [`CoordinateMap`], boxed.
#[derive(Clone, Debug)]
pub struct Coordinates(Arc<dyn ErasedMap>);

impl Coordinates {
    /// Boxes a map.
    pub fn new(map: impl CoordinateMap) -> Self {
        Self(Arc::new(map))
    }

    /// The name of the coordinates.
    pub fn name(&self) -> String {
        self.0.name()
    }

    /// Names of the parameters in these coordinates, from the family's own.
    pub fn names(&self, base: &[String]) -> Vec<String> {
        self.0.names(base)
    }

    /// φ(θ).
    pub fn forward(&self, theta: &[f64]) -> Vec<f64> {
        self.0.forward(theta)
    }

    /// θ(φ).
    pub fn inverse(&self, phi: &[f64]) -> Vec<f64> {
        self.0.inverse(phi)
    }

    /// J = ∂θ/∂φ at φ, k × k, by dual numbers.
    pub fn jacobian(&self, phi: &[f64]) -> Mat<f64> {
        let size = phi.len();
        let mut lifted: Vec<Dual64> = phi.iter().copied().map(Dual64::from).collect();
        let mut jacobian = Mat::zeros(size, size);
        for column in 0..size {
            lifted[column].eps = 1.0;
            for (row, value) in self.0.inverse_slope(&lifted).iter().enumerate() {
                jacobian[(row, column)] = value.eps;
            }
            lifted[column].eps = 0.0;
        }
        jacobian
    }

    /// How J = ∂θ/∂φ changes along a direction: Σ_b uᵇ ∂²θ/∂φ∂φᵇ at φ, k × k, by hyper-dual numbers.
    ///
    /// ```
    /// use fisherinfo::coordinates::{Elementwise, Scalar};
    /// // θ = e^φ: θ″·u = e^φ·u.
    /// let log = Elementwise::coordinates("log", &[Scalar::Log]);
    /// assert!((log.jacobian_along(&[0.5], &[2.0])[(0, 0)] - 2.0 * 0.5f64.exp()).abs() < 1e-15);
    /// ```
    pub fn jacobian_along(&self, phi: &[f64], direction: &[f64]) -> Mat<f64> {
        let size = phi.len();
        let mut lifted: Vec<HyperDual64> = phi
            .iter()
            .zip(direction)
            .map(|(value, along)| HyperDual64::new(*value, 0.0, *along, 0.0))
            .collect();
        let mut change = Mat::zeros(size, size);
        for column in 0..size {
            lifted[column].eps1 = 1.0;
            for (row, value) in self.0.inverse_curvature(&lifted).iter().enumerate() {
                change[(row, column)] = value.eps1eps2;
            }
            lifted[column].eps1 = 0.0;
        }
        change
    }

    /// An information at θ, moved into these coordinates.
    ///
    /// # Errors
    /// When the information does not know its point, or the Jacobian is not finite there.
    pub fn apply(&self, information: &Information) -> Result<Information, InformationError> {
        let Some(theta) = information.point() else {
            return Err(InformationError::Length {
                expected: information.dimension(),
                found: 0,
            });
        };
        let phi = self.forward(theta);
        information
            .reparameterised(
                self.jacobian(&phi).as_ref(),
                &self.names(information.parameters()),
                &self.name(),
            )?
            .at(&phi)
    }
}
