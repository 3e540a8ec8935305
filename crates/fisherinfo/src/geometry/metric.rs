use super::GeometryError;
use super::moments::{PointMoments, riemann_components};
use crate::coordinates::Coordinates;
use crate::family::Model;
use faer::{Mat, MatRef, Side, linalg::solvers::Solve};

/// A model in the coordinates in which its paths are drawn.
pub(super) struct Metric<'a> {
    pub(super) model: &'a dyn Model,
    pub(super) coordinates: &'a Coordinates,
}

/// What a path with a velocity meets at a point, in the coordinates of the path.
pub(super) struct Local {
    pub(super) velocity: Vec<f64>,
    /// g.
    pub(super) metric: Mat<f64>,
    /// g⁻¹.
    pub(super) inverse: Mat<f64>,
    /// A_{ca} = Γ_{ua,c}: the covariant derivative along the path of V is V′ + g⁻¹AV.
    pub(super) transport: Mat<f64>,
    /// C_{ac} = R_{abcd}uᵇuᵈ, by which neighbouring geodesics draw together.
    pub(super) curvature: Mat<f64>,
    /// The error of uᵀgu.
    pub(super) speed_error: f64,
    /// The Fisher length of the point itself, by which ends that are rounded may be off in ε: in the
    /// family's parameters and in the coordinates of the path.
    pub(super) size: f64,
}

/// Up to this number of parameters Newton's method sees the curvature; R has of the order of k⁴
/// components. Without it steps are shorter; where a density has kinks it is not known.
const MOST_WITH_CURVATURE: usize = 5;

impl Metric<'_> {
    /// Metric, connection and curvature along `velocity` at φ.
    pub(super) fn local(&self, phi: &[f64], velocity: &[f64]) -> Result<Local, GeometryError> {
        let size = phi.len();
        let theta = self.coordinates.inverse(phi);
        self.model.space().check(&theta)?;
        let jacobian = self.coordinates.jacobian(phi);
        let along = self.coordinates.jacobian_along(phi, velocity);
        let u: Vec<f64> = (0..size)
            .map(|d| (0..size).map(|a| jacobian[(d, a)] * velocity[a]).sum())
            .collect();
        let smooth = self.model.kinks(&theta).is_empty()
            || self.model.information_derivatives(&theta).is_some();
        let components = if smooth && size <= MOST_WITH_CURVATURE {
            riemann_components(size)
        } else {
            Vec::new()
        };
        let moments = PointMoments::new(self.model, &theta, &components)?;
        let (metric, error) = moments.metric_triangle();
        let (metric, error) = (moments.square(metric), moments.square(error));
        let singular = || GeometryError::Singular {
            model: self.model.name(),
            point: theta.clone(),
        };
        let inverse = metric
            .llt(Side::Lower)
            .map_err(|_| singular())?
            .solve(Mat::<f64>::identity(size, size));
        let transport = Mat::from_fn(size, size, |c, a| {
            (0..size)
                .map(|b| u[b] * moments.christoffel(b, a, c))
                .sum::<f64>()
        });
        let curvature = curvature_along(&moments, &components, inverse.as_ref(), &u);
        let speed_error = (0..size)
            .flat_map(|i| (0..size).map(move |j| (i, j)))
            .map(|(i, j)| (u[i] * error[(i, j)] * u[j]).abs())
            .sum();
        // Into the coordinates of the path; the connection is no tensor, and takes ∂²θ along.
        let pulled = jacobian.transpose() * &metric * &jacobian;
        let inverse = pulled
            .llt(Side::Lower)
            .map_err(|_| singular())?
            .solve(Mat::<f64>::identity(size, size));
        let length = |point: &[f64], metric: &Mat<f64>| -> f64 {
            point
                .iter()
                .enumerate()
                .map(|(i, value)| value.abs() * metric[(i, i)].sqrt())
                .sum()
        };
        let size = length(&theta, &metric) + length(phi, &pulled);
        Ok(Local {
            velocity: velocity.to_vec(),
            inverse,
            metric: pulled,
            transport: jacobian.transpose() * (transport * &jacobian + metric * along),
            curvature: jacobian.transpose() * curvature * &jacobian,
            speed_error,
            size,
        })
    }
}

/// C_{ac} = R_{abcd}uᵇuᵈ.
fn curvature_along(
    moments: &PointMoments,
    components: &[[usize; 4]],
    inverse: MatRef<'_, f64>,
    u: &[f64],
) -> Mat<f64> {
    let size = u.len();
    let mut curvature = Mat::zeros(size, size);
    // ⟨Γ_ab, Γ_cd⟩ with one index raised.
    let product = |a, b, c, d| -> f64 {
        (0..size)
            .flat_map(|e| (0..size).map(move |f| (e, f)))
            .map(|(e, f)| {
                moments.christoffel(a, b, e) * inverse[(e, f)] * moments.christoffel(c, d, f)
            })
            .sum()
    };
    for (&[a, b, c, d], direct) in components.iter().zip(moments.direct_riemann().0) {
        let riemann = direct + product(b, c, a, d) - product(b, d, a, c);
        let mut add = |[a, b, c, d]: [usize; 4], riemann: f64| {
            // R_abcd = −R_bacd = −R_abdc.
            curvature[(a, c)] += riemann * u[b] * u[d];
            curvature[(b, c)] -= riemann * u[a] * u[d];
            curvature[(a, d)] -= riemann * u[b] * u[c];
            curvature[(b, d)] += riemann * u[a] * u[c];
        };
        add([a, b, c, d], riemann);
        if (a, b) != (c, d) {
            add([c, d, a, b], riemann);
        }
    }
    curvature
}

impl Local {
    /// uᵀgu.
    pub(super) fn speed_squared(&self) -> f64 {
        self.length_squared(&self.velocity)
    }

    /// vᵀgv.
    pub(super) fn length_squared(&self, v: &[f64]) -> f64 {
        let size = v.len();
        (0..size)
            .flat_map(|i| (0..size).map(move |j| (i, j)))
            .map(|(i, j)| v[i] * self.metric[(i, j)] * v[j])
            .sum()
    }
}
