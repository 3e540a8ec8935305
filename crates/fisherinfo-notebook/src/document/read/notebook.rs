//! The notebook itself and its cells.

use super::super::headings::one_line;
use super::super::limits::{MAX_ATTACHMENTS, MAX_CELLS, MAX_OUTPUTS, MAX_TEXT};
use super::super::{Attachment, CellKind, Output};
use super::lenient::{Place, Sink, Whole};
use super::media::Bundle;
use super::output::Outputs;
use super::text::{Text, next_key, next_name, next_text};
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess};
use std::cell::Cell as Shared;

/// How far the reading of a file has come, and what is left of its limits.
#[derive(Debug)]
pub(super) struct Reading {
    /// Outputs and attachments are passed over: only an outline is wanted.
    is_outline: bool,
    /// The cell being read, from 1.
    pub(super) cell: Shared<Option<usize>>,
    pub(super) too_many_cells: Shared<bool>,
    pub(super) outputs_left: Shared<usize>,
    attachments_left: Shared<usize>,
}

impl Reading {
    pub(super) fn new(is_outline: bool) -> Self {
        Self {
            is_outline,
            cell: Shared::new(None),
            too_many_cells: Shared::new(false),
            outputs_left: Shared::new(MAX_OUTPUTS),
            attachments_left: Shared::new(MAX_ATTACHMENTS),
        }
    }
}

/// A notebook of either version, before it is known which: `nbformat` comes last in the file.
pub(super) struct RawNotebook<'a> {
    reading: &'a Reading,
    pub(super) is_object: bool,
    pub(super) major: Option<u64>,
    pub(super) has_cells: bool,
    pub(super) cells: Vec<RawCell>,
    pub(super) metadata: Metadata,
}

impl<'a> RawNotebook<'a> {
    pub(super) fn new(reading: &'a Reading) -> Self {
        Self {
            reading,
            is_object: false,
            major: None,
            has_cells: false,
            cells: Vec::new(),
            metadata: Metadata::default(),
        }
    }
}

