//! A chart laid out: from the top the title, the legend, the name of the vertical axis, the panel,
//! the horizontal axis and what the picture leaves out.

use super::legend::Legend;
use super::marks::{self, looks};
use super::range::Ranges;
use super::{Chart, described};
use crate::error::PlotError;
use crate::picture::axis::{Axis, Frame, Spread};
use crate::picture::font::Font;
use crate::picture::scene::{
    Anchor, Colour, GREY, GRID, Handle, INK, Mark, Panel, Scene, Stroke, Text,
};
use crate::picture::ticks::{self, Ticks};

const NARROWEST: f64 = 200.0;
const WIDEST: f64 = 4096.0;
const LOWEST_PANEL: f64 = 60.0;
/// Where the reader grabs, the colour has a class of its own.
const GRAB: Colour = Colour::new([0xd5, 0x5e, 0x00], "handle");
/// Below this many pixels a decade the lines between the powers of ten are a smear.
const NARROWEST_DECADE: f64 = 80.0;

/// Sizes of texts, and the margin.
pub(crate) struct Sizes {
    title: f64,
    base: f64,
    pub(crate) small: f64,
    margin: f64,
}

impl Sizes {
    fn of(width: f64) -> Self {
        if width < 440.0 {
            Self {
                title: 14.0,
                base: 12.0,
                small: 11.0,
                margin: 8.0,
            }
        } else {
            Self {
                title: 16.0,
                base: 13.0,
                small: 12.0,
                margin: 14.0,
            }
        }
    }
}

