//! A figure of the workbook as a chart that can be drawn.

use crate::solution::{Figure, Mark};
use fisherinfo_plot::chart::{self, Chart};

impl From<&Figure> for Chart {
    /// ```
    /// use fisherinfo_notebook::course::course;
    /// use fisherinfo_plot::chart::Chart;
    /// let exercise = course().exercise(4)?;
    /// let outcome = exercise.run(&exercise.inputs())?;
    /// assert!(Chart::from(&outcome.figures[0]).equal_units);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn from(figure: &Figure) -> Self {
        let series = figure.series.iter().map(|series| {
            let mark = match series.mark {
                Mark::Line => chart::Mark::Line,
                Mark::Points => chart::Mark::Points,
                Mark::Arrow => chart::Mark::Arrow,
            };
            let points = series.x.iter().copied().zip(series.y.iter().copied());
            chart::Series::new(&series.name, mark, points)
        });
        Self {
            summary: figure.summary.clone(),
            x_label: figure.x_label.to_owned(),
            y_label: figure.y_label.to_owned(),
            logarithmic: figure.logarithmic,
            equal_units: figure.equal_units,
            ..Self::new(&figure.title, series.collect())
        }
    }
}
