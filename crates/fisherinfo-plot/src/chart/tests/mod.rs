//! The chart as a page and a reader meet it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod drawing;
mod files;
mod hostile;
mod limits;

use super::{Chart, Handle, Series};
use roxmltree::{Document, Node};

/// The parabola y = x² over −1…1 with a point on it.
fn parabola() -> Chart {
    let xs = (-20..=20).map(|k| f64::from(k) / 20.0);
    let mut chart = Chart::new(
        "A parabola",
        vec![
            Series::line("y = x²", xs.map(|x| (x, x * x))),
            Series::points("here", [(0.5, 0.25)]),
        ],
    );
    chart.summary = "A valley with its floor at zero.".into();
    chart.x_label = "x".into();
    chart.y_label = "y".into();
    chart
}

fn handle(at: (f64, f64)) -> Handle {
    Handle {
        name: "tip".into(),
        label: "Tip of the step".into(),
        at,
        value: at.0,
        range: (-1.0, 1.0),
        value_text: "half".into(),
    }
}

/// From pixels to numbers by what the panel says of itself.
struct Reading {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    x: (f64, f64, bool),
    y: (f64, f64, bool),
}

impl Reading {
    fn of(document: &Document<'_>) -> Self {
        let panel = document
            .descendants()
            .find(|node| node.attribute("class") == Some("panel"))
            .unwrap();
        let number = |name: &str| -> f64 { panel.attribute(name).unwrap().parse().unwrap() };
        let axis = |axis: char| {
            let logarithmic = panel
                .attribute(format!("data-{axis}-log").as_str())
                .unwrap();
            (
                number(&format!("data-{axis}-min")),
                number(&format!("data-{axis}-max")),
                logarithmic.parse().unwrap(),
            )
        };
        Self {
            left: number("data-panel-left"),
            right: number("data-panel-right"),
            top: number("data-panel-top"),
            bottom: number("data-panel-bottom"),
            x: axis('x'),
            y: axis('y'),
        }
    }

    /// Where numbers are to be drawn.
    fn pixels(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let part = |value: f64, (low, high, logarithmic): (f64, f64, bool)| {
            if logarithmic {
                (value.log10() - low.log10()) / (high.log10() - low.log10())
            } else {
                (value - low) / (high - low)
            }
        };
        (
            self.left + part(x, self.x) * (self.right - self.left),
            self.bottom - part(y, self.y) * (self.bottom - self.top),
        )
    }

    fn holds(&self, (x, y): (f64, f64)) -> bool {
        let slack = 1e-3;
        (self.left - slack..=self.right + slack).contains(&x)
            && (self.top - slack..=self.bottom + slack).contains(&y)
    }
}

fn has_class(node: &Node<'_, '_>, class: &str) -> bool {
    let classes = node.attribute("class").unwrap_or("");
    classes.split(' ').any(|one| one == class)
}

/// The elements that have all the classes.
fn of_classes<'a, 'input>(
    document: &'a Document<'input>,
    classes: &[&str],
) -> Vec<Node<'a, 'input>> {
    document
        .descendants()
        .filter(|node| classes.iter().all(|class| has_class(node, class)))
        .collect()
}

/// The corners of a line or a polygon.
fn points(node: &Node<'_, '_>) -> Vec<(f64, f64)> {
    let pairs = node.attribute("points").unwrap_or("").split_whitespace();
    pairs
        .map(|pair| {
            let (x, y) = pair.split_once(',').unwrap();
            (x.parse().unwrap(), y.parse().unwrap())
        })
        .collect()
}

/// The lines of a series within the panel, without its sample in the legend.
fn lines(document: &Document<'_>, series: &str) -> Vec<Vec<(f64, f64)>> {
    let reading = Reading::of(document);
    let all = of_classes(document, &["line", series]);
    let all = all.iter().map(points);
    all.filter(|line| line.iter().all(|&point| reading.holds(point)))
        .collect()
}

/// The centres of the circles of a series within the panel.
fn circles(document: &Document<'_>, series: &str) -> Vec<(f64, f64)> {
    let reading = Reading::of(document);
    let number =
        |node: &Node<'_, '_>, name: &str| -> f64 { node.attribute(name).unwrap().parse().unwrap() };
    of_classes(document, &["marker", series])
        .iter()
        .filter(|node| node.has_tag_name("circle"))
        .map(|node| (number(node, "cx"), number(node, "cy")))
        .filter(|&centre| reading.holds(centre))
        .collect()
}

fn assert_near(found: (f64, f64), wanted: (f64, f64)) {
    let distance = (found.0 - wanted.0).abs().max((found.1 - wanted.1).abs());
    assert!(distance < 1e-3, "{found:?} for {wanted:?}");
}
