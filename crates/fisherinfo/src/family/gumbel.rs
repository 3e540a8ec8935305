use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, ReferencePrior,
    SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use faer::{Mat, mat};
use rand::Rng;
use rand_distr::{Distribution, Exp1};
use std::f64::consts::PI;

/// Gumbel's distribution of a maximum, with location μ and scale β:
/// \\(f(x \mid \mu, \beta) = \beta^{-1}e^{-z-e^{-z}}\\) with \\(z = (x-\mu)/\beta\\), on ℝ.
///
/// Information \\(\begin{pmatrix}1 & -(1-\gamma)\\\\ -(1-\gamma) & (1-\gamma)^2+\pi^2/6\end{pmatrix}/\beta^2\\)
/// with Euler's γ. Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2 (1995),
/// ch. 22.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::Gumbel;
/// let information = expected_information(&Gumbel, &[1.0, 2.0], Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - 0.25).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Gumbel;

/// Euler's constant γ = −ψ(1).
pub(super) const EULER: f64 = 0.577_215_664_901_532_9;

impl Family for Gumbel {
    fn name(&self) -> String {
        "Gumbel(max)".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![
            Parameter::real("location"),
            Parameter::positive("scale"),
        ])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::REAL
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let z = (x[0].lift() - theta[0]) / theta[1];
        -z - (-z).exp() - theta[1].ln()
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let unit: f64 = Exp1.sample(rng);
        x[0] = theta[0] - theta[1] * unit.ln();
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let unit = theta[1].powi(-2);
        let across = -(1.0 - EULER) * unit;
        let scale = (1.0 - EULER).powi(2) + PI * PI / 6.0;
        Some(mat![[unit, across], [across, scale * unit]])
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        // dμ² − 2(1 − γ)dμdβ + … is the square of u = μ − (1 − γ)β, and π²/6·dβ² is left.
        let (mu, beta) = (from[0], from[1]);
        let grown = to[1] - beta;
        let moved = to[0] - mu - (1.0 - EULER) * grown;
        Some(ClosedGeodesic::half_plane(
            [1.0, PI * PI / 6.0],
            [beta, to[1]],
            [moved, grown],
            move |u, v| vec![mu + u + (1.0 - EULER) * (v - beta), v],
        ))
    }

    fn reference_prior(&self) -> Option<ReferencePrior> {
        Some(ReferencePrior::location_scale("scale"))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![Elementwise::coordinates(
            "log-scale",
            &[Scalar::Identity, Scalar::Log],
        )]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "gumbel",
    aliases: &["extreme-value"],
    summary: "the largest of many",
    example: "gumbel location=0 scale=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let first = arguments.number("location")?;
        Instance::new(Gumbel, vec![first, arguments.number("scale")?])
    },
};
