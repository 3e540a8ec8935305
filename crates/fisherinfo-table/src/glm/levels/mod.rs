//! One factor of very many levels beside a narrow design: its indicator columns are never made.
//!
//! With a column for each of G levels the information of a design is a block matrix
//! [[A, Bᵀ], [B, D]] whose corner D is diagonal, since no row is of two levels. Everything follows from
//! the Schur complement S = A − BᵀD⁻¹B over that diagonal: memory and time grow with n·p + G·p, not
//! with G². The rows are held sorted by level, so that a chunk of them has few levels.
//!
//! Source: Guimarães & Portugal, A simple feasible procedure to fit models with high-dimensional fixed
//! effects, Stata Journal 10 (2010), for the model; the elimination is that of a block matrix.

mod fit;
mod scoring;
mod separation;
mod standard_errors;
mod sums;

pub use fit::{LevelFit, LevelStandardErrors};

use super::{
    chunk::Chunks,
    design::Design,
    error::GlmError,
    family::Family,
    regression::{Options, Regression, require},
    weights::Weighting,
};
use fisherinfo::coordinates::link::Link;

/// A response, a narrow design and a factor each of whose levels has its own intercept.
///
/// The design has no column of ones: the levels span it. Of two factors with many levels the larger
/// goes here, and the other into the design as indicator columns.
///
/// ```
/// use fisherinfo_table::glm::{Family, LevelRegression};
/// // Three wards with levels of their own, one slope (within wards the counts are exactly linear).
/// let y = [2.0, 3.0, 11.0, 13.0, 7.0, 8.0];
/// let x = [vec![0.0, 1.0, 1.0, 3.0, 5.0, 6.0]];
/// let ward = [2, 2, 0, 0, 1, 1];
/// let names = ["a", "b", "c"].map(String::from);
/// let regression = LevelRegression::new(&y, &x, &["x".into()], &ward, &names, "ward")?;
/// let fit = regression.fit(Family::Gaussian, Family::Gaussian.default_link())?;
/// assert!((fit.coefficients()[0] - 1.0).abs() < 1e-12);
/// assert!((fit.level_coefficients()[0] - 10.0).abs() < 1e-12);
/// assert!((fit.level_coefficients()[2] - 2.0).abs() < 1e-12);
/// # Ok::<(), fisherinfo_table::glm::GlmError>(())
/// ```
#[derive(Clone, Debug)]
pub struct LevelRegression {
    /// Of the sorted rows, each column less its mean in the row's level.
    regression: Regression,
    /// The level of each of the sorted rows.
    codes: Vec<usize>,
    /// Where each of the sorted rows stood.
    order: Vec<usize>,
    levels: Vec<String>,
    factor: String,
    /// G × p, row by row: the mean of each column in each level.
    means: Vec<f64>,
}

/// The most sums over levels that are held at a time: levels times columns, 8 bytes each.
const MOST_SUMS: usize = 1 << 27;

impl LevelRegression {
    /// A response, one column a term, and for each row the position of its level in `levels`.
    ///
    /// # Errors
    /// Lengths that differ, values that are not finite, a code that is no position of a level, a level
    /// without rows; fewer rows than coefficients; a term that the levels determine alone or with
    /// others, which is named; levels and terms whose sums would take more than a gigabyte.
    pub fn new<C: AsRef<[f64]>>(
        response: &[f64],
        columns: &[C],
        terms: &[String],
        codes: &[usize],
        levels: &[String],
        factor: &str,
    ) -> Result<Self, GlmError> {
        let (rows, width) = (response.len(), terms.len());
        require("columns of the design", width, columns.len())?;
        if terms.is_empty() {
            require("terms of the regression", 1, 0)?;
        }
        require("levels of the rows", rows, codes.len())?;
        for (term, column) in terms.iter().zip(columns) {
            require(&format!("values of «{term}»"), rows, column.as_ref().len())?;
            let values = column.as_ref();
            if let Some(row) = values.iter().position(|value| !value.is_finite()) {
                return Err(GlmError::NotFinite {
                    term: term.clone(),
                    row,
                    value: values[row],
                });
            }
        }
        if rows < width + levels.len() {
            return Err(GlmError::TooFewRows {
                rows,
                terms: width + levels.len(),
            });
        }
        if levels.len() * width > MOST_SUMS {
            return Err(GlmError::TooManyLevels {
                factor: factor.into(),
                levels: levels.len(),
                terms: width,
                limit: MOST_SUMS,
            });
        }
        let starts = starts(codes, levels)?;
        let mut order = vec![0; rows];
        let mut next = starts.clone();
        for (row, &code) in codes.iter().enumerate() {
            order[next[code]] = row;
            next[code] += 1;
        }
        let mut means = vec![0.0; levels.len() * width];
        let mut offsets = Vec::with_capacity(width);
        let centred: Vec<Vec<f64>> = columns
            .iter()
            .enumerate()
            .map(|(j, column)| {
                let values: Vec<f64> = order.iter().map(|&row| column.as_ref()[row]).collect();
                let largest = values.iter().fold(0.0_f64, |a, v| a.max(v.abs()));
                let mut centred = values;
                let mut spread = 0.0_f64;
                for level in 0..levels.len() {
                    let end = starts.get(level + 1).copied().unwrap_or(rows);
                    let of_level = &mut centred[starts[level]..end];
                    let first = of_level[0];
                    let sum: f64 = of_level.iter().map(|value| value - first).sum();
                    let mean = first + sum / of_level.len() as f64;
                    means[level * width + j] = mean;
                    for value in of_level {
                        *value -= mean;
                        spread = spread.max(value.abs());
                    }
                }
                // What rounding leaves of a column that the levels determine.
                if spread <= 8.0 * f64::EPSILON * largest {
                    return Err(GlmError::ConstantWithinLevels {
                        term: terms[j].clone(),
                        factor: factor.into(),
                    });
                }
                offsets.push(largest);
                Ok(centred)
            })
            .collect::<Result<_, _>>()?;
        let sorted: Vec<f64> = order.iter().map(|&row| response[row]).collect();
        let design = Design::within_levels(&sorted, &centred, terms, &offsets).map_err(
            |error| match error {
                GlmError::Collinear { term, relation } => GlmError::Collinear {
                    term,
                    relation: format!("{relation} + a constant in every level of «{factor}»"),
                },
                error => error,
            },
        )?;
        drop(centred);
        Ok(Self {
            regression: Regression::with_design(&sorted, design, terms, None),
            codes: order.iter().map(|&row| codes[row]).collect(),
            order,
            levels: levels.to_vec(),
            factor: factor.into(),
            means,
        })
    }

