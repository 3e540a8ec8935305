//! The legend below the panels.

use super::compose::{SMALL, TEXT_LINE};
use super::kind::Kind;
use crate::picture::font::Font;
use crate::picture::scene::{GREY, Mark, Text};

const SAMPLE: f64 = 44.0;
const SAMPLE_GAP: f64 = 9.0;
const ENTRY_GAP: f64 = 34.0;

/// Entries in lines, and remarks below them.
pub(crate) struct Legend {
    lines: Vec<Vec<Entry>>,
    remarks: Vec<String>,
}

struct Entry {
    kind: Kind,
    text: String,
    width: f64,
}

impl Legend {
    pub(crate) fn new(kinds: &[Kind], remarks: Vec<String>, font: &Font, width: f64) -> Self {
        let mut lines: Vec<Vec<Entry>> = Vec::new();
        let mut used = f64::INFINITY;
        for kind in kinds {
            let text = font.shorten(&kind.label(), SMALL, width - SAMPLE - SAMPLE_GAP);
            let entry = Entry {
                width: SAMPLE + SAMPLE_GAP + font.width(&text, SMALL),
                kind: kind.clone(),
                text,
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
        Self { lines, remarks }
    }

    pub(crate) fn height(&self) -> f64 {
        TEXT_LINE * (self.lines.len() + self.remarks.len()) as f64
    }

    /// Draws the legend below `top`, its lines centred on `centre`.
    pub(crate) fn draw(&self, centre: f64, top: f64, font: &Font, marks: &mut Vec<Mark>) {
        let baseline = |line: usize| top + TEXT_LINE * (line as f64 + 0.5) + 0.36 * SMALL;
        for (index, line) in self.lines.iter().enumerate() {
            let gaps = ENTRY_GAP * (line.len() as f64 - 1.0);
            let width = line.iter().map(|entry| entry.width).sum::<f64>() + gaps;
            let mut left = centre - 0.5 * width;
            let y = top + TEXT_LINE * (index as f64 + 0.5);
            for entry in line {
                let stroke = entry.kind.stroke(2.2);
                marks.push(Mark::segment((left, y), (left + SAMPLE, y), stroke));
                marks.push(Mark::Marker {
                    at: (left + 0.5 * SAMPLE, y),
                    shape: entry.kind.shape,
                    radius: 4.6,
                    colour: entry.kind.colour,
                });
                let at = (left + SAMPLE + SAMPLE_GAP, baseline(index));
                let text = Text::new(at, &entry.text, SMALL).short_for(&entry.kind.label());
                marks.push(Mark::Text(text));
                left += entry.width + ENTRY_GAP;
            }
        }
        for (index, remark) in self.remarks.iter().enumerate() {
            let left = centre - 0.5 * font.width(remark, SMALL);
            let at = (left, baseline(self.lines.len() + index));
            marks.push(Mark::Text(Text::new(at, remark, SMALL).coloured(GREY)));
        }
    }
}
