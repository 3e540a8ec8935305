//! Points are where the axes say, and only what belongs to the panel is within it.

use super::{
    Reading, assert_near, circles, handle, has_class, lines, of_classes, parabola, points,
};
use crate::chart::{Chart, Mark, Series};
use roxmltree::Document;

#[test]
fn every_point_is_where_the_panel_says() {
    for width in [320.0, 640.0, 1000.0] {
        for logarithmic in [(false, false), (false, true), (true, false), (true, true)] {
            let curve: Vec<(f64, f64)> = (1..=50)
                .map(|k| f64::from(k) / 7.0)
                .map(|x| (x, (1.3 * x).exp()))
                .collect();
            let chart = Chart {
                width,
                logarithmic,
                cut_steep: false,
                ..Chart::new(
                    "growth",
                    vec![
                        Series::line("curve", curve.clone()),
                        Series::points("here", curve[20..23].to_vec()),
                    ],
                )
            };
            let svg = chart.svg().unwrap();
            let document = Document::parse(&svg).unwrap();
            let reading = Reading::of(&document);
            assert_eq!((reading.x.2, reading.y.2), logarithmic);
            let line = &lines(&document, "series-1")[0];
            assert_eq!(line.len(), curve.len());
            for (&found, &point) in line.iter().zip(&curve) {
                assert_near(found, reading.pixels(point));
            }
            let markers = circles(&document, "series-2");
            assert_eq!(markers.len(), 3);
            for (&found, &point) in markers.iter().zip(&curve[20..23]) {
                assert_near(found, reading.pixels(point));
            }
        }
    }
}

#[test]
fn ticks_stand_at_their_numbers() {
    for (width, logarithmic) in [(320.0, false), (640.0, false), (320.0, true), (640.0, true)] {
        let chart = Chart {
            width,
            logarithmic: (logarithmic, logarithmic),
            ..Chart::new("", vec![Series::points("", [(0.02, 0.5), (7000.0, 90.0)])])
        };
        let svg = chart.svg().unwrap();
        let document = Document::parse(&svg).unwrap();
        let reading = Reading::of(&document);
        let labels = |anchor: &str| -> Vec<(f64, (f64, f64))> {
            of_classes(&document, &["text"])
                .iter()
                .filter(|node| node.attribute("text-anchor") == Some(anchor))
                .filter_map(|node| {
                    let value: f64 = node.text()?.parse().ok()?;
                    let place = |name| node.attribute(name).unwrap().parse::<f64>().unwrap();
                    Some((value, (place("x"), place("y"))))
                })
                .collect()
        };
        let across = labels("middle");
        assert!(across.len() >= 3, "{across:?}");
        for (value, (x, _)) in across {
            let wanted = reading.pixels((value, 1.0)).0;
            assert!((x - wanted).abs() < 1e-3, "{value} at {x} for {wanted}");
        }
        let up = labels("end");
        assert!(up.len() >= 3, "{up:?}");
        let offsets: Vec<f64> = up
            .iter()
            .map(|(value, (_, y))| y - reading.pixels((1.0, *value)).1)
            .collect();
        // All baselines are as far below their grid lines.
        assert!(
            offsets
                .iter()
                .all(|offset| (offset - offsets[0]).abs() < 2e-3)
        );
        assert!(offsets[0] > 0.0 && offsets[0] < 6.0);
    }
}

#[test]
fn far_ranges_have_powers_of_ten() {
    let chart = Chart {
        logarithmic: (false, true),
        ..Chart::new("", vec![Series::line("", [(0.0, 1e-9), (1.0, 3e8)])])
    };
    let svg = chart.svg().unwrap();
    assert!(
        svg.contains(">10⁻⁹<") && svg.contains(">10⁰<") && svg.contains(">10⁹<"),
        "{svg}"
    );
}

