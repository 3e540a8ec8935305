//! What a row brings beside its response and its terms: an offset and a weight.
//!
//! Both are plain numbers, one a row. The model of a family and a link knows nothing of them: it is
//! wrapped, so that the offset is added to the predictor before the model sees it, and weight, score
//! and information of the row are multiplied after. Whoever has a block of rows in hand wraps a model
//! of that block with the offsets and weights of that block.

use super::{
    chunk::Chunk,
    error::GlmError,
    family::Family,
    regression::Regression,
    rows::{RowModel, RowTerms, Tally, model},
};
use fisherinfo::coordinates::link::Link;
use pulp::Arch;
use std::{fmt, sync::OnceLock};

/// What a weight says about its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weighting {
    /// The row stands for so many rows that are the same: n is the sum of the weights.
    Frequency,
    /// The variance of the row's response is φV(μ)/w, as that of an average of w responses: n is
    /// the number of rows. The log-likelihood of a family without a dispersion is then Σ w log f,
    /// which is no probability unless the weights are whole.
    Precision,
}

impl fmt::Display for Weighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Frequency => "frequency",
            Self::Precision => "precision",
        })
    }
}

/// Offsets are finite.
pub(super) fn require_offset(offset: &[f64]) -> Result<(), GlmError> {
    match offset.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(row) => Err(GlmError::NotFinite {
            term: "offset".into(),
            row,
            value: offset[row],
        }),
    }
}

/// Weights are positive and finite, frequencies whole.
pub(super) fn require_weights(weighting: Weighting, weights: &[f64]) -> Result<(), GlmError> {
    let refused = weights.iter().position(|&value| {
        let positive = value > 0.0 && value.is_finite();
        let whole = value.fract() == 0.0 && value <= MOST_COPIES;
        !positive || (weighting == Weighting::Frequency && !whole)
    });
    match refused {
        None => Ok(()),
        Some(row) => Err(GlmError::Weight {
            row,
            value: weights[row],
            weighting,
        }),
    }
}

/// One positive weight a row.
#[derive(Clone, Debug)]
pub(super) struct Weights {
    pub(super) weighting: Weighting,
    pub(super) values: Vec<f64>,
}

/// A model whose rows have offsets and weights, one of each for every row of the model.
struct Adjusted<'a> {
    model: Box<dyn RowModel + 'a>,
    family: Family,
    link: Link,
    response: &'a [f64],
    trials: Option<&'a [f64]>,
    offset: Option<&'a [f64]>,
    weights: Option<(Weighting, &'a [f64])>,
}

impl RowModel for Adjusted<'_> {
    fn is_canonical(&self) -> bool {
        self.model.is_canonical()
    }

    fn copies(&self) -> Option<&[f64]> {
        self.weights
            .filter(|(weighting, _)| *weighting == Weighting::Frequency)
            .map(|(_, values)| values)
    }

    fn fill(
        &self,
        arch: Arch,
        start: usize,
        count: usize,
        observed: bool,
        terms: &mut RowTerms,
    ) -> Tally {
        if let Some(offset) = self.offset {
            for (eta, offset) in terms
                .predictor
                .iter_mut()
                .zip(&offset[start..start + count])
            {
                *eta += offset;
            }
        }
        let mut tally = self.model.fill(arch, start, count, observed, terms);
        let Some((_, weights)) = self.weights else {
            return tally;
        };
        tally.log_kernel = 0.0;
        for (i, &weight) in weights[start..start + count].iter().enumerate() {
            terms.weight[i] *= weight;
            terms.score[i] *= weight;
            if observed {
                terms.observed[i] *= weight;
            }
            let eta = terms.predictor[i];
            // The deviance is the kernel but for a constant.
            tally.log_kernel -= 0.5
                * weight
                * self.family.unit_deviance(
                    self.response[start + i],
                    self.trials.map_or(1.0, |trials| trials[start + i]),
                    self.link.mean(eta),
                    self.link.complement(eta),
                );
        }
        if tally.log_kernel.is_nan() && tally.outside == 0 {
            tally.log_kernel = f64::NEG_INFINITY;
        }
        tally
    }
}

