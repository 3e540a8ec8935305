//! Geometry: the Fisher information as a metric, its shortest paths, their lengths and its curvature.
//!
//! The information I(θ) measures a small step as \\(ds^2 = d\theta^\top I\,d\theta\\), the same in all
//! coordinates; twice the Kullback–Leibler divergence of near points is ds² up to terms of third
//! order. The *Fisher–Rao distance* of two points is the length of the shortest path between them.
//! Source: C. R. Rao, Bull. Calcutta Math. Soc. 37 (1945).
//!
//! | family | distance |
//! |---|---|
//! | Bernoulli, binomial(n) | 2√n·abs(Δ asin √p) |
//! | geometric, negative binomial (r known) | 2√r·abs(Δ artanh √(1−p)) |
//! | Poisson | 2·abs(Δ√λ) |
//! | a scale θ with information c/θ²: exponential and Pareto 1, Rayleigh 4, Maxwell 6, half-normal 2, Lévy ½ | √c·abs(Δ ln θ) |
//! | normal, log-normal (μ, σ) | √2·arcosh(1 + (Δμ²/2 + Δσ²)/(2σ₁σ₂)) |
//! | Laplace, logistic, Cauchy, Student (ν known), Gumbel; Weibull, log-logistic, inverse Gaussian in functions of their parameters | [`location_scale_distance`] |
//! | categorical, multinomial(n) | 2√n·arccos Σ√(pᵢqᵢ) |
//! | multivariate normal, known covariance | √(Δμᵀ Σ⁻¹ Δμ) |
//! | multivariate normal, equal means | √(½ Σ ln² λᵢ), λ the eigenvalues of Σ₁⁻¹Σ₂ |
//! | von Mises, the same or the opposite direction | ∫√A′(κ)dκ along the radii |
//! | Wishart (ν known) | √(½ν Σ ln² λᵢ), λ the eigenvalues of V₁⁻¹V₂ |
//!
//! A family says its own formula in [`Family::closed_form_geodesic`](crate::family::Family::closed_form_geodesic).
//! Everywhere else, and beside every formula as a check, there is the numeric route: the path of least
//! energy among piecewise polynomials in coordinates that open the parameter space to ℝᵏ, with the
//! metric, its derivatives and its curvature from moments of the score and of ∂² log f.
//!
//! ```
//! use fisherinfo::family::Normal;
//! use fisherinfo::geometry::{GeodesicMethod, geodesic};
//!
//! let (from, to) = ([0.0, 1.0], [2.0, 3.0]);
//! let closed = geodesic(&Normal, &from, &to, GeodesicMethod::ClosedForm)?;
//! assert!((closed.length() - 2f64.sqrt() * 2f64.acosh()).abs() < 1e-14);
//! let numeric = geodesic(&Normal, &from, &to, GeodesicMethod::Numeric)?;
//! assert!((closed.length() - numeric.length()).abs() <= numeric.error());
//! // Half-way on the half-circle, by either route.
//! assert!((closed.at(0.5)[1] - numeric.at(0.5)[1]).abs() < 1e-6);
//! # Ok::<(), fisherinfo::geometry::GeometryError>(())
//! ```

mod basis;
mod curvature;
mod error;
mod metric;
mod moments;
mod relaxation;

pub use crate::family::location_scale_distance;
pub use curvature::{ScalarCurvature, scalar_curvature};
pub use error::GeometryError;

use crate::coordinates::Coordinates;
use crate::family::{ClosedGeodesic, Model};
use metric::Metric;
use relaxation::{PiecewisePath, relax};
use std::fmt;

/// How a geodesic is to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum GeodesicMethod {
    /// The formula where there is one, else the numeric route.
    #[default]
    Automatic,
    /// The formula, or an error.
    ClosedForm,
    /// The path of least energy.
    Numeric,
}

