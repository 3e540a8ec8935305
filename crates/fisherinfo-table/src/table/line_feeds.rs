//! Line ends, made equal and counted.

use std::io::{BufRead, BufReader, Read};

/// Passes bytes on with every line end (`\r\n`, `\r`) as `\n`.
///
/// The CSV reader counts the lines of a file with `\r\n` one short, from which no line number could
/// be told.
pub(crate) struct LineFeeds<R> {
    inner: BufReader<R>,
    after_return: bool,
    passed: u64,
    last: u8,
    place: Place,
    /// Bytes of a byte order mark that the input began with.
    mark: u8,
}

/// U+FEFF in UTF-8.
pub(crate) const MARK: &[u8] = b"\xef\xbb\xbf";

/// Where in a cell a byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Before the first byte of a cell.
    Start,
    /// In a cell without quotation marks, or after those that it began with.
    Plain,
    /// Inside quotation marks.
    Quoted,
    /// After a quotation mark inside quotation marks: the closing one, or the first of two.
    Quote,
}

impl Place {
    pub(crate) fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Start | Self::Quote, b'"') => Self::Quoted,
            (Self::Quoted, b'"') => Self::Quote,
            (Self::Quoted, _) => Self::Quoted,
            (_, b',' | b'\n') => Self::Start,
            _ => Self::Plain,
        }
    }
}

impl<R: Read> LineFeeds<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self {
            inner: BufReader::with_capacity(1 << 16, inner),
            after_return: false,
            passed: 0,
            last: b'\n',
            place: Place::Start,
            mark: 0,
        }
    }

    /// How many bytes were passed on.
    pub(crate) fn passed(&self) -> u64 {
        self.passed
    }

    /// Whether the last byte passed on ended a line.
    pub(crate) fn ends_line(&self) -> bool {
        self.last == b'\n'
    }

    /// Whether the last byte passed on stands inside quotation marks that are still open.
    pub(crate) fn is_quoted(&self) -> bool {
        self.place == Place::Quoted
    }
}

impl<R: Read> Read for LineFeeds<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let available = self.inner.fill_buf()?;
            if available.is_empty() || buffer.is_empty() {
                return Ok(0);
            }
            let length = available.len().min(buffer.len());
            let plain = self.passed >= 3 && !self.after_return && self.place != Place::Quoted;
            if plain && memchr::memchr2(b'\r', b'"', &available[..length]).is_none() {
                // Nothing to make equal, and nothing quoted: the last byte tells the place.
                buffer[..length].copy_from_slice(&available[..length]);
                self.last = buffer[length - 1];
                self.place = Place::Plain.after(self.last);
                self.inner.consume(length);
                self.passed += length as u64;
                return Ok(length);
            }
            let (mut taken, mut written) = (0, 0);
            for &byte in available.iter().take(buffer.len()) {
                taken += 1;
                let follows_return = std::mem::replace(&mut self.after_return, byte == b'\r');
                if byte == b'\n' && follows_return {
                    continue;
                }
                self.last = if byte == b'\r' { b'\n' } else { byte };
                // A byte order mark stands before the first cell.
                let position = self.passed + written as u64;
                let matched = usize::from(self.mark);
                if position == matched as u64 && MARK.get(matched) == Some(&byte) {
                    self.mark += 1;
                } else {
                    // What began as a mark and was none is the first cell.
                    if position == matched as u64 && matched > 0 && matched < MARK.len() {
                        self.place = Place::Plain;
                    }
                    self.place = self.place.after(self.last);
                }
                buffer[written] = self.last;
                written += 1;
            }
            self.inner.consume(taken);
            // A read of the \n of a \r\n alone writes nothing, which would mean the end.
            if written > 0 {
                self.passed += written as u64;
                return Ok(written);
            }
        }
    }
}
