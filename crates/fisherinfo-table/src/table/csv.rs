//! Reading CSV.

use std::io::Read;
use std::sync::Arc;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::line_feeds::LineFeeds;
use super::{Column, Table, TableError, positions};

/// How long a row may be, in bytes with its line end.
pub(crate) const LONGEST_ROW: usize = 16 << 20;

/// The cells of a column as they are read, one after the other in one text.
#[derive(Default)]
struct Raw {
    text: String,
    ends: Vec<usize>,
}

impl Raw {
    fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    fn cells(&self) -> impl Iterator<Item = &str> + Clone {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, &end)| &self.text[start..end])
    }
}

/// Reads a table.
pub(super) fn read(reader: impl Read, file: String) -> Result<Table, TableError> {
    let mut rows = Rows::new(reader, file);
    let Some(header) = rows.next()? else {
        return Err(TableError::Empty { file: rows.file });
    };
    let names = rows.names(header)?;
    positions(&rows.file, names.iter().map(String::as_str))?;

    let mut raw: Vec<Raw> = names.iter().map(|_| Raw::default()).collect();
    let mut lines = Vec::new();
    while let Some(line) = rows.next()? {
        if rows.is_blank(names.len()) {
            continue;
        }
        rows.require_cells(names.len(), line, header)?;
        for ((cell, column), name) in rows.record.iter().zip(&mut raw).zip(&names) {
            match std::str::from_utf8(cell) {
                Ok(cell) => column.push(cell.trim()),
                Err(_) => {
                    return Err(TableError::NotUtf8 {
                        file: rows.file,
                        line,
                        column: name.clone(),
                    });
                }
            }
        }
        lines.push(line);
    }
    if lines.is_empty() {
        return Err(TableError::NoRows { file: rows.file });
    }
    let columns = names
        .into_iter()
        .zip(raw)
        .map(|(name, raw)| Column::from_cells(name, raw.cells()))
        .collect();
    Table::assemble(rows.file, columns, lines, true)
}

/// The first row of a file.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) file: String,
    pub(crate) names: Vec<String>,
    /// Its line.
    pub(crate) line: u64,
}

impl Header {
    /// Reads the names of the columns from the text of the first rows of a file.
    pub(crate) fn read(text: &[u8], file: &str) -> Result<Self, TableError> {
        let mut rows = Rows::new(text, file.to_owned());
        let Some(line) = rows.next()? else {
            return Err(TableError::Empty {
                file: file.to_owned(),
            });
        };
        let names = rows.names(line)?;
        positions(file, names.iter().map(String::as_str))?;
        Ok(Self {
            file: file.to_owned(),
            names,
            line,
        })
    }
}

/// What the cells of a column are taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Numbers, if all that are not missing are, else text.
    Either,
    /// Text, also where it could be numbers.
    Text,
}

/// Whole rows of a file, cut out of it.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) header: Arc<Header>,
    /// The line on which it begins.
    pub(crate) line: u64,
    pub(crate) text: Vec<u8>,
}

impl Segment {
    /// The columns asked for, each by its position in the header, of these rows; there may be none.
    pub(crate) fn table(&self, wanted: &[(usize, Kind)]) -> Result<Table, TableError> {
        let header = self.header.as_ref();
        let names = &header.names;
        let mut rows = Rows::new(self.text.as_slice(), header.file.clone());
        let mut raw: Vec<Raw> = wanted.iter().map(|_| Raw::default()).collect();
        let mut lines = Vec::new();
        while let Some(line) = rows.next().map_err(|error| error.after(self.line - 1))? {
            let line = line + self.line - 1;
            if rows.is_blank(names.len()) {
                continue;
            }
            rows.require_cells(names.len(), line, header.line)?;
            let not_utf8 = |position: usize| TableError::NotUtf8 {
                file: header.file.clone(),
                line,
                column: names[position].clone(),
            };
            if std::str::from_utf8(rows.record.as_slice()).is_err() {
                let wrong = |cell: &[u8]| std::str::from_utf8(cell).is_err();
                return Err(not_utf8(rows.record.iter().position(wrong).unwrap_or(0)));
            }
            for (&(position, _), column) in wanted.iter().zip(&mut raw) {
                let cell = std::str::from_utf8(&rows.record[position]);
                column.push(cell.map_err(|_| not_utf8(position))?.trim());
            }
            lines.push(line);
        }
        let columns = wanted
            .iter()
            .zip(raw)
            .map(|(&(position, kind), raw)| {
                let name = names[position].clone();
                match kind {
                    Kind::Either => Column::from_cells(name, raw.cells()),
                    Kind::Text => Column::from_text_cells(name, raw.cells()),
                }
            })
            .collect();
        Table::assemble(header.file.clone(), columns, lines, true)
    }
}

/// The rows of a file.
struct Rows<R> {
    reader: Reader<LineFeeds<R>>,
    record: ByteRecord,
    file: String,
}

impl<R: Read> Rows<R> {
    fn new(reader: R, file: String) -> Self {
        Self {
            reader: ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(LineFeeds::new(reader)),
            record: ByteRecord::new(),
            file,
        }
    }

    /// A line without anything, in a table of several columns.
    fn is_blank(&self, columns: usize) -> bool {
        self.record.len() == 1 && self.record[0].trim_ascii().is_empty() && columns > 1
    }

    fn require_cells(&self, columns: usize, line: u64, header: u64) -> Result<(), TableError> {
        if self.record.len() == columns {
            return Ok(());
        }
        Err(TableError::Ragged {
            file: self.file.clone(),
            line,
            found: self.record.len(),
            header,
            expected: columns,
        })
    }

    /// Reads the next row into `record`; gives the line on which it begins.
    fn next(&mut self) -> Result<Option<u64>, TableError> {
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(error) => {
                return Err(TableError::Unreadable {
                    file: self.file.clone(),
                    error: std::io::Error::from(error),
                });
            }
        }
        // The line told by the record is that of the blank lines before it, so count back from the
        // line after it.
        let inside = memchr::memchr_iter(b'\n', self.record.as_slice()).count() as u64;
        let position = self.reader.position();
        let input = self.reader.get_ref();
        let at_end = position.byte() == input.passed();
        let is_open = at_end && input.is_quoted();
        let ended = u64::from(!is_open && (!at_end || input.ends_line()));
        let line = position.line().saturating_sub(inside + ended);
        // The cells and the commas between them.
        if self.record.as_slice().len() + self.record.len() > LONGEST_ROW {
            return Err(TableError::LongRow {
                file: self.file.clone(),
                line,
                limit: LONGEST_ROW,
            });
        }
        if is_open {
            return Err(TableError::UnclosedQuote {
                file: self.file.clone(),
                line,
            });
        }
        Ok(Some(line))
    }

    /// The names of the columns, from the row just read.
    fn names(&self, line: u64) -> Result<Vec<String>, TableError> {
        let mut names = Vec::with_capacity(self.record.len());
        for (position, cell) in self.record.iter().enumerate() {
            match std::str::from_utf8(cell) {
                Ok(name) => names.push(name.trim().to_owned()),
                Err(_) => {
                    return Err(TableError::NotUtf8 {
                        file: self.file.clone(),
                        line,
                        column: (position + 1).to_string(),
                    });
                }
            }
        }
        if let [name] = names.as_slice() {
            for (delimiter, word) in [(';', "semicolon"), ('\t', "tab")] {
                if name.contains(delimiter) {
                    return Err(TableError::Delimiter {
                        file: self.file.clone(),
                        name: word,
                    });
                }
            }
        }
        Ok(names)
    }
}
