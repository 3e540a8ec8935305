//! Regression on more than two categories: the softmax of a linear predictor for each.

mod rows;
mod scoring;
mod separation;

pub use separation::MultinomialSeparation;

use super::{
    covariance::lengths, error::GlmError, fit::FitInformation, positive_definite::inverse_root,
    regression::Regression,
};
use faer::Mat;
use fisherinfo::information::{Estimator, Information, Provenance, Route, own_coordinates};
use rows::{Points, Rows};
use scoring::{Maximum, Problem};

/// A multinomial logistic regression, fitted.
///
/// For a row x the probability of category c is exp(xᵀβ_c)/Σ exp(xᵀβ_d), the β of a reference category
/// being zero: xᵀβ_c is the logarithm of the odds of c against the reference. The information about
/// all β together is Σ (diag(π) − ππᵀ) ⊗ xxᵀ, the engine's information about the log-odds of a
/// categorical draw pulled back through the design. The link is canonical, so that observed and
/// expected information are the same.
///
/// The parameters stand category by category: all terms of the first category beside the reference,
/// then all of the next.
///
/// Source: Agresti, Categorical Data Analysis (2nd edition 2002), 7.1.
#[derive(Clone, Debug)]
pub struct MultinomialFit<'a> {
    regression: &'a Regression,
    levels: Vec<String>,
    reference: usize,
    /// Parameters of the stored columns, and of the terms.
    stored: Vec<f64>,
    coefficients: Vec<f64>,
    expected: Mat<f64>,
    empirical: Mat<f64>,
    /// W with W·Wᵀ the inverse of the expected information.
    root: Mat<f64>,
    log_likelihood: f64,
    null_log_likelihood: f64,
    iterations: usize,
    offset: f64,
}

/// The standard errors of a multinomial fit, one a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct MultinomialStandardErrors {
    /// From the expected information, which is also the observed.
    pub expected: Vec<f64>,
    /// From the outer products of the scores; none where they are singular.
    pub empirical: Option<Vec<f64>>,
    /// expected⁻¹ · outer products · expected⁻¹, without a small-sample factor (HC0).
    pub sandwich: Vec<f64>,
}

/// Parameters in all that a fit may have.
const MOST_PARAMETERS: usize = 10_000;

/// A condition of the scaled information from which it is singular for all that rounding leaves.
const SINGULAR: f64 = 1e14;

impl Regression {
    /// Multinomial logistic regression of a response that is the position of each row's category in
    /// `levels`, against the category at `reference`.
    ///
    /// # Errors
    /// Fewer than two categories, a response that is none of their positions, a category that does not
    /// occur, too few rows, separation (the direction is named), no convergence.
    ///
    /// ```
    /// use fisherinfo_table::glm::Regression;
    /// // Without terms the odds are those of the counts: 4, 2 and 1.
    /// let food = [0.0, 0.0, 1.0, 0.0, 2.0, 1.0, 0.0];
    /// let levels = ["fish", "snail", "bird"].map(String::from);
    /// let regression = Regression::new(&food, &[[1.0; 7]], &["Intercept".into()], Some(0))?;
    /// let fit = regression.fit_multinomial(&levels, 0)?;
    /// assert_eq!(fit.parameters(), ["snail: Intercept", "bird: Intercept"]);
    /// assert!((fit.coefficients()[0] - 0.5_f64.ln()).abs() < 1e-12);
    /// assert!((fit.coefficients()[1] - 0.25_f64.ln()).abs() < 1e-12);
    /// // Var ln(nᵢ/n₀) = 1/nᵢ + 1/n₀.
    /// assert!((fit.standard_errors().expected[1] - (1.0_f64 + 0.25).sqrt()).abs() < 1e-12);
    /// # Ok::<(), fisherinfo_table::glm::GlmError>(())
    /// ```
    pub fn fit_multinomial(
        &self,
        levels: &[String],
        reference: usize,
    ) -> Result<MultinomialFit<'_>, GlmError> {
        if self.has_offset() || self.weighting().is_some() {
            return Err(GlmError::PlainRowsOnly);
        }
        let counts = self.in_pool(|| self.count_categories(levels, reference))??;
        let rows = Rows {
            chunks: self.chunks(None),
            predictors: levels.len() - 1,
            reference,
        };
        if rows.width() > MOST_PARAMETERS {
            return Err(GlmError::TooManyParameters {
                parameters: rows.width(),
                limit: MOST_PARAMETERS,
            });
        }
        if self.rows() < rows.width() {
            return Err(GlmError::TooFewRows {
                rows: self.rows(),
                terms: rows.width(),
            });
        }
        self.in_pool(|| {
            let names = parameter_names(levels, reference, &self.terms);
            let problem = Problem {
                regression: self,
                rows,
                names: &names,
            };
            let maximum = problem.maximise()?;
            MultinomialFit::new(self, levels, &counts, &problem, maximum)
        })?
    }

    /// How many rows are of each category, none of them empty.
    fn count_categories(
        &self,
        levels: &[String],
        reference: usize,
    ) -> Result<Vec<usize>, GlmError> {
        let categories = levels.len();
        if categories < 2 || reference >= categories {
            return Err(GlmError::Shape {
                what: "categories of the response, the reference among them".into(),
                expected: (reference + 1).max(2),
                found: categories,
            });
        }
        if self.has_trials() {
            return Err(GlmError::TrialsOfCategories);
        }
        let mut counts = vec![0_usize; categories];
        self.chunks(None).fold(
            "categories",
            |chunk| {
                let mut counts = vec![0_usize; categories];
                for (row, &value) in chunk.response.iter().enumerate() {
                    if value.fract() != 0.0 || !(0.0..categories as f64).contains(&value) {
                        return Err(GlmError::Category {
                            row: chunk.start + row,
                            value,
                            categories,
                        });
                    }
                    counts[value as usize] += 1;
                }
                Ok(counts)
            },
            |of_chunk| {
                for (count, more) in counts.iter_mut().zip(of_chunk) {
                    *count += more;
                }
            },
        )?;
        match counts.iter().position(|&count| count == 0) {
            Some(empty) => Err(GlmError::EmptyCategory {
                level: levels[empty].clone(),
            }),
            None => Ok(counts),
        }
    }
}

