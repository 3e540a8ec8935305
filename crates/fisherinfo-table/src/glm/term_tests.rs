//! Are some coefficients zero? The three classical answers, and the table of deviances.

use super::{constrained::Held, error::GlmError, fit::Fit, positive_definite::solve};
use faer::{Mat, Side, linalg::solvers::Solve};
use fisherinfo::special::{chi_squared_survival, f_survival};

/// A statistic and the probability of one at least as large when the coefficients are zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TestStatistic {
    /// χ² where the dispersion is known; where it is estimated, F.
    pub statistic: f64,
    /// From the χ² distribution with q degrees of freedom, or the F distribution with q and n − p.
    pub p_value: f64,
}

/// Tests that q coefficients are zero while the others are free.
///
/// Where the dispersion is known the statistics are referred to χ² with q degrees of freedom. Where
/// it is estimated each is divided by qφ̂ with the φ̂ of the whole model, and referred to F with q
/// and n − p; for a linear model with normal errors all three are then the same exact test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TermTest {
    /// q.
    pub degrees_of_freedom: usize,
    /// n − p where the dispersion is estimated.
    pub residual_degrees_of_freedom: Option<usize>,
    /// From the estimate and the expected information at it.
    pub wald: TestStatistic,
    /// From the score and the expected information where the coefficients are zero (Rao).
    pub score: TestStatistic,
    /// Twice the difference of the log-likelihoods at dispersion one: of the deviances.
    pub likelihood_ratio: TestStatistic,
    /// The deviance of the fit with the coefficients at zero.
    pub deviance: f64,
}

/// A line of a table of deviances.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DevianceStep {
    /// Coefficients that the term brings.
    pub degrees_of_freedom: usize,
    /// By how much the deviance falls.
    pub deviance: f64,
    /// n less the coefficients up to here.
    pub residual_degrees_of_freedom: usize,
    /// The deviance with the terms up to here.
    pub residual_deviance: f64,
    /// χ² or F of the fall.
    pub test: TestStatistic,
}

