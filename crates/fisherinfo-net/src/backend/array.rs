//! Arrays in memory that are used again: a pass over a batch asks for the same lengths as the one before it,
//! and memory that goes back to the system comes from it again page by page.

use super::Real;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

/// Shorter arrays than this are cheaper to ask for than to look for.
const WORTH_KEEPING: usize = 1 << 12;

/// Numbers in memory; what they lie in goes back to the [`super::Cpu`] that lent it.
pub struct Array<R: Real> {
    values: Vec<R>,
    lender: Option<Arc<Shelf<R>>>,
}

impl<R: Real> Array<R> {
    /// n zeros.
    pub(super) fn zeros(shelf: &Arc<Shelf<R>>, n: usize) -> Self {
        let (mut array, used) = Self::lent(shelf, n);
        if used {
            array.values.fill(R::default());
        }
        array
    }

    /// n numbers of any value: for what is written as a whole.
    pub(super) fn unwritten(shelf: &Arc<Shelf<R>>, n: usize) -> Self {
        Self::lent(shelf, n).0
    }

    /// n numbers, and whether they were used before, so that they may be other than zero.
    fn lent(shelf: &Arc<Shelf<R>>, n: usize) -> (Self, bool) {
        if n < WORTH_KEEPING {
            return (Self::from(vec![R::default(); n]), false);
        }
        let (values, used) = match shelf.take(n) {
            Some(values) => (values, true),
            None => (vec![R::default(); n], false),
        };
        let lender = Some(Arc::clone(shelf));
        (Self { values, lender }, used)
    }
}

impl<R: Real> From<Vec<R>> for Array<R> {
    fn from(values: Vec<R>) -> Self {
        Self {
            values,
            lender: None,
        }
    }
}

impl<R: Real> Deref for Array<R> {
    type Target = [R];

    fn deref(&self) -> &[R] {
        &self.values
    }
}

impl<R: Real> DerefMut for Array<R> {
    fn deref_mut(&mut self) -> &mut [R] {
        &mut self.values
    }
}

impl<R: Real> Clone for Array<R> {
    fn clone(&self) -> Self {
        match &self.lender {
            Some(shelf) => {
                let mut copy = Self::unwritten(shelf, self.values.len());
                copy.copy_from_slice(&self.values);
                copy
            }
            None => Self::from(self.values.clone()),
        }
    }
}

impl<R: Real> fmt::Debug for Array<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.values.fmt(f)
    }
}

impl<R: Real> Drop for Array<R> {
    fn drop(&mut self) {
        if let Some(shelf) = self.lender.take() {
            shelf.give_back(std::mem::take(&mut self.values));
        }
    }
}

/// Memory that is lent to arrays. What lies here and what is lent are never more together than what was lent
/// at once: keeping it does not raise the greatest amount of memory in use.
#[derive(Debug)]
pub(super) struct Shelf<R>(Mutex<Stock<R>>);

#[derive(Debug)]
struct Stock<R> {
    /// The last that came back is the first to go: it may still be in a cache.
    kept: Vec<Vec<R>>,
    in_stock: usize,
    lent: usize,
    most_lent: usize,
}

impl<R> Default for Shelf<R> {
    fn default() -> Self {
        Self(Mutex::new(Stock {
            kept: Vec::new(),
            in_stock: 0,
            lent: 0,
            most_lent: 0,
        }))
    }
}

impl<R> Shelf<R> {
    fn take(&self, n: usize) -> Option<Vec<R>> {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stock = &mut *guard;
        stock.lent += n;
        stock.most_lent = stock.most_lent.max(stock.lent);
        let found = stock.kept.iter().rposition(|values| values.len() == n);
        let taken = found.map(|place| stock.kept.remove(place));
        if taken.is_some() {
            stock.in_stock -= n;
        }
        let given_up = stock.given_up();
        drop(guard);
        // Outside the lock: what the system takes back takes its time.
        drop(given_up);
        taken
    }

    fn give_back(&self, values: Vec<R>) {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stock = &mut *guard;
        stock.lent -= values.len();
        stock.in_stock += values.len();
        stock.kept.push(values);
        let given_up = stock.given_up();
        drop(guard);
        drop(given_up);
    }
}

impl<R> Stock<R> {
    /// What has lain longest, as much of it as is over the greatest amount that was lent.
    fn given_up(&mut self) -> Vec<Vec<R>> {
        let mut count = 0;
        while self.lent + self.in_stock > self.most_lent
            && let Some(values) = self.kept.get(count)
        {
            self.in_stock -= values.len();
            count += 1;
        }
        self.kept.drain(..count).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Array, Shelf, WORTH_KEEPING};
    use std::sync::Arc;

    #[test]
    fn memory_comes_again_and_zeros_are_zero() {
        let shelf = Arc::new(Shelf::default());
        let mut first = Array::<f32>::zeros(&shelf, WORTH_KEEPING);
        first.fill(3.0);
        let place = first.as_ptr();
        drop(first);
        let second = Array::<f32>::zeros(&shelf, WORTH_KEEPING);
        assert_eq!(second.as_ptr(), place);
        assert!(second.iter().all(|&v| v == 0.0));
    }

    #[test]
    fn what_is_kept_never_exceeds_what_was_lent_at_once() {
        let shelf = Arc::new(Shelf::default());
        for k in 0..20 {
            drop(Array::<f64>::unwritten(&shelf, WORTH_KEEPING + k));
            let stock = shelf.0.lock().unwrap();
            assert_eq!(stock.lent, 0);
            assert!(stock.in_stock <= WORTH_KEEPING + k && stock.kept.len() == 1);
        }
        let pair = [7, 8].map(|k| Array::<f64>::zeros(&shelf, WORTH_KEEPING + k));
        let copies = pair.clone();
        assert_eq!(shelf.0.lock().unwrap().lent, 4 * WORTH_KEEPING + 30);
        drop((pair, copies));
        let stock = shelf.0.lock().unwrap();
        assert_eq!((stock.lent, stock.kept.len()), (0, 4));
        assert_eq!(stock.in_stock, stock.most_lent);
    }
}
