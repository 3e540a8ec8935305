//! Which points are drawn, and from where to where the axes go.

use super::{Chart, Mark};
use crate::error::PlotError;
use crate::picture::axis::{Axis, Spread};
use crate::picture::label::significant;

/// Numbers beyond this, and positive ones below its reciprocal on a logarithmic axis, are not
/// drawn: the ends of their axis would be no numbers.
const LARGEST: f64 = 1e250;
/// A range narrower than this beside its numbers is their rounding and no range.
const NARROWEST: f64 = 1e-9;
/// The largest |y| of the lines over their 95 % quantile from which on the axis is cut.
const STEEP: f64 = 20.0;
/// Where it is cut, in quantiles.
const CUT: f64 = 3.0;
/// Room between the data and the ends of the axis.
const MARGIN: f64 = 0.04;

/// The axes, the points that have a place on them, and what to say of the others.
#[derive(Debug)]
pub(crate) struct Ranges {
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    /// Of every series its points, `None` for one without a place.
    pub(crate) points: Vec<Vec<Option<(f64, f64)>>>,
    pub(crate) notes: Vec<String>,
}

impl Ranges {
    pub(crate) fn of(chart: &Chart) -> Result<Self, PlotError> {
        let mut notes = Vec::new();
        let points = placed(chart, &mut notes);
        if points.iter().flatten().flatten().next().is_none() {
            return Err(PlotError::EmptyChart {
                title: chart.title.clone(),
            });
        }
        check_handles(chart)?;
        let handles = || chart.handles.iter().map(|handle| handle.at);
        let all = || points.iter().flatten().flatten().copied().chain(handles());
        let spread = |logarithmic: bool| {
            if logarithmic {
                Spread::Logarithmic
            } else {
                Spread::Linear
            }
        };
        let x_spread = spread(chart.logarithmic.0);
        let x = match chart.x_limits {
            Some(limits) => fixed(limits, x_spread, "x")?,
            None => around(extent(all().map(|point| point.0)), x_spread),
        };
        let y_spread = spread(chart.logarithmic.1);
        let y = match chart.y_limits {
            Some(limits) => fixed(limits, y_spread, "y")?,
            None => {
                let (low, high) = extent(all().map(|point| point.1));
                let filled = chart.series.iter().any(|series| series.mark == Mark::Area);
                let whole = if filled && y_spread == Spread::Linear {
                    (low.min(0.0), high.max(0.0))
                } else {
                    (low, high)
                };
                match steep(chart, &points) {
                    Some(cut) => cut.axis(whole, handles(), &mut notes),
                    None => around(whole, y_spread),
                }
            }
        };
        let ranges = Self {
            x,
            y,
            points,
            notes: Vec::new(),
        };
        if chart.x_limits.is_some() || chart.y_limits.is_some() {
            let outside = ranges.markers_outside(chart);
            if outside > 0 {
                notes.push(format!("{} outside of the axes.", are(outside, "point")));
            }
        }
        Ok(Self { notes, ..ranges })
    }

    /// Both axes with one unit of the same length in a panel of the size, the one with room to
    /// spare made longer at both ends.
    pub(crate) fn with_equal_units(&self, width: f64, height: f64) -> (Axis, Axis) {
        let longer = |axis: Axis, length: f64, unit: f64| {
            let more = 0.5 * (unit * length - (axis.high - axis.low)).max(0.0);
            Axis {
                low: axis.low - more,
                high: axis.high + more,
                ..axis
            }
        };
        let unit = |axis: &Axis, length: f64| (axis.high - axis.low) / length;
        let unit = unit(&self.x, width).max(unit(&self.y, height));
        (longer(self.x, width, unit), longer(self.y, height, unit))
    }

    fn markers_outside(&self, chart: &Chart) -> usize {
        let within = |axis: &Axis, value: f64| (axis.low..=axis.high).contains(&value);
        let markers = chart.series.iter().zip(&self.points);
        markers
            .filter(|(series, _)| series.mark == Mark::Points)
            .flat_map(|(_, points)| points.iter().flatten())
            .filter(|(x, y)| !(within(&self.x, *x) && within(&self.y, *y)))
            .count()
    }
}

/// The points with a place on the axes; the notes count the others.
fn placed(chart: &Chart, notes: &mut Vec<String>) -> Vec<Vec<Option<(f64, f64)>>> {
    let (mut not_finite, mut not_positive) = (0, 0);
    let finite = |value: f64| value.abs() <= LARGEST;
    let positive = |value: f64, logarithmic: bool| !logarithmic || value >= 1.0 / LARGEST;
    let mut place = |&(x, y): &(f64, f64)| {
        if !(finite(x) && finite(y)) {
            not_finite += 1;
            None
        } else if !(positive(x, chart.logarithmic.0) && positive(y, chart.logarithmic.1)) {
            not_positive += 1;
            None
        } else {
            Some((x, y))
        }
    };
    let points = chart
        .series
        .iter()
        .map(|series| series.points.iter().map(&mut place).collect())
        .collect();
    if not_finite > 0 {
        notes.push(format!(
            "{} left out, not being finite.",
            are(not_finite, "point")
        ));
    }
    if not_positive > 0 {
        notes.push(format!(
            "{} left out, not being positive on a logarithmic axis.",
            are(not_positive, "point")
        ));
    }
    points
}

