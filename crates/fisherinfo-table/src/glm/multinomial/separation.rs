//! Separation of more than two categories.

use super::rows::{Rows, packed};
use faer::Side;
use fisherinfo::information::Direction;
use std::fmt;

/// A combination of parameters along which no observation's own category loses against another.
///
/// With d_c the part of the direction that belongs to category c (zero for the reference), every
/// observation x of category y has x·(d_y − d_c) ≥ 0 for all c, and some more than zero: the likelihood
/// never falls along d. The inequalities were verified on every observation.
///
/// Source: Albert & Anderson, On the existence of maximum likelihood estimates in logistic
/// regression models, Biometrika 71 (1984).
#[derive(Clone, Debug, PartialEq)]
pub struct MultinomialSeparation {
    /// The combination that separates.
    pub direction: Direction,
    /// Observations whose category wins against some other.
    pub rows: usize,
    /// All observations.
    pub of: usize,
}

impl fmt::Display for MultinomialSeparation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "separation: along {} no observation's category loses against another, and that of {} of {} \
             observations wins against some, so the likelihood grows for ever along it and its \
             estimate is infinite; leave out a term of that combination, merge categories, or gather \
             observations",
            self.direction, self.rows, self.of
        )
    }
}

/// |x·d| up to this share of ‖x‖‖d‖ is zero.
const ZERO: f64 = 1e-12;

/// Found: the direction in the stored coefficients, and how many rows it separates.
pub(super) fn near(rows: &Rows<'_>, candidates: &[&[f64]]) -> Option<(Vec<f64>, usize)> {
    let norms = norms(rows);
    let mut best: Option<(Vec<f64>, usize)> = None;
    for candidate in candidates {
        for share in [0.0, 0.2, 0.05, 1e-2, 1e-3, 1e-5] {
            let found = cleaned(rows, candidate, share, &norms);
            let count =
                |found: &Option<(Vec<f64>, usize)>| found.as_ref().map_or(0, |found| found.1);
            if count(&found) > count(&best) {
                best = found;
            }
        }
    }
    best
}

/// By how much the row's own category gains on each slot, itself left out: zero there.
fn gains(predictors: &[f64], slot: usize) -> Vec<f64> {
    let of = |slot: usize| predictors.get(slot).copied().unwrap_or(0.0);
    (0..=predictors.len()).map(|c| of(slot) - of(c)).collect()
}

/// The candidate without its part along the pairs of a row and a category that it moves by less than
/// `share` of the most, or the wrong way, if what is left separates.
fn cleaned(
    rows: &Rows<'_>,
    candidate: &[f64],
    share: f64,
    norms: &[f64],
) -> Option<(Vec<f64>, usize)> {
    let mut direction = candidate.to_vec();
    let mut moved = moved(rows, &direction);
    let most = moved.iter().fold(0.0_f64, |a, t| a.max(t.abs()));
    let mut still: Vec<bool> = moved.iter().map(|&t| t <= share * most).collect();
    for _ in 0..=rows.width() {
        direction = projected(rows, &direction, &still)?;
        moved = self::moved(rows, &direction);
        let length = norm(&direction);
        let categories = rows.predictors + 1;
        let (mut strict, mut violations) = (0, 0);
        for (row, gains) in moved.chunks_exact(categories).enumerate() {
            let zero = ZERO * norms[row] * length;
            for (c, &gain) in gains.iter().enumerate() {
                if gain < -zero {
                    still[row * categories + c] = true;
                    violations += 1;
                }
            }
            if gains.iter().any(|&gain| gain > zero) {
                strict += 1;
            }
        }
        if violations == 0 {
            return (strict > 0).then_some((direction, strict));
        }
    }
    None
}

/// The gains of every row, one after the other.
fn moved(rows: &Rows<'_>, direction: &[f64]) -> Vec<f64> {
    let width = rows.design.width;
    let predictors: Vec<Vec<f64>> = direction
        .chunks_exact(width)
        .map(|direction| super::super::pass::predictors(rows.design, direction))
        .collect();
    (0..rows.slots.len())
        .flat_map(|row| {
            let of_row: Vec<f64> = predictors.iter().map(|eta| eta[row]).collect();
            gains(&of_row, rows.slots[row])
        })
        .collect()
}

/// The part of the direction that moves none of the pairs in `still`.
fn projected(rows: &Rows<'_>, direction: &[f64], still: &[bool]) -> Option<Vec<f64>> {
    let categories = rows.predictors + 1;
    let none = vec![0.0; rows.width()];
    let sums = rows.sum(&none, |row, part| {
        // Σ (e_y − e_c)(e_y − e_c)ᵀ over the pairs, with nothing for the reference.
        let held = &still[row.index * categories..][..categories];
        for (c, _) in held
            .iter()
            .enumerate()
            .filter(|(c, held)| **held && *c != row.slot)
        {
            for (slot, other) in [(row.slot, row.slot), (c, c)] {
                if slot < rows.predictors {
                    part.weight[packed(slot, other)] += 1.0;
                }
            }
            let (high, low) = (row.slot.max(c), row.slot.min(c));
            if high < rows.predictors {
                part.weight[packed(high, low)] -= 1.0;
            }
        }
        [0.0, 0.0]
    });
    let eigen = sums.products.self_adjoint_eigen(Side::Lower).ok()?;
    let (values, vectors) = (eigen.S().column_vector(), eigen.U());
    let size = rows.width();
    let largest = (0..size).map(|j| values[j]).fold(0.0, f64::max);
    let mut part = vec![0.0; size];
    for j in (0..size).filter(|&j| values[j] <= 1e-13 * largest) {
        let along: f64 = (0..size).map(|i| vectors[(i, j)] * direction[i]).sum();
        for (i, entry) in part.iter_mut().enumerate() {
            *entry += along * vectors[(i, j)];
        }
    }
    (norm(&part) > 1e-8 * norm(direction)).then_some(part)
}

fn norms(rows: &Rows<'_>) -> Vec<f64> {
    let mut z = vec![0.0; rows.design.width];
    (0..rows.slots.len())
        .map(|row| {
            rows.design.row(row, &mut z);
            norm(&z)
        })
        .collect()
}

fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|v| v * v).sum::<f64>().sqrt()
}