impl Sink for RawNotebook<'_> {
    fn object<'de, A: MapAccess<'de>>(&mut self, mut object: A) -> Result<(), A::Error> {
        self.is_object = true;
        while let Some(key) = next_key(&mut object)? {
            match key.as_str() {
                "nbformat" => {
                    let mut major = Whole::default();
                    object.next_value_seed(Place(&mut major))?;
                    self.major = major.0;
                }
                "metadata" => object.next_value_seed(Place(&mut self.metadata))?,
                "cells" => object.next_value_seed(Place(&mut Cells(self)))?,
                "worksheets" => object.next_value_seed(Place(&mut Worksheets(self)))?,
                _ => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// The sheets of nbformat 3: their cells one after the other.
struct Worksheets<'a, 'b>(&'a mut RawNotebook<'b>);

impl Sink for Worksheets<'_, '_> {
    fn list<'de, A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<(), A::Error> {
        let mut sheet = Worksheet(self.0);
        while list.next_element_seed(Place(&mut sheet))?.is_some() {}
        Ok(())
    }
}

struct Worksheet<'a, 'b>(&'a mut RawNotebook<'b>);

impl Sink for Worksheet<'_, '_> {
    fn object<'de, A: MapAccess<'de>>(&mut self, mut object: A) -> Result<(), A::Error> {
        while let Some(key) = next_key(&mut object)? {
            if key == "cells" {
                object.next_value_seed(Place(&mut Cells(self.0)))?;
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct Cells<'a, 'b>(&'a mut RawNotebook<'b>);

impl Sink for Cells<'_, '_> {
    fn list<'de, A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<(), A::Error> {
        let notebook = &mut *self.0;
        notebook.has_cells = true;
        loop {
            notebook.reading.cell.set(Some(notebook.cells.len() + 1));
            let mut cell = RawCell::default();
            let place = &mut CellPlace {
                cell: &mut cell,
                reading: notebook.reading,
            };
            if list.next_element_seed(Place(place))?.is_none() {
                notebook.reading.cell.set(None);
                return Ok(());
            }
            if notebook.cells.len() == MAX_CELLS {
                notebook.reading.too_many_cells.set(true);
                return Err(A::Error::custom("too many cells"));
            }
            notebook.cells.push(cell);
        }
    }
}

/// What a notebook says of itself.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub(super) title: Option<String>,
    /// The title of nbformat 3.
    pub(super) name: Option<String>,
    /// The languages named: by the kernel that ran it, by the kernel's description, and otherwise.
    pub(super) language_info: Option<String>,
    pub(super) kernel: Option<String>,
    pub(super) language: Option<String>,
}

impl Sink for Metadata {
    fn object<'de, A: MapAccess<'de>>(&mut self, mut object: A) -> Result<(), A::Error> {
        while let Some(key) = next_key(&mut object)? {
            match key.as_str() {
                "title" => self.title = title(next_text(&mut object, MAX_TEXT)?),
                "name" => self.name = title(next_text(&mut object, MAX_TEXT)?),
                "language" => self.language = next_name(&mut object)?,
                "language_info" => self.language_info = next_entry(&mut object, "name")?,
                "kernelspec" => self.kernel = next_entry(&mut object, "language")?,
                _ => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

fn title(text: Text) -> Option<String> {
    Some(one_line(&text.cut())).filter(|title| !title.is_empty())
}

/// A name under a key of the next value, which is an object.
fn next_entry<'de, A: MapAccess<'de>>(
    object: &mut A,
    key: &'static str,
) -> Result<Option<String>, A::Error> {
    struct Entry {
        key: &'static str,
        name: Option<String>,
    }
    impl Sink for Entry {
        fn object<'de, A: MapAccess<'de>>(&mut self, mut object: A) -> Result<(), A::Error> {
            while let Some(key) = next_key(&mut object)? {
                if key == self.key {
                    self.name = next_name(&mut object)?;
                } else {
                    object.next_value::<IgnoredAny>()?;
                }
            }
            Ok(())
        }
    }
    let mut entry = Entry { key, name: None };
    object.next_value_seed(Place(&mut entry))?;
    Ok(entry.name)
}

/// The keys of a cell, whatever its kind.
#[derive(Debug, Default)]
pub(super) struct RawCell {
    is_object: bool,
    kind: Option<String>,
    pub(super) id: Option<String>,
    level: Option<u64>,
    /// The source: `source`, and in code cells of nbformat 3 `input`.
    source: Option<Text>,
    input: Option<Text>,
    /// The language of this cell alone.
    pub(super) language: Option<String>,
    execution_count: Option<u64>,
    format: Option<String>,
    outputs: Vec<Output>,
    attachments: Vec<Attachment>,
}

struct CellPlace<'a> {
    cell: &'a mut RawCell,
    reading: &'a Reading,
}

impl Sink for CellPlace<'_> {
    fn object<'de, A: MapAccess<'de>>(&mut self, mut object: A) -> Result<(), A::Error> {
        let object = &mut object;
        let cell = &mut *self.cell;
        cell.is_object = true;
        while let Some(key) = next_key(object)? {
            match key.as_str() {
                "cell_type" => cell.kind = next_name(object)?,
                "id" => cell.id = next_name(object)?,
                "source" => cell.source = Some(next_text(object, MAX_TEXT)?),
                "input" => cell.input = Some(next_text(object, MAX_TEXT)?),
                "language" => cell.language = next_name(object)?,
                "execution_count" | "prompt_number" => {
                    let mut count = Whole::default();
                    object.next_value_seed(Place(&mut count))?;
                    cell.execution_count = count.0;
                }
                "level" => {
                    let mut level = Whole::default();
                    object.next_value_seed(Place(&mut level))?;
                    cell.level = level.0;
                }
                "metadata" => object.next_value_seed(Place(&mut CellMetadata(cell)))?,
                "outputs" if !self.reading.is_outline => {
                    let mut outputs = Outputs::new(self.reading);
                    object.next_value_seed(Place(&mut outputs))?;
                    cell.outputs = outputs.finish();
                }
                "attachments" if !self.reading.is_outline => {
                    let mut attachments = Attachments {
                        list: Vec::new(),
                        reading: self.reading,
                    };
                    object.next_value_seed(Place(&mut attachments))?;
                    cell.attachments = attachments.list;
                }
                _ => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

struct CellMetadata<'a>(&'a mut RawCell);

impl Sink for CellMetadata<'_> {
    fn object<'de, A: MapAccess<'de>>(&mut self, mut object: A) -> Result<(), A::Error> {
        while let Some(key) = next_key(&mut object)? {
            match key.as_str() {
                "format" | "raw_mimetype" => self.0.format = next_name(&mut object)?,
                // Notebooks with cells in several languages.
                "vscode" => self.0.language = next_entry(&mut object, "languageId")?,
                _ => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

struct Attachments<'a> {
    list: Vec<Attachment>,
    reading: &'a Reading,
}

impl Sink for Attachments<'_> {
    fn object<'de, A: MapAccess<'de>>(&mut self, mut object: A) -> Result<(), A::Error> {
        while let Some(name) = next_key(&mut object)? {
            let mut bundle = Bundle::default();
            object.next_value_seed(Place(&mut bundle))?;
            let left = self.reading.attachments_left.get();
            if let Some(media) = bundle.sorted().into_iter().next()
                && left > 0
            {
                self.reading.attachments_left.set(left - 1);
                self.list.push(Attachment { name, media });
            }
        }
        Ok(())
    }
}

impl RawCell {
    /// What the cell is; `number` is its place, from 1.
    pub(super) fn finish(self, number: usize, notebook_language: &str) -> CellKind {
        let text = |text: Option<Text>| text.map(Text::cut).unwrap_or_default();
        match self.kind.as_deref() {
            Some("markdown" | "html") => CellKind::Markdown {
                source: text(self.source),
                attachments: self.attachments,
            },
            Some("heading") => {
                let level = usize::try_from(self.level.unwrap_or(1)).unwrap_or(6);
                let title = one_line(&text(self.source));
                CellKind::Markdown {
                    source: format!("{} {title}", "#".repeat(level.clamp(1, 6))),
                    attachments: Vec::new(),
                }
            }
            Some("code") => {
                let source = text(self.source.or(self.input));
                let language = self
                    .language
                    .map(|language| language.trim().to_lowercase())
                    .unwrap_or_else(|| of_magic(&source).unwrap_or(notebook_language).into());
                CellKind::Code {
                    source,
                    language,
                    execution_count: self.execution_count,
                    outputs: self.outputs,
                }
            }
            Some("raw") => CellKind::Raw {
                source: text(self.source),
                format: self.format,
            },
            kind => CellKind::Notice {
                message: match kind {
                    Some(kind) => format!("cell {number} is of the unknown kind «{kind}»"),
                    None if self.is_object => format!("cell {number} does not say what it is"),
                    None => format!("cell {number} is not an object of JSON"),
                },
                source: text(self.source.or(self.input)),
            },
        }
    }
}

/// The language that a cell changes to in its first line, as `%%bash` does.
pub(in super::super) fn of_magic(source: &str) -> Option<&'static str> {
    let word = source.trim_start().strip_prefix("%%")?;
    let word = word.split_whitespace().next()?;
    Some(match word {
        "bash" => "bash",
        "sh" | "script" | "!" => "sh",
        "html" | "HTML" => "html",
        "javascript" | "js" => "javascript",
        "latex" => "latex",
        "markdown" => "markdown",
        "svg" | "SVG" => "svg",
        "perl" => "perl",
        "ruby" => "ruby",
        "R" => "r",
        "sql" => "sql",
        "cython" => "cython",
        _ => return None,
    })
}
