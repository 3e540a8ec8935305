//! Separation where a factor has many levels.

use super::{
    super::{
        chunk::Chunk,
        error::GlmError,
        family::Family,
        kernel::ROWS,
        rows::Tally,
        separation::{Separation, ZERO, named, suspicious_from, violates},
    },
    LevelRegression,
    sums::Point,
};
use faer::Side;
use fisherinfo::coordinates::link::Link;

/// Levels that are named in an error.
const NAMED: usize = 5;

impl LevelRegression {
    /// Levels whose responses are all at one end of what the family has, so that the likelihood grows for
    /// ever along their own coefficient: for a binomial response all successes or all failures, for
    /// counts all zero. The estimates of everything else are those without the rows of these levels.
    pub fn separated_levels(&self, family: Family, link: Link) -> Vec<usize> {
        if suspicious_from(family, link).is_none() {
            return Vec::new();
        }
        let (mut any, mut rest) = (
            vec![false; self.levels.len()],
            vec![family != Family::Binomial; self.levels.len()],
        );
        let regression = &self.regression;
        for (row, (&code, y)) in self.codes.iter().zip(&regression.response).enumerate() {
            let trials = regression.trials.as_ref().map_or(1.0, |trials| trials[row]);
            any[code] |= *y > 0.0;
            rest[code] |= family == Family::Binomial && *y < trials;
        }
        let both = any.iter().zip(rest).map(|(any, rest)| *any && rest);
        both.enumerate()
            .filter_map(|(level, both)| (!both).then_some(level))
            .collect()
    }

    pub(super) fn require_levels_apart(&self, family: Family, link: Link) -> Result<(), GlmError> {
        let separated = self.separated_levels(family, link);
        if separated.is_empty() {
            return Ok(());
        }
        let shown = separated.iter().take(NAMED);
        let mut names: Vec<String> = shown.map(|&level| self.levels[level].clone()).collect();
        if separated.len() > NAMED {
            names.push(format!("{} more", separated.len() - NAMED));
        }
        Err(GlmError::SeparatedLevels {
            factor: self.factor.clone(),
            levels: names.join(", "),
            count: separated.len(),
            of: self.levels.len(),
        })
    }

    /// The error of estimates that run off.
    pub(super) fn running_off(
        &self,
        family: Family,
        link: Link,
        point: &Point,
        step: &Point,
    ) -> Result<GlmError, GlmError> {
        if suspicious_from(family, link).is_some()
            && let Some(error) = self.separation(family, point, step)?
        {
            return Ok(error);
        }
        Ok(GlmError::Diverging {
            direction: self.direction(step),
        })
    }

    /// The terms of a direction; where it has none, the factor.
    fn direction(&self, step: &Point) -> String {
        let regression = &self.regression;
        if step.stored.iter().all(|b| *b == 0.0) {
            return format!("levels of «{}»", self.factor);
        }
        let terms = &regression.terms;
        named(&regression.design, terms, None, &step.stored).to_string()
    }

    /// Looks for a separating direction near a late iterate and step, and verifies it on every row.
    pub(super) fn separation(
        &self,
        family: Family,
        point: &Point,
        step: &Point,
    ) -> Result<Option<GlmError>, GlmError> {
        let mut best: Option<(Point, usize)> = None;
        for candidate in [point, step] {
            let most = self.most(candidate)?;
            for share in [0.0, 0.2, 0.05, 1e-2, 1e-3, 1e-5] {
                let Some(direction) = self.projected(family, candidate, share * most)? else {
                    continue;
                };
                let rows = self.separated_rows(family, &direction)?;
                if rows > best.as_ref().map_or(0, |(_, rows)| *rows) {
                    best = Some((direction, rows));
                }
            }
        }
        Ok(best.map(|(direction, rows)| {
            let design = &self.regression.design;
            GlmError::Separation(Separation {
                direction: named(design, &self.regression.terms, None, &direction.stored),
                rows,
                of: self.rows(),
                family,
            })
        }))
    }

