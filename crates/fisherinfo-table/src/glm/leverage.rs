//! Leverages of rows, in a pass of their own.

use super::{
    kernel::{ROWS, linear_predictor},
    regression::Regression,
    rows::{RowModel, RowTerms},
};
use faer::Mat;
use pulp::Arch;

/// What a row is when its leverage is known, at dispersion one.
#[derive(Clone, Copy)]
pub(super) struct LeveragedRow {
    /// Which.
    pub(super) row: usize,
    /// η.
    pub(super) predictor: f64,
    /// ∂ log f/∂η.
    pub(super) score: f64,
    /// hᵢ = wᵢ·zᵢᵀI⁻¹zᵢ, of all rows together that it stands for.
    pub(super) leverage: f64,
}

/// `value` of every row at the stored coefficients, with `root`·`root`ᵀ the inverse of the expected
/// information there.
pub(super) fn with_leverages(
    regression: &Regression,
    model: &dyn RowModel,
    stored: &[f64],
    root: &Mat<f64>,
    value: impl Fn(LeveragedRow) -> f64 + Sync,
) -> Vec<f64> {
    let arch = Arch::new();
    let design = &regression.design;
    let width = stored.len();
    let parts = design.over_chunks(|blocks| {
        let mut out = Vec::with_capacity(blocks.len() * ROWS);
        let mut terms = RowTerms::new();
        let mut z = vec![0.0; width];
        for block in blocks {
            let (start, count) = (block * ROWS, design.rows_in(block));
            let values = design.block(block);
            linear_predictor(arch, values, stored, &mut terms.predictor);
            model.fill(arch, start, count, false, &mut terms);
            for i in 0..count {
                design.row(start + i, &mut z);
                let square: f64 = (0..width)
                    .map(|k| {
                        let whitened: f64 = (0..=k).map(|j| root[(j, k)] * z[j]).sum();
                        whitened * whitened
                    })
                    .sum();
                out.push(value(LeveragedRow {
                    row: start + i,
                    predictor: terms.predictor[i],
                    score: terms.score[i],
                    leverage: terms.weight[i] * square,
                }));
            }
        }
        out
    });
    parts.concat()
}
