//! Separation: directions along which the likelihood grows for ever.

use super::{
    design::Design,
    family::Family,
    kernel::ROWS,
    pass::{predictors, weighted_products},
};
use faer::Side;
use fisherinfo::{coordinates::link::Link, information::Direction};
use std::fmt;

/// A combination of terms that splits the responses, so that no finite estimate is best.
///
/// Along the direction d every observation that is all successes has x·d ≥ 0, every one that is
/// all failures has x·d ≤ 0, and every mixed one has x·d = 0 (counts: x·d ≤ 0 at zero, x·d = 0
/// elsewhere); the likelihood then never falls along d. The inequalities were verified on every
/// observation.
///
/// Source: Albert & Anderson, On the existence of maximum likelihood estimates in logistic
/// regression models, Biometrika 71 (1984).
#[derive(Clone, Debug, PartialEq)]
pub struct Separation {
    /// The combination that separates; the intercept's part is left out unless it is all there is.
    pub direction: Direction,
    /// Observations with x·d ≠ 0: their fitted means run to the end of the family's mean space.
    pub rows: usize,
    /// All observations.
    pub of: usize,
    /// The family of the response.
    pub family: Family,
}

impl Separation {
    /// Is every observation separated? Otherwise the separation is quasi-complete: on the rest
    /// the combination says nothing.
    pub fn is_complete(&self) -> bool {
        self.rows == self.of
    }
}

impl fmt::Display for Separation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_complete() {
            "complete"
        } else {
            "quasi-complete"
        };
        write!(
            f,
            "{kind} separation: {} tells the response of {} of {} observations without error, so \
             the likelihood grows for ever along it and its estimate is infinite; leave out a term \
             of that combination, gather observations on both sides, or take Firth's correction, \
             whose estimates are finite (--firth)",
            self.direction, self.rows, self.of
        )
    }
}

/// What a row asks of x·d.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Up,
    Down,
    Still,
}

/// |x·d| up to this share of ‖x‖‖d‖ is zero: what rounding leaves of a direction that is orthogonal.
/// Much more than that, and an outlier would hide the differences between all other rows.
const ZERO: f64 = 1e-12;

/// The size of η from which a fitted mean is so near the end of its space (1e-5) that the
/// estimates may be running off; none where the link has no such end.
pub(super) fn suspicious_from(family: Family, link: Link) -> Option<f64> {
    match (family, link) {
        (Family::Binomial, Link::Logit) => Some(11.0),
        (Family::Binomial, Link::Probit) => Some(4.2),
        (Family::Binomial, Link::Cloglog) => Some(2.4),
        (Family::Binomial, Link::Cauchit) => Some(3.1e4),
        (Family::Poisson, Link::Log) => Some(10.0),
        _ => None,
    }
}

/// The response of a regression, as the search sees it.
pub(super) struct Search<'a> {
    pub(super) design: &'a Design,
    pub(super) family: Family,
    pub(super) response: &'a [f64],
    pub(super) trials: Option<&'a [f64]>,
    pub(super) terms: &'a [String],
    pub(super) intercept: Option<usize>,
}