impl Regression {
    /// The same regression with a number a row that is added to the predictor, such as the
    /// logarithm of the time that a count was taken over. It replaces an earlier one.
    ///
    /// # Errors
    /// Another number of offsets than of responses, or an offset that is not finite.
    ///
    /// ```
    /// use fisherinfo_table::glm::{Family, Regression};
    /// // Six events in two years and nine in three: three a year.
    /// let regression = Regression::new(&[6.0, 9.0], &[[1.0, 1.0]], &["rate".into()], Some(0))?
    ///     .offset(&[2.0_f64.ln(), 3.0_f64.ln()])?;
    /// let fit = regression.fit(Family::Poisson, Family::Poisson.default_link())?;
    /// assert!((fit.coefficients()[0] - 3.0_f64.ln()).abs() < 1e-12);
    /// assert!((fit.standard_errors().expected[0] - 15.0_f64.sqrt().recip()).abs() < 1e-12);
    /// # Ok::<(), fisherinfo_table::glm::GlmError>(())
    /// ```
    pub fn offset(mut self, offset: &[f64]) -> Result<Self, GlmError> {
        self.require_one_a_row("offsets", offset.len())?;
        require_offset(offset)?;
        self.offset = Some(offset.to_vec());
        self.totals = OnceLock::new();
        Ok(self)
    }

    /// The same regression with weights. They replace earlier ones.
    ///
    /// # Errors
    /// Another number of weights than of responses, a weight that is not positive and finite (a row
    /// of weight zero has to be left out, as [`crate::DesignOptions::weights`] does), or a frequency
    /// that is not whole.
    ///
    /// ```
    /// use fisherinfo_table::glm::{Family, Regression, Weighting};
    /// let fitted = |y: &[f64], weights: Option<(Weighting, &[f64])>| {
    ///     let ones = vec![1.0; y.len()];
    ///     let mut regression = Regression::new(y, &[ones], &["mean".into()], Some(0))?;
    ///     if let Some((weighting, values)) = weights {
    ///         regression = regression.weights(weighting, values)?;
    ///     }
    ///     let fit = regression.fit(Family::Gaussian, Family::Gaussian.default_link())?;
    ///     Ok::<_, fisherinfo_table::glm::GlmError>((fit.coefficients()[0], fit.standard_errors().expected[0]))
    /// };
    /// // Three rows that are the same, or one that stands for them.
    /// let (mean, error) = fitted(&[1.0, 4.0, 4.0, 4.0], None)?;
    /// let (same, counted) = fitted(&[1.0, 4.0], Some((Weighting::Frequency, &[1.0, 3.0])))?;
    /// assert!((mean - same).abs() < 1e-14 && (error - counted).abs() < 1e-14);
    /// // One average of three: the same mean, and a spread of two numbers.
    /// let (same, weighted) = fitted(&[1.0, 4.0], Some((Weighting::Precision, &[1.0, 3.0])))?;
    /// assert!((mean - same).abs() < 1e-14 && (weighted / error - 3.0_f64.sqrt()).abs() < 1e-13);
    /// # Ok::<(), fisherinfo_table::glm::GlmError>(())
    /// ```
    pub fn weights(mut self, weighting: Weighting, weights: &[f64]) -> Result<Self, GlmError> {
        self.require_one_a_row("weights", weights.len())?;
        require_weights(weighting, weights)?;
        self.totals = OnceLock::new();
        self.weights = Some(Weights {
            weighting,
            values: weights.to_vec(),
        });
        Ok(self)
    }
}

impl Chunk<'_> {
    /// The rows under a family and a link, with offsets and weights.
    pub(super) fn model(&self, family: Family, link: Link) -> Box<dyn RowModel + '_> {
        let model = model(family, link, self.response, self.trials);
        if self.offset.is_none() && self.weights.is_none() {
            return model;
        }
        Box::new(Adjusted {
            model,
            family,
            link,
            response: self.response,
            trials: self.trials,
            offset: self.offset,
            weights: self.weights,
        })
    }
}

/// Frequencies up to here add up without rounding, a thousand million of them.
const MOST_COPIES: f64 = 9e6 * 1e6;
