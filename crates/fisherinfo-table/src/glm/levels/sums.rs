//! One pass over the rows, and what it leaves: a block for the terms, a diagonal for the levels, and
//! what lies between.

use super::{
    super::{
        chunk::Chunk,
        design::{add_to, symmetric},
        error::GlmError,
        family::Family,
        kernel::{Aligned, Products, ROWS, linear_predictor},
        positive_definite::inverse_root,
        rows::{RowTerms, Tally},
    },
    LevelRegression,
};
use faer::Mat;
use fisherinfo::coordinates::link::Link;
use pulp::Arch;

/// Sums over all rows.
pub(super) struct LevelSums {
    /// Σ s z.
    pub(super) score: Vec<f64>,
    /// A = Σ w z zᵀ.
    pub(super) products: Mat<f64>,
    /// Σ s of each level.
    pub(super) level_score: Vec<f64>,
    /// D: Σ w of each level.
    pub(super) diagonal: Vec<f64>,
    /// B: Σ w z of each level, one after the other.
    pub(super) cross: Vec<f64>,
    /// Σ s²/w.
    pub(super) pearson: f64,
    pub(super) tally: Tally,
}

/// The same of a chunk, whose levels follow one another.
struct Partial {
    products: Vec<f64>,
    first: usize,
    level_score: Vec<f64>,
    diagonal: Vec<f64>,
    cross: Vec<f64>,
    pearson: f64,
    tally: Tally,
}

/// Coefficients of the stored columns, and an intercept for each level.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) stored: Vec<f64>,
    pub(super) levels: Vec<f64>,
}

impl Point {
    pub(super) fn zero(problem: &LevelRegression) -> Self {
        Self {
            stored: vec![0.0; problem.terms().len()],
            levels: vec![0.0; problem.levels.len()],
        }
    }

    /// The point a share of a step further on.
    pub(super) fn moved(&self, step: &Self, share: f64) -> Self {
        let add = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + share * b).collect();
        Self {
            stored: add(&self.stored, &step.stored),
            levels: add(&self.levels, &step.levels),
        }
    }

    /// η of the rows of a block, without offsets.
    pub(super) fn predictors(&self, chunk: &Chunk<'_>, block: usize, out: &mut [f64; ROWS]) {
        linear_predictor(Arch::new(), chunk.block(block), &self.stored, out);
        let codes = chunk.clusters.unwrap_or_default();
        let codes = &codes[block * ROWS..][..chunk.rows_in(block)];
        for (eta, &code) in out.iter_mut().zip(codes) {
            *eta += self.levels[code];
        }
    }
}

