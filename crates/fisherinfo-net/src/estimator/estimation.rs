use super::accumulate::{Part, Target};
use super::plan::Plan;
use super::spread::ends_group;
use super::vectors::{count, vector};
use super::{Estimator, Reduction, Representation, Sharing};
use crate::backend::{Backend, Real};
use crate::dataset::Dataset;
use crate::error::NetworkError;
use crate::fisher::{About, Block, Fisher};
use crate::network::Network;
use crate::parameters::ParameterId;
use crate::representation::{Form, FormError, LowRank};
use fisherinfo::family::SamplingError;
use rayon::prelude::*;
use std::ops::Range;
use thiserror::Error;

/// What to estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What stands for F.
    pub estimator: Estimator,
    /// What is kept.
    pub representation: Representation,
    /// What sums are divided by.
    pub reduction: Reduction,
}

/// Why an estimate could not be made.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum EstimationError {
    /// Network or data.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The output's family could not be sampled.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    /// Factors without an eigendecomposition.
    #[error("{block}: {error}")]
    Form {
        /// The tensors.
        block: String,
        /// Why.
        error: FormError,
    },
    /// No draws.
    #[error("a Monte Carlo estimate needs a draw an example, or more, and fewer than 2²⁴")]
    Draws,
    /// More scores than are kept.
    #[error(
        "{scores} scores of {parameters} numbers are {bytes} bytes, and up to {most} are kept: take fewer examples or draws, the empirical estimator, or another representation"
    )]
    Scores {
        /// Vectors sent backwards, times examples.
        scores: u128,
        /// Parameters.
        parameters: usize,
        /// What they would take.
        bytes: u128,
        /// What is kept.
        most: usize,
    },
    /// A state of another estimate.
    #[error("the state is of another estimate: {what} differs")]
    State {
        /// In what.
        what: &'static str,
    },
}

/// An estimate while it is made: an accumulator over batches.
///
/// ```
/// use fisherinfo_net::backend::Cpu;
/// use fisherinfo_net::estimator::{Estimation, Estimator, Reduction, Representation, Settings};
/// use fisherinfo_net::{Architecture, Dataset, Network};
/// // A logistic model at w = 0, x = 1, y = 1 and 0: p(1 − p) = 0.25, the squares of both scores too.
/// let architecture = Architecture::from_toml("logistic.toml", r#"
///     input = { features = 1 }
///     output = "bernoulli"
///     [[layer]]
///     kind = "linear"
///     name = "w"
///     outputs = 1
///     bias = false
/// "#)?;
/// let network = Network::initialised(&architecture, Cpu::<f64>::new(), 0)?.at(&[0.0])?;
/// let data = Dataset::new(vec![1.0, 1.0], 1, vec![1.0, 0.0])?;
/// for estimator in [Estimator::Exact, Estimator::Empirical] {
///     let settings = Settings {
///         estimator,
///         representation: Representation::Diagonal,
///         reduction: Reduction::Mean,
///     };
///     let fisher = Estimation::whole(&network, &data, settings, 2)?;
///     assert_eq!(fisher.diagonal(), [0.25]);
/// }
/// # Ok::<(), fisherinfo_net::estimator::EstimationError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Estimation {
    fisher: Fisher,
    settings: Settings,
    /// Examples that one worker takes through all layers together.
    part: usize,
    /// Examples seen in the pass at hand.
    seen: u64,
    /// Is this the second pass of EK-FAC?
    second: bool,
}

