//! The whole figure, as a reader meets it.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::{Ellipses, FitFigure};
use crate::PlotError;

/// Spector and Mazzeo's logit of the grades of 32 students (Greene, Econometric Analysis).
fn spector() -> FitFigure {
    let expected = [
        1.262_941_075_629_092,
        0.141_554_205_673_694_7,
        1.064_564_254_497_133,
        4.931_324_213_602_758,
    ];
    let empirical = [
        1.373_310_222_03,
        0.178_940_212_947,
        1.214_216_362_28,
        4.843_844_874_96,
    ];
    let sandwich = [
        1.267_545_982_02,
        0.117_922_267_749,
        0.964_419_209_653,
        5.197_585_410_3,
    ];
    let kinds = [
        ("expected", expected),
        ("observed", expected),
        ("empirical", empirical),
        ("sandwich", sandwich),
    ];
    let errors = |values: [f64; 4]| values.map(Some).to_vec();
    let covariance = |values: [f64; 4], correlation: f64| {
        let [first, second, ..] = values;
        let off = correlation * first * second;
        [[first * first, off], [off, second * second]]
    };
    FitFigure {
        title: "grade ~ gpa + tuce + psi (binomial, logit), n = 32".into(),
        terms: ["gpa", "tuce", "psi", "(intercept)"]
            .map(str::to_owned)
            .to_vec(),
        coefficients: vec![
            2.826_112_594_889_321,
            0.095_157_661_317_909_29,
            2.378_687_655_093_354,
            -13.021_346_858_115_69,
        ],
        standard_errors: kinds
            .map(|(name, values)| (name.to_owned(), errors(values)))
            .to_vec(),
        ellipse: Some(Ellipses {
            terms: ("gpa".into(), "tuce".into()),
            centre: (2.826_112_594_889_321, 0.095_157_661_317_909_29),
            covariances: kinds
                .iter()
                .zip([-0.206, -0.206, -0.35, 0.05])
                .map(|((name, values), rho)| ((*name).to_owned(), covariance(*values, rho)))
                .collect(),
        }),
    }
}

fn many(terms: usize) -> FitFigure {
    let regions = ["North", "South", "East Anglia & <the rest>", "West"];
    let names = (0..terms).map(|i| match i {
        0 => "(intercept)".to_owned(),
        i if i % 5 == 0 => format!(
            "C(region)[{}]:C(product)[Deluxe edition {i}]",
            regions[i % 4]
        ),
        i if i % 3 == 0 => format!("C(region)[{}]", regions[i / 3 % 4]),
        i => format!("x{i}"),
    });
    let wave = |i: usize, phase: f64| (0.7 * i as f64 + phase).sin();
    let scale = |i: usize| 10_f64.powi(3 * (i as i32 % 5) - 7);
    let errors = |phase: f64| -> Vec<Option<f64>> {
        (0..terms)
            .map(|i| Some(scale(i) * (1.0 + 0.3 * wave(i, phase))))
            .collect()
    };
    FitFigure {
        title: format!(
            "visits ~ a long formula of {terms} terms (negative binomial, log), n = 12 480"
        ),
        terms: names.collect(),
        coefficients: (0..terms).map(|i| 4.0 * scale(i) * wave(i, 0.4)).collect(),
        standard_errors: vec![
            ("expected".into(), errors(0.0)),
            ("observed".into(), errors(0.2)),
            ("empirical".into(), errors(1.5)),
            ("sandwich".into(), errors(2.5)),
        ],
        ellipse: None,
    }
}

fn read(figure: &FitFigure, name: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    figure.write(&path).unwrap();
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "something beside the figure is left behind");
    std::fs::read(path).unwrap()
}

fn svg(figure: &FitFigure) -> String {
    String::from_utf8(read(figure, "figure.svg")).unwrap()
}

