//! The log-likelihood of a fit and its deviances, from one pass over the rows.

use super::{
    chunk::Chunk,
    error::GlmError,
    fit::Fit,
    kernel::{ROWS, linear_predictor},
};
use pulp::Arch;

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
        let (mean, complement) = fit.null_mean();
        let mut total = Self::nothing();
        let (family, link) = (fit.family, fit.link);
        over_rows(fit, chunk, |y, m, eta| {
            let (fitted, rest) = (link.mean(eta), link.complement(eta));
            total.deviance += family.unit_deviance(y, m, fitted, rest);
            total.null_deviance += family.unit_deviance(y, m, mean, complement);
            if !family.estimates_dispersion() {
                total.log_likelihood += family.log_density(y, m, fitted, rest, 1.0);
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
        if !fit.family.estimates_dispersion() {
            return Ok(());
        }
        let dispersion = self.deviance / fit.rows() as f64;
        fit.chunks().fold(
            "likelihood",
            |chunk| {
                let mut sum = 0.0;
                over_rows(fit, chunk, |y, m, eta| {
                    let (mean, rest) = (fit.link.mean(eta), fit.link.complement(eta));
                    sum += fit.family.log_density(y, m, mean, rest, dispersion);
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

/// Calls `visit` with response, trials and predictor of each row.
fn over_rows(fit: &Fit<'_>, chunk: &Chunk<'_>, mut visit: impl FnMut(f64, f64, f64)) {
    let mut predictor = [0.0; ROWS];
    for block in 0..chunk.blocks() {
        linear_predictor(Arch::new(), chunk.block(block), &fit.stored, &mut predictor);
        for (i, &eta) in predictor[..chunk.rows_in(block)].iter().enumerate() {
            let row = block * ROWS + i;
            visit(chunk.response[row], chunk.trials_of(row), eta);
        }
    }
}

impl Fit<'_> {
    /// The mean of the model without terms, and its complement.
    fn null_mean(&self) -> (f64, f64) {
        if self.regression.intercept.is_some() {
            let mean = self.regression.mean_response();
            (mean, 1.0 - mean)
        } else {
            (self.link.mean(0.0), self.link.complement(0.0))
        }
    }
}
