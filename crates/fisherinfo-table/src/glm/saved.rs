//! A fit as a small file, and what it says about new rows.

use super::{Family, Fit, GlmError, IdentifiedTerms, quantile};
use crate::{Design, DesignError, DesignOptions, Formula, Levels, Missing, Table};
use faer::Mat;
use fisherinfo::coordinates::link::Link;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// What the file is, in its first field.
const FORMAT: &str = "fisherinfo-fit";

/// The newest version that is read; the first is written where it can say everything.
const VERSION: u32 = 2;

/// A fit without its data: enough to predict and to design with.
///
/// Covariances are kept as roots R with Σ = R·Rᵀ, p × k: far from zero the parts of xᵀΣx cancel, and
/// those of Rᵀx lose half as many digits.
///
/// ```
/// use fisherinfo_table::glm::{Family, PredictOptions, Regression, SavedFit};
/// use fisherinfo_table::{Design, DesignOptions, Formula, Table};
///
/// let table = Table::from_csv_reader("y,x\n1,0\n3,1\n4,2\n7,3\n".as_bytes(), "a.csv")?;
/// let formula = Formula::parse("y ~ x")?;
/// let design = Design::new(&table, &formula, &DesignOptions::default())?;
/// let regression = Regression::new(&design.response.values, &design.columns, &design.terms, Some(0))?;
/// let fit = regression.fit(Family::Gaussian, Family::Gaussian.default_link())?;
/// let text = SavedFit::new(&fit, &formula, &design.levels).to_json();
///
/// let saved = SavedFit::from_json(&text)?;
/// let new = Table::from_csv_reader("x\n4\n".as_bytes(), "new.csv")?;
/// let prediction = saved.predict(&new, &PredictOptions::default())?;
/// assert!((prediction.mean[0] - 8.5).abs() < 1e-12);
/// // Student's interval of the line, and the wider one of an observation.
/// assert!(prediction.lower[0] > prediction.observation.unwrap().0[0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedFit {
    format: String,
    version: u32,
    /// The model, as it is read: `y ~ 1 + x`.
    pub formula: String,
    /// The family's name.
    pub family: String,
    /// The link's name.
    pub link: String,
    /// The names of the coefficients.
    pub terms: Vec<String>,
    /// The categories of every factor that has some.
    pub levels: Vec<SavedLevels>,
    /// The estimates, in the order of the terms.
    pub coefficients: Vec<f64>,
    /// By name, `expected` among them, the rows of a root of each covariance of the coefficients.
    pub covariance_roots: BTreeMap<String, Vec<Vec<f64>>>,
    /// φ.
    pub dispersion: f64,
    /// n.
    pub sample_size: usize,
    /// n − p.
    pub residual_degrees_of_freedom: usize,
    /// A column that was added to the predictor beside the formula's offsets.
    pub offset: Option<String>,
    /// The column of trials; means are then proportions.
    pub trials: Option<String>,
    /// The column of weights, and what they mean.
    pub weights: Option<(String, String)>,
    /// What was fitted.
    pub source: Option<SavedSource>,
    /// From version 2 on: the terms of the design, where some are combinations of others; `terms` are
    /// then what is estimated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identified: Option<IdentifiedTerms>,
}

/// The categories of a factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedLevels {
    /// The factor as the formula prints it.
    pub factor: String,
    /// Its categories.
    pub levels: Vec<String>,
    /// The position of the one that the others are compared with.
    pub reference: usize,
}

/// The file that was fitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedSource {
    /// Its name.
    pub file: String,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// Why a text is not a saved fit, or says nothing about new rows.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SavedFitError {
    /// No JSON, or not of this shape.
    #[error("this is no saved fit: {0}; make one with `fisher fit … --save FILE`")]
    Json(#[from] serde_json::Error),
    /// Something else, or from a later version.
    #[error(
        "this is {found}, where a saved fit of version {VERSION} or earlier is needed; make one with `fisher fit … --save FILE`"
    )]
    Format {
        /// What it says it is.
        found: String,
    },
    /// The parts do not belong together.
    #[error("the saved fit contradicts itself: {0}; it was changed after it was written")]
    Inconsistent(String),
    /// The covariance asked for is not in the file.
    #[error("the saved fit has no covariance `{name}`; it has {known}")]
    NoCovariance {
        /// What was asked for.
        name: String,
        /// Those there are.
        known: String,
    },
    /// The new rows have no design.
    #[error(transparent)]
    Design(#[from] DesignError),
    /// A level that is none.
    #[error(transparent)]
    Level(#[from] GlmError),
    /// A predictor at which the family has no mean.
    #[error(
        "{place}: the predictor {predictor} has no mean under the {link} link of the {family} family"
    )]
    NoMean {
        /// The line or row.
        place: String,
        /// η.
        predictor: f64,
        /// The link.
        link: Link,
        /// The family.
        family: Family,
    },
}

