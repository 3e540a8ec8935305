//! One pass over the rows: everything that an iteration needs, from each block while it is near.

use super::{
    chunk::{Chunk, Chunks},
    design::{add_to, symmetric},
    elsewhere::Task,
    error::GlmError,
    family::Family,
    kernel::{Products, ROWS, linear_predictor, packed_length},
    rows::{RowModel, RowTerms, Tally, is_canonical},
    wide::{self, Multipliers, WIDE},
};
use crate::sums::Additive;
use crate::wire::wire_fields;
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
    Start(Starting),
}

/// Where scoring starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Starting {
    pub(super) family: Family,
    pub(super) link: Link,
    /// The predictor of the mean response, for rows that say nothing finite.
    pub(super) average: f64,
}

impl Starting {
    /// The predictor of a mean near a response.
    fn predictor(&self, y: f64, trials: f64) -> f64 {
        let predictor = self.link.predictor(self.family.starting_mean(y, trials));
        if predictor.is_finite() {
            predictor
        } else {
            self.average
        }
    }
}

/// What a pass is to add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// The score, for a step with an information that is had already.
    Score,
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
    /// Empty where the score alone was asked for.
    pub(super) expected: Mat<f64>,
    /// Where it differs from the expected and was asked for.
    pub(super) observed: Option<Mat<f64>>,
    pub(super) empirical: Option<Mat<f64>>,
    /// Σ s²/w = Σ (y − μ)²/V.
    pub(super) pearson: f64,
    pub(super) tally: Tally,
}

/// What a pass is to make of the rows.
#[derive(Clone, Copy)]
struct Asked<'a> {
    predictor: Predictor<'a>,
    extent: Extent,
    /// Is the observed information wanted, and does it differ from the expected?
    observed: bool,
    /// Is Pearson's statistic wanted?
    pearson: bool,
}

impl<'a> Asked<'a> {
    fn new(predictor: Predictor<'a>, extent: Extent, family: Family, is_canonical: bool) -> Self {
        let asked = matches!(extent, Extent::Everything | Extent::StepAndObserved);
        let pearson = match extent {
            Extent::Score => family.estimates_dispersion(),
            Extent::Step => false,
            _ => true,
        };
        Self {
            predictor,
            extent,
            observed: asked && !is_canonical,
            pearson,
        }
    }
}

/// Weights and scores of the rows of a block.
struct BlockTerms {
    of_rows: RowTerms,
    /// What scoring starts from, less the offset; empty later.
    started: Vec<f64>,
}

impl BlockTerms {
    fn new() -> Self {
        Self {
            of_rows: RowTerms::new(),
            started: Vec::new(),
        }
    }

    /// Those of a block; gives what its rows add beside, and Σ s²/w where it is wanted.
    fn fill(
        &mut self,
        arch: Arch,
        chunk: &Chunk<'_>,
        model: &dyn RowModel,
        asked: Asked<'_>,
        block: usize,
    ) -> (Tally, f64) {
        let (start, count) = (block * ROWS, chunk.rows_in(block));
        let terms = &mut self.of_rows;
        match asked.predictor {
            Predictor::Coefficients(coefficients) => {
                let values = chunk.block(block);
                linear_predictor(arch, values, coefficients, &mut terms.predictor);
            }
            Predictor::Start(starting) => {
                self.started.clear();
                self.started.extend((start..start + count).map(|row| {
                    let (y, trials) = (chunk.response[row], chunk.trials_of(row));
                    starting.predictor(y, trials) - chunk.offset_of(row)
                }));
                let (predictor, padding) = terms.predictor.split_at_mut(count);
                predictor.copy_from_slice(&self.started);
                padding.fill(0.0);
            }
        }
        let tally = model.fill(arch, start, count, asked.observed, terms);
        let mut pearson = 0.0;
        if asked.pearson {
            for i in 0..count {
                if terms.weight[i] > 0.0 {
                    pearson += terms.score[i] * terms.score[i] / terms.weight[i];
                }
            }
        }
        for (i, started) in self.started.iter().enumerate() {
            terms.score[i] += terms.weight[i] * started;
        }
        (tally, pearson)
    }
}

