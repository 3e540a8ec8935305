//! Charts as files: CSV, PNG and SVG documents.

use super::parabola;
use crate::PlotError;
use crate::chart::{Chart, Series};
use crate::picture::font::Font;
use crate::picture::scene::Mark;

#[test]
fn csv_gives_every_number_back() {
    let values = [
        0.1,
        1.0 / 3.0,
        -5e-324,
        f64::MAX,
        0.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    let points = values.map(|value| (value, value.recip()));
    let name = "a \"quoted\", name\r\nof two lines";
    let chart = Chart::new(
        "",
        vec![
            Series::line(name, points),
            Series::points("here", [(1.0, 2.0)]),
        ],
    );
    let csv = chart.csv();
    let quoted = "\"a \"\"quoted\"\", name\r\nof two lines\",";
    let rest = csv.strip_prefix("series,x,y\r\n").unwrap();
    let records: Vec<&str> = rest.split(quoted).collect();
    assert_eq!(records.len(), 1 + values.len());
    for (record, (x, y)) in records[1..].iter().zip(points) {
        let (found_x, found_y) = record.lines().next().unwrap().split_once(',').unwrap();
        for (found, wanted) in [(found_x, x), (found_y, y)] {
            let found: f64 = found.parse().unwrap();
            assert!(found.to_bits() == wanted.to_bits() || found.is_nan() && wanted.is_nan());
        }
    }
    assert!(
        csv.contains("3.3333333333333331e-1") && csv.contains(",Inf,") && csv.contains(",-Inf,")
    );
    assert!(csv.ends_with("\r\nhere,1.0000000000000000e0,2.0000000000000000e0\r\n"));
}

#[test]
fn a_thinned_table_keeps_both_ends_of_every_series() {
    let long = Series::line("long", (0..198).map(|k| (f64::from(k), 0.0)));
    let chart = Chart::new("", vec![long, Series::points("here", [(7.0, 8.0)])]);
    assert_eq!(chart.rows().count(), 199);
    let rows: Vec<_> = chart.thinned_rows(25).collect();
    let long: Vec<f64> = rows
        .iter()
        .filter(|row| row.series == "long")
        .map(|row| row.x)
        .collect();
    assert_eq!(long.len(), 25);
    assert_eq!((long[0], long[24]), (0.0, 197.0));
    let steps: Vec<f64> = long.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(
        steps.iter().all(|step| *step == 8.0 || *step == 9.0),
        "{steps:?}"
    );
    let here: Vec<_> = rows.iter().filter(|row| row.series == "here").collect();
    assert_eq!(here.len(), 1);
    assert_eq!((here[0].x, here[0].y), (7.0, 8.0));
    assert_eq!(chart.thinned_rows(1).count(), 2);
    assert_eq!(chart.thinned_rows(0).count(), 0);
}

#[test]
fn a_png_has_ink_where_the_line_goes() {
    let mut chart = parabola();
    chart.series[0].points.retain(|point| point.0 > -0.9);
    let font = Font::embedded().unwrap();
    let scene = crate::chart::layout::scene(&chart, &font).unwrap();
    let scale = 2.0;
    let picture = tiny_skia::Pixmap::decode_png(&chart.png(scale).unwrap()).unwrap();
    assert_eq!(f64::from(picture.width()), 2.0 * scene.width);
    assert_eq!(f64::from(picture.height()), 2.0 * scene.height);
    let at = |x: f64, y: f64| {
        let pixel = picture
            .pixel((scale * x) as u32, (scale * y) as u32)
            .unwrap();
        [pixel.red(), pixel.green(), pixel.blue()]
    };
    let mut curve = None;
    for mark in &scene.marks {
        match mark {
            Mark::Line { points, stroke, .. } if points.len() > 10 => {
                curve = Some((points, stroke.colour))
            }
            Mark::Marker {
                at: (x, y), colour, ..
            } => assert_eq!(at(*x, *y), colour.rgb),
            _ => {}
        }
    }
    let (points, colour) = curve.unwrap();
    let covered_by_marker = |x: f64, y: f64| at(x, y) == [0xd5, 0x5e, 0x00];
    for &(x, y) in &points[1..points.len() - 1] {
        assert!(
            at(x, y) == colour.rgb || covered_by_marker(x, y),
            "({x}, {y})"
        );
        // Beside the line is the ground or the grid.
        assert!(at(x, y - 12.0).iter().all(|part| *part > 0xd0) || covered_by_marker(x, y - 12.0));
    }
    // The writing is there.
    let ink = |from: f64, to: f64| {
        let rows = (from as u32)..(to as u32);
        rows.flat_map(|y| (0..picture.width()).map(move |x| (x, y)))
            .filter(|&(x, y)| picture.pixel(x, y).unwrap().red() < 0x60)
            .count()
    };
    assert!(ink(scale * 14.0, scale * 34.0) > 200);
}

#[test]
fn a_size_that_is_none_is_refused() {
    for scale in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e3] {
        assert!(
            matches!(parabola().png(scale), Err(PlotError::TooLarge { .. })),
            "{scale}"
        );
    }
}

#[test]
fn files_are_documents_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("figure.svg");
    let chart = parabola();
    chart.write(&path).unwrap();
    let svg = std::fs::read_to_string(&path).unwrap();
    assert_eq!(svg, chart.svg_document().unwrap());
    let document = roxmltree::Document::parse(&svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("width"), Some("640"));
    let child = |name| {
        root.children()
            .find(|node| node.has_tag_name(name))
            .unwrap()
    };
    assert_eq!(child("title").text(), Some("A parabola"));
    assert_eq!(
        child("desc").text(),
        Some("A valley with its floor at zero.")
    );
    // Outside of a page nothing says what the current colour is.
    assert!(!svg.contains("currentColor") && svg.contains("stroke=\"#0072b2\""));

    let path = folder.path().join("figure.png");
    chart.write(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), chart.png(2.0).unwrap());
    let refused = chart.write(&folder.path().join("figure.pdf"));
    assert!(matches!(refused, Err(PlotError::UnknownExtension { .. })));
}

#[test]
fn the_font_has_the_signs_of_the_field() {
    let font = Font::embedded().unwrap();
    let signs = "μ₁ΣσθφψλδηρβαπΔ∂∇⁻¹²³½√‖·×±−≤≥≈∞ᵀₙ∑∫∈ℝ→…–«»|̂äöé";
    for sign in signs.chars() {
        assert!(font.has(sign), "{sign}");
    }
    assert!(!font.has('中'));
}
