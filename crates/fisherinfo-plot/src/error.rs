//! What can go wrong.

use std::path::PathBuf;

/// Why there is no figure.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// The name ends in neither `.svg` nor `.png`.
    #[error(
        "{} names no format of figures: end the name in .svg or .png",
        path.display()
    )]
    UnknownExtension {
        /// The path as given.
        path: PathBuf,
    },
    /// The folder is missing or closed, the disk is full, the file is protected.
    #[error("the figure cannot be written to {}: {source}", path.display())]
    NotWritable {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Of a fit, not one interval and not one ellipse is finite.
    #[error(
        "there is nothing to draw: no coefficient has a finite, positive standard error and no \
         pair of terms a finite covariance"
    )]
    NothingFinite,
    /// Of a fit, the terms, coefficients and standard errors disagree in number.
    #[error("{terms} terms, but {found} {what}: a figure needs one for each term")]
    Lengths {
        /// How many terms there are.
        terms: usize,
        /// What there are too many or too few of.
        what: String,
        /// How many of them there are.
        found: usize,
    },
    /// Not one point of a chart is finite, and positive where an axis is logarithmic.
    #[error(
        "the chart «{title}» has nothing to draw: none of its points is finite, and positive where \
         an axis is logarithmic"
    )]
    EmptyChart {
        /// The title of the chart.
        title: String,
    },
    /// The limits of an axis are no range.
    #[error(
        "the limits {low} and {high} of the {axis} axis are no range: the first has to be finite \
         and less than the second, and positive where the axis is logarithmic"
    )]
    Limits {
        /// `x` or `y`.
        axis: &'static str,
        /// The first limit.
        low: f64,
        /// The second limit.
        high: f64,
    },
    /// A handle has no place on the axes, or its value or range is not finite.
    #[error("the handle «{name}» has no place on the axes, or its value or range is not finite")]
    Handle {
        /// The name of the handle.
        name: String,
    },
    /// The canvas is too small for the panel between the texts, or too large.
    #[error(
        "a chart {width} pixels wide{} cannot be laid out: make it from 200 to 4096 wide and high \
         enough for 60 of its panel",
        and_high(*height)
    )]
    Canvas {
        /// The width in pixels.
        width: f64,
        /// The height in pixels, if one was given.
        height: Option<f64>,
    },
    /// The built-in font cannot be read.
    #[error("the built-in font cannot be read")]
    Font(#[source] ttf_parser::FaceParsingError),
    /// The picture is too large to be painted.
    #[error("a picture of {width}×{height} pixels is too large to be painted: draw it as SVG")]
    TooLarge {
        /// Its width in pixels.
        width: f64,
        /// Its height in pixels.
        height: f64,
    },
    /// The picture cannot be encoded.
    #[error("the picture cannot be encoded as PNG")]
    Encoding(#[source] Box<dyn std::error::Error + Send + Sync>),
}

fn and_high(height: Option<f64>) -> String {
    height.map_or_else(String::new, |height| format!(" and {height} high"))
}
