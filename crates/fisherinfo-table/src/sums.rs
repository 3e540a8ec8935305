//! Sums of chunks of rows, added up as a binary tree whose shape the number of chunks alone decides.
//!
//! A node of height h stands for 2ʰ successive chunks, the first of them a multiple of 2ʰ, and is its
//! left half plus its right. So the same sums come out, bit by bit, in whatever order chunks arrive and
//! on however many machines their sums were begun; and what is missing or there twice shows.

use crate::wire::Wire;
use std::collections::BTreeMap;

/// What adds up.
pub(crate) trait Additive: Sized {
    /// Adds the sums of the rows that follow.
    fn add(&mut self, later: Self);
}

/// The finished nodes of a tree, none of which has a neighbour that it could be added to.
#[derive(Clone, Debug)]
pub(crate) struct Forest<T> {
    /// By their first chunks, with their heights.
    nodes: BTreeMap<usize, (u32, T)>,
}

/// Sums that do not make a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfinished {
    /// A chunk that nobody has added up.
    Missing(usize),
    /// A chunk that was added up twice, or that is none.
    Twice(usize),
}

impl<T: Additive> Forest<T> {
    pub(crate) fn new() -> Self {
        Self {
            nodes: BTreeMap::new(),
        }
    }

    /// The sum of successive chunks from the first on, none of no chunks.
    pub(crate) fn of(chunks: impl IntoIterator<Item = T>) -> Option<T> {
        let mut forest = Self::new();
        let mut count = 0;
        for sums in chunks {
            forest.push(count, sums).ok()?;
            count += 1;
        }
        forest.finish(count).ok().flatten()
    }

    /// Adds the sums of one chunk.
    pub(crate) fn push(&mut self, chunk: usize, sums: T) -> Result<(), Unfinished> {
        self.insert(chunk, 0, sums)
    }

    /// Adds nodes that were made elsewhere.
    pub(crate) fn merge(&mut self, other: Self) -> Result<(), Unfinished> {
        for (start, (height, sums)) in other.nodes {
            self.insert(start, height, sums)?;
        }
        Ok(())
    }

    fn insert(&mut self, mut start: usize, mut height: u32, mut sums: T) -> Result<(), Unfinished> {
        let end = start + (1 << height);
        let before = self.nodes.range(..end).next_back();
        if before.is_some_and(|(first, (height, _))| first + (1 << height) > start) {
            return Err(Unfinished::Twice(start));
        }
        loop {
            let sibling = start ^ (1 << height);
            let is_sibling = |(other, _): &mut (u32, T)| *other == height;
            if !self.nodes.get_mut(&sibling).is_some_and(is_sibling) {
                break;
            }
            let Some((_, other)) = self.nodes.remove(&sibling) else {
                break;
            };
            if sibling < start {
                let later = std::mem::replace(&mut sums, other);
                sums.add(later);
                start = sibling;
            } else {
                sums.add(other);
            }
            height += 1;
        }
        self.nodes.insert(start, (height, sums));
        Ok(())
    }

    /// The sum of the first `chunks` chunks, which is all there have to be; none of no chunks.
    pub(crate) fn finish(self, chunks: usize) -> Result<Option<T>, Unfinished> {
        let mut next = 0;
        for (&start, (height, _)) in &self.nodes {
            if start != next {
                return Err(Unfinished::Missing(next));
            }
            next = start + (1 << height);
        }
        if next < chunks {
            return Err(Unfinished::Missing(next));
        }
        if next > chunks {
            return Err(Unfinished::Twice(chunks));
        }
        let sums = self.nodes.into_values().map(|(_, sums)| sums);
        Ok(sums.rev().reduce(|later, mut sums| {
            sums.add(later);
            sums
        }))
    }
}

impl<T: Wire> Wire for Forest<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.nodes.len().write(out);
        for (&start, (height, sums)) in &self.nodes {
            (start, *height as u8).write(out);
            sums.write(out);
        }
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let mut nodes = BTreeMap::new();
        for _ in 0..usize::read(bytes)? {
            let (start, height, sums) = <(usize, u8, T)>::read(bytes)?;
            let size = 1_usize.checked_shl(height.into())?;
            let is_node = start.is_multiple_of(size) && start.checked_add(size).is_some();
            if !is_node || nodes.insert(start, (height.into(), sums)).is_some() {
                return None;
            }
        }
        Some(Self { nodes })
    }
}

impl Additive for f64 {
    fn add(&mut self, later: Self) {
        *self += later;
    }
}

/// One by one.
impl Additive for Vec<f64> {
    fn add(&mut self, later: Self) {
        for (sum, more) in self.iter_mut().zip(later) {
            *sum += more;
        }
    }
}

impl<A: Additive, B: Additive> Additive for (A, B) {
    fn add(&mut self, later: Self) {
        self.0.add(later.0);
        self.1.add(later.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Texts show in which order what was added.
    #[derive(Clone, Debug, PartialEq)]
    struct Written(String);

    impl Additive for Written {
        fn add(&mut self, later: Self) {
            self.0 = format!("({}{})", self.0, later.0);
        }
    }

    fn of(chunks: impl Iterator<Item = usize>) -> Result<Forest<Written>, Unfinished> {
        let mut forest = Forest::new();
        for chunk in chunks {
            forest.push(chunk, Written(chunk.to_string()))?;
        }
        Ok(forest)
    }

    #[test]
    fn the_tree_of_seven() {
        let sum = of(0..7).and_then(|forest| forest.finish(7));
        assert_eq!(sum, Ok(Some(Written("(((01)(23))((45)6))".into()))));
    }

    proptest! {
        #[test]
        fn any_cuts_and_any_order_give_one_tree(
            chunks in 1_usize..70,
            mut cuts in prop::collection::vec(0_usize..70, 0..6),
            order in any::<u64>(),
        ) {
            let whole = of(0..chunks).and_then(|forest| forest.finish(chunks));
            cuts.extend([0, chunks]);
            cuts.retain(|cut| *cut <= chunks);
            cuts.sort_unstable();
            let mut parts: Vec<_> = cuts.windows(2).map(|cut| of(cut[0]..cut[1])).collect();
            let mut sum = Forest::new();
            let mut order = order;
            while !parts.is_empty() {
                let next = order as usize % parts.len();
                order = order.rotate_left(7).wrapping_add(1);
                let part = parts.swap_remove(next);
                prop_assert!(part.and_then(|part| sum.merge(part)).is_ok());
            }
            prop_assert_eq!(sum.finish(chunks), whole);
        }

        #[test]
        fn what_is_missing_or_there_twice_shows(chunks in 2_usize..70, which in 0_usize..70) {
            let which = which % chunks;
            let without = of((0..chunks).filter(|chunk| *chunk != which));
            let missing = without.and_then(|forest| forest.finish(chunks));
            prop_assert_eq!(missing, Err(Unfinished::Missing(which)));
            let twice = of((0..chunks).chain([which]));
            prop_assert_eq!(twice.err(), Some(Unfinished::Twice(which)));
        }
    }
}
