//! The right panel: confidence ellipses of two terms.

use super::Ellipses;
use super::compose::{BASE, SMALL, grid};
use super::ellipse::{NoEllipse, Outline, outline};
use super::kind::Kind;
use crate::picture::axis::{Axis, Frame, Spread};
use crate::picture::font::Font;
use crate::picture::scene::{Anchor, INK, Mark, Stroke, Text};
use crate::picture::ticks::Ticks;

/// An axis whose numbers differ only after this many digits shows deviations instead.
const LONGEST_COMMON_PART: f64 = 1e5;

/// One axis of the panel: positions are deviations from the estimate, which keeps the ellipses
/// round however large the estimate is beside them.
struct TermAxis {
    term: String,
    /// What the name of the axis says after the term: the estimate taken off, the power of ten.
    suffix: String,
    axis: Axis,
    ticks: Ticks,
    /// What is taken off the deviation to place a tick.
    centre: f64,
}

impl TermAxis {
    fn new(term: &str, centre: f64, reach: f64) -> Self {
        let common = centre.abs() > LONGEST_COMMON_PART * reach && reach > 0.0;
        let (shift, centre) = if common {
            let sign = if centre < 0.0 { "+" } else { "−" };
            (format!(" {sign} {}", centre.abs()), 0.0)
        } else {
            (String::new(), centre)
        };
        let reach = if reach > 0.0 {
            reach
        } else if centre == 0.0 {
            1.0
        } else {
            0.5 * centre.abs()
        };
        let axis = Axis::linear(-reach, reach);
        let raw = Axis {
            low: centre + axis.low,
            high: centre + axis.high,
            spread: Spread::Linear,
        };
        let ticks = raw.ticks(6);
        Self {
            term: term.to_owned(),
            suffix: shift + &ticks.factor(),
            axis,
            ticks,
            centre,
        }
    }

    /// Deviations and labels of the ticks.
    fn placed(&self) -> Vec<(f64, &str)> {
        let values = self.ticks.values.iter().map(|value| value - self.centre);
        values
            .zip(self.ticks.labels.iter().map(String::as_str))
            .collect()
    }

    /// The name of the axis, the term in it shortened to the width, and the name in full.
    fn name(&self, font: &Font, width: f64) -> (String, String) {
        let room = width - font.width(&self.suffix, BASE);
        let term = font.shorten(&self.term, BASE, room);
        let with_suffix = |term: &str| format!("{term}{}", self.suffix);
        (with_suffix(&term), with_suffix(&self.term))
    }
}

/// The ellipses of the panel, measured.
pub(crate) struct EllipsePanel {
    across: TermAxis,
    up: TermAxis,
    /// The outlines with their kinds' places in the legend.
    outlines: Vec<(usize, Outline)>,
    label_width: f64,
}

impl EllipsePanel {
    /// The panel, and in the kinds a note of the ellipses that are missing or flat; `None` if
    /// there is none to draw.
    pub(crate) fn new(ellipses: &Ellipses, kinds: &mut [Kind], font: &Font) -> Option<Self> {
        let (x, y) = ellipses.centre;
        let located = x.is_finite() && y.is_finite();
        let mut outlines = Vec::new();
        for (index, kind) in kinds.iter_mut().enumerate() {
            let mut covariances = ellipses.covariances.iter();
            let Some((_, covariance)) = covariances.find(|(name, _)| *name == kind.name) else {
                continue;
            };
            let found = if located {
                outline(*covariance)
            } else {
                Err(NoEllipse::NotFinite)
            };
            let note = match &found {
                Ok(Outline::Ellipse(_)) => None,
                Ok(Outline::Line(_)) => Some("singular covariance"),
                Err(NoEllipse::NotFinite) => Some("no ellipse: covariance not finite"),
                Err(NoEllipse::Indefinite) => Some("no ellipse: covariance indefinite"),
            };
            kind.notes.extend(note.map(str::to_owned));
            outlines.extend(found.ok().map(|outline| (index, outline)));
        }
        if outlines.is_empty() {
            return None;
        }
        let points = || outlines.iter().flat_map(|(_, outline)| outline.points());
        let reach_across = points().map(|point| point.0.abs()).fold(0.0, f64::max);
        let reach_up = points().map(|point| point.1.abs()).fold(0.0, f64::max);
        let across = TermAxis::new(&ellipses.terms.0, x, reach_across);
        let up = TermAxis::new(&ellipses.terms.1, y, reach_up);
        let labels = up.ticks.labels.iter();
        let widths = labels.map(|label| font.width(label, SMALL));
        Some(Self {
            label_width: widths.fold(0.0, f64::max),
            across,
            up,
            outlines,
        })
    }

    /// The room to the left of the frame for the name of the axis and its labels.
    pub(crate) fn left_width(&self) -> f64 {
        self.label_width + 10.0 + 1.7 * BASE
    }

    /// Draws the panel, the ellipses within the frame.
    pub(crate) fn draw(&self, kinds: &[Kind], font: &Font, frame: &Frame, marks: &mut Vec<Mark>) {
        let placed = self.across.placed();
        grid::vertical_at(frame, &self.across.axis, &placed, font, marks);
        for (value, label) in self.up.placed() {
            let y = frame.up(&self.up.axis, value);
            grid::horizontal_line(frame, y, marks);
            let text = Text::new((frame.left - 9.0, y + 0.36 * SMALL), label, SMALL);
            marks.push(Mark::Text(text.anchored(Anchor::End)));
        }
        for (index, outline) in &self.outlines {
            let place = |&(x, y): &(f64, f64)| {
                let across = frame.across(&self.across.axis, x);
                (across, frame.up(&self.up.axis, y))
            };
            marks.push(Mark::Line {
                points: outline.points().iter().map(place).collect(),
                closed: matches!(outline, Outline::Ellipse(_)),
                stroke: kinds[*index].stroke(2.2),
            });
        }
        let x = frame.across(&self.across.axis, 0.0);
        let y = frame.up(&self.up.axis, 0.0);
        let cross = Stroke::solid(INK, 1.8);
        marks.push(Mark::segment((x - 7.0, y), (x + 7.0, y), cross));
        marks.push(Mark::segment((x, y - 7.0), (x, y + 7.0), cross));
        grid::spines(frame, marks);
        let (name, whole) = self.across.name(font, frame.width);
        let text = grid::horizontal_name(frame, name).short_for(&whole);
        marks.push(Mark::Text(text));
        let (name, whole) = self.up.name(font, frame.height);
        let left = frame.left - self.left_width() + BASE;
        let at = (left, frame.top + 0.5 * frame.height);
        let text = Text::new(at, name, BASE).anchored(Anchor::Middle);
        marks.push(Mark::Text(text.upwards().short_for(&whole)));
    }
}

/// For the summary in words.
pub(crate) fn in_words(ellipses: &Ellipses) -> String {
    let number = |value: f64| crate::picture::label::significant(value);
    format!(
        "95 % confidence ellipses of {} and {} around ({}, {})",
        ellipses.terms.0,
        ellipses.terms.1,
        number(ellipses.centre.0),
        number(ellipses.centre.1)
    )
}
