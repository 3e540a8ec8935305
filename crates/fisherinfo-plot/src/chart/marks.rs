//! The series within the panel.

use super::clip;
use super::{Chart, Mark as Kind, Series};
use crate::picture::axis::{Axis, Frame};
use crate::picture::palette::{BLACK, BLUE, DASHES, GREEN, ORANGE, PURPLE, SHAPES, SKY, VERMILION};
use crate::picture::scene::{Colour, Mark, Panel, Point, Shape, Stroke};

const COLOURS: [Colour; 7] = [BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK];
const LINE: f64 = 2.0;
const AREA_OPACITY: f64 = 0.2;
/// More markers than this are small ones.
const MANY: usize = 60;
const HEAD: f64 = 10.0;
/// Farther than this from the panel a direction is all that is left of a point.
const FAR: f64 = 1e9;

/// What tells a series from the others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) kind: Kind,
    pub(crate) colour: Colour,
    pub(crate) dash: &'static [f64],
    pub(crate) shape: Shape,
    pub(crate) radius: f64,
}

/// One a series: a colour of its own, and among the lines a dash, among the points a shape.
pub(crate) fn looks(chart: &Chart) -> Vec<Look> {
    let (mut lines, mut points) = (0, 0);
    let look = |(index, series): (usize, &Series)| {
        let of = match series.mark {
            Kind::Points => &mut points,
            Kind::Line | Kind::Area | Kind::Arrow => &mut lines,
        };
        let order = *of;
        *of += 1;
        Look {
            kind: series.mark,
            colour: COLOURS[index % COLOURS.len()],
            dash: DASHES[order % DASHES.len()],
            shape: SHAPES[order % SHAPES.len()],
            radius: if series.points.len() > MANY { 2.5 } else { 5.0 },
        }
    };
    chart.series.iter().enumerate().map(look).collect()
}

impl Look {
    pub(crate) fn stroke(&self) -> Stroke {
        Stroke {
            colour: self.colour,
            width: LINE,
            dash: self.dash,
        }
    }

    pub(crate) fn marker(&self, at: Point) -> Mark {
        Mark::Marker {
            at,
            shape: self.shape,
            radius: self.radius,
            colour: self.colour,
        }
    }

    pub(crate) fn area(&self, points: Vec<Point>) -> Mark {
        Mark::Area {
            points,
            colour: self.colour,
            opacity: AREA_OPACITY,
        }
    }

    /// The shaft within the frame, and the head if the tip is.
    pub(crate) fn arrow(&self, from: Point, tip: Point, frame: &Frame, marks: &mut Vec<Mark>) {
        let (dx, dy) = (tip.0 - from.0, tip.1 - from.1);
        let length = dx.hypot(dy);
        if length == 0.0 {
            return;
        }
        let head = HEAD.min(length);
        let (ux, uy) = (dx / length, dy / length);
        let neck = (tip.0 - head * ux, tip.1 - head * uy);
        let with_head = clip::holds(frame, tip);
        let end = if with_head { neck } else { tip };
        if let Some((from, to)) = clip::segment(from, end, frame) {
            marks.push(Mark::segment(from, to, Stroke::solid(self.colour, LINE)));
        }
        if with_head {
            let half = 0.42 * head;
            let points = [
                tip,
                (neck.0 - half * uy, neck.1 + half * ux),
                (neck.0 + half * uy, neck.1 - half * ux),
            ];
            marks.push(Mark::Area {
                points: clip::polygon(&points, frame),
                colour: self.colour,
                opacity: 1.0,
            });
        }
    }
}

/// Draws every series: areas below lines below points.
pub(crate) fn draw(
    looks: &[Look],
    points: &[Vec<Option<(f64, f64)>>],
    panel: &Panel,
    marks: &mut Vec<Mark>,
) {
    let (frame, x, y) = (&panel.frame, &panel.x, &panel.y);
    let place = |&point: &(f64, f64)| at(point, frame, x, y);
    for (look, points) in looks.iter().zip(points) {
        if look.kind == Kind::Area {
            for run in runs(points) {
                let run: Vec<Point> = run.iter().flatten().map(place).collect();
                area(look, &run, panel, marks);
            }
        }
    }
    for (look, points) in looks.iter().zip(points) {
        match look.kind {
            Kind::Line | Kind::Area => {
                for run in runs(points) {
                    let run: Vec<Point> = run.iter().flatten().map(place).collect();
                    line(look, &run, frame, marks);
                }
            }
            Kind::Arrow => {
                for pair in points.chunks_exact(2) {
                    if let [Some(from), Some(tip)] = pair {
                        look.arrow(place(from), place(tip), frame, marks);
                    }
                }
            }
            Kind::Points => {}
        }
    }
    for (look, points) in looks.iter().zip(points) {
        if look.kind == Kind::Points {
            let places = points.iter().flatten().map(place);
            let shown = places.filter(|&place| clip::holds(frame, place));
            marks.extend(shown.map(|place| look.marker(place)));
        }
    }
}

/// Where a point is, in pixels, also where that is far from the panel.
fn at((x, y): (f64, f64), frame: &Frame, across: &Axis, up: &Axis) -> Point {
    let near = |pixel: f64| pixel.clamp(-FAR, FAR);
    (near(frame.across(across, x)), near(frame.up(up, y)))
}

/// The stretches between the gaps.
fn runs(points: &[Option<(f64, f64)>]) -> impl Iterator<Item = &[Option<(f64, f64)>]> {
    points.split(Option::is_none).filter(|run| !run.is_empty())
}

fn line(look: &Look, run: &[Point], frame: &Frame, marks: &mut Vec<Mark>) {
    if let &[alone] = run {
        if clip::holds(frame, alone) {
            // A line of one point would not be seen.
            marks.push(Mark::Marker {
                at: alone,
                shape: Shape::Circle,
                radius: LINE,
                colour: look.colour,
            });
        }
        return;
    }
    let pieces = clip::line(run, frame);
    marks.extend(pieces.into_iter().map(|points| Mark::Line {
        points,
        closed: false,
        stroke: look.stroke(),
    }));
}

fn area(look: &Look, run: &[Point], panel: &Panel, marks: &mut Vec<Mark>) {
    let (Some(first), Some(last)) = (run.first(), run.last()) else {
        return;
    };
    let frame = &panel.frame;
    let zero = frame.up(&panel.y, 0.0);
    let base = if zero.is_finite() {
        zero.clamp(frame.top, frame.bottom())
    } else {
        frame.bottom()
    };
    let mut outline = vec![(first.0, base)];
    outline.extend(run);
    outline.push((last.0, base));
    let outline = clip::polygon(&outline, frame);
    if outline.len() > 2 {
        marks.push(look.area(outline));
    }
}
