//! A picture as a list of marks, in pixels from the upper left corner.

use super::axis::{Axis, Frame};

/// A point: pixels to the right, pixels down.
pub(crate) type Point = (f64, f64);

/// Red, green and blue, and the class by which a style sheet knows the colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colour {
    pub(crate) rgb: [u8; 3],
    pub(crate) class: &'static str,
}

impl Colour {
    pub(crate) const fn new(rgb: [u8; 3], class: &'static str) -> Self {
        Self { rgb, class }
    }
}

/// What everything is drawn on.
pub(crate) const GROUND: Colour = Colour::new([0xff, 0xff, 0xff], "ground");
/// Text and axes.
pub(crate) const INK: Colour = Colour::new([0x26, 0x26, 0x26], "ink");
/// Lesser text and the lines at zero.
pub(crate) const GREY: Colour = Colour::new([0x66, 0x66, 0x66], "grey");
/// The grid.
pub(crate) const GRID: Colour = Colour::new([0xe2, 0xe2, 0xe2], "grid");

/// How a line is drawn; `dash` holds the lengths of strokes and gaps in turn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stroke {
    pub(crate) colour: Colour,
    pub(crate) width: f64,
    pub(crate) dash: &'static [f64],
}

impl Stroke {
    pub(crate) fn solid(colour: Colour, width: f64) -> Self {
        Self {
            colour,
            width,
            dash: &[],
        }
    }
}

/// The shapes of a point estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Circle,
    Square,
    Triangle,
    Diamond,
}

/// The side of a text that its place names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A line of text; `at` is on its baseline.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) at: Point,
    pub(crate) text: String,
    /// The whole text, where `text` had to be shortened.
    pub(crate) whole: Option<String>,
    pub(crate) size: f64,
    pub(crate) anchor: Anchor,
    pub(crate) colour: Colour,
    /// Whether it runs upwards instead of to the right.
    pub(crate) upwards: bool,
}

impl Text {
    pub(crate) fn new(at: Point, text: impl Into<String>, size: f64) -> Self {
        Self {
            at,
            text: text.into(),
            whole: None,
            size,
            anchor: Anchor::Start,
            colour: INK,
            upwards: false,
        }
    }

    pub(crate) fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    pub(crate) fn coloured(self, colour: Colour) -> Self {
        Self { colour, ..self }
    }

    pub(crate) fn upwards(self) -> Self {
        Self {
            upwards: true,
            ..self
        }
    }

    /// Keeps the whole text beside the shown one, if the two differ.
    pub(crate) fn short_for(self, whole: &str) -> Self {
        let whole = (self.text != whole).then(|| whole.to_owned());
        Self { whole, ..self }
    }
}

/// One thing drawn.
#[derive(Clone, Debug)]
pub(crate) enum Mark {
    /// A chain of straight lines, closed or open.
    Line {
        points: Vec<Point>,
        closed: bool,
        stroke: Stroke,
    },
    /// A filled shape of the radius around its centre.
    Marker {
        at: Point,
        shape: Shape,
        radius: f64,
        colour: Colour,
    },
    /// A filled polygon.
    Area {
        points: Vec<Point>,
        colour: Colour,
        /// From 0, not seen, to 1.
        opacity: f64,
    },
    Text(Text),
    /// The rectangle of the axes and what it stands for: not seen, but read by a page.
    Panel(Panel),
    Handle(Handle),
}

/// A rectangle in pixels and the range of numbers that it spans.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Panel {
    pub(crate) frame: Frame,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
}

/// A circle that a page lets its reader move.
#[derive(Clone, Debug)]
pub(crate) struct Handle {
    pub(crate) at: Point,
    pub(crate) radius: f64,
    pub(crate) colour: Colour,
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) value: f64,
    pub(crate) range: (f64, f64),
    pub(crate) value_text: String,
}

impl Mark {
    pub(crate) fn segment(from: Point, to: Point, stroke: Stroke) -> Self {
        Self::Line {
            points: vec![from, to],
            closed: false,
            stroke,
        }
    }
}

/// A picture on a white ground, with its summary in words.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) marks: Vec<Mark>,
    /// How many decimals the coordinates have in SVG.
    pub(crate) decimals: usize,
}

/// The corners of a marker other than the circle, about equal in area to the circle of the radius.
pub(crate) fn corners(shape: Shape, (x, y): Point, radius: f64) -> Vec<Point> {
    match shape {
        Shape::Circle => Vec::new(),
        Shape::Square => {
            let r = 0.89 * radius;
            vec![
                (x - r, y - r),
                (x + r, y - r),
                (x + r, y + r),
                (x - r, y + r),
            ]
        }
        Shape::Triangle => {
            let r = 1.4 * radius;
            let (half, low) = (0.866 * r, 0.5 * r);
            vec![(x, y - r), (x + half, y + low), (x - half, y + low)]
        }
        Shape::Diamond => {
            let r = 1.28 * radius;
            vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)]
        }
    }
}