    /// The most that a direction moves a row.
    fn most(&self, direction: &Point) -> Result<f64, GlmError> {
        let mut most = 0.0_f64;
        self.chunks(None).fold(
            "",
            |chunk| {
                let mut most = 0.0_f64;
                over_rows(chunk, direction, |_, moved, _| most = most.max(moved.abs()));
                Ok(most)
            },
            |of_chunk| most = most.max(of_chunk),
        )?;
        Ok(most)
    }

    /// The part of the candidate that moves none of the rows that it moves by no more than `least`, or
    /// the wrong way.
    fn projected(
        &self,
        family: Family,
        candidate: &Point,
        least: f64,
    ) -> Result<Option<Point>, GlmError> {
        let held = self.sums(|chunk, block, terms| {
            candidate.predictors(chunk, block, &mut terms.predictor);
            terms.weight.fill(0.0);
            terms.score.fill(0.0);
            for i in 0..chunk.rows_in(block) {
                let moved = terms.predictor[i];
                let still =
                    moved.abs() <= least || violates(family, chunk, block * ROWS + i, moved, 0.0);
                terms.weight[i] = f64::from(still);
            }
            Tally::NOTHING
        })?;
        let size = candidate.stored.len();
        let complement = held.complement();
        let largest = (0..size).map(|j| held.products[(j, j)]).fold(0.0, f64::max);
        let mut direction = candidate.clone();
        if largest > 0.0 {
            let Ok(eigen) = complement.self_adjoint_eigen(Side::Lower) else {
                return Ok(None);
            };
            let (values, vectors) = (eigen.S().column_vector(), eigen.U());
            direction.stored.fill(0.0);
            for j in (0..size).filter(|&j| values[j] <= 1e-13 * largest) {
                let along: f64 = (0..size)
                    .map(|i| vectors[(i, j)] * candidate.stored[i])
                    .sum();
                for (i, entry) in direction.stored.iter_mut().enumerate() {
                    *entry += along * vectors[(i, j)];
                }
            }
        }
        // Of a level with rows that are still the coefficient follows from the terms.
        for (level, d) in held.diagonal.iter().enumerate().filter(|(_, d)| **d > 0.0) {
            let cross = held.cross_of(level).iter().zip(&direction.stored);
            direction.levels[level] = -cross.map(|(b, step)| b * step).sum::<f64>() / d;
        }
        Ok(direction
            .stored
            .iter()
            .any(|b| *b != 0.0)
            .then_some(direction))
    }

    /// How many rows the direction separates; none if it moves any the wrong way.
    fn separated_rows(&self, family: Family, direction: &Point) -> Result<usize, GlmError> {
        let (mut strict, mut violations) = (0, 0);
        self.chunks(None).fold(
            "",
            |chunk| {
                let (mut strict, mut violations) = (0, 0);
                over_rows(chunk, direction, |row, moved, size| {
                    let zero = ZERO * size;
                    if violates(family, chunk, row, moved, zero) {
                        violations += 1;
                    } else if moved.abs() > zero {
                        strict += 1;
                    }
                });
                Ok((strict, violations))
            },
            |(of_chunk, wrong)| {
                strict += of_chunk;
                violations += wrong;
            },
        )?;
        Ok(if violations == 0 { strict } else { 0 })
    }
}

/// Calls `visit` with each row of a chunk, how far the direction moves it, and ‖x‖‖d‖.
fn over_rows(chunk: &Chunk<'_>, direction: &Point, mut visit: impl FnMut(usize, f64, f64)) {
    let of_terms: f64 = direction.stored.iter().map(|b| b * b).sum();
    let codes = chunk.clusters.unwrap_or_default();
    let mut predictor = [0.0; ROWS];
    for block in 0..chunk.blocks() {
        direction.predictors(chunk, block, &mut predictor);
        let mut squares = [1.0; ROWS];
        for column in chunk.block(block).chunks_exact(ROWS) {
            for (sum, z) in squares.iter_mut().zip(column) {
                *sum += z * z;
            }
        }
        for i in 0..chunk.rows_in(block) {
            let row = block * ROWS + i;
            let own = direction.levels[codes[row]];
            let size = (squares[i] * (of_terms + own * own)).sqrt();
            visit(row, predictor[i], size);
        }
    }
}
