//! Figures for Fisher information, as SVG and PNG, without a library of the system: the text is
//! measured and painted with a font that is built in.
//!
//! [`fit::FitFigure`] shows a regression: its coefficients with their confidence intervals under
//! each kind of standard error and, for two terms, the confidence ellipses.
//!
//! [`chart::Chart`] shows lines, points and arrows over two axes, for a page or for a file.

pub mod chart;
mod error;
pub mod fit;
mod picture;

pub use error::PlotError;
pub use picture::file::replace as replace_file;
