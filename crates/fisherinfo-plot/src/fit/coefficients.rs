//! The left panel: every coefficient with its confidence intervals.

use super::FitFigure;
use super::compose::{BASE, SMALL, grid};
use super::interval::{Interval, interval, unit_kind};
use super::kind::Kind;
use crate::picture::axis::{Axis, Frame, Spread};
use crate::picture::font::Font;
use crate::picture::label;
use crate::picture::scene::{Anchor, GREY, GRID, INK, Mark, Stroke, Text};

/// More rows than this do not make a figure.
const MOST_ROWS: usize = 40;
/// Room between names, intervals and numbers.
const GAP: f64 = 14.0;
/// The widest name that is shown whole.
const WIDEST_NAME: f64 = 420.0;

struct Row {
    name: String,
    whole_name: String,
    estimate: (String, String),
    /// One a kind of the legend.
    intervals: Vec<Option<Interval>>,
}

/// The rows of the panel, measured.
pub(crate) struct Coefficients {
    rows: Vec<Row>,
    /// The kind whose standard error is the unit.
    unit: Option<String>,
    /// How many of the terms are not among the rows.
    pub(crate) not_shown: usize,
    name_width: f64,
    value_width: f64,
    error_width: f64,
}

impl Coefficients {
    /// The rows, and in the kinds a note of the intervals that are missing.
    pub(crate) fn new(figure: &FitFigure, kinds: &mut [Kind], font: &Font) -> Self {
        let unit = unit_kind(&figure.standard_errors);
        let errors_of = |name: &str| figure.standard_errors.iter().find(|kind| kind.0 == name);
        let shown = figure
            .terms
            .iter()
            .zip(&figure.coefficients)
            .take(MOST_ROWS);
        let rows: Vec<Row> = shown
            .enumerate()
            .map(|(index, (name, &coefficient))| {
                let error = |errors: &[Option<f64>]| errors.get(index).copied().flatten();
                let own_unit = unit.and_then(|kind| error(&figure.standard_errors[kind].1));
                let of_kind = |kind: &Kind| {
                    let errors = &errors_of(&kind.name)?.1;
                    interval(coefficient, error(errors), own_unit)
                };
                Row {
                    name: font.shorten(name, BASE, WIDEST_NAME),
                    whole_name: name.clone(),
                    estimate: label::estimate(coefficient, own_unit),
                    intervals: kinds.iter().map(of_kind).collect(),
                }
            })
            .collect();
        for (index, kind) in kinds.iter_mut().enumerate() {
            let missing = rows.iter().filter(|row| row.intervals[index].is_none());
            let missing = missing.count();
            if missing > 0 && errors_of(&kind.name).is_some() {
                let note = format!("no interval for {missing} of {} terms", rows.len());
                kind.notes.push(note);
            }
        }
        let widest = |width: &dyn Fn(&Row) -> f64| rows.iter().map(width).fold(0.0, f64::max);
        Self {
            name_width: widest(&|row| font.width(&row.name, BASE)),
            value_width: widest(&|row| font.width(&row.estimate.0, SMALL)),
            error_width: widest(&|row| font.width(&row.estimate.1, SMALL)),
            unit: unit.map(|kind| figure.standard_errors[kind].0.clone()),
            not_shown: figure.terms.len() - rows.len(),
            rows,
        }
    }

    pub(crate) fn has_intervals(&self) -> bool {
        self.intervals().next().is_some()
    }

    pub(crate) fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// The room for names to the left of the frame.
    pub(crate) fn left_width(&self) -> f64 {
        self.name_width + GAP
    }

    /// The room for numbers to the right of the frame.
    pub(crate) fn right_width(&self) -> f64 {
        GAP + self.value_width + 0.3 * SMALL + self.error_width
    }

    fn intervals(&self) -> impl Iterator<Item = &Interval> {
        self.rows
            .iter()
            .flat_map(|row| row.intervals.iter().flatten())
    }

    /// Draws the panel, the intervals within the frame.
    pub(crate) fn draw(&self, kinds: &[Kind], font: &Font, frame: &Frame, marks: &mut Vec<Mark>) {
        let low = self
            .intervals()
            .map(|interval| interval.lower)
            .fold(0.0, f64::min);
        let high = self
            .intervals()
            .map(|interval| interval.upper)
            .fold(0.0, f64::max);
        let axis = Axis::in_standard_errors(low, high);
        grid::vertical(frame, &axis, font, marks);
        let zero = frame.across(&axis, 0.0);
        marks.push(Mark::segment(
            (zero, frame.top),
            (zero, frame.bottom()),
            Stroke::solid(GREY, 1.4),
        ));
        let height = frame.height / self.rows.len().max(1) as f64;
        for (index, row) in self.rows.iter().enumerate() {
            let top = frame.top + height * index as f64;
            if index > 0 {
                marks.push(Mark::segment(
                    (frame.left, top),
                    (frame.right(), top),
                    Stroke::solid(GRID, 1.0),
                ));
            }
            self.draw_row(
                row,
                kinds,
                (top + 0.5 * height, height),
                (frame, &axis),
                marks,
            );
        }
        grid::spines(frame, marks);
        let unit = self.unit.as_deref().unwrap_or("expected");
        let scale = match axis.spread {
            Spread::AroundZero => " (asinh scale)",
            Spread::Linear | Spread::Logarithmic => "",
        };
        let name = format!("coefficient / {unit} standard error{scale}");
        marks.push(Mark::Text(grid::horizontal_name(frame, name)));
        let header = format!("coefficient ± {unit} SE");
        let edge = frame.right() + self.right_width();
        let header = Text::new((edge, frame.top - 14.0), header, SMALL);
        marks.push(Mark::Text(header.anchored(Anchor::End).coloured(GREY)));
    }

    fn draw_row(
        &self,
        row: &Row,
        kinds: &[Kind],
        (centre, height): (f64, f64),
        (frame, axis): (&Frame, &Axis),
        marks: &mut Vec<Mark>,
    ) {
        let step = (0.74 * height / kinds.len().max(1) as f64).min(14.0);
        let radius = (0.42 * step).min(4.6);
        let first = centre - 0.5 * step * (kinds.len() as f64 - 1.0);
        for (index, (kind, interval)) in kinds.iter().zip(&row.intervals).enumerate() {
            let Some(interval) = interval else { continue };
            let y = first + step * index as f64;
            let ends = [interval.lower, interval.upper].map(|end| frame.across(axis, end));
            marks.push(Mark::segment((ends[0], y), (ends[1], y), kind.stroke(2.0)));
            for end in ends {
                marks.push(Mark::segment(
                    (end, y - 0.7 * radius),
                    (end, y + 0.7 * radius),
                    Stroke::solid(kind.colour, 1.6),
                ));
            }
            marks.push(Mark::Marker {
                at: (frame.across(axis, interval.estimate), y),
                shape: kind.shape,
                radius,
                colour: kind.colour,
            });
        }
        let baseline = |size: f64| centre + 0.36 * size;
        let name = Text::new((frame.left - GAP, baseline(BASE)), &row.name, BASE);
        let name = name.anchored(Anchor::End).short_for(&row.whole_name);
        marks.push(Mark::Text(name));
        let split = frame.right() + GAP + self.value_width;
        let value = Text::new((split, baseline(SMALL)), &row.estimate.0, SMALL);
        marks.push(Mark::Text(value.anchored(Anchor::End).coloured(INK)));
        let at = (split + 0.3 * SMALL, baseline(SMALL));
        marks.push(Mark::Text(Text::new(at, &row.estimate.1, SMALL)));
    }
}