/// The texts a document shows, titles of shortened ones apart.
fn texts(document: &roxmltree::Document<'_>) -> Vec<String> {
    let nodes = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    nodes
        .map(|node| {
            node.children()
                .filter(|child| child.is_text())
                .filter_map(|t| t.text())
                .collect()
        })
        .collect()
}

/// Scales far apart, and all that can be missing.
fn wild() -> FitFigure {
    let mut wild = spector();
    wild.coefficients = vec![2.8e-9, 5e7, -700.0, 3.0];
    for (_, e) in &mut wild.standard_errors {
        e[0] = e[0].map(|e| e * 1e-9);
        e[1] = e[1].map(|e| e * 1e7);
    }
    wild.standard_errors[2].1[3] = None;
    wild.standard_errors[0].1[1] = Some(f64::INFINITY);
    if let Some(e) = &mut wild.ellipse {
        e.centre = (2.8e-9, 1e9);
        e.terms.1 = "C(region)[North West & <rest>]:C(product)[Deluxe edition]".into();
        for (_, c) in &mut e.covariances {
            c[0][0] *= 1e-18;
            c[0][1] *= 1e-9;
            c[1][0] *= 1e-9;
        }
        e.covariances[2].1[0][0] = f64::INFINITY;
        let (a, b) = (
            e.covariances[3].1[0][0].sqrt(),
            e.covariances[3].1[1][1].sqrt(),
        );
        e.covariances[3].1[0][1] = a * b;
        e.covariances[3].1[1][0] = a * b;
    }
    wild
}

/// The first terms of Spector's fit, without the ellipses.
fn only(terms: usize) -> FitFigure {
    let mut figure = spector();
    figure.ellipse = None;
    figure.terms.truncate(terms);
    figure.coefficients.truncate(terms);
    for (_, errors) in &mut figure.standard_errors {
        errors.truncate(terms);
    }
    figure
}

#[test]
fn a_png_has_its_signature_and_size() {
    for (figure, width, height) in [(spector(), 1200, 600), (only(1), 900, 600)] {
        let png = read(&figure, "figure.PNG");
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!(&png[12..16], b"IHDR");
        let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        assert_eq!((side(16), side(20)), (width, height));
    }
    let png = read(&many(30), "figure.png");
    let height = u32::from_be_bytes(png[20..24].try_into().unwrap());
    assert!(height > 1000, "{height}: thirty terms need room");
}

#[test]
fn an_svg_names_every_term_and_says_what_it_shows() {
    let mut figure = spector();
    figure.title = "y ~ a < b & \"c\"".into();
    figure.terms = ["C(x)[a < b]", "a:\"quoted\" & 'b'", "μ̂²", "]]>\u{7}"]
        .map(str::to_owned)
        .to_vec();
    let svg = svg(&figure);
    let document = roxmltree::Document::parse(&svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("viewBox"), Some("0 0 1200 600"));
    let child = |name| {
        root.children()
            .find(|node| node.has_tag_name(name))
            .unwrap()
    };
    assert_eq!(child("title").text(), Some(figure.title.as_str()));
    let summary = child("desc").text().unwrap();
    assert!(
        summary.contains("μ̂²: 2.379, standard error 1.065 (expected), 1.065 (observed)"),
        "{summary}"
    );
    assert!(
        summary.contains("ellipses of gpa and tuce around (2.826, 0.09516)"),
        "{summary}"
    );
    let texts = texts(&document);
    for text in [
        figure.title.as_str(),
        "C(x)[a < b]",
        "a:\"quoted\" & 'b'",
        "μ̂²",
        "]]>\u{fffd}",
        "−13.021",
        "± 4.931",
        "coefficient / expected standard error",
        "sandwich",
        "gpa",
    ] {
        assert!(
            texts.iter().any(|shown| shown == text),
            "{text:?} of {texts:?}"
        );
    }
}

