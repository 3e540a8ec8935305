use super::observation::draw_open_unit;
use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support,
    bregman,
};
use crate::coordinates::{CoordinateMap, Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::expectation::quadrature::mean_over;
use crate::special::{bessel_ratio, bessel_ratio_derivative, ln_bessel_i0};
use faer::{Mat, mat};
use rand::Rng;
use std::f64::consts::{PI, TAU};

/// Von Mises on the circle, with direction μ and concentration κ:
/// \\(f(x \mid \mu, \kappa) = e^{\kappa\cos(x-\mu)}/2\pi I_0(\kappa)\\) for angles x.
///
/// Information \\(\mathrm{diag}(\kappa A, 1-A^2-A/\kappa)\\) with \\(A = I_1(\kappa)/I_0(\kappa)\\). The
/// second entry is taken as \\(A'(\kappa)\\), without the cancellation of its terms. Sources: K. V. Mardia &
/// P. E. Jupp, Directional Statistics (2000), ch. 3 and 5; for the sampler, D. J. Best & N. I. Fisher,
/// Applied Statistics 28 (1979).
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::VonMises;
/// let information = expected_information(&VonMises, &[0.5, 2.0], Method::Numeric)?;
/// let ratio = fisherinfo::special::bessel_ratio(2.0_f64);
/// assert!((information.matrix()[(0, 0)] - 2.0 * ratio).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct VonMises;

/// κ·(cos μ, sin μ), which multiply cos x and sin x.
#[derive(Clone, Copy, Debug)]
struct Natural;

impl CoordinateMap for Natural {
    fn name(&self) -> String {
        "natural".into()
    }

    fn names(&self, base: &[String]) -> Vec<String> {
        let (direction, concentration) = (&base[0], &base[1]);
        vec![
            format!("{concentration}*cos({direction})"),
            format!("{concentration}*sin({direction})"),
        ]
    }

    fn forward<D: Dual>(&self, theta: &[D]) -> Vec<D> {
        let (sine, cosine) = theta[0].sin_cos();
        vec![theta[1] * cosine, theta[1] * sine]
    }

    /// The direction comes back as an angle from −π to π.
    fn inverse<D: Dual>(&self, phi: &[D]) -> Vec<D> {
        let square = phi[0] * phi[0] + phi[1] * phi[1];
        vec![phi[1].atan2(phi[0]), square.sqrt()]
    }
}

/// Directions that are short of half a turn by at most this are taken for opposite, within an error:
/// paths that pass the uniform distribution so closely bend too sharply for the numeric route.
const NEARLY_OPPOSITE: f64 = 2e-3;

/// The Fisher length ∫√A′ du from κ = a to κ = b, on panels that grow with κ.
fn radius_between(a: f64, b: f64) -> f64 {
    if a > b {
        return -radius_between(b, a);
    }
    let (mut left, mut length) = (a, 0.0);
    while left < b {
        let right = (1.25 * left + 0.25).min(b);
        length += (right - left) * mean_over(left, right, |u| bessel_ratio_derivative(u).sqrt());
        left = right;
    }
    length
}

/// The Fisher length from the uniform distribution.
fn radius(concentration: f64) -> f64 {
    radius_between(0.0, concentration)
}

/// The concentration at a distance from the uniform distribution, the least positive one at none.
fn at_radius(distance: f64) -> f64 {
    if distance < 1e-9 {
        // A′(0) = ½.
        return (distance * std::f64::consts::SQRT_2).max(f64::MIN_POSITIVE);
    }
    // Newton's method, from below: the radius is a concave function of κ.
    let mut concentration = distance * std::f64::consts::SQRT_2;
    for _ in 0..200 {
        let slope = bessel_ratio_derivative(concentration).sqrt();
        let step = (distance - radius(concentration)) / slope;
        concentration += step;
        if step.abs() <= 4.0 * f64::EPSILON * concentration {
            break;
        }
    }
    concentration
}

/// The angle between a draw and the mean direction.
fn draw_offset(concentration: f64, rng: &mut dyn Rng) -> f64 {
    if concentration < 0.5 {
        // From the uniform distribution, accepted at least every third time.
        loop {
            let angle = PI * (2.0 * draw_open_unit(rng) - 1.0);
            if draw_open_unit(rng).ln() <= concentration * (angle.cos() - 1.0) {
                return angle;
            }
        }
    }
    // From a wrapped Cauchy distribution.
    let tau = 1.0 + (1.0 + 4.0 * concentration * concentration).sqrt();
    let rho = (tau - (2.0 * tau).sqrt()) / (2.0 * concentration);
    let r = (1.0 + rho * rho) / (2.0 * rho);
    loop {
        let z = (PI * draw_open_unit(rng)).cos();
        let cosine = (1.0 + r * z) / (r + z);
        let c = concentration * (r - cosine);
        let u = draw_open_unit(rng);
        if c * (2.0 - c) - u > 0.0 || (c / u).ln() + 1.0 - c >= 0.0 {
            let angle = cosine.clamp(-1.0, 1.0).acos();
            return if draw_open_unit(rng) < 0.5 {
                -angle
            } else {
                angle
            };
        }
    }
}

impl Family for VonMises {
    fn name(&self) -> String {
        "VonMises".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::real("mu"), Parameter::positive("kappa")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::Circle
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let half = ((x[0].lift() - theta[0]) * 0.5).sin();
        theta[1] * (half * half * -2.0 + 1.0) - ln_bessel_i0(theta[1]) - TAU.ln()
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let offset = draw_offset(theta[1], rng);
        let angle = (theta[0] + offset).rem_euclid(TAU);
        x[0] = if angle > PI { angle - TAU } else { angle };
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let concentration = theta[1];
        let of_direction = concentration * bessel_ratio(concentration);
        Some(mat![
            [of_direction, 0.0],
            [0.0, bessel_ratio_derivative(concentration)]
        ])
    }

    /// Sums over the circle for every point of a path cost a minute; this is a few series.
    fn differentiable_information<D: Dual>(&self, theta: &[D]) -> Option<Vec<D>> {
        let concentration = theta[1];
        Some(vec![
            concentration * bessel_ratio(concentration),
            D::from(0.0),
            bessel_ratio_derivative(concentration),
        ])
    }

    /// The same direction, at most half a turn away.
    fn nearest_equivalent(&self, theta: &[f64], reference: &[f64]) -> Vec<f64> {
        let turns = ((theta[0] - reference[0]) / TAU).round();
        vec![theta[0] - turns * TAU, theta[1]]
    }

    /// Along the radius where the directions are the same, and through the uniform distribution where
    /// they are opposite, or nearly so.
    ///
    /// With κ and μ as polar coordinates the metric is smooth at κ = 0, and its curvature is nowhere
    /// positive: between two points there is one shortest path. That of opposite points is its own
    /// mirror image. Of points at the radii r and s that are δ short of being opposite the distance is
    /// at most r + s, and at least that in a plane, where the curvature is zero.
    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        let (near, far) = (from[1], to[1]);
        let turn = (to[0] - from[0]).abs();
        if turn == 0.0 {
            let direction = from[0];
            let (start, change) = (radius(near), radius_between(near, far));
            return Some(ClosedGeodesic::new(change.abs(), move |t| {
                vec![direction, at_radius(start + t * change)]
            }));
        }
        let short = (PI - turn).abs();
        if short > NEARLY_OPPOSITE {
            return None;
        }
        let (directions, radii) = ([from[0], to[0]], [radius(near), radius(far)]);
        let most = radii[0] + radii[1];
        let half = (0.5 * short).sin();
        // most − √(most² − 4rs·sin²(δ/2)), without the cancellation.
        let product = 4.0 * radii[0] * radii[1] * half * half;
        let gap = product / (most + (most * most - product).sqrt());
        let path = move |t: f64| {
            let signed = t * most - radii[0];
            let side = usize::from(signed > 0.0);
            vec![directions[side], at_radius(signed.abs())]
        };
        Some(ClosedGeodesic::new(most - 0.5 * gap, path).within(
            0.5 * gap,
            "the directions are opposite, and the shortest path leads through the uniform \
             distribution, kappa = 0",
        ))
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        let step = other[1] - theta[1];
        let concentration = if bregman::is_near(&theta[1..], &other[1..]) {
            bregman::divergence(|t| step * step * bessel_ratio_derivative(theta[1] + t * step))
        } else {
            ln_bessel_i0(other[1]) - ln_bessel_i0(theta[1]) - bessel_ratio(theta[1]) * step
        };
        let half = (0.5 * (theta[0] - other[0])).sin();
        Some(concentration + 2.0 * other[1] * bessel_ratio(theta[1]) * half * half)
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Elementwise::coordinates("log-kappa", &[Scalar::Identity, Scalar::Log]),
            Coordinates::new(Natural),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "von-mises",
    aliases: &[],
    summary: "directions in the plane around a mean",
    example: "von-mises mu=0.5 kappa=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let first = arguments.number("mu")?;
        Instance::new(VonMises, vec![first, arguments.number("kappa")?])
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    /// ∫√A′ by thirty digits (mpmath 1.3).
    #[test]
    fn radii_and_back() {
        for (concentration, wanted) in [
            (2.0, 1.165_551_586_665_175_6),
            (100.0, 4.060_209_553_991_182),
            (1e-12, 1e-12 * std::f64::consts::FRAC_1_SQRT_2),
        ] {
            let found = radius(concentration);
            assert!(
                (found / wanted - 1.0).abs() < 1e-14,
                "{concentration}: {found}"
            );
            let back = at_radius(wanted);
            assert!(
                (back / concentration - 1.0).abs() < 1e-12,
                "{concentration}: {back}"
            );
        }
        let between = radius_between(2.0, 100.0);
        assert!((between / 2.894_657_967_326_007 - 1.0).abs() < 1e-14);
    }
}