/// How a geodesic was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeodesicRoute {
    /// A formula.
    ClosedForm,
    /// The path of least energy.
    Relaxation {
        /// Panels of the path.
        panels: usize,
        /// Newton steps.
        steps: usize,
    },
}

impl fmt::Display for GeodesicRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClosedForm => f.write_str("closed form"),
            Self::Relaxation { panels, steps } => {
                let s = |n: usize| if n == 1 { "" } else { "s" };
                write!(
                    f,
                    "path of least energy ({panels} panel{}, {steps} Newton step{})",
                    s(*panels),
                    s(*steps)
                )
            }
        }
    }
}

/// A shortest path between two points, run through at constant speed, and its length.
///
/// The numeric route follows the straight line in the opened coordinates down to the nearest path
/// of least energy. Where the curvature is positive and the points are far apart there may be
/// a shorter one elsewhere; no family of the catalogue is known to have such points.
#[derive(Debug)]
pub struct Geodesic {
    ends: [Vec<f64>; 2],
    length: f64,
    error: f64,
    route: GeodesicRoute,
    path: Path,
}

#[derive(Debug)]
enum Path {
    Closed(ClosedGeodesic),
    Numeric(PiecewisePath, Coordinates),
    /// Both ends are one point.
    Still,
}

impl Geodesic {
    /// The Fisher–Rao distance of its ends; free of units.
    pub fn length(&self) -> f64 {
        self.length
    }

    /// The absolute error of the length: rounding of a formula; on the numeric route the change at
    /// the last refinement with what should follow it, and the error of the metric.
    pub fn error(&self) -> f64 {
        self.error
    }

    /// How it was found.
    pub fn route(&self) -> GeodesicRoute {
        self.route
    }

    /// What should be known about the path, a sentence.
    pub fn note(&self) -> Option<&'static str> {
        match &self.path {
            Path::Closed(path) => path.note(),
            _ => None,
        }
    }

    /// θ at the fraction t of the way, 0 ≤ t ≤ 1 (t is clamped to that).
    pub fn at(&self, t: f64) -> Vec<f64> {
        let t = t.clamp(0.0, 1.0);
        if t == 0.0 || matches!(self.path, Path::Still) {
            return self.ends[0].clone();
        }
        if t == 1.0 {
            return self.ends[1].clone();
        }
        match &self.path {
            Path::Closed(path) => path.at(t),
            Path::Numeric(path, coordinates) => coordinates.inverse(&path.at(t)),
            Path::Still => self.ends[0].clone(),
        }
    }

    /// `count` points at equal distances, both ends among them; of one, the first end.
    pub fn points(&self, count: usize) -> Vec<Vec<f64>> {
        (0..count)
            .map(|i| self.at(i as f64 / (count.max(2) - 1) as f64))
            .collect()
    }
}

/// Relative rounding granted to a formula written without cancellation.
const CLOSED_FORM_ROUNDING: f64 = 64.0 * f64::EPSILON;

/// The shortest path from one point of a model to another.
///
/// # Errors
/// Points outside the space; a route that is not available (no formula, no numeric expectations, an
/// irregular or singular model); a path that does not settle.
///
/// ```
/// use fisherinfo::family::Poisson;
/// use fisherinfo::geometry::{GeodesicMethod, geodesic};
/// let path = geodesic(&Poisson, &[4.0], &[16.0], GeodesicMethod::Automatic)?;
/// assert!((path.length() - 4.0).abs() < 1e-14);
/// // √λ is the arc length.
/// assert!((path.points(3)[1][0] - 9.0).abs() < 1e-14);
/// # Ok::<(), fisherinfo::geometry::GeometryError>(())
/// ```
pub fn geodesic(
    model: &dyn Model,
    from: &[f64],
    to: &[f64],
    method: GeodesicMethod,
) -> Result<Geodesic, GeometryError> {
    model.space().check(from)?;
    model.space().check(to)?;
    let to = &model.nearest_equivalent(to, from)[..];
    if method != GeodesicMethod::Numeric {
        if let Some(path) = model.closed_form_geodesic(from, to) {
            return Ok(Geodesic {
                ends: [from.to_vec(), to.to_vec()],
                length: path.length(),
                error: CLOSED_FORM_ROUNDING * path.length() + path.error(),
                route: GeodesicRoute::ClosedForm,
                path: Path::Closed(path),
            });
        }
        if method == GeodesicMethod::ClosedForm {
            return Err(GeometryError::NoClosedForm {
                model: model.name(),
            });
        }
    }
    geodesic_in(model, &model.space().unconstrained(), from, to)
}

