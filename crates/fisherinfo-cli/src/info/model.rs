//! Which model at which point: a family of the catalogue, or a density that was typed.

use super::arguments::InfoArguments;
use crate::error::{Failure, nearest};
use fisherinfo::coordinates::Coordinates;
use fisherinfo::expectation::ExpectationError;
use fisherinfo::family::{
    ArgumentError, Arguments, CATALOGUE, DensityFormula, Entry, Instance, Model, ParameterError,
    SamplingError, TypedError, Value, find,
};
use fisherinfo::sweep::{Growth, Quantity, Side, View, boundary_behaviour};

/// A model at a point.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// What the family was called, or `typed`.
    pub(crate) family: String,
    instance: Instance,
    is_typed: bool,
}

/// An example of an assignment.
const EXAMPLE: &str = "p=0.3";

/// The model that the arguments name, at the point that they give.
pub(crate) fn choose(arguments: &InfoArguments) -> Result<Chosen, Failure> {
    choose_with(arguments, &[])
}

/// The same with values for names that the arguments leave out.
pub(crate) fn choose_with(
    arguments: &InfoArguments,
    defaults: &[(String, Value)],
) -> Result<Chosen, Failure> {
    match (&arguments.log_density, &arguments.family) {
        (Some(density), _) => typed(arguments, density, defaults),
        (None, family) => catalogued(family.as_deref().unwrap_or_default(), arguments, defaults),
    }
}

impl Chosen {
    pub(crate) fn model(&self) -> &dyn Model {
        self.instance.model.as_ref()
    }

    pub(crate) fn theta(&self) -> &[f64] {
        &self.instance.theta
    }

    /// The coordinates called `name`; `None` for the family's own.
    pub(crate) fn coordinates(&self, name: Option<&str>) -> Result<Option<Coordinates>, Failure> {
        let mut others = self.model().alternative_coordinates();
        if self.is_typed {
            // Of a density nobody has named others, but those that open its space are always there.
            others.push(self.model().space().unconstrained());
        }
        coordinates(&self.family, self.model(), others, name)
    }

    /// A refusal of the engine, with the remedy that fits a typed density.
    pub(crate) fn refused(&self, error: ExpectationError) -> Failure {
        if !self.is_typed {
            return error.into();
        }
        match error {
            ExpectationError::Mass { total, error, .. } => Failure::NotNormalised { total, error },
            ExpectationError::NoNumericRoute { reason, .. } => Failure::NoRule { reason },
            ExpectationError::Sampling(SamplingError { reason, .. }) => Failure::NoRule { reason },
            other => other.into(),
        }
    }
}

/// Those of `others` that are called `name`; `None` for the model's own.
pub(crate) fn coordinates(
    family: &str,
    model: &dyn Model,
    others: Vec<Coordinates>,
    name: Option<&str>,
) -> Result<Option<Coordinates>, Failure> {
    let Some(name) = name else { return Ok(None) };
    let own = fisherinfo::information::own_coordinates(&model.space().names());
    if name == own {
        return Ok(None);
    }
    let known: Vec<String> = others.iter().map(Coordinates::name).collect();
    others
        .into_iter()
        .find(|coordinates| coordinates.name() == name)
        .map(Some)
        .ok_or_else(|| Failure::UnknownCoordinates {
            family: family.into(),
            name: name.into(),
            known: std::iter::once(own)
                .chain(known)
                .collect::<Vec<_>>()
                .join(", "),
        })
}

/// `name=value` and so on.
fn assignments(
    texts: impl Iterator<Item = impl AsRef<str>>,
    example: &str,
    refused: impl Fn(ArgumentError) -> Failure,
) -> Result<Vec<(String, Value)>, Failure> {
    texts
        .map(|text| {
            let text = text.as_ref();
            let (name, value) = text
                .split_once('=')
                .filter(|(name, _)| !name.trim().is_empty())
                .ok_or_else(|| Failure::NotAnAssignment {
                    text: text.into(),
                    example: example.into(),
                })?;
            let value: Value = value.parse().map_err(&refused)?;
            Ok((name.trim().to_string(), value))
        })
        .collect()
}

fn with_defaults(values: &mut Vec<(String, Value)>, defaults: &[(String, Value)]) {
    for (name, value) in defaults {
        if !values.iter().any(|(given, _)| given == name) {
            values.push((name.clone(), value.clone()));
        }
    }
}

/// The family of an entry at the point that texts of the form name=value give.
pub(crate) fn build(entry: &Entry, values: &[String]) -> Result<Instance, Failure> {
    let refused = |error| refused(entry, error);
    assignments(values.iter(), example(entry), refused)
        .and_then(|named| Arguments::new(named).map_err(refused))
        .and_then(|named| entry.instance(named).map_err(refused))
}

/// The last assignment of an entry's example.
fn example(entry: &Entry) -> &'static str {
    entry.example.split(' ').next_back().unwrap_or(EXAMPLE)
}

