//! The layout of the whole figure.

pub(crate) mod grid;

use super::FitFigure;
use super::coefficients::Coefficients;
use super::ellipses::EllipsePanel;
use super::kind::kinds;
use super::legend::Legend;
use super::summary::summary;
use crate::error::PlotError;
use crate::picture::axis::Frame;
use crate::picture::font::Font;
use crate::picture::scene::{Anchor, Mark, Scene, Text};

/// The size of names, 13 points.
pub(crate) const BASE: f64 = 17.0;
/// The size of numbers and of the legend.
pub(crate) const SMALL: f64 = 15.0;
/// From one line of small text to the next.
pub(crate) const TEXT_LINE: f64 = 26.0;

const TITLE: f64 = 20.0;
const TITLE_LINE: f64 = 28.0;
const MARGIN: f64 = 24.0;
/// The line of the panels' names.
const HEADER: f64 = 42.0;
/// Labels and name of the horizontal axis.
const FOOTER: f64 = 66.0;
const GUTTER: f64 = 56.0;

const WIDTH_OF_TWO: f64 = 1200.0;
const WIDTH_OF_ONE: f64 = 900.0;
const HEIGHT: f64 = 600.0;
const NARROWEST_FRAME: f64 = 300.0;
const ELLIPSE_SECTION: f64 = 440.0;
const TALLEST_ELLIPSES: f64 = 440.0;

/// Lays the figure out; an error if nothing of it is finite.
pub(crate) fn scene(figure: &FitFigure, font: &Font) -> Result<Scene, PlotError> {
    let mut kinds = kinds(figure);
    let coefficients = Coefficients::new(figure, &mut kinds, font);
    let panel = figure
        .ellipse
        .as_ref()
        .and_then(|ellipses| EllipsePanel::new(ellipses, &mut kinds, font));
    if !coefficients.has_intervals() && panel.is_none() {
        return Err(PlotError::NothingFinite);
    }

    let sides = coefficients.left_width() + coefficients.right_width();
    let (usual, section) = match panel {
        Some(_) => (WIDTH_OF_TWO, GUTTER + ELLIPSE_SECTION),
        None => (WIDTH_OF_ONE, 0.0),
    };
    let rest = 2.0 * MARGIN + sides + section;
    let width = usual.max(rest + NARROWEST_FRAME).ceil();
    let inner_width = width - 2.0 * MARGIN;

    let title = font.wrap(&figure.title, TITLE, inner_width, 3);
    let remarks = match coefficients.not_shown {
        0 => Vec::new(),
        count => vec![format!("{count} further terms are not shown")],
    };
    let legend = Legend::new(&kinds, remarks, font, inner_width);
    let top = MARGIN + TITLE_LINE * title.len() as f64 + HEADER;
    let below = FOOTER + legend.height() + 0.6 * MARGIN;
    let row_height = (7.0 * kinds.len() as f64 + 8.0).max(1.6 * BASE);
    let rows = row_height * coefficients.row_count() as f64;
    let height = HEIGHT.max(top + rows + below).ceil();

    let frame = Frame {
        left: MARGIN + coefficients.left_width(),
        top,
        width: width - rest,
        height: height - top - below,
    };
    let mut marks = Vec::new();
    for (index, line) in title.into_iter().enumerate() {
        let at = (MARGIN, MARGIN + TITLE_LINE * (index as f64 + 0.6));
        marks.push(Mark::Text(Text::new(at, line, TITLE)));
    }
    let header = |left: f64, name: &str| {
        let text = Text::new((left, top - 14.0), name, BASE);
        Mark::Text(text.anchored(Anchor::Start))
    };
    marks.push(header(MARGIN, "95 % confidence intervals"));
    coefficients.draw(&kinds, font, &frame, &mut marks);
    if let Some(panel) = panel {
        let left = width - MARGIN - ELLIPSE_SECTION + panel.left_width();
        let frame = Frame {
            left,
            top,
            width: width - MARGIN - left,
            height: frame.height.min(TALLEST_ELLIPSES),
        };
        marks.push(header(left, "95 % confidence ellipses"));
        panel.draw(&kinds, font, &frame, &mut marks);
    }
    legend.draw(0.5 * width, frame.bottom() + FOOTER, font, &mut marks);
    Ok(Scene {
        width,
        height,
        title: figure.title.clone(),
        summary: summary(figure),
        marks,
        decimals: 2,
    })
}
