use super::{
    chunk::{Chunk, Chunks},
    covariance,
    elsewhere::Task,
    error::GlmError,
    family::Family,
    likelihood::{Likelihood, Point, over_rows},
    pass::{Extent, Partial, Predictor, Sums, Wanted, pass},
    positive_definite::inverse_root,
    regression::Regression,
    scoring::Maximum,
    weighted::of_predictors,
    wide::{WIDE, product},
};
use faer::Mat;
use fisherinfo::{
    coordinates::link::Link,
    information::{Estimator, Information, Provenance, Route, own_coordinates},
};
use std::borrow::Cow;
use std::sync::OnceLock;

/// A fitted regression: where the likelihood is largest, and the information there.
#[derive(Clone, Debug)]
pub struct Fit<'a> {
    pub(super) regression: &'a Regression,
    pub(super) family: Family,
    pub(super) link: Link,
    /// Coefficients of the stored columns.
    pub(super) stored: Vec<f64>,
    coefficients: Vec<f64>,
    pub(super) dispersion: f64,
    pearson: f64,
    iterations: usize,
    offset: f64,
    /// Informations of the stored coefficients, at dispersion one.
    pub(super) expected: Mat<f64>,
    /// Those that take a pass of their own, made when first asked for.
    of_rows: OnceLock<OfRows>,
    likelihood: OnceLock<Likelihood>,
    /// W with W·Wᵀ the inverse of the expected information.
    pub(super) root: Mat<f64>,
}

/// What the rows say of the stored coefficients beside the expectation, at dispersion one.
#[derive(Clone, Debug)]
struct OfRows {
    /// Where it differs from the expected.
    observed: Option<Mat<f64>>,
    empirical: Mat<f64>,
}

/// The three informations of a fit, at its dispersion, in the coefficients of its terms.
#[derive(Clone, Debug)]
pub struct FitInformation {
    /// XᵀWX/φ, the expectation over responses.
    pub expected: Information,
    /// Minus the second derivative of the log-likelihood; for the canonical link equal to the
    /// expected.
    pub observed: Information,
    /// Σ sᵢsᵢᵀ with sᵢ the score of a row.
    pub empirical: Information,
}

impl<'a> Fit<'a> {
    pub(super) fn new(
        regression: &'a Regression,
        family: Family,
        link: Link,
        maximum: Maximum,
    ) -> Result<Self, GlmError> {
        let Maximum {
            coefficients: stored,
            sums,
            iterations,
            offset,
        } = maximum;
        let width = stored.len();
        let to_raw = &regression.design.to_raw;
        let coefficients = (0..width)
            .map(|j| (0..width).map(|i| to_raw[(j, i)] * stored[i]).sum())
            .collect();
        let root =
            inverse_root(&sums.expected).ok_or(GlmError::NotConverged { iterations, offset })?;
        // Units in which a square over- or underflows would print as 0 or ∞.
        let spread = covariance::lengths(&product(to_raw, &root));
        if let Some(j) = spread
            .iter()
            .position(|s| !(s * s).is_normal() || !(s * s).recip().is_normal())
        {
            return Err(GlmError::Scale {
                term: regression.terms[j].clone(),
            });
        }
        let fit = Self {
            regression,
            family,
            link,
            stored,
            coefficients,
            dispersion: regression.dispersion(family, sums.pearson),
            pearson: sums.pearson,
            iterations,
            offset,
            expected: sums.expected,
            of_rows: OnceLock::new(),
            likelihood: OnceLock::new(),
            root,
        };
        // What takes a pass over rows in memory is made when asked for; that over rows that have to
        // be read anew may fail, and is made now.
        if regression.is_streamed() {
            fit.read_once_more()?;
        }
        Ok(fit)
    }

