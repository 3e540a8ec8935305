use super::layout::{LaidOut, Layout};
use super::support_formula::{End, EndKind, Factor};
use super::{Inner, OBSERVATION, SupportFormula, TypedDensity, TypedError, bulk};
use crate::expression::{Environment, Excerpt, Program, Value, nearest_names};
use crate::family::{Family, Parameter, ParameterSpace, Support, Value as Given};
use std::sync::{Arc, RwLock};

/// A log-density and its support, as typed, before the names have values.
///
/// The log-density is a [`Program`] of the observation `x` and of any other names; `x` is a vector
/// where the support is a product. Every other name is a parameter, unless it is known: a number, a
/// vector `mu` with the parameters `mu[1]`, `mu[2]`, …, or a matrix. A symmetric matrix stays
/// symmetric: its parameters are its lower triangle.
///
/// Without [`DensityFormula::within`] a parameter lives on ℝ.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::{DensityFormula, Value};
///
/// // A coin with a known number of tosses: trials/(p(1 − p)).
/// let (density, theta) = DensityFormula::parse(
///     "lchoose(n, x) + x*log(p) + (n - x)*log(1 - p)",
///     "{0, 1, ..., n}",
/// )?
/// .known("n")
/// .within("p", 0.0, 1.0)
/// .at(&[("n".into(), Value::Number(10.0)), ("p".into(), Value::Number(0.3))])?;
/// let information = expected_information(&density, &theta, Method::Automatic)?;
/// assert!((information.matrix()[(0, 0)] - 10.0 / 0.21).abs() < 1e-11);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct DensityFormula {
    text: String,
    program: Program,
    support: SupportFormula,
    known: Vec<String>,
    ranges: Vec<(String, f64, f64)>,
}

impl DensityFormula {
    /// Reads both.
    ///
    /// # Errors
    /// [`TypedError::Formula`] and [`TypedError::Support`], with the place of what cannot be read.
    pub fn parse(log_density: &str, support: &str) -> Result<Self, TypedError> {
        Ok(Self {
            text: log_density.to_owned(),
            program: Program::parse(log_density)?,
            support: SupportFormula::parse(support)?,
            known: Vec::new(),
            ranges: Vec::new(),
        })
    }

    /// The same with the value of a name known: it is no parameter. An end of a set of integers
    /// always is known.
    #[must_use]
    pub fn known(mut self, name: impl Into<String>) -> Self {
        self.known.push(name.into());
        self
    }

    /// The same with a parameter on the open interval (lower, upper): one number, an entry such as
    /// `p[1]`, or every entry of a vector or matrix.
    #[must_use]
    pub fn within(mut self, name: impl Into<String>, lower: f64, upper: f64) -> Self {
        self.ranges.push((name.into(), lower, upper));
        self
    }

    /// The family, and the point that the values give.
    ///
    /// # Errors
    /// A name without a value, a value that nothing uses, shapes that do not fit, an end of the
    /// support that is no number in its range; a point outside the ranges.
    pub fn at(&self, values: &[(String, Given)]) -> Result<(TypedDensity, Vec<f64>), TypedError> {
        self.check_names(values)?;
        let whole: Vec<&str> = self.support.whole_names().collect();
        let is_known =
            |name: &str| whole.contains(&name) || self.known.iter().any(|known| known == name);
        let LaidOut {
            layout,
            theta,
            names,
        } = Layout::lay_out(values, is_known)?;
        if let Some(name) = self
            .known
            .iter()
            .find(|name| !values.iter().any(|(given, _)| given == *name))
        {
            return Err(TypedError::NoSuchParameter {
                what: "the known values",
                name: name.clone(),
                known: listed(values.iter().map(|(name, _)| name.as_str())),
            });
        }
        if theta.is_empty() {
            return Err(TypedError::NoParameter);
        }
        let space = self.space(&names)?;
        space.check(&theta)?;
        let density = TypedDensity(Arc::new(Inner {
            name: self.name(),
            program: self.program.clone(),
            support: self.support.clone(),
            layout,
            space,
            sampler: RwLock::new(None),
            kinks: RwLock::new(None),
        }));
        self.check_ends(&density, &theta)?;
        self.check_value(&density, &theta)?;
        Ok((density, theta))
    }

    /// `exp(…)` on its support; a long formula is left out.
    fn name(&self) -> String {
        const LONGEST: usize = 60;
        let formula = self.program.to_string();
        if formula.chars().count() > LONGEST || formula.contains('\n') {
            format!("Typed density on {}", self.support.text.trim())
        } else {
            format!("exp({formula}) on {}", self.support.text.trim())
        }
    }

