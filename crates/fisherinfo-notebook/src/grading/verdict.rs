//! What is said of an answer.

use std::fmt;

use fisherinfo::expression::{Environment, EvaluationError, ExpressionError, Value, number_text};
use thiserror::Error;

use super::diagnosis::Diagnosis;

/// What is said of an answer.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub enum Verdict {
    /// It has the value that is wanted at every point tried.
    Right,
    /// It has another value somewhere.
    Wrong {
        /// A point where it has.
        counter_example: Box<CounterExample>,
        /// What it is instead, where that was recognised.
        diagnosis: Option<Diagnosis>,
    },
    /// It could not be found out.
    Undecided {
        /// Why.
        reason: Undecided,
    },
    /// It is no formula, or has no value.
    NotUnderstood(NotUnderstood),
}

/// A point at which an answer is wrong. It never shows the formula that was wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct CounterExample {
    /// The values of the variables.
    pub point: Environment<f64>,
    /// Whether the point is data drawn for the check, and not the data that were shown.
    pub is_fresh_data: bool,
    /// The value of the answer there.
    pub found: Value<f64>,
    /// The value that is wanted.
    pub wanted: Value<f64>,
    /// Where a factor is free, the point at which it is chosen so that both agree.
    pub agrees_at: Option<Environment<f64>>,
}

/// Why an answer could be neither accepted nor refused.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum Undecided {
    /// It has no finite value at most of the points.
    #[error(
        "the answer has a finite value at only {finite} of the {points} points tried, too few to decide"
    )]
    FewPoints {
        /// The points at which it and what is wanted are finite.
        finite: usize,
        /// All points.
        points: usize,
    },
    /// It takes too long or too much memory.
    #[error("{0}")]
    TooLarge(EvaluationError),
}

/// Why an answer is not understood.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum NotUnderstood {
    /// It is no formula.
    #[error("{0}")]
    Text(#[from] ExpressionError),
    /// It has no value: an unknown name, or shapes that do not fit.
    #[error("{0}")]
    Evaluation(#[from] EvaluationError),
}

impl Verdict {
    /// Whether the answer is right.
    #[must_use]
    pub fn is_right(&self) -> bool {
        matches!(self, Self::Right)
    }

    /// What a wrong answer is instead, where that was recognised.
    #[must_use]
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        match self {
            Self::Wrong { diagnosis, .. } => diagnosis.as_ref(),
            _ => None,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Right => f.write_str("Right."),
            Self::Wrong {
                counter_example,
                diagnosis,
            } => {
                write!(f, "Not right: {counter_example}.")?;
                match diagnosis {
                    Some(diagnosis) => write!(f, " {diagnosis}."),
                    None => Ok(()),
                }
            }
            Self::Undecided { reason } => write!(f, "Undecided: {reason}"),
            Self::NotUnderstood(error) => write!(f, "Not understood: {error}"),
        }
    }
}

impl fmt::Display for CounterExample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (names, has_more) = point_text(&self.point);
        if has_more {
            f.write_str(if self.is_fresh_data {
                "on fresh data of the same kind "
            } else {
                "on the data shown "
            })?;
        } else if !names.is_empty() {
            write!(f, "at {names} ")?;
        }
        let (found, wanted) = (value_text(&self.found), value_text(&self.wanted));
        write!(f, "the answer is {found}, and {wanted} is wanted")?;
        match &self.agrees_at {
            Some(point) => write!(f, " if both agree at {}", point_text(point).0),
            None => Ok(()),
        }
    }
}

/// The small values of a point, and whether it has others.
fn point_text(point: &Environment<f64>) -> (String, bool) {
    /// Larger values are not shown entry by entry.
    const SHOWN: usize = 9;
    let (shown, large): (Vec<_>, Vec<_>) = point
        .iter()
        .partition(|(_, value)| value.entries().len() <= SHOWN);
    let names: Vec<String> = shown
        .iter()
        .map(|(name, value)| format!("{name} = {}", value_text(value)))
        .collect();
    (names.join(", "), !large.is_empty())
}

/// A value as the formula language writes it, its numbers to six digits.
pub(super) fn value_text(value: &Value<f64>) -> String {
    const SHOWN: usize = 36;
    let list = |entries: &[f64]| {
        let texts: Vec<_> = entries.iter().map(|entry| short_text(*entry)).collect();
        format!("[{}]", texts.join(", "))
    };
    match value {
        Value::Scalar(number) => short_text(*number),
        other if other.entries().len() > SHOWN => other.shape().to_string(),
        Value::Vector(entries) => list(entries),
        Value::Matrix {
            columns, entries, ..
        } => {
            let rows: Vec<_> = entries.chunks((*columns).max(1)).map(list).collect();
            format!("[{}]", rows.join(", "))
        }
    }
}

/// A number to six significant digits.
pub(super) fn short_text(number: f64) -> String {
    if !number.is_finite() {
        return if number.is_nan() {
            "undefined".to_owned()
        } else {
            number.to_string().replace("inf", "∞")
        };
    }
    let rounded = format!("{number:.5e}").parse().unwrap_or(number);
    number_text(rounded)
}
