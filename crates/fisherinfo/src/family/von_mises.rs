use super::observation::draw_open_unit;
use super::{Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support, bregman};
use crate::coordinates::{CoordinateMap, Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
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

    /// The same direction, at most half a turn away.
    fn nearest_equivalent(&self, theta: &[f64], reference: &[f64]) -> Vec<f64> {
        let turns = ((theta[0] - reference[0]) / TAU).round();
        vec![theta[0] - turns * TAU, theta[1]]
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
