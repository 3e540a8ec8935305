//! CSV files cut into segments of whole rows.

use super::compressed;
use super::file::{TableFile, Told};
use crate::table::TableError;
use crate::table::csv::{Header, LONGEST_ROW, Segment};
use crate::table::line_feeds::{LineFeeds, MARK, Place};
use memchr::{memchr, memchr_iter, memrchr};
use std::io::Read;
use std::sync::Arc;

/// The segments of a CSV file, in order.
pub(super) struct Segments {
    input: LineFeeds<Box<dyn Read + Send>>,
    compressed: bool,
    trouble: Told,
    file: String,
    header: Arc<Header>,
    /// What was read and not yet given out, beginning with a row.
    pending: Vec<u8>,
    /// The line on which it begins.
    line: u64,
    ended: bool,
}

impl Segments {
    pub(super) fn open(named: &TableFile) -> Result<Self, TableError> {
        let file = named.name();
        let opened = named.open()?;
        let (input, compressed) =
            compressed::decompressed(opened.reader).map_err(|error| named.unreadable(error))?;
        let header = Header {
            file: file.clone(),
            names: Vec::new(),
            line: 1,
        };
        let mut segments = Self {
            input: LineFeeds::new(input),
            compressed,
            trouble: opened.trouble,
            file,
            header: Arc::new(header),
            pending: Vec::new(),
            line: 1,
            ended: false,
        };
        segments.read_header()?;
        Ok(segments)
    }

    pub(super) fn header(&self) -> &Arc<Header> {
        &self.header
    }

    /// Takes the names of the columns off the beginning, with the blank lines before them.
    fn read_header(&mut self) -> Result<(), TableError> {
        let end = loop {
            let end = first_row_end(&self.pending);
            if end.is_some() || self.ended {
                break end.unwrap_or(self.pending.len());
            }
            self.read_more(self.pending.len().max(1 << 16))?;
        };
        let rest = self.pending.split_off(end);
        let text = std::mem::replace(&mut self.pending, rest);
        self.header = Arc::new(Header::read(&text, &self.file)?);
        self.line += memchr_iter(b'\n', &text).count() as u64;
        Ok(())
    }

    /// About so many bytes of whole rows; none after the last.
    pub(super) fn next(&mut self, bytes: usize) -> Result<Option<Segment>, TableError> {
        let mut size = bytes;
        let end = loop {
            self.read_more(size.saturating_sub(self.pending.len()))?;
            if self.ended {
                break self.pending.len();
            }
            if let Some(end) = last_row_end(&self.pending) {
                break end;
            }
            if self.pending.len() >= LONGEST_ROW {
                return Err(self.too_long());
            }
            size = (2 * self.pending.len()).clamp(bytes, LONGEST_ROW);
        };
        if end == 0 {
            return Ok(None);
        }
        let rest = self.pending[end..].to_vec();
        self.pending.truncate(end);
        let text = std::mem::replace(&mut self.pending, rest);
        let line = self.line;
        self.line += memchr_iter(b'\n', &text).count() as u64;
        Ok(Some(Segment {
            header: Arc::clone(&self.header),
            line,
            text,
        }))
    }

    fn too_long(&self) -> TableError {
        TableError::LongRow {
            file: self.file.clone(),
            line: self.line,
            limit: LONGEST_ROW,
        }
    }

    fn read_more(&mut self, bytes: usize) -> Result<(), TableError> {
        if self.header.names.is_empty() && self.pending.len() >= LONGEST_ROW {
            return Err(self.too_long());
        }
        if self.ended || bytes == 0 {
            return Ok(());
        }
        let mut part = self.input.by_ref().take(bytes as u64);
        match part.read_to_end(&mut self.pending) {
            Ok(length) => {
                self.ended = length < bytes;
                Ok(())
            }
            Err(error) => {
                let file = self.file.clone();
                Err(match self.trouble.error(&file) {
                    Some(below) => below,
                    None if self.compressed => TableError::BrokenOff { file, error },
                    None => TableError::Unreadable { file, error },
                })
            }
        }
    }
}

/// The end of the last row that ends in `text`, which begins with a row.
fn last_row_end(text: &[u8]) -> Option<usize> {
    if memchr(b'"', text).is_none() {
        return memrchr(b'\n', text).map(|last| last + 1);
    }
    row_ends(text).last()
}

/// The end of the first row that is not empty.
fn first_row_end(text: &[u8]) -> Option<usize> {
    let mut start = mark(text);
    row_ends(text).find(|&end| {
        let blank = text[start..end] == *b"\n";
        start = end;
        !blank
    })
}

/// The length of a byte order mark, which stands before the first cell.
fn mark(text: &[u8]) -> usize {
    if text.starts_with(MARK) {
        MARK.len()
    } else {
        0
    }
}

