use super::observation::{logarithm, set_half_line};
use super::{
    Entry, Family, Instance, Irregularity, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::ln_1p_quotient;
use faer::{Mat, mat};
use rand::Rng;
use rand_distr::{Distribution, Exp1};

/// Generalised Pareto of exceedances, with scale σ and shape ξ:
/// \\(f(x \mid \sigma, \xi) = \sigma^{-1}(1+\xi x/\sigma)^{-1-1/\xi}\\) on (0, ∞), or (0, −σ/ξ) for
/// ξ < 0; exponential at ξ = 0.
///
/// Information, for ξ > −½: \\(I_{\sigma\sigma} = \frac1{\sigma^2(1+2\xi)}\\),
/// \\(I_{\sigma\xi} = \frac1{\sigma(1+\xi)(1+2\xi)}\\), \\(I_{\xi\xi} = \frac2{(1+\xi)(1+2\xi)}\\). For
/// ξ ≤ −½ the score has no second moment and there is none. For −½ < ξ < 0 the end of the support moves,
/// but the density vanishes there fast enough. Sources: R. L. Smith, Biometrika 72 (1985); A. C. Davison
/// & R. L. Smith, Journal of the Royal Statistical Society B 52 (1990).
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::GeneralizedPareto;
/// let information = expected_information(&GeneralizedPareto, &[2.0, 0.5], Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - 0.125).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GeneralizedPareto;

impl Family for GeneralizedPareto {
    fn name(&self) -> String {
        "GeneralizedPareto".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::positive("sigma"), Parameter::real("xi")])
    }

    fn support(&self, theta: &[f64]) -> Support {
        if theta[1] < 0.0 {
            Support::Interval {
                lower: 0.0,
                upper: -theta[0] / theta[1],
            }
        } else {
            Support::HalfLine
        }
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let (scale, shape) = (theta[0], theta[1]);
        let z = x[0].lift() / scale;
        // An observation rounded onto the end.
        if (shape * z).re() <= -1.0 {
            return D::from(f64::NEG_INFINITY);
        }
        // (1/ξ)·ln(1 + ξz), also at ξ = 0, and where z has derivatives too large for a double.
        let reach = if (shape * z).re() > 1.0 {
            let ln = shape.ln() + logarithm(x) - scale.ln();
            (ln + (-ln).exp().ln_1p()) / shape
        } else {
            z * ln_1p_quotient(shape * z)
        };
        -scale.ln() - (shape + 1.0) * reach
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let unit: f64 = Exp1.sample(rng);
        let power = theta[1] * unit;
        if power < 0.0 {
            x[0] = theta[0] * unit * power.exp_m1() / power;
            return Ok(());
        }
        // ln z = ln((e^(ξE) − 1)/ξ), where z itself may be beyond the largest double.
        let ln = if power > 1.0 {
            power + (-(-power).exp()).ln_1p() - theta[1].ln()
        } else if power > 0.0 {
            unit.ln() + (power.exp_m1() / power).ln()
        } else {
            unit.ln()
        };
        set_half_line(x, theta[0].ln() + ln);
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let (scale, shape) = (theta[0], theta[1]);
        if shape <= -0.5 {
            return None;
        }
        let (one, two) = (1.0 + shape, 1.0 + 2.0 * shape);
        let across = 1.0 / scale / one / two;
        Some(mat![
            [1.0 / scale / scale / two, across],
            [across, 2.0 / one / two]
        ])
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![Elementwise::coordinates(
            "log-sigma",
            &[Scalar::Log, Scalar::Identity],
        )]
    }

    fn regular_space(&self) -> ParameterSpace {
        self.space().within("xi", -0.5, f64::INFINITY)
    }

    fn known_irregularity(&self, theta: &[f64]) -> Option<Irregularity> {
        let (scale, shape) = (theta[0], theta[1]);
        if shape > -0.5 {
            return None;
        }
        // With U uniform, σs = −1 + (1 + 1/ξ)(1 − U^ξ), and σ²·(−H) = −1 + (1 + 1/ξ)(1 − U^2ξ).
        let rate = scale.recip();
        let infinite = f64::INFINITY;
        let numbers = if shape > -1.0 {
            [0.0, infinite, infinite]
        } else if shape == -1.0 {
            [-rate, rate * rate, -rate * rate]
        } else {
            [-infinite, infinite, -infinite]
        };
        let reason = format!(
            "for xi ≤ −1/2 (here {shape}) its end −sigma/xi moves, and the density does not vanish \
             there fast enough"
        );
        Some(Irregularity::new(reason, "sigma", numbers))
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "generalized-pareto",
    aliases: &["gpd"],
    summary: "exceedances over a high threshold",
    example: "generalized-pareto sigma=2 xi=0.5",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let first = arguments.number("sigma")?;
        Instance::new(GeneralizedPareto, vec![first, arguments.number("xi")?])
    },
};