/// The bar of a term is where its axis says: pixels are read back through the labels of the axis.
#[test]
fn bars_end_where_the_axis_says() {
    let svg = svg(&only(1));
    let document = roxmltree::Document::parse(&svg).unwrap();
    let number = |node: &roxmltree::Node<'_, '_>, name: &str| -> f64 {
        node.attribute(name).unwrap().parse().unwrap()
    };
    let ticks: Vec<(f64, f64)> = document
        .descendants()
        .filter(|node| node.has_tag_name("text") && node.attribute("text-anchor") == Some("middle"))
        .filter_map(|node| {
            let value = node.text()?.replace('−', "-").parse().ok()?;
            Some((value, number(&node, "x")))
        })
        .collect();
    let (first, last) = (ticks[0], ticks[ticks.len() - 1]);
    let per_pixel = (last.0 - first.0) / (last.1 - first.1);
    let value = |x: f64| first.0 + (x - first.1) * per_pixel;
    let points = |node: roxmltree::Node<'_, '_>| -> Vec<(f64, f64)> {
        let pairs = node.attribute("points").unwrap_or("").split_whitespace();
        pairs
            .map(|pair| {
                let (x, y) = pair.split_once(',').unwrap();
                (x.parse().unwrap(), y.parse().unwrap())
            })
            .collect()
    };
    let unit = 1.262_941_075_629_092;
    for (colour, error) in [
        ("#0072b2", unit),
        ("#e69f00", unit),
        ("#009e73", 1.373_310_222_03),
        ("#cc79a7", 1.267_545_982_02),
    ] {
        let bar = document
            .descendants()
            .find(|node| {
                node.attribute("stroke") == Some(colour)
                    && node.attribute("stroke-width") == Some("2")
            })
            .unwrap();
        let ends = points(bar);
        for (end, sign) in ends.iter().zip([-1.0, 1.0]) {
            let expected = (2.826_112_594_889_321 + sign * 1.959_964 * error) / unit;
            assert!(
                (value(end.0) - expected).abs() < 0.01,
                "{colour}: {} for {expected}",
                value(end.0)
            );
        }
    }
}

/// No two texts of the figure lie on each other and none leaves the canvas, by the metrics of the
/// built-in font.
#[test]
fn texts_keep_apart() {
    let font = crate::picture::font::Font::embedded().unwrap();
    let mut with_ellipses = many(30);
    with_ellipses.ellipse = spector().ellipse;
    for figure in [
        spector(),
        many(30),
        many(45),
        with_ellipses,
        wild(),
        only(1),
    ] {
        let scene = super::compose::scene(&figure, &font).unwrap();
        let boxes: Vec<(String, [f64; 4])> = scene
            .marks
            .iter()
            .filter_map(|mark| match mark {
                crate::picture::scene::Mark::Text(text) => {
                    Some((text.text.clone(), extent(text, &font)))
                }
                _ => None,
            })
            .collect();
        for (index, (text, [left, top, right, bottom])) in boxes.iter().enumerate() {
            assert!(
                *left >= 0.0 && *top >= 0.0 && *right <= scene.width && *bottom <= scene.height,
                "{text} leaves the canvas"
            );
            for (other, [l, t, r, b]) in &boxes[index + 1..] {
                let apart = right <= l || r <= left || bottom <= t || b <= top;
                assert!(apart, "{text} lies on {other}");
            }
        }
    }
}

fn extent(text: &crate::picture::scene::Text, font: &crate::picture::font::Font) -> [f64; 4] {
    use crate::picture::scene::Anchor;
    let width = font.width(&text.text, text.size);
    let start = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -0.5 * width,
        Anchor::End => -width,
    };
    let (ascent, descent) = (0.76 * text.size, 0.24 * text.size);
    let (x, y) = text.at;
    if text.upwards {
        [x - ascent, y - start - width, x + descent, y - start]
    } else {
        [x + start, y - ascent, x + start + width, y + descent]
    }
}

