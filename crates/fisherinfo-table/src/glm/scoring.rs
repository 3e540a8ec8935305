//! Fisher scoring, with the information of an earlier point where that is cheaper; where its convergence, linear but for the canonical link, is slow, the step is
//! Newton's, with the observed information in the place of the expected.

use super::{
    chunk::Chunks,
    design::Design,
    error::GlmError,
    family::Family,
    pass::{Extent, Predictor, Starting, Sums, pass},
    positive_definite::solve,
    regression::{Options, Regression},
    reuse::{Course, share_of_score},
    row_source::Checkpoint,
    rows::{Tally, constant_information, is_canonical},
    separation::{Search, named, suspicious_from},
};
use faer::Mat;
use fisherinfo::coordinates::link::Link;

/// Where scoring ended, in the stored columns.
pub(super) struct Maximum {
    pub(super) coefficients: Vec<f64>,
    pub(super) sums: Sums,
    pub(super) iterations: usize,
    pub(super) offset: f64,
}

/// The likelihood of a regression under a family and a link.
struct Problem<'a> {
    regression: &'a Regression,
    family: Family,
    link: Link,
    options: &'a Options,
    /// Is this the fit that was asked for, which goes on from checkpoints and makes some, and not
    /// one of several on the way to another?
    is_whole: bool,
    /// The expected information, where the columns alone decide it.
    known: Option<Mat<f64>>,
}

/// A point and what the rows add up to there.
struct State {
    coefficients: Vec<f64>,
    sums: Sums,
    /// Is the expected information that of this point, and not of an earlier one?
    is_current: bool,
}

/// Steps may be halved so often before scoring gives up.
const HALVINGS: usize = 40;

pub(super) fn maximise(
    regression: &Regression,
    family: Family,
    link: Link,
    options: &Options,
    is_whole: bool,
) -> Result<Maximum, GlmError> {
    Problem::new(regression, family, link, options, is_whole).maximise()
}

impl<'a> Problem<'a> {
    fn new(
        regression: &'a Regression,
        family: Family,
        link: Link,
        options: &'a Options,
        is_whole: bool,
    ) -> Self {
        // Rows of one weight, the same whatever their predictors.
        let unweighted = !regression.has_trials() && regression.weighting().is_none();
        let known = constant_information(family, link)
            .filter(|_| unweighted)
            .map(|information| faer::Scale(information) * &regression.design.gram);
        Self {
            regression,
            family,
            link,
            options,
            is_whole,
            known,
        }
    }

    fn design(&self) -> &Design {
        &self.regression.design
    }

