//! `fisher info --sweep`: the information over a range of a parameter.

use super::arguments::InfoArguments;
use super::model::{Chosen, choose_with};
use crate::error::{Failure, nearest};
use fisherinfo::coordinates::Coordinates;
use fisherinfo::family::Value;
use fisherinfo::information::own_coordinates;
use fisherinfo::sweep::{
    Axis, Boundary, Extreme, Growth, Quantity, Side, Sweep, View, boundary_behaviour, sweep,
};

/// What was found over the range.
pub(super) struct SweepReport {
    pub(super) chosen: Chosen,
    /// The name of the number that runs.
    pub(super) name: String,
    pub(super) coordinates: String,
    /// What is followed, as `I(p)` or `det I`.
    pub(super) quantity: String,
    pub(super) observations: f64,
    /// What that many observations multiply the number of one by.
    pub(super) n: f64,
    pub(super) is_logarithmic: bool,
    pub(super) found: Sweep,
    /// Toward both ends of the parameter's range in the space.
    pub(super) ends: Vec<Boundary>,
    /// The same over the same range in the other coordinates of a single parameter.
    pub(super) elsewhere: Vec<(String, Sweep)>,
}

const DEFAULT_POINTS: usize = 50;
const MOST_POINTS: usize = 100_000;
/// Rows of the printed table; CSV and JSON have them all.
pub(super) const SHOWN: usize = 25;

struct Range {
    name: String,
    from: f64,
    to: f64,
    points: usize,
}

pub(super) fn compute(arguments: &InfoArguments, text: &str) -> Result<SweepReport, Failure> {
    let range = read(text, arguments.log)?;
    // The parameter that runs needs no value; it gets one inside.
    let middle = 0.5 * (range.from + range.to);
    let defaults = [(range.name.clone(), Value::Number(middle))];
    // A coordinate or an entry of a vector is no name of the family's, and then the parameters need
    // their own values; where they have none either, a plain name was meant as one.
    let is_plain = !range.name.contains(['(', '[', '/', '^', '*', '-']);
    let chosen = choose_with(arguments, &defaults).or_else(|first| {
        choose_with(arguments, &[]).map_err(|second| if is_plain { first } else { second })
    })?;
    let coordinates = chosen.coordinates(arguments.coordinates.as_deref())?;
    let own = chosen.model().space().names();
    let names = coordinates
        .as_ref()
        .map_or_else(|| own.clone(), |coordinates| coordinates.names(&own));
    let axis = axis(&range.name, &own, &names)?;
    let index = match axis {
        Axis::Parameter(index) | Axis::Coordinate(index) => index,
    };
    let quantity = quantity(arguments.entry.as_deref(), &names, index)?;
    let view = View {
        model: chosen.model(),
        coordinates: coordinates.as_ref(),
        quantity,
    };
    let values = values(&range, arguments.log, &chosen, axis);
    let follow = |view: &View<'_>| {
        sweep(view, chosen.theta(), axis, &values).map_err(|error| chosen.refused(error))
    };
    let found = follow(&view)?;
    let ends = match axis {
        Axis::Parameter(index) => [Side::Lower, Side::Upper]
            .map(|side| boundary_behaviour(&view, chosen.theta(), index, side))
            .into(),
        Axis::Coordinate(_) => Vec::new(),
    };
    let mut elsewhere = Vec::new();
    if own.len() == 1 && matches!(axis, Axis::Parameter(_)) {
        let others = std::iter::once(None).chain(
            chosen
                .model()
                .alternative_coordinates()
                .into_iter()
                .map(Some),
        );
        for other in others {
            let name = named(other.as_ref(), &own);
            if name != named(coordinates.as_ref(), &own) {
                let view = View {
                    coordinates: other.as_ref(),
                    ..view
                };
                elsewhere.push((name, follow(&view)?));
            }
        }
    }
    Ok(SweepReport {
        name: range.name,
        coordinates: named(coordinates.as_ref(), &own),
        quantity: match quantity {
            Quantity::Entry(i, j) if i == j => format!("I({})", names[i]),
            Quantity::Entry(i, j) => format!("I({}, {})", names[i], names[j]),
            Quantity::Determinant => "det I".into(),
        },
        observations: arguments.n,
        n: match quantity {
            Quantity::Entry(..) => arguments.n,
            Quantity::Determinant => arguments.n.powi(names.len() as i32),
        },
        is_logarithmic: arguments.log,
        found,
        ends,
        elsewhere,
        chosen,
    })
}

fn named(coordinates: Option<&Coordinates>, own: &[String]) -> String {
    coordinates.map_or_else(|| own_coordinates(own), Coordinates::name)
}

