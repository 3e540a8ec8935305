//! Work on all threads of the pool, given back in its order.
//!
//! Rayon's iterators are compiled once for every closure and result; here once for all, since what is
//! shared out is chunks of thousands of rows and a call through a pointer is nothing beside one.

use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};

/// What `work` makes of 0, 1, … under `count`, in that order.
pub(crate) fn map<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let slots: Vec<Mutex<Option<T>>> = (0..count).map(|_| Mutex::new(None)).collect();
    for_each(count, &|index| {
        let done = work(index);
        *slots[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
    });
    slots
        .into_iter()
        .filter_map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect()
}

/// What `work` makes of each item, in their order; an item is its own from then on.
pub(crate) fn map_items<S: Send, T: Send>(items: Vec<S>, work: impl Fn(S) -> T + Sync) -> Vec<T> {
    let items: Vec<Mutex<Option<S>>> = items.into_iter().map(|s| Mutex::new(Some(s))).collect();
    map(items.len(), |index| {
        let item = items[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        item.map(&work)
    })
    .into_iter()
    .flatten()
    .collect()
}

/// Both at the same time where there are threads for it.
pub(crate) fn join(first: &mut (dyn FnMut() + Send), second: &mut (dyn FnMut() + Send)) {
    rayon::join(first, second);
}

fn for_each(count: usize, work: &(dyn Fn(usize) + Sync)) {
    (0..count).into_par_iter().for_each(work);
}
