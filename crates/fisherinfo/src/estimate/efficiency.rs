use super::maximum_likelihood::maximise;
use super::{DataError, MaximumLikelihoodError};
use crate::coordinates::Coordinates;
use crate::expectation::{ExpectationError, Method, expectation, expected_information};
use crate::family::{Model, SamplingError};
use crate::information::InformationError;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::fmt;
use thiserror::Error;

/// A way to estimate from a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointEstimator {
    /// The point of greatest likelihood, searched from the truth.
    MaximumLikelihood,
    /// The mean of the sample.
    Mean,
    /// Its median.
    Median,
}

impl fmt::Display for PointEstimator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MaximumLikelihood => "maximum likelihood",
            Self::Mean => "mean",
            Self::Median => "median",
        })
    }
}

/// A number with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimated {
    /// The number.
    pub value: f64,
    /// Its standard error.
    pub error: f64,
}

/// How one parameter was estimated.
#[derive(Clone, Debug, PartialEq)]
pub struct EstimatorEfficiency {
    /// The parameter, in the coordinates asked for.
    pub parameter: String,
    /// Its true value.
    pub truth: f64,
    /// The mean of the estimates less the truth.
    pub bias: Estimated,
    /// The variance of the estimates.
    pub variance: Estimated,
    /// The Cramér–Rao bound of n observations, for unbiased estimators.
    pub bound: f64,
    /// Bound over variance; above one only for a biased estimator, or by chance.
    pub efficiency: Estimated,
}

/// What a simulation has found.
#[derive(Clone, Debug, PartialEq)]
pub struct Efficiency {
    /// The estimator.
    pub estimator: PointEstimator,
    /// Observations of a sample.
    pub observations: usize,
    /// Samples drawn.
    pub samples: usize,
    /// The generator's seed.
    pub seed: u64,
    /// The samples whose likelihood is greatest on the boundary of the space.
    pub on_boundary: usize,
    /// Of the parameters that the estimator estimates.
    pub parameters: Vec<EstimatorEfficiency>,
}

