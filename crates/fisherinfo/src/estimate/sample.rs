use super::Sandwich;
use super::information_matrix_test::{
    InformationMatrixMoments, InformationMatrixTest, InformationMatrixTestError,
};
use crate::expectation::{ExpectationError, Method, expected_information};
use crate::family::{Model, Support};
use crate::information::{Estimator, Information, InformationError, Provenance, Route};
use crate::linear::triangle;
use faer::Mat;
use thiserror::Error;

/// What is wrong with data.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum DataError {
    /// An observation outside the support.
    #[error("observation {index} is {value:?}, which is outside the support {support} of {model}")]
    OutsideSupport {
        /// Its place, from 1.
        index: usize,
        /// Its value.
        value: Vec<f64>,
        /// The support.
        support: String,
        /// The family.
        model: String,
    },
    /// No data.
    #[error("there are no observations: give at least one")]
    Empty,
    /// A derivative that is not finite.
    #[error("the score of observation {index}, {value:?}, is not finite; check the density there")]
    NotFinite {
        /// Its place, from 1.
        index: usize,
        /// Its value.
        value: Vec<f64>,
    },
    /// Accumulators of different points.
    #[error("accumulators at {left:?} and at {right:?} cannot be merged: take both at one point")]
    DifferentPoints {
        /// Point on the left.
        left: Vec<f64>,
        /// Point on the right.
        right: Vec<f64>,
    },
    /// The expectation failed.
    #[error(transparent)]
    Expectation(#[from] ExpectationError),
    /// A matrix that is no information.
    #[error(transparent)]
    Information(#[from] InformationError),
    /// Contrasts that cannot be summed.
    #[error(transparent)]
    InformationMatrixTest(#[from] InformationMatrixTestError),
}

/// The informations of one sample at one point, each of all n observations, with the score.
#[derive(Clone, Debug)]
pub struct SampleInformation {
    /// Σ ln f(xᵢ | θ).
    pub log_likelihood: f64,
    /// Σ s(xᵢ), of length k; zero at the maximum of the likelihood.
    pub score: Vec<f64>,
    /// n·I(θ).
    pub expected: Information,
    /// −Σ ∂² ln f(xᵢ | θ).
    pub observed: Information,
    /// Σ s(xᵢ) s(xᵢ)ᵀ.
    pub empirical: Information,
    moments: InformationMatrixMoments,
}

impl SampleInformation {
    /// All three from rows of data, one observation a row.
    ///
    /// # Errors
    /// No rows; a row outside the support, whose place is named; a point outside the space.
    ///
    /// ```
    /// use fisherinfo::estimate::SampleInformation;
    /// use fisherinfo::family::Poisson;
    /// // At the mean of the counts, observed and expected information agree for this family.
    /// let rows = [[2.0], [0.0], [5.0], [1.0]];
    /// let sample = SampleInformation::from_rows(&Poisson, &[2.0], &rows)?;
    /// assert!(sample.score[0].abs() < 1e-14);
    /// assert!((sample.expected.matrix()[(0, 0)] - 2.0).abs() < 1e-14);
    /// assert!((sample.observed.matrix()[(0, 0)] - 2.0).abs() < 1e-14);
    /// assert!((sample.empirical.matrix()[(0, 0)] - 14.0 / 4.0).abs() < 1e-14);
    /// # Ok::<(), fisherinfo::estimate::DataError>(())
    /// ```
    pub fn from_rows<R: AsRef<[f64]>>(
        model: &dyn Model,
        theta: &[f64],
        rows: &[R],
    ) -> Result<Self, DataError> {
        let mut accumulator = SampleAccumulator::new(model, theta)?;
        accumulator.update(rows)?;
        accumulator.finish()
    }

    /// expected⁻¹ · outer products · expected⁻¹.
    ///
    /// # Errors
    /// When the expected information is singular.
    pub fn sandwich(&self) -> Result<Sandwich, InformationError> {
        Sandwich::new(&self.expected, &self.empirical)
    }

    /// Do the observed and the empirical information agree, as they do in a true model?
    ///
    /// Meant for the point of maximum likelihood; all entries of the two are compared.
    ///
    /// # Errors
    /// Too few observations, or a model in which the two cannot differ.
    ///
    /// ```
    /// use fisherinfo::estimate::SampleInformation;
    /// use fisherinfo::family::Poisson;
    /// // Counts that vary far more than a Poisson variable of their mean.
    /// let rows: Vec<[f64; 1]> = [0.0, 0.0, 0.0, 1.0, 9.0, 0.0, 8.0, 1.0, 0.0, 11.0].map(|y| [y]).into();
    /// let sample = SampleInformation::from_rows(&Poisson, &[3.0], &rows)?;
    /// assert!(sample.information_matrix_test()?.p_value() < 0.05);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn information_matrix_test(
        &self,
    ) -> Result<InformationMatrixTest, InformationMatrixTestError> {
        self.moments.clone().finish()
    }
}

/// Sums over observations that arrive in batches, possibly on several threads or machines.
///
/// ```
/// use fisherinfo::estimate::SampleAccumulator;
/// use fisherinfo::family::Exponential;
/// let mut first = SampleAccumulator::new(&Exponential, &[2.0])?;
/// let mut second = SampleAccumulator::new(&Exponential, &[2.0])?;
/// first.update(&[[0.1], [0.7]])?;
/// second.update(&[[0.2]])?;
/// first.merge(&second)?;
/// assert_eq!(first.finish()?.expected.sample_size(), 3.0);
/// # Ok::<(), fisherinfo::estimate::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SampleAccumulator<'a> {
    model: &'a dyn Model,
    theta: Vec<f64>,
    support: Support,
    count: usize,
    log_likelihood: f64,
    score: Vec<f64>,
    curvature: Mat<f64>,
    products: Mat<f64>,
    moments: InformationMatrixMoments,
}