/// How to predict.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictOptions {
    /// The level of the intervals.
    pub level: f64,
    /// The covariance that standard errors come from.
    pub covariance: String,
    /// What to do with rows that have missing cells.
    pub missing: Missing,
}

impl Default for PredictOptions {
    /// Level 0.95, the expected information, no missing cells.
    fn default() -> Self {
        Self {
            level: 0.95,
            covariance: "expected".into(),
            missing: Missing::Fail,
        }
    }
}

/// What a fit says about new rows, one entry a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// The line of the file that each row came from.
    pub lines: Vec<u64>,
    /// Rows left out because a cell is missing.
    pub dropped_rows: usize,
    /// η; NaN where it takes a combination of coefficients about which the data of the fit say nothing,
    /// whose standard error is infinite.
    pub predictor: Vec<f64>,
    /// Its standard error.
    pub predictor_standard_error: Vec<f64>,
    /// μ (NaN with η), the mean of an observation; with trials that of the proportion of successes.
    pub mean: Vec<f64>,
    /// |dμ/dη| times the standard error of η.
    pub standard_error: Vec<f64>,
    /// The lower end of the interval of μ: that of η, through the link.
    pub lower: Vec<f64>,
    /// Its upper end.
    pub upper: Vec<f64>,
    /// The interval of a new observation of weight one, lower and upper ends: for the gaussian
    /// family, whose observations are the mean and an error of variance φ.
    pub observation: Option<(Vec<f64>, Vec<f64>)>,
}

fn rows_of(matrix: &Mat<f64>) -> Vec<Vec<f64>> {
    (0..matrix.nrows())
        .map(|i| (0..matrix.ncols()).map(|j| matrix[(i, j)]).collect())
        .collect()
}

impl SavedFit {
    /// A fit with the formula of its design and the categories there.
    pub fn new(fit: &Fit<'_>, formula: &Formula, levels: &[Levels]) -> Self {
        let root = fit.covariance_root();
        let identified = fit.identified_terms();
        let identified = (!identified.relations().is_empty()).then(|| identified.clone());
        Self {
            format: FORMAT.into(),
            version: if identified.is_some() { 2 } else { 1 },
            formula: formula.to_string(),
            family: fit.family().to_string(),
            link: fit.link().to_string(),
            terms: fit.terms().to_vec(),
            levels: levels
                .iter()
                .map(|known| SavedLevels {
                    factor: known.factor.clone(),
                    levels: known.levels.clone(),
                    reference: known.reference,
                })
                .collect(),
            coefficients: fit.coefficients().to_vec(),
            covariance_roots: BTreeMap::from([("expected".into(), rows_of(&root))]),
            dispersion: fit.dispersion(),
            sample_size: fit.sample_size(),
            residual_degrees_of_freedom: fit.residual_degrees_of_freedom(),
            offset: None,
            trials: None,
            weights: None,
            source: None,
            identified,
        }
    }

    /// Adds a covariance by a root of it, such as that of [`super::ClusterRobust::root`].
    #[must_use]
    pub fn with_covariance(mut self, name: &str, root: &Mat<f64>) -> Self {
        self.covariance_roots.insert(name.into(), rows_of(root));
        self
    }

