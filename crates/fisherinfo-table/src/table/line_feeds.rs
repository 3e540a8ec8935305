//! Line ends, made equal and counted.

use std::io::{BufRead, BufReader, Read};

/// Passes bytes on with every line end (`\r\n`, `\r`) as `\n`.
///
/// The CSV reader counts the lines of a file with `\r\n` one short, from which no line number could
/// be told.
pub(super) struct LineFeeds<R> {
    inner: BufReader<R>,
    after_return: bool,
    passed: u64,
    last: u8,
    last_in_line: u8,
}

impl<R: Read> LineFeeds<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner: BufReader::with_capacity(1 << 16, inner),
            after_return: false,
            passed: 0,
            last: b'\n',
            last_in_line: b'\n',
        }
    }

    /// How many bytes were passed on.
    pub(super) fn passed(&self) -> u64 {
        self.passed
    }

    /// Whether the last byte passed on ended a line.
    pub(super) fn ends_line(&self) -> bool {
        self.last == b'\n'
    }

    /// The last byte passed on that did not end a line.
    pub(super) fn last_in_line(&self) -> u8 {
        self.last_in_line
    }
}

impl<R: Read> Read for LineFeeds<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let available = self.inner.fill_buf()?;
            if available.is_empty() || buffer.is_empty() {
                return Ok(0);
            }
            let (mut taken, mut written) = (0, 0);
            for &byte in available.iter().take(buffer.len()) {
                taken += 1;
                let follows_return = std::mem::replace(&mut self.after_return, byte == b'\r');
                if byte == b'\n' && follows_return {
                    continue;
                }
                self.last = if byte == b'\r' { b'\n' } else { byte };
                if self.last != b'\n' {
                    self.last_in_line = byte;
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