impl Fit<'_> {
    /// Tests that the coefficients of `columns` are zero, by Wald's, Rao's and the likelihood-ratio
    /// statistic; the last two refit the others.
    ///
    /// # Errors
    /// No columns, a column that is not there or named twice, a fit without them that has no
    /// maximum; a dispersion of zero.
    ///
    /// ```
    /// use fisherinfo_table::glm::{Family, Regression};
    /// // Zero or one against a group: Rao's test is Pearson's χ² of the table 3, 7 | 8, 2.
    /// let y: Vec<f64> = (0..20).map(|i| f64::from(i < 3 || (10..18).contains(&i))).collect();
    /// let x = [vec![1.0; 20], (0..20).map(|i| f64::from(i >= 10)).collect()];
    /// let regression = Regression::new(&y, &x, &["1".into(), "group".into()], Some(0))?;
    /// let fit = regression.fit(Family::Binomial, Family::Binomial.default_link())?;
    /// let test = fit.test_of(&[1])?;
    /// let pearson = 20.0 * (3.0 * 2.0 - 7.0 * 8.0_f64).powi(2) / (10.0 * 10.0 * 11.0 * 9.0);
    /// assert!((test.score.statistic - pearson).abs() < 1e-9);
    /// # Ok::<(), fisherinfo_table::glm::GlmError>(())
    /// ```
    pub fn test_of(&self, columns: &[usize]) -> Result<TermTest, GlmError> {
        self.require_columns(columns)?;
        let q = columns.len();
        if self.dispersion <= 0.0 {
            return Err(GlmError::PerfectFit);
        }
        let covariance = self.covariance();
        let block = Mat::from_fn(q, q, |i, j| covariance[(columns[i], columns[j])]);
        let estimates = Mat::from_fn(q, 1, |i, _| self.coefficients()[columns[i]]);
        let scale = (0..q).map(|i| block[(i, i)].sqrt()).collect::<Vec<f64>>();
        let correlation = Mat::from_fn(q, q, |i, j| block[(i, j)] / scale[i] / scale[j]);
        let ratios = Mat::from_fn(q, 1, |i, _| estimates[(i, 0)] / scale[i]);
        let singular = || GlmError::NotTestable {
            terms: self.names(columns),
        };
        let factor = correlation.llt(Side::Lower).map_err(|_| singular())?;
        let wald = (ratios.transpose() * factor.solve(&ratios))[(0, 0)];

        let (sums, fall) = self.without(columns)?;
        let along = solve(&sums.expected, &sums.score).ok_or_else(singular)?;
        let rao: f64 = along.iter().zip(&sums.score).map(|(d, s)| d * s).sum();
        Ok(TermTest {
            degrees_of_freedom: q,
            residual_degrees_of_freedom: self
                .family
                .estimates_dispersion()
                .then(|| self.residual_degrees_of_freedom()),
            wald: self.referred(wald, q),
            score: self.referred(rao / self.dispersion, q),
            likelihood_ratio: self.referred(fall / self.dispersion, q),
            deviance: self.deviance() + fall,
        })
    }

    /// The table of deviances: how much the deviance falls with each term beside those before it.
    /// `ends` are the positions after the last column of each term; what is before the first term
    /// is in every fit.
    ///
    /// # Errors
    /// As [`Fit::test_of`]; positions that do not ascend.
    pub fn deviance_table(
        &self,
        first: usize,
        ends: &[usize],
    ) -> Result<Vec<DevianceStep>, GlmError> {
        let width = self.terms().len();
        let deviance_up_to = |end: usize| {
            if end >= width {
                return Ok(self.deviance());
            }
            let left: Vec<usize> = (end..width).collect();
            Ok::<f64, GlmError>(self.deviance() + self.without(&left)?.1)
        };
        if self.dispersion <= 0.0 {
            return Err(GlmError::PerfectFit);
        }
        let mut start = first;
        let mut before = deviance_up_to(first)?;
        let mut steps = Vec::with_capacity(ends.len());
        for &end in ends {
            // A term that brings nothing new has no line of its own.
            if end <= start {
                continue;
            }
            let residual = deviance_up_to(end)?;
            let (q, fall) = (end - start, (before - residual).max(0.0));
            steps.push(DevianceStep {
                degrees_of_freedom: q,
                deviance: fall,
                residual_degrees_of_freedom: self.sample_size() - end,
                residual_deviance: residual,
                test: self.referred(fall / self.dispersion, q),
            });
            (start, before) = (end, residual);
        }
        Ok(steps)
    }

    fn names(&self, columns: &[usize]) -> String {
        let names: Vec<&str> = columns.iter().map(|&j| self.terms()[j].as_str()).collect();
        names.join(", ")
    }

    fn require_columns(&self, columns: &[usize]) -> Result<(), GlmError> {
        let width = self.terms().len();
        let repeated = (1..columns.len()).any(|i| columns[..i].contains(&columns[i]));
        if columns.is_empty() || repeated || columns.iter().any(|&column| column >= width) {
            return Err(GlmError::Shape {
                what: "different columns of the design to test".into(),
                expected: width,
                found: columns.len(),
            });
        }
        Ok(())
    }

    /// The sums where the coefficients of `columns` are zero and the others at their best, and by
    /// how much the deviance is larger there.
    fn without(&self, columns: &[usize]) -> Result<(super::pass::Sums, f64), GlmError> {
        let nothing = || GlmError::NotTestable {
            terms: self.names(columns),
        };
        let held = Held::new(self, columns).ok_or_else(nothing)?;
        let zeros = vec![0.0; columns.len()];
        let work = || {
            let near = held.nearest(&self.stored, &zeros);
            if let Some(null) = held.maximise(self, near)? {
                return Ok(Some(null));
            }
            // Where that leaves the mean space: nothing but an intercept.
            let Some(intercept) = self.regression.intercept else {
                return Ok(None);
            };
            let average = self.link.predictor(self.regression.mean_response());
            let to_stored = &self.regression.design.to_stored;
            let start: Vec<f64> = (0..self.stored.len())
                .map(|i| to_stored[(i, intercept)] * average)
                .collect();
            let start = held.nearest(&start, &zeros);
            held.maximise(self, start)
        };
        let null = self.regression.in_pool(work)??.ok_or_else(nothing)?;
        let fall = 2.0 * (self.log_kernel()? - null.sums.tally.log_kernel);
        Ok((null.sums, fall.max(0.0)))
    }

    /// A χ² statistic at the estimated dispersion as what it is referred to.
    fn referred(&self, chi_squared: f64, q: usize) -> TestStatistic {
        if self.family.estimates_dispersion() {
            let statistic = chi_squared / q as f64;
            let residual = self.residual_degrees_of_freedom() as f64;
            TestStatistic {
                statistic,
                p_value: f_survival(statistic, q as f64, residual),
            }
        } else {
            TestStatistic {
                statistic: chi_squared,
                p_value: chi_squared_survival(chi_squared, q as f64),
            }
        }
    }
}
