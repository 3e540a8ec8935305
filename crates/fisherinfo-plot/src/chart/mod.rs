//! A chart of lines, points and arrows over two axes.
//!
//! ```
//! use fisherinfo_plot::chart::{Chart, Series};
//!
//! let information = |p: f64| 1.0 / (p * (1.0 - p));
//! let curve = (1..200).map(|k| f64::from(k) / 200.0).map(|p| (p, information(p)));
//! let mut chart = Chart::new(
//!     "Information about p in one toss",
//!     vec![
//!         Series::line("I(p)", curve),
//!         Series::points("here", [(0.3, information(0.3))]),
//!     ],
//! );
//! chart.summary = "A valley: least at p = ½, and without bound toward 0 and 1.".into();
//! chart.x_label = "p".into();
//! chart.y_label = "I(p)".into();
//! chart.logarithmic = (false, true);
//!
//! let for_a_page = chart.svg()?;
//! assert!(for_a_page.starts_with("<svg") && for_a_page.contains(r#"role="img""#));
//! let for_a_phone = Chart { width: 320.0, ..chart.clone() }.svg()?;
//! assert!(for_a_phone.contains(r#"viewBox="0 0 320"#));
//! assert!(chart.csv().starts_with("series,x,y\r\nI(p),5.0000000000000001e-3,2.01"));
//! # Ok::<(), fisherinfo_plot::PlotError>(())
//! ```

mod clip;
mod layout;
mod legend;
mod marks;
mod range;
mod table;
#[cfg(test)]
mod tests;

use crate::error::PlotError;
use crate::picture::file::{self, Format};
use crate::picture::font::Font;
use crate::picture::{raster, svg};
use std::path::Path;
pub use table::Row;

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Joined by straight lines; a point that is not finite leaves a gap.
    Line,
    /// As [`Mark::Line`], and the area between the line and zero (on a logarithmic axis, its low
    /// end) filled.
    Area,
    /// Points by themselves.
    Points,
    /// Arrows, each from one point to the next: the first to the second, the third to the fourth.
    Arrow,
}

/// Points with a name and a look.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What the legend calls it; the legend leaves out series without a name.
    pub name: String,
    /// Line, area, points or arrow.
    pub mark: Mark,
    /// The points (x, y).
    pub points: Vec<(f64, f64)>,
}

impl Series {
    /// Points with a name and a look.
    pub fn new(
        name: impl Into<String>,
        mark: Mark,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        Self {
            name: name.into(),
            mark,
            points: points.into_iter().collect(),
        }
    }

    /// A line of y over x.
    pub fn line(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self::new(name, Mark::Line, points)
    }

    /// Points.
    pub fn points(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self::new(name, Mark::Points, points)
    }

    /// An arrow from one point to another.
    pub fn arrow(name: impl Into<String>, from: (f64, f64), to: (f64, f64)) -> Self {
        Self::new(name, Mark::Arrow, [from, to])
    }
}

/// A point of the chart that a page lets its reader move.
///
/// In [`Chart::svg`] it is a circle of the class `handle` with `data-handle` and the role of a
/// slider; in files it is a plain circle. What moving it means is the page's affair.
#[derive(Clone, Debug, PartialEq)]
pub struct Handle {
    /// By which the page knows it.
    pub name: String,
    /// What a screen reader calls it.
    pub label: String,
    /// Where it is, in the numbers of the axes.
    pub at: (f64, f64),
    /// The number that the slider stands for.
    pub value: f64,
    /// The least and the largest such number.
    pub range: (f64, f64),
    /// What a screen reader says for the number, such as `correlation 0.6, variance 2`.
    pub value_text: String,
}

/// A chart: what it shows, and how large.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Drawn above the panel.
    pub title: String,
    /// What one sees, in words: the text alternative.
    pub summary: String,
    /// What the abscissa is, in plain text with Unicode mathematics.
    pub x_label: String,
    /// What the ordinate is.
    pub y_label: String,
    /// Whether the abscissa and the ordinate are logarithmic.
    pub logarithmic: (bool, bool),
    /// Whether one unit is as long on both axes, as for an ellipse; of no effect where an axis is
    /// logarithmic.
    pub equal_units: bool,
    /// The ends of the horizontal axis; without them all points have room. Curves are cut at the
    /// ends. With [`Chart::equal_units`] the axis may become longer than asked.
    pub x_limits: Option<(f64, f64)>,
    /// The ends of the vertical axis.
    pub y_limits: Option<(f64, f64)>,
    /// Whether a linear vertical axis without limits ends before a pole: where the largest |y| of
    /// the lines is more than twenty times their 95 % quantile, it ends at three times that
    /// quantile, or at the last of the other marks.
    pub cut_steep: bool,
    /// What is drawn, the first below the others.
    pub series: Vec<Series>,
    /// What the reader may move.
    pub handles: Vec<Handle>,
    /// The width in pixels, from 200 to 4096; texts keep their size, so a narrow chart has fewer
    /// ticks.
    pub width: f64,
    /// The height in pixels; without it, what suits the width and the content.
    pub height: Option<f64>,
}

