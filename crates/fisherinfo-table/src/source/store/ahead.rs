//! Bytes of an object, the next of them on their way while these are read.

use super::object::{Object, Trouble};
use super::ObjectError;
use bytes::Bytes;
use std::collections::VecDeque;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::mpsc::Receiver;

/// Bytes of one request.
const BLOCK: u64 = 4 << 20;

/// Requests that are on their way.
const REQUESTS: usize = 3;

/// Ranges of an object that are read one after the other.
pub(super) struct Ahead {
    object: Object,
    /// In ascending order.
    ranges: Vec<Range<u64>>,
    /// What of them is not asked for yet.
    left: VecDeque<Range<u64>>,
    block: u64,
    requests: usize,
    pending: VecDeque<(Range<u64>, Receiver<Result<Bytes, ObjectError>>)>,
    /// What is read now, and where it begins.
    current: (u64, Bytes),
}

impl Ahead {
    /// Nothing is asked for before the first byte is wanted.
    pub(super) fn new(
        object: Object,
        mut ranges: Vec<Range<u64>>,
        block: u64,
        requests: usize,
    ) -> Self {
        // Those of a damaged file may go beyond its end.
        for range in &mut ranges {
            range.end = range.end.min(object.size());
        }
        ranges.retain(|range| !range.is_empty());
        Self {
            object,
            left: ranges.iter().cloned().collect(),
            ranges,
            block,
            requests,
            pending: VecDeque::new(),
            current: (0, Bytes::new()),
        }
    }

    /// The whole of an object.
    pub(super) fn whole(object: Object) -> Self {
        let all = 0..object.size();
        Self::new(object, vec![all], BLOCK, REQUESTS)
    }

    /// The bytes at hand from `start` on: at least one, but after the last.
    pub(super) fn some(&mut self, start: u64) -> Result<Bytes, ObjectError> {
        loop {
            let (first, bytes) = &self.current;
            let within = start.checked_sub(*first);
            if let Some(within) = within.filter(|&within| within < bytes.len() as u64) {
                return Ok(bytes.slice(within as usize..));
            }
            if start >= self.object.size() {
                return Ok(Bytes::new());
            }
            if !self.is_coming(start) {
                self.begin(start);
            }
            self.ask();
            let Some((range, answer)) = self.pending.pop_front() else {
                return Ok(Bytes::new());
            };
            if range.end <= start {
                continue;
            }
            let unanswered = |_| ObjectError::unanswered(self.object.url());
            self.current = (range.start, answer.recv().map_err(unanswered)??);
            // The next is on its way while this is read.
            self.ask();
        }
    }

    /// So many bytes; fewer where the object ends.
    pub(super) fn bytes(&mut self, start: u64, length: usize) -> Result<Bytes, ObjectError> {
        let first = self.some(start)?;
        if first.len() >= length {
            return Ok(first.slice(..length));
        }
        let mut all = Vec::with_capacity(length.min(self.object.size() as usize));
        all.extend_from_slice(&first);
        while all.len() < length {
            let next = self.some(start + all.len() as u64)?;
            if next.is_empty() {
                break;
            }
            all.extend_from_slice(&next[..next.len().min(length - all.len())]);
        }
        Ok(all.into())
    }

    fn is_coming(&self, start: u64) -> bool {
        let pending = self.pending.iter().map(|(range, _)| range);
        pending.chain(&self.left).any(|range| range.contains(&start))
    }

    /// From there on; what lies outside of all ranges is read to the end of the object.
    fn begin(&mut self, start: u64) {
        self.pending.clear();
        let later = self.ranges.iter().filter(|range| range.end > start);
        self.left = later.map(|range| range.start.max(start)..range.end).collect();
        if self.left.front().is_none_or(|first| first.start > start) {
            self.left = VecDeque::from([start..self.object.size()]);
        }
    }

    fn ask(&mut self) {
        while self.pending.len() < self.requests {
            let Some(range) = self.left.pop_front() else {
                return;
            };
            let end = range.end.min(range.start + self.block);
            if end < range.end {
                self.left.push_front(end..range.end);
            }
            let range = range.start..end;
            self.pending.push_back((range.clone(), self.object.fetch(range)));
        }
    }
}

/// The bytes of an object as a file.
pub(in crate::source) struct Sequential {
    ahead: Ahead,
    size: u64,
    position: u64,
    trouble: Trouble,
}

impl Sequential {
    pub(in crate::source) fn new(object: &Object, trouble: Trouble) -> Self {
        Self {
            size: object.size(),
            ahead: Ahead::whole(object.clone()),
            position: 0,
            trouble,
        }
    }
}

impl Read for Sequential {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let bytes = self.ahead.some(self.position);
        let bytes = bytes.map_err(|error| self.trouble.note(error))?;
        let length = bytes.len().min(buffer.len());
        buffer[..length].copy_from_slice(&bytes[..length]);
        self.position += length as u64;
        Ok(length)
    }
}

impl Seek for Sequential {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let position = match to {
            SeekFrom::Start(start) => Some(start),
            SeekFrom::End(from) => self.size.checked_add_signed(from),
            SeekFrom::Current(from) => self.position.checked_add_signed(from),
        };
        self.position = position.ok_or(std::io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
