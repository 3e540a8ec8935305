//! Indicators of categories that span what the terms span, and no more.
//!
//! A term crosses numbers and categories. Crossed with the same numbers, categories a and b span the
//! sum of four spaces: the constant, what a adds to it (indicators of all levels but one), what b
//! adds, and what both together add. A term brings those of its spaces that no term before it has
//! brought, and two of them are written as one where all levels of a factor do for both: the
//! constant and what a adds are all levels of a.

use std::collections::{HashMap, HashSet};

use fisherinfo::expression::number_text;

use super::{DesignError, MAXIMUM_COLUMNS, Values};

/// What the columns are made from.
pub(super) struct Model<'a> {
    /// The label of every factor.
    pub(super) labels: &'a [&'a str],
    /// Its values.
    pub(super) values: &'a [Values],
    /// For every term the positions of its factors.
    pub(super) terms: &'a [Vec<usize>],
    pub(super) intercept: bool,
    pub(super) rows: usize,
    /// Names a row.
    pub(super) place: &'a dyn Fn(usize) -> String,
}

/// Categories coded by indicators of all their levels or of all but the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Coded {
    factor: usize,
    all_levels: bool,
}

/// What terms come to.
pub(super) struct Coding {
    /// The names of the columns.
    pub(super) names: Vec<String>,
    pub(super) columns: Vec<Vec<f64>>,
    /// For every term the position after its last column.
    pub(super) ends: Vec<usize>,
}

/// The names and the columns of a model.
pub(super) fn columns(model: &Model<'_>) -> Result<Coding, DesignError> {
    let mut names = Vec::new();
    let mut columns = Vec::new();
    let mut ends = Vec::with_capacity(model.terms.len());
    // The spaces spanned so far: for the same numbers, sets of categories.
    let mut spanned: HashMap<Vec<usize>, HashSet<Vec<usize>>> = HashMap::new();
    if model.intercept {
        names.push("Intercept".to_owned());
        columns.push(vec![1.0; model.rows]);
        spanned.entry(Vec::new()).or_default().insert(Vec::new());
    }
    for term in model.terms {
        let (categories, mut numbers): (Vec<usize>, Vec<usize>) = term
            .iter()
            .partition(|&&factor| matches!(model.values[factor], Values::Categories(_)));
        numbers.sort_unstable();
        let before = spanned.entry(numbers).or_default();
        let mut new: Vec<Vec<usize>> = subsets(&categories);
        new.retain(|subset| {
            let mut key = subset.clone();
            key.sort_unstable();
            before.insert(key)
        });
        let pieces = merged(&new);
        let found = columns.len() + pieces.iter().map(|piece| model.count(piece)).sum::<usize>();
        if found > MAXIMUM_COLUMNS {
            let labels: Vec<&str> = term.iter().map(|&factor| model.labels[factor]).collect();
            return Err(DesignError::TooManyColumns {
                term: labels.join(":"),
                found,
                limit: MAXIMUM_COLUMNS,
            });
        }
        for piece in pieces {
            model.write(term, &piece, &mut names, &mut columns)?;
        }
        ends.push(columns.len());
    }
    Ok(Coding {
        names,
        columns,
        ends,
    })
}

/// Every subset, the smaller first, otherwise in the order of `factors`.
fn subsets(factors: &[usize]) -> Vec<Vec<usize>> {
    let mut positions: Vec<Vec<usize>> = (0..1usize << factors.len())
        .map(|bits| {
            let chosen = |position: &usize| bits >> position & 1 == 1;
            (0..factors.len()).filter(chosen).collect()
        })
        .collect();
    positions.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    let factor = |position: usize| factors[position];
    positions
        .into_iter()
        .map(|subset| subset.into_iter().map(factor).collect())
        .collect()
}

/// Writes spaces together as long as there are two that differ by what one factor adds: all levels
/// of that factor span both.
fn merged(spaces: &[Vec<usize>]) -> Vec<Vec<Coded>> {
    let mut pieces: Vec<Vec<Coded>> = spaces
        .iter()
        .map(|space| {
            let reduced = |&factor| Coded {
                factor,
                all_levels: false,
            };
            space.iter().map(reduced).collect()
        })
        .collect();
    while let Some((short, long, position)) = next_merge(&pieces) {
        pieces[long][position].all_levels = true;
        pieces.remove(short);
    }
    pieces
}

/// The first piece that another holds but for one factor; that other, and the factor's place in it.
fn next_merge(pieces: &[Vec<Coded>]) -> Option<(usize, usize, usize)> {
    for (short, small) in pieces.iter().enumerate() {
        for (long, large) in pieces.iter().enumerate().skip(short + 1) {
            if large.len() != small.len() + 1 || !small.iter().all(|coded| large.contains(coded)) {
                continue;
            }
            if let Some(position) = large.iter().position(|coded| !small.contains(coded)) {
                return Some((short, long, position));
            }
        }
    }
    None
}

impl Model<'_> {
    /// The number of columns of a piece.
    fn count(&self, piece: &[Coded]) -> usize {
        piece
            .iter()
            .map(|&coded| self.levels(coded))
            .fold(1, usize::saturating_mul)
    }

    /// How many levels have an indicator.
    fn levels(&self, coded: Coded) -> usize {
        match &self.values[coded.factor] {
            Values::Categories(categories) => {
                categories.levels.len() - usize::from(!coded.all_levels)
            }
            Values::Numbers(_) => 0,
        }
    }

    /// Adds the columns of a piece of a term; the levels of its first categories vary fastest.
    fn write(
        &self,
        term: &[usize],
        piece: &[Coded],
        names: &mut Vec<String>,
        columns: &mut Vec<Vec<f64>>,
    ) -> Result<(), DesignError> {
        for index in 0..self.count(piece) {
            let mut rest = index;
            let mut parts = Vec::new();
            let mut column = vec![1.0; self.rows];
            for &factor in term {
                let label = self.labels[factor];
                match &self.values[factor] {
                    Values::Numbers(values) => {
                        parts.push(label.to_owned());
                        for (cell, value) in column.iter_mut().zip(values) {
                            *cell *= value;
                        }
                    }
                    Values::Categories(categories) => {
                        let coded = piece.iter().find(|coded| coded.factor == factor);
                        let Some(&coded) = coded else { continue };
                        let count = self.levels(coded);
                        let level = rest % count;
                        let skipped = !coded.all_levels && level >= categories.reference;
                        let level = level + usize::from(skipped);
                        rest /= count;
                        parts.push(format!("{label}[{}]", categories.levels[level]));
                        for (cell, &code) in column.iter_mut().zip(&categories.codes) {
                            if code != level {
                                *cell = 0.0;
                            }
                        }
                    }
                }
            }
            let name = parts.join(":");
            if let Some(row) = column.iter().position(|cell| !cell.is_finite()) {
                return Err(self.overflow(term, name, row, column[row]));
            }
            names.push(name);
            columns.push(column);
        }
        Ok(())
    }

    /// The error of a product of numbers that is too large.
    fn overflow(&self, term: &[usize], name: String, row: usize, value: f64) -> DesignError {
        let inputs: Vec<String> = term
            .iter()
            .filter_map(|&factor| match &self.values[factor] {
                Values::Numbers(values) => Some(format!(
                    "{} = {}",
                    self.labels[factor],
                    number_text(values[row])
                )),
                Values::Categories(_) => None,
            })
            .collect();
        DesignError::NotFinite {
            place: (self.place)(row),
            term: name,
            value,
            inputs: inputs.join(", "),
        }
    }
}
