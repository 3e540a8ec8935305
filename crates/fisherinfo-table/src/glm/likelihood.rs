//! The log-likelihood of a fit and its deviances, from one pass over the rows.

use super::{chunk::Chunk, error::GlmError, fit::Fit, kernel::ROWS, weights::Weighting};

/// Sums over the rows.
#[derive(Clone, Debug)]
pub(super) struct Likelihood {
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
        let mut total = Self::nothing();
        fit.chunks().fold(
            "likelihood",
            |chunk| Ok(Self::of_chunk(fit, chunk)),
            |part| total.merge(part),
        )?;
        total.finish(fit)?;
        Ok(total)
    }

    pub(super) fn of_chunk(fit: &Fit<'_>, chunk: &Chunk<'_>) -> Self {
        let average = fit.regression.intercept;
        let average = average.map(|_| fit.regression.mean_response());
        let mut total = Self::nothing();
        let (family, link) = (fit.family, fit.link);
        over_rows(fit, chunk, |row, eta| {
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

    pub(super) fn merge(&mut self, other: Self) {
        self.deviance += other.deviance;
        self.null_deviance += other.null_deviance;
        self.log_likelihood += other.log_likelihood;
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
        fit.chunks().fold(
            "likelihood",
            |chunk| {
                let mut sum = 0.0;
                over_rows(fit, chunk, |row, eta| {
                    let (y, m) = (chunk.response[row], chunk.trials_of(row));
                    let (mean, rest) = (fit.link.mean(eta), fit.link.complement(eta));
                    // A precision divides the dispersion, a frequency counts.
                    let (dispersion, copies) = match chunk.weights {
                        Some((Weighting::Precision, weights)) => (dispersion / weights[row], 1.0),
                        _ => (dispersion, chunk.weight_of(row)),
                    };
                    sum += copies * fit.family.log_density(y, m, mean, rest, dispersion);
                });
                Ok(sum)
            },
            |sum| self.log_likelihood += sum,
        )
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

/// What a row adds to the deviance at a predictor.
pub(super) fn row_deviance(fit: &Fit<'_>, chunk: &Chunk<'_>, row: usize, eta: f64) -> f64 {
    let (y, m) = (chunk.response[row], chunk.trials_of(row));
    let (mean, rest) = (fit.link.mean(eta), fit.link.complement(eta));
    chunk.weight_of(row) * fit.family.unit_deviance(y, m, mean, rest)
}

/// Calls `visit` with each row's number in the chunk and its predictor.
pub(super) fn over_rows(fit: &Fit<'_>, chunk: &Chunk<'_>, mut visit: impl FnMut(usize, f64)) {
    let mut predictor = [0.0; ROWS];
    for block in 0..chunk.blocks() {
        chunk.predictors(block, &fit.stored, &mut predictor);
        for (i, &eta) in predictor[..chunk.rows_in(block)].iter().enumerate() {
            visit(block * ROWS + i, eta);
        }
    }
}
