//! What the two panels share: grid lines, spines, and the labels of the horizontal axis.

use super::{BASE, SMALL};
use crate::picture::axis::{Axis, Frame};
use crate::picture::font::Font;
use crate::picture::scene::{Anchor, GRID, INK, Mark, Stroke, Text};

/// Grid lines and labels at the axis's own ticks.
pub(crate) fn vertical(frame: &Frame, axis: &Axis, font: &Font, marks: &mut Vec<Mark>) {
    let ticks = axis.ticks(8);
    let labels = ticks.labels.iter().map(String::as_str);
    let placed: Vec<(f64, &str)> = ticks.values.iter().copied().zip(labels).collect();
    vertical_at(frame, axis, &placed, font, marks);
}

/// Grid lines at the values, and as many of the labels as stand apart.
pub(crate) fn vertical_at(
    frame: &Frame,
    axis: &Axis,
    placed: &[(f64, &str)],
    font: &Font,
    marks: &mut Vec<Mark>,
) {
    let widest = placed.iter().map(|(_, label)| font.width(label, SMALL));
    let needed = widest.fold(0.0, f64::max) + 0.8 * SMALL;
    let xs: Vec<f64> = placed
        .iter()
        .map(|(value, _)| frame.across(axis, *value))
        .collect();
    let nearest = xs
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .fold(f64::INFINITY, f64::min);
    let every = (needed / nearest).ceil().max(1.0) as usize;
    // Zero keeps its label where there is one.
    let kept = placed
        .iter()
        .position(|(value, _)| *value == 0.0)
        .unwrap_or(0)
        % every;
    for (index, (&x, (_, label))) in xs.iter().zip(placed).enumerate() {
        marks.push(Mark::segment(
            (x, frame.top),
            (x, frame.bottom()),
            Stroke::solid(GRID, 1.0),
        ));
        if index % every == kept {
            let text = Text::new((x, frame.bottom() + 21.0), *label, SMALL);
            marks.push(Mark::Text(text.anchored(Anchor::Middle)));
        }
    }
}

pub(crate) fn horizontal_line(frame: &Frame, y: f64, marks: &mut Vec<Mark>) {
    let stroke = Stroke::solid(GRID, 1.0);
    marks.push(Mark::segment((frame.left, y), (frame.right(), y), stroke));
}

/// The left and the lower spine.
pub(crate) fn spines(frame: &Frame, marks: &mut Vec<Mark>) {
    marks.push(Mark::Line {
        points: vec![
            (frame.left, frame.top),
            (frame.left, frame.bottom()),
            (frame.right(), frame.bottom()),
        ],
        closed: false,
        stroke: Stroke::solid(INK, 1.2),
    });
}

/// The name of the horizontal axis, below its labels.
pub(crate) fn horizontal_name(frame: &Frame, name: String) -> Text {
    let at = (frame.left + 0.5 * frame.width, frame.bottom() + 48.0);
    Text::new(at, name, BASE).anchored(Anchor::Middle)
}
