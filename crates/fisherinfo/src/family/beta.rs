use super::observation::{draw_ln_gamma, logarithms, set_unit_interval};
use super::{Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support, bregman};
use crate::coordinates::{CoordinateMap, Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::{digamma, ln_beta, ln_logistic, trigamma, trigamma_minus_reciprocal};
use faer::{Mat, mat};
use rand::Rng;

/// Beta: \\(f(x \mid a, b) = x^{a-1}(1-x)^{b-1}/B(a, b)\\) on (0, 1).
///
/// Information \\(\mathrm{diag}(\psi'(a), \psi'(b)) - \psi'(a+b)\,\mathbf{1}\mathbf{1}^\top\\).
#[derive(Clone, Copy, Debug)]
pub struct Beta;

/// (m, ν) with mean m = a/(a + b) and precision ν = a + b.
#[derive(Clone, Copy, Debug)]
struct MeanPrecision;

impl CoordinateMap for MeanPrecision {
    fn name(&self) -> String {
        "mean-precision".into()
    }

    fn names(&self, _: &[String]) -> Vec<String> {
        vec!["mean".into(), "precision".into()]
    }

    fn forward<D: Dual>(&self, theta: &[D]) -> Vec<D> {
        let precision = theta[0] + theta[1];
        vec![theta[0] / precision, precision]
    }

    fn inverse<D: Dual>(&self, phi: &[D]) -> Vec<D> {
        vec![phi[0] * phi[1], (-phi[0] + 1.0) * phi[1]]
    }
}

impl Family for Beta {
    fn name(&self) -> String {
        "Beta".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::positive("a"), Parameter::positive("b")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::UnitInterval
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let (a, b) = (theta[0], theta[1]);
        let (ln, ln_complement) = logarithms(x);
        (a - 1.0) * ln + (b - 1.0) * ln_complement - ln_beta(a, b)
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        // By two gammas, so that the complement keeps its digits.
        let left = draw_ln_gamma(self, theta[0], rng)?;
        let right = draw_ln_gamma(self, theta[1], rng)?;
        set_unit_interval(x, (ln_logistic(left - right), ln_logistic(right - left)));
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let (a, b) = (theta[0], theta[1]);
        let both = trigamma(a + b);
        Some(mat![
            [trigamma(a) - both, -both],
            [-both, trigamma(b) - both]
        ])
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        let (a, b) = (theta[0], theta[1]);
        let (da, db) = (other[0] - a, other[1] - b);
        if bregman::is_near(theta, other) {
            // With τ(x) = ψ′(x) − 1/x the large parts of ψ′ make the square of one difference.
            return Some(bregman::divergence(|t| {
                let (a, b) = (a + t * da, b + t * db);
                let across = da * b - db * a;
                let tau = trigamma_minus_reciprocal::<f64>;
                across / a * (across / b) / (a + b) + da * da * tau(a) + db * db * tau(b)
                    - (da + db) * (da + db) * tau(a + b)
            }));
        }
        Some(
            ln_beta(other[0], other[1]) - ln_beta(a, b) - da * digamma(a) - db * digamma(b)
                + (da + db) * digamma(a + b),
        )
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Coordinates::new(MeanPrecision),
            Elementwise::coordinates("log", &[Scalar::Log, Scalar::Log]),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "beta",
    aliases: &[],
    summary: "a proportion with two shapes",
    example: "beta a=2 b=3",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let a = arguments.number("a")?;
        Instance::new(Beta, vec![a, arguments.number("b")?])
    },
};