    /// Everything that the rows say at the estimates, in one pass, or two where the likelihood needs
    /// the dispersion.
    fn read_once_more(&self) -> Result<(), GlmError> {
        if self.stored.len() >= WIDE {
            // The sums of a wide design are not made a chunk at a time.
            let _ = self.likelihood.set(Likelihood::of(self)?);
            let _ = self.of_rows.set(self.of_sums(self.everything_at_once()?));
            return Ok(());
        }
        let point = self.point();
        let predictor = Predictor::Coefficients(&self.stored);
        let extent = Extent::Everything;
        let task = || {
            let wanted = Wanted::new(self.family, self.link, predictor, extent);
            Task::Last(wanted, self.point().into_owned())
        };
        let of_chunk = |chunk: &Chunk<'_>| {
            let likelihood = Likelihood::of_chunk(&point, chunk);
            let partial = Partial::of_chunk(chunk, self.family, self.link, predictor, extent);
            Ok((partial, likelihood))
        };
        let total = self.chunks().sum("last pass", task, of_chunk)?;
        let width = self.stored.len();
        let (sums, mut likelihood) =
            total.unwrap_or_else(|| (Partial::nothing(width), Likelihood::nothing()));
        likelihood.finish(self)?;
        let _ = self.likelihood.set(likelihood);
        let _ = self
            .of_rows
            .set(self.of_sums(sums.finish(self.stored.len())));
        Ok(())
    }

    /// Where the likelihood is largest.
    pub(super) fn point(&self) -> Point<'_> {
        let regression = self.regression;
        Point {
            family: self.family,
            link: self.link,
            stored: Cow::Borrowed(&self.stored),
            average: regression.intercept.map(|_| regression.mean_response()),
        }
    }

    fn everything_at_once(&self) -> Result<Sums, GlmError> {
        pass(
            self.chunks(),
            "last pass",
            self.family,
            self.link,
            Predictor::Coefficients(&self.stored),
            Extent::Everything,
        )
    }

    fn of_sums(&self, sums: Sums) -> OfRows {
        let width = self.stored.len();
        OfRows {
            observed: sums.observed,
            empirical: sums.empirical.unwrap_or_else(|| Mat::zeros(width, width)),
        }
    }

    pub(super) fn chunks(&self) -> Chunks<'_> {
        self.regression.chunks(Some(self.family))
    }

    fn of_rows(&self) -> &OfRows {
        self.of_rows.get_or_init(|| {
            let work = || self.everything_at_once();
            // The pool asked for was had before; should it not be again, any will do.
            let sums = self.regression.in_pool(work).unwrap_or_else(|_| work());
            match sums {
                Ok(sums) => self.of_sums(sums),
                // Rows in memory are read without fail, and others were read before.
                Err(_) => OfRows {
                    observed: None,
                    empirical: faer::Scale(f64::NAN) * &self.expected,
                },
            }
        })
    }

    /// Minus the second derivative of the log-likelihood in the stored coefficients, at
    /// dispersion one.
    pub(super) fn observed(&self) -> &Mat<f64> {
        self.of_rows().observed.as_ref().unwrap_or(&self.expected)
    }

    /// The outer products of the scores in the stored coefficients, at dispersion one.
    pub(super) fn empirical(&self) -> &Mat<f64> {
        &self.of_rows().empirical
    }

    /// What of the terms' coefficients the data can tell.
    pub fn identified_terms(&self) -> &'a super::IdentifiedTerms {
        &self.regression.identified
    }

    /// The names of what is estimated, in the order of everything else.
    pub fn terms(&self) -> &'a [String] {
        &self.regression.terms
    }

    /// The family of the response.
    pub fn family(&self) -> Family {
        self.family
    }

    /// The link.
    pub fn link(&self) -> Link {
        self.link
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.regression.rows()
    }

    /// n: the sum of the weights where they are frequencies, otherwise the number of rows.
    pub fn sample_size(&self) -> usize {
        self.regression.sample_size()
    }

    /// n − p.
    pub fn residual_degrees_of_freedom(&self) -> usize {
        self.sample_size() - self.coefficients.len()
    }

    /// The estimate of each coefficient, in units of the predictor per unit of its term.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// φ: Pearson's X²/(n − p) where the family [estimates](Family::estimates_dispersion) it,
    /// otherwise 1.
    pub fn dispersion(&self) -> f64 {
        self.dispersion
    }

    /// Pearson's X² = Σ mᵢ(yᵢ − μᵢ)²/V(μᵢ).
    pub fn pearson_chi_squared(&self) -> f64 {
        self.pearson
    }

    /// Iterations of Fisher scoring.
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// The relative offset before the last step, which is at most the tolerance asked for (see
    /// [`super::Options::tolerance`]); after it, smaller still.
    pub fn relative_offset(&self) -> f64 {
        self.offset
    }

    /// η of every row, its offset included.
    ///
    /// # Errors
    /// Rows that cannot be read again; those in memory can.
    pub fn linear_predictor(&self) -> Result<Vec<f64>, GlmError> {
        of_predictors(self.chunks(), "predictors", &self.stored, |eta| eta)
    }

    /// μ of every row: the mean of the response, or of the proportion of successes where there
    /// are trials.
    ///
    /// # Errors
    /// As [`Fit::linear_predictor`].
    pub fn fitted_means(&self) -> Result<Vec<f64>, GlmError> {
        let mean = |eta| self.link.mean(eta);
        of_predictors(self.chunks(), "means", &self.stored, mean)
    }

    /// Sums `terms(y, m, μ, 1 − μ, weight)` over the rows, in an order that does not depend on
    /// threads.
    pub(super) fn sums_over_rows<const N: usize>(
        &self,
        terms: impl Fn(f64, f64, f64, f64, f64) -> [f64; N] + Sync,
    ) -> Result<[f64; N], GlmError> {
        let mut total = [0.0; N];
        let point = self.point();
        let add = |sums: &mut [f64; N], more: [f64; N]| {
            for (sum, more) in sums.iter_mut().zip(more) {
                *sum += more;
            }
        };
        self.chunks().fold(
            "likelihood",
            |chunk| {
                let mut sums = [0.0; N];
                over_rows(&point, chunk, |row, eta| {
                    let more = terms(
                        chunk.response[row],
                        chunk.trials_of(row),
                        self.link.mean(eta),
                        self.link.complement(eta),
                        chunk.weight_of(row),
                    );
                    add(&mut sums, more);
                });
                Ok(sums)
            },
            |part| add(&mut total, part),
        )?;
        Ok(total)
    }

    fn likelihood(&self) -> &Likelihood {
        self.likelihood.get_or_init(|| {
            // Rows in memory are read without fail, and of others this was asked before.
            Likelihood::of(self).unwrap_or_else(|_| Likelihood::unknown())
        })
    }

    /// Twice the log-likelihood that the fit falls short of one with a mean for every row, at φ = 1.
    pub fn deviance(&self) -> f64 {
        self.likelihood().deviance()
    }

    /// The deviance of the model without terms: with an intercept all means are the average (with
    /// offsets, those of a fit of the intercept alone), without one all predictors are zero or the
    /// offset. None where that is no predictor of the family.
    pub fn null_deviance(&self) -> Option<f64> {
        self.likelihood().null_deviance()
    }

    /// ln of the likelihood with all its constants (binomial coefficients, ln y!).
    ///
    /// Families whose dispersion is estimated have it at φ = deviance / n, as R's `logLik` does (and
    /// `AICtweedie` of its tweedie package); for the gaussian and the inverse gaussian that is the
    /// maximum over φ. The [`Fit::dispersion`] differs by its n − p. A row of precision w has the
    /// dispersion φ/w; where the family has none, w times its logarithm counts.
    pub fn log_likelihood(&self) -> f64 {
        self.likelihood().log_likelihood()
    }

    /// Akaike's criterion −2ℓ + 2k, k counting the dispersion where it is estimated.
    pub fn aic(&self) -> f64 {
        let estimated = self.coefficients.len() + usize::from(self.family.estimates_dispersion());
        -2.0 * self.log_likelihood() + 2.0 * estimated as f64
    }

    /// Expected, observed and empirical information about the coefficients, at the dispersion.
    ///
    /// Of the dispersion itself nothing is said: its information is apart from that of the
    /// coefficients.
    ///
    /// # Errors
    /// A perfect fit, whose dispersion is zero; a scale that no double can hold.
    pub fn information(&self) -> Result<FitInformation, GlmError> {
        let scale = self.dispersion.recip();
        if !(scale * scale).is_finite() {
            return Err(GlmError::PerfectFit);
        }
        if !scale.is_normal() || !(scale * scale).is_normal() {
            return Err(GlmError::Scale {
                term: self.terms()[0].clone(),
            });
        }
        Ok(FitInformation {
            expected: self.carried(
                &self.expected,
                scale,
                Estimator::Expected,
                Route::ClosedForm,
            )?,
            observed: self.carried(self.observed(), scale, Estimator::Observed, Route::Data)?,
            empirical: self.carried(
                self.empirical(),
                scale * scale,
                Estimator::Empirical,
                Route::Data,
            )?,
        })
    }

    /// The information of the stored coefficients, carried to those of the terms.
    fn carried(
        &self,
        matrix: &Mat<f64>,
        scale: f64,
        estimator: Estimator,
        route: Route,
    ) -> Result<Information, GlmError> {
        let terms = self.terms();
        let stored = Information::new(
            faer::Scale(scale) * matrix,
            terms,
            Provenance::exact(estimator, route),
        )?;
        let jacobian = self.regression.design.to_stored.as_ref();
        Ok(stored
            .reparameterised(jacobian, terms, &own_coordinates(terms))?
            .at(&self.coefficients)?
            .from_observations(self.sample_size() as f64))
    }

    /// The standard errors that follow from each information.
    pub fn standard_errors(&self) -> covariance::StandardErrors {
        covariance::StandardErrors::of(self)
    }
}