fn catalogued(
    family: &str,
    arguments: &InfoArguments,
    defaults: &[(String, Value)],
) -> Result<Chosen, Failure> {
    let entry = find(family).ok_or_else(|| unknown_family(family))?;
    let refused = |error| refused(entry, error);
    let mut named = assignments(arguments.values.iter(), example(entry), refused)?;
    with_defaults(&mut named, defaults);
    let instance = Arguments::new(named.clone())
        .and_then(|named| entry.instance(named))
        .map_err(|error| {
            let build = |named| {
                Arguments::new(named)
                    .and_then(|named| entry.instance(named))
                    .ok()
            };
            on_boundary(&error, &named, &build).unwrap_or_else(|| refused(error))
        })?;
    Ok(Chosen {
        family: entry.name.into(),
        instance,
        is_typed: false,
    })
}

/// What to say of a point that lies on the boundary of the space itself: what becomes of the
/// information toward it, read from a point inside.
fn on_boundary(
    error: &ArgumentError,
    named: &[(String, Value)],
    build: &dyn Fn(Vec<(String, Value)>) -> Option<Instance>,
) -> Option<Failure> {
    let ArgumentError::Parameter(ParameterError::Outside { name, value, .. }) = error else {
        return None;
    };
    let inside = [0.5, -0.5, 1.0, -1.0].into_iter().find_map(|step| {
        let mut moved = named.to_vec();
        let given = moved.iter_mut().find(|(given, _)| given == name)?;
        given.1 = Value::Number(value + step);
        build(moved)
    })?;
    let space = inside.model.space();
    let index = space.names().iter().position(|own| own == name)?;
    let own = &space.parameters()[index];
    let side = match *value {
        value if value == own.lower => Side::Lower,
        value if value == own.upper => Side::Upper,
        _ => return None,
    };
    let view = View {
        model: inside.model.as_ref(),
        coordinates: None,
        quantity: Quantity::Entry(index, index),
    };
    let boundary = boundary_behaviour(&view, &inside.theta, index, side);
    if matches!(boundary.growth, Growth::Undecided { .. }) {
        return None;
    }
    // `p → 0: grows without bound, …`
    let text = boundary.to_string();
    Some(Failure::OnBoundary {
        error: error.clone(),
        behaviour: text.split_once(": ")?.1.into(),
    })
}

fn refused(entry: &Entry, error: ArgumentError) -> Failure {
    Failure::Argument {
        family: entry.name.into(),
        error,
        example: entry.example.into(),
    }
}

fn typed(
    arguments: &InfoArguments,
    density: &str,
    defaults: &[(String, Value)],
) -> Result<Chosen, Failure> {
    let support = arguments.support.as_deref().unwrap_or_default();
    let mut formula = DensityFormula::parse(density, support).map_err(Failure::Typed)?;
    for name in &arguments.known {
        formula = formula.known(name.trim());
    }
    for text in &arguments.domain {
        let (name, lower, upper) =
            domain(text).ok_or_else(|| Failure::Domain { text: text.clone() })?;
        formula = formula.within(name, lower, upper);
    }
    // Where a family would stand there is the first value.
    let texts = arguments.family.iter().chain(&arguments.values);
    let mut named = assignments(texts, EXAMPLE, Failure::Value)?;
    with_defaults(&mut named, defaults);
    let (model, theta) = formula.at(&named).map_err(|error| {
        let build = |named: Vec<(String, Value)>| {
            let (model, theta) = formula.at(&named).ok()?;
            Some(Instance {
                model: Box::new(model),
                theta,
            })
        };
        let failure = match &error {
            TypedError::Parameter(outside) => {
                on_boundary(&ArgumentError::Parameter(outside.clone()), &named, &build)
            }
            _ => None,
        };
        failure.unwrap_or(Failure::Typed(error))
    })?;
    Ok(Chosen {
        family: "typed".into(),
        instance: Instance {
            model: Box::new(model),
            theta,
        },
        is_typed: true,
    })
}

/// `p=0:1`.
fn domain(text: &str) -> Option<(String, f64, f64)> {
    let (name, range) = text.split_once('=')?;
    let (lower, upper) = range.split_once(':')?;
    let end = |text: &str| match text.trim() {
        "inf" | "∞" => Some(f64::INFINITY),
        "-inf" | "-∞" | "−∞" => Some(f64::NEG_INFINITY),
        number => number.parse().ok().filter(|end: &f64| end.is_finite()),
    };
    let (lower, upper) = (end(lower)?, end(upper)?);
    (lower < upper && !name.trim().is_empty()).then(|| (name.trim().into(), lower, upper))
}

pub(crate) fn unknown_family(name: &str) -> Failure {
    let known = CATALOGUE
        .iter()
        .flat_map(|entry| entry.aliases.iter().copied().chain([entry.name]));
    Failure::UnknownFamily {
        name: name.into(),
        nearest: nearest(name, known),
    }
}