#[test]
fn what_is_not_finite_breaks_the_line() {
    let nan = f64::NAN;
    let chart = Chart::new(
        "",
        vec![Series::line(
            "",
            [
                (0.0, 0.0),
                (1.0, 1.0),
                (2.0, nan),
                (3.0, 3.0),
                (nan, 3.5),
                (4.0, 4.0),
                (5.0, 5.0),
                (6.0, f64::INFINITY),
            ],
        )],
    );
    let svg = chart.svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let reading = Reading::of(&document);
    let pieces = lines(&document, "series-1");
    let ends: Vec<usize> = pieces.iter().map(Vec::len).collect();
    assert_eq!(ends, [2, 2]);
    assert_near(pieces[0][1], reading.pixels((1.0, 1.0)));
    assert_near(pieces[1][0], reading.pixels((4.0, 4.0)));
    // The point between two gaps is a dot.
    let dots = circles(&document, "series-1");
    assert_eq!(dots.len(), 1);
    assert_near(dots[0], reading.pixels((3.0, 3.0)));
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    assert_eq!(
        chart.notes().unwrap(),
        ["3 points are left out, not being finite."]
    );
}

#[test]
fn curves_end_at_the_edge_of_the_panel() {
    let line = Series::line("", (-40..=40).map(|k| (f64::from(k), 2.0 * f64::from(k))));
    let chart = Chart {
        x_limits: Some((-10.5, 10.5)),
        y_limits: Some((-7.0, 11.0)),
        ..Chart::new(
            "",
            vec![line, Series::points("", [(3.0, 6.0), (30.0, 60.0)])],
        )
    };
    let svg = chart.svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let reading = Reading::of(&document);
    assert_eq!((reading.x.0, reading.x.1), (-10.5, 10.5));
    assert_eq!((reading.y.0, reading.y.1), (-7.0, 11.0));
    let pieces = lines(&document, "series-1");
    assert_eq!(pieces.len(), 1);
    let piece = &pieces[0];
    assert_near(piece[0], reading.pixels((-3.5, -7.0)));
    assert_near(piece[piece.len() - 1], reading.pixels((5.5, 11.0)));
    assert_eq!(piece[0].1, reading.bottom);
    assert_eq!(piece[piece.len() - 1].1, reading.top);
    // −3, …, 5 and the two ends.
    assert_eq!(piece.len(), 11);
    let squares = of_classes(&document, &["marker", "series-2"]);
    assert_eq!(squares.len(), 1);
    assert_eq!(chart.notes().unwrap(), ["1 point is outside of the axes."]);
}

#[test]
fn a_segment_across_the_panel_keeps_its_slope() {
    for (from, to) in [
        ((-3.0, -1.0), (5.0, 3.0)),
        ((5.0, -2.0), (-4.0, 2.5)),
        ((0.5, -9.0), (-0.5, 8.0)),
    ] {
        let chart = Chart {
            x_limits: Some((-1.0, 1.0)),
            y_limits: Some((-2.0, 2.0)),
            ..Chart::new("", vec![Series::line("", [from, to])])
        };
        let svg = chart.svg().unwrap();
        let document = Document::parse(&svg).unwrap();
        let reading = Reading::of(&document);
        let pieces = lines(&document, "series-1");
        assert_eq!(pieces.len(), 1);
        let slope = (to.1 - from.1) / (to.0 - from.0);
        let at_x = |x: f64| (x, from.1 + slope * (x - from.0));
        let at_y = |y: f64| (from.0 + (y - from.1) / slope, y);
        let direction = (to.0 - from.0).signum();
        let ends = if slope.abs() > 2.0 {
            [at_y(-2.0), at_y(2.0)]
        } else {
            [at_x(-direction), at_x(direction)]
        };
        assert_near(pieces[0][0], reading.pixels(ends[0]));
        assert_near(pieces[0][1], reading.pixels(ends[1]));
    }
    // What passes by is not drawn.
    let chart = Chart {
        x_limits: Some((0.0, 1.0)),
        y_limits: Some((0.0, 1.0)),
        ..Chart::new("", vec![Series::line("", [(-1.0, 0.5), (0.5, 3.0)])])
    };
    let svg = chart.svg().unwrap();
    assert!(lines(&Document::parse(&svg).unwrap(), "series-1").is_empty());
}

