use super::GeometryError;
use super::moments::{PointMoments, riemann_components};
use crate::dual::Dual;
use crate::family::Model;
use crate::linear::{cholesky, forward_substitute, half_index, triangle};
use num_dual::Dual64;

/// The scalar curvature of the information metric at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScalarCurvature {
    /// S = gᵃᶜgᵇᵈR_abcd: twice the Gaussian curvature for two parameters, k(k − 1)/r² on a sphere of
    /// radius r.
    pub value: f64,
    /// Its absolute error, from those of the moments.
    pub error: f64,
    /// k.
    pub dimension: usize,
}

impl ScalarCurvature {
    /// The Gaussian curvature K = S/2, for two parameters.
    pub fn gaussian(&self) -> Option<f64> {
        (self.dimension == 2).then_some(0.5 * self.value)
    }
}

/// The scalar curvature S of the Fisher information at θ, from moments of the score s and of
/// H = ∂² log f.
///
/// Convention: positive on spheres. For two parameters S = 2K with the Gaussian curvature
/// K = R₁₂₁₂/det g, so that the normal family with its mean and standard deviation, a hyperbolic
/// plane, has K = −½ and S = −1.
///
/// With \\(\Gamma_{ab,c} = E\[(H_{ab} + \tfrac12 s_a s_b)s_c\]\\),
///
/// \\[ R_{abcd} = E\bigl\[H_{ac}H_{bd} - H_{ad}H_{bc} + \tfrac12(H_{bd}s_as_c - H_{bc}s_as_d +
/// H_{ac}s_bs_d - H_{ad}s_bs_c)\bigr\] + g^{ef}(\Gamma_{bc,e}\Gamma_{ad,f} - \Gamma_{bd,e}\Gamma_{ac,f}). \\]
///
/// This is ∂_cΓ_{bd,a} − ∂_dΓ_{bc,a} + ΓΓ-terms with the derivatives taken under the integral, where
/// those of third order cancel. Source: S. Amari & H. Nagaoka, Methods of Information Geometry
/// (2000), chapter 2, at α = 0.
///
/// # Errors
/// One parameter; a point outside the space; a model without a numeric route, or irregular there.
///
/// ```
/// use fisherinfo::family::{Categorical, Normal};
/// use fisherinfo::geometry::scalar_curvature;
/// let normal = scalar_curvature(&Normal, &[3.0, 2.0])?;
/// assert!((normal.value + 1.0).abs() <= normal.error && normal.error < 1e-10);
/// assert!((normal.gaussian().unwrap() + 0.5).abs() < 1e-10);
/// // Three categories are an eighth of a sphere of radius two.
/// let sphere = scalar_curvature(&Categorical { categories: 3 }, &[0.2, 0.5])?;
/// assert!((sphere.value - 0.5).abs() < 1e-12);
/// # Ok::<(), fisherinfo::geometry::GeometryError>(())
/// ```
pub fn scalar_curvature(
    model: &dyn Model,
    theta: &[f64],
) -> Result<ScalarCurvature, GeometryError> {
    model.space().check(theta)?;
    let size = theta.len();
    if size < 2 {
        return Err(GeometryError::OneParameter {
            model: model.name(),
        });
    }
    let components = riemann_components(size);
    let moments = PointMoments::new(model, theta, &components)?;
    let singular = || GeometryError::Singular {
        model: model.name(),
        point: theta.to_vec(),
    };
    let (metric, metric_error) = moments.metric_triangle();
    let (connection, connection_error) = moments.connection();
    let (direct, direct_error) = moments.direct_riemann();
    let mut inputs: Vec<Dual64> = [metric, connection, direct]
        .iter()
        .flat_map(|part| part.iter().copied().map(Dual64::from))
        .collect();
    let errors = [metric_error, connection_error, direct_error].concat();
    let value = contract(size, &inputs, &components)
        .ok_or_else(singular)?
        .re;
    // The error to first order, by the derivative in every moment.
    let mut error = 64.0 * f64::EPSILON * value.abs();
    for (index, own) in errors.iter().enumerate() {
        inputs[index].eps = 1.0;
        let slope = contract(size, &inputs, &components)
            .ok_or_else(singular)?
            .eps;
        inputs[index].eps = 0.0;
        error += slope.abs() * own;
    }
    Ok(ScalarCurvature {
        value,
        error,
        dimension: size,
    })
}

/// S from metric, connection and the direct moments of R, in that order; `None` where the metric
/// is not positive definite.
fn contract<D: Dual>(size: usize, inputs: &[D], components: &[[usize; 4]]) -> Option<D> {
    let (metric, rest) = inputs.split_at(triangle(size));
    let (connection, direct) = rest.split_at(triangle(size) * size);
    let factor = cholesky(metric, size).ok()?;
    // Rows of L⁻¹ Γ_ab and of L⁻¹: contractions with g⁻¹ are then sums of products.
    let whitened = |entries: &[D]| {
        let mut entries = entries.to_vec();
        forward_substitute(&factor, &mut entries);
        entries
    };
    let gamma: Vec<Vec<D>> = connection.chunks(size).map(whitened).collect();
    let gamma = |a, b| gamma[half_index(a, b, size)].as_slice();
    let roots: Vec<Vec<D>> = (0..size)
        .map(|column| {
            let mut unit = vec![D::from(0.0); size];
            unit[column] = D::from(1.0);
            whitened(&unit)
        })
        .collect();
    let dot = |left: &[D], right: &[D]| {
        left.iter()
            .zip(right)
            .fold(D::from(0.0), |sum, (&l, &r)| sum + l * r)
    };
    let inverse = |a: usize, b: usize| dot(&roots[a], &roots[b]);
    let mut scalar = D::from(0.0);
    for (&[a, b, c, d], &direct) in components.iter().zip(direct) {
        let riemann = direct + dot(gamma(b, c), gamma(a, d)) - dot(gamma(b, d), gamma(a, c));
        let area = inverse(a, c) * inverse(b, d) - inverse(a, d) * inverse(b, c);
        // The pair of pairs and its mirror; each pair both ways round.
        let count = if (a, b) == (c, d) { 2.0 } else { 4.0 };
        scalar += area * riemann * count;
    }
    Some(scalar)
}
