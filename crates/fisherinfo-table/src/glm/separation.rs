//! Separation: directions along which the likelihood grows for ever.

use super::{
    chunk::{Chunk, Chunks},
    design::Design,
    error::GlmError,
    family::Family,
    kernel::{ROWS, linear_predictor},
    weighted::weighted_products,
};
use faer::Side;
use fisherinfo::{coordinates::link::Link, information::Direction};
use pulp::Arch;
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
pub(super) const ZERO: f64 = 1e-12;

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

/// Does a row move the wrong way, by more than `zero`?
pub(super) fn violates(
    family: Family,
    chunk: &Chunk<'_>,
    row: usize,
    moved: f64,
    zero: f64,
) -> bool {
    let y = chunk.response[row];
    let way = match family {
        Family::Binomial if y == chunk.trials_of(row) => Way::Up,
        _ if y == 0.0 => Way::Down,
        _ => Way::Still,
    };
    match way {
        Way::Up => moved < -zero,
        Way::Down => moved > zero,
        Way::Still => moved.abs() > zero,
    }
}

/// A search for what separates the responses of a regression.
pub(super) struct Search<'a> {
    pub(super) chunks: Chunks<'a>,
    pub(super) family: Family,
    pub(super) terms: &'a [String],
    pub(super) intercept: Option<usize>,
}

/// Which rows are to be still: nothing is kept a row, so that tables larger than memory are searched
/// as well, and what was found about a row is found again.
struct Still<'a> {
    candidate: &'a [f64],
    /// Rows that the candidate moves by no more than this.
    least: f64,
    /// Directions that some rows violate.
    rounds: Vec<Vec<f64>>,
}

/// What a direction does to the rows of a block.
struct Moved {
    by: [f64; ROWS],
    /// Movement up to here is rounding.
    zero: [f64; ROWS],
}

impl Moved {
    fn new(chunk: &Chunk<'_>, block: usize, direction: &[f64]) -> Self {
        let (mut by, mut zero) = ([0.0; ROWS], [0.0; ROWS]);
        let values = chunk.block(block);
        linear_predictor(Arch::new(), values, direction, &mut by);
        for column in values.chunks_exact(ROWS) {
            for (sum, z) in zero.iter_mut().zip(column) {
                *sum += z * z;
            }
        }
        let length = norm(direction);
        for square in &mut zero {
            *square = ZERO * square.sqrt() * length;
        }
        Self { by, zero }
    }
}

impl Search<'_> {
    /// Looks for a separating direction near the late iterates and steps, and verifies it.
    pub(super) fn near(&self, candidates: &[&[f64]]) -> Result<Option<Separation>, GlmError> {
        // Steps move separated rows by about one and the others by little, but how little depends
        // on how late it is. The largest separation says whether it is complete.
        let mut best: Option<Separation> = None;
        for candidate in candidates {
            let most = self.most(candidate)?;
            for share in [0.0, 0.2, 0.05, 1e-2, 1e-3, 1e-5] {
                let found = self.cleaned(candidate, share * most)?;
                let rows =
                    |separation: &Option<Separation>| separation.as_ref().map_or(0, |s| s.rows);
                if rows(&found) > rows(&best) {
                    best = found;
                }
                if rows(&best) == self.chunks.design.rows {
                    return Ok(best);
                }
            }
        }
        Ok(best)
    }

    /// The most that the direction moves a row.
    fn most(&self, direction: &[f64]) -> Result<f64, GlmError> {
        let mut most = 0.0_f64;
        self.chunks.fold(
            PASS,
            |chunk| {
                let mut most = 0.0_f64;
                for block in 0..chunk.blocks() {
                    let moved = Moved::new(chunk, block, direction);
                    let moved = &moved.by[..chunk.rows_in(block)];
                    most = moved.iter().fold(most, |a, t| a.max(t.abs()));
                }
                Ok(most)
            },
            |of_chunk| most = most.max(of_chunk),
        )?;
        Ok(most)
    }

    /// The candidate without its part along the rows that it moves by no more than `least`, if what
    /// is left separates.
    fn cleaned(&self, candidate: &[f64], least: f64) -> Result<Option<Separation>, GlmError> {
        let mut direction = candidate.to_vec();
        let mut still = Still {
            candidate,
            least,
            rounds: Vec::new(),
        };
        // Each round takes at least one more dimension away.
        for _ in 0..=self.chunks.width() {
            match self.projected(&direction, &still)? {
                Some(part) => direction = part,
                None => return Ok(None),
            }
            let (mut strict, mut violations) = (0, 0);
            self.chunks.fold(
                PASS,
                |chunk| Ok(self.counted(chunk, &direction)),
                |(moved, violating)| {
                    strict += moved;
                    violations += violating;
                },
            )?;
            if violations == 0 {
                return Ok((strict > 0).then(|| self.separation(&direction, strict)));
            }
            still.rounds.push(direction.clone());
        }
        Ok(None)
    }

    /// Rows of a chunk that the direction moves as they want it, and those it moves otherwise.
    fn counted(&self, chunk: &Chunk<'_>, direction: &[f64]) -> (usize, usize) {
        let (mut strict, mut violations) = (0, 0);
        for block in 0..chunk.blocks() {
            let moved = Moved::new(chunk, block, direction);
            for i in 0..chunk.rows_in(block) {
                let (t, zero) = (moved.by[i], moved.zero[i]);
                if self.violates(chunk, block * ROWS + i, t, zero) {
                    violations += 1;
                } else if t.abs() > zero {
                    strict += 1;
                }
            }
        }
        (strict, violations)
    }

    fn violates(&self, chunk: &Chunk<'_>, row: usize, moved: f64, zero: f64) -> bool {
        violates(self.family, chunk, row, moved, zero)
    }

    /// Is one for the rows of a block that are to be still, and zero for others.
    fn still(&self, still: &Still<'_>, chunk: &Chunk<'_>, block: usize, out: &mut [f64]) {
        let moved = Moved::new(chunk, block, still.candidate);
        for (i, out) in out.iter_mut().enumerate() {
            let t = moved.by[i];
            let is_still = t.abs() <= still.least || self.violates(chunk, block * ROWS + i, t, 0.0);
            *out = f64::from(is_still);
        }
        for direction in &still.rounds {
            let moved = Moved::new(chunk, block, direction);
            for (i, out) in out.iter_mut().enumerate() {
                if self.violates(chunk, block * ROWS + i, moved.by[i], moved.zero[i]) {
                    *out = 1.0;
                }
            }
        }
    }

    /// The part of the direction that moves none of the rows that are to be still.
    fn projected(
        &self,
        direction: &[f64],
        still: &Still<'_>,
    ) -> Result<Option<Vec<f64>>, GlmError> {
        let products = weighted_products(self.chunks, PASS, |chunk, block, out| {
            self.still(still, chunk, block, out);
            Ok(())
        })?;
        let size = self.chunks.width();
        // No row is to be still.
        if (0..size).all(|j| products[(j, j)] == 0.0) {
            return Ok(Some(direction.to_vec()));
        }
        let Ok(eigen) = products.self_adjoint_eigen(Side::Lower) else {
            return Ok(None);
        };
        let (values, vectors) = (eigen.S().column_vector(), eigen.U());
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

    fn separation(&self, direction: &[f64], rows: usize) -> Separation {
        Separation {
            direction: named(self.chunks.design, self.terms, self.intercept, direction),
            rows,
            of: self.chunks.design.rows,
            family: self.family,
        }
    }
}

/// What a pass of the search is called.
const PASS: &str = "search for separation";

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