impl Estimation {
    /// An estimate that has seen nothing of `data` yet.
    ///
    /// # Errors
    /// Data that the network cannot take, or no draws.
    pub fn new<B: Backend>(
        network: &Network<B>,
        data: &Dataset,
        settings: Settings,
    ) -> Result<Self, EstimationError> {
        if let Estimator::MonteCarlo { draws, .. } = settings.estimator
            && !(1..1 << 24).contains(&draws)
        {
            return Err(EstimationError::Draws);
        }
        data.check(network)?;
        if settings.representation == Representation::LowRank {
            let scores = scores(settings.estimator, network, data);
            let parameters = network.dimension();
            if LowRank::is_too_large(parameters, scores) {
                return Err(EstimationError::Scores {
                    scores,
                    parameters,
                    bytes: 8 * scores * parameters as u128,
                    most: 8 * LowRank::MOST,
                });
            }
        }
        let numbers = network.linearise(data, 0..1)?.numbers();
        let plan = Plan::new(network, settings.representation);
        let blocks: Vec<Block> = plan
            .blocks
            .into_iter()
            .map(|planned| Block {
                form: planned.shape.zeros(),
                tensors: planned.tensors,
                note: planned.note,
            })
            .collect();
        let deviating = matches!(settings.estimator, Estimator::MonteCarlo { draws, .. } if draws > 1)
            && settings.representation == Representation::Diagonal;
        let about = About {
            estimator: settings.estimator,
            representation: settings.representation,
            reduction: settings.reduction,
            examples: 0,
            observations: 0,
            dtype: B::Element::NAME.into(),
            family: network.output().name(),
            model: network.hash(),
            data: vec![data.hash()],
            engine: env!("CARGO_PKG_VERSION").into(),
        };
        Ok(Self {
            fisher: Fisher {
                about,
                parameters: network.parameters().to_vec(),
                blocks,
                variances: deviating.then(|| vec![0.0; network.dimension()]),
            },
            settings,
            part: network.backend().examples_of_a_part(numbers),
            seen: 0,
            second: false,
        })
    }

    /// The same estimate as it was after `seen` examples of a pass.
    ///
    /// # Errors
    /// When `state` is of another network, other data or other settings.
    pub fn resumed(
        self,
        state: Fisher,
        seen: u64,
        second: bool,
        examples: u64,
    ) -> Result<Self, EstimationError> {
        let other = |what| Err(EstimationError::State { what });
        let (a, b) = (&self.fisher.about, &state.about);
        if a.model != b.model {
            return other("the model");
        }
        if a.data != b.data {
            return other("the data");
        }
        if (a.estimator, a.representation, a.reduction)
            != (b.estimator, b.representation, b.reduction)
        {
            return other("the estimator, representation or reduction");
        }
        if a.dtype != b.dtype || a.engine != b.engine || self.fisher.parameters != state.parameters
        {
            return other("the precision or the version of the engine");
        }
        let refined = matches!(a.representation, Representation::EigenKronecker(_));
        if seen > examples
            || (second && !refined)
            || (self.fisher.blocks.len() != state.blocks.len())
        {
            return other("the place it had come to");
        }
        Ok(Self {
            fisher: state,
            settings: self.settings,
            part: self.part,
            seen,
            second,
        })
    }

    /// The estimate from all examples, `batch` at a time.
    ///
    /// # Errors
    /// As [`Estimation::new`] and [`Estimation::update`].
    pub fn whole<B: Backend>(
        network: &Network<B>,
        data: &Dataset,
        settings: Settings,
        batch: usize,
    ) -> Result<Fisher, EstimationError> {
        let mut estimation = Self::new(network, data, settings)?;
        while let Some(range) = estimation.next(data, batch) {
            estimation.update(network, data, range)?;
        }
        Ok(estimation.finish())
    }

    /// How many passes over the data it takes.
    pub fn passes(&self) -> u64 {
        match self.settings.representation {
            Representation::EigenKronecker(_) => 2,
            _ => 1,
        }
    }

    /// How many examples were seen, those of a first pass of two included.
    pub fn progress(&self, data: &Dataset) -> u64 {
        self.seen + if self.second { data.len() as u64 } else { 0 }
    }

    /// Examples seen in the pass at hand, and whether it is the second.
    pub fn place(&self) -> (u64, bool) {
        (self.seen, self.second)
    }

    /// The sums so far.
    pub fn state(&self) -> &Fisher {
        &self.fisher
    }

    /// The examples to come next, none when all were seen as often as is needed.
    pub fn next(&self, data: &Dataset, batch: usize) -> Option<Range<usize>> {
        let last = self.second || self.passes() == 1;
        let from = if self.seen >= data.len() as u64 {
            if last {
                return None;
            }
            0
        } else {
            self.seen as usize
        };
        Some(from..(from + batch.max(1)).min(data.len()))
    }

