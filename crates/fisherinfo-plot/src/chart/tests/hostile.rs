//! Whatever the names hold and the numbers are.

use super::{Reading, handle, lines, of_classes, parabola};
use crate::chart::{Chart, Mark, Series};
use crate::picture::font::Font;
use crate::picture::scene::{Anchor, Mark as Drawn, Text};
use proptest::prelude::*;
use roxmltree::Document;

#[test]
fn names_are_text_and_nothing_else() {
    let names = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onload='alert(1)",
        "]]>&amp;&lt;\u{0}\u{7}\u{1b}\u{7f}\u{85}\u{fffe}",
        "\u{202e}\u{1f600} μ₁\n\tΣ⁻¹",
    ];
    for name in names {
        let mut chart = parabola();
        chart.title = name.into();
        chart.summary = name.into();
        chart.x_label = name.into();
        chart.y_label = name.into();
        chart.series[0].name = name.into();
        let mut moved = handle((0.0, 0.0));
        moved.name = name.into();
        moved.label = name.into();
        moved.value_text = name.into();
        let without = chart.svg().unwrap();
        chart.handles.push(moved);
        for svg in [without, chart.svg().unwrap(), chart.svg_document().unwrap()] {
            let document = Document::parse(&svg).unwrap();
            let known = [
                "svg", "g", "rect", "polyline", "polygon", "circle", "text", "title", "desc",
            ];
            for node in document.descendants().filter(roxmltree::Node::is_element) {
                assert!(known.contains(&node.tag_name().name()), "{node:?}");
                assert!(
                    node.attributes()
                        .all(|attribute| !attribute.name().starts_with("on"))
                );
            }
        }
        if name.starts_with('<') {
            let svg = chart.svg().unwrap();
            let document = Document::parse(&svg).unwrap();
            let label = of_classes(&document, &["handle"])[0].attribute("aria-label");
            assert_eq!(label, Some(name));
        }
        assert!(chart.png(1.0).is_ok());
    }
}

/// The rectangle of a text: left, top, right, bottom.
fn extent(text: &Text, font: &Font) -> [f64; 4] {
    let width = font.width(&text.text, text.size);
    let start = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -0.5 * width,
        Anchor::End => -width,
    };
    let (x, y) = text.at;
    [
        x + start,
        y - 0.76 * text.size,
        x + start + width,
        y + 0.24 * text.size,
    ]
}

fn assert_texts_keep_apart(chart: &Chart) {
    let font = Font::embedded().unwrap();
    let scene = crate::chart::layout::scene(chart, &font).unwrap();
    let texts: Vec<&Text> = scene
        .marks
        .iter()
        .filter_map(|mark| match mark {
            Drawn::Text(text) => Some(text),
            _ => None,
        })
        .collect();
    for (index, text) in texts.iter().enumerate() {
        assert!(text.size >= 11.0);
        let [left, top, right, bottom] = extent(text, &font);
        assert!(
            left >= 0.0 && top >= 0.0 && right <= scene.width && bottom <= scene.height,
            "{text:?} leaves the canvas of {} × {}",
            scene.width,
            scene.height
        );
        for other in &texts[index + 1..] {
            let [l, t, r, b] = extent(other, &font);
            let apart = right <= l || r <= left || bottom <= t || b <= top;
            assert!(apart, "{} lies on {}", text.text, other.text);
        }
    }
}

#[test]
fn texts_keep_apart_at_any_width() {
    let many = |count: usize| {
        (0..count).map(|k| {
            let name = format!("series {k} with a name of some length");
            Series::line(name, [(0.0, k as f64), (1e6, 1.0 - k as f64)])
        })
    };
    for width in (200..1200).step_by(9).map(f64::from) {
        for logarithmic in [(false, false), (true, true)] {
            let mut chart = Chart {
                width,
                logarithmic,
                ..Chart::new(
                    "A title that is longer than the width of a phone, and then some",
                    many(9).collect(),
                )
            };
            chart
                .series
                .push(Series::points("", [(3e-7, 2e-9), (f64::NAN, 0.0)]));
            chart.x_label = "an abscissa with a name that is far too long for a phone, too".into();
            chart.y_label = "‖empirical − Hessian‖".into();
            assert_texts_keep_apart(&chart);
        }
    }
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -10.0..10.0f64,
        2 => any::<f64>(),
        1 => prop::sample::select(vec![
            0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN,
            f64::MIN_POSITIVE, 5e-324, 1e250, 1e-250, 1.1e250, 1.0, 1.0 + f64::EPSILON,
        ]),
    ]
}

