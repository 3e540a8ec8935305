//! One pass over the rows: everything that an iteration needs, from each block while it is near.

use super::{
    chunk::{Chunk, Chunks},
    design::{Design, add_to, symmetric},
    error::GlmError,
    family::Family,
    kernel::{Products, ROWS, linear_predictor, packed_length},
    rows::{RowModel, RowTerms, Tally},
};
use faer::Mat;
use fisherinfo::coordinates::link::Link;
use pulp::Arch;

/// Where the linear predictor of a pass comes from.
#[derive(Clone, Copy)]
pub(super) enum Predictor<'a> {
    /// η = Σ bⱼzⱼ.
    Coefficients(&'a [f64]),
    /// η = g(a mean near y) less the offset, from y and its trials. The score is then replaced by
    /// w·(η less the offset) + s, so that I⁻¹ times it is the first iterate of scoring.
    /// it is the first iterate of scoring.
    Start(&'a (dyn Fn(f64, f64) -> f64 + Sync)),
}

/// What a pass is to add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Score and expected information.
    Step,
    /// Also Pearson's statistic, which a dispersion is estimated from.
    StepAndDispersion,
    /// Also the observed information, where it differs from the expected.
    StepAndObserved,
    /// Also the outer products of the scores.
    Everything,
}

/// The sums of a pass, at dispersion one and in the stored columns.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    pub(super) score: Vec<f64>,
    pub(super) expected: Mat<f64>,
    /// Where it differs from the expected and was asked for.
    pub(super) observed: Option<Mat<f64>>,
    pub(super) empirical: Option<Mat<f64>>,
    /// Σ s²/w = Σ (y − μ)²/V.
    pub(super) pearson: f64,
    pub(super) tally: Tally,
}

/// The sums of a run of blocks. Those of different blocks, chunks or machines merge by addition.
struct Accumulator {
    expected: Products,
    observed: Option<Products>,
    empirical: Option<Products>,
    pearson: f64,
    tally: Tally,
    terms: RowTerms,
    /// What scoring starts from, less the offset; empty later.
    started: Vec<f64>,
}

/// What an accumulator comes down to.
pub(super) struct Partial {
    expected: Vec<f64>,
    observed: Vec<f64>,
    empirical: Vec<f64>,
    pearson: f64,
    tally: Tally,
}

impl Accumulator {
    fn new(width: usize, extent: Extent, canonical: bool) -> Self {
        let everything = extent == Extent::Everything;
        let observed = everything || extent == Extent::StepAndObserved;
        Self {
            expected: Products::new(width),
            observed: (observed && !canonical).then(|| Products::new(width)),
            empirical: everything.then(|| Products::new(width)),
            pearson: 0.0,
            tally: Tally::NOTHING,
            terms: RowTerms::new(),
            started: Vec::new(),
        }
    }

    fn update(
        &mut self,
        arch: Arch,
        chunk: &Chunk<'_>,
        model: &dyn RowModel,
        predictor: Predictor<'_>,
        extent: Extent,
        block: usize,
    ) {
        let (start, count) = (block * ROWS, chunk.rows_in(block));
        let values = chunk.block(block);
        match predictor {
            Predictor::Coefficients(coefficients) => {
                linear_predictor(arch, values, coefficients, &mut self.terms.predictor);
            }
            Predictor::Start(start_of) => {
                self.started.clear();
                self.started.extend((start..start + count).map(|row| {
                    start_of(chunk.response[row], chunk.trials_of(row)) - chunk.offset_of(row)
                }));
                let (predictor, padding) = self.terms.predictor.split_at_mut(count);
                predictor.copy_from_slice(&self.started);
                padding.fill(0.0);
            }
        }
        let terms = &mut self.terms;
        self.tally
            .add(model.fill(arch, start, count, self.observed.is_some(), terms));
        if extent != Extent::Step {
            for i in 0..count {
                if terms.weight[i] > 0.0 {
                    self.pearson += terms.score[i] * terms.score[i] / terms.weight[i];
                }
            }
        }
        for (i, started) in self.started.iter().enumerate() {
            terms.score[i] += terms.weight[i] * started;
        }
        self.expected
            .update(arch, values, Some(&terms.weight), Some(&terms.score));
        if let Some(observed) = &mut self.observed {
            observed.update(arch, values, Some(&terms.observed), None);
        }
        if let Some(empirical) = &mut self.empirical {
            for score in &mut terms.score {
                *score *= *score;
            }
            // So many outer products of a part each, not one of the whole.
            if let Some(copies) = model.copies() {
                for (score, copies) in terms.score.iter_mut().zip(&copies[start..start + count]) {
                    *score /= copies;
                }
            }
            empirical.update(arch, values, Some(&terms.score), None);
        }
    }

    fn finish(self) -> Partial {
        Partial {
            expected: self.expected.finish(),
            observed: self.observed.map_or_else(Vec::new, |p| p.finish()),
            empirical: self.empirical.map_or_else(Vec::new, |p| p.finish()),
            pearson: self.pearson,
            tally: self.tally,
        }
    }
}

