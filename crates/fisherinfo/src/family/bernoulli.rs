use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::special::log_excess;
use faer::{Mat, mat};
use rand::{Rng, RngExt};

/// One toss of a coin: \\(f(x \mid p) = p^x (1-p)^{1-x}\\) on {0, 1}.
///
/// Information \\(1/(p(1-p))\\). Alternative coordinates: logit (natural) and arcsine, in which it
/// is constant.
///
/// ```
/// use fisherinfo::family::{Bernoulli, Model};
/// let information = Bernoulli.closed_form_information(&[0.3]).expect("known");
/// assert!((information[(0, 0)] - 1.0 / 0.21).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Bernoulli;

/// Coordinates of a probability.
pub(super) fn probability_coordinates() -> Vec<Coordinates> {
    vec![
        Elementwise::coordinates("logit", &[Scalar::Logit]),
        Elementwise::coordinates("arcsine", &[Scalar::Arcsine]),
        Elementwise::coordinates("natural", &[Scalar::Logit]),
    ]
}

/// KL of one toss, as Σ pᵢ (t − ln(1 + t)) with t = qᵢ/pᵢ − 1, which keeps its digits for q near p.
pub(super) fn toss_divergence(p: f64, q: f64) -> f64 {
    p * log_excess((q - p) / p) + (1.0 - p) * log_excess((p - q) / (1.0 - p))
}

impl Family for Bernoulli {
    fn name(&self) -> String {
        "Bernoulli".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::probability("p")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::Integers {
            from: 0,
            to: Some(1),
        }
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        if x[0].value() == 1.0 {
            theta[0].ln()
        } else {
            (-theta[0]).ln_1p()
        }
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        x[0] = f64::from(u8::from(rng.random::<f64>() < theta[0]));
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let p = theta[0];
        Some(mat![[1.0 / (p * (1.0 - p))]])
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        Some(toss_divergence(theta[0], other[0]))
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        Some(ClosedGeodesic::probability(1.0, from[0], to[0]))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        probability_coordinates()
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "bernoulli",
    aliases: &["coin"],
    summary: "one toss of a coin with probability p",
    example: "bernoulli p=0.3",
    jeffreys_is_proper: Some(true),
    build: |arguments| Instance::new(Bernoulli, vec![arguments.number("p")?]),
};
