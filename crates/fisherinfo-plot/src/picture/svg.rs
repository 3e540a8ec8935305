//! A scene as SVG.

use super::axis::Spread;
use super::scene::{
    Anchor, Colour, GROUND, Handle, Mark, Panel, Point, Scene, Shape, Stroke, Text, corners,
};
use std::fmt::{Result, Write};

/// A document of its own: texts stay texts, in the built-in font where it is installed.
pub(crate) fn document(scene: &Scene) -> String {
    written(scene, false)
}

/// An element for a page: as wide as its place, colours by class, no identifiers, no styles.
pub(crate) fn inline(scene: &Scene) -> String {
    written(scene, true)
}

fn written(scene: &Scene, inline: bool) -> String {
    let mut writer = Writer {
        out: String::new(),
        inline,
        decimals: scene.decimals,
    };
    // Writing into a string does not fail.
    let _ = writer.scene(scene);
    writer.out
}

struct Writer {
    out: String,
    inline: bool,
    decimals: usize,
}

impl Writer {
    fn scene(&mut self, scene: &Scene) -> Result {
        if self.inline {
            self.inline_root(scene)?;
        } else {
            self.document_root(scene)?;
        }
        let ground = self.paint("fill", GROUND, "");
        let (width, height) = (scene.width, scene.height);
        writeln!(
            self.out,
            r#"<rect width="{width}" height="{height}"{ground}/>"#
        )?;
        for mark in &scene.marks {
            if !matches!(mark, Mark::Handle(_)) {
                self.mark(mark)?;
            }
        }
        let handles = handles(scene);
        if self.inline && handles.clone().next().is_some() {
            writeln!(self.out, "</g>")?;
        }
        for handle in handles {
            self.handle(handle)?;
        }
        writeln!(self.out, "</svg>")
    }