#[test]
fn a_line_that_leaves_and_returns_is_in_pieces() {
    let wave = (0..=300).map(|k| f64::from(k) / 10.0).map(|x| (x, x.sin()));
    let chart = Chart {
        y_limits: Some((-0.5, 2.0)),
        ..Chart::new("", vec![Series::line("", wave)])
    };
    let svg = chart.svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let reading = Reading::of(&document);
    let pieces = lines(&document, "series-1");
    // Below −1/2 near 3π/2 + 2πk, k = 0 … 3.
    assert_eq!(pieces.len(), 5);
    for piece in &pieces[..4] {
        assert_eq!(piece[piece.len() - 1].1, reading.bottom);
    }
    for piece in &pieces[1..] {
        assert_eq!(piece[0].1, reading.bottom);
    }
}

#[test]
fn an_area_reaches_from_the_line_to_zero() {
    let area = Series::new("", Mark::Area, [(1.0, 2.0), (2.0, 3.0), (3.0, 1.0)]);
    let chart = Chart::new("", vec![area]);
    let svg = chart.svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let reading = Reading::of(&document);
    assert!(reading.y.0 <= 0.0);
    let polygon = points(&of_classes(&document, &["area", "series-1"])[0]);
    let wanted = [(1.0, 0.0), (1.0, 2.0), (2.0, 3.0), (3.0, 1.0), (3.0, 0.0)];
    assert_eq!(polygon.len(), wanted.len());
    for (&found, &point) in polygon.iter().zip(&wanted) {
        assert_near(found, reading.pixels(point));
    }
}

#[test]
fn an_area_is_cut_at_the_panel() {
    let area = Series::new("", Mark::Area, [(0.0, 0.0), (4.0, 8.0)]);
    let chart = Chart {
        x_limits: Some((1.0, 3.0)),
        y_limits: Some((1.0, 4.0)),
        ..Chart::new("", vec![area])
    };
    let svg = chart.svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let reading = Reading::of(&document);
    let polygon = points(&of_classes(&document, &["area", "series-1"])[0]);
    for corner in [(1.0, 1.0), (1.0, 2.0), (2.0, 4.0), (3.0, 4.0), (3.0, 1.0)] {
        let wanted = reading.pixels(corner);
        let near = |found: &&(f64, f64)| {
            (found.0 - wanted.0).abs() < 1e-3 && (found.1 - wanted.1).abs() < 1e-3
        };
        assert!(
            polygon.iter().any(|found| near(&found)),
            "{corner:?} of {polygon:?}"
        );
    }
    assert!(polygon.iter().all(|&corner| reading.holds(corner)));
}

#[test]
fn the_tip_of_an_arrow_is_its_second_point() {
    let chart = Chart::new("", vec![Series::arrow("", (0.0, 0.0), (3.0, 1.0))]);
    let svg = chart.svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let reading = Reading::of(&document);
    let shaft = &lines(&document, "series-1")[0];
    assert_near(shaft[0], reading.pixels((0.0, 0.0)));
    let head = points(&of_classes(&document, &["marker", "series-1"])[0]);
    assert_near(head[0], reading.pixels((3.0, 1.0)));
    // The head is symmetric about the shaft, which ends at its base and points to the tip.
    let base = (0.5 * (head[1].0 + head[2].0), 0.5 * (head[1].1 + head[2].1));
    assert!((base.0 - shaft[1].0).abs() < 2e-3 && (base.1 - shaft[1].1).abs() < 2e-3);
    let along = (head[0].0 - shaft[0].0, head[0].1 - shaft[0].1);
    let last = (head[0].0 - base.0, head[0].1 - base.1);
    let across = along.0 * last.1 - along.1 * last.0;
    let length = along.0.hypot(along.1);
    assert!((across / length).abs() < 2e-3, "{base:?}");
    assert!((last.0.hypot(last.1) - 10.0).abs() < 5e-3 && last.0 > 0.0);
}