/// Turns the scores of a block into what multiplies z zᵀ in the sum of their outer products.
fn outer_weights(chunk: &Chunk<'_>, model: &dyn RowModel, block: usize, scores: &mut [f64; ROWS]) {
    for score in scores.iter_mut() {
        *score *= *score;
    }
    // So many outer products of a part each, not one of the whole.
    if let Some(copies) = model.copies() {
        let start = block * ROWS;
        let copies = &copies[start..start + chunk.rows_in(block)];
        for (score, copies) in scores.iter_mut().zip(copies) {
            *score /= copies;
        }
    }
}

/// The sums of a run of blocks. Those of different blocks, chunks or machines merge by addition.
struct Accumulator<'a> {
    expected: Products,
    observed: Option<Products>,
    empirical: Option<Products>,
    pearson: f64,
    tally: Tally,
    terms: BlockTerms,
    asked: Asked<'a>,
}

/// What an accumulator comes down to.
#[derive(Clone, Debug)]
pub(crate) struct Partial {
    /// The lower triangle of the expected information where it was asked for, and then the score.
    expected: Vec<f64>,
    observed: Vec<f64>,
    empirical: Vec<f64>,
    pearson: f64,
    tally: Tally,
}

impl<'a> Accumulator<'a> {
    fn new(width: usize, asked: Asked<'a>) -> Self {
        let everything = asked.extent == Extent::Everything;
        Self {
            expected: match asked.extent {
                Extent::Score => Products::of_score(width),
                _ => Products::new(width),
            },
            observed: asked.observed.then(|| Products::new(width)),
            empirical: everything.then(|| Products::new(width)),
            pearson: 0.0,
            tally: Tally::NOTHING,
            terms: BlockTerms::new(),
            asked,
        }
    }