fn parameter_names(levels: &[String], reference: usize, terms: &[String]) -> Vec<String> {
    let others = levels.iter().enumerate().filter(|(i, _)| *i != reference);
    others
        .flat_map(|(_, level)| terms.iter().map(move |term| format!("{level}: {term}")))
        .collect()
}

impl<'a> MultinomialFit<'a> {
    fn new(
        regression: &'a Regression,
        levels: &[String],
        counts: &[usize],
        problem: &Problem<'_>,
        maximum: Maximum,
    ) -> Result<Self, GlmError> {
        let Maximum {
            stored,
            iterations,
            offset,
        } = maximum;
        let width = regression.design.width;
        let to_raw = &regression.design.to_raw;
        let coefficients = stored
            .chunks_exact(width)
            .flat_map(|b| (0..width).map(move |j| (0..width).map(|i| to_raw[(j, i)] * b[i]).sum()))
            .collect();
        let at_end = problem.rows.likelihood("last pass", &stored)?;
        let root =
            inverse_root(&at_end.products).ok_or(GlmError::NotConverged { iterations, offset })?;
        Ok(Self {
            regression,
            levels: levels.to_vec(),
            reference: problem.rows.reference,
            empirical: problem.rows.empirical(&stored)?,
            stored,
            coefficients,
            expected: at_end.products,
            root,
            log_likelihood: at_end.total,
            null_log_likelihood: null_log_likelihood(regression, counts),
            iterations,
            offset,
        })
    }

    /// The categories, in the order in which the response counts them.
    pub fn levels(&self) -> &[String] {
        &self.levels
    }

    /// The position of the reference among the categories.
    pub fn reference(&self) -> usize {
        self.reference
    }

