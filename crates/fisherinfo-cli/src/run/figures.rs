//! The figures of a run, a file each.

use crate::error::Failure;
use fisherinfo_notebook::exercise::Exercise;
use fisherinfo_notebook::run::Event;
use fisherinfo_notebook::solution::{Findings, Inputs};
use fisherinfo_plot::PlotError;
use fisherinfo_plot::chart::Chart;
use std::path::Path;

/// What figures are made of, gathered as a run goes on.
#[derive(Default)]
pub(crate) struct Gathered(Vec<(&'static Exercise, Inputs, Findings)>);

impl Gathered {
    pub(crate) fn note(&mut self, event: &Event) {
        match event {
            Event::Started { exercise, inputs } => {
                self.0.push((exercise, inputs.clone(), Findings::new()));
            }
            Event::FigureOfMerit { finding, .. } => {
                if let Some((_, _, findings)) = self.0.last_mut() {
                    *findings = std::mem::take(findings).with(
                        finding.name,
                        finding.value.clone(),
                        finding.meaning,
                    );
                }
            }
            _ => {}
        }
    }

    /// Writes `<number>-<name>.svg` into the folder, which is made if there is none. A solution
    /// that broke has no figures; the run has said so.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), Failure> {
        std::fs::create_dir_all(folder).map_err(|source| {
            Failure::Figures(PlotError::NotWritable {
                path: folder.to_path_buf(),
                source,
            })
        })?;
        let solved = self.0.iter().filter(|of| of.2.iter().next().is_some());
        for (exercise, inputs, findings) in solved {
            let figures = exercise.figures(inputs, findings);
            for figure in figures.map_err(Failure::FiguresOf)? {
                let path = folder.join(format!("{}-{}.svg", exercise.number, figure.name));
                Chart::from(&figure)
                    .write(&path)
                    .map_err(Failure::Figures)?;
            }
        }
        Ok(())
    }
}
