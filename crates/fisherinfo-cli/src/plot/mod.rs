//! The figure of a fit: coefficients with their confidence intervals under each kind of standard
//! error and, for two chosen terms, the confidence ellipses; as SVG or PNG.
//!
//! A figure is laid out once, as a [`scene::Scene`] of lines, outlines, markers and texts on a
//! canvas in pixels; [`svg`] writes the scene as text and [`raster`] paints it. Both use the
//! metrics of the one font that is built in, so nothing of the system is asked.

mod axis;
mod coefficients;
mod compose;
mod ellipse;
mod ellipses;
pub(crate) mod file;
mod font;
mod interval;
mod kind;
mod label;
mod legend;
mod raster;
mod scene;
mod summary;
mod svg;
#[cfg(test)]
mod tests;
mod ticks;

use std::path::{Path, PathBuf};

/// What the figure of a fit shows.
#[derive(Clone, Debug)]
pub(crate) struct FitFigure {
    /// The model in a line, such as `grade ~ gpa + psi (binomial, logit), n = 32`.
    pub(crate) title: String,
    /// The names of the p terms; of more than forty the first forty are drawn.
    pub(crate) terms: Vec<String>,
    /// The p coefficients.
    pub(crate) coefficients: Vec<f64>,
    /// The kinds of standard error, each with one a term; `None` or not finite where there is
    /// none. The kind named `expected`, else the first, gives the unit of the left panel.
    pub(crate) standard_errors: Vec<(String, Vec<Option<f64>>)>,
    /// The right panel.
    pub(crate) ellipse: Option<Ellipses>,
}

/// Confidence ellipses of two terms.
#[derive(Clone, Debug)]
pub(crate) struct Ellipses {
    /// The terms of the horizontal and of the vertical axis.
    pub(crate) terms: (String, String),
    /// Their two coefficients.
    pub(crate) centre: (f64, f64),
    /// The kinds of covariance, each with the 2×2 matrix of the two terms.
    pub(crate) covariances: Vec<(String, [[f64; 2]; 2])>,
}

/// Why no figure was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlotError {
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
    /// Not one interval and not one ellipse is finite.
    #[error(
        "there is nothing to draw: no coefficient has a finite, positive standard error and no \
         pair of terms a finite covariance"
    )]
    NothingFinite,
    /// Terms, coefficients and standard errors disagree in number.
    #[error("{terms} terms, but {found} {what}: a figure needs one for each term")]
    Lengths {
        /// How many terms there are.
        terms: usize,
        /// What there are too many or too few of.
        what: String,
        /// How many of them there are.
        found: usize,
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

#[derive(Clone, Copy)]
enum Format {
    Svg,
    Png,
}

/// Draws the figure and writes it to `path`, in the format its extension names.
///
/// The picture is composed in memory and takes the place of the file in one step: a failure
/// leaves neither half a figure nor a damaged older one.
pub(crate) fn draw(figure: &FitFigure, path: &Path) -> Result<(), PlotError> {
    let bytes = render(figure, format_of(path)?)?;
    file::replace(path, &bytes).map_err(|source| PlotError::NotWritable {
        path: path.to_path_buf(),
        source,
    })
}

fn format_of(path: &Path) -> Result<Format, PlotError> {
    match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("svg") => Ok(Format::Svg),
        Some(extension) if extension.eq_ignore_ascii_case("png") => Ok(Format::Png),
        _ => Err(PlotError::UnknownExtension {
            path: path.to_path_buf(),
        }),
    }
}

fn render(figure: &FitFigure, format: Format) -> Result<Vec<u8>, PlotError> {
    check_lengths(figure)?;
    let font = font::Font::embedded()?;
    let scene = compose::scene(figure, &font)?;
    match format {
        Format::Svg => Ok(svg::write(&scene).into_bytes()),
        Format::Png => raster::paint(&scene, &font),
    }
}

fn check_lengths(figure: &FitFigure) -> Result<(), PlotError> {
    let terms = figure.terms.len();
    let coefficients = std::iter::once(("coefficients".to_owned(), figure.coefficients.len()));
    let errors = figure
        .standard_errors
        .iter()
        .map(|(name, values)| (format!("{name} standard errors"), values.len()));
    match coefficients
        .chain(errors)
        .find(|&(_, found)| found != terms)
    {
        Some((what, found)) => Err(PlotError::Lengths { terms, what, found }),
        None => Ok(()),
    }
}