impl Search<'_> {
    fn side(&self, row: usize) -> Way {
        let y = self.response[row];
        match self.family {
            Family::Binomial if y == self.trials.map_or(1.0, |m| m[row]) => Way::Up,
            _ if y == 0.0 => Way::Down,
            _ => Way::Still,
        }
    }

    /// Looks for a separating direction near the late iterates and steps, and verifies it.
    pub(super) fn near(&self, candidates: &[&[f64]]) -> Option<Separation> {
        let norms = self.norms();
        // Steps move separated rows by about one and the others by little, but how little depends
        // on how late it is. The largest separation says whether it is complete.
        let mut best: Option<Separation> = None;
        for candidate in candidates {
            for share in [0.0, 0.2, 0.05, 1e-2, 1e-3, 1e-5] {
                let found = self.cleaned(candidate, share, &norms);
                let rows =
                    |separation: &Option<Separation>| separation.as_ref().map_or(0, |s| s.rows);
                if rows(&found) > rows(&best) {
                    best = found;
                }
                if rows(&best) == self.design.rows {
                    return best;
                }
            }
        }
        best
    }

    /// The candidate without its part along the rows that it moves by less than `share` of the
    /// most, if what is left separates.
    fn cleaned(&self, candidate: &[f64], share: f64, norms: &[f64]) -> Option<Separation> {
        let mut direction = candidate.to_vec();
        let moved = predictors(self.design, &direction);
        let most = moved.iter().fold(0.0_f64, |a, t| a.max(t.abs()));
        let mut still: Vec<bool> = moved
            .iter()
            .enumerate()
            .map(|(row, &t)| t.abs() <= share * most || self.violates(row, t, 0.0))
            .collect();
        // Each round takes at least one more dimension away.
        for _ in 0..=self.design.width {
            if still.iter().any(|&still| still) {
                direction = self.projected(&direction, &still)?;
            }
            let moved = predictors(self.design, &direction);
            let length = norm(&direction);
            let (mut strict, mut violations) = (0, 0);
            for (row, &t) in moved.iter().enumerate() {
                let zero = ZERO * norms[row] * length;
                if self.violates(row, t, zero) {
                    still[row] = true;
                    violations += 1;
                } else if t.abs() > zero {
                    strict += 1;
                }
            }
            if violations == 0 {
                return (strict > 0).then(|| self.separation(&direction, strict));
            }
        }
        None
    }

    fn violates(&self, row: usize, moved: f64, zero: f64) -> bool {
        match self.side(row) {
            Way::Up => moved < -zero,
            Way::Down => moved > zero,
            Way::Still => moved.abs() > zero,
        }
    }

    /// The part of the direction that moves none of the rows in `still`.
    fn projected(&self, direction: &[f64], still: &[bool]) -> Option<Vec<f64>> {
        let products = weighted_products(self.design, |row| if still[row] { 1.0 } else { 0.0 });
        let eigen = products.self_adjoint_eigen(Side::Lower).ok()?;
        let (values, vectors) = (eigen.S().column_vector(), eigen.U());
        let size = self.design.width;
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

    fn norms(&self) -> Vec<f64> {
        let mut squares = vec![0.0; self.design.rows];
        for (block, squares) in squares.chunks_mut(ROWS).enumerate() {
            for column in self.design.block(block).chunks_exact(ROWS) {
                for (sum, z) in squares.iter_mut().zip(column) {
                    *sum += z * z;
                }
            }
        }
        squares.into_iter().map(f64::sqrt).collect()
    }

    fn separation(&self, direction: &[f64], rows: usize) -> Separation {
        Separation {
            direction: named(self.design, self.terms, self.intercept, direction),
            rows,
            of: self.design.rows,
            family: self.family,
        }
    }
}

fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|v| v * v).sum::<f64>().sqrt()
}

/// A direction of the stored coefficients in the terms that were given, without the intercept
/// unless nothing else is in it.
pub(super) fn named(
    design: &Design,
    terms: &[String],
    intercept: Option<usize>,
    direction: &[f64],
) -> Direction {
    let mut raw: Vec<f64> = (0..design.width)
        .map(|j| {
            (0..design.width)
                .map(|i| design.to_raw[(j, i)] * direction[i])
                .sum()
        })
        .collect();
    // A term's part in the predictor is its coefficient in units of its spread.
    let parts: Vec<f64> = (0..design.width)
        .map(|j| (raw[j] * design.spread[j]).abs())
        .collect();
    let largest = (0..design.width)
        .filter(|&j| Some(j) != intercept)
        .map(|j| parts[j])
        .fold(0.0, f64::max);
    let only_intercept = largest <= 1e-8 * norm(direction);
    for j in 0..design.width {
        let keep = if only_intercept {
            Some(j) == intercept
        } else {
            Some(j) != intercept && parts[j] > 1e-8 * largest
        };
        if !keep {
            raw[j] = 0.0;
        }
    }
    Direction::new(terms, raw)
}