    fn space(&self, names: &[(String, String)]) -> Result<ParameterSpace, TypedError> {
        let mut parameters: Vec<Parameter> = names
            .iter()
            .map(|(entry, _)| Parameter::real(entry.as_str()))
            .collect();
        for (name, lower, upper) in &self.ranges {
            let mut found = false;
            for (parameter, (entry, whole)) in parameters.iter_mut().zip(names) {
                if entry == name || whole == name {
                    (parameter.lower, parameter.upper) = (*lower, *upper);
                    found = true;
                }
            }
            if !found {
                return Err(TypedError::NoSuchParameter {
                    what: "the ranges",
                    name: name.clone(),
                    known: listed(names.iter().map(|(entry, _)| entry.as_str())),
                });
            }
        }
        Ok(ParameterSpace::product(parameters))
    }

    /// Every name has a value, and every value a name.
    fn check_names(&self, values: &[(String, Given)]) -> Result<(), TypedError> {
        for (index, (name, _)) in values.iter().enumerate() {
            let reserved = |reason| TypedError::Reserved {
                name: name.clone(),
                reason,
            };
            if name == OBSERVATION {
                return Err(reserved("x is the observation"));
            }
            if name == "pi" || name == "π" {
                return Err(reserved("it is the number π"));
            }
            if values[..index].iter().any(|(earlier, _)| earlier == name) {
                return Err(reserved("it has one already"));
            }
        }
        let given = || values.iter().map(|(name, _)| name.as_str());
        let mentions_x = self.program.variables().any(|name| name == OBSERVATION);
        let in_formula = self
            .program
            .variable_places()
            .filter(|(name, _)| *name != OBSERVATION)
            .map(|(name, at)| ("the log-density", self.text.as_str(), name, at));
        let in_support = self
            .support
            .names()
            .map(|(name, at)| ("the support", self.support.text.as_str(), name, at));
        for (what, text, name, at) in in_formula.chain(in_support) {
            if !given().any(|known| known == name) {
                return Err(TypedError::NoValue {
                    what,
                    name: name.to_owned(),
                    nearest: nearest_names(name, given()).into_iter().next(),
                    is_observation_expected: !mentions_x && what == "the log-density",
                    excerpt: Excerpt::new(text, at, name.len()),
                });
            }
        }
        let mentioned = || {
            self.program
                .variables()
                .chain(self.support.names().map(|(name, _)| name))
        };
        match given().find(|name| !mentioned().any(|other| other == *name)) {
            None => Ok(()),
            Some(name) => Err(TypedError::Unused {
                name: name.to_owned(),
                nearest: nearest_names(name, mentioned().filter(|other| *other != OBSERVATION))
                    .into_iter()
                    .next(),
            }),
        }
    }

    /// The ends of the support are numbers in their range.
    fn check_ends(&self, density: &TypedDensity, theta: &[f64]) -> Result<(), TypedError> {
        let refused = |end: &End, reason: String| {
            Err(TypedError::End {
                reason,
                excerpt: Excerpt::new(&self.support.text, end.offset, end.length),
            })
        };
        for end in self.support.ends() {
            if density.end(theta, end).is_nan() {
                let wanted = match end.kind {
                    EndKind::Formula(_) => "has no value that is one number here",
                    _ => "has to be a number, not a list",
                };
                return refused(end, format!("{end} {wanted}"));
            }
        }
        for factor in &self.support.factors {
            match factor {
                Factor::Integers(from, to) => {
                    for end in [Some(from), to.as_ref()].into_iter().flatten() {
                        let value = density.end(theta, end);
                        if value.fract() != 0.0 || value.abs() > (1_u64 << 53) as f64 {
                            return refused(end, format!("{end} = {value} is no whole number"));
                        }
                    }
                    if let Some(to) = to
                        && density.end(theta, to) < density.end(theta, from)
                    {
                        let value = density.end(theta, to);
                        return refused(to, format!("the set ends at {value}, before it begins"));
                    }
                }
                Factor::Interval(lower, upper) => {
                    let (low, high) = (density.end(theta, lower), density.end(theta, upper));
                    if low.partial_cmp(&high) != Some(std::cmp::Ordering::Less) {
                        return refused(
                            upper,
                            format!("the interval from {low} to {high} is empty"),
                        );
                    }
                }
            }
        }
        Ok(())
    }

    /// The formula has a value somewhere in the support, and it is a number.
    fn check_value(&self, density: &TypedDensity, theta: &[f64]) -> Result<(), TypedError> {
        let x: Vec<f64> = match density.support(theta) {
            Support::Product(factors) => factors.iter().map(bulk::a_point).collect(),
            one => vec![bulk::a_point(&one)],
        };
        let known: Vec<_> = x.iter().copied().map(crate::dual::Datum::Known).collect();
        let environment: Environment<f64> = density.environment(theta, &known);
        match self.program.evaluate(&environment) {
            Ok(Value::Scalar(_)) => Ok(()),
            Ok(other) => Err(TypedError::NotANumber {
                shape: other.shape(),
            }),
            Err(error) => Err(TypedError::Evaluation { x, error }),
        }
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        "none".into()
    } else {
        names.join(", ")
    }
}
