//! One pass over the rows of a multinomial regression.

use super::super::{
    chunk::{Chunk, Chunks},
    design::{add_to, symmetric},
    error::GlmError,
    kernel::{Products, ROWS, linear_predictor},
};
use faer::Mat;
use fisherinfo::family::Categorical;
use pulp::Arch;

/// The rows, whose responses are positions of categories. A category has a slot: those beside the
/// reference are counted from zero, and the reference comes last.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) chunks: Chunks<'a>,
    /// K − 1, the number of predictors.
    pub(super) predictors: usize,
    /// The position of the reference.
    pub(super) reference: usize,
}

/// A row at one or several points.
pub(super) struct Row<'a> {
    /// The slot of its category.
    pub(super) slot: usize,
    /// η of every slot but the reference, point after point.
    predictors: &'a [f64],
    /// Slots beside the reference.
    count: usize,
    /// ‖z‖², where it was asked for.
    square: f64,
}

impl Row<'_> {
    /// η of every slot but the reference at one of the points.
    pub(super) fn at(&self, point: usize) -> &[f64] {
        &self.predictors[point * self.count..][..self.count]
    }

    /// ‖z‖.
    pub(super) fn norm(&self) -> f64 {
        self.square.sqrt()
    }
}

/// Where the rows are looked at.
#[derive(Clone, Copy)]
pub(super) struct Points<'a> {
    /// What the pass is called.
    pub(super) pass: &'a str,
    pub(super) stored: &'a [&'a [f64]],
    /// Are lengths of rows wanted?
    pub(super) norms: bool,
}

/// The part of a row in the sums: a symmetric matrix over the predictors that multiplies z·zᵀ, packed
/// row by row under its diagonal, a vector that multiplies z, and two numbers.
pub(super) struct Part<'a> {
    pub(super) weight: &'a mut [f64],
    pub(super) score: &'a mut [f64],
}

/// Sums over rows, the parameters of a predictor one after the other.
pub(super) struct Sums {
    /// Σ M ⊗ z zᵀ.
    pub(super) products: Mat<f64>,
    /// Σ s ⊗ z.
    pub(super) score: Vec<f64>,
    /// The sum of the rows' own numbers.
    pub(super) total: f64,
    /// The largest of their others.
    pub(super) largest: f64,
}

/// Where the packed entry (i, j ≤ i) stands.
pub(super) fn packed(i: usize, j: usize) -> usize {
    i * (i + 1) / 2 + j
}

