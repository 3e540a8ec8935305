//! The algebra of terms: sums, products, interactions.

use std::collections::HashSet;

use super::FormulaProblem;

/// How many terms a formula may have.
pub const MAXIMUM_TERMS: usize = 16_384;

/// How many factors a term may cross.
pub const MAXIMUM_ORDER: usize = 8;

/// A sum of different terms in the order in which they were added. A term is the list of its
/// factors, each a number, in the order in which they were crossed.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    list: Vec<Vec<usize>>,
    /// The terms with their factors in ascending order: `a:b` is `b:a`.
    keys: HashSet<Vec<usize>>,
    /// `Some(true)` where an intercept was added, `Some(false)` where it was removed.
    pub(super) intercept: Option<bool>,
    /// The factors whose coefficient is one.
    pub(super) offsets: Vec<usize>,
}

fn key(term: &[usize]) -> Vec<usize> {
    let mut key = term.to_vec();
    key.sort_unstable();
    key
}

impl Terms {
    /// The term of a single factor.
    pub(super) fn of_factor(factor: usize) -> Self {
        Self {
            list: vec![vec![factor]],
            keys: HashSet::from([vec![factor]]),
            ..Self::default()
        }
    }

    /// An offset.
    pub(super) fn of_offset(factor: usize) -> Self {
        Self {
            offsets: vec![factor],
            ..Self::default()
        }
    }

    /// Whether there is no term and no offset.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty() && self.offsets.is_empty()
    }

    /// The intercept, added or removed.
    pub(super) fn of_intercept(added: bool) -> Self {
        Self {
            intercept: Some(added),
            ..Self::default()
        }
    }

    fn insert(&mut self, term: Vec<usize>) -> Result<(), FormulaProblem> {
        if self.keys.insert(key(&term)) {
            if self.list.len() == MAXIMUM_TERMS {
                return Err(FormulaProblem::TooManyTerms {
                    limit: MAXIMUM_TERMS,
                });
            }
            self.list.push(term);
        }
        Ok(())
    }

    /// `self + other`.
    pub(super) fn add(&mut self, other: Self) -> Result<(), FormulaProblem> {
        for term in other.list {
            self.insert(term)?;
        }
        self.intercept = other.intercept.or(self.intercept);
        for factor in other.offsets {
            if !self.offsets.contains(&factor) {
                self.offsets.push(factor);
            }
        }
        Ok(())
    }

    /// `self - other`; `name` prints a term.
    pub(super) fn remove(
        &mut self,
        other: &Self,
        name: impl Fn(&[usize]) -> String,
    ) -> Result<(), FormulaProblem> {
        if !other.offsets.is_empty() {
            return Err(FormulaProblem::OffsetInside);
        }
        for term in &other.list {
            let key = key(term);
            if !self.keys.remove(&key) {
                return Err(FormulaProblem::NotThere { term: name(term) });
            }
            self.list.retain(|kept| self::key(kept) != key);
        }
        match other.intercept {
            Some(true) => self.intercept = Some(false),
            Some(false) => return Err(FormulaProblem::InterceptInside),
            None => {}
        }
        Ok(())
    }

    /// The terms, an intercept that was written among them as the term that crosses nothing.
    fn with_empty(&self) -> impl Iterator<Item = Vec<usize>> {
        let empty = (self.intercept == Some(true)).then(Vec::new);
        empty.into_iter().chain(self.list.iter().cloned())
    }

    /// `self:other`.
    pub(super) fn cross(&self, other: &Self) -> Result<Self, FormulaProblem> {
        if self.intercept == Some(false) || other.intercept == Some(false) {
            return Err(FormulaProblem::InterceptInside);
        }
        if !self.offsets.is_empty() || !other.offsets.is_empty() {
            return Err(FormulaProblem::OffsetInside);
        }
        let mut crossed = Self::default();
        for left in self.with_empty() {
            for right in other.with_empty() {
                let mut term = left.clone();
                term.extend(right.iter().filter(|factor| !left.contains(factor)));
                if term.len() > MAXIMUM_ORDER {
                    return Err(FormulaProblem::OrderTooHigh {
                        limit: MAXIMUM_ORDER,
                    });
                }
                if term.is_empty() {
                    crossed.intercept = Some(true);
                } else {
                    crossed.insert(term)?;
                }
            }
        }
        Ok(crossed)
    }

    /// `self*other`.
    pub(super) fn product(mut self, other: Self) -> Result<Self, FormulaProblem> {
        let crossed = self.cross(&other)?;
        self.add(other)?;
        self.add(crossed)?;
        Ok(self)
    }

    /// The terms by ascending number of factors, otherwise in the order in which they were added.
    pub(super) fn into_ordered(self) -> Vec<Vec<usize>> {
        let mut list = self.list;
        list.sort_by_key(Vec::len);
        list
    }
}
