//! Separation of more than two categories.

use super::{
    super::error::GlmError,
    rows::{Points, Rows, packed},
};
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

/// What the passes of the search are called.
const PASS: &str = "search for separation";

/// Found: the direction in the stored coefficients, and how many rows it separates.
pub(super) fn near(
    rows: &Rows<'_>,
    candidates: &[&[f64]],
) -> Result<Option<(Vec<f64>, usize)>, GlmError> {
    let mut best: Option<(Vec<f64>, usize)> = None;
    for candidate in candidates {
        let most = most(rows, candidate)?;
        for share in [0.0, 0.2, 0.05, 1e-2, 1e-3, 1e-5] {
            let found = cleaned(rows, candidate, share * most)?;
            let count =
                |found: &Option<(Vec<f64>, usize)>| found.as_ref().map_or(0, |found| found.1);
            if count(&found) > count(&best) {
                best = found;
            }
        }
    }
    Ok(best)
}

/// By how much the row's own category gains on each slot, itself left out: zero there.
fn gains(predictors: &[f64], slot: usize) -> impl Iterator<Item = f64> {
    let own = predictors.get(slot).copied().unwrap_or(0.0);
    (0..=predictors.len()).map(move |c| own - predictors.get(c).copied().unwrap_or(0.0))
}

/// The most that a direction moves a pair of a row and a category.
fn most(rows: &Rows<'_>, direction: &[f64]) -> Result<f64, GlmError> {
    let mut most = 0.0_f64;
    rows.fold(
        Points::at(PASS, &[direction]),
        || 0.0_f64,
        |most, row| {
            let of_row = gains(row.at(0), row.slot);
            *most = of_row.fold(*most, |a, gain| a.max(gain.abs()));
        },
        |of_chunk| most = most.max(of_chunk),
    )?;
    Ok(most)
}

/// Which pairs of a row and a category are to be still. Nothing is kept a row, so that tables larger
/// than memory are searched as well.
struct Still {
    /// The candidate, and then the directions that some pairs lose along.
    points: Vec<Vec<f64>>,
    /// Pairs that the candidate moves by no more than this.
    least: f64,
}

/// The candidate without its part along the pairs of a row and a category that it moves by no more
/// than `least`, or the wrong way, if what is left separates.
fn cleaned(
    rows: &Rows<'_>,
    candidate: &[f64],
    least: f64,
) -> Result<Option<(Vec<f64>, usize)>, GlmError> {
    let mut direction = candidate.to_vec();
    let mut still = Still {
        points: vec![candidate.to_vec()],
        least,
    };
    for _ in 0..=rows.width() {
        match projected(rows, &direction, &still)? {
            Some(part) => direction = part,
            None => return Ok(None),
        }
        let length = norm(&direction);
        let (mut strict, mut violations) = (0, 0);
        rows.fold(
            Points {
                norms: true,
                ..Points::at(PASS, &[&direction])
            },
            || (0, 0),
            |(strict, violations), row| {
                let zero = ZERO * row.norm() * length;
                let (mut wins, mut loses) = (false, 0);
                for gain in gains(row.at(0), row.slot) {
                    loses += usize::from(gain < -zero);
                    wins |= gain > zero;
                }
                *violations += loses;
                *strict += usize::from(wins);
            },
            |(of_chunk, lost)| {
                strict += of_chunk;
                violations += lost;
            },
        )?;
        if violations == 0 {
            return Ok((strict > 0).then_some((direction, strict)));
        }
        still.points.push(direction.clone());
    }
    Ok(None)
}

/// The part of the direction that moves none of the pairs that are to be still.
fn projected(
    rows: &Rows<'_>,
    direction: &[f64],
    still: &Still,
) -> Result<Option<Vec<f64>>, GlmError> {
    let points: Vec<&[f64]> = still.points.iter().map(Vec::as_slice).collect();
    let lengths: Vec<f64> = points.iter().map(|point| norm(point)).collect();
    let at = Points {
        pass: PASS,
        stored: &points,
        norms: true,
    };
    let sums = rows.sum(at, |row, part| {
        let mut held: Vec<bool> = gains(row.at(0), row.slot)
            .map(|gain| gain <= still.least)
            .collect();
        for (k, length) in lengths.iter().enumerate().skip(1) {
            let zero = ZERO * row.norm() * length;
            for (held, gain) in held.iter_mut().zip(gains(row.at(k), row.slot)) {
                *held |= gain < -zero;
            }
        }
        // Σ (e_y − e_c)(e_y − e_c)ᵀ over the pairs, with nothing for the reference.
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
    })?;
    let Ok(eigen) = sums.products.self_adjoint_eigen(Side::Lower) else {
        return Ok(None);
    };
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
    Ok((norm(&part) > 1e-8 * norm(direction)).then_some(part))
}

fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|v| v * v).sum::<f64>().sqrt()
}
