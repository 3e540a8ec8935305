//! A scene as PNG.

use super::font::Font;
use super::scene::{Anchor, Colour, GROUND, Mark, Point, Scene, Shape, Stroke, Text, corners};
use crate::error::PlotError;
use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, StrokeDash, Transform};

/// The largest side of a picture, in pixels.
const LARGEST_SIDE: f64 = 16_384.0;

/// Paints the scene, so many pixels a unit.
pub(crate) fn paint(scene: &Scene, font: &Font, scale: f64) -> Result<Vec<u8>, PlotError> {
    let (width, height) = ((scale * scene.width).ceil(), (scale * scene.height).ceil());
    let fits = |side: f64| (1.0..=LARGEST_SIDE).contains(&side);
    let pixmap = (fits(width) && fits(height)).then(|| Pixmap::new(width as u32, height as u32));
    let Some(pixmap) = pixmap.flatten() else {
        return Err(PlotError::TooLarge { width, height });
    };
    let mut canvas = Canvas {
        pixmap,
        transform: Transform::from_scale(scale as f32, scale as f32),
    };
    let [red, green, blue] = GROUND.rgb;
    canvas
        .pixmap
        .fill(Color::from_rgba8(red, green, blue, 0xff));
    for mark in &scene.marks {
        match mark {
            Mark::Line {
                points,
                closed,
                stroke,
            } => canvas.line(points, *closed, stroke),
            Mark::Marker {
                at,
                shape,
                radius,
                colour,
            } => canvas.marker(*at, *shape, *radius, *colour),
            Mark::Area {
                points,
                colour,
                opacity,
            } => canvas.area(points, *colour, *opacity),
            Mark::Text(label) => canvas.text(label, font),
            Mark::Panel(_) => {}
            Mark::Handle(handle) => {
                canvas.marker(handle.at, Shape::Circle, handle.radius, handle.colour);
            }
        }
    }
    canvas
        .pixmap
        .encode_png()
        .map_err(|error| PlotError::Encoding(Box::new(error)))
}

struct Canvas {
    pixmap: Pixmap,
    /// From units of the scene to pixels.
    transform: Transform,
}

impl Canvas {
    fn line(&mut self, points: &[Point], closed: bool, stroke: &Stroke) {
        let Some(path) = polygon(points, closed) else {
            return;
        };
        let dash = stroke.dash.iter().map(|&length| length as f32).collect();
        let pen = tiny_skia::Stroke {
            width: stroke.width as f32,
            dash: StrokeDash::new(dash, 0.0),
            ..Default::default()
        };
        let ink = ink(stroke.colour, 1.0);
        self.pixmap
            .stroke_path(&path, &ink, &pen, self.transform, None);
    }

    fn marker(&mut self, (x, y): Point, shape: Shape, radius: f64, colour: Colour) {
        let path = match shape {
            Shape::Circle => PathBuilder::from_circle(x as f32, y as f32, radius as f32),
            shape => polygon(&corners(shape, (x, y), radius), true),
        };
        if let Some(path) = path {
            self.fill(&path, colour, 1.0);
        }
    }

    fn area(&mut self, points: &[Point], colour: Colour, opacity: f64) {
        if let Some(path) = polygon(points, true) {
            self.fill(&path, colour, opacity);
        }
    }

    fn text(&mut self, text: &Text, font: &Font) {
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
            self.fill(&path, text.colour, 1.0);
        }
    }

    fn fill(&mut self, path: &Path, colour: Colour, opacity: f64) {
        let ink = ink(colour, opacity);
        self.pixmap
            .fill_path(path, &ink, FillRule::Winding, self.transform, None);
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

fn ink(colour: Colour, opacity: f64) -> Paint<'static> {
    let [red, green, blue] = colour.rgb;
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, (255.0 * opacity).round() as u8);
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