    /// The text of the file.
    pub fn to_json(&self) -> String {
        // Maps with text for keys and finite numbers have a text.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// [`SavedFitError`]: no JSON of this shape, a later version, parts that do not belong together.
    pub fn from_json(text: &str) -> Result<Self, SavedFitError> {
        let value: serde_json::Value = serde_json::from_str(text)?;
        let (format, version) = (&value["format"], &value["version"]);
        if format != FORMAT
            || version
                .as_u64()
                .is_none_or(|v| v == 0 || v > u64::from(VERSION))
        {
            return Err(SavedFitError::Format {
                found: match format.as_str() {
                    Some(FORMAT) => format!("version {version}"),
                    Some(other) => format!("«{other}»"),
                    None => "something else".into(),
                },
            });
        }
        let saved: Self = serde_json::from_value(value)?;
        saved.check()?;
        Ok(saved)
    }

    fn check(&self) -> Result<(), SavedFitError> {
        let wrong = |what: String| Err(SavedFitError::Inconsistent(what));
        let width = self.terms.len();
        if let Some(identified) = &self.identified {
            if let Some(contradiction) = identified.contradiction() {
                return wrong(contradiction.into());
            }
            if identified.names() != self.terms {
                return wrong("its terms are not what its relations leave to be estimated".into());
            }
        }
        if self.coefficients.len() != width {
            return wrong(format!(
                "{width} terms and {} coefficients",
                self.coefficients.len()
            ));
        }
        if !self.coefficients.iter().all(|b| b.is_finite())
            || !self.dispersion.is_finite()
            || self.dispersion < 0.0
        {
            return wrong("a coefficient or the dispersion is no finite number".into());
        }
        for (name, root) in &self.covariance_roots {
            let columns = root.first().map_or(0, Vec::len);
            let even = root.iter().all(|row| row.len() == columns);
            if root.len() != width || !even || root.iter().flatten().any(|r| !r.is_finite()) {
                return wrong(format!("the covariance `{name}` has not one row a term"));
            }
        }
        for known in &self.levels {
            if known.reference >= known.levels.len() {
                return wrong(format!(
                    "`{}` has no reference among its categories",
                    known.factor
                ));
            }
        }
        let formula = self.formula();
        let (family, link) = (self.family.parse::<Family>(), self.link.parse::<Link>());
        match (formula, family, link) {
            (Err(error), ..) => wrong(format!("its formula cannot be read ({error})")),
            (_, Err(error), _) => wrong(error.to_string()),
            (_, _, Err(error)) => wrong(error.to_string()),
            _ => Ok(()),
        }
    }

    /// The terms of the model, without the response.
    fn formula(&self) -> Result<Formula, crate::FormulaError> {
        Formula::parse(&self.formula).map(Formula::without_response)
    }

    /// The family and the link.
    ///
    /// # Errors
    /// Names that are none, which [`SavedFit::from_json`] refuses.
    pub fn family_and_link(&self) -> Result<(Family, Link), SavedFitError> {
        let wrong = |error: String| SavedFitError::Inconsistent(error);
        Ok((
            self.family
                .parse()
                .map_err(|error: super::FamilyError| wrong(error.to_string()))?,
            self.link
                .parse::<Link>()
                .map_err(|error| wrong(error.to_string()))?,
        ))
    }

    /// The categories, for [`DesignOptions::levels`].
    pub fn design_levels(&self) -> Vec<Levels> {
        self.levels
            .iter()
            .map(|known| Levels {
                factor: known.factor.clone(),
                levels: known.levels.clone(),
                reference: known.reference,
            })
            .collect()
    }

    /// A covariance of the coefficients, p × p.
    ///
    /// # Errors
    /// A name that is not in the file.
    pub fn covariance(&self, name: &str) -> Result<Mat<f64>, SavedFitError> {
        let root = self.root(name)?;
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        Ok(Mat::from_fn(root.len(), root.len(), |i, j| {
            dot(&root[i], &root[j])
        }))
    }

    fn root(&self, name: &str) -> Result<&Vec<Vec<f64>>, SavedFitError> {
        self.covariance_roots
            .get(name)
            .ok_or_else(|| SavedFitError::NoCovariance {
                name: name.into(),
                known: self
                    .covariance_roots
                    .keys()
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// The mean of every row of a table, its standard error and its interval.
    ///
    /// Intervals are those of the predictor carried through the link, with the normal quantile, or
    /// Student's where the dispersion was estimated; standard errors of means are those of the
    /// predictor times |dμ/dη|. Both take the model for granted.
    ///
    /// # Errors
    /// [`SavedFitError`]: columns that are not in the table, categories that the fit has not seen
    /// (with their place), missing cells, a covariance that was not saved.
    pub fn predict(
        &self,
        table: &Table,
        options: &PredictOptions,
    ) -> Result<Prediction, SavedFitError> {
        let (family, link) = self.family_and_link()?;
        let root = self.root(&options.covariance)?;
        let student = family
            .estimates_dispersion()
            .then_some(self.residual_degrees_of_freedom);
        let quantile = quantile(options.level, student)?;
        let formula = self
            .formula()
            .map_err(|error| SavedFitError::Inconsistent(error.to_string()))?;
        let levels = self.design_levels();
        let also: Vec<String> = self.offset.iter().cloned().collect();
        let design = Design::new(
            table,
            &formula,
            &DesignOptions {
                missing: options.missing,
                also: &also,
                levels: Some(&levels),
                ..DesignOptions::default()
            },
        )?;
        let identified = self.identified.as_ref();
        if design.terms != identified.map_or(self.terms.as_slice(), IdentifiedTerms::given) {
            return Err(SavedFitError::Inconsistent(
                "its formula and categories make other terms than it has".into(),
            ));
        }
        let rows = design.lines.len();
        let mut predictor = vec![0.0; rows];
        for offset in design
            .offset
            .iter()
            .chain(design.also.iter().map(|(_, values)| values))
        {
            for (eta, offset) in predictor.iter_mut().zip(offset) {
                *eta += offset;
            }
        }
        let kept: Vec<&Vec<f64>> = match identified {
            None => design.columns.iter().collect(),
            Some(identified) => {
                let kept = identified.kept().into_iter();
                kept.map(|j| &design.columns[j]).collect()
            }
        };
        let columns = root.first().map_or(0, Vec::len);
        let mut error = Vec::with_capacity(rows);
        let mut parts = vec![0.0; columns];
        for (row, eta) in predictor.iter_mut().enumerate() {
            parts.fill(0.0);
            let says = |terms: &IdentifiedTerms| terms.identifies(|j| design.columns[j][row]);
            if !identified.is_none_or(says) {
                *eta = f64::NAN;
                error.push(f64::INFINITY);
                continue;
            }
            for ((column, b), root) in kept.iter().zip(&self.coefficients).zip(root) {
                let x = column[row];
                *eta += b * x;
                for (part, r) in parts.iter_mut().zip(root) {
                    *part += r * x;
                }
            }
            error.push(parts.iter().map(|part| part * part).sum::<f64>().sqrt());
        }
        let mean: Vec<f64> = predictor.iter().map(|&eta| link.mean(eta)).collect();
        let is_unknown = |row: usize| error[row].is_infinite();
        if let Some(row) = (0..rows).find(|&row| !mean[row].is_finite() && !is_unknown(row)) {
            return Err(SavedFitError::NoMean {
                place: format!("line {}", design.lines[row]),
                predictor: predictor[row],
                link,
                family,
            });
        }
        let standard_error: Vec<f64> = predictor
            .iter()
            .zip(&error)
            .map(|(&eta, &error)| {
                if error.is_infinite() {
                    return error;
                }
                (link.mean_derivative(eta) * error).abs()
            })
            .collect();
        let (mut lower, mut upper) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
        for (&eta, error) in predictor.iter().zip(&error) {
            let reach = quantile * error;
            let eta = if eta.is_nan() { 0.0 } else { eta };
            let (one, other) = (link.mean(eta - reach), link.mean(eta + reach));
            let (low, high) = match link {
                // 1/η has a pole: an interval of η on both sides of it bounds no mean.
                Link::Inverse if (eta - reach) * (eta + reach) <= 0.0 => {
                    (f64::NEG_INFINITY, f64::INFINITY)
                }
                // η² turns at zero.
                Link::Sqrt if (eta - reach) * (eta + reach) <= 0.0 => (0.0, one.max(other)),
                // Powers end there.
                Link::InverseSquared | Link::Power(_) if eta - reach <= 0.0 => {
                    let end = link.mean(f64::MIN_POSITIVE);
                    (end.min(other), end.max(other))
                }
                _ => (one.min(other), one.max(other)),
            };
            lower.push(low);
            upper.push(high);
        }
        let observation = (family == Family::Gaussian).then(|| {
            let reach = |i: usize| {
                quantile * (self.dispersion + standard_error[i] * standard_error[i]).sqrt()
            };
            let centre = |i: usize| if is_unknown(i) { 0.0 } else { mean[i] };
            (
                (0..rows).map(|i| centre(i) - reach(i)).collect(),
                (0..rows).map(|i| centre(i) + reach(i)).collect(),
            )
        });
        Ok(Prediction {
            lines: design.lines,
            dropped_rows: design.dropped_rows,
            predictor,
            predictor_standard_error: error,
            mean,
            standard_error,
            lower,
            upper,
            observation,
        })
    }
}