    fn chunks(&self) -> Chunks<'_> {
        self.regression.chunks(Some(self.family))
    }

    /// The sums at a predictor, with the information `kept` where the score alone is asked for.
    fn sums(
        &self,
        name: &str,
        predictor: Predictor<'_>,
        extent: Extent,
        kept: Option<&Mat<f64>>,
    ) -> Result<Sums, GlmError> {
        let (family, link) = (self.family, self.link);
        let mut sums = pass(self.chunks(), name, family, link, predictor, extent)?;
        if extent == Extent::Score
            && let Some(kept) = kept
        {
            sums.expected.clone_from(kept);
        }
        Ok(sums)
    }

    fn step_extent(&self) -> Extent {
        if self.known.is_some() {
            Extent::Score
        } else if self.family.estimates_dispersion() {
            Extent::StepAndDispersion
        } else {
            Extent::Step
        }
    }

    fn maximise(&self) -> Result<Maximum, GlmError> {
        let (mut state, mut previous, finished) =
            match self.regression.resume.as_ref().filter(|_| self.is_whole) {
                None => (self.start()?, None, 0),
                Some(checkpoint) => self.resumed(checkpoint)?,
            };
        for iteration in finished + 1..=self.options.max_iterations {
            let sums = &state.sums;
            let Some(mut step) = solve(&sums.expected, &sums.score) else {
                return Err(self.running_off(&state, &state.coefficients)?);
            };
            let offset = self.relative_offset(sums, &step);
            let ended = offset <= self.options.tolerance
                || previous.is_some_and(|before| !shrinks(offset, before))
                    && is_rounding(&step, &state.coefficients);
            let converged = ended && state.is_current;
            let suspicious = suspicious_from(self.family, self.link)
                .is_some_and(|size| sums.tally.largest >= size);
            // Only late iterates point along everything that separates.
            if suspicious
                && converged
                && let Some(error) = self.separation(&state, &step)?
            {
                return Err(error);
            }
            let slow = !is_canonical(self.family, self.link)
                && state.is_current
                && previous.is_some_and(|before| !shrinks(offset, before));
            if slow
                && let Some(observed) = &sums.observed
                && let Some(newton) = solve(observed, &sums.score)
            {
                step = newton;
            }
            let next: Vec<f64> = state
                .coefficients
                .iter()
                .zip(&step)
                .map(|(b, d)| b + d)
                .collect();
            if converged {
                if super::collinear::condition(&sums.expected) > SINGULAR {
                    return Err(self.running_off(&state, &step)?);
                }
                // The last step costs no pass, so it is taken.
                return Ok(Maximum {
                    coefficients: next,
                    sums: state.sums,
                    iterations: iteration,
                    offset,
                });
            }
            let name = format!("iteration {iteration}");
            let course = Course {
                offset,
                before: previous,
                tolerance: self.options.tolerance,
                is_current: state.is_current,
            };
            let extent = if slow {
                Extent::StepAndObserved
            } else if self.is_constant() || self.keeps_information(course) {
                Extent::Score
            } else {
                self.step_extent()
            };
            state = match self.advance(&name, &state, &step, extent)? {
                Some(state) => state,
                None if suspicious => return Err(self.running_off(&state, &step)?),
                None => {
                    return Err(GlmError::Boundary {
                        family: self.family,
                        link: self.link,
                        iterations: iteration,
                    });
                }
            };
            previous = Some(offset);
            if self.is_whole {
                self.regression.finished(|| Checkpoint {
                    iteration,
                    stored: state.coefficients.clone(),
                    offset,
                    newton: slow,
                })?;
            }
        }
        let step = solve(&state.sums.expected, &state.sums.score).unwrap_or_default();
        if let Some(error) = self.separation(&state, &step)? {
            return Err(error);
        }
        Err(GlmError::NotConverged {
            iterations: self.options.max_iterations,
            offset: previous.unwrap_or(f64::INFINITY),
        })
    }

    /// Is the information the same at every point?
    fn is_constant(&self) -> bool {
        constant_information(self.family, self.link).is_some()
    }

    /// Is the next pass to be for the score alone? Not where reading the rows is what takes the time.
    fn keeps_information(&self, course: Course) -> bool {
        let chunks = self.chunks();
        chunks.stream.is_none() && course.keeps_information(share_of_score(chunks.width()))
    }

    /// The state at a checkpoint, the offset before it and the iterations finished.
    fn resumed(&self, checkpoint: &Checkpoint) -> Result<(State, Option<f64>, usize), GlmError> {
        let coefficients = checkpoint.stored.clone();
        let extent = if checkpoint.newton {
            Extent::StepAndObserved
        } else {
            self.step_extent()
        };
        let predictor = Predictor::Coefficients(&coefficients);
        let sums = self.sums("resumed", predictor, extent, self.known.as_ref())?;
        let state = State {
            coefficients,
            sums,
            is_current: true,
        };
        Ok((state, Some(checkpoint.offset), checkpoint.iteration))
    }

    /// Bates and Watts' relative offset: the root mean square of the next step in units of the
    /// standard errors, √(sᵀI⁻¹s / (pφ)).
    fn relative_offset(&self, sums: &Sums, step: &[f64]) -> f64 {
        let decrement: f64 = step.iter().zip(&sums.score).map(|(d, s)| d * s).sum();
        let dispersion = self.regression.dispersion(self.family, sums.pearson);
        (decrement.max(0.0) / (step.len() as f64 * dispersion)).sqrt()
    }

    /// The next state along a step, halved until the likelihood does not fall and every mean is
    /// one of the family's.
    fn advance(
        &self,
        name: &str,
        from: &State,
        step: &[f64],
        extent: Extent,
    ) -> Result<Option<State>, GlmError> {
        let before = from.sums.tally.log_kernel;
        let slack = 1e-10 * (1.0 + before.abs());
        let mut fraction = 1.0;
        for _ in 0..HALVINGS {
            let coefficients: Vec<f64> = from
                .coefficients
                .iter()
                .zip(step)
                .map(|(b, d)| b + fraction * d)
                .collect();
            let predictor = Predictor::Coefficients(&coefficients);
            let sums = self.sums(name, predictor, extent, Some(&from.sums.expected))?;
            if sums.tally.outside == 0 && sums.tally.log_kernel >= before - slack {
                return Ok(Some(State {
                    coefficients,
                    sums,
                    is_current: extent != Extent::Score || self.is_constant(),
                }));
            }
            fraction *= 0.5;
        }
        Ok(None)
    }

    fn start(&self) -> Result<State, GlmError> {
        let zero = vec![0.0; self.design().width];
        if let Some(intercept) = self.regression.intercept
            && (self.family, self.link) == (Family::Binomial, Link::Logit)
            && !self.regression.has_trials()
            && !self.regression.has_offset()
            && self.regression.weighting().is_none()
        {
            return Ok(self.even_odds(zero, intercept));
        }
        let extent = self.step_extent();
        if matches!(
            (self.family, self.link),
            (Family::Binomial, Link::Logit) | (Family::Gaussian, Link::Identity)
        ) {
            let predictor = Predictor::Coefficients(&zero);
            let sums = self.sums(START, predictor, extent, self.known.as_ref())?;
            return Ok(State {
                coefficients: zero,
                sums,
                is_current: true,
            });
        }
        let regression = self.regression;
        let cannot_start = || GlmError::CannotStart {
            family: self.family,
            link: self.link,
        };
        let average = self.link.predictor(regression.mean_response());
        let mean_offset = regression.mean_offset();
        let starting = Starting {
            family: self.family,
            link: self.link,
            average,
        };
        let start = Predictor::Start(starting);
        let started = self.sums(START, start, extent, self.known.as_ref())?;
        let first = (started.tally.outside == 0)
            .then(|| solve(&started.expected, &started.score))
            .flatten();
        // Where the first iterate leaves the mean space, the way back is towards the model with
        // nothing but an intercept, all of whose means are the average.
        let null = regression
            .intercept
            .filter(|_| average.is_finite())
            .map(|intercept| {
                (0..zero.len())
                    .map(|i| self.design().to_stored[(i, intercept)] * (average - mean_offset))
                    .collect::<Vec<f64>>()
            });
        let first = first.or_else(|| null.clone()).ok_or_else(cannot_start)?;
        let course = Course {
            offset: f64::INFINITY,
            before: None,
            tolerance: self.options.tolerance,
            is_current: false,
        };
        let keeps = self.is_constant() || self.keeps_information(course);
        let extent = if keeps { Extent::Score } else { extent };
        let mut fraction = 1.0;
        for _ in 0..HALVINGS {
            let coefficients: Vec<f64> = match &null {
                Some(null) => null
                    .iter()
                    .zip(&first)
                    .map(|(null, first)| null + fraction * (first - null))
                    .collect(),
                None => first.clone(),
            };
            let predictor = Predictor::Coefficients(&coefficients);
            let sums = self.sums(START, predictor, extent, Some(&started.expected))?;
            if sums.tally.outside == 0 && sums.tally.log_kernel.is_finite() {
                return Ok(State {
                    coefficients,
                    sums,
                    is_current: !keeps || self.is_constant(),
                });
            }
            if null.is_none() {
                break;
            }
            fraction *= 0.5;
        }
        Err(cannot_start())
    }

    /// Where every mean is ½ and every weight ¼: all sums are those of the design, and no pass over
    /// the rows is needed.
    fn even_odds(&self, zero: Vec<f64>, intercept: usize) -> State {
        let rows = self.regression.rows() as f64;
        let (design, totals) = (self.design(), self.design().totals(intercept));
        let score = design.moments.iter().zip(totals);
        State {
            coefficients: zero,
            is_current: true,
            sums: Sums {
                score: score.map(|(moment, total)| moment - 0.5 * total).collect(),
                expected: faer::Scale(0.25) * &design.gram,
                observed: None,
                empirical: None,
                pearson: rows,
                tally: Tally {
                    log_kernel: -rows * std::f64::consts::LN_2,
                    outside: 0,
                    largest: 0.0,
                },
            },
        }
    }

    fn separation(&self, state: &State, step: &[f64]) -> Result<Option<GlmError>, GlmError> {
        if suspicious_from(self.family, self.link).is_none() {
            return Ok(None);
        }
        let search = Search {
            chunks: self.chunks(),
            family: self.family,
            terms: &self.regression.terms,
            intercept: self.regression.intercept,
        };
        let found = search.near(&[&state.coefficients, step])?;
        Ok(found.map(GlmError::Separation))
    }

    /// The error of an information that has become singular on the way.
    fn running_off(&self, state: &State, step: &[f64]) -> Result<GlmError, GlmError> {
        let separation = self.separation(state, step)?;
        Ok(separation.unwrap_or_else(|| GlmError::Diverging {
            direction: named(
                self.design(),
                &self.regression.terms,
                self.regression.intercept,
                step,
            )
            .to_string(),
        }))
    }
}

