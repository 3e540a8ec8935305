//! Leverages of rows, in a pass of their own.

use super::{
    chunk::{Chunk, Chunks},
    error::GlmError,
    family::Family,
    kernel::{ROWS, linear_predictor},
    rows::RowTerms,
    wide::WIDE,
};
use faer::{Mat, MatRef};
use fisherinfo::coordinates::link::Link;
use pulp::Arch;

/// What a row is when its leverage is known, at dispersion one.
#[derive(Clone, Copy)]
pub(super) struct LeveragedRow {
    /// η.
    pub(super) predictor: f64,
    /// ∂ log f/∂η.
    pub(super) score: f64,
    /// hᵢ = wᵢ·zᵢᵀI⁻¹zᵢ, of all rows together that it stands for.
    pub(super) leverage: f64,
    /// How many rows it stands for.
    pub(super) copies: f64,
}

/// Where leverages are wanted: the stored coefficients, and the root W with W·Wᵀ the inverse of the
/// expected information there.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) family: Family,
    pub(super) link: Link,
    pub(super) stored: &'a [f64],
    pub(super) root: &'a Mat<f64>,
}

impl Place<'_> {
    /// Calls `visit` with each row of a block, by its number in the block.
    pub(super) fn visit(
        &self,
        chunk: &Chunk<'_>,
        block: usize,
        mut visit: impl FnMut(usize, LeveragedRow),
    ) {
        let arch = Arch::new();
        let model = chunk.model(self.family, self.link);
        let width = self.stored.len();
        let mut terms = RowTerms::new();
        let mut z = vec![0.0; width];
        let (start, count) = (block * ROWS, chunk.rows_in(block));
        let values = chunk.block(block);
        linear_predictor(arch, values, self.stored, &mut terms.predictor);
        model.fill(arch, start, count, false, &mut terms);
        // Of a wide design all rows of the block at once.
        let whitened = (width >= WIDE).then(|| {
            let block = MatRef::from_column_major_slice(values, ROWS, width);
            block * self.root
        });
        for i in 0..count {
            if let Some(whitened) = &whitened {
                let square = (0..width).map(|k| whitened[(i, k)].powi(2)).sum::<f64>();
                visit(i, row_of(chunk, &terms, start, i, square));
                continue;
            }
            chunk.row(start + i, &mut z);
            let square: f64 = (0..width)
                .map(|k| {
                    let whitened: f64 = (0..=k).map(|j| self.root[(j, k)] * z[j]).sum();
                    whitened * whitened
                })
                .sum();
            visit(i, row_of(chunk, &terms, start, i, square));
        }
    }

    /// `value` of every row.
    pub(super) fn of_rows(
        &self,
        chunks: Chunks<'_>,
        value: impl Fn(LeveragedRow) -> f64 + Sync,
    ) -> Result<Vec<f64>, GlmError> {
        let mut all = Vec::new();
        chunks.fold(
            "leverages",
            |chunk| {
                let mut out = Vec::with_capacity(chunk.rows);
                for block in 0..chunk.blocks() {
                    self.visit(chunk, block, |_, row| out.push(value(row)));
                }
                Ok(out)
            },
            |part| all.extend(part),
        )?;
        Ok(all)
    }
}

fn row_of(
    chunk: &Chunk<'_>,
    terms: &RowTerms,
    start: usize,
    i: usize,
    square: f64,
) -> LeveragedRow {
    LeveragedRow {
        predictor: terms.predictor[i],
        score: terms.score[i],
        leverage: terms.weight[i] * square,
        copies: chunk.copies_of(start + i),
    }
}
