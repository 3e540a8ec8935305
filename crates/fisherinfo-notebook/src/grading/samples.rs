//! The points an answer is tried at, and the verdict they give.

use fisherinfo::expression::{
    Budget, Environment, EvaluationError, EvaluationProblem, Program, Value,
};
use rand::SeedableRng;

use super::compare::{NEAR, distance, largest, median, plain, plain_shape};
use super::domain::draw_point;
use super::recognise::recognise;
use super::verdict::{CounterExample, NotUnderstood, Undecided, Verdict};
use super::{Points, Question, Random, UpTo};

/// An answer with more than this share of points without a finite value is wrong.
const MOST_MISSING: f64 = 0.1;

/// An answer that is off by rounding at more than this share of points is wrong.
const MOST_ROUNDED: f64 = 0.2;

/// What kind of point it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The data shown.
    Given,
    /// Data drawn.
    Fresh,
    /// A point drawn from the domain.
    Inside,
    /// A point near an end of it.
    NearEnd,
}

/// A point, and both values there.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub(super) point: Environment<f64>,
    pub(super) kind: Kind,
    pub(super) found: Value<f64>,
    pub(super) wanted: Value<f64>,
}

impl Sample {
    pub(super) fn is_finite(&self) -> bool {
        is_finite(&self.found) && is_finite(&self.wanted)
    }

    pub(super) fn has_one_shape(&self) -> bool {
        self.found.shape() == self.wanted.shape()
    }
}

pub(super) fn is_finite(value: &Value<f64>) -> bool {
    value.entries().iter().all(|entry| entry.is_finite())
}

/// Tries an answer at every point.
pub(super) fn check(question: &Question, program: &Program) -> Verdict {
    let mut random = Random::seed_from_u64(question.seed);
    let mut budget = Budget::of(question.operations);
    let mut samples = Vec::new();
    for (point, kind) in draw_points(question, &mut random) {
        match evaluate(question, program, point, kind, &mut budget) {
            Ok(sample) => samples.push(sample),
            Err(verdict) => return *verdict,
        }
    }
    let points = samples.len();
    let finite: Vec<&Sample> = samples.iter().filter(|sample| sample.is_finite()).collect();
    if finite.len() * 2 < points || finite.is_empty() {
        let reason = Undecided::FewPoints {
            finite: finite.len(),
            points,
        };
        return Verdict::Undecided { reason };
    }
    let usual = median(
        finite
            .iter()
            .map(|sample| largest(sample.wanted.entries()))
            .collect(),
    );
    let scale = Scale::of(question.up_to, &finite);
    let mut failing: Vec<(&Sample, f64)> = finite
        .iter()
        .map(|sample| (*sample, scale.distance(sample, usual)))
        .filter(|(_, distance)| *distance > question.tolerance)
        .collect();
    let by_rounding = failing.iter().all(|(_, distance)| *distance <= NEAR)
        && failing.len() as f64 <= MOST_ROUNDED * finite.len() as f64;
    let missing: Vec<&Sample> = samples
        .iter()
        .filter(|sample| is_finite(&sample.wanted) && !is_finite(&sample.found))
        .collect();
    let many_missing = missing.len() as f64 > MOST_MISSING * points as f64;
    if by_rounding && !many_missing {
        return Verdict::Right;
    }
    if by_rounding {
        failing = missing.into_iter().map(|sample| (sample, 1.0)).collect();
    }
    // The data shown can be looked at, and the middle of a domain is no trick.
    failing.sort_by_key(|(sample, distance)| {
        let kind = match sample.kind {
            Kind::Given | Kind::Inside => 0,
            Kind::Fresh => 1,
            Kind::NearEnd => 2,
        };
        (*distance <= NEAR, kind)
    });
    let Some((worst, _)) = failing.first() else {
        return Verdict::Right;
    };
    let diagnosis = if by_rounding {
        None
    } else {
        recognise(question, program, &finite, usual, &mut budget)
    };
    Verdict::Wrong {
        counter_example: Box::new(CounterExample {
            point: worst.point.clone(),
            is_fresh_data: worst.kind == Kind::Fresh,
            found: worst.found.clone(),
            wanted: worst.wanted.map(|entry| scale.factor * entry),
            agrees_at: scale.anchor.map(|anchor| anchor.point.clone()),
        }),
        diagnosis,
    }
}