    /// Adds the examples that [`Estimation::next`] named.
    ///
    /// # Errors
    /// An output that is not finite; an eigendecomposition that fails between two passes.
    pub fn update<B: Backend>(
        &mut self,
        network: &Network<B>,
        data: &Dataset,
        range: Range<usize>,
    ) -> Result<(), EstimationError> {
        if self.seen >= data.len() as u64 && !self.second && self.passes() == 2 {
            self.refine()?;
        }
        let (vectors, weight) = count(self.settings.estimator, network);
        let sharing = match self.settings.representation {
            Representation::Kronecker(sharing) | Representation::EigenKronecker(sharing) => sharing,
            _ => Sharing::Expand,
        };
        let backend = network.backend();
        let ranges: Vec<Range<usize>> = (range.start..range.end)
            .step_by(self.part)
            .map(|from| from..(from + self.part).min(range.end))
            .collect();
        let linearise = |part: usize| network.linearise(data, ranges[part].clone());
        // What the pass forward left is kept for several passes backwards alone.
        let kept = match vectors {
            1 => Vec::new(),
            _ => backend
                .each_part(ranges.len(), linearise)
                .into_iter()
                .collect::<Result<_, _>>()?,
        };
        let of_tensor = |id: &ParameterId| self.fisher.parameters[id.0].length();
        let lengths = self.fisher.blocks.iter();
        let lengths = lengths.map(|block| block.tensors.iter().map(of_tensor).sum());
        let deviating = self.fisher.variances.is_some();
        let mut spreads: Vec<Vec<f64>> = match deviating {
            true => lengths.map(|n| vec![0.0; n]).collect(),
            false => lengths.map(|_: usize| Vec::new()).collect(),
        };
        let mut group: Vec<Vec<Part<B>>> = Vec::new();
        let estimator = self.settings.estimator;
        for index in 0..vectors {
            let pull_back = |part: usize| -> Result<Part<B>, EstimationError> {
                let own;
                let there = match kept.get(part) {
                    Some(there) => there,
                    None => {
                        own = linearise(part)?;
                        &own
                    }
                };
                let range = ranges[part].clone();
                let u = vector(estimator, index, network, there, data, range)?;
                Ok(Part {
                    taps: there.pull_back(&u),
                    examples: there.examples(),
                    observations: there.observations(),
                })
            };
            let parts = backend.each_part(ranges.len(), pull_back).into_iter();
            group.push(parts.collect::<Result<_, _>>()?);
            let parts = &group[group.len() - 1];
            if index == 0 && !self.second {
                let examples = parts.iter().map(|part| part.examples as u64);
                self.fisher.about.examples += examples.sum::<u64>();
                let observations = parts.iter().map(|part| part.observations as u64);
                self.fisher.about.observations += observations.sum::<u64>();
            }
            let (infos, second) = (&self.fisher.parameters, self.second);
            let spread_now = deviating && ends_group(index, vectors);
            let blocks = self.fisher.blocks.par_iter_mut();
            blocks.zip(&mut spreads).for_each(|(block, spread)| {
                // In the second pass only what is along eigenvectors is new.
                if second && !matches!(block.form, Form::EigenKronecker(_)) {
                    return;
                }
                let target = Target {
                    tensors: &block.tensors,
                    infos,
                    sharing,
                    first: index == 0,
                };
                target.add(backend, parts, weight, &mut block.form);
                if spread_now {
                    target.add_spread(backend, &group, spread);
                }
            });
            if spread_now || !deviating {
                group.clear();
            }
        }
        if let Some(variances) = &mut self.fisher.variances {
            for (block, spread) in self.fisher.blocks.iter().zip(&spreads) {
                let mut offset = 0;
                for id in &block.tensors {
                    let info = &self.fisher.parameters[id.0];
                    let into = &mut variances[info.offset..info.offset + info.length()];
                    for (i, variance) in into.iter_mut().enumerate() {
                        *variance += spread[offset + i] / (vectors as f64).powi(2);
                    }
                    offset += info.length();
                }
            }
        }
        self.seen += range.len() as u64;
        Ok(())
    }

    /// From factors to their eigenvectors, along which the second pass sums.
    fn refine(&mut self) -> Result<(), EstimationError> {
        for i in 0..self.fisher.blocks.len() {
            if let Form::Kronecker(kronecker) = &self.fisher.blocks[i].form {
                let eigen = kronecker
                    .eigenbasis()
                    .map_err(|error| EstimationError::Form {
                        block: self.fisher.block_name(i),
                        error,
                    })?;
                self.fisher.blocks[i].form = Form::EigenKronecker(eigen);
            }
        }
        self.second = true;
        self.seen = 0;
        Ok(())
    }

    /// The estimate.
    pub fn finish(self) -> Fisher {
        self.fisher
    }
}

/// How many scores a low-rank estimate keeps: examples times vectors that each sends backwards.
pub fn scores<B: Backend>(estimator: Estimator, network: &Network<B>, data: &Dataset) -> u128 {
    let (vectors, _) = count(estimator, network);
    data.len() as u128 * vectors as u128
}
