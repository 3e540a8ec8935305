//! The legend above the panel: a sample of every series beside its name.

use super::Chart;
use super::Mark as Kind;
use super::layout::{Sizes, plain};
use super::marks::Look;
use crate::picture::axis::Frame;
use crate::picture::font::Font;
use crate::picture::scene::{Mark, Text};

const LINE_SAMPLE: f64 = 28.0;
const POINT_SAMPLE: f64 = 12.0;
const SAMPLE_GAP: f64 = 6.0;
const ENTRY_GAP: f64 = 18.0;

pub(crate) struct Legend {
    lines: Vec<Vec<Entry>>,
    line_height: f64,
}

struct Entry {
    look: Look,
    text: String,
    whole: String,
    /// How long the sample is.
    sample: f64,
    width: f64,
}

impl Legend {
    /// An entry for every series with a name; none where a single series is what the axis says.
    pub(crate) fn new(
        chart: &Chart,
        looks: &[Look],
        font: &Font,
        sizes: &Sizes,
        width: f64,
    ) -> Self {
        let mut lines: Vec<Vec<Entry>> = Vec::new();
        let mut used = f64::INFINITY;
        let alone = chart.series.len() == 1 && chart.series[0].name == chart.y_label;
        let named = chart.series.iter().zip(looks);
        for (series, look) in named.filter(|(series, _)| !alone && !series.name.trim().is_empty()) {
            let whole = plain(&series.name);
            let sample = match look.kind {
                Kind::Points => POINT_SAMPLE,
                Kind::Line | Kind::Area | Kind::Arrow => LINE_SAMPLE,
            };
            let text = font.shorten(&whole, sizes.small, width - sample - SAMPLE_GAP);
            let entry = Entry {
                look: *look,
                sample,
                width: sample + SAMPLE_GAP + font.width(&text, sizes.small),
                text,
                whole,
            };
            let wider = used + ENTRY_GAP + entry.width;
            match lines.last_mut() {
                Some(line) if wider <= width => {
                    used = wider;
                    line.push(entry);
                }
                _ => {
                    used = entry.width;
                    lines.push(vec![entry]);
                }
            }
        }
        Self {
            lines,
            line_height: 1.6 * sizes.small,
        }
    }

    pub(crate) fn height(&self) -> f64 {
        self.line_height * self.lines.len() as f64
    }

    /// Draws the legend from the upper left corner on.
    pub(crate) fn draw(&self, (left, top): (f64, f64), sizes: &Sizes, marks: &mut Vec<Mark>) {
        for (index, line) in self.lines.iter().enumerate() {
            let y = top + self.line_height * (index as f64 + 0.5);
            let mut x = left;
            for entry in line {
                entry.draw_sample(x, y, marks);
                let at = (x + entry.sample + SAMPLE_GAP, y + 0.36 * sizes.small);
                let text = Text::new(at, &entry.text, sizes.small);
                marks.push(Mark::Text(text.short_for(&entry.whole)));
                x += entry.width + ENTRY_GAP;
            }
        }
    }
}

impl Entry {
    fn draw_sample(&self, left: f64, y: f64, marks: &mut Vec<Mark>) {
        let look = &self.look;
        let right = left + self.sample;
        let line = Mark::segment((left, y), (right, y), look.stroke());
        match look.kind {
            Kind::Line => marks.push(line),
            Kind::Area => {
                let below = y + 5.0;
                let corners = vec![(left, y), (right, y), (right, below), (left, below)];
                marks.push(look.area(corners));
                marks.push(line);
            }
            Kind::Arrow => {
                let around = Frame {
                    left,
                    top: y - 10.0,
                    width: self.sample,
                    height: 20.0,
                };
                look.arrow((left, y), (right, y), &around, marks);
            }
            Kind::Points => marks.push(look.marker((left + 0.5 * self.sample, y))),
        }
    }
}
