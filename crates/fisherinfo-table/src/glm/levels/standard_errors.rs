//! What takes a pass over the rows: leverages, and covariances under any variance.

use super::{
    super::{
        chunk::Chunk,
        covariance::{FULL_LEVERAGE, Heteroscedasticity, HeteroscedasticityConsistent},
        design::{add_to, symmetric},
        error::GlmError,
        kernel::{Aligned, Products, ROWS},
        rows::RowTerms,
    },
    LevelFit,
};
use faer::Mat;
use pulp::Arch;

/// The rows of a block, their columns less the weighted means of the level.
struct Partialled<'a> {
    /// Column after column, [`ROWS`] rows each.
    columns: &'a [f64],
    score: &'a [f64],
    /// hᵢ, of all rows together that a row stands for.
    leverage: &'a [f64],
}

impl LevelFit<'_> {
    /// Calls `visit` with each block of a chunk.
    fn over_blocks(&self, chunk: &Chunk<'_>, mut visit: impl FnMut(usize, Partialled<'_>)) {
        let (arch, width) = (Arch::new(), chunk.width());
        let model = chunk.model(self.family, self.link);
        let codes = chunk.clusters.unwrap_or_default();
        let mut terms = RowTerms::new();
        let mut columns = Aligned::zeros(width * ROWS);
        let mut leverage = [0.0; ROWS];
        for block in 0..chunk.blocks() {
            let (start, count) = (block * ROWS, chunk.rows_in(block));
            self.point.predictors(chunk, block, &mut terms.predictor);
            model.fill(arch, start, count, false, &mut terms);
            let columns = columns.as_mut_slice();
            columns.copy_from_slice(chunk.block(block));
            for (i, &code) in codes[start..start + count].iter().enumerate() {
                let centres = &self.centres[code * width..][..width];
                for (j, centre) in centres.iter().enumerate() {
                    columns[j * ROWS + i] -= centre;
                }
                let square: f64 = (0..width)
                    .map(|k| {
                        let whitened: f64 = (0..=k)
                            .map(|j| self.root[(j, k)] * columns[j * ROWS + i])
                            .sum();
                        whitened * whitened
                    })
                    .sum();
                leverage[i] = terms.weight[i] * (self.diagonal[code].recip() + square);
            }
            visit(
                block,
                Partialled {
                    columns,
                    score: &terms.score[..count],
                    leverage: &leverage[..count],
                },
            );
        }
    }

    /// hᵢ, the leverage of each row on terms and levels together, in the order in which the rows were
    /// given: p + G in all. Where weights are frequencies, that of each of the rows that a row stands
    /// for.
    pub fn leverages(&self) -> Vec<f64> {
        let mut sorted = Vec::with_capacity(self.rows());
        let read = self.problem.chunks(None).fold(
            "",
            |chunk| {
                let mut all = Vec::with_capacity(chunk.rows);
                self.over_blocks(chunk, |block, rows| {
                    let leverages = rows.leverage.iter().enumerate();
                    all.extend(leverages.map(|(i, h)| h / chunk.copies_of(block * ROWS + i)));
                });
                Ok(all)
            },
            |of_chunk| sorted.extend(of_chunk),
        );
        debug_assert!(read.is_ok(), "rows in memory are read without fail");
        self.problem.in_given_order(&sorted)
    }

    /// The covariance of the terms under any variance of the responses, the levels partialled out: the
    /// block of the sandwich of all coefficients. The n − p of HC1 counts the levels.
    ///
    /// # Errors
    /// As many coefficients as observations; a row of leverage one, such as the only one of its level,
    /// which HC2 and HC3 would divide by zero for: it is named.
    pub fn heteroscedasticity_consistent(
        &self,
        kind: Heteroscedasticity,
    ) -> Result<HeteroscedasticityConsistent, GlmError> {
        let free = self.residual_degrees_of_freedom();
        if free == 0 {
            return Err(GlmError::Saturated { rows: self.rows() });
        }
        let (factor, power) = match kind {
            Heteroscedasticity::Hc0 => (1.0, 0),
            Heteroscedasticity::Hc1 => (self.sample_size() as f64 / free as f64, 0),
            Heteroscedasticity::Hc2 => (1.0, 1),
            Heteroscedasticity::Hc3 => (1.0, 2),
        };
        let (arch, width) = (Arch::new(), self.coefficients().len());
        let mut packed = Vec::new();
        self.problem
            .chunks(None)
            .fold(
                "",
                |chunk| {
                    let mut products = Products::new(width);
                    let mut full = None;
                    self.over_blocks(chunk, |block, rows| {
                        let mut weights = [0.0; ROWS];
                        for (i, score) in rows.score.iter().enumerate() {
                            let row = block * ROWS + i;
                            let copies = chunk.copies_of(row);
                            let left = 1.0 - rows.leverage[i] / copies;
                            if power > 0 && left < FULL_LEVERAGE {
                                full = full.or(Some(chunk.start + row));
                            } else {
                                weights[i] = score * score / copies / left.powi(power);
                            }
                        }
                        products.update(arch, rows.columns, Some(&weights), None);
                    });
                    match full {
                        None => Ok(products.finish()),
                        Some(row) => Err(GlmError::FullLeverage { row }),
                    }
                },
                |part| add_to(&mut packed, part),
            )
            .map_err(|error| super::unsorted(error, &self.problem.order))?;
        let products = symmetric(&packed, width);
        let half = self.to_raw() * &self.root;
        let middle = self.root.transpose() * &products * &self.root;
        let covariance = faer::Scale(factor) * (&half * &middle * half.transpose());
        // The middle's root by its eigenvectors.
        let root = match middle.self_adjoint_eigen(faer::Side::Lower) {
            Err(_) => Mat::zeros(width, 0),
            Ok(eigen) => {
                let values = eigen.S().column_vector();
                let turned = &half * eigen.U();
                Mat::from_fn(width, width, |i, j| {
                    turned[(i, j)] * (factor * values[j].max(0.0)).sqrt()
                })
            }
        };
        Ok(HeteroscedasticityConsistent {
            kind,
            covariance,
            root,
        })
    }
}