/// Where rows end: line feeds outside of quotation marks.
fn row_ends(text: &[u8]) -> impl Iterator<Item = usize> {
    let mut place = Place::Start;
    text.iter()
        .enumerate()
        .skip(mark(text))
        .filter_map(move |(i, &byte)| {
            place = place.after(byte);
            (byte == b'\n' && place != Place::Quoted).then_some(i + 1)
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::{LONGEST_ROW, Segments, TableFile};
    use crate::table::csv::Kind;
    use crate::table::{Cells, Table, TableError};
    use proptest::prelude::*;
    use std::io::Write;

    /// Rows, each with its line.
    type Texts = Vec<(u64, Vec<Option<String>>)>;

    /// The texts and lines of the rows, cut into segments of about so many bytes.
    fn cut(text: &[u8], bytes: usize) -> Result<Texts, TableError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text).unwrap();
        let mut segments = Segments::open(&TableFile::Local(file.path().to_owned()))?;
        let wanted: Vec<(usize, Kind)> = (0..segments.header().names.len())
            .map(|position| (position, Kind::Text))
            .collect();
        let mut rows = Vec::new();
        while let Some(segment) = segments.next(bytes)? {
            rows.extend(texts(&segment.table(&wanted)?));
        }
        Ok(rows)
    }

    fn texts(table: &Table) -> Texts {
        let cell = |row: usize, column: &crate::Column| match column.cells() {
            Cells::Text(text) => text.get(row).map(str::to_owned),
            Cells::Numeric(_) => None,
        };
        let columns = table.columns();
        (0..table.rows())
            .map(|row| {
                let cells = columns.iter().map(|column| cell(row, column));
                (table.lines()[row], cells.collect())
            })
            .collect()
    }

    fn field() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-c ]{1,3}",
            Just("x\"y".to_owned()),
            Just("\"a, \"\"b\"\"\"".to_owned()),
            Just("\"two\nlines\"".to_owned()),
            Just("\"\r\n\"".to_owned()),
            Just("NA".to_owned()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        /// Wherever the text is cut, the rows and their lines are those of the whole.
        #[test]
        fn segments_hold_the_rows_of_the_whole(
            rows in prop::collection::vec((field(), field(), prop_oneof![Just("\n"), Just("\r\n"), Just("\n\n"), Just("\r")]), 1..12),
            bytes in 1..60_usize,
            mark in any::<bool>(),
        ) {
            let mut text = String::from(if mark { "\u{feff}\n\"first\",second\n" } else { "\"fi\nrst\",second\r\n" });
            // No number and no missing cell decides the kind of a column, so that all is text.
            text.push_str("p,q\n");
            for (a, b, end) in &rows {
                text.push_str(&format!("{a},{b}{end}"));
            }
            let whole = Table::from_csv_reader(text.as_bytes(), "whole").unwrap();
            prop_assert_eq!(cut(text.as_bytes(), bytes).unwrap(), texts(&whole));
        }

        /// Whatever the bytes are, there is an answer.
        #[test]
        fn any_bytes(text in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'"'), Just(b','), Just(b'\n'), Just(0xef), Just(0xbf)], 0..300), bytes in 1..40_usize) {
            let whole = Table::from_csv_reader(text.as_slice(), "whole");
            match (cut(&text, bytes), whole) {
                (Ok(rows), Ok(whole)) => {
                    let lines: Vec<u64> = rows.into_iter().map(|(line, _)| line).collect();
                    prop_assert_eq!(lines.as_slice(), whole.lines());
                }
                (Ok(rows), Err(error)) => {
                    prop_assert!(rows.is_empty() && matches!(error, TableError::NoRows { .. }), "{}", error);
                }
                (Err(_), Ok(_)) => prop_assert!(text.starts_with(&super::super::compressed::GZIP)),
                (Err(cut), Err(whole)) => {
                    let after = |text: String| text.split_once(": ").map(|(_, rest)| rest.to_owned());
                    prop_assert_eq!(after(cut.to_string()), after(whole.to_string()));
                }
            }
        }
    }

    #[test]
    fn a_row_that_never_ends() {
        let mut text = b"a,b\n1,2\n3,\"".to_vec();
        text.resize(text.len() + LONGEST_ROW + 100, b'x');
        let error = cut(&text, 1 << 20).unwrap_err();
        assert!(
            matches!(error, TableError::LongRow { line: 3, .. }),
            "{error}"
        );
        let header = vec![b'x'; LONGEST_ROW + 100];
        let error = cut(&header, 1 << 20).unwrap_err();
        assert!(matches!(error, TableError::LongRow { line: 1, .. }));
    }
}