impl<'a> SampleAccumulator<'a> {
    /// Nothing seen yet, at θ.
    ///
    /// # Errors
    /// A point outside the space.
    pub fn new(model: &'a dyn Model, theta: &[f64]) -> Result<Self, DataError> {
        model.space().check(theta).map_err(ExpectationError::from)?;
        let size = theta.len();
        Ok(Self {
            model,
            theta: theta.to_vec(),
            support: model.support(theta),
            count: 0,
            log_likelihood: 0.0,
            score: vec![0.0; size],
            curvature: Mat::zeros(size, size),
            products: Mat::zeros(size, size),
            moments: InformationMatrixMoments::new(size, triangle(size)),
        })
    }

    /// Takes more observations, one a row. A row that is refused leaves the sums as they were.
    ///
    /// # Errors
    /// A row outside the support, or where the score is not finite; its place counts from the
    /// first row ever given.
    pub fn update<R: AsRef<[f64]>>(&mut self, rows: &[R]) -> Result<(), DataError> {
        let mut next = self.clone();
        for row in rows {
            next.take(row.as_ref())?;
        }
        *self = next;
        Ok(())
    }

    fn take(&mut self, row: &[f64]) -> Result<(), DataError> {
        let index = self.count + 1;
        let x = self
            .support
            .observation(row)
            .ok_or_else(|| DataError::OutsideSupport {
                index,
                value: row.to_vec(),
                support: self.support.to_string(),
                model: self.model.name(),
            })?;
        let score = self.model.score(&self.theta, &x);
        let curvature = self.model.observed_information(&self.theta, &x);
        let finite = score.iter().all(|s| s.is_finite())
            && (0..score.len()).all(|i| (0..=i).all(|j| curvature[(i, j)].is_finite()));
        if !finite {
            return Err(DataError::NotFinite {
                index,
                value: row.to_vec(),
            });
        }
        let contrasts: Vec<f64> = (0..score.len())
            .flat_map(|i| (0..=i).map(move |j| (i, j)))
            .map(|(i, j)| score[i] * score[j] - curvature[(i, j)])
            .collect();
        self.moments.update(&score, &contrasts)?;
        self.count = index;
        self.log_likelihood += self.model.log_density(&self.theta, &x);
        self.curvature += curvature;
        for i in 0..score.len() {
            self.score[i] += score[i];
            for j in 0..score.len() {
                self.products[(i, j)] += score[i] * score[j];
            }
        }
        Ok(())
    }

    /// Adds what another accumulator has seen.
    ///
    /// # Errors
    /// When it stands at another point.
    pub fn merge(&mut self, other: &Self) -> Result<(), DataError> {
        if self.theta != other.theta {
            return Err(DataError::DifferentPoints {
                left: self.theta.clone(),
                right: other.theta.clone(),
            });
        }
        self.moments.merge(&other.moments)?;
        self.count += other.count;
        self.log_likelihood += other.log_likelihood;
        self.curvature += &other.curvature;
        self.products += &other.products;
        for (total, part) in self.score.iter_mut().zip(&other.score) {
            *total += part;
        }
        Ok(())
    }

    /// The informations of everything seen.
    ///
    /// # Errors
    /// When nothing was seen.
    pub fn finish(self) -> Result<SampleInformation, DataError> {
        if self.count == 0 {
            return Err(DataError::Empty);
        }
        let n = self.count as f64;
        let names = self.model.space().names();
        let from_data = |matrix: Mat<f64>, estimator: Estimator| {
            Ok::<_, InformationError>(
                Information::new(matrix, &names, Provenance::exact(estimator, Route::Data))?
                    .at(&self.theta)?
                    .from_observations(n),
            )
        };
        Ok(SampleInformation {
            log_likelihood: self.log_likelihood,
            expected: expected_information(self.model, &self.theta, Method::Automatic)?
                .repeated(n)?,
            observed: from_data(self.curvature.clone(), Estimator::Observed)?,
            empirical: from_data(self.products.clone(), Estimator::Empirical)?,
            score: self.score,
            moments: self.moments,
        })
    }
}
