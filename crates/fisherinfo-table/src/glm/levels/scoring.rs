//! Fisher scoring over terms and levels together.

use super::{
    super::{
        collinear, error::GlmError, family::Family, kernel::ROWS, scoring::SINGULAR,
        separation::suspicious_from,
    },
    LevelRegression,
    sums::{LevelSums, Point},
};
use faer::Mat;
use fisherinfo::coordinates::link::Link;
use pulp::Arch;

/// Where scoring ended.
pub(super) struct Maximum {
    pub(super) point: Point,
    pub(super) sums: LevelSums,
    pub(super) root: Mat<f64>,
    pub(super) iterations: usize,
    pub(super) offset: f64,
}

/// Steps may be halved so often.
const HALVINGS: usize = 40;

pub(super) fn maximise(
    problem: &LevelRegression,
    family: Family,
    link: Link,
) -> Result<Maximum, GlmError> {
    let options = &problem.regression.options;
    let (mut point, mut sums) = start(problem, family, link)?;
    let mut offset = f64::INFINITY;
    for iteration in 1..=options.max_iterations {
        let Some(root) = sums.root() else {
            return Err(problem.running_off(family, link, &point, &point)?);
        };
        let step = sums.step(&root);
        let before = offset;
        let dispersion = problem.dispersion(family, sums.pearson);
        let decrement = sums.along(&step).max(0.0);
        offset = (decrement / (problem.parameters() as f64 * dispersion)).sqrt();
        let shrinks = offset < 0.5 * before;
        let stalls = !shrinks && is_rounding(&step, &point);
        if offset <= options.tolerance || stalls {
            let suspicious =
                suspicious_from(family, link).is_some_and(|size| sums.tally.largest >= size);
            if suspicious && let Some(error) = problem.separation(family, &point, &step)? {
                return Err(error);
            }
            if collinear::condition(&sums.complement()) > SINGULAR {
                return Err(problem.running_off(family, link, &point, &step)?);
            }
            // The last step costs no pass, so it is taken.
            return Ok(Maximum {
                point: point.moved(&step, 1.0),
                sums,
                root,
                iterations: iteration,
                offset,
            });
        }
        let slack = 1e-10 * (1.0 + sums.tally.log_kernel.abs());
        let mut fraction = 1.0;
        let mut next = None;
        for _ in 0..HALVINGS {
            let there = point.moved(&step, fraction);
            let at = problem.at(family, link, &there)?;
            if at.tally.outside == 0 && at.tally.log_kernel >= sums.tally.log_kernel - slack {
                next = Some((there, at));
                break;
            }
            fraction *= 0.5;
        }
        match next {
            Some(next) => (point, sums) = next,
            None if suspicious_from(family, link).is_some() => {
                return Err(problem.running_off(family, link, &point, &step)?);
            }
            None => {
                return Err(GlmError::Boundary {
                    family,
                    link,
                    iterations: iteration,
                });
            }
        }
    }
    Err(GlmError::NotConverged {
        iterations: options.max_iterations,
        offset,
    })
}

/// A step that no longer changes the digits of the coefficients.
fn is_rounding(step: &Point, point: &Point) -> bool {
    let largest = |values: &[f64]| values.iter().fold(0.0_f64, |a, v| a.max(v.abs()));
    largest(&step.stored) <= 1e-12 * largest(&point.stored)
        && largest(&step.levels) <= 1e-12 * largest(&point.levels)
}

/// The first iterate from means near the responses; where that leaves the mean space, the average.
fn start(
    problem: &LevelRegression,
    family: Family,
    link: Link,
) -> Result<(Point, LevelSums), GlmError> {
    let regression = &problem.regression;
    let average = link.predictor(regression.mean_response());
    let sums = problem.sums(|chunk, block, terms| {
        let (first, count) = (block * ROWS, chunk.rows_in(block));
        let mut started = [0.0; ROWS];
        for (i, started) in started[..count].iter_mut().enumerate() {
            let row = first + i;
            let mean = family.starting_mean(chunk.response[row], chunk.trials_of(row));
            let predictor = link.predictor(mean);
            let predictor = if predictor.is_finite() {
                predictor
            } else {
                average
            };
            *started = predictor - chunk.offset_of(row);
        }
        terms.predictor = started;
        let model = chunk.model(family, link);
        let tally = model.fill(Arch::new(), first, count, false, terms);
        for i in 0..count {
            terms.score[i] += terms.weight[i] * started[i];
        }
        tally
    })?;
    let first = (sums.tally.outside == 0)
        .then(|| sums.root())
        .flatten()
        .map(|root| sums.step(&root));
    let mut null = Point::zero(problem);
    null.levels.fill(average - regression.mean_offset());
    for point in first.into_iter().chain([null]) {
        let sums = problem.at(family, link, &point)?;
        if sums.tally.outside == 0 && sums.tally.log_kernel.is_finite() {
            return Ok((point, sums));
        }
    }
    Err(GlmError::CannotStart { family, link })
}
