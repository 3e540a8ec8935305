//! The data of the figures, one file an exercise: columns, labels and a summary in words, and
//! nothing about how they look.

pub mod additivity;
pub mod bernoulli;
mod chart;
pub mod consolidation;
pub mod expectation;
pub mod gaussian_location;
pub mod jeffreys;
pub mod local_divergence;
pub mod logistic_regression;
pub mod natural_gradient;
pub mod reparameterisation;

use fisherinfo_notebook::solution::{Figure, SolutionError};

/// A number in a summary: four significant digits.
fn short(number: f64) -> String {
    let rounded: f64 = format!("{number:.3e}").parse().unwrap_or(number);
    crate::solution::plain(rounded)
}

/// `count + 1` numbers from a to b.
fn grid(a: f64, b: f64, count: u32) -> impl Iterator<Item = f64> {
    (0..=count).map(move |k| a + (b - a) * f64::from(k) / f64::from(count))
}

/// f over a grid.
fn curve(
    points: impl Iterator<Item = f64>,
    f: impl Fn(f64) -> Result<f64, SolutionError>,
) -> Result<Vec<(f64, f64)>, SolutionError> {
    points.map(|x| Ok((x, f(x)?))).collect()
}

/// The ellipse centre + (r₁ cos t, r₂ sin t) in the frame of two unit vectors.
fn ellipse(centre: [f64; 2], axes: [[f64; 2]; 2], radii: [f64; 2]) -> Vec<(f64, f64)> {
    grid(0.0, std::f64::consts::TAU, 96)
        .map(|t| {
            let (a, b) = (radii[0] * t.cos(), radii[1] * t.sin());
            (
                centre[0] + a * axes[0][0] + b * axes[1][0],
                centre[1] + a * axes[0][1] + b * axes[1][1],
            )
        })
        .collect()
}

/// The coordinate axes, for ellipses that lie along them.
const UPRIGHT: [[f64; 2]; 2] = [[1.0, 0.0], [0.0, 1.0]];

/// A figure with linear axes and units of their own.
fn figure(
    name: &'static str,
    title: impl Into<String>,
    summary: String,
    x_label: &'static str,
    y_label: &'static str,
    series: Vec<fisherinfo_notebook::solution::Series>,
) -> Figure {
    Figure {
        name,
        title: title.into(),
        summary,
        x_label,
        y_label,
        logarithmic: (false, false),
        equal_units: false,
        series,
    }
}
