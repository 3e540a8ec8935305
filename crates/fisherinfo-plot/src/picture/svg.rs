//! A scene as SVG.

use super::scene::{Anchor, Colour, Mark, Point, Scene, Shape, Stroke, Text, corners};
use std::fmt::Write;

/// The document: texts stay texts, in the built-in font where it is installed.
pub(crate) fn write(scene: &Scene) -> String {
    let mut out = String::new();
    // Writing into a string does not fail.
    let _ = document(scene, &mut out);
    out
}

fn document(scene: &Scene, out: &mut String) -> std::fmt::Result {
    let (width, height) = (scene.width, scene.height);
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" font-family="'DejaVu Sans', Verdana, sans-serif" fill="none">"#
    )?;
    writeln!(out, "<title>{}</title>", escape(&scene.title))?;
    writeln!(out, "<desc>{}</desc>", escape(&scene.summary))?;
    writeln!(
        out,
        r##"<rect width="{width}" height="{height}" fill="#ffffff"/>"##
    )?;
    for mark in &scene.marks {
        match mark {
            Mark::Line {
                points,
                closed,
                stroke,
            } => line(points, *closed, stroke, out)?,
            Mark::Marker {
                at,
                shape,
                radius,
                colour,
            } => marker(*at, *shape, *radius, *colour, out)?,
            Mark::Text(label) => text(label, out)?,
        }
    }
    writeln!(out, "</svg>")
}

fn line(points: &[Point], closed: bool, stroke: &Stroke, out: &mut String) -> std::fmt::Result {
    let element = if closed { "polygon" } else { "polyline" };
    let (colour, width) = (hexadecimal(stroke.colour), stroke.width);
    write!(
        out,
        r#"<{element} points="{}" stroke="{colour}" stroke-width="{width}""#,
        coordinates(points)
    )?;
    if !stroke.dash.is_empty() {
        let lengths: Vec<String> = stroke.dash.iter().map(f64::to_string).collect();
        write!(out, r#" stroke-dasharray="{}""#, lengths.join(" "))?;
    }
    writeln!(out, "/>")
}

fn marker(
    (x, y): Point,
    shape: Shape,
    radius: f64,
    colour: Colour,
    out: &mut String,
) -> std::fmt::Result {
    let colour = hexadecimal(colour);
    match shape {
        Shape::Circle => writeln!(
            out,
            r#"<circle cx="{x:.2}" cy="{y:.2}" r="{radius:.2}" fill="{colour}"/>"#
        ),
        shape => writeln!(
            out,
            r#"<polygon points="{}" fill="{colour}"/>"#,
            coordinates(&corners(shape, (x, y), radius))
        ),
    }
}

fn text(text: &Text, out: &mut String) -> std::fmt::Result {
    let ((x, y), size) = (text.at, text.size);
    let colour = hexadecimal(text.colour);
    write!(
        out,
        r#"<text x="{x:.2}" y="{y:.2}" font-size="{size}" fill="{colour}""#
    )?;
    match text.anchor {
        Anchor::Start => {}
        Anchor::Middle => write!(out, r#" text-anchor="middle""#)?,
        Anchor::End => write!(out, r#" text-anchor="end""#)?,
    }
    if text.upwards {
        write!(out, r#" transform="rotate(-90 {x:.2} {y:.2})""#)?;
    }
    write!(out, ">")?;
    if let Some(whole) = &text.whole {
        write!(out, "<title>{}</title>", escape(whole))?;
    }
    writeln!(out, "{}</text>", escape(&text.text))
}

fn coordinates(points: &[Point]) -> String {
    let pairs: Vec<String> = points
        .iter()
        .map(|(x, y)| format!("{x:.2},{y:.2}"))
        .collect();
    pairs.join(" ")
}

fn hexadecimal(Colour(red, green, blue): Colour) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
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
            marks: vec![
                Mark::Line {
                    points: vec![(1.0, 2.0), (3.0, 4.5)],
                    closed: true,
                    stroke: Stroke {
                        colour: Colour(0, 114, 178),
                        width: 2.0,
                        dash: &[8.0, 4.0],
                    },
                },
                Mark::Text(Text::new((5.0, 6.0), "x…", 13.0).upwards().short_for("x<y")),
            ],
        };
        let svg = write(&scene);
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
