use super::{
    Entry, Family, Instance, Irregularity, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::dual::{Datum, Dual};
use rand::Rng;
use rand_distr::{Distribution, Exp1};

/// A waiting time that begins at an unknown shift δ:
/// \\(f(x \mid \lambda, \delta) = \lambda e^{-\lambda(x-\delta)}\\) on (δ, ∞).
///
/// Not regular: its support moves with δ. In δ, E\[s\] = λ, E\[s²\] = λ² and −E\[∂² log f\] = 0 contradict
/// one another.
///
/// ```
/// use fisherinfo::expectation::{ExpectationError, Method, expected_information};
/// use fisherinfo::family::ShiftedExponential;
/// let refused = expected_information(&ShiftedExponential, &[2.0, 1.0], Method::Automatic);
/// assert!(refused.unwrap_err().to_string().contains("moves with the shift"));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ShiftedExponential;

impl Family for ShiftedExponential {
    fn name(&self) -> String {
        "ShiftedExponential".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::positive("rate"), Parameter::real("shift")])
    }

    fn support(&self, theta: &[f64]) -> Support {
        Support::Segment {
            lower: theta[1],
            upper: f64::INFINITY,
        }
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        theta[0].ln() - theta[0] * distance(theta[1], x)
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let unit: f64 = Exp1.sample(rng);
        set_above(x, theta[1], unit / theta[0]);
        Ok(())
    }

    fn known_irregularity(&self, theta: &[f64]) -> Option<Irregularity> {
        Some(Irregularity::new(
            "its support (shift, ∞) moves with the shift, where the density is largest",
            "shift",
            [theta[0], theta[0] * theta[0], 0.0],
        ))
    }
}

/// The distance of an observation from an end δ that moves: the one that it carries, less the way that
/// the end moves.
pub(super) fn distance<D: Dual>(end: D, x: &[Datum<D>]) -> D {
    match x.get(2) {
        Some(distance) => distance.lift() - (end - end.re()),
        None => x[0].lift() - end,
    }
}

/// Writes an observation at a distance above an end.
pub(super) fn set_above(x: &mut [f64], end: f64, distance: f64) {
    for (place, value) in x.iter_mut().zip([end + distance, end, distance]) {
        *place = value;
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "shifted-exponential",
    aliases: &[],
    summary: "a waiting time with an unknown start: not regular",
    example: "shifted-exponential rate=2 shift=1",
    jeffreys_is_proper: None,
    build: |arguments| {
        let first = arguments.number("rate")?;
        Instance::new(ShiftedExponential, vec![first, arguments.number("shift")?])
    },
};
