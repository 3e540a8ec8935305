//! Firth's correction: the likelihood times Jeffreys' prior.

use super::{
    chunk::Chunks,
    error::GlmError,
    family::{Family, MeanFamilyTask},
    fit::Fit,
    leverage::Place,
    pass::{Extent, Predictor, Sums, pass},
    positive_definite::inverse_root,
    regression::Regression,
    scoring::Maximum,
    weighted::weighted_columns,
};
use faer::Mat;
use fisherinfo::{
    coordinates::link::Link, design::predictor_information, family::mean::MeanFamily,
    special::normal_quantile,
};
use num_dual::Dual64;

/// A regression whose log-likelihood was penalised by ½ log det I(β), which is Jeffreys' prior at work.
///
/// In logistic and other canonical regressions this takes away the bias of order 1/n. The estimates
/// are finite also where the responses are separated. Intervals that reach as far as the data allow
/// come from the profile of the penalised likelihood, not from standard errors.
///
/// Sources: Firth, Bias reduction of maximum likelihood estimates, Biometrika 80 (1993); Heinze &
/// Schemper, A solution to the problem of separation in logistic regression, Statistics in Medicine 21
/// (2002); for links that are not canonical Kosmidis & Firth, Jeffreys-prior penalty, finiteness and
/// shrinkage in binomial-response generalized linear models, Biometrika 108 (2021).
#[derive(Clone, Debug)]
pub struct FirthFit<'a> {
    fit: Fit<'a>,
    /// ½ log det I of the coefficients of the terms.
    penalty: f64,
    /// The penalised kernel in the stored coefficients.
    top: f64,
}

/// A point, and what the rows add up to there.
struct State {
    coefficients: Vec<f64>,
    sums: Sums,
    /// W with W·Wᵀ the inverse of the expected information.
    root: Mat<f64>,
    /// Log-likelihood without its constants plus ½ log det I, in the stored columns.
    penalised: f64,
}

/// cᵀb = value.
struct Constraint {
    direction: Vec<f64>,
    value: f64,
}

struct Problem<'a> {
    regression: &'a Regression,
    family: Family,
    link: Link,
    /// d ln w/dη.
    slope: Box<dyn Fn(f64) -> f64 + Sync + 'a>,
}

/// d ln w/dη of a family, w being the information about η.
struct WeightSlope(Link);

impl MeanFamilyTask for WeightSlope {
    type Output = Box<dyn Fn(f64) -> f64 + Sync>;

    fn with<F: MeanFamily + 'static>(self, family: F) -> Self::Output {
        let link = self.0;
        Box::new(move |predictor| {
            let weight = predictor_information(&family, link, Dual64::new(predictor, 1.0));
            let slope = weight.eps / weight.re;
            // A weight that has underflowed pulls nowhere.
            if slope.is_finite() { slope } else { 0.0 }
        })
    }
}

/// What its passes over the rows are called.
const PASS: &str = "Firth's correction";

/// Steps may be halved so often.
const HALVINGS: usize = 40;

/// Steps outwards in search of the end of an interval; then it is infinite for all that matters.
const MOST_STRIDES: usize = 40;

impl Regression {
    /// The maximum of the log-likelihood plus ½ log det I(β), by scoring with the modified score
    /// Σ (sᵢ + ½ hᵢ d ln wᵢ/dηᵢ) xᵢ, in which hᵢ is the leverage of a row and wᵢ its weight.
    ///
    /// # Errors
    /// A family whose dispersion is estimated; a response that the family cannot produce; no way to
    /// start; no convergence.
    ///
    /// ```
    /// use fisherinfo::coordinates::link::Link;
    /// use fisherinfo_table::glm::{Family, Regression};
    /// // Ten successes in ten trials: the most likely proportion is 1, Firth's (y + ½)/(n + 1).
    /// let coin = Regression::new(&[10.0], &[[1.0]], &["logit p".into()], Some(0))?.trials(&[10.0])?;
    /// let firth = coin.fit_firth(Family::Binomial, Link::Logit)?;
    /// assert!((firth.fit().fitted_means()?[0] - 10.5 / 11.0).abs() < 1e-12);
    /// # Ok::<(), fisherinfo_table::glm::GlmError>(())
    /// ```
    pub fn fit_firth(&self, family: Family, link: Link) -> Result<FirthFit<'_>, GlmError> {
        let family = family.checked()?;
        if family.estimates_dispersion() {
            return Err(GlmError::FirthDispersion { family });
        }
        self.require_response(family)?;
        self.in_pool(|| {
            let problem = Problem::new(self, family, link);
            let (state, iterations, offset) = problem.maximise(problem.start()?, None)?;
            let top = state.penalised;
            // det I(β) = det I(b)·det(∂b/∂β)².
            let change = self.design.to_stored.determinant().abs().ln();
            let penalty = change - ln_determinant(&state.root);
            let maximum = Maximum {
                coefficients: state.coefficients,
                sums: state.sums,
                iterations,
                offset,
            };
            Ok(FirthFit {
                fit: Fit::new(self, family, link, maximum)?,
                penalty,
                top,
            })
        })?
    }
}

