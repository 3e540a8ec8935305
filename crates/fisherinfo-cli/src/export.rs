//! `fisher export`: the workbook as a notebook.

use crate::error::Failure;
use clap::Args;
use fisherinfo_notebook::document::{self, CellCounts};
use fisherinfo_plot::replace_file;
use std::path::PathBuf;

/// Where to.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  fisher export workbook.ipynb
  fisher export > workbook.ipynb
  fisher export workbook.ipynb --force

The notebook is the same every time. Its solutions run in Jupyter with the kernel evcxr.")]
pub(crate) struct ExportArguments {
    /// The file to write; without it, or with -, the standard output
    file: Option<PathBuf>,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(arguments: &ExportArguments) -> Result<String, Failure> {
    let file = arguments
        .file
        .as_ref()
        .filter(|file| file.as_os_str() != "-");
    if let Some(file) = file
        && !arguments.force
        // A link to nothing is there, too.
        && file.symlink_metadata().is_ok()
    {
        return Err(Failure::FileExists {
            file: file.display().to_string(),
        });
    }
    let workbook = document::workbook();
    let text = document::write(&workbook);
    let Some(file) = file else {
        return Ok(text);
    };
    replace_file(file, text.as_bytes()).map_err(|error| Failure::NotWritten {
        file: file.display().to_string(),
        error,
    })?;
    let cells = CellCounts::of(&workbook).total();
    Ok(format!(
        "{}: «{}», {cells} cells\n",
        file.display(),
        workbook.title
    ))
}
