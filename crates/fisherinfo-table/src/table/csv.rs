//! Reading CSV.

use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::line_feeds::LineFeeds;
use super::{Column, Table, TableError, positions};

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
    let mut rows = Rows {
        reader: ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(LineFeeds::new(reader)),
        record: ByteRecord::new(),
        file,
    };
    let Some(header) = rows.next()? else {
        return Err(TableError::Empty { file: rows.file });
    };
    let names = rows.names(header)?;
    positions(&rows.file, names.iter().map(String::as_str))?;

    let mut raw: Vec<Raw> = names.iter().map(|_| Raw::default()).collect();
    let mut lines = Vec::new();
    while let Some(line) = rows.next()? {
        let is_blank = rows.record.len() == 1 && rows.record[0].trim_ascii().is_empty();
        if is_blank && names.len() > 1 {
            continue;
        }
        if rows.record.len() != names.len() {
            return Err(TableError::Ragged {
                file: rows.file,
                line,
                found: rows.record.len(),
                header,
                expected: names.len(),
            });
        }
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

/// The rows of a file.
struct Rows<R> {
    reader: Reader<LineFeeds<R>>,
    record: ByteRecord,
    file: String,
}

impl<R: Read> Rows<R> {
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
        let line_feeds = |cell: &[u8]| cell.iter().filter(|&&byte| byte == b'\n').count() as u64;
        let inside: u64 = self.record.iter().map(line_feeds).sum();
        let position = self.reader.position();
        let input = self.reader.get_ref();
        let at_end = position.byte() == input.passed();
        if at_end && input.is_quoted() {
            return Err(TableError::UnclosedQuote {
                file: self.file.clone(),
                line: position.line().saturating_sub(inside),
            });
        }
        let ended = u64::from(!at_end || input.ends_line());
        Ok(Some(position.line().saturating_sub(inside + ended)))
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
