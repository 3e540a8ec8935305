//! Parquet files that are objects: the footer, and the columns that are asked for, each ahead of its
//! reader.

use super::ahead::{Ahead, BLOCK};
use super::object::{Object, Trouble};
use bytes::{Buf, Bytes};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};
use std::io::Read;
use std::iter::once;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// What is read of the end of a file, where its footer stands: all of a small file.
const TAIL: u64 = 1 << 20;

/// Bytes that the columns of a file hold at once, on their way ones included.
const HELD: u64 = 64 << 20;

/// Requests of a column that are on their way.
const REQUESTS: usize = 2;

/// The end of a file.
#[derive(Clone)]
pub(in crate::source) struct Tail {
    object: Object,
    start: u64,
    bytes: Bytes,
    trouble: Trouble,
}

impl Tail {
    pub(in crate::source) fn read(object: &Object, trouble: Trouble) -> std::io::Result<Self> {
        let start = object.size().saturating_sub(TAIL);
        let mut ahead = Ahead::new(object.clone(), once(start..object.size()), TAIL, 1);
        let bytes = ahead.bytes(start, TAIL as usize);
        Ok(Self {
            object: object.clone(),
            start,
            bytes: bytes.map_err(|error| trouble.note(error))?,
            trouble,
        })
    }
}

impl Length for Tail {
    fn len(&self) -> u64 {
        self.object.size()
    }
}

impl ChunkReader for Tail {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let length = self.object.size().saturating_sub(start);
        let length =
            usize::try_from(length).map_err(|error| ParquetError::External(error.into()))?;
        Ok(self.get_bytes(start, length)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let end = start.checked_add(length as u64);
        let end = end.filter(|&end| end <= self.object.size());
        let end =
            end.ok_or_else(|| ParquetError::EOF("bytes beyond the end are asked for".into()))?;
        if let Some(within) = start.checked_sub(self.start) {
            let within = within as usize;
            return Ok(self.bytes.slice(within..within + length));
        }
        // A footer that is larger than what was read.
        let mut ahead = Ahead::new(self.object.clone(), once(start..end), BLOCK, 1);
        let bytes = ahead.bytes(start, length);
        bytes.map_err(|error| ParquetError::External(self.trouble.note(error).into()))
    }
}

/// The columns of a file that are asked for, and what was read of it for its footer.
#[derive(Clone)]
pub(in crate::source) struct Chunks(Arc<Columns>);

struct Columns {
    tail: Tail,
    /// Where the columns lie, and their bytes.
    columns: Vec<(Vec<Range<u64>>, Mutex<Ahead>)>,
}

impl Chunks {
    /// Columns at these ranges, of a reader that has so much of what all readers may hold.
    pub(in crate::source) fn new(tail: &Tail, columns: Vec<Vec<Range<u64>>>, share: f64) -> Self {
        let held = HELD as f64 * share / (REQUESTS + 1) as f64 / columns.len().max(1) as f64;
        let block = (held as u64).clamp(64 << 10, BLOCK);
        let object = &tail.object;
        let column = |ranges: Vec<Range<u64>>| {
            let ahead = Ahead::new(object.clone(), ranges.clone(), block, REQUESTS);
            (ranges, Mutex::new(ahead))
        };
        Self(Arc::new(Columns {
            tail: tail.clone(),
            columns: columns.into_iter().map(column).collect(),
        }))
    }

    /// The bytes at hand from there on; none for what the footer's bytes hold.
    fn bytes(&self, start: u64, length: Option<usize>) -> Result<Option<Bytes>> {
        let Columns { tail, columns } = &*self.0;
        if start >= tail.start {
            return Ok(None);
        }
        let column = columns
            .iter()
            .find(|(ranges, _)| ranges.iter().any(|range| range.contains(&start)));
        let Some((_, ahead)) = column else {
            return Ok(None);
        };
        let mut ahead = ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = match length {
            Some(length) => ahead.bytes(start, length),
            None => ahead.some(start),
        };
        let bytes =
            bytes.map_err(|error| ParquetError::External(tail.trouble.note(error).into()))?;
        if length.is_some_and(|length| bytes.len() < length) {
            return Err(ParquetError::EOF("the file ends in a page".into()));
        }
        Ok(Some(bytes))
    }
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.0.tail.len()
    }
}

impl ChunkReader for Chunks {
    type T = Page;

    fn get_read(&self, start: u64) -> Result<Page> {
        Ok(Page {
            chunks: self.clone(),
            position: start,
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        match self.bytes(start, Some(length))? {
            Some(bytes) => Ok(bytes),
            None => self.0.tail.get_bytes(start, length),
        }
    }
}

/// The beginning of a page.
pub(in crate::source) struct Page {
    chunks: Chunks,
    position: u64,
}

impl Read for Page {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if buffer.is_empty() || self.position >= self.chunks.len() {
            return Ok(0);
        }
        let at_hand = self.chunks.bytes(self.position, None);
        let bytes = match at_hand.map_err(std::io::Error::other)? {
            Some(bytes) => bytes,
            None => {
                let tail = &self.chunks.0.tail;
                let left = (tail.len() - self.position) as usize;
                let bytes = tail.get_bytes(self.position, left.min(buffer.len()));
                bytes.map_err(std::io::Error::other)?
            }
        };
        let length = bytes.len().min(buffer.len());
        buffer[..length].copy_from_slice(&bytes[..length]);
        self.position += length as u64;
        Ok(length)
    }
}