#[test]
fn a_unit_is_as_long_on_both_axes() {
    let circle = (0..=96).map(|k| f64::from(k) * std::f64::consts::TAU / 96.0);
    let circle = Series::line("", circle.map(|t| (10.0 + 2.0 * t.cos(), 0.5 * t.sin())));
    for (width, height, limits) in [
        (640.0, None, None),
        (320.0, None, None),
        (640.0, Some(300.0), None),
        (640.0, Some(900.0), None),
        (500.0, None, Some((0.0, 30.0))),
    ] {
        let chart = Chart {
            width,
            height,
            equal_units: true,
            x_limits: limits,
            ..Chart::new("", vec![circle.clone()])
        };
        let svg = chart.svg().unwrap();
        let document = Document::parse(&svg).unwrap();
        let reading = Reading::of(&document);
        let across = (reading.right - reading.left) / (reading.x.1 - reading.x.0);
        let up = (reading.bottom - reading.top) / (reading.y.1 - reading.y.0);
        assert!((across / up - 1.0).abs() < 1e-4, "{across} {up}");
        assert!(reading.x.0 <= 8.0 && reading.x.1 >= 12.0);
        if let Some((low, high)) = limits {
            assert!(reading.x.0 <= low && reading.x.1 >= high);
        }
        assert_eq!(lines(&document, "series-1").len(), 1);
    }
}

#[test]
fn a_page_can_inline_it_under_a_strict_policy() {
    let mut chart = parabola();
    let svg = chart.svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    assert_eq!(
        root.attribute("aria-label"),
        Some("A parabola. A valley with its floor at zero.")
    );
    assert!(root.attribute("width").is_none() && root.attribute("height").is_none());
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        for refused in ["style", "id", "clip-path", "href"] {
            assert!(node.attribute(refused).is_none(), "{refused}");
        }
        assert!(!["style", "script", "defs", "use"].contains(&node.tag_name().name()));
        assert!(!(node.has_tag_name("g") && node.attribute("aria-label").is_some()));
        let coloured = node.attribute("fill").is_some() || node.attribute("stroke").is_some();
        if coloured && node != root {
            assert!(node.attribute("class").is_some() && node.attribute("color").is_some());
        }
    }
    for class in ["ground", "grid", "ink", "series-1", "series-2", "panel"] {
        assert!(!of_classes(&document, &[class]).is_empty(), "{class}");
    }

    // Children of an image are not seen by assistive technology, so a chart with a handle is none.
    chart.handles.push(handle((0.5, 0.25)));
    let svg = chart.svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("group"));
    let found = of_classes(&document, &["handle"]);
    assert_eq!(found.len(), 1);
    let found = found[0];
    for (name, value) in [
        ("data-handle", "tip"),
        ("role", "slider"),
        ("tabindex", "0"),
        ("aria-label", "Tip of the step"),
        ("aria-valuenow", "0.5"),
        ("aria-valuemin", "-1"),
        ("aria-valuemax", "1"),
        ("aria-valuetext", "half"),
    ] {
        assert_eq!(found.attribute(name), Some(value), "{name}");
    }
    let place = |name| found.attribute(name).unwrap().parse::<f64>().unwrap();
    assert_near(
        (place("cx"), place("cy")),
        Reading::of(&document).pixels((0.5, 0.25)),
    );
    assert_eq!(place("r") + 0.5 * place("stroke-width"), 22.0);
    let hidden = |node: &roxmltree::Node<'_, '_>| node.attribute("aria-hidden") == Some("true");
    assert!(!found.ancestors().any(|node| hidden(&node)));
    let texts = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    for text in texts {
        assert!(text.ancestors().any(|node| hidden(&node)), "{text:?}");
        assert!(has_class(&text, "text"));
    }
}