/// Why there is no efficiency.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum EfficiencyError {
    /// Too few samples or observations, or too many.
    #[error("{what} has to be from {least} to {most}, not {found}")]
    Count {
        /// What was counted.
        what: &'static str,
        /// The least.
        least: usize,
        /// The most.
        most: usize,
        /// The number given.
        found: usize,
    },
    /// Mean or median of something that is no number.
    #[error("the {estimator} of {model} is not defined: {reason}")]
    NotDefined {
        /// The estimator.
        estimator: PointEstimator,
        /// The family.
        model: String,
        /// Why.
        reason: String,
    },
    /// An estimator of something else.
    #[error(
        "the {estimator} of a sample of {model} estimates none of its parameters ({names}); take coordinates in which it does, or maximum likelihood"
    )]
    NotAParameter {
        /// The estimator.
        estimator: PointEstimator,
        /// The family.
        model: String,
        /// The parameters.
        names: String,
    },
    /// The bound is infinite.
    #[error("the information says nothing about {parameter}, so there is no bound to compare with")]
    NoBound {
        /// The parameter.
        parameter: String,
    },
    /// A sample without an estimate.
    #[error("sample {sample}: {error}")]
    Sample {
        /// Its number, from 1.
        sample: usize,
        /// Why.
        error: MaximumLikelihoodError,
    },
    /// The expectation failed.
    #[error(transparent)]
    Expectation(#[from] ExpectationError),
    /// No draws.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    /// No inverse.
    #[error(transparent)]
    Information(#[from] InformationError),
}

/// Samples that share a stream of the generator, so that the result is the same on any number of
/// threads.
const CHUNK: usize = 64;
const MOST_SAMPLES: usize = 10_000_000;
const MOST_OBSERVATIONS: usize = 10_000_000;

/// Draws `samples` samples of `observations` each from the model at θ, estimates from each, and
/// compares the variance of the estimates with the Cramér–Rao bound.
///
/// The standard error of the variance is that of a sample variance, from the fourth moment; that of
/// the efficiency follows from it to first order. The mean and the median count as estimators of
/// a parameter only where they are those of the model, here and at points near: the mean of an
/// exponential variable is 1/rate, and so refused unless `coordinates` have it.
///
/// `progress` is told of every so many samples done, from any thread.
///
/// # Errors
/// [`EfficiencyError`].
///
/// ```
/// use fisherinfo::estimate::{PointEstimator, simulate_efficiency};
/// use fisherinfo::family::Poisson;
/// let found = simulate_efficiency(
///     &Poisson, &[4.0], None, PointEstimator::MaximumLikelihood, 20, 2_000, 1, &|_| {},
/// )?;
/// // The mean of the counts attains the bound at every sample size.
/// let efficiency = found.parameters[0].efficiency;
/// assert!((efficiency.value - 1.0).abs() < 4.0 * efficiency.error);
/// # Ok::<(), fisherinfo::estimate::EfficiencyError>(())
/// ```
// What a simulation takes is what it is; a struct would name each twice.
#[allow(clippy::too_many_arguments)]
pub fn simulate_efficiency(
    model: &dyn Model,
    theta: &[f64],
    coordinates: Option<&Coordinates>,
    estimator: PointEstimator,
    observations: usize,
    samples: usize,
    seed: u64,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Efficiency, EfficiencyError> {
    count("the number of samples", samples, 10, MOST_SAMPLES)?;
    count(
        "the number of observations",
        observations,
        1,
        MOST_OBSERVATIONS,
    )?;
    let one = expected_information(model, theta, Method::Automatic)?;
    let moved = match coordinates {
        Some(coordinates) => coordinates.apply(&one)?,
        None => one,
    };
    let names = moved.parameters().to_vec();
    let truth = in_coordinates(coordinates, theta);
    let bound = moved.repeated(observations as f64)?.cramer_rao_bound()?;
    let targets = match estimator {
        PointEstimator::MaximumLikelihood => (0..names.len()).collect(),
        _ => vec![target(model, theta, coordinates, estimator, &names)?],
    };
    for &index in &targets {
        if !bound.variances()[index].is_finite() {
            return Err(EfficiencyError::NoBound {
                parameter: names[index].clone(),
            });
        }
    }
    let task = Task {
        model,
        theta,
        coordinates,
        estimator,
        observations,
        seed,
    };
    let chunks: Vec<Result<Chunk, EfficiencyError>> = (0..samples.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let done = task.chunk(chunk, CHUNK.min(samples - chunk * CHUNK))?;
            progress(done.estimates.len());
            Ok(done)
        })
        .collect();
    let mut estimates = Vec::with_capacity(samples);
    let mut on_boundary = 0;
    for chunk in chunks {
        let chunk = chunk?;
        estimates.extend(chunk.estimates);
        on_boundary += chunk.on_boundary;
    }
    let parameters = targets
        .into_iter()
        .enumerate()
        .map(|(column, index)| {
            let values: Vec<f64> = estimates.iter().map(|estimate| estimate[column]).collect();
            summary(
                &names[index],
                truth[index],
                bound.variances()[index],
                &values,
            )
        })
        .collect();
    Ok(Efficiency {
        estimator,
        observations,
        samples,
        seed,
        on_boundary,
        parameters,
    })
}

fn count(
    what: &'static str,
    found: usize,
    least: usize,
    most: usize,
) -> Result<(), EfficiencyError> {
    if (least..=most).contains(&found) {
        Ok(())
    } else {
        Err(EfficiencyError::Count {
            what,
            least,
            most,
            found,
        })
    }
}

fn in_coordinates(coordinates: Option<&Coordinates>, theta: &[f64]) -> Vec<f64> {
    coordinates.map_or_else(|| theta.to_vec(), |coordinates| coordinates.forward(theta))
}

/// What is done to every sample.
struct Task<'a> {
    model: &'a dyn Model,
    theta: &'a [f64],
    coordinates: Option<&'a Coordinates>,
    estimator: PointEstimator,
    observations: usize,
    seed: u64,
}

struct Chunk {
    estimates: Vec<Vec<f64>>,
    on_boundary: usize,
}