fn are(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what} is"),
        _ => format!("{count} {what}s are"),
    }
}

fn check_handles(chart: &Chart) -> Result<(), PlotError> {
    let good = |value: f64, logarithmic: bool| {
        value.abs() <= LARGEST && (!logarithmic || value >= 1.0 / LARGEST)
    };
    let misplaced = chart.handles.iter().find(|handle| {
        let numbers = [handle.value, handle.range.0, handle.range.1];
        !(good(handle.at.0, chart.logarithmic.0)
            && good(handle.at.1, chart.logarithmic.1)
            && numbers.iter().all(|number| number.is_finite()))
    });
    match misplaced {
        Some(handle) => Err(PlotError::Handle {
            name: handle.name.clone(),
        }),
        None => Ok(()),
    }
}

fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

/// The limits as they are asked for.
fn fixed((low, high): (f64, f64), spread: Spread, axis: &'static str) -> Result<Axis, PlotError> {
    let positive = spread != Spread::Logarithmic || low >= 1.0 / LARGEST;
    let bounded = low.abs() <= LARGEST && high.abs() <= LARGEST;
    if positive && bounded && wide(low, high, spread) {
        Ok(Axis { low, high, spread })
    } else {
        Err(PlotError::Limits { axis, low, high })
    }
}

/// Whether the ends are apart by more than rounding.
fn wide(low: f64, high: f64, spread: Spread) -> bool {
    match spread {
        Spread::Logarithmic => high.ln() - low.ln() > NARROWEST,
        Spread::Linear | Spread::AroundZero => {
            high - low > (NARROWEST * low.abs().max(high.abs())).max(1.0 / LARGEST)
        }
    }
}

/// An axis with room at both ends; a range that is a point is widened.
fn around((low, high): (f64, f64), spread: Spread) -> Axis {
    let (low, high) = match spread {
        Spread::Logarithmic => {
            let margin = if wide(low, high, spread) {
                (MARGIN * (high.ln() - low.ln())).exp()
            } else {
                3.0
            };
            (low / margin, high * margin)
        }
        Spread::Linear | Spread::AroundZero => {
            let margin = if wide(low, high, spread) {
                MARGIN * (high - low)
            } else {
                let size = low.abs().max(high.abs());
                if size < 1.0 / LARGEST {
                    1.0
                } else {
                    0.5 * size
                }
            };
            (low - margin, high + margin)
        }
    };
    Axis { low, high, spread }
}

/// A vertical axis that ends before the poles of its lines.
struct Cut {
    /// Where it ends, on both sides of zero.
    limit: f64,
    /// What is drawn besides lines.
    others: (f64, f64),
}

/// The cut, if there is a line to cut.
fn steep(chart: &Chart, points: &[Vec<Option<(f64, f64)>>]) -> Option<Cut> {
    if !chart.cut_steep || chart.logarithmic.1 {
        return None;
    }
    let of = |line: bool| {
        let series = chart.series.iter().zip(points);
        series
            .filter(move |(series, _)| matches!(series.mark, Mark::Line | Mark::Area) == line)
            .flat_map(|(_, points)| points.iter().flatten().map(|point| point.1))
    };
    let mut sizes: Vec<f64> = of(true).map(f64::abs).collect();
    sizes.sort_by(f64::total_cmp);
    let rank = (0.95 * sizes.len() as f64).ceil() as usize;
    let quantile = *sizes.get(rank.checked_sub(1)?)?;
    let largest = *sizes.last()?;
    (quantile > 0.0 && largest / STEEP > quantile).then(|| Cut {
        limit: CUT * quantile,
        others: extent(of(false)),
    })
}

impl Cut {
    fn axis(
        &self,
        (lowest, highest): (f64, f64),
        handles: impl Iterator<Item = (f64, f64)>,
        notes: &mut Vec<String>,
    ) -> Axis {
        let others = handles.fold(self.others, |(low, high), handle| {
            (low.min(handle.1), high.max(handle.1))
        });
        let low = lowest.max(-self.limit).min(others.0);
        let high = highest.min(self.limit).max(others.1);
        let with_room = around((low, high), Spread::Linear);
        let axis = Axis {
            low: if lowest < low { low } else { with_room.low },
            high: if highest > high { high } else { with_room.high },
            ..with_room
        };
        let beyond = [
            (lowest < low).then(|| format!("down to {}", significant(lowest))),
            (highest > high).then(|| format!("up to {}", significant(highest))),
        ];
        let beyond: Vec<String> = beyond.into_iter().flatten().collect();
        if !beyond.is_empty() {
            notes.push(format!(
                "Curves go on beyond the vertical axis, {}.",
                beyond.join(" and ")
            ));
        }
        axis
    }
}