/// The pass that scoring starts from.
const START: &str = "start";

/// A condition of the scaled information from which it is singular for all that rounding leaves.
pub(super) const SINGULAR: f64 = 1e14;

/// Does the offset still fall? Not where rounding is all that is left of it, and not where a
/// perfect fit has no standard error to measure it by (NaN).
fn shrinks(offset: f64, before: f64) -> bool {
    offset < 0.5 * before
}

/// A step that no longer changes the digits of the coefficients.
pub(super) fn is_rounding(step: &[f64], coefficients: &[f64]) -> bool {
    let largest = |values: &[f64]| values.iter().fold(0.0_f64, |a, v| a.max(v.abs()));
    largest(step) <= 1e-12 * largest(coefficients)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Extent, Predictor, Problem, START};
    use crate::glm::{Family, Options, Regression};
    use fisherinfo::coordinates::link::Link;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        /// The sums at zero, from those of the design and from a pass over the rows; also where the
        /// design had to be made orthogonal.
        #[test]
        fn even_odds_need_no_pass(
            rows in prop::collection::vec((-3.0..3.0_f64, -1.0..1.0_f64, any::<bool>()), 8..700),
            centre in prop::sample::select(vec![0.0, 40.0]),
            apart in prop::sample::select(vec![1.0, 1e-6]),
        ) {
            let column = |value: &dyn Fn(&(f64, f64, bool)) -> f64| -> Vec<f64> {
                rows.iter().map(value).collect()
            };
            let columns = [
                column(&|_| 1.0),
                column(&|row| centre + row.0),
                column(&|row| row.0 + apart * row.1),
            ];
            let response = column(&|row| f64::from(row.2));
            let terms = ["one", "x", "z"].map(String::from);
            let regression = Regression::new(&response, &columns, &terms, Some(0)).unwrap();
            let options = Options::default();
            let (family, link) = (Family::Binomial, Link::Logit);
            let problem = Problem::new(&regression, family, link, &options, true);
            let found = problem.even_odds(vec![0.0; 3], 0).sums;
            let zero = Predictor::Coefficients(&[0.0; 3]);
            let sums = problem.sums(START, zero, Extent::StepAndDispersion, None).unwrap();
            let n = rows.len() as f64;
            for i in 0..3 {
                prop_assert!((found.score[i] - sums.score[i]).abs() < 1e-11 * n, "{found:?} {sums:?}");
                for j in 0..3 {
                    let difference = found.expected[(i, j)] - sums.expected[(i, j)];
                    prop_assert!(difference.abs() < 1e-11 * n, "{found:?} {sums:?}");
                }
            }
            prop_assert!((found.pearson - sums.pearson).abs() < 1e-11 * n);
            prop_assert!((found.tally.log_kernel - sums.tally.log_kernel).abs() < 1e-11 * n);
            prop_assert_eq!(found.tally.largest, sums.tally.largest);
        }
    }
}
