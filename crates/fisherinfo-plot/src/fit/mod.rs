//! The figure of a fit: coefficients with their confidence intervals under each kind of standard
//! error and, for two chosen terms, the confidence ellipses.

mod coefficients;
mod compose;
mod ellipse;
mod ellipses;
mod interval;
mod kind;
mod legend;
mod summary;
#[cfg(test)]
mod tests;

use crate::error::PlotError;
use crate::picture::file::{self, Format};
use crate::picture::font::Font;
use crate::picture::scene::Scene;
use crate::picture::{raster, svg};
use std::path::Path;

/// What the figure of a fit shows.
#[derive(Clone, Debug)]
pub struct FitFigure {
    /// The model in a line, such as `grade ~ gpa + psi (binomial, logit), n = 32`.
    pub title: String,
    /// The names of the p terms; of more than forty the first forty are drawn.
    pub terms: Vec<String>,
    /// The p coefficients.
    pub coefficients: Vec<f64>,
    /// The kinds of standard error, each with one a term; `None` or not finite where there is
    /// none. The kind named `expected`, else the first, gives the unit of the left panel.
    pub standard_errors: Vec<(String, Vec<Option<f64>>)>,
    /// The right panel.
    pub ellipse: Option<Ellipses>,
}

/// Confidence ellipses of two terms.
#[derive(Clone, Debug)]
pub struct Ellipses {
    /// The terms of the horizontal and of the vertical axis.
    pub terms: (String, String),
    /// Their two coefficients.
    pub centre: (f64, f64),
    /// The kinds of covariance, each with the 2×2 matrix of the two terms.
    pub covariances: Vec<(String, [[f64; 2]; 2])>,
}

impl FitFigure {
    /// The figure as an SVG document, 1200 or more pixels wide with ellipses and 900 or more
    /// without.
    ///
    /// # Errors
    /// [`PlotError::Lengths`] where the terms and their numbers disagree in number,
    /// [`PlotError::NothingFinite`] where there is nothing to draw.
    pub fn svg(&self) -> Result<String, PlotError> {
        let (scene, _) = self.scene()?;
        Ok(svg::document(&scene))
    }

    /// The figure as a PNG, of the size of [`FitFigure::svg`].
    ///
    /// # Errors
    /// Those of [`FitFigure::svg`], and [`PlotError::TooLarge`].
    pub fn png(&self) -> Result<Vec<u8>, PlotError> {
        let (scene, font) = self.scene()?;
        raster::paint(&scene, &font, 1.0)
    }

    /// Draws the figure and writes it to `path`, in the format its extension names.
    ///
    /// The picture is composed in memory and takes the place of the file in one step: a failure
    /// leaves neither half a figure nor a damaged older one.
    ///
    /// # Errors
    /// Those of [`FitFigure::svg`] and [`FitFigure::png`], [`PlotError::UnknownExtension`] and
    /// [`PlotError::NotWritable`].
    pub fn write(&self, path: &Path) -> Result<(), PlotError> {
        let bytes = match Format::of(path)? {
            Format::Svg => self.svg()?.into_bytes(),
            Format::Png => self.png()?,
        };
        file::write(path, &bytes)
    }

    fn scene(&self) -> Result<(Scene, Font), PlotError> {
        check_lengths(self)?;
        let font = Font::embedded()?;
        Ok((compose::scene(self, &font)?, font))
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