fn any_series() -> impl Strategy<Value = Series> {
    let mark = prop::sample::select(vec![Mark::Line, Mark::Area, Mark::Points, Mark::Arrow]);
    let points = prop::collection::vec((any_number(), any_number()), 0..12);
    (any::<String>(), mark, points).prop_map(|(name, mark, points)| Series::new(name, mark, points))
}

fn any_chart() -> impl Strategy<Value = Chart> {
    let limits = || prop::option::weighted(0.2, (any_number(), any_number()));
    (
        (any::<String>(), any::<String>(), any::<String>()),
        prop::collection::vec(any_series(), 0..5),
        (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()),
        (limits(), limits()),
        (
            prop::option::weighted(0.3, (any_number(), any_number())),
            190.0..900.0f64,
        ),
    )
        .prop_map(|(texts, series, flags, limits, (at, width))| Chart {
            summary: texts.1,
            x_label: texts.2.clone(),
            y_label: texts.2,
            logarithmic: (flags.0, flags.1),
            equal_units: flags.2,
            cut_steep: flags.3,
            x_limits: limits.0,
            y_limits: limits.1,
            handles: at.map(handle).into_iter().collect(),
            width,
            ..Chart::new(texts.0, series)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_chart_is_refused_or_well_formed(chart in any_chart()) {
        if let Ok(svg) = chart.svg() {
            let document = Document::parse(&svg).unwrap();
            let reading = Reading::of(&document);
            prop_assert!(reading.x.0 < reading.x.1 && reading.y.0 < reading.y.1);
            prop_assert!(reading.left < reading.right && reading.top < reading.bottom);
            for node in document.descendants() {
                for name in ["points", "cx", "cy", "x", "y"] {
                    let value = node.attribute(name).unwrap_or("");
                    prop_assert!(!value.contains("NaN") && !value.contains("inf"), "{value}");
                }
            }
            // What is drawn of lines lies within the panel or is a sample of the legend above it.
            for series in 1..=7 {
                for node in of_classes(&document, &["line", &format!("series-{series}")]) {
                    let corners = super::points(&node);
                    let sample = corners.iter().all(|corner| corner.1 < reading.top);
                    prop_assert!(sample || corners.iter().all(|&corner| reading.holds(corner)));
                }
                for line in lines(&document, &format!("series-{series}")) {
                    prop_assert!(line.len() >= 2);
                }
            }
            Document::parse(&chart.svg_document().unwrap()).unwrap();
            prop_assert!(chart.png(0.5).is_ok());
        }
        let records = chart.csv();
        prop_assert!(records.starts_with("series,x,y\r\n") && records.ends_with("\r\n"));
    }

    #[test]
    fn finite_points_keep_their_order_and_texts_apart(
        points in prop::collection::vec((-1e3..1e3f64, -1e3..1e3f64), 1..30),
        exponents in (-9..9i32, -9..9i32),
        width in 320.0..1000.0f64,
    ) {
        let scale = |(x, y): (f64, f64)| (x * 10_f64.powi(exponents.0), y * 10_f64.powi(exponents.1));
        let points: Vec<(f64, f64)> = points.into_iter().map(scale).collect();
        let chart = Chart {
            width,
            ..Chart::new("title", vec![Series::points("some points", points.clone())])
        };
        assert_texts_keep_apart(&chart);
        let svg = chart.svg().unwrap();
        let document = Document::parse(&svg).unwrap();
        let reading = Reading::of(&document);
        let circles = super::circles(&document, "series-1");
        prop_assert_eq!(circles.len(), points.len());
        for (found, point) in circles.into_iter().zip(points) {
            super::assert_near(found, reading.pixels(point));
        }
    }
}