/// The shortest path by the numeric route, drawn in these coordinates: the path and its length do
/// not depend on them. The ends are given in the family's own parameters.
///
/// # Errors
/// As [`geodesic`].
///
/// ```
/// use fisherinfo::family::{Gamma, Model};
/// use fisherinfo::geometry::{GeodesicMethod, geodesic, geodesic_in};
/// let (from, to) = ([2.0, 1.0], [3.0, 2.5]);
/// let path = geodesic(&Gamma, &from, &to, GeodesicMethod::Automatic)?;
/// for coordinates in Gamma.alternative_coordinates() {
///     let other = geodesic_in(&Gamma, &coordinates, &from, &to)?;
///     assert!((path.length() - other.length()).abs() <= path.error() + other.error());
/// }
/// # Ok::<(), fisherinfo::geometry::GeometryError>(())
/// ```
pub fn geodesic_in(
    model: &dyn Model,
    coordinates: &Coordinates,
    from: &[f64],
    to: &[f64],
) -> Result<Geodesic, GeometryError> {
    model.space().check(from)?;
    model.space().check(to)?;
    let ends = [from.to_vec(), model.nearest_equivalent(to, from)];
    if ends[0] == ends[1] {
        return Ok(Geodesic {
            ends,
            length: 0.0,
            error: 0.0,
            route: GeodesicRoute::Relaxation {
                panels: 1,
                steps: 0,
            },
            path: Path::Still,
        });
    }
    let [start, end] = ends.each_ref().map(|theta| coordinates.forward(theta));
    for (theta, phi) in ends.iter().zip([&start, &end]) {
        if !phi.iter().all(|value| value.is_finite()) {
            return Err(GeometryError::TooCloseToAnEnd {
                model: model.name(),
                point: theta.clone(),
            });
        }
    }
    let relaxed = relax(&Metric { model, coordinates }, &start, &end)?;
    Ok(Geodesic {
        ends,
        length: relaxed.length,
        error: relaxed.error,
        route: GeodesicRoute::Relaxation {
            panels: relaxed.path.panels(),
            steps: relaxed.steps,
        },
        path: Path::Numeric(relaxed.path, coordinates.clone()),
    })
}

/// The Fisher–Rao distance of two points, the length of [`geodesic`].
///
/// # Errors
/// As [`geodesic`].
///
/// ```
/// use fisherinfo::family::Bernoulli;
/// use fisherinfo::geometry::{GeodesicMethod, fisher_rao_distance};
/// let d = fisher_rao_distance(&Bernoulli, &[0.25], &[0.75], GeodesicMethod::Automatic)?;
/// assert!((d.value - std::f64::consts::PI / 3.0).abs() <= d.error);
/// # Ok::<(), fisherinfo::geometry::GeometryError>(())
/// ```
pub fn fisher_rao_distance(
    model: &dyn Model,
    from: &[f64],
    to: &[f64],
    method: GeodesicMethod,
) -> Result<FisherRaoDistance, GeometryError> {
    let path = geodesic(model, from, to, method)?;
    Ok(FisherRaoDistance {
        value: path.length,
        error: path.error,
        route: path.route,
    })
}

/// A distance with its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FisherRaoDistance {
    /// The distance, free of units, ≥ 0.
    pub value: f64,
    /// Its absolute error.
    pub error: f64,
    /// How it was found.
    pub route: GeodesicRoute,
}
