//! From where to where the axes go.

use super::{Reading, handle, lines, parabola};
use crate::PlotError;
use crate::chart::{Chart, Series};
use roxmltree::Document;

/// The range of the vertical axis.
fn vertical(chart: &Chart) -> (f64, f64) {
    let svg = chart.svg().unwrap();
    let reading = Reading::of(&Document::parse(&svg).unwrap());
    (reading.y.0, reading.y.1)
}

fn pole() -> Vec<(f64, f64)> {
    (1..=1000)
        .map(|k| f64::from(k) / 1000.0)
        .map(|x| (x, 1.0 / (x * x)))
        .collect()
}

#[test]
fn a_pole_is_cut_and_said_to_be() {
    let chart = Chart::new("", vec![Series::line("", pole())]);
    let svg = chart.svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    let reading = Reading::of(&document);
    // The 95 % quantile of 1/x² over 0.001, …, 1 is at x = 0.051.
    let quantile = 1.0 / (0.051 * 0.051);
    assert!(
        (reading.y.1 / (3.0 * quantile) - 1.0).abs() < 1e-9,
        "{}",
        reading.y.1
    );
    let piece = &lines(&document, "series-1")[0];
    assert_eq!(piece[0].1, reading.top);
    assert_eq!(
        chart.notes().unwrap(),
        ["Curves go on beyond the vertical axis, up to 1.000×10⁶."]
    );
    assert!(svg.contains("up to 1.000×10⁶.\""), "the label says so");
    assert_eq!(chart.description().unwrap(), chart.notes().unwrap()[0]);

    let both = pole().into_iter().flat_map(|(x, y)| [(-x, -y), (x, y)]);
    let mut both: Vec<(f64, f64)> = both.collect();
    both.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (low, high) = vertical(&Chart::new("", vec![Series::line("", both)]));
    assert!(
        (low + high).abs() < 1e-9 * high && high < 2e3,
        "{low} {high}"
    );
}

#[test]
fn what_is_not_a_pole_is_not_cut() {
    let whole = Chart {
        cut_steep: false,
        ..Chart::new("", vec![Series::line("", pole())])
    };
    assert!(vertical(&whole).1 > 1e6 && whole.notes().unwrap().is_empty());
    let logarithmic = Chart {
        logarithmic: (false, true),
        ..Chart::new("", vec![Series::line("", pole())])
    };
    assert!(vertical(&logarithmic).1 > 1e6 && logarithmic.notes().unwrap().is_empty());
    // Nineteen times the quantile is within reason.
    let spike = |height: f64| {
        let flat = (0..100).map(|k| (f64::from(k), 1.0));
        Chart::new("", vec![Series::line("", flat.chain([(100.0, height)]))])
    };
    assert!(vertical(&spike(19.0)).1 > 19.0);
    assert_eq!(vertical(&spike(21.0)).1, 3.0);
    // A point is never cut off.
    let mut with_point = spike(21.0);
    with_point.series.push(Series::points("", [(50.0, 8.0)]));
    assert_eq!(vertical(&with_point).1, 8.0);
    with_point.handles.push(handle((50.0, 9.0)));
    assert_eq!(vertical(&with_point).1, 9.0);
}

#[test]
fn a_range_that_is_a_point_is_widened() {
    for value in [0.0, 3.0, -2e-7, 1e250, 5e-324, 1.0 / 3.0] {
        for logarithmic in [false, value > 1e-250] {
            let noise = value * (1.0 + 1e-14);
            let chart = Chart {
                logarithmic: (logarithmic, logarithmic),
                ..Chart::new("", vec![Series::line("", [(value, value), (value, noise)])])
            };
            let svg = chart.svg().unwrap();
            let reading = Reading::of(&Document::parse(&svg).unwrap());
            for (low, high, _) in [reading.x, reading.y] {
                assert!(low < value && value < high, "{value} in {low} … {high}");
                assert!((high - low) > 0.5 * value.abs());
            }
        }
    }
}

#[test]
fn a_logarithmic_axis_leaves_out_what_is_not_positive() {
    let chart = Chart {
        logarithmic: (false, true),
        ..Chart::new(
            "",
            vec![Series::line(
                "",
                [(-1.0, -1.0), (0.0, 0.0), (1.0, 1.0), (2.0, 10.0)],
            )],
        )
    };
    let svg = chart.svg().unwrap();
    let document = Document::parse(&svg).unwrap();
    assert_eq!(lines(&document, "series-1")[0].len(), 2);
    let note = "2 points are left out, not being positive on a logarithmic axis.";
    assert_eq!(chart.notes().unwrap(), [note]);
    assert!(
        document
            .root_element()
            .attribute("aria-label")
            .unwrap()
            .contains(note)
    );
    // A reader of the picture sees it too.
    let texts: Vec<&str> = document
        .descendants()
        .filter_map(|node| node.text())
        .collect();
    assert!(texts.contains(&note), "{texts:?}");
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    let nan = f64::NAN;
    for series in [
        vec![],
        vec![Series::line("", [])],
        vec![Series::line("", [(nan, 1.0), (1.0, f64::INFINITY)])],
    ] {
        let error = Chart::new("Nothing", series).svg().unwrap_err();
        assert!(matches!(&error, PlotError::EmptyChart { title } if title == "Nothing"));
    }
    let logarithmic = Chart {
        logarithmic: (true, false),
        ..Chart::new("", vec![Series::line("", [(-1.0, 1.0)])])
    };
    assert!(matches!(
        logarithmic.svg(),
        Err(PlotError::EmptyChart { .. })
    ));

    for limits in [
        (1.0, 1.0),
        (2.0, 1.0),
        (nan, 1.0),
        (0.0, f64::INFINITY),
        (-1e251, 0.0),
    ] {
        let chart = Chart {
            x_limits: Some(limits),
            ..parabola()
        };
        assert!(
            matches!(chart.svg(), Err(PlotError::Limits { axis: "x", .. })),
            "{limits:?}"
        );
    }
    let chart = Chart {
        logarithmic: (false, true),
        y_limits: Some((0.0, 1.0)),
        ..parabola()
    };
    assert!(matches!(
        chart.png(1.0),
        Err(PlotError::Limits { axis: "y", .. })
    ));

    for at in [(nan, 0.0), (0.0, f64::INFINITY)] {
        let mut chart = parabola();
        chart.handles.push(handle(at));
        assert!(matches!(chart.svg(), Err(PlotError::Handle { name }) if name == "tip"));
    }
    for (width, height) in [
        (10.0, None),
        (nan, None),
        (1e6, None),
        (320.0, Some(80.0)),
        (320.0, Some(nan)),
    ] {
        let chart = Chart {
            width,
            height,
            ..parabola()
        };
        let error = chart.svg().unwrap_err();
        assert!(matches!(error, PlotError::Canvas { .. }));
        assert!(error.to_string().contains("from 200 to 4096"));
    }
}

#[test]
fn a_height_is_kept() {
    let chart = Chart {
        height: Some(333.0),
        ..parabola()
    };
    assert!(chart.svg().unwrap().contains(r#"viewBox="0 0 640 333""#));
}
