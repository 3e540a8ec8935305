/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Joined by lines.
    Line,
    /// Points by themselves.
    Points,
    /// From the first point to the second.
    Arrow,
}

/// Named columns of the same length.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What the legend calls it.
    pub name: String,
    /// Line, points or arrow.
    pub mark: Mark,
    /// Abscissae.
    pub x: Vec<f64>,
    /// Ordinates.
    pub y: Vec<f64>,
}

impl Series {
    /// A line of y over x.
    pub fn line(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self::new(name, Mark::Line, points)
    }

    /// Points.
    pub fn points(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self::new(name, Mark::Points, points)
    }

    /// An arrow from one point to another.
    pub fn arrow(name: impl Into<String>, from: [f64; 2], to: [f64; 2]) -> Self {
        Self::new(name, Mark::Arrow, [(from[0], from[1]), (to[0], to[1])])
    }

    fn new(
        name: impl Into<String>,
        mark: Mark,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        let (x, y) = points.into_iter().unzip();
        Self {
            name: name.into(),
            mark,
            x,
            y,
        }
    }
}

/// The data of a figure, without anything about how it looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// A short name for files and links: `information`.
    pub name: &'static str,
    /// Its title.
    pub title: String,
    /// What one sees in it, in words, with its numbers.
    pub summary: String,
    /// What the abscissa is.
    pub x_label: &'static str,
    /// What the ordinate is.
    pub y_label: &'static str,
    /// Are the axes logarithmic? (abscissa, ordinate)
    pub logarithmic: (bool, bool),
    /// Is one unit as long on both axes, as for an ellipse?
    pub equal_units: bool,
    /// What is drawn.
    pub series: Vec<Series>,
}