    /// The same with a number of trials a row, as [`Regression::trials`] has it.
    ///
    /// # Errors
    /// As there.
    pub fn trials(mut self, trials: &[f64]) -> Result<Self, GlmError> {
        let sorted = self.sorted("numbers of trials", trials)?;
        let regression = self.regression.trials(&sorted);
        self.regression = regression.map_err(|error| unsorted(error, &self.order))?;
        Ok(self)
    }

    /// The same with a number a row that is added to the predictor, as [`Regression::offset`] has it.
    ///
    /// # Errors
    /// As there.
    pub fn offset(mut self, offset: &[f64]) -> Result<Self, GlmError> {
        let sorted = self.sorted("offsets", offset)?;
        let regression = self.regression.offset(&sorted);
        self.regression = regression.map_err(|error| unsorted(error, &self.order))?;
        Ok(self)
    }

    /// The same with weights, as [`Regression::weights`] has them.
    ///
    /// # Errors
    /// As there.
    pub fn weights(mut self, weighting: Weighting, weights: &[f64]) -> Result<Self, GlmError> {
        let sorted = self.sorted("weights", weights)?;
        let regression = self.regression.weights(weighting, &sorted);
        self.regression = regression.map_err(|error| unsorted(error, &self.order))?;
        Ok(self)
    }

    /// The same, to be fitted as `options` say.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.regression = self.regression.options(options);
        self
    }

    /// The names of the terms, without the factor.
    pub fn terms(&self) -> &[String] {
        self.regression.terms()
    }

    /// The names of the levels.
    pub fn levels(&self) -> &[String] {
        &self.levels
    }

    /// The factor.
    pub fn factor(&self) -> &str {
        &self.factor
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.codes.len()
    }

    /// The maximum of the likelihood over terms and levels together, by Fisher scoring.
    ///
    /// # Errors
    /// As [`Regression::fit`]; levels whose responses are all at one end of what the family has (all
    /// zero or all one): they are separated, and named.
    pub fn fit(&self, family: Family, link: Link) -> Result<LevelFit<'_>, GlmError> {
        let family = family.checked()?;
        let (n, parameters) = (self.regression.sample_size(), self.parameters());
        if family.estimates_dispersion() && n <= parameters {
            return Err(GlmError::TooFewRows {
                rows: n,
                terms: parameters,
            });
        }
        let fitted = self.regression.in_pool(|| {
            self.regression.require_response(family)?;
            self.require_levels_apart(family, link)?;
            let maximum = scoring::maximise(self, family, link)?;
            LevelFit::new(self, family, link, maximum)
        })?;
        fitted.map_err(|error| unsorted(error, &self.order))
    }

    /// p + G.
    fn parameters(&self) -> usize {
        self.terms().len() + self.levels.len()
    }

    fn chunks(&self, family: Option<Family>) -> Chunks<'_> {
        Chunks {
            clusters: Some(&self.codes),
            ..self.regression.chunks(family)
        }
    }

    fn sorted(&self, what: &str, values: &[f64]) -> Result<Vec<f64>, GlmError> {
        require(what, self.rows(), values.len())?;
        Ok(self.order.iter().map(|&row| values[row]).collect())
    }

    /// Values of the sorted rows in the order in which the rows were given.
    fn in_given_order(&self, sorted: &[f64]) -> Vec<f64> {
        let mut values = vec![0.0; sorted.len()];
        for (value, &row) in sorted.iter().zip(&self.order) {
            values[row] = *value;
        }
        values
    }
}

/// The error of a row that was given elsewhere.
fn unsorted(error: GlmError, order: &[usize]) -> GlmError {
    error.in_row(|row| order.get(row).copied().unwrap_or(row))
}

/// Where the rows of each level begin once they are sorted.
fn starts(codes: &[usize], levels: &[String]) -> Result<Vec<usize>, GlmError> {
    let mut counts = vec![0_usize; levels.len()];
    for (row, &code) in codes.iter().enumerate() {
        let Some(count) = counts.get_mut(code) else {
            return Err(GlmError::Category {
                row,
                value: code as f64,
                categories: levels.len(),
            });
        };
        *count += 1;
    }
    if let Some(empty) = counts.iter().position(|&count| count == 0) {
        return Err(GlmError::EmptyCategory {
            level: levels[empty].clone(),
        });
    }
    let mut start = 0;
    for count in &mut counts {
        (start, *count) = (start + *count, start);
    }
    Ok(counts)
}
