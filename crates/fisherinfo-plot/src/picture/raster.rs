//! A scene as PNG.

use super::font::Font;
use super::scene::{Anchor, Colour, Mark, Point, Scene, Shape, Stroke, Text, corners};
use crate::error::PlotError;
use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, StrokeDash, Transform};

/// The largest side of a picture, in pixels.
const LARGEST_SIDE: f64 = 16_384.0;

/// Paints the scene, a pixel a unit.
pub(crate) fn paint(scene: &Scene, font: &Font) -> Result<Vec<u8>, PlotError> {
    let (width, height) = (scene.width.ceil(), scene.height.ceil());
    let fits = |side: f64| (1.0..=LARGEST_SIDE).contains(&side);
    let pixmap = (fits(width) && fits(height)).then(|| Pixmap::new(width as u32, height as u32));
    let Some(mut pixmap) = pixmap.flatten() else {
        return Err(PlotError::TooLarge { width, height });
    };
    pixmap.fill(Color::WHITE);
    for mark in &scene.marks {
        match mark {
            Mark::Line {
                points,
                closed,
                stroke,
            } => line(points, *closed, stroke, &mut pixmap),
            Mark::Marker {
                at,
                shape,
                radius,
                colour,
            } => marker(*at, *shape, *radius, *colour, &mut pixmap),
            Mark::Text(label) => text(label, font, &mut pixmap),
        }
    }
    pixmap
        .encode_png()
        .map_err(|error| PlotError::Encoding(Box::new(error)))
}

fn line(points: &[Point], closed: bool, stroke: &Stroke, pixmap: &mut Pixmap) {
    let Some(path) = polygon(points, closed) else {
        return;
    };
    let dash = stroke.dash.iter().map(|&length| length as f32).collect();
    let pen = tiny_skia::Stroke {
        width: stroke.width as f32,
        dash: StrokeDash::new(dash, 0.0),
        ..Default::default()
    };
    let identity = Transform::identity();
    pixmap.stroke_path(&path, &ink(stroke.colour), &pen, identity, None);
}

fn marker((x, y): Point, shape: Shape, radius: f64, colour: Colour, pixmap: &mut Pixmap) {
    let path = match shape {
        Shape::Circle => PathBuilder::from_circle(x as f32, y as f32, radius as f32),
        shape => polygon(&corners(shape, (x, y), radius), true),
    };
    if let Some(path) = path {
        fill(&path, colour, pixmap);
    }
}

fn text(text: &Text, font: &Font, pixmap: &mut Pixmap) {
    let width = font.width(&text.text, text.size);
    let start = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -0.5 * width,
        Anchor::End => -width,
    };
    let mut outline = Outline {
        builder: PathBuilder::new(),
        origin: text.at,
        scale: font.scale(text.size),
        pen: start / font.scale(text.size),
        upwards: text.upwards,
    };
    for character in text.text.chars() {
        font.outline(character, &mut outline);
        outline.pen += font.advance(character);
    }
    if let Some(path) = outline.builder.finish() {
        fill(&path, text.colour, pixmap);
    }
}

fn polygon(points: &[Point], closed: bool) -> Option<Path> {
    let mut builder = PathBuilder::new();
    let (first, rest) = points.split_first()?;
    builder.move_to(first.0 as f32, first.1 as f32);
    for point in rest {
        builder.line_to(point.0 as f32, point.1 as f32);
    }
    if closed {
        builder.close();
    }
    builder.finish()
}

fn fill(path: &Path, colour: Colour, pixmap: &mut Pixmap) {
    let identity = Transform::identity();
    pixmap.fill_path(path, &ink(colour), FillRule::Winding, identity, None);
}

fn ink(Colour(red, green, blue): Colour) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, 0xff);
    paint
}

/// Takes the outlines of characters from units of the font to their place in the picture.
struct Outline {
    builder: PathBuilder,
    origin: Point,
    scale: f64,
    /// Where the character starts, in units of the font.
    pen: f64,
    upwards: bool,
}

impl Outline {
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        let along = self.scale * (self.pen + f64::from(x));
        let above = self.scale * f64::from(y);
        let (left, top) = self.origin;
        let (x, y) = if self.upwards {
            (left - above, top - along)
        } else {
            (left + along, top - above)
        };
        (x as f32, y as f32)
    }
}

impl ttf_parser::OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.builder.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.builder.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.place(x1, y1), self.place(x, y));
        self.builder.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2)) = (self.place(x1, y1), self.place(x2, y2));
        let (x, y) = self.place(x, y);
        self.builder.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.builder.close();
    }
}