    fn document_root(&mut self, scene: &Scene) -> Result {
        let (width, height) = (scene.width, scene.height);
        writeln!(self.out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
        writeln!(
            self.out,
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" font-family="'DejaVu Sans', Verdana, sans-serif" fill="none">"#
        )?;
        writeln!(self.out, "<title>{}</title>", escape(&scene.title))?;
        writeln!(self.out, "<desc>{}</desc>", escape(&scene.summary))
    }

    /// The label is an attribute: a title element would be a tooltip, and its text could only be
    /// referred to by an identifier. What can be moved has to be seen by assistive technology, so
    /// it is not within an image.
    fn inline_root(&mut self, scene: &Scene) -> Result {
        let (width, height) = (scene.width, scene.height);
        let moves = handles(scene).next().is_some();
        let role = if moves { "group" } else { "img" };
        writeln!(
            self.out,
            r#"<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {width} {height}" role="{role}" aria-label="{}" font-family="system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', Verdana, sans-serif" fill="none">"#,
            escape(&labelled(scene))
        )?;
        if moves {
            writeln!(self.out, r#"<g aria-hidden="true">"#)?;
        }
        Ok(())
    }

    fn mark(&mut self, mark: &Mark) -> Result {
        match mark {
            Mark::Line {
                points,
                closed,
                stroke,
            } => self.line(points, *closed, stroke),
            Mark::Marker {
                at,
                shape,
                radius,
                colour,
            } => self.marker(*at, *shape, *radius, *colour),
            Mark::Area {
                points,
                colour,
                opacity,
            } => self.area(points, *colour, *opacity),
            Mark::Text(label) => self.text(label),
            Mark::Panel(panel) if self.inline => self.panel(panel),
            Mark::Panel(_) => Ok(()),
            Mark::Handle(handle) => self.handle(handle),
        }
    }

    /// The attributes that give an element its colour. On a page both stroke and fill are the
    /// current colour, so that one rule for a class serves lines and markers.
    fn paint(&self, attribute: &str, colour: Colour, kind: &str) -> String {
        let [red, green, blue] = colour.rgb;
        let hexadecimal = format!("#{red:02x}{green:02x}{blue:02x}");
        if self.inline {
            let class = format!("{kind} {}", colour.class);
            let class = class.trim();
            format!(r#" class="{class}" color="{hexadecimal}" {attribute}="currentColor""#)
        } else {
            format!(r#" {attribute}="{hexadecimal}""#)
        }
    }

    fn line(&mut self, points: &[Point], closed: bool, stroke: &Stroke) -> Result {
        let element = if closed { "polygon" } else { "polyline" };
        let paint = self.paint("stroke", stroke.colour, "line");
        let (points, width) = (self.coordinates(points), stroke.width);
        write!(
            self.out,
            r#"<{element} points="{points}"{paint} stroke-width="{width}""#
        )?;
        if !stroke.dash.is_empty() {
            let lengths: Vec<String> = stroke.dash.iter().map(f64::to_string).collect();
            write!(self.out, r#" stroke-dasharray="{}""#, lengths.join(" "))?;
        }
        writeln!(self.out, "/>")
    }

    fn marker(&mut self, at: Point, shape: Shape, radius: f64, colour: Colour) -> Result {
        let paint = self.paint("fill", colour, "marker");
        if shape == Shape::Circle {
            let (x, y) = (self.number(at.0), self.number(at.1));
            let radius = self.number(radius);
            return writeln!(
                self.out,
                r#"<circle cx="{x}" cy="{y}" r="{radius}"{paint}/>"#
            );
        }
        let points = self.coordinates(&corners(shape, at, radius));
        writeln!(self.out, r#"<polygon points="{points}"{paint}/>"#)
    }

    fn area(&mut self, points: &[Point], colour: Colour, opacity: f64) -> Result {
        let kind = if opacity < 1.0 { "area" } else { "marker" };
        let paint = self.paint("fill", colour, kind);
        let points = self.coordinates(points);
        writeln!(
            self.out,
            r#"<polygon points="{points}"{paint} fill-opacity="{opacity}"/>"#
        )
    }

    fn text(&mut self, text: &Text) -> Result {
        let (x, y) = (self.number(text.at.0), self.number(text.at.1));
        let (size, paint) = (text.size, self.paint("fill", text.colour, "text"));
        write!(
            self.out,
            r#"<text x="{x}" y="{y}" font-size="{size}"{paint}"#
        )?;
        match text.anchor {
            Anchor::Start => {}
            Anchor::Middle => write!(self.out, r#" text-anchor="middle""#)?,
            Anchor::End => write!(self.out, r#" text-anchor="end""#)?,
        }
        if text.upwards {
            write!(self.out, r#" transform="rotate(-90 {x} {y})""#)?;
        }
        write!(self.out, ">")?;
        if let Some(whole) = &text.whole {
            write!(self.out, "<title>{}</title>", escape(whole))?;
        }
        writeln!(self.out, "{}</text>", escape(&text.text))
    }

    /// What a page needs to go from pixels to numbers and back.
    fn panel(&mut self, panel: &Panel) -> Result {
        let frame = &panel.frame;
        let (left, right) = (self.number(frame.left), self.number(frame.right()));
        let (top, bottom) = (self.number(frame.top), self.number(frame.bottom()));
        let (width, height) = (self.number(frame.width), self.number(frame.height));
        let logarithmic = |spread: Spread| spread == Spread::Logarithmic;
        writeln!(
            self.out,
            r#"<rect class="panel" x="{left}" y="{top}" width="{width}" height="{height}" data-panel-left="{left}" data-panel-right="{right}" data-panel-top="{top}" data-panel-bottom="{bottom}" data-x-min="{:?}" data-x-max="{:?}" data-y-min="{:?}" data-y-max="{:?}" data-x-log="{}" data-y-log="{}"/>"#,
            panel.x.low,
            panel.x.high,
            panel.y.low,
            panel.y.high,
            logarithmic(panel.x.spread),
            logarithmic(panel.y.spread),
        )
    }

    /// The stroke is not seen; it makes a target of 44 pixels.
    fn handle(&mut self, handle: &Handle) -> Result {
        let paint = self.paint("fill", handle.colour, "");
        let (x, y) = (self.number(handle.at.0), self.number(handle.at.1));
        let radius = handle.radius;
        write!(self.out, r#"<circle cx="{x}" cy="{y}" r="{radius}"{paint}"#)?;
        if self.inline {
            let around = 2.0 * (22.0 - radius).max(0.0);
            let (low, high) = handle.range;
            write!(
                self.out,
                r##" stroke="#ffffff" stroke-opacity="0" stroke-width="{around}" pointer-events="all" data-handle="{}" tabindex="0" role="slider" aria-label="{}" aria-valuemin="{low}" aria-valuemax="{high}" aria-valuenow="{}" aria-valuetext="{}""##,
                escape(&handle.name),
                escape(&handle.label),
                handle.value,
                escape(&handle.value_text),
            )?;
        }
        writeln!(self.out, "/>")
    }

    fn coordinates(&self, points: &[Point]) -> String {
        let pairs: Vec<String> = points
            .iter()
            .map(|&(x, y)| format!("{},{}", self.number(x), self.number(y)))
            .collect();
        pairs.join(" ")
    }

    fn number(&self, value: f64) -> String {
        format!("{value:.*}", self.decimals)
    }
}

fn handles(scene: &Scene) -> impl Iterator<Item = &Handle> + Clone {
    scene.marks.iter().filter_map(|mark| match mark {
        Mark::Handle(handle) => Some(handle),
        _ => None,
    })
}

/// The title and the summary in a line.
fn labelled(scene: &Scene) -> String {
    let parts = [scene.title.trim(), scene.summary.trim()];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(". ")
}

/// Text as XML; characters that XML has no place for become the replacement character.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' | '\r' | '\t' => escaped.push(' '),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_a_name_holds_reads_back(name in any::<String>()) {
            let xml = format!("<a b=\"{0}\">{0}</a>", escape(&name));
            let parsed = roxmltree::Document::parse(&xml).unwrap();
            let kept: String = name
                .chars()
                .map(|c| match c {
                    '\n' | '\r' | '\t' => ' ',
                    c if c < ' ' || c == '\u{fffe}' || c == '\u{ffff}' => '\u{fffd}',
                    c => c,
                })
                .collect();
            prop_assert_eq!(parsed.root_element().text().unwrap_or(""), kept.as_str());
            prop_assert_eq!(parsed.root_element().attribute("b"), Some(kept.as_str()));
        }
    }

    #[test]
    fn a_dash_and_a_turned_text_are_written() {
        let scene = Scene {
            width: 10.0,
            height: 20.0,
            title: "a < b".into(),
            summary: "c & d".into(),
            decimals: 2,
            marks: vec![
                Mark::Line {
                    points: vec![(1.0, 2.0), (3.0, 4.5)],
                    closed: true,
                    stroke: Stroke {
                        colour: Colour::new([0, 114, 178], "series-1"),
                        width: 2.0,
                        dash: &[8.0, 4.0],
                    },
                },
                Mark::Text(Text::new((5.0, 6.0), "x…", 13.0).upwards().short_for("x<y")),
            ],
        };
        let svg = document(&scene);
        let parsed = roxmltree::Document::parse(&svg).unwrap();
        let find = |name| parsed.descendants().find(|n| n.has_tag_name(name)).unwrap();
        assert_eq!(find("title").text(), Some("a < b"));
        assert_eq!(find("desc").text(), Some("c & d"));
        let polygon = find("polygon");
        assert_eq!(polygon.attribute("points"), Some("1.00,2.00 3.00,4.50"));
        assert_eq!(polygon.attribute("stroke"), Some("#0072b2"));
        assert_eq!(polygon.attribute("stroke-dasharray"), Some("8 4"));
        let text = find("text");
        assert_eq!(text.attribute("transform"), Some("rotate(-90 5.00 6.00)"));
        assert_eq!(text.first_element_child().unwrap().text(), Some("x<y"));
    }
}