/// A text in a line: no line breaks or other control characters.
pub(crate) fn plain(text: &str) -> String {
    let visible = text.chars().map(|character| {
        if character.is_control() {
            ' '
        } else {
            character
        }
    });
    let spaced: String = visible.collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lays the chart out.
pub(crate) fn scene(chart: &Chart, font: &Font) -> Result<Scene, PlotError> {
    let canvas = || PlotError::Canvas {
        width: chart.width,
        height: chart.height,
    };
    if !(NARROWEST..=WIDEST).contains(&chart.width) {
        return Err(canvas());
    }
    let ranges = Ranges::of(chart)?;
    let sizes = Sizes::of(chart.width);
    let looks = looks(chart);
    let inner = chart.width - 2.0 * sizes.margin;

    let mut marks = Vec::new();
    let mut top = sizes.margin;
    for line in font.wrap(&plain(&chart.title), sizes.title, inner, 3) {
        if !line.is_empty() {
            let at = (sizes.margin, top + sizes.title);
            marks.push(Mark::Text(Text::new(at, line, sizes.title)));
            top += 1.3 * sizes.title;
        }
    }
    top += 0.4 * sizes.small;
    let legend = Legend::new(chart, &looks, font, &sizes, inner);
    legend.draw((sizes.margin, top), &sizes, &mut marks);
    top += legend.height() + 0.4 * sizes.small;

    let name_baseline = top + sizes.base;
    top += 1.9 * sizes.base;
    let notes = ranges.notes.join(" ");
    let notes = match notes.as_str() {
        "" => Vec::new(),
        notes => font.wrap(notes, sizes.small, inner, 4),
    };
    let below = 1.5 * sizes.small
        + 1.5 * sizes.base
        + 1.4 * sizes.small * notes.len() as f64
        + sizes.margin;
    let height = match chart.height {
        Some(height) if (LOWEST_PANEL..=WIDEST).contains(&(height - top - below)) => {
            Some(height - top - below)
        }
        Some(_) => return Err(canvas()),
        None => None,
    };

    let axes = Axes::fitted(chart, &ranges, font, &sizes, (top, height));
    axes.draw(chart, font, &sizes, name_baseline, &mut marks);
    marks.push(Mark::Panel(axes.panel));
    marks::draw(&looks, &ranges.points, &axes.panel, &mut marks);
    marks.extend(chart.handles.iter().map(|handle| {
        let Panel { frame, x, y } = &axes.panel;
        let (left, right) = (frame.left, frame.right());
        Mark::Handle(Handle {
            at: (
                frame.across(x, handle.at.0).clamp(left, right),
                frame.up(y, handle.at.1).clamp(frame.top, frame.bottom()),
            ),
            radius: 10.0,
            colour: GRAB,
            name: handle.name.clone(),
            label: handle.label.clone(),
            value: handle.value,
            range: handle.range,
            value_text: handle.value_text.clone(),
        })
    }));
    let bottom = axes.panel.frame.bottom();
    let first = bottom + 1.5 * sizes.small + 1.5 * sizes.base;
    for (index, line) in notes.into_iter().enumerate() {
        let baseline = first + 1.4 * sizes.small * (index as f64 + 0.8);
        let text = Text::new((sizes.margin, baseline), line, sizes.small);
        marks.push(Mark::Text(text.coloured(GREY)));
    }
    Ok(Scene {
        width: chart.width,
        height: chart.height.unwrap_or((bottom + below).ceil()),
        title: plain(&chart.title),
        summary: described(chart, &ranges.notes),
        marks,
        decimals: 3,
    })
}

/// The panel with the ticks of both axes.
struct Axes {
    panel: Panel,
    across: Ticks,
    up: Ticks,
}

impl Axes {
    /// The panel as wide as the labels leave it.
    fn fitted(
        chart: &Chart,
        ranges: &Ranges,
        font: &Font,
        sizes: &Sizes,
        (top, height): (f64, Option<f64>),
    ) -> Self {
        let equal = chart.equal_units && chart.logarithmic == (false, false);
        let label_gap = 0.6 * sizes.small;
        let (mut left, mut right) = (sizes.margin + label_gap, sizes.margin);
        let mut rounds = 0;
        loop {
            let width = chart.width - left - right;
            let height = height.unwrap_or_else(|| usual_height(ranges, width, equal));
            let (x, y) = if equal {
                ranges.with_equal_units(width, height)
            } else {
                (ranges.x, ranges.y)
            };
            let frame = Frame {
                left,
                top,
                width,
                height,
            };
            let up = y.ticks((height / 33.0).clamp(3.0, 8.0) as usize);
            let across = ticks_that_fit(&x, &frame, font, sizes);
            let widths = up.labels.iter().map(|label| font.width(label, sizes.small));
            let needed = sizes.margin + widths.fold(0.0, f64::max) + label_gap;
            let last = across.values.iter().zip(&across.labels).next_back();
            let end = last.map_or(0.0, |(&value, label)| {
                frame.across(&x, value) + 0.5 * font.width(label, sizes.small)
            });
            let over = end - (chart.width - 0.5 * sizes.margin);
            rounds += 1;
            // Narrower panels can have other labels, so a few rounds may be needed.
            if (needed <= left && over <= 0.0) || rounds > 5 {
                return Self {
                    panel: Panel { frame, x, y },
                    across,
                    up,
                };
            }
            left = left.max(needed);
            right += over.max(0.0);
        }
    }

    fn draw(
        &self,
        chart: &Chart,
        font: &Font,
        sizes: &Sizes,
        name_baseline: f64,
        marks: &mut Vec<Mark>,
    ) {
        let Panel { frame, x, y } = &self.panel;
        let (left, right) = (frame.left, frame.right());
        let (top, bottom) = (frame.top, frame.bottom());
        let vertical =
            |x: f64, width: f64| Mark::segment((x, top), (x, bottom), Stroke::solid(GRID, width));
        let horizontal =
            |y: f64, width: f64| Mark::segment((left, y), (right, y), Stroke::solid(GRID, width));
        let fine = finer(x, frame.width).into_iter();
        marks.extend(fine.map(|value| vertical(frame.across(x, value), 0.5)));
        let fine = finer(y, frame.height).into_iter();
        marks.extend(fine.map(|value| horizontal(frame.up(y, value), 0.5)));
        marks.extend(
            self.across
                .values
                .iter()
                .map(|&value| vertical(frame.across(x, value), 1.0)),
        );
        marks.extend(
            self.up
                .values
                .iter()
                .map(|&value| horizontal(frame.up(y, value), 1.0)),
        );
        marks.push(Mark::Line {
            points: vec![(left, top), (left, bottom), (right, bottom)],
            closed: false,
            stroke: Stroke::solid(INK, 1.0),
        });

        let mut free_from = 0.0;
        for (&value, label) in self.across.values.iter().zip(&self.across.labels) {
            let centre = frame.across(x, value);
            let half = 0.5 * font.width(label, sizes.small);
            if centre - half >= free_from && centre + half <= chart.width {
                let at = (centre, bottom + 1.4 * sizes.small);
                let text = Text::new(at, label, sizes.small).anchored(Anchor::Middle);
                marks.push(Mark::Text(text));
                free_from = centre + half + 0.5 * sizes.small;
            }
        }
        for (&value, label) in self.up.values.iter().zip(&self.up.labels) {
            let at = (
                left - 0.5 * sizes.small,
                frame.up(y, value) + 0.36 * sizes.small,
            );
            let text = Text::new(at, label, sizes.small).anchored(Anchor::End);
            marks.push(Mark::Text(text));
        }

        let inner = chart.width - 2.0 * sizes.margin;
        let name = |label: &str, ticks: &Ticks| {
            let (label, factor) = (plain(label), ticks.factor());
            let room = inner - font.width(&factor, sizes.base);
            let short = font.shorten(&label, sizes.base, room);
            let (short, whole) = (format!("{short}{factor}"), format!("{label}{factor}"));
            (short.trim().to_owned(), whole.trim().to_owned())
        };
        let (short, whole) = name(&chart.y_label, &self.up);
        if !short.is_empty() {
            let text = Text::new((sizes.margin, name_baseline), short, sizes.base);
            marks.push(Mark::Text(text.short_for(&whole)));
        }
        let (short, whole) = name(&chart.x_label, &self.across);
        if !short.is_empty() {
            let half = 0.5 * font.width(&short, sizes.base);
            let (first, last) = (sizes.margin + half, chart.width - sizes.margin - half);
            let centre = (left + 0.5 * frame.width).min(last).max(first);
            let at = (centre, bottom + 1.5 * sizes.small + 1.1 * sizes.base);
            let text = Text::new(at, short, sizes.base).anchored(Anchor::Middle);
            marks.push(Mark::Text(text.short_for(&whole)));
        }
    }
}

/// The height of a panel: less than its width, and as equal units want it within reason.
fn usual_height(ranges: &Ranges, width: f64, equal: bool) -> f64 {
    if equal {
        let span = |axis: &Axis| axis.high - axis.low;
        let wanted = width * (span(&ranges.y) / span(&ranges.x));
        wanted.clamp(0.45 * width, width.min(440.0).max(0.45 * width))
    } else {
        (0.62 * width).clamp(160.0, 420.0)
    }
}

/// As many ticks as have room for their labels.
fn ticks_that_fit(axis: &Axis, frame: &Frame, font: &Font, sizes: &Sizes) -> Ticks {
    let apart = |ticks: &Ticks| {
        let mut free_from = f64::NEG_INFINITY;
        ticks
            .values
            .iter()
            .zip(&ticks.labels)
            .all(|(&value, label)| {
                let centre = frame.across(axis, value);
                let half = 0.5 * font.width(label, sizes.small);
                let fits = centre - half >= free_from;
                free_from = centre + half + sizes.small;
                fits
            })
    };
    let most = (frame.width / 48.0).clamp(3.0, 10.0) as usize;
    let choices = (2..=most).rev().map(|at_most| axis.ticks(at_most));
    let mut choices = choices.skip_while(|ticks| !apart(ticks));
    choices.next().unwrap_or_else(|| axis.ticks(2))
}

/// The lines between the powers of ten of a logarithmic axis, where they have room.
fn finer(axis: &Axis, length: f64) -> Vec<f64> {
    let roomy = axis.spread == Spread::Logarithmic
        && length / (axis.high.log10() - axis.low.log10()) >= NARROWEST_DECADE;
    if roomy {
        ticks::between_powers(axis.low, axis.high)
    } else {
        Vec::new()
    }
}
