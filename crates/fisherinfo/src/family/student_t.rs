use super::observation::draw_ln_gamma;
use super::{Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::ln_gamma_ratio;
use faer::{Mat, mat};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

/// Student's t with location μ, scale σ and ν degrees of freedom:
/// \\(f(x \mid \mu, \sigma, \nu) = \frac{\Gamma((\nu+1)/2)}{\Gamma(\nu/2)\sqrt{\nu\pi}\,\sigma}
/// (1+z^2/\nu)^{-(\nu+1)/2}\\) with \\(z = (x-\mu)/\sigma\\), on ℝ.
///
/// Information: \\(I_{\mu\mu} = \frac{\nu+1}{(\nu+3)\sigma^2}\\),
/// \\(I_{\sigma\sigma} = \frac{2\nu}{(\nu+3)\sigma^2}\\), \\(I_{\sigma\nu} = \frac{-2}{\sigma(\nu+1)(\nu+3)}\\),
/// \\(I_{\nu\nu} = \tfrac14\bigl(\psi'(\tfrac\nu2)-\psi'(\tfrac{\nu+1}2)\bigr) -
/// \frac{\nu+5}{2\nu(\nu+1)(\nu+3)}\\), the rest zero. Source: K. L. Lange, R. J. A. Little & J. M. G.
/// Taylor, Journal of the American Statistical Association 84 (1989), appendix.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::StudentT;
/// let information = expected_information(&StudentT, &[0.0, 2.0, 5.0], Method::Numeric)?;
/// assert!((information.matrix()[(1, 2)] - -1.0 / 48.0).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct StudentT;

/// ln(1 + (x/s)²), also where the square overflows.
pub(super) fn ln_1p_square<D: Dual>(x: D, s: D) -> D {
    let size = if x.re() < 0.0 { -x } else { x };
    if size.re() < s.re() {
        let z = x / s;
        return (z * z).ln_1p();
    }
    let ln_square = (size.ln() - s.ln()) * 2.0;
    ln_square + (-ln_square).exp().ln_1p()
}

pub(super) fn student_log_density<D: Dual>(location: D, scale: D, nu: D, x: Datum<D>) -> D {
    let half = nu * 0.5;
    let width = nu.sqrt() * scale;
    let constant = ln_gamma_ratio(half, D::from(0.5)) - width.ln();
    let distance = ln_1p_square(x.lift() - location, width);
    constant - 0.5 * std::f64::consts::PI.ln() - (half + 0.5) * distance
}

/// A normal draw over the root of a gamma draw with mean 1.
pub(super) fn draw_student(
    model: &impl Family,
    nu: f64,
    rng: &mut dyn Rng,
) -> Result<f64, SamplingError> {
    let normal: f64 = StandardNormal.sample(rng);
    let ln_mean_square = draw_ln_gamma(model, 0.5 * nu, rng)? - (0.5 * nu).ln();
    Ok(normal * (-0.5 * ln_mean_square).exp())
}

/// From here on the series reaches the last place of a double.
const ASYMPTOTIC_FROM: f64 = 40.0;

/// Coefficients of ν⁻⁴, ν⁻⁵, … of I_νν.
const ASYMPTOTIC: [f64; 15] = [
    3.5, -13.0, 39.5, -119.0, 363.5, -1101.0, 3279.5, -9763.0, 29523.5, -89609.0, 265719.5,
    -778047.0, 2391483.5, -7639237.0, 21523359.5,
];

/// I_νν. Its large parts cancel: it falls like 3.5/ν⁴ and they like 1/ν². The difference between ν
/// and ν + 2 is rational, and positive when brought to one denominator; beyond, a series in 1/ν.
fn degrees_information(nu: f64) -> f64 {
    let (mut sum, mut nu) = (0.0, nu);
    while nu < ASYMPTOTIC_FROM {
        let numerator = 2.0 * ((14.0 * nu + 33.0) * nu + 15.0);
        let square = nu * (nu + 1.0);
        sum += numerator / (square * square * (nu + 2.0) * (nu + 3.0) * (nu + 5.0));
        nu += 2.0;
    }
    let u = 1.0 / nu;
    let series = ASYMPTOTIC.iter().rev().fold(0.0, |sum, c| sum * u + c);
    sum + series * u.powi(4)
}

impl Family for StudentT {
    fn name(&self) -> String {
        "StudentT".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![
            Parameter::real("location"),
            Parameter::positive("scale"),
            Parameter::positive("nu"),
        ])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::REAL
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        student_log_density(theta[0], theta[1], theta[2], x[0])
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        x[0] = theta[0] + theta[1] * draw_student(self, theta[2], rng)?;
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let (scale, nu) = (theta[1], theta[2]);
        let unit = scale.powi(-2) / (nu + 3.0);
        let across = -2.0 / scale / (nu + 1.0) / (nu + 3.0);
        Some(mat![
            [unit * (nu + 1.0), 0.0, 0.0],
            [0.0, unit * 2.0 * nu, across],
            [0.0, across, degrees_information(nu)]
        ])
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Elementwise::coordinates("log", &[Scalar::Identity, Scalar::Log, Scalar::Log]),
            Elementwise::coordinates(
                "reciprocal-nu",
                &[Scalar::Identity, Scalar::Identity, Scalar::Reciprocal],
            ),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "student-t",
    aliases: &[],
    summary: "a bell with power tails",
    example: "student-t location=0 scale=2 nu=5",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let location = arguments.number("location")?;
        let scale = arguments.number("scale")?;
        Instance::new(StudentT, vec![location, scale, arguments.number("nu")?])
    },
};

#[cfg(test)]
mod tests {
    use super::degrees_information;

    /// Values of the definition at sixty digits.
    #[test]
    fn the_information_of_the_degrees_keeps_its_digits() {
        for (nu, wanted) in [
            (0.01, 9916.796678241028),
            (0.5, 2.6162433290898284),
            (1.0, 0.4474670334241132),
            (5.0, 0.0030225889796687738),
            (12.0, 0.00012712636431063945),
            (30.0, 3.835253948162875e-6),
            (100.0, 3.373834528084735e-8),
            (1e4, 3.498700394881036e-16),
            (1e8, 3.499999870000004e-32),
        ] {
            let found = degrees_information(nu);
            assert!((found / wanted - 1.0).abs() < 4e-15, "{nu}: {found:e}");
        }
    }
}