/// Σ ln Wᵢᵢ of a triangular matrix.
fn ln_determinant(root: &Mat<f64>) -> f64 {
    (0..root.nrows()).map(|i| root[(i, i)].abs().ln()).sum()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl<'a> Problem<'a> {
    fn new(regression: &'a Regression, family: Family, link: Link) -> Self {
        Self {
            regression,
            family,
            link,
            slope: family.as_mean_family(WeightSlope(link)),
        }
    }

    fn chunks(&self) -> Chunks<'_> {
        self.regression.chunks(Some(self.family))
    }

    /// None where a mean is none of the family's or the information is singular.
    fn at(&self, coefficients: Vec<f64>) -> Result<Option<State>, GlmError> {
        let predictor = Predictor::Coefficients(&coefficients);
        let sums = pass(
            self.chunks(),
            PASS,
            self.family,
            self.link,
            predictor,
            Extent::StepAndDispersion,
        )?;
        if sums.tally.outside > 0 {
            return Ok(None);
        }
        let Some(root) = inverse_root(&sums.expected) else {
            return Ok(None);
        };
        let penalised = sums.tally.log_kernel - ln_determinant(&root);
        Ok(penalised.is_finite().then_some(State {
            coefficients,
            sums,
            root,
            penalised,
        }))
    }

    /// As [`Problem::at`], where there is to be a point.
    fn beginning(&self, coefficients: Vec<f64>) -> Result<State, GlmError> {
        self.at(coefficients)?.ok_or(GlmError::CannotStart {
            family: self.family,
            link: self.link,
        })
    }

    /// The model of the average, drawn a little from the ends of the mean space; without an intercept
    /// all predictors zero.
    fn start(&self) -> Result<State, GlmError> {
        let regression = self.regression;
        let mut coefficients = vec![0.0; regression.design.width];
        if let Some(intercept) = regression.intercept {
            let totals = regression.totals();
            let total = 0.5 + totals.response;
            let one = f64::from(self.family == Family::Binomial);
            let of = totals.trials + one;
            let predictor = self.link.predictor(total / of) - regression.mean_offset();
            for (i, b) in coefficients.iter_mut().enumerate() {
                *b = regression.design.to_stored[(i, intercept)] * predictor;
            }
        }
        self.beginning(coefficients)
    }

    /// Score plus the slope of the penalty.
    fn score(&self, state: &State) -> Result<Vec<f64>, GlmError> {
        let place = Place {
            family: self.family,
            link: self.link,
            stored: &state.coefficients,
            root: &state.root,
        };
        let penalty = weighted_columns(self.chunks(), PASS, |chunk, block, out| {
            place.visit(chunk, block, |i, row| {
                out[i] = 0.5 * row.leverage * (self.slope)(row.predictor);
            });
        })?;
        let score = state.sums.score.iter().zip(&penalty);
        Ok(score.map(|(score, penalty)| score + penalty).collect())
    }

    /// The maximum from a point that satisfies the constraint, with the iterations and the last
    /// relative offset.
    fn maximise(
        &self,
        mut state: State,
        constraint: Option<&Constraint>,
    ) -> Result<(State, usize, f64), GlmError> {
        let most = self.regression.max_iterations();
        let mut offset = f64::INFINITY;
        // The information is not the curvature of what is maximised, and where they differ much
        // scoring is slow: then its inverse is made better from the steps that are taken.
        let mut curvature: Option<Mat<f64>> = None;
        let mut score = self.score(&state)?;
        for iteration in 1..=most {
            let inverse = &state.root * state.root.transpose();
            let mut step = ascent(&inverse, &score, constraint);
            let before = offset;
            offset = (dot(&step, &score).max(0.0) / step.len() as f64).sqrt();
            let rounding = largest(&step) <= 1e-14 * largest(&state.coefficients);
            if offset <= self.regression.tolerance() || rounding {
                return Ok((state, iteration, offset));
            }
            if offset > 0.3 * before && curvature.is_none() {
                curvature = Some(inverse);
            }
            if let Some(curvature) = &curvature {
                step = ascent(curvature, &score, constraint);
            }
            let next = self.advance(&state, &step)?.ok_or(GlmError::Boundary {
                family: self.family,
                link: self.link,
                iterations: iteration,
            })?;
            let next_score = self.score(&next)?;
            if let Some(curvature) = &mut curvature {
                let difference = |a: &[f64], b: &[f64]| -> Vec<f64> {
                    a.iter().zip(b).map(|(a, b)| a - b).collect()
                };
                let moved = difference(&next.coefficients, &state.coefficients);
                learn(curvature, &moved, &difference(&score, &next_score));
            }
            (state, score) = (next, next_score);
        }
        Err(GlmError::NotConverged {
            iterations: most,
            offset,
        })
    }

    /// The next state along a step, halved until the penalised likelihood does not fall.
    fn advance(&self, from: &State, step: &[f64]) -> Result<Option<State>, GlmError> {
        let slack = 1e-12 * (1.0 + from.penalised.abs());
        let mut fraction = 1.0;
        for _ in 0..HALVINGS {
            let coefficients = from.coefficients.iter().zip(step);
            let next = self.at(coefficients.map(|(b, d)| b + fraction * d).collect())?;
            fraction *= 0.5;
            if let Some(next) = next
                && next.penalised >= from.penalised - slack
            {
                return Ok(Some(next));
            }
        }
        Ok(None)
    }

    /// The largest penalised likelihood under a constraint, from a point near it.
    fn constrained(&self, from: &State, constraint: &Constraint) -> Result<State, GlmError> {
        let inverse = &from.root * from.root.transpose();
        let across = times(&inverse, &constraint.direction);
        let missing = constraint.value - dot(&constraint.direction, &from.coefficients);
        let share = missing / dot(&constraint.direction, &across);
        let moved = from.coefficients.iter().zip(&across);
        let start = self.beginning(moved.map(|(b, d)| b + share * d).collect())?;
        Ok(self.maximise(start, Some(constraint))?.0)
    }
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest, v| v.abs().max(largest))
}

