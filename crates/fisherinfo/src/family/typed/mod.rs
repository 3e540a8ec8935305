//! Densities that a person types.

mod axis;
mod bulk;
mod error;
mod formula;
mod kinks;
mod layout;
mod sampler;
mod support_formula;

pub use error::TypedError;
pub use formula::DensityFormula;
pub use support_formula::{SupportError, SupportFormula, SupportProblem};

use super::{Family, ParameterSpace, SamplingError, Support};
use crate::dual::{Datum, Dual};
use crate::expression::{Environment, Program, Value};
use axis::Axis;
use faer::Mat;
use kinks::Kinks;
use layout::Layout;
use rand::Rng;
use sampler::Sampler;
use std::sync::{Arc, PoisonError, RwLock};
use support_formula::{EndKind, Factor};

/// What the observation is called in a typed density.
const OBSERVATION: &str = "x";

/// A family whose log-density a person typed: a [`Program`] of the parameters and of the
/// observation x, and the support. Made by [`DensityFormula::at`].
///
/// Its derivatives are those of the formula over dual numbers, as for every other family. It knows
/// no sampler of its own: one is tabulated from the density (see [`TypedDensity`]'s `sample`), in
/// one dimension.
#[derive(Clone, Debug)]
pub struct TypedDensity(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: String,
    program: Program,
    support: SupportFormula,
    layout: Layout,
    space: ParameterSpace,
    /// The sampler of the last point asked for: a table costs thousands of evaluations.
    sampler: RwLock<Option<Arc<Tabulated>>>,
    /// Likewise the kinks.
    kinks: RwLock<Option<Arc<Kinks>>>,
}

/// A sampler, and the point that it is for.
#[derive(Debug)]
struct Tabulated {
    theta: Vec<f64>,
    sampler: Sampler,
}

impl TypedDensity {
    fn environment<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> Environment<D> {
        let mut environment = Environment::new();
        self.0.layout.insert(theta, &mut environment);
        if let [_, Datum::Known(end), Datum::Known(offset)] = *x
            && self.0.support.factors.len() == 1
            && offset.abs() < (end + offset).abs()
        {
            // x itself has lost the digits of its distance from the end, which is nearer than zero.
            environment.insert_known_near(OBSERVATION, end, offset);
            return environment;
        }
        // Far from the end its value says all.
        let is_segment = x.len() == 3 && self.0.support.factors.len() == 1;
        let x = if is_segment { &x[..1] } else { x };
        let entries: Vec<D> = x.iter().map(|datum| datum.lift()).collect();
        let value = match entries[..] {
            [entry] if self.0.support.factors.len() == 1 => Value::Scalar(entry),
            _ => Value::Vector(entries),
        };
        if x.iter().all(|datum| matches!(datum, Datum::Known(_))) {
            environment.insert_known(OBSERVATION, value);
        } else {
            environment.insert(OBSERVATION, value);
        }
        environment
    }

    /// The number at an end of the support.
    fn end(&self, theta: &[f64], end: &support_formula::End) -> f64 {
        match &end.kind {
            EndKind::Number(value) => *value,
            EndKind::Name { name, is_negative } => {
                let value = self.0.layout.number(name, theta).unwrap_or(f64::NAN);
                if *is_negative { -value } else { value }
            }
            EndKind::Formula(formula) => {
                let mut environment = Environment::new();
                self.0.layout.insert(theta, &mut environment);
                match formula.evaluate(&environment) {
                    Ok(Value::Scalar(value)) => value,
                    _ => f64::NAN,
                }
            }
        }
    }

    fn factor(&self, theta: &[f64], factor: &Factor) -> Support {
        match factor {
            Factor::Integers(from, to) => Support::Integers {
                // Whole and at most 2^53, as was checked.
                from: self.end(theta, from) as i64,
                to: to.as_ref().map(|to| self.end(theta, to) as i64),
            },
            Factor::Interval(lower, upper) => Support::Interval {
                lower: self.end(theta, lower),
                upper: self.end(theta, upper),
            },
        }
    }

    /// ln f at numbers; NaN where the formula has no value.
    fn value(&self, theta: &[f64], x: &[f64]) -> f64 {
        let x: Vec<Datum<f64>> = x.iter().copied().map(Datum::Known).collect();
        Family::log_density(self, theta, &x)
    }

