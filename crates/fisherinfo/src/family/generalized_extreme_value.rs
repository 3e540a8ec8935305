mod information;

use super::{
    Entry, Family, Instance, Irregularity, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::ln_1p_quotient;
use faer::Mat;
use rand::Rng;
use rand_distr::{Distribution, Exp1};

/// Generalised extreme value of maxima, with location μ, scale σ and shape ξ:
/// \\(f(x \mid \mu, \sigma, \xi) = \sigma^{-1} y^{1+\xi} e^{-y}\\) with
/// \\(y = (1+\xi(x-\mu)/\sigma)^{-1/\xi}\\), above μ − σ/ξ for ξ > 0 and below it for ξ < 0; at ξ = 0
/// Gumbel's distribution, \\(y = e^{-(x-\mu)/\sigma}\\).
///
/// Information, for ξ > −½, with \\(g = \Gamma(2+\xi)\\), \\(p = (1+\xi)^2\,\Gamma(1+2\xi)\\),
/// \\(q = g\,\bigl(\psi(1+\xi)+(1+\xi)/\xi\bigr)\\) and Euler's γ: \\(I_{\mu\mu} = p/\sigma^2\\),
/// \\(I_{\mu\sigma} = (g-p)/(\xi\sigma^2)\\), \\(I_{\mu\xi} = (p/\xi-q)/(\xi\sigma)\\),
/// \\(I_{\sigma\sigma} = (1-2g+p)/(\xi^2\sigma^2)\\),
/// \\(I_{\sigma\xi} = \bigl(g+g\,\psi(1+\xi)+\gamma-1-(1-2g+p)/\xi\bigr)/(\xi^2\sigma)\\),
/// \\(I_{\xi\xi} = \bigl(\pi^2/6+(1-\gamma+1/\xi)^2-2q/\xi+p/\xi^2\bigr)/\xi^2\\). Up to |ξ| = ½ they are summed
/// as power series, in which the powers of 1/ξ have cancelled. For ξ ≤ −½ the score has no second moment
/// and there is no information; for −½ < ξ the end of the support moves, but the density vanishes there
/// fast enough. Sources: P. Prescott & A. T. Walden, Biometrika 67 (1980), with k = −ξ; R. L. Smith,
/// Biometrika 72 (1985).
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::GeneralizedExtremeValue;
/// let point = [1.0, 2.0, 0.5];
/// let information = expected_information(&GeneralizedExtremeValue, &point, Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - 2.25 / 4.0).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GeneralizedExtremeValue;

/// Up to this size of ξz the reach ln(1 + ξz)/ξ is a power series in it; beyond, the distance from
/// the end says more.
const NEAR_THE_BULK: f64 = 0.5;

impl Family for GeneralizedExtremeValue {
    fn name(&self) -> String {
        "GeneralizedExtremeValue".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![
            Parameter::real("mu"),
            Parameter::positive("sigma"),
            Parameter::real("xi"),
        ])
    }

    fn support(&self, theta: &[f64]) -> Support {
        let end = theta[0] - theta[1] / theta[2];
        let infinite = f64::INFINITY;
        if !end.is_finite() {
            Support::REAL
        } else if theta[2] > 0.0 {
            Support::Segment {
                lower: end,
                upper: infinite,
            }
        } else {
            Support::Segment {
                lower: -infinite,
                upper: end,
            }
        }
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let (location, scale, shape) = (theta[0], theta[1], theta[2]);
        let part = shape.re() * ((x[0].value() - location.re()) / scale.re());
        // −ln y = ln(1 + ξz)/ξ.
        let reach = if part.abs() <= NEAR_THE_BULK {
            let z = (x[0].lift() - location) / scale;
            z * ln_1p_quotient(shape * z)
        } else {
            // By the distance from the end, which keeps its digits, and the way that the end moves.
            let end = location - scale / shape;
            let distance = match x.get(2) {
                Some(distance) => distance.lift(),
                None => x[0].lift() - end.re(),
            };
            let (sign, size) = if shape.re() < 0.0 {
                (-1.0, -shape)
            } else {
                (1.0, shape)
            };
            let inward = (distance - (end - end.re())) * sign;
            // An observation on the end, or beyond it.
            if inward.re() <= 0.0 {
                return D::from(f64::NEG_INFINITY);
            }
            // Apart, since squares of a distant observation overflow.
            (inward.ln() + size.ln() - scale.ln()) / shape
        };
        -scale.ln() - (shape + 1.0) * reach - (-reach).exp()
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let (location, scale, shape) = (theta[0], theta[1], theta[2]);
        let unit: f64 = Exp1.sample(rng);
        let reach = -unit.ln();
        let power = shape * reach;
        let z = if power == 0.0 {
            reach
        } else {
            reach * power.exp_m1() / power
        };
        x[0] = location + scale * z;
        if let [_, end, distance] = x {
            *end = location - scale / shape;
            *distance = scale / shape * power.exp();
        }
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        information::closed_form(theta[1], theta[2])
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![Elementwise::coordinates(
            "log-sigma",
            &[Scalar::Identity, Scalar::Log, Scalar::Identity],
        )]
    }

    fn regular_space(&self) -> ParameterSpace {
        self.space().within("xi", -0.5, f64::INFINITY)
    }

    fn known_irregularity(&self, theta: &[f64]) -> Option<Irregularity> {
        let (scale, shape) = (theta[1], theta[2]);
        (shape <= -0.5).then(|| {
            // Next to the end the density is the power −1/ξ − 1 of the distance from it.
            Irregularity::of_location(
                format!(
                    "for xi ≤ −1/2 (here {shape}) its end mu − sigma/xi moves, and the density does \
                     not vanish there fast enough"
                ),
                "mu",
                -shape.recip(),
                -1.0,
                scale.recip(),
            )
        })
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "generalized-extreme-value",
    aliases: &["gev"],
    summary: "the largest of many, with tails of any weight",
    example: "generalized-extreme-value mu=0 sigma=2 xi=0.2",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let first = arguments.number("mu")?;
        let theta = vec![first, arguments.number("sigma")?, arguments.number("xi")?];
        Instance::new(GeneralizedExtremeValue, theta)
    },
};