impl LevelRegression {
    /// Adds up the weights and the scores that `fill` leaves of the rows of each block.
    pub(super) fn sums(
        &self,
        fill: impl Fn(&Chunk<'_>, usize, &mut RowTerms) -> Tally + Sync,
    ) -> Result<LevelSums, GlmError> {
        let (levels, width) = (self.levels.len(), self.terms().len());
        let mut packed = Vec::new();
        let mut total = LevelSums {
            score: Vec::new(),
            products: Mat::zeros(0, 0),
            level_score: vec![0.0; levels],
            diagonal: vec![0.0; levels],
            cross: vec![0.0; levels * width],
            pearson: 0.0,
            tally: Tally::NOTHING,
        };
        let add = |total: &mut [f64], part: &[f64]| {
            for (sum, more) in total.iter_mut().zip(part) {
                *sum += more;
            }
        };
        self.chunks(None).fold(
            "",
            |chunk| Ok(Partial::of_chunk(chunk, &fill)),
            |part| {
                add(&mut total.level_score[part.first..], &part.level_score);
                add(&mut total.diagonal[part.first..], &part.diagonal);
                add(&mut total.cross[part.first * width..], &part.cross);
                total.pearson += part.pearson;
                total.tally.add(part.tally);
                add_to(&mut packed, part.products);
            },
        )?;
        let triangle = width * (width + 1) / 2;
        total.products = symmetric(&packed[..triangle], width);
        total.score = packed.split_off(triangle);
        Ok(total)
    }

    /// Score and expected information at a point.
    pub(super) fn at(
        &self,
        family: Family,
        link: Link,
        point: &Point,
    ) -> Result<LevelSums, GlmError> {
        self.sums(|chunk, block, terms| {
            point.predictors(chunk, block, &mut terms.predictor);
            let model = chunk.model(family, link);
            model.fill(
                Arch::new(),
                block * ROWS,
                chunk.rows_in(block),
                false,
                terms,
            )
        })
    }
}

impl Partial {
    fn of_chunk(
        chunk: &Chunk<'_>,
        fill: impl Fn(&Chunk<'_>, usize, &mut RowTerms) -> Tally,
    ) -> Self {
        let (arch, width) = (Arch::new(), chunk.width());
        let codes = chunk.clusters.unwrap_or_default();
        let first = codes.first().copied().unwrap_or(0);
        let levels = codes.last().map_or(0, |last| last + 1 - first);
        let mut products = Products::new(width);
        let mut part = Self {
            products: Vec::new(),
            first,
            level_score: vec![0.0; levels],
            diagonal: vec![0.0; levels],
            cross: vec![0.0; levels * width],
            pearson: 0.0,
            tally: Tally::NOTHING,
        };
        let mut terms = RowTerms::new();
        for block in 0..chunk.blocks() {
            let count = chunk.rows_in(block);
            part.tally.add(fill(chunk, block, &mut terms));
            let values = chunk.block(block);
            products.update(arch, values, Some(&terms.weight), Some(&terms.score));
            let codes = &codes[block * ROWS..][..count];
            let mut start = 0;
            for run in codes.chunk_by(|a, b| a == b) {
                let (level, rows) = (run[0] - first, start..start + run.len());
                start = rows.end;
                let (weight, score) = (&terms.weight[rows.clone()], &terms.score[rows.clone()]);
                part.level_score[level] += score.iter().sum::<f64>();
                part.diagonal[level] += weight.iter().sum::<f64>();
                let cross = &mut part.cross[level * width..][..width];
                for (sum, column) in cross.iter_mut().zip(values.chunks_exact(ROWS)) {
                    let parts = column[rows.clone()].iter().zip(weight);
                    *sum += parts.map(|(z, w)| z * w).sum::<f64>();
                }
                for (s, w) in score.iter().zip(weight).filter(|(_, w)| **w > 0.0) {
                    part.pearson += s * s / w;
                }
            }
        }
        part.products = products.finish();
        part
    }
}

impl LevelSums {
    /// B's row of a level.
    pub(super) fn cross_of(&self, level: usize) -> &[f64] {
        let width = self.score.len();
        &self.cross[level * width..][..width]
    }

    /// S = A − BᵀD⁻¹B, over the levels with some weight.
    pub(super) fn complement(&self) -> Mat<f64> {
        let (arch, width) = (Arch::new(), self.score.len());
        let mut products = Products::new(width);
        let mut block = Aligned::zeros(width * ROWS);
        let mut weights = [0.0; ROWS];
        for (index, diagonal) in self.diagonal.chunks(ROWS).enumerate() {
            let columns = block.as_mut_slice();
            weights.fill(0.0);
            columns.fill(0.0);
            for (i, d) in diagonal.iter().enumerate().filter(|(_, d)| **d > 0.0) {
                weights[i] = d.recip();
                for (j, value) in self.cross_of(index * ROWS + i).iter().enumerate() {
                    columns[j * ROWS + i] = *value;
                }
            }
            products.update(arch, block.as_slice(), Some(&weights), None);
        }
        &self.products - symmetric(&products.finish(), width)
    }

    /// W with W·Wᵀ = S⁻¹; none where the information is singular.
    pub(super) fn root(&self) -> Option<Mat<f64>> {
        let regular = self.diagonal.iter().all(|d| d.is_normal() && *d > 0.0);
        regular.then(|| inverse_root(&self.complement())).flatten()
    }

    /// I⁻¹ times the score.
    pub(super) fn step(&self, root: &Mat<f64>) -> Point {
        let width = self.score.len();
        let mut right = self.score.clone();
        for (level, d) in self.diagonal.iter().enumerate() {
            let share = self.level_score[level] / d;
            for (right, b) in right.iter_mut().zip(self.cross_of(level)) {
                *right -= b * share;
            }
        }
        let right = Mat::from_fn(width, 1, |j, _| right[j]);
        let step = root * (root.transpose() * right);
        let stored: Vec<f64> = (0..width).map(|j| step[(j, 0)]).collect();
        let levels = (0..self.diagonal.len())
            .map(|level| {
                let cross = self.cross_of(level).iter().zip(&stored);
                let carried: f64 = cross.map(|(b, step)| b * step).sum();
                (self.level_score[level] - carried) / self.diagonal[level]
            })
            .collect();
        Point { stored, levels }
    }

    /// Score times a step.
    pub(super) fn along(&self, step: &Point) -> f64 {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        dot(&self.score, &step.stored) + dot(&self.level_score, &step.levels)
    }
}