impl Task<'_> {
    fn chunk(&self, chunk: usize, samples: usize) -> Result<Chunk, EfficiencyError> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(chunk as u64);
        let mut rows = vec![vec![0.0; self.model.support(self.theta).width()]; self.observations];
        let mut done = Chunk {
            estimates: Vec::with_capacity(samples),
            on_boundary: 0,
        };
        for sample in 0..samples {
            for row in &mut rows {
                self.model.sample(self.theta, &mut rng, row)?;
            }
            let estimate = match self.estimator {
                PointEstimator::Mean => {
                    let sum: f64 = rows.iter().map(|row| row[0]).sum();
                    vec![sum / self.observations as f64]
                }
                PointEstimator::Median => {
                    let mut values: Vec<f64> = rows.iter().map(|row| row[0]).collect();
                    vec![median(&mut values)]
                }
                PointEstimator::MaximumLikelihood => {
                    let found = maximise(self.model, &rows, self.theta).map_err(|error| {
                        EfficiencyError::Sample {
                            sample: chunk * CHUNK + sample + 1,
                            error,
                        }
                    })?;
                    done.on_boundary += usize::from(!found.on_boundary.is_empty());
                    let estimate = in_coordinates(self.coordinates, &found.theta);
                    if let Some(index) = estimate.iter().position(|value| !value.is_finite()) {
                        return Err(EfficiencyError::Sample {
                            sample: chunk * CHUNK + sample + 1,
                            error: MaximumLikelihoodError::Data(DataError::NotFinite {
                                index: index + 1,
                                value: found.theta,
                            }),
                        });
                    }
                    estimate
                }
            };
            done.estimates.push(estimate);
        }
        Ok(done)
    }
}

fn median(values: &mut [f64]) -> f64 {
    let is_odd = values.len() % 2 == 1;
    let (below, upper, _) = values.select_nth_unstable_by(values.len() / 2, f64::total_cmp);
    if is_odd {
        *upper
    } else {
        let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        0.5 * (lower + *upper)
    }
}

/// How far a parameter is moved, in the coordinates that open the space, to see whether the mean or
/// the median moves along.
const MOVED: f64 = 0.1;

/// The parameter that is the mean or the median of the model, at θ and at points around it.
fn target(
    model: &dyn Model,
    theta: &[f64],
    coordinates: Option<&Coordinates>,
    estimator: PointEstimator,
    names: &[String],
) -> Result<usize, EfficiencyError> {
    let support = model.support(theta);
    let undefined = |reason: String| EfficiencyError::NotDefined {
        estimator,
        model: model.name(),
        reason,
    };
    if support.columns() != 1 {
        return Err(undefined("its observations are vectors".into()));
    }
    if estimator == PointEstimator::Median && support.is_discrete() {
        return Err(undefined(
            "of integers it jumps, and estimates no parameter".into(),
        ));
    }
    let open = model.space().unconstrained();
    let u = open.forward(theta);
    let mut around = vec![theta.to_vec()];
    for index in 0..u.len() {
        let mut moved = u.clone();
        moved[index] += MOVED;
        around.push(open.inverse(&moved));
    }
    let mut possible: Vec<usize> = (0..names.len()).collect();
    for point in &around {
        let phi = in_coordinates(coordinates, point);
        let is_median = estimator == PointEstimator::Median;
        let found = if is_median {
            // The probability below every coordinate.
            let below = |x: &[f64], out: &mut [f64]| {
                for (below, cut) in out.iter_mut().zip(&phi) {
                    *below = f64::from(u8::from(x[0] <= *cut));
                }
            };
            expectation(model, point, phi.len(), &below, Method::Automatic)?
        } else {
            // The square, too, has to have an expectation.
            let moments = |x: &[f64], out: &mut [f64]| {
                out[0] = x[0];
                out[1] = x[0] * x[0];
            };
            expectation(model, point, 2, &moments, Method::Numeric)
                .map_err(|error| undefined(error.to_string()))?
        };
        possible.retain(|&index| {
            let (at, wanted) = if is_median {
                (index, 0.5)
            } else {
                (0, phi[index])
            };
            let slack = 5.0 * found.error[at] + 1e-8 * wanted.abs();
            (found.value[at] - wanted).abs() <= slack
        });
    }
    possible
        .first()
        .copied()
        .ok_or_else(|| EfficiencyError::NotAParameter {
            estimator,
            model: model.name(),
            names: names.join(", "),
        })
}

/// Moments of the estimates of one parameter.
fn summary(name: &str, truth: f64, bound: f64, values: &[f64]) -> EstimatorEfficiency {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let moment = |power: i32| values.iter().map(|v| (v - mean).powi(power)).sum::<f64>();
    let variance = moment(2) / (count - 1.0);
    // Var(s²) = (μ₄ − σ⁴ (n − 3)/(n − 1))/n.
    let spread = (moment(4) / count - variance * variance * (count - 3.0) / (count - 1.0)) / count;
    let error = spread.max(0.0).sqrt();
    EstimatorEfficiency {
        parameter: name.into(),
        truth,
        bias: Estimated {
            value: mean - truth,
            error: (variance / count).sqrt(),
        },
        variance: Estimated {
            value: variance,
            error,
        },
        bound,
        efficiency: Estimated {
            value: bound / variance,
            error: bound / variance * (error / variance),
        },
    }
}