impl Chart {
    /// A chart with linear axes, 640 pixels wide.
    pub fn new(title: impl Into<String>, series: Vec<Series>) -> Self {
        Self {
            title: title.into(),
            summary: String::new(),
            x_label: String::new(),
            y_label: String::new(),
            logarithmic: (false, false),
            equal_units: false,
            x_limits: None,
            y_limits: None,
            cut_steep: true,
            series,
            handles: Vec::new(),
            width: 640.0,
            height: None,
        }
    }

    /// The chart as an SVG element for a page.
    ///
    /// It is as wide as its place (`viewBox` without width and height) and needs neither styles
    /// nor scripts nor identifiers. Every element has the class of its colour (`ground`, `grid`,
    /// `grey`, `ink`, `series-1` to `series-7`, `handle`) and of its kind (`line`, `area`,
    /// `marker`, `text`), and takes its colour from the property `color`: a style sheet recolours
    /// lines and markers alike by `.chart .series-1 { color: … }`.
    ///
    /// The element of the class `panel` carries the range of the axes for scripts:
    /// `data-panel-left`, `-right`, `-top`, `-bottom` in units of the view box, `data-x-min`,
    /// `-x-max`, `-y-min`, `-y-max`, and `data-x-log`, `data-y-log`.
    ///
    /// # Errors
    /// [`PlotError::EmptyChart`], [`PlotError::Limits`], [`PlotError::Handle`] and
    /// [`PlotError::Canvas`].
    pub fn svg(&self) -> Result<String, PlotError> {
        let font = Font::embedded()?;
        Ok(svg::inline(&layout::scene(self, &font)?))
    }

    /// The chart as an SVG document, for a file.
    ///
    /// # Errors
    /// Those of [`Chart::svg`].
    pub fn svg_document(&self) -> Result<String, PlotError> {
        let font = Font::embedded()?;
        Ok(svg::document(&layout::scene(self, &font)?))
    }

    /// The chart as a PNG, with so many pixels for each pixel of [`Chart::width`].
    ///
    /// # Errors
    /// Those of [`Chart::svg`], and [`PlotError::TooLarge`], also for a scale that is not
    /// positive.
    pub fn png(&self, scale: f64) -> Result<Vec<u8>, PlotError> {
        let font = Font::embedded()?;
        raster::paint(&layout::scene(self, &font)?, &font, scale)
    }

    /// Draws the chart and writes it to `path`, as an SVG document or as a PNG of twice the size,
    /// as the extension says.
    ///
    /// A failure leaves neither half a figure nor a damaged older one.
    ///
    /// # Errors
    /// Those of [`Chart::png`], [`PlotError::UnknownExtension`] and [`PlotError::NotWritable`].
    pub fn write(&self, path: &Path) -> Result<(), PlotError> {
        let bytes = match Format::of(path)? {
            Format::Svg => self.svg_document()?.into_bytes(),
            Format::Png => self.png(2.0)?,
        };
        file::write(path, &bytes)
    }

    /// What the picture leaves out or cuts off, a sentence each: points that are not finite or
    /// not positive on a logarithmic axis, curves that go on beyond the axis.
    ///
    /// # Errors
    /// Those of [`Chart::svg`].
    pub fn notes(&self) -> Result<Vec<String>, PlotError> {
        Ok(range::Ranges::of(self)?.notes)
    }

    /// The summary and the notes: the text alternative in full.
    ///
    /// # Errors
    /// Those of [`Chart::svg`].
    pub fn description(&self) -> Result<String, PlotError> {
        Ok(described(self, &self.notes()?))
    }
}

fn described(chart: &Chart, notes: &[String]) -> String {
    let mut sentences = vec![chart.summary.trim()];
    sentences.extend(notes.iter().map(String::as_str));
    sentences.retain(|sentence| !sentence.is_empty());
    sentences.join(" ")
}
