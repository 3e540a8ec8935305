//! The kinds of covariance of a figure and what tells them apart.

use super::FitFigure;
use crate::picture::palette::{BLACK, BLUE, DASHES, GREEN, ORANGE, PURPLE, SHAPES, SKY, VERMILION};
use crate::picture::scene::{Colour, Shape, Stroke};

/// In an order that keeps neighbours apart.
const COLOURS: [Colour; 7] = [BLUE, ORANGE, GREEN, PURPLE, VERMILION, SKY, BLACK];

/// A kind of covariance: its name, its looks and what is missing of it.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    pub(crate) name: String,
    pub(crate) colour: Colour,
    pub(crate) dash: &'static [f64],
    pub(crate) shape: Shape,
    pub(crate) notes: Vec<String>,
}

impl Kind {
    pub(crate) fn stroke(&self, width: f64) -> Stroke {
        Stroke {
            colour: self.colour,
            width,
            dash: self.dash,
        }
    }

    /// The name and, in parentheses, what is missing.
    pub(crate) fn label(&self) -> String {
        if self.notes.is_empty() {
            self.name.clone()
        } else {
            format!("{} ({})", self.name, self.notes.join("; "))
        }
    }
}

/// The kinds of the standard errors in their order, then those that only have an ellipse.
pub(crate) fn kinds(figure: &FitFigure) -> Vec<Kind> {
    let mut names: Vec<&str> = Vec::new();
    let of_errors = figure.standard_errors.iter().map(|(name, _)| name);
    let ellipses = figure.ellipse.iter();
    let of_ellipses = ellipses.flat_map(|ellipse| ellipse.covariances.iter().map(|(name, _)| name));
    for name in of_errors.chain(of_ellipses) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let looks = |(index, name): (usize, &&str)| Kind {
        name: (*name).to_owned(),
        colour: COLOURS[index % COLOURS.len()],
        dash: DASHES[index % DASHES.len()],
        shape: SHAPES[index % SHAPES.len()],
        notes: Vec::new(),
    };
    names.iter().enumerate().map(looks).collect()
}