impl Partial {
    /// Of the rows of a chunk.
    pub(super) fn of_chunk(
        chunk: &Chunk<'_>,
        family: Family,
        link: Link,
        predictor: Predictor<'_>,
        extent: Extent,
    ) -> Self {
        let arch = Arch::new();
        let model = chunk.model(family, link);
        let mut sums = Accumulator::new(chunk.width(), extent, model.is_canonical());
        for block in 0..chunk.blocks() {
            sums.update(arch, chunk, model.as_ref(), predictor, extent, block);
        }
        sums.finish()
    }

    pub(super) fn nothing() -> Self {
        Self {
            expected: Vec::new(),
            observed: Vec::new(),
            empirical: Vec::new(),
            pearson: 0.0,
            tally: Tally::NOTHING,
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        add_to(&mut self.expected, other.expected);
        add_to(&mut self.observed, other.observed);
        add_to(&mut self.empirical, other.empirical);
        self.pearson += other.pearson;
        self.tally.add(other.tally);
    }

    pub(super) fn finish(self, width: usize) -> Sums {
        let matrix = |packed: Vec<f64>| {
            (packed.len() == packed_length(width)).then(|| symmetric(&packed, width))
        };
        Sums {
            score: self.expected[width * (width + 1) / 2..].to_vec(),
            expected: symmetric(&self.expected, width),
            observed: matrix(self.observed),
            empirical: matrix(self.empirical),
            pearson: self.pearson,
            tally: self.tally,
        }
    }
}

/// Adds up the rows.
pub(super) fn pass(
    chunks: Chunks<'_>,
    name: &str,
    family: Family,
    link: Link,
    predictor: Predictor<'_>,
    extent: Extent,
) -> Result<Sums, GlmError> {
    let mut total = Partial::nothing();
    chunks.fold(
        name,
        |chunk| Ok(Partial::of_chunk(chunk, family, link, predictor, extent)),
        |part| total.merge(part),
    )?;
    Ok(total.finish(chunks.width()))
}

/// Σ weight·zzᵀ; `weights` fills in those of the rows of a block, which are zero before.
pub(super) fn weighted_products(
    chunks: Chunks<'_>,
    name: &str,
    weights: impl Fn(&Chunk<'_>, usize, &mut [f64]) -> Result<(), GlmError> + Sync,
) -> Result<Mat<f64>, GlmError> {
    let (arch, width) = (Arch::new(), chunks.width());
    let mut total = Vec::new();
    chunks.fold(
        name,
        |chunk| {
            let mut products = Products::new(width);
            for block in 0..chunk.blocks() {
                let mut of_block = [0.0; ROWS];
                weights(chunk, block, &mut of_block[..chunk.rows_in(block)])?;
                products.update(arch, chunk.block(block), Some(&of_block), None);
            }
            Ok(products.finish())
        },
        |part| add_to(&mut total, part),
    )?;
    Ok(symmetric(&total, width))
}

/// Σ value·z; `value` is given a chunk and the row's number in it.
pub(super) fn weighted_columns(
    chunks: Chunks<'_>,
    name: &str,
    value: impl Fn(&Chunk<'_>, usize) -> f64 + Sync,
) -> Result<Vec<f64>, GlmError> {
    let (arch, width) = (Arch::new(), chunks.width());
    let mut total = Vec::new();
    chunks.fold(
        name,
        |chunk| {
            let mut products = Products::new(width);
            let mut values = [0.0; ROWS];
            for block in 0..chunk.blocks() {
                let count = chunk.rows_in(block);
                values[count..].fill(0.0);
                for (i, entry) in values[..count].iter_mut().enumerate() {
                    *entry = value(chunk, block * ROWS + i);
                }
                products.update(arch, chunk.block(block), None, Some(&values));
            }
            Ok(products.finish())
        },
        |part| add_to(&mut total, part),
    )?;
    Ok(total.split_off(width * (width + 1) / 2))
}

/// `value(η)` of every row, offsets included.
pub(super) fn of_predictors<T: Send>(
    chunks: Chunks<'_>,
    name: &str,
    coefficients: &[f64],
    value: impl Fn(f64) -> T + Sync,
) -> Result<Vec<T>, GlmError> {
    let mut all = Vec::new();
    chunks.fold(
        name,
        |chunk| {
            let mut out = Vec::with_capacity(chunk.rows);
            let mut predictor = [0.0; ROWS];
            for block in 0..chunk.blocks() {
                chunk.predictors(block, coefficients, &mut predictor);
                out.extend(
                    predictor[..chunk.rows_in(block)]
                        .iter()
                        .map(|&eta| value(eta)),
                );
            }
            Ok(out)
        },
        |part| all.extend(part),
    )?;
    Ok(all)
}

/// η of every row of a design in memory, without offsets.
pub(super) fn predictors(design: &Design, coefficients: &[f64]) -> Vec<f64> {
    let arch = Arch::new();
    let parts = design.over_chunks(|blocks| {
        let mut out = Vec::with_capacity(blocks.len() * ROWS);
        let mut predictor = [0.0; ROWS];
        for block in blocks {
            linear_predictor(arch, design.block(block), coefficients, &mut predictor);
            out.extend_from_slice(&predictor[..design.rows_in(block)]);
        }
        out
    });
    parts.concat()
}