#[test]
fn what_is_missing_is_noted() {
    let svg = svg(&wild());
    let document = roxmltree::Document::parse(&svg).unwrap();
    let texts = texts(&document);
    for text in [
        "empirical (no interval for 2 of 4 terms; no ellipse: covariance not finite)",
        "sandwich (no interval for 1 of 4 terms; singular covariance)",
        "± ∞",
        "coefficient / expected standard error (asinh scale)",
    ] {
        assert!(
            texts.iter().any(|shown| shown == text),
            "{text:?} of {texts:?}"
        );
    }
    assert!(!svg.contains("NaN") && !svg.contains("inf,"));
    let forty_five = self::svg(&many(45));
    assert!(forty_five.contains("5 further terms are not shown"));
}

#[test]
fn an_unknown_ending_names_the_known_ones() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["figure.pdf", "figure", ".svg"] {
        let error = spector().write(&folder.path().join(name)).unwrap_err();
        assert!(matches!(error, PlotError::UnknownExtension { .. }));
        let message = error.to_string();
        assert!(message.contains(".svg") && message.contains(".png") && message.contains(name));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_failure_leaves_nothing_and_the_older_figure_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("figure.svg");
    let mut figure = only(2);
    for (_, errors) in &mut figure.standard_errors {
        errors.clone_from(&vec![None, Some(f64::INFINITY)]);
    }
    assert!(matches!(figure.write(&path), Err(PlotError::NothingFinite)));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    std::fs::write(&path, b"older").unwrap();
    assert!(figure.write(&path).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), b"older");
    spector().write(&path).unwrap();
    assert!(std::fs::read(&path).unwrap().ends_with(b"</svg>\n"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    let missing = folder.path().join("none").join("figure.png");
    let error = spector().write(&missing).unwrap_err();
    assert!(error.to_string().contains("none/figure.png"), "{error}");
    assert!(matches!(error, PlotError::NotWritable { .. }));
}

#[test]
fn lengths_that_disagree_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut figure = spector();
    figure.standard_errors[2].1.pop();
    let error = figure.write(&folder.path().join("figure.svg")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "4 terms, but 3 empirical standard errors: a figure needs one for each term"
    );
    figure.coefficients.pop();
    let error = figure.write(&folder.path().join("figure.svg")).unwrap_err();
    assert!(error.to_string().contains("3 coefficients"));
}

/// The same scene is painted and written: pixels of the colours lie where the SVG has markers.
#[test]
fn a_png_shows_the_markers_of_the_svg() {
    let font = crate::picture::font::Font::embedded().unwrap();
    let scene = super::compose::scene(&spector(), &font).unwrap();
    let png = crate::picture::raster::paint(&scene, &font, 1.0).unwrap();
    let picture = tiny_skia::Pixmap::decode_png(&png).unwrap();
    let mut markers = 0;
    for mark in &scene.marks {
        if let crate::picture::scene::Mark::Marker { at, colour, .. } = mark {
            let pixel = picture.pixel(at.0 as u32, at.1 as u32).unwrap();
            let found = [pixel.red(), pixel.green(), pixel.blue()];
            assert_eq!(found, colour.rgb, "at {at:?}");
            markers += 1;
        }
    }
    // Four kinds of four terms, and the legend.
    assert_eq!(markers, 20);
    // Ink of the title.
    let title = (24..300).flat_map(|x| (24..52).map(move |y| (x, y)));
    assert!(
        title
            .filter(|&(x, y)| picture.pixel(x, y).unwrap().red() < 0x60)
            .count()
            > 200
    );
}

#[test]
fn an_empty_title_and_no_standard_errors_do_no_harm() {
    let mut figure = spector();
    figure.title = String::new();
    figure.standard_errors.clear();
    assert!(svg(&figure).contains("95 % confidence ellipses"));
    figure.ellipse = None;
    let path = std::path::Path::new("figure.svg");
    assert!(matches!(figure.write(path), Err(PlotError::NothingFinite)));
}
