//! One pass over the rows: everything that an iteration needs, from each block while it is near.

use super::{
    design::{Design, add_all, symmetric},
    kernel::{Products, ROWS, linear_predictor, packed_length},
    rows::{RowModel, RowTerms, Tally},
};
use faer::Mat;
use pulp::Arch;

/// Where the linear predictor of a pass comes from.
#[derive(Clone, Copy)]
pub(super) enum Predictor<'a> {
    /// η = Σ bⱼzⱼ.
    Coefficients(&'a [f64]),
    /// η = g(a mean near yᵢ) less the offset, row by row. The score is then replaced by w·η + s, so that I⁻¹ times
    /// it is the first iterate of scoring.
    Start(&'a (dyn Fn(usize) -> f64 + Sync)),
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
}

/// What an accumulator comes down to.
struct Partial {
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
        }
    }

    fn update(
        &mut self,
        arch: Arch,
        design: &Design,
        model: &dyn RowModel,
        predictor: Predictor<'_>,
        extent: Extent,
        block: usize,
    ) {
        let (start, count) = (block * ROWS, design.rows_in(block));
        let values = design.block(block);
        let mut started = [0.0; ROWS];
        match predictor {
            Predictor::Coefficients(coefficients) => {
                linear_predictor(arch, values, coefficients, &mut self.terms.predictor);
            }
            Predictor::Start(start_of) => {
                for (i, started) in started[..count].iter_mut().enumerate() {
                    *started = start_of(start + i);
                }
                self.terms.predictor = started;
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
        if let Predictor::Start(_) = predictor {
            for i in 0..count {
                terms.score[i] += terms.weight[i] * started[i];
            }
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

/// Adds up the rows of a design.
pub(super) fn pass(
    design: &Design,
    model: &dyn RowModel,
    predictor: Predictor<'_>,
    extent: Extent,
) -> Sums {
    let arch = Arch::new();
    let partials = design.over_chunks(|blocks| {
        let mut sums = Accumulator::new(design.width, extent, model.is_canonical());
        for block in blocks {
            sums.update(arch, design, model, predictor, extent, block);
        }
        sums.finish()
    });
    let (mut pearson, mut tally) = (0.0, Tally::NOTHING);
    let (mut expected, mut observed, mut empirical) = (Vec::new(), Vec::new(), Vec::new());
    for partial in partials {
        pearson += partial.pearson;
        tally.add(partial.tally);
        expected.push(partial.expected);
        observed.push(partial.observed);
        empirical.push(partial.empirical);
    }
    let width = design.width;
    let expected = add_all(expected);
    let matrix = |parts| {
        let packed: Vec<f64> = add_all(parts);
        (packed.len() == packed_length(width)).then(|| symmetric(&packed, width))
    };
    Sums {
        score: expected[width * (width + 1) / 2..].to_vec(),
        expected: symmetric(&expected, width),
        observed: matrix(observed),
        empirical: matrix(empirical),
        pearson,
        tally,
    }
}

/// Σ weightᵢ zᵢzᵢᵀ with a weight a row.
pub(super) fn weighted_products(design: &Design, weight: impl Fn(usize) -> f64 + Sync) -> Mat<f64> {
    let arch = Arch::new();
    let sums = design.over_chunks(|blocks| {
        let mut products = Products::new(design.width);
        let mut weights = [0.0; ROWS];
        for block in blocks {
            let count = design.rows_in(block);
            for (i, entry) in weights.iter_mut().enumerate() {
                *entry = if i < count {
                    weight(block * ROWS + i)
                } else {
                    0.0
                };
            }
            products.update(arch, design.block(block), Some(&weights), None);
        }
        products.finish()
    });
    symmetric(&add_all(sums), design.width)
}

/// Σ valueᵢ zᵢ with a value a row.
pub(super) fn weighted_columns(design: &Design, value: impl Fn(usize) -> f64 + Sync) -> Vec<f64> {
    let arch = Arch::new();
    let sums = design.over_chunks(|blocks| {
        let mut products = Products::new(design.width);
        let mut values = [0.0; ROWS];
        for block in blocks {
            let count = design.rows_in(block);
            values[count..].fill(0.0);
            for (i, entry) in values[..count].iter_mut().enumerate() {
                *entry = value(block * ROWS + i);
            }
            products.update(arch, design.block(block), None, Some(&values));
        }
        products.finish()
    });
    add_all(sums).split_off(design.width * (design.width + 1) / 2)
}

/// η of every row.
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
