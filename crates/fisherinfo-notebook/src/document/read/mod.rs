//! From bytes to a document.

mod lenient;
mod media;
mod notebook;
mod output;
mod repair;
mod text;

pub(super) use notebook::of_magic;

use super::limits::{MAX_CELLS, MAX_FILE};
use super::{Cell, CellKind, Document, DocumentError, headings, identifiers};
use lenient::Place;
use notebook::{RawNotebook, Reading};
use serde::de::DeserializeSeed;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What a file is called where it has no name.
const NAMELESS: &str = "the notebook";

impl Document {
    /// Reads a notebook from a file.
    ///
    /// Its title is what its metadata say, else its first heading, else the name of the file.
    ///
    /// # Errors
    /// A file that is not there, too large, not UTF-8, not JSON, or not a notebook of nbformat 3
    /// or 4; what the limits and the notices are is in [`limits`](super::limits).
    ///
    /// ```no_run
    /// use fisherinfo_notebook::document::Document;
    /// let document = Document::read("notebooks/workbook.ipynb")?;
    /// println!("{}, {} cells", document.title, document.cells.len());
    /// # Ok::<(), fisherinfo_notebook::document::DocumentError>(())
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Self, DocumentError> {
        read(path.as_ref(), false)
    }

    /// Reads a notebook from the bytes of a file: nbformat 3 or 4.
    ///
    /// `NaN` and `Infinity`, which Python writes and JSON does not have, are read; so is a byte
    /// order mark. Cells without a name of their own get `cell-N` after their place.
    ///
    /// # Errors
    /// As [`Document::read`].
    ///
    /// ```
    /// use fisherinfo_notebook::document::Document;
    /// let error = Document::parse(b"{\"nbformat\": 4,\n \"cells\": [}").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the notebook, line 2, column 12 (in cell 1): expected value; repair the JSON there, \
    ///      or take an earlier version of the file"
    /// );
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        parse(bytes, NAMELESS, "Untitled", false)
    }
}

/// A document, or an outline of it: without outputs and attachments.
pub(super) fn read(path: &Path, is_outline: bool) -> Result<Document, DocumentError> {
    let file = path.display().to_string();
    let unreadable = |error: std::io::Error| DocumentError::Unreadable {
        file: file.clone(),
        reason: reason(&error),
    };
    // Before it is opened: a pipe would wait for ever for someone to write.
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(DocumentError::NotAFile { file });
    }
    let too_large = |size| DocumentError::TooLarge {
        file: file.clone(),
        size,
        limit: MAX_FILE,
    };
    if metadata.len() > MAX_FILE {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    // It may grow while it is read.
    File::open(path)
        .and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(too_large(bytes.len() as u64));
    }
    parse(&bytes, &file, &stem(path), is_outline)
}

/// The name of a file without its extension.
pub(super) fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    headings::one_line(&stem)
}

/// What the system says, without its number.
pub(super) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".into(),
        std::io::ErrorKind::PermissionDenied => "you may not read it".into(),
        _ => error.to_string(),
    }
}

fn parse(
    bytes: &[u8],
    file: &str,
    untitled: &str,
    is_outline: bool,
) -> Result<Document, DocumentError> {
    if bytes.len() as u64 > MAX_FILE {
        return Err(DocumentError::TooLarge {
            file: file.into(),
            size: bytes.len() as u64,
            limit: MAX_FILE,
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        DocumentError::Encoding {
            file: file.into(),
            offset,
            line: 1 + bytes[..offset].iter().filter(|&&b| b == b'\n').count(),
        }
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(DocumentError::Empty { file: file.into() });
    }
    match from_json(text, file, untitled, is_outline) {
        Err(DocumentError::Json {
            file,
            line,
            column,
            cell,
            reason,
        }) => {
            // Only now: what Python writes beside JSON is rare, and looking for it takes time.
            let Some(repaired) = repair::repaired(text) else {
                return Err(DocumentError::Json {
                    file,
                    line,
                    column,
                    cell,
                    reason,
                });
            };
            from_json(&repaired, &file, untitled, is_outline).map_err(|error| match error {
                DocumentError::Json {
                    file,
                    line,
                    column,
                    cell,
                    reason,
                } => DocumentError::Json {
                    file,
                    line,
                    column: repair::column(text, line, column),
                    cell,
                    reason,
                },
                other => other,
            })
        }
        other => other,
    }
}

fn from_json(
    text: &str,
    file: &str,
    untitled: &str,
    is_outline: bool,
) -> Result<Document, DocumentError> {
    let reading = Reading::new(is_outline);
    let mut notebook = RawNotebook::new(&reading);
    let mut json = serde_json::Deserializer::from_str(text);
    let read = Place(&mut notebook)
        .deserialize(&mut json)
        .and_then(|()| json.end());
    if let Err(error) = read {
        return Err(if reading.too_many_cells.get() {
            DocumentError::TooManyCells {
                file: file.into(),
                limit: MAX_CELLS,
            }
        } else {
            json_error(&error, file, reading.cell.get())
        });
    }
    let not_a_notebook = |reason| {
        Err(DocumentError::NotANotebook {
            file: file.into(),
            reason,
        })
    };
    match notebook.major {
        _ if !notebook.is_object => return not_a_notebook("it is not an object"),
        None => return not_a_notebook("it has no version `nbformat`"),
        Some(3) => {}
        Some(4) if notebook.has_cells => {}
        Some(4) => return not_a_notebook("it has no list `cells`"),
        Some(major) => {
            return Err(DocumentError::Version {
                file: file.into(),
                major,
            });
        }
    }
    Ok(document(notebook, untitled))
}

fn json_error(error: &serde_json::Error, file: &str, cell: Option<usize>) -> DocumentError {
    let message = error.to_string();
    let reason = match message.rsplit_once(" at line ") {
        Some((reason, _)) => reason.to_string(),
        None => message,
    };
    DocumentError::Json {
        file: file.into(),
        line: error.line(),
        column: error.column(),
        cell,
        reason,
    }
}

fn document(notebook: RawNotebook, untitled: &str) -> Document {
    let is_old = notebook.major == Some(3);
    let metadata = notebook.metadata;
    let first_cell = || notebook.cells.iter().find_map(|cell| cell.language.clone());
    let language = metadata
        .language_info
        .or(metadata.kernel)
        .or(metadata.language)
        .or_else(|| first_cell().filter(|_| is_old))
        .map(|language| language.trim().to_lowercase())
        .unwrap_or_else(|| if is_old { "python" } else { "text" }.into());
    let ids = identifiers::unique(notebook.cells.iter().map(|cell| cell.id.as_deref()));
    let cells: Vec<Cell> = notebook
        .cells
        .into_iter()
        .zip(ids)
        .enumerate()
        .map(|(index, (cell, id))| Cell {
            id,
            kind: cell.finish(index + 1, &language),
        })
        .collect();
    let title = metadata
        .title
        .or_else(|| metadata.name.filter(|_| is_old))
        .or_else(|| first_heading(&cells))
        .unwrap_or_else(|| untitled.into());
    Document {
        title,
        language,
        cells,
    }
}

fn first_heading(cells: &[Cell]) -> Option<String> {
    cells
        .iter()
        .filter_map(|cell| match &cell.kind {
            CellKind::Markdown { source, .. } => Some(source),
            _ => None,
        })
        .flat_map(|source| headings::of(source))
        .map(|(_, text)| text)
        .find(|text| !text.is_empty())
}
