//! The model without terms beside offsets: a mean for every row all the same.

use super::{
    chunk::Chunk,
    elsewhere::Task,
    error::GlmError,
    fit::Fit,
    kernel::ROWS,
    likelihood::{Point, row_deviance},
    rows::{RowTerms, Tally},
};
use crate::sums::Additive;
use crate::wire::wire_fields;
use pulp::Arch;

/// What the rows add up to at an intercept.
#[derive(Clone, Debug)]
pub(crate) struct At {
    score: f64,
    information: f64,
    deviance: f64,
    tally: Tally,
}

impl At {
    const NOTHING: Self = Self {
        score: 0.0,
        information: 0.0,
        deviance: 0.0,
        tally: Tally::NOTHING,
    };
}

impl Additive for At {
    fn add(&mut self, later: Self) {
        self.score += later.score;
        self.information += later.information;
        self.deviance += later.deviance;
        self.tally.add(later.tally);
    }
}

wire_fields!(At {
    score,
    information,
    deviance,
    tally,
});

const ITERATIONS: usize = 100;

/// Steps may be halved so often.
const HALVINGS: usize = 40;

/// A step so small, in standard errors, changes the deviance by less than its rounding.
const SMALL: f64 = 1e-9;

impl Fit<'_> {
    /// The deviance of the intercept and the offsets alone, by Fisher scoring; none where it has no
    /// maximum within reach.
    ///
    /// # Errors
    /// Rows that cannot be read again.
    pub(super) fn deviance_of_offsets(&self) -> Result<Option<f64>, GlmError> {
        let regression = self.regression;
        let average = self.link.predictor(regression.mean_response());
        let mut intercept = average - regression.mean_offset();
        if !intercept.is_finite() {
            return Ok(None);
        }
        let mut now = self.at_intercept(intercept)?;
        for _ in 0..ITERATIONS {
            let step = now.score / now.information;
            let inside = now.tally.outside == 0 && step.is_finite() && now.deviance.is_finite();
            if !inside {
                return Ok(None);
            }
            let size = step.abs() * (now.information / self.dispersion).sqrt();
            if size <= SMALL || step.abs() <= 1e-13 * intercept.abs() {
                // The deviance is least here, so that what is left of it is the step squared.
                let left = step * now.score;
                return Ok(Some((now.deviance - left).max(0.0)));
            }
            let mut fraction = 1.0;
            let mut next = None;
            for _ in 0..HALVINGS {
                let there = self.at_intercept(intercept + fraction * step)?;
                let slack = 1e-10 * (1.0 + now.deviance);
                if there.tally.outside == 0 && there.deviance <= now.deviance + slack {
                    next = Some((intercept + fraction * step, there));
                    break;
                }
                fraction *= 0.5;
            }
            match next {
                Some(next) => (intercept, now) = next,
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    fn at_intercept(&self, intercept: f64) -> Result<At, GlmError> {
        let point = self.point();
        let sums = self.chunks().sum(
            "offsets alone",
            || Task::Offsets(self.point().into_owned(), intercept),
            |chunk| Ok(At::of_chunk(&point, intercept, chunk)),
        )?;
        Ok(sums.unwrap_or(At::NOTHING))
    }
}

impl At {
    /// What the rows of a chunk add up to.
    pub(super) fn of_chunk(point: &Point<'_>, intercept: f64, chunk: &Chunk<'_>) -> Self {
        let arch = Arch::new();
        let model = chunk.model(point.family, point.link);
        let mut terms = RowTerms::new();
        let mut total = At::NOTHING;
        for block in 0..chunk.blocks() {
            let (start, count) = (block * ROWS, chunk.rows_in(block));
            terms.predictor[..count].fill(intercept);
            terms.predictor[count..].fill(0.0);
            total
                .tally
                .add(model.fill(arch, start, count, false, &mut terms));
            for i in 0..count {
                total.score += terms.score[i];
                total.information += terms.weight[i];
                total.deviance += row_deviance(point, chunk, start + i, terms.predictor[i]);
            }
        }
        total
    }
}
