use super::observation::{draw_open_unit, logarithms, set_unit_interval};
use super::{Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::expectation::quadrature::mean_over;
use crate::special::{digamma, ln_1m_exp, polygamma, trigamma};
use faer::{Mat, mat};
use rand::Rng;

/// Kumaraswamy with shapes a and b: \\(f(x \mid a, b) = abx^{a-1}(1-x^a)^{b-1}\\) on (0, 1).
///
/// Information, with \\(\Delta = \psi(b)-\psi(2)\\),
///
/// \\[I_{aa} = \frac1{a^2}\Bigl(1 + \frac{b}{b-2}\bigl(\Delta^2 + \psi'(2) - \psi'(b)\bigr)\Bigr),\quad
/// I_{ab} = -\frac{\psi(b+1)-\psi(2)}{a(b-1)},\quad I_{bb} = \frac1{b^2},\\]
///
/// whose quotients have limits at b = 2 and b = 1. Source: M. C. Jones, Kumaraswamy's distribution,
/// Statistical Methodology 6 (2009), section on likelihood inference; derived anew from
/// \\(x^a \sim \mathrm{Beta}(1, b)\\).
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::Kumaraswamy;
/// let information = expected_information(&Kumaraswamy, &[2.0, 2.0], Method::Numeric)?;
/// assert!((information.matrix()[(1, 1)] - 0.25).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Kumaraswamy;

pub(super) fn log_density<D: Dual>(a: D, b: D, x: &[Datum<D>]) -> D {
    let (ln, ln_complement) = logarithms(x);
    // So near to one that ln x = −(1 − x) may lie under the smallest double: 1 − x^a = a(1 − x).
    let rest = if ln_complement.re() < -40.0 {
        a.ln() + ln_complement
    } else {
        ln_1m_exp(a * ln)
    };
    a.ln() + b.ln() + (a - 1.0) * ln + (b - 1.0) * rest
}

/// By inversion: 1 − x^a = U^(1/b).
pub(super) fn draw(a: f64, b: f64, rng: &mut dyn Rng, x: &mut [f64]) {
    let ln = ln_1m_exp(draw_open_unit(rng).ln() / b) / a;
    set_unit_interval(x, (ln, ln_1m_exp(ln)));
}

impl Family for Kumaraswamy {
    fn name(&self) -> String {
        "Kumaraswamy".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::positive("a"), Parameter::positive("b")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::UnitInterval
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        log_density(theta[0], theta[1], x)
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        draw(theta[0], theta[1], rng, x);
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let (a, b) = (theta[0], theta[1]);
        // Means of ψ′ and ψ″ over a step stand for quotients of differences.
        let step = b - 2.0;
        let bend = if step.abs() < 1.0 {
            let slope = mean_over(2.0, b, trigamma);
            step * slope * slope - mean_over(2.0, b, |t| polygamma(2, t))
        } else {
            let change = digamma(b) - digamma(2.0);
            (change * change + trigamma(2.0) - trigamma(b)) / step
        };
        let slope = if (b - 1.0).abs() < 1.0 {
            mean_over(2.0, b + 1.0, trigamma)
        } else {
            (digamma(b + 1.0) - digamma(2.0)) / (b - 1.0)
        };
        Some(mat![
            [(1.0 + b * bend) / a / a, -slope / a],
            [-slope / a, b.powi(-2)]
        ])
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![Elementwise::coordinates("log", &[Scalar::Log, Scalar::Log])]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "kumaraswamy",
    aliases: &[],
    summary: "a proportion with a simple distribution function",
    example: "kumaraswamy a=2 b=3",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let first = arguments.number("a")?;
        Instance::new(Kumaraswamy, vec![first, arguments.number("b")?])
    },
};
