//! Figures for the page and as files.

use crate::client::serve;
use fisherinfo_web::Options;

#[test]
fn figures_follow_the_inputs() {
    let server = serve(Options::default());
    let browser = server.browser();
    let standard = browser.get("/figures/1").json();
    let moved = browser.get("/figures/1?p=0.75").json();
    assert_eq!(standard["inputs"]["p"], 0.3);
    assert_eq!(moved["inputs"]["p"], 0.75);
    let (standard, moved) = (
        standard["figures"].as_str().unwrap(),
        moved["figures"].as_str().unwrap(),
    );
    assert!(standard.contains("<svg") && moved.contains("<svg"));
    assert_ne!(standard, moved);
    // 1/(0.75 · 0.25), to four digits, in words.
    assert!(moved.contains("5.333"), "{moved}");
    assert!(
        moved.contains("/figures/1/information-p.csv?p=0.75"),
        "{moved}"
    );
}

#[test]
fn a_narrow_place_gets_narrow_figures() {
    let server = serve(Options::default());
    let browser = server.browser();
    let figures =
        |query: &str| browser.get(&format!("/figures/1{query}")).json()["figures"].to_string();
    assert!(figures("").contains("viewBox=\\\"0 0 640"));
    assert!(figures("?width=340").contains("viewBox=\\\"0 0 340"));
    assert!(figures("?width=1").contains("viewBox=\\\"0 0 280"));
    for odd in ["NaN", "inf", "x", "-1e300", "1e300"] {
        assert!(
            figures(&format!("?width={odd}&p=0.5")).contains("<svg"),
            "{odd}"
        );
    }
}

#[test]
fn a_point_of_the_ellipse_can_be_dragged() {
    let server = serve(Options::default());
    let browser = server.browser();
    let moved = browser.get("/figures/4?drag=right&x=1.5&y=-0.6").json();
    let input = |name: &str| moved["inputs"][name].as_f64().unwrap();
    // The rightmost point of the ellipse is (√Σ₁₁, Σ₁₂/√Σ₁₁).
    assert!((input("s11") - 2.25).abs() < 1e-3, "{moved}");
    assert!((input("s12") + 0.9).abs() < 1e-3, "{moved}");
    assert_eq!(input("s22"), 1.0);
    for wrong in [
        "drag=left&x=1&y=1",
        "drag=right&x=1",
        "drag=right&x=NaN&y=1",
        "drag=right&x=a&y=b",
    ] {
        assert_eq!(
            browser.get(&format!("/figures/4?{wrong}")).status,
            422,
            "{wrong}"
        );
    }
}

#[test]
fn files_are_what_they_say() {
    let server = serve(Options::default());
    let browser = server.browser();
    for (exercise, name) in [(1, "information-p"), (4, "uncertainty"), (6, "mass")] {
        let file = |kind: &str| browser.get(&format!("/figures/{exercise}/{name}.{kind}"));
        let svg = file("svg");
        assert_eq!(svg.header("content-type"), Some("image/svg+xml"));
        assert!(svg.text().contains("<svg"));
        let png = file("png");
        assert_eq!(png.header("content-type"), Some("image/png"));
        assert!(png.body.starts_with(b"\x89PNG\r\n\x1a\n"));
        let csv = file("csv");
        assert!(csv.text().starts_with("series,x,y\r\n"), "{name}");
        assert!(csv.text().lines().count() > 20);
        assert_eq!(file("exe").status, 404);
    }
    let csv = browser.get("/figures/1/information-p.csv").text();
    let row = csv
        .lines()
        .skip(1)
        .map(|line| {
            line.rsplit(',')
                .map(|field| field.parse::<f64>().unwrap())
                .take(2)
                .collect::<Vec<_>>()
        })
        .find(|row| (row[1] - 0.25).abs() < 1e-9)
        .unwrap();
    assert!((row[0] - 16.0 / 3.0).abs() < 1e-12, "{row:?}");
}

#[test]
fn inputs_that_make_no_sense_are_refused() {
    let server = serve(Options::default());
    let browser = server.browser();
    for (path, status) in [
        ("/figures/11", 422),
        ("/figures/1?p=2", 422),
        ("/figures/1?p=x", 422),
        ("/figures/1?q=1", 422),
        ("/figures/1/nothing.svg", 404),
        ("/figures/1/information", 404),
        ("/figures/x", 400),
    ] {
        assert_eq!(browser.get(path).status, status, "{path}");
    }
}