fn times(matrix: &Mat<f64>, vector: &[f64]) -> Vec<f64> {
    let vector = Mat::from_fn(vector.len(), 1, |i, _| vector[i]);
    let product = matrix * vector;
    (0..product.nrows()).map(|i| product[(i, 0)]).collect()
}

/// The step to where a quadratic with this inverse curvature is largest, across the constraint.
fn ascent(inverse: &Mat<f64>, score: &[f64], constraint: Option<&Constraint>) -> Vec<f64> {
    let mut step = times(inverse, score);
    if let Some(Constraint { direction, .. }) = constraint {
        let across = times(inverse, direction);
        let share = dot(direction, &step) / dot(direction, &across);
        for (step, across) in step.iter_mut().zip(&across) {
            *step -= share * across;
        }
    }
    step
}

/// Broyden, Fletcher, Goldfarb and Shanno's update of an inverse curvature, after a step along which
/// the score fell by `fall`. (Nocedal & Wright, Numerical Optimization, 2006, 6.17.)
fn learn(inverse: &mut Mat<f64>, moved: &[f64], fall: &[f64]) {
    let along = dot(moved, fall);
    let is_concave = along > 0.0;
    if !is_concave {
        return;
    }
    let carried = times(inverse, fall);
    let weight = 1.0 + dot(fall, &carried) / along;
    for i in 0..moved.len() {
        for j in 0..moved.len() {
            let cross = moved[i] * carried[j] + carried[i] * moved[j];
            inverse[(i, j)] += (weight * moved[i] * moved[j] - cross) / along;
        }
    }
}

