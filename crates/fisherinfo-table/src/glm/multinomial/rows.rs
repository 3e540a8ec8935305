//! One pass over the rows of a multinomial regression.

use super::super::{
    design::{Design, add_to, symmetric},
    kernel::{Products, ROWS, linear_predictor},
};
use faer::Mat;
use fisherinfo::family::Categorical;
use pulp::Arch;

/// The rows: for each the slot of its category, those beside the reference being counted from zero
/// and the reference last.
pub(super) struct Rows<'a> {
    pub(super) design: &'a Design,
    pub(super) slots: &'a [usize],
    /// K − 1, the number of predictors.
    pub(super) predictors: usize,
}

/// A row at some coefficients.
pub(super) struct Row<'a> {
    /// Which row.
    pub(super) index: usize,
    /// The slot of its category.
    pub(super) slot: usize,
    /// η of every slot but the reference.
    pub(super) predictors: &'a [f64],
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
        self.predictors * self.design.width
    }

    /// Adds what `fill` makes of every row at the stored coefficients; it returns the row's own number
    /// to add and the one of which the largest is kept.
    pub(super) fn sum(
        &self,
        stored: &[f64],
        fill: impl Fn(Row<'_>, Part<'_>) -> [f64; 2] + Sync,
    ) -> Sums {
        let arch = Arch::new();
        let (count, width) = (self.predictors, self.design.width);
        let pairs = count * (count + 1) / 2;
        let chunks = self.design.over_chunks(|blocks| {
            let mut products = vec![Products::new(width); pairs];
            let mut predictors = vec![[0.0; ROWS]; count];
            let mut weights = vec![[0.0; ROWS]; pairs];
            let mut scores = vec![[0.0; ROWS]; count];
            let (mut eta, mut weight, mut score) =
                (vec![0.0; count], vec![0.0; pairs], vec![0.0; count]);
            let (mut total, mut largest) = (0.0, 0.0_f64);
            for block in blocks {
                let values = self.design.block(block);
                for (predictor, stored) in predictors.iter_mut().zip(stored.chunks_exact(width)) {
                    linear_predictor(arch, values, stored, predictor);
                }
                let rows = self.design.rows_in(block);
                for i in 0..rows {
                    let index = block * ROWS + i;
                    for (eta, predictor) in eta.iter_mut().zip(&predictors) {
                        *eta = predictor[i];
                    }
                    weight.fill(0.0);
                    score.fill(0.0);
                    let row = Row {
                        index,
                        slot: self.slots[index],
                        predictors: &eta,
                    };
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
                }
                for column in weights.iter_mut().chain(&mut scores) {
                    column[rows..].fill(0.0);
                }
                for i in 0..count {
                    for j in 0..=i {
                        let pair = packed(i, j);
                        let score = (i == j).then_some(&scores[i][..]);
                        products[pair].update(arch, values, Some(&weights[pair]), score);
                    }
                }
            }
            let products: Vec<f64> = products.iter().flat_map(Products::finish).collect();
            (products, total, largest)
        });
        let (mut total, mut largest) = (0.0, 0.0_f64);
        let mut sums = Vec::new();
        for (products, add, size) in chunks {
            total += add;
            largest = if size <= largest { largest } else { size };
            add_to(&mut sums, products);
        }
        self.assemble(&sums, total, largest)
    }

    fn assemble(&self, sums: &[f64], total: f64, largest: f64) -> Sums {
        let (count, width) = (self.predictors, self.design.width);
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
    pub(super) fn likelihood(&self, stored: &[f64]) -> Sums {
        self.sum(stored, |row, part| {
            let (log_likelihood, probabilities) = softmax(&row);
            for i in 0..row.predictors.len() {
                part.score[i] = residual(&probabilities, row.slot, i);
                for j in 0..=i {
                    part.weight[packed(i, j)] =
                        Categorical::log_odds_information(&probabilities, i, j);
                }
            }
            [log_likelihood, spread(row.predictors)]
        })
    }

    /// The outer products of the scores.
    pub(super) fn empirical(&self, stored: &[f64]) -> Mat<f64> {
        let sums = self.sum(stored, |row, part| {
            let (_, probabilities) = softmax(&row);
            for i in 0..row.predictors.len() {
                let left = residual(&probabilities, row.slot, i);
                for j in 0..=i {
                    let right = residual(&probabilities, row.slot, j);
                    part.weight[packed(i, j)] = left * right;
                }
            }
            [0.0, 0.0]
        });
        sums.products
    }
}

/// The log-probability of the row's category, and the probabilities of all, the reference last.
fn softmax(row: &Row<'_>) -> (f64, Vec<f64>) {
    let top = row.predictors.iter().copied().fold(0.0, f64::max);
    let mut probabilities: Vec<f64> = row.predictors.iter().map(|eta| (eta - top).exp()).collect();
    probabilities.push((-top).exp());
    let total: f64 = probabilities.iter().sum();
    for probability in &mut probabilities {
        *probability /= total;
    }
    let own = row.predictors.get(row.slot).copied().unwrap_or(0.0);
    (own - top - total.ln(), probabilities)
}

/// The probabilities of a row, the reference last.
pub(super) fn probabilities(predictors: &[f64]) -> Vec<f64> {
    let row = Row {
        index: 0,
        slot: predictors.len(),
        predictors,
    };
    softmax(&row).1
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
