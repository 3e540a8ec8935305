//! The log-likelihood of a fit and its deviances, from one pass over the rows.

use super::{
    chunk::Chunk, elsewhere::Task, error::GlmError, family::Family, fit::Fit, kernel::ROWS,
    weights::Weighting,
};
use crate::sums::Additive;
use crate::wire::{Wire, wire_fields};
use fisherinfo::coordinates::link::Link;
use std::borrow::Cow;

/// Where a likelihood is wanted.
#[derive(Clone, Debug)]
pub(super) struct Point<'a> {
    pub(super) family: Family,
    pub(super) link: Link,
    /// Coefficients of the stored columns.
    pub(super) stored: Cow<'a, [f64]>,
    /// The mean response, which is every mean of a model with an intercept only.
    pub(super) average: Option<f64>,
}

impl Point<'_> {
    pub(super) fn into_owned(self) -> Point<'static> {
        Point {
            stored: Cow::Owned(self.stored.into_owned()),
            ..self
        }
    }
}

impl Wire for Point<'static> {
    fn write(&self, out: &mut Vec<u8>) {
        self.family.write(out);
        self.link.write(out);
        self.stored.to_vec().write(out);
        self.average.write(out);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            family: Wire::read(bytes)?,
            link: Wire::read(bytes)?,
            stored: Cow::Owned(Wire::read(bytes)?),
            average: Wire::read(bytes)?,
        })
    }
}

/// Sums over the rows.
#[derive(Clone, Debug)]
pub(crate) struct Likelihood {
    deviance: f64,
    null_deviance: f64,
    /// At the dispersion one, or, where one is estimated, at deviance / n.
    log_likelihood: f64,
}

impl Likelihood {
    pub(super) fn nothing() -> Self {
        Self {
            deviance: 0.0,
            null_deviance: 0.0,
            log_likelihood: 0.0,
        }
    }

    pub(super) fn unknown() -> Self {
        Self {
            deviance: f64::NAN,
            null_deviance: f64::NAN,
            log_likelihood: f64::NAN,
        }
    }

    /// Of rows that are read for it.
    pub(super) fn of(fit: &Fit<'_>) -> Result<Self, GlmError> {
        let point = fit.point();
        let sums = fit.chunks().sum(
            "likelihood",
            || Task::Likelihood(fit.point().into_owned()),
            |chunk| Ok(Self::of_chunk(&point, chunk)),
        )?;
        let mut total = sums.unwrap_or_else(Self::nothing);
        total.finish(fit)?;
        Ok(total)
    }

    pub(super) fn of_chunk(point: &Point<'_>, chunk: &Chunk<'_>) -> Self {
        let mut total = Self::nothing();
        let (family, link, average) = (point.family, point.link, point.average);
        over_rows(point, chunk, |row, eta| {
            let (y, m) = (chunk.response[row], chunk.trials_of(row));
            let weight = chunk.weight_of(row);
            let (fitted, rest) = (link.mean(eta), link.complement(eta));
            // Of the model without terms; beside an intercept and offsets it is found later.
            let (mean, complement) = match average {
                Some(mean) => (mean, 1.0 - mean),
                None => {
                    let offset = chunk.offset_of(row);
                    (link.mean(offset), link.complement(offset))
                }
            };
            total.deviance += weight * family.unit_deviance(y, m, fitted, rest);
            total.null_deviance += weight * family.unit_deviance(y, m, mean, complement);
            if !family.estimates_dispersion() {
                total.log_likelihood += weight * family.log_density(y, m, fitted, rest, 1.0);
            }
        });
        total
    }

    /// Adds what the sums of one pass do not have: a likelihood that depends on the deviance.
    pub(super) fn finish(&mut self, fit: &Fit<'_>) -> Result<(), GlmError> {
        // A saturated fit may fall below zero by rounding.
        self.deviance = self.deviance.max(0.0);
        let regression = fit.regression;
        if regression.intercept.is_some() && regression.has_offset() {
            self.null_deviance = if regression.terms.len() == 1 {
                self.deviance
            } else {
                fit.deviance_of_offsets()?.unwrap_or(f64::NAN)
            };
        }
        if !fit.family.estimates_dispersion() {
            return Ok(());
        }
        let dispersion = self.deviance / fit.sample_size() as f64;
        let point = fit.point();
        let sum = fit.chunks().sum(
            "likelihood",
            || Task::LogLikelihood(fit.point().into_owned(), dispersion),
            |chunk| Ok(log_likelihood_of(&point, dispersion, chunk)),
        )?;
        self.log_likelihood += sum.unwrap_or_default();
        Ok(())
    }

    pub(super) fn deviance(&self) -> f64 {
        self.deviance
    }

    pub(super) fn null_deviance(&self) -> Option<f64> {
        self.null_deviance.is_finite().then_some(self.null_deviance)
    }

    pub(super) fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }
}

impl Additive for Likelihood {
    fn add(&mut self, later: Self) {
        self.deviance += later.deviance;
        self.null_deviance += later.null_deviance;
        self.log_likelihood += later.log_likelihood;
    }
}

wire_fields!(Likelihood {
    deviance,
    null_deviance,
    log_likelihood,
});

/// The log-likelihood of the rows of a chunk at a dispersion.
pub(super) fn log_likelihood_of(point: &Point<'_>, dispersion: f64, chunk: &Chunk<'_>) -> f64 {
    let mut sum = 0.0;
    over_rows(point, chunk, |row, eta| {
        let (y, m) = (chunk.response[row], chunk.trials_of(row));
        let (mean, rest) = (point.link.mean(eta), point.link.complement(eta));
        // A precision divides the dispersion, a frequency counts.
        let (dispersion, copies) = match chunk.weights {
            Some((Weighting::Precision, weights)) => (dispersion / weights[row], 1.0),
            _ => (dispersion, chunk.weight_of(row)),
        };
        sum += copies * point.family.log_density(y, m, mean, rest, dispersion);
    });
    sum
}

/// What a row adds to the deviance at a predictor.
pub(super) fn row_deviance(point: &Point<'_>, chunk: &Chunk<'_>, row: usize, eta: f64) -> f64 {
    let (y, m) = (chunk.response[row], chunk.trials_of(row));
    let (mean, rest) = (point.link.mean(eta), point.link.complement(eta));
    chunk.weight_of(row) * point.family.unit_deviance(y, m, mean, rest)
}

/// Calls `visit` with each row's number in the chunk and its predictor.
pub(super) fn over_rows(point: &Point<'_>, chunk: &Chunk<'_>, mut visit: impl FnMut(usize, f64)) {
    let mut predictor = [0.0; ROWS];
    for block in 0..chunk.blocks() {
        chunk.predictors(block, &point.stored, &mut predictor);
        for (i, &eta) in predictor[..chunk.rows_in(block)].iter().enumerate() {
            visit(block * ROWS + i, eta);
        }
    }
}