impl Rows<'_> {
    /// Parameters in all.
    pub(super) fn width(&self) -> usize {
        self.predictors * self.chunks.width()
    }

    /// The slot of a response.
    fn slot(&self, response: f64) -> usize {
        match response as usize {
            code if code == self.reference => self.predictors,
            code if code > self.reference => code - 1,
            code => code,
        }
    }

    /// Calls `visit` with each row of a block, by its number in the block.
    fn over_block(
        &self,
        chunk: &Chunk<'_>,
        block: usize,
        points: Points<'_>,
        mut visit: impl FnMut(usize, Row<'_>),
    ) {
        let (arch, width) = (Arch::new(), chunk.width());
        let values = chunk.block(block);
        let stored = points.stored.iter().flat_map(|b| b.chunks_exact(width));
        let predictors: Vec<[f64; ROWS]> = stored
            .map(|stored| {
                let mut predictor = [0.0; ROWS];
                linear_predictor(arch, values, stored, &mut predictor);
                predictor
            })
            .collect();
        let mut squares = [0.0; ROWS];
        if points.norms {
            for column in values.chunks_exact(ROWS) {
                for (sum, z) in squares.iter_mut().zip(column) {
                    *sum += z * z;
                }
            }
        }
        let mut eta = vec![0.0; predictors.len()];
        for (i, square) in squares[..chunk.rows_in(block)].iter().enumerate() {
            for (eta, predictor) in eta.iter_mut().zip(&predictors) {
                *eta = predictor[i];
            }
            let row = Row {
                slot: self.slot(chunk.response[block * ROWS + i]),
                predictors: &eta,
                count: self.predictors,
                square: *square,
            };
            visit(i, row);
        }
    }

    /// What `visit` makes of all rows of a chunk, merged in the order of the chunks.
    pub(super) fn fold<T: Send>(
        &self,
        points: Points<'_>,
        nothing: impl Fn() -> T + Sync,
        visit: impl Fn(&mut T, Row<'_>) + Sync,
        merge: impl FnMut(T),
    ) -> Result<(), GlmError> {
        self.chunks.fold(
            points.pass,
            |chunk| {
                let mut part = nothing();
                for block in 0..chunk.blocks() {
                    self.over_block(chunk, block, points, |_, row| visit(&mut part, row));
                }
                Ok(part)
            },
            merge,
        )
    }

    /// Adds what `fill` makes of every row; it returns the row's own number to add and the one of which
    /// the largest is kept.
    pub(super) fn sum(
        &self,
        points: Points<'_>,
        fill: impl Fn(Row<'_>, Part<'_>) -> [f64; 2] + Sync,
    ) -> Result<Sums, GlmError> {
        let arch = Arch::new();
        let (count, width) = (self.predictors, self.chunks.width());
        let pairs = count * (count + 1) / 2;
        let of_chunk = |chunk: &Chunk<'_>| {
            let mut products = vec![Products::new(width); pairs];
            let mut weights = vec![[0.0; ROWS]; pairs];
            let mut scores = vec![[0.0; ROWS]; count];
            let (mut weight, mut score) = (vec![0.0; pairs], vec![0.0; count]);
            let (mut total, mut largest) = (0.0, 0.0_f64);
            for block in 0..chunk.blocks() {
                self.over_block(chunk, block, points, |i, row| {
                    weight.fill(0.0);
                    score.fill(0.0);
                    let part = Part {
                        weight: &mut weight,
                        score: &mut score,
                    };
                    let [add, size] = fill(row, part);
                    total += add;
                    // NaN is kept: it is what a predictor that overflows leaves.
                    largest = if size <= largest { largest } else { size };
                    for (column, weight) in weights.iter_mut().zip(&weight) {
                        column[i] = *weight;
                    }
                    for (column, score) in scores.iter_mut().zip(&score) {
                        column[i] = *score;
                    }
                });
                let rows = chunk.rows_in(block);
                for column in weights.iter_mut().chain(&mut scores) {
                    column[rows..].fill(0.0);
                }
                for i in 0..count {
                    for j in 0..=i {
                        let pair = packed(i, j);
                        let score = (i == j).then_some(&scores[i][..]);
                        let values = chunk.block(block);
                        products[pair].update(arch, values, Some(&weights[pair]), score);
                    }
                }
            }
            let products: Vec<f64> = products.iter().flat_map(Products::finish).collect();
            Ok((products, total, largest))
        };
        let (mut total, mut largest) = (0.0, 0.0_f64);
        let mut sums = Vec::new();
        self.chunks
            .fold(points.pass, of_chunk, |(products, add, size)| {
                total += add;
                largest = if size <= largest { largest } else { size };
                add_to(&mut sums, products);
            })?;
        Ok(self.assemble(&sums, total, largest))
    }

    fn assemble(&self, sums: &[f64], total: f64, largest: f64) -> Sums {
        let (count, width) = (self.predictors, self.chunks.width());
        let triangle = width * (width + 1) / 2;
        let stride = triangle + width;
        let mut products = Mat::zeros(self.width(), self.width());
        let mut score = Vec::with_capacity(self.width());
        for i in 0..count {
            for j in 0..=i {
                let pair = &sums[packed(i, j) * stride..][..stride];
                let block = symmetric(&pair[..triangle], width);
                for k in 0..width {
                    for l in 0..width {
                        products[(i * width + k, j * width + l)] = block[(k, l)];
                        products[(j * width + l, i * width + k)] = block[(k, l)];
                    }
                }
                if i == j {
                    score.extend_from_slice(&pair[triangle..]);
                }
            }
        }
        Sums {
            products,
            score,
            total,
            largest,
        }
    }

    /// Score and expected information, with the log-likelihood as the total and the largest difference
    /// of two predictors of a row as the largest.
    pub(super) fn likelihood(&self, pass: &str, stored: &[f64]) -> Result<Sums, GlmError> {
        self.sum(Points::at(pass, &[stored]), |row, part| {
            let (log_likelihood, probabilities) = softmax(row.at(0), row.slot);
            for i in 0..self.predictors {
                part.score[i] = residual(&probabilities, row.slot, i);
                for j in 0..=i {
                    part.weight[packed(i, j)] =
                        Categorical::log_odds_information(&probabilities, i, j);
                }
            }
            [log_likelihood, spread(row.at(0))]
        })
    }

    /// The outer products of the scores.
    pub(super) fn empirical(&self, stored: &[f64]) -> Result<Mat<f64>, GlmError> {
        let sums = self.sum(Points::at("outer products", &[stored]), |row, part| {
            let (_, probabilities) = softmax(row.at(0), row.slot);
            for i in 0..self.predictors {
                let left = residual(&probabilities, row.slot, i);
                for j in 0..=i {
                    let right = residual(&probabilities, row.slot, j);
                    part.weight[packed(i, j)] = left * right;
                }
            }
            [0.0, 0.0]
        })?;
        Ok(sums.products)
    }
}

impl<'a> Points<'a> {
    pub(super) fn at(pass: &'a str, stored: &'a [&'a [f64]]) -> Self {
        Self {
            pass,
            stored,
            norms: false,
        }
    }
}

/// The log-probability of a row's category, and the probabilities of all, the reference last.
fn softmax(predictors: &[f64], slot: usize) -> (f64, Vec<f64>) {
    let top = predictors.iter().copied().fold(0.0, f64::max);
    let mut probabilities: Vec<f64> = predictors.iter().map(|eta| (eta - top).exp()).collect();
    probabilities.push((-top).exp());
    let total: f64 = probabilities.iter().sum();
    for probability in &mut probabilities {
        *probability /= total;
    }
    let own = predictors.get(slot).copied().unwrap_or(0.0);
    (own - top - total.ln(), probabilities)
}

/// The probabilities of a row, the reference last.
pub(super) fn probabilities(predictors: &[f64]) -> Vec<f64> {
    softmax(predictors, predictors.len()).1
}

/// 1 − p for the row's own category, otherwise −p: without the cancellation of the first.
fn residual(probabilities: &[f64], slot: usize, of: usize) -> f64 {
    if slot == of {
        Categorical::rest(probabilities, of)
    } else {
        -probabilities[of]
    }
}

/// The largest difference of two predictors, that of the reference being zero.
fn spread(predictors: &[f64]) -> f64 {
    let most = predictors.iter().copied().fold(0.0, f64::max);
    let least = predictors.iter().copied().fold(0.0, f64::min);
    if predictors.iter().any(|eta| !eta.is_finite()) {
        f64::NAN
    } else {
        most - least
    }
}