    fn update(&mut self, arch: Arch, chunk: &Chunk<'_>, model: &dyn RowModel, block: usize) {
        let values = chunk.block(block);
        let (tally, pearson) = self.terms.fill(arch, chunk, model, self.asked, block);
        let terms = &mut self.terms.of_rows;
        self.tally.add(tally);
        self.pearson += pearson;
        let weight = (self.asked.extent != Extent::Score).then_some(terms.weight.as_slice());
        self.expected
            .update(arch, values, weight, Some(&terms.score));
        if let Some(observed) = &mut self.observed {
            observed.update(arch, values, Some(&terms.observed), None);
        }
        if let Some(empirical) = &mut self.empirical {
            outer_weights(chunk, model, block, &mut terms.score);
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
        let asked = Asked::new(predictor, extent, family, model.is_canonical());
        let mut sums = Accumulator::new(chunk.width(), asked);
        for block in 0..chunk.blocks() {
            sums.update(arch, chunk, model.as_ref(), block);
        }
        sums.finish()
    }

    /// Of no rows.
    pub(super) fn nothing(width: usize) -> Self {
        Self {
            expected: vec![0.0; packed_length(width)],
            observed: Vec::new(),
            empirical: Vec::new(),
            pearson: 0.0,
            tally: Tally::NOTHING,
        }
    }

    pub(super) fn finish(self, width: usize) -> Sums {
        let matrix = |packed: Vec<f64>| {
            (packed.len() == packed_length(width)).then(|| symmetric(&packed, width))
        };
        Sums {
            score: self.expected[self.expected.len() - width..].to_vec(),
            expected: matrix(self.expected).unwrap_or_else(Mat::new),
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
    if chunks.width() >= WIDE {
        return wide_pass(chunks, name, family, link, predictor, extent);
    }
    let width = chunks.width();
    let sums = chunks.sum(
        name,
        || Task::Pass(Wanted::new(family, link, predictor, extent)),
        |chunk| Ok(Partial::of_chunk(chunk, family, link, predictor, extent)),
    )?;
    let total = sums.unwrap_or_else(|| Partial::nothing(width));
    Ok(total.finish(width))
}

impl Additive for Partial {
    fn add(&mut self, later: Self) {
        add_to(&mut self.expected, later.expected);
        add_to(&mut self.observed, later.observed);
        add_to(&mut self.empirical, later.empirical);
        self.pearson += later.pearson;
        self.tally.add(later.tally);
    }
}

wire_fields!(Tally {
    log_kernel,
    outside,
    largest,
});
wire_fields!(Partial {
    expected,
    observed,
    empirical,
    pearson,
    tally,
});

/// What a pass is to add up, as it is said to others.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    family: Family,
    link: Link,
    /// None where scoring starts.
    coefficients: Option<Vec<f64>>,
    /// The predictor of the mean response.
    average: f64,
    extent: Extent,
}

wire_fields!(Wanted {
    family,
    link,
    coefficients,
    average,
    extent,
});

impl Wanted {
    pub(super) fn new(
        family: Family,
        link: Link,
        predictor: Predictor<'_>,
        extent: Extent,
    ) -> Self {
        let (coefficients, average) = match predictor {
            Predictor::Coefficients(coefficients) => (Some(coefficients.to_vec()), 0.0),
            Predictor::Start(starting) => (None, starting.average),
        };
        Self {
            family,
            link,
            coefficients,
            average,
            extent,
        }
    }

    /// The sums of a chunk.
    pub(super) fn of_chunk(&self, chunk: &Chunk<'_>) -> Partial {
        let &Self {
            family,
            link,
            average,
            ..
        } = self;
        let predictor = match &self.coefficients {
            Some(coefficients) => Predictor::Coefficients(coefficients),
            None => Predictor::Start(Starting {
                family,
                link,
                average,
            }),
        };
        Partial::of_chunk(chunk, family, link, predictor, self.extent)
    }
}

/// The same of a wide design.
fn wide_pass(
    chunks: Chunks<'_>,
    name: &str,
    family: Family,
    link: Link,
    predictor: Predictor<'_>,
    extent: Extent,
) -> Result<Sums, GlmError> {
    let everything = extent == Extent::Everything;
    let asked = Asked::new(predictor, extent, family, is_canonical(family, link));
    let steps = extent != Extent::Score;
    let sets = usize::from(steps) + usize::from(asked.observed) + usize::from(everything);
    let (mut pearson, mut tally) = (0.0, Tally::NOTHING);
    let of_chunk = |chunk: &Chunk<'_>| {
        let (arch, model) = (Arch::new(), chunk.model(family, link));
        let mut block_terms = BlockTerms::new();
        let mut weights = vec![Vec::with_capacity(chunk.blocks() * ROWS); sets];
        let mut score = Vec::with_capacity(chunk.blocks() * ROWS);
        let (mut tally, mut pearson) = (Tally::NOTHING, 0.0);
        for block in 0..chunk.blocks() {
            let (of_block, squares) = block_terms.fill(arch, chunk, model.as_ref(), asked, block);
            tally.add(of_block);
            pearson += squares;
            let terms = &mut block_terms.of_rows;
            if steps {
                weights[0].extend_from_slice(&terms.weight);
            }
            score.extend_from_slice(&terms.score);
            if asked.observed {
                weights[1].extend_from_slice(&terms.observed);
            }
            if everything {
                outer_weights(chunk, model.as_ref(), block, &mut terms.score);
                weights[sets - 1].extend_from_slice(&terms.score);
            }
        }
        let score = Some(score);
        Ok((Multipliers { weights, score }, (pearson, tally)))
    };
    let sums = wide::sums(chunks, name, sets, of_chunk, |(more, of_chunk)| {
        pearson += more;
        tally.add(of_chunk);
    })?;
    let mut products = sums.products.into_iter();
    let mut next = || products.next().unwrap_or_else(Mat::new);
    Ok(Sums {
        score: sums.score,
        expected: next(),
        observed: asked.observed.then(&mut next),
        empirical: everything.then(&mut next),
        pearson,
        tally,
    })
}