    /// The names of the terms.
    pub fn terms(&self) -> &'a [String] {
        &self.regression.terms
    }

    /// The names of all (K − 1)p parameters, as `bird: dose`.
    pub fn parameters(&self) -> Vec<String> {
        parameter_names(&self.levels, self.reference, self.terms())
    }

    /// n, the number of rows.
    pub fn rows(&self) -> usize {
        self.regression.rows()
    }

    /// The estimates, category by category.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// ∂(parameters)/∂(stored parameters).
    fn to_raw(&self) -> Mat<f64> {
        blocks(&self.regression.design.to_raw, self.levels.len() - 1)
    }

    /// The standard errors of the parameters.
    pub fn standard_errors(&self) -> MultinomialStandardErrors {
        let to_raw = self.to_raw();
        let half = &to_raw * &self.root;
        let bread = &half * self.root.transpose();
        let sandwich = &bread * &self.empirical * bread.transpose();
        // As many scores as parameters, at least, and not a condition that leaves no digit.
        let empirical = inverse_root(&self.empirical)
            .filter(|_| super::collinear::condition(&self.empirical) < SINGULAR);
        MultinomialStandardErrors {
            expected: lengths(&half),
            empirical: empirical.map(|root| lengths(&(&to_raw * &root))),
            sandwich: (0..sandwich.nrows())
                .map(|j| sandwich[(j, j)].max(0.0).sqrt())
                .collect(),
        }
    }

    /// The covariance from the expected information, in the order of the parameters.
    pub fn covariance(&self) -> Mat<f64> {
        let half = self.to_raw() * &self.root;
        &half * half.transpose()
    }

    /// Expected, observed (the same) and empirical information about all parameters.
    ///
    /// # Errors
    /// A scale that no double can hold.
    pub fn information(&self) -> Result<FitInformation, GlmError> {
        Ok(FitInformation {
            expected: self.carried(&self.expected, Estimator::Expected, Route::ClosedForm)?,
            observed: self.carried(&self.expected, Estimator::Observed, Route::Data)?,
            empirical: self.carried(&self.empirical, Estimator::Empirical, Route::Data)?,
        })
    }

    fn carried(
        &self,
        matrix: &Mat<f64>,
        estimator: Estimator,
        route: Route,
    ) -> Result<Information, GlmError> {
        let names = self.parameters();
        let jacobian = blocks(&self.regression.design.to_stored, self.levels.len() - 1);
        Ok(
            Information::new(matrix.clone(), &names, Provenance::exact(estimator, route))?
                .reparameterised(jacobian.as_ref(), &names, &own_coordinates(&names))?
                .at(&self.coefficients)?
                .from_observations(self.rows() as f64),
        )
    }

    /// For each row the probability of each category, in the order of the levels.
    ///
    /// # Errors
    /// Rows that cannot be read again; those in memory can.
    pub fn fitted_probabilities(&self) -> Result<Vec<Vec<f64>>, GlmError> {
        let rows = Rows {
            chunks: self.regression.chunks(None),
            predictors: self.levels.len() - 1,
            reference: self.reference,
        };
        let mut all = Vec::with_capacity(self.rows());
        rows.fold(
            Points::at("probabilities", &[&self.stored]),
            Vec::new,
            |of_chunk: &mut Vec<Vec<f64>>, row| {
                let mut probabilities = rows::probabilities(row.at(0));
                // The reference comes last and goes to its place.
                let last = probabilities.pop().unwrap_or(f64::NAN);
                probabilities.insert(self.reference, last);
                of_chunk.push(probabilities);
            },
            |of_chunk| all.extend(of_chunk),
        )?;
        Ok(all)
    }

    /// ln of the likelihood.
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// That of the model without terms: with an intercept the shares of the categories, without one
    /// equal probabilities.
    pub fn null_log_likelihood(&self) -> f64 {
        self.null_log_likelihood
    }

    /// −2 ln of the likelihood, rows taken one by one.
    pub fn deviance(&self) -> f64 {
        -2.0 * self.log_likelihood
    }

    /// Akaike's criterion.
    pub fn aic(&self) -> f64 {
        self.deviance() + 2.0 * self.coefficients.len() as f64
    }

    /// Iterations of Fisher scoring, which here is Newton's method.
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// The relative offset before the last step (see [`super::Options::tolerance`]).
    pub fn relative_offset(&self) -> f64 {
        self.offset
    }
}

/// The same matrix for each of `count` categories, along the diagonal.
fn blocks(matrix: &Mat<f64>, count: usize) -> Mat<f64> {
    let width = matrix.nrows();
    Mat::from_fn(count * width, count * width, |i, j| {
        if i / width == j / width {
            matrix[(i % width, j % width)]
        } else {
            0.0
        }
    })
}

fn null_log_likelihood(regression: &Regression, counts: &[usize]) -> f64 {
    let n = regression.rows() as f64;
    if regression.intercept.is_none() {
        return -n * (counts.len() as f64).ln();
    }
    let parts = counts.iter().map(|&count| count as f64);
    parts.map(|count| count * (count / n).ln()).sum()
}