/// Both values at a point; or the verdict, where there is none.
pub(super) fn evaluate(
    question: &Question,
    program: &Program,
    point: Environment<f64>,
    kind: Kind,
    budget: &mut Budget,
) -> Result<Sample, Box<Verdict>> {
    let found = program
        .evaluate_within(&point, budget)
        .map_err(|error| Box::new(refusal(error)))?;
    let wanted = plain((question.reference)(&point));
    // A row is a row, but a column is a vector where a vector is wanted.
    let found = if found.shape() == wanted.shape() || plain_shape(&found) == wanted.shape() {
        plain(found)
    } else {
        found
    };
    Ok(Sample {
        point,
        kind,
        found,
        wanted,
    })
}

fn refusal(error: EvaluationError) -> Verdict {
    match *error.problem {
        EvaluationProblem::TooLong { .. } | EvaluationProblem::TooManyEntries { .. } => {
            Verdict::Undecided {
                reason: Undecided::TooLarge(error),
            }
        }
        _ => Verdict::NotUnderstood(NotUnderstood::Evaluation(error)),
    }
}

/// Every point of a check.
fn draw_points(question: &Question, random: &mut Random) -> Vec<(Environment<f64>, Kind)> {
    let count = question.number_of_points;
    match &question.points {
        Points::Data { given, fresh } => std::iter::once((given.clone(), Kind::Given))
            .chain((1..count).map(|_| (fresh(random), Kind::Fresh)))
            .collect(),
        Points::Domain(variables) => {
            let mut points: Vec<_> = (0..count)
                .map(|_| (draw_point(variables, random), Kind::Inside))
                .collect();
            for variable in variables {
                for number in variable.domain.near_ends() {
                    let point = draw_point(variables, random).with(&variable.name, number);
                    points.push((point, Kind::NearEnd));
                }
            }
            points
        }
    }
}

/// The factor by which an answer may differ from what is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale<'a> {
    pub(super) factor: f64,
    /// The point at which the factor was taken, where there is one.
    anchor: Option<&'a Sample>,
}

impl<'a> Scale<'a> {
    fn of(up_to: UpTo, samples: &[&'a Sample]) -> Self {
        let mut scale = Self {
            factor: 1.0,
            anchor: None,
        };
        if up_to == UpTo::ConstantFactor
            && let Some((sample, factor)) = samples.iter().find_map(|sample| {
                let factor = ratio(sample.found.entries(), sample.wanted.entries())?;
                // A prior is not negative; a factor of 0 says nothing.
                (factor > 0.0).then_some((*sample, factor))
            })
        {
            scale.factor = factor;
            scale.anchor = Some(sample);
        }
        scale
    }

    fn distance(self, sample: &Sample, usual: f64) -> f64 {
        if !sample.has_one_shape() {
            return f64::INFINITY;
        }
        let wanted: Vec<f64> = sample
            .wanted
            .entries()
            .iter()
            .map(|entry| self.factor * entry)
            .collect();
        distance(sample.found.entries(), &wanted, self.factor * usual)
    }
}

/// The number that `wanted` is best multiplied with to give `found`.
pub(super) fn ratio(found: &[f64], wanted: &[f64]) -> Option<f64> {
    if found.len() != wanted.len() {
        return None;
    }
    // Divided by the largest first: squares may overflow.
    let largest = largest(wanted);
    let product = |x: &[f64]| -> f64 {
        x.iter()
            .zip(wanted)
            .map(|(x, y)| x / largest * (y / largest))
            .sum()
    };
    let ratio = product(found) / product(wanted);
    ratio.is_finite().then_some(ratio)
}