/// `p=0.01:0.99` or `p=0.01:0.99:50`.
fn read(text: &str, is_logarithmic: bool) -> Result<Range, Failure> {
    let refused = |reason: String| Failure::Sweep {
        text: text.into(),
        reason,
    };
    let (name, range) = text
        .rsplit_once('=')
        .filter(|(name, _)| !name.trim().is_empty())
        .ok_or_else(|| refused("it does not say what runs".into()))?;
    let parts: Vec<&str> = range.split(':').map(str::trim).collect();
    let number = |text: &str| {
        text.parse()
            .ok()
            .filter(|value: &f64| value.is_finite())
            .ok_or_else(|| refused(format!("`{text}` is no finite number")))
    };
    let (from, to, points) = match parts[..] {
        [from, to] => (from, to, DEFAULT_POINTS),
        [from, to, points] => {
            let count = points
                .parse()
                .ok()
                .filter(|count| (2..=MOST_POINTS).contains(count))
                .ok_or_else(|| {
                    refused(format!(
                        "the number of points is from 2 to {MOST_POINTS}, not {points}"
                    ))
                })?;
            (from, to, count)
        }
        _ => return Err(refused("a range has two ends".into())),
    };
    let (from, to) = (number(from)?, number(to)?);
    if from >= to {
        return Err(refused(format!("{from} is not below {to}")));
    }
    if is_logarithmic && from < 0.0 {
        return Err(refused("with --log the range has to be positive".into()));
    }
    Ok(Range {
        name: name.trim().into(),
        from,
        to,
        points,
    })
}

fn axis(name: &str, own: &[String], names: &[String]) -> Result<Axis, Failure> {
    if let Some(index) = own.iter().position(|own| own == name) {
        return Ok(Axis::Parameter(index));
    }
    if let Some(index) = names.iter().position(|coordinate| coordinate == name) {
        return Ok(Axis::Coordinate(index));
    }
    let known = own
        .iter()
        .chain(names.iter().filter(|name| !own.contains(name)));
    let known: Vec<&str> = known.map(String::as_str).collect();
    Err(Failure::NoSuchParameter {
        option: "--sweep",
        name: name.into(),
        nearest: nearest(name, known.iter().copied()),
        known: known.join(", "),
    })
}

fn quantity(entry: Option<&str>, names: &[String], index: usize) -> Result<Quantity, Failure> {
    let Some(entry) = entry else {
        return Ok(Quantity::Entry(index, index));
    };
    if ["determinant", "det"].contains(&entry) {
        return Ok(Quantity::Determinant);
    }
    let place = |name: &str| names.iter().position(|known| known == name.trim());
    // A name may have a comma of its own: every comma is tried.
    let whole = place(entry).map(|index| (index, index));
    entry
        .match_indices(',')
        .find_map(|(at, _)| Some((place(&entry[..at])?, place(&entry[at + 1..])?)))
        .or(whole)
        .map(|(row, column)| Quantity::Entry(row, column))
        .ok_or_else(|| Failure::NoSuchParameter {
            option: "--entry",
            name: entry.into(),
            nearest: String::new(),
            known: format!("{}; or determinant", names.join(", ")),
        })
}

/// The points; an end that is an end of the space itself is left out, since there is no information
/// there.
fn values(range: &Range, is_logarithmic: bool, chosen: &Chosen, axis: Axis) -> Vec<f64> {
    let (mut from, mut to) = (range.from, range.to);
    let mut steps = range.points - 1;
    let (mut first, mut last) = (0, range.points - 1);
    if let Axis::Parameter(index) = axis {
        let space = chosen.model().space();
        let own = &space.parameters()[index];
        if from == own.lower {
            if is_logarithmic {
                // A logarithm has no zero to begin at: three decades below the end.
                from = own.lower + 1e-3 * (to - own.lower);
            } else {
                steps += 1;
                (first, last) = (1, last + 1);
            }
        }
        if to == own.upper {
            if is_logarithmic {
                to = own.upper - 1e-3 * (own.upper - from);
            } else {
                steps += 1;
            }
        }
    }
    let place = |k: usize| k as f64 / steps as f64;
    (first..=last)
        .map(|k| match place(k) {
            0.0 => from,
            1.0 => to,
            part if is_logarithmic => (from.ln() * (1.0 - part) + to.ln() * part).exp(),
            part => from * (1.0 - part) + to * part,
        })
        .collect()
}

impl SweepReport {
    /// What the ends and the extremes come to, in a sentence.
    pub(super) fn summary(&self) -> Vec<String> {
        let quantity = &self.quantity;
        if self.found.is_constant {
            return vec![format!("{quantity} is the same all over the range")];
        }
        let mut sentences = Vec::new();
        let inside = |extreme: &Extreme| !extreme.is_at_end;
        let at = |extreme: &Extreme| format!("{} = {}", self.name, place(extreme.point.at));
        if inside(&self.found.least) {
            sentences.push(format!("least at {}", at(&self.found.least)));
        }
        if inside(&self.found.greatest) {
            sentences.push(format!("greatest at {}", at(&self.found.greatest)));
        }
        let diverges = |end: &&Boundary| matches!(end.growth, Growth::Diverges { .. });
        match self.ends.iter().filter(diverges).count() {
            0 => {}
            1 => sentences.push("without bound toward one end of the space".into()),
            _ => sentences.push("without bound toward both ends of the space".into()),
        }
        sentences
    }
}

/// Six digits: the place of an extreme has about eight.
pub(super) fn place(value: f64) -> String {
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    // A zero found to rounding.
    crate::number::plain(if rounded.abs() < 1e-7 { 0.0 } else { rounded })
}
