//! A picture as a list of marks on a canvas in pixels, written as SVG or painted as PNG.
//!
//! Both use the metrics of the one font that is built in, so nothing of the system is asked.

pub(crate) mod axis;
pub(crate) mod file;
pub(crate) mod font;
pub(crate) mod label;
pub(crate) mod palette;
pub(crate) mod raster;
pub(crate) mod scene;
pub(crate) mod svg;
pub(crate) mod ticks;
