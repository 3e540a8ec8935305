//! Bytes of an object, the next of them on their way while these are read.

use super::ObjectError;
use super::object::{Object, Trouble};
use bytes::Bytes;
use std::collections::VecDeque;
use std::io::{Read, Seek, SeekFrom};
use std::iter::once;
use std::ops::Range;
use std::sync::mpsc::Receiver;

/// Bytes of one request.
pub(super) const BLOCK: u64 = 4 << 20;

/// Requests that are on their way.
const REQUESTS: usize = 3;

/// Where the bytes of a request arrive.
type Answer = Receiver<Result<Bytes, ObjectError>>;

/// Ranges of an object that are read one after the other.
pub(super) struct Ahead {
    object: Object,
    /// In ascending order.
    ranges: Vec<Range<u64>>,
    /// What of them is not asked for yet.
    left: VecDeque<Range<u64>>,
    block: u64,
    requests: usize,
    /// Blocks that followed each other: who reads a header, or seeks, wants no more than one.
    followed: usize,
    pending: VecDeque<(Range<u64>, Answer)>,
    /// What is read now, and where it begins.
    current: (u64, Bytes),
}

impl Ahead {
    /// Nothing is asked for before the first byte is wanted.
    pub(super) fn new(
        object: Object,
        ranges: impl IntoIterator<Item = Range<u64>>,
        block: u64,
        requests: usize,
    ) -> Self {
        // Those of a damaged file may go beyond its end.
        let within = |range: Range<u64>| range.start..range.end.min(object.size());
        let ranges: Vec<_> = ranges.into_iter().map(within).collect();
        let ranges: Vec<_> = ranges
            .into_iter()
            .filter(|range| !range.is_empty())
            .collect();
        Self {
            object,
            left: ranges.iter().cloned().collect(),
            ranges,
            block,
            requests,
            followed: 0,
            pending: VecDeque::new(),
            current: (0, Bytes::new()),
        }
    }

    /// The whole of an object.
    pub(super) fn whole(object: Object) -> Self {
        let all = 0..object.size();
        Self::new(object, once(all), BLOCK, REQUESTS)
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
            self.ask(self.followed.max(1));
            let Some((range, answer)) = self.pending.pop_front() else {
                return Ok(Bytes::new());
            };
            if range.end <= start {
                continue;
            }
            let unanswered = |_| ObjectError::unanswered(self.object.url());
            self.current = (range.start, answer.recv().map_err(unanswered)??);
            // The next are on their way while this is read.
            self.ask(self.followed);
            self.followed = self.requests.min(self.followed + 1);
        }
    }

    /// So many bytes; fewer where the object ends.
    #[cfg(any(test, feature = "columnar"))]
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

    /// Whether it is on its way, or the next to be asked for.
    fn is_coming(&self, start: u64) -> bool {
        let mut pending = self.pending.iter().map(|(range, _)| range);
        let next = self.left.front();
        pending.any(|range| range.contains(&start))
            || next.is_some_and(|next| (next.start..next.start + self.block).contains(&start))
    }

    /// From there on; what lies outside of all ranges is read to the end of the object.
    fn begin(&mut self, start: u64) {
        self.pending.clear();
        self.followed = 0;
        let later = self.ranges.iter().filter(|range| range.end > start);
        self.left = later
            .map(|range| range.start.max(start)..range.end)
            .collect();
        if self.left.front().is_none_or(|first| first.start > start) {
            self.left = once(start..self.object.size()).collect();
        }
    }

    fn ask(&mut self, most: usize) {
        while self.pending.len() < most {
            let Some(range) = self.left.pop_front() else {
                return;
            };
            let end = range.end.min(range.start + self.block);
            if end < range.end {
                self.left.push_front(end..range.end);
            }
            let range = range.start..end;
            self.pending
                .push_back((range.clone(), self.object.fetch(range)));
        }
    }
}

/// The bytes of an object as a file.
pub(super) struct Sequential {
    ahead: Ahead,
    size: u64,
    position: u64,
    trouble: Trouble,
}

impl Sequential {
    pub(super) fn new(object: &Object, trouble: Trouble) -> Self {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::super::object::{Object, Trouble, Version, head, location};
    use super::super::registry::Address;
    use super::super::runtime::wait;
    use super::{Ahead, Sequential, once};
    use object_store::memory::InMemory;
    use object_store::{ObjectStore, ObjectStoreExt};
    use proptest::prelude::*;
    use std::io::{Read, Seek, SeekFrom};
    use std::ops::Range;
    use std::sync::Arc;

    fn object(bytes: Vec<u8>) -> Object {
        let address = Address::parse("memory://here/a/b").unwrap();
        let place = location(&address).unwrap();
        let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let (filled, at) = (Arc::clone(&store), place.clone());
        let found = wait(async move {
            filled.put(&at, bytes.into()).await.unwrap();
            head(&filled, &at).await.unwrap()
        });
        Object::new(address, store, place, Version::of(&found.unwrap()))
    }

    fn numbered(length: usize) -> Vec<u8> {
        (0..length).map(|i| (i * 31 % 251) as u8).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        /// Whatever is foreseen and whatever is asked for, forwards, backwards and beside it, the bytes
        /// are those that stand there.
        #[test]
        fn bytes_are_those_that_stand_there(
            size in 1..400_usize,
            cuts in prop::collection::vec(0..500_u64, 0..6),
            block in 1..64_u64,
            requests in 1..4_usize,
            reads in prop::collection::vec((0..450_usize, 1..90_usize), 1..12),
        ) {
            let all = numbered(size);
            let mut cuts = cuts;
            cuts.sort_unstable();
            let ranges: Vec<Range<u64>> = cuts.chunks_exact(2).map(|pair| pair[0]..pair[1]).collect();
            let mut ahead = Ahead::new(object(all.clone()), ranges, block, requests);
            for (start, length) in reads {
                let wanted = &all[start.min(size)..(start + length).min(size)];
                let found = ahead.bytes(start as u64, length).unwrap();
                prop_assert_eq!(&found[..], wanted);
            }
        }
    }

    #[test]
    fn an_object_as_a_file() {
        let all = numbered(1000);
        let mut file = Sequential::new(&object(all.clone()), Trouble::default());
        let mut tail = Vec::new();
        file.seek(SeekFrom::End(-10)).unwrap();
        file.read_to_end(&mut tail).unwrap();
        assert_eq!(tail, all[990..]);
        file.seek(SeekFrom::Start(3)).unwrap();
        file.seek(SeekFrom::Current(-2)).unwrap();
        let mut rest = Vec::new();
        file.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, all[1..]);
        assert!(file.seek(SeekFrom::Current(-1001)).is_err());
    }

    /// More are asked for ahead the longer they follow each other, up to as many as are allowed.
    #[test]
    fn no_more_is_on_its_way_than_allowed() {
        let mut ahead = Ahead::new(object(numbered(1000)), once(0..1000), 10, 3);
        for (block, (pending, left)) in [(0, 10), (1, 30), (2, 50), (3, 70), (3, 80), (3, 90)]
            .into_iter()
            .enumerate()
        {
            assert_eq!(ahead.some(10 * block as u64).unwrap().len(), 10);
            assert_eq!((ahead.pending.len(), ahead.left[0].start), (pending, left));
        }
        // Elsewhere it begins anew.
        ahead.some(500).unwrap();
        assert_eq!((ahead.pending.len(), ahead.left[0].start), (0, 510));
    }
}