impl<'a> FirthFit<'a> {
    /// The estimates and their informations, those of the likelihood without its penalty. The scores
    /// of the rows do not add up to zero there, so that sandwich and information-matrix test are
    /// approximate.
    pub fn fit(&self) -> &Fit<'a> {
        &self.fit
    }

    /// The fit alone.
    pub fn into_fit(self) -> Fit<'a> {
        self.fit
    }

    /// ½ log det I(β) at the estimates.
    pub fn penalty(&self) -> f64 {
        self.penalty
    }

    /// The log-likelihood, all constants included, plus the penalty.
    pub fn penalised_log_likelihood(&self) -> f64 {
        self.fit.log_likelihood() + self.penalty
    }

    fn problem(&self) -> Problem<'a> {
        Problem::new(self.fit.regression, self.fit.family, self.fit.link)
    }

    fn state(&self, problem: &Problem<'_>) -> Result<State, GlmError> {
        problem.beginning(self.fit.stored.clone())
    }

    /// β of a term at a value, in the stored coefficients.
    fn held(&self, term: usize, value: f64) -> Constraint {
        let to_raw = &self.fit.regression.design.to_raw;
        Constraint {
            direction: (0..to_raw.ncols()).map(|j| to_raw[(term, j)]).collect(),
            value,
        }
    }

    fn require_term(&self, term: usize) -> Result<(), GlmError> {
        let terms = self.fit.terms().len();
        if term < terms {
            return Ok(());
        }
        Err(GlmError::Shape {
            what: "terms up to the one asked for".into(),
            expected: term + 1,
            found: terms,
        })
    }

    /// Twice what the penalised log-likelihood loses when the coefficient of a term is held at
    /// `value`: χ² on one degree of freedom in large samples. The penalty keeps the information of all
    /// coefficients.
    ///
    /// # Errors
    /// A term that there is not; no convergence.
    pub fn likelihood_ratio(&self, term: usize, value: f64) -> Result<f64, GlmError> {
        self.require_term(term)?;
        self.fit.regression.in_pool(|| {
            let problem = self.problem();
            let held = problem.constrained(&self.state(&problem)?, &self.held(term, value))?;
            Ok((2.0 * (self.top - held.penalised)).max(0.0))
        })?
    }

    /// The values of a coefficient whose likelihood ratio is at most the `level` quantile of χ² on
    /// one degree of freedom: the profile of the penalised likelihood. An end is infinite where the
    /// profile does not fall so far.
    ///
    /// # Errors
    /// A term that there is not, a level outside (0, 1), no convergence.
    ///
    /// ```
    /// use fisherinfo::coordinates::link::Link;
    /// use fisherinfo_table::glm::{Family, Regression};
    /// let coin = Regression::new(&[10.0], &[[1.0]], &["logit p".into()], Some(0))?.trials(&[10.0])?;
    /// let firth = coin.fit_firth(Family::Binomial, Link::Logit)?;
    /// let [low, high] = firth.profile_interval(0, 0.95)?;
    /// // About the estimate ln 21 = 3.04; upwards the data say less than downwards.
    /// assert!((low - 0.99641292065).abs() < 1e-9 && (high - 7.90127716257).abs() < 1e-9);
    /// # Ok::<(), fisherinfo_table::glm::GlmError>(())
    /// ```
    pub fn profile_interval(&self, term: usize, level: f64) -> Result<[f64; 2], GlmError> {
        self.require_term(term)?;
        if !(level > 0.0 && level < 1.0) {
            return Err(GlmError::Level { level });
        }
        let quantile: f64 = normal_quantile(0.5 * (1.0 + level));
        self.fit.regression.in_pool(|| {
            let problem = self.problem();
            Ok([
                self.end(&problem, term, -quantile)?,
                self.end(&problem, term, quantile)?,
            ])
        })?
    }

    /// Where the signed root of the likelihood ratio is `wanted`.
    fn end(&self, problem: &Problem<'_>, term: usize, wanted: f64) -> Result<f64, GlmError> {
        let estimate = self.fit.coefficients()[term];
        let error = self.fit.standard_errors().expected[term];
        let top = self.state(problem)?;
        let goal = 0.5 * wanted * wanted;
        // The fall at a value beyond the goal, and the state there for the next to start from.
        let at = |value: f64, from: &State| {
            let state = problem.constrained(from, &self.held(term, value))?;
            let fall = self.top - state.penalised;
            Ok::<_, GlmError>((fall - goal, state))
        };
        let (mut inside, mut inside_by, mut from) = (estimate, -goal, top);
        let mut stride = wanted * error;
        let mut found = None;
        for _ in 0..MOST_STRIDES {
            let (by, state) = at(inside + stride, &from)?;
            if by >= 0.0 {
                found = Some((inside + stride, by));
                break;
            }
            (inside, inside_by, from) = (inside + stride, by, state);
            stride *= 1.5;
        }
        let Some((mut outside, mut outside_by)) = found else {
            return Ok(f64::INFINITY.copysign(wanted));
        };
        // Regula falsi, the weight of an end that stays halved (Illinois).
        let mut last_inside = None;
        for _ in 0..100 {
            if (outside - inside).abs() <= 1e-11 * (error + inside.abs()) {
                break;
            }
            let value = outside - outside_by * (outside - inside) / (outside_by - inside_by);
            let (by, state) = at(value, &from)?;
            if by.abs() <= 1e-12 * (1.0 + self.top.abs()) {
                return Ok(value);
            }
            let is_inside = by < 0.0;
            if is_inside {
                (inside, inside_by, from) = (value, by, state);
            } else {
                (outside, outside_by) = (value, by);
            }
            if last_inside == Some(is_inside) {
                if is_inside {
                    outside_by *= 0.5;
                } else {
                    inside_by *= 0.5;
                }
            }
            last_inside = Some(is_inside);
        }
        Ok(0.5 * (inside + outside))
    }
}