    /// Numbers near which the bulk may be: the parameters, and what is known.
    fn hints(&self, theta: &[f64]) -> Vec<f64> {
        let mut hints = theta.to_vec();
        hints.extend(self.0.layout.known_numbers());
        hints
    }

    fn sampler(&self, theta: &[f64]) -> Result<Arc<Tabulated>, SamplingError> {
        let held = self
            .0
            .sampler
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(sampler) = held.as_ref().filter(|held| held.theta == theta) {
            return Ok(Arc::clone(sampler));
        }
        drop(held);
        let hints = self.hints(theta);
        let log_density = |x: f64| self.value(theta, &[x]);
        let sampler = Sampler::new(&Family::support(self, theta), &hints, &log_density)
            .map_err(|reason| SamplingError::new(self, reason))?;
        let sampler = Arc::new(Tabulated {
            theta: theta.to_vec(),
            sampler,
        });
        *self
            .0
            .sampler
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&sampler));
        Ok(sampler)
    }

    /// Is an observation so near to an end that is a formula, that what a density makes of its distance
    /// is rounding? A logarithm of it may then have no value.
    fn is_rounded<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> bool {
        const ROUNDING: f64 = 64.0 * f64::EPSILON;
        let is_formula = |end: &support_formula::End| matches!(end.kind, EndKind::Formula(_));
        let size: f64 = theta.iter().map(|value| value.re().abs()).sum();
        match x {
            [_, end, offset] if self.0.support.ends().any(is_formula) => {
                offset.value().abs() <= ROUNDING * (end.value().abs() + size)
            }
            _ => false,
        }
    }

    /// The axes of a support that is an interval or a product of intervals.
    fn axes(&self, theta: &[f64]) -> Option<Vec<Axis>> {
        match Family::support(self, theta) {
            Support::Product(factors) => factors.iter().map(Axis::of).collect(),
            one => Axis::of(&one).map(|axis| vec![axis]),
        }
    }
}

impl Family for TypedDensity {
    fn name(&self) -> String {
        self.0.name.clone()
    }

    fn space(&self) -> ParameterSpace {
        self.0.space.clone()
    }

    fn support(&self, theta: &[f64]) -> Support {
        match &self.0.support.factors[..] {
            [factor] => match self.factor(theta, factor) {
                // Next to an end that is not zero a double has lost the distance to it.
                Support::Interval { lower, upper }
                    if [lower, upper]
                        .iter()
                        .any(|end| end.is_finite() && *end != 0.0) =>
                {
                    Support::Segment { lower, upper }
                }
                other => other,
            },
            factors => Support::Product(
                factors
                    .iter()
                    .map(|factor| self.factor(theta, factor))
                    .collect(),
            ),
        }
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        // What can fail was tried when the formula got its values.
        match self.0.program.evaluate(&self.environment(theta, x)) {
            Ok(Value::Scalar(value)) if value.re().is_nan() && self.is_rounded(theta, x) => {
                D::from(f64::NEG_INFINITY)
            }
            Ok(Value::Scalar(value)) => value,
            _ => D::from(f64::NAN),
        }
    }

    /// One draw from the density, divided by what it integrates to if that is 1 to six digits.
    ///
    /// In one dimension: by inversion of a table of the integers, or by rejection from panels over
    /// which the density varies little, each chosen with its mass. In several there is none.
    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let table = self.sampler(theta)?;
        let log_density = |x: f64| self.value(theta, &[x]);
        table.sampler.draw(rng, &log_density, x);
        Ok(())
    }

    fn kinks<D: Dual>(&self, theta: &[D]) -> Vec<D> {
        kinks::kinks(self, theta)
    }

    fn landmarks(&self, theta: &[f64]) -> Vec<Vec<f64>> {
        let hints = self.hints(theta);
        if let Support::Product(factors) = Family::support(self, theta) {
            let log_density = |x: &[f64]| self.value(theta, x);
            return bulk::integer_modes(&factors, &hints, &log_density)
                .into_iter()
                .collect();
        }
        let log_density = |x: f64| self.value(theta, &[x]);
        bulk::landmarks(&Family::support(self, theta), &hints, &log_density)
    }

    fn normal_frame(&self, theta: &[f64]) -> Option<(Vec<f64>, Mat<f64>)> {
        let axes = self.axes(theta)?;
        bulk::normal_frame(self, theta, &axes)
    }
}
