//! Why a program has no value.

use thiserror::Error;

use super::error::{Excerpt, known, suggestion};
use super::value::Shape;

/// Why a program has no value, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {problem}\n{excerpt}", .excerpt.position())]
pub struct EvaluationError {
    /// What is wrong.
    pub problem: Box<EvaluationProblem>,
    /// Where it is.
    pub excerpt: Excerpt,
}

/// What is wrong with a program at these values.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EvaluationProblem {
    /// A name has no value.
    #[error(
        "`{name}` is not known here{}{}{}",
        if *is_function { format!(" (to call the function, write {name}(…))") } else { String::new() },
        suggestion(nearest),
        known(available, nearest),
    )]
    UnknownName {
        /// The name.
        name: String,
        /// Whether a function has this name.
        is_function: bool,
        /// The known names that are nearest.
        nearest: Vec<String>,
        /// The known names.
        available: Vec<String>,
    },
    /// A value has a name that the program uses as a constant.
    #[error(
        "`{name}` is a value here, but in the formula a bare {name} is the number π; write it in back quotes to mean the value"
    )]
    NameOfConstant {
        /// The name.
        name: String,
    },
    /// A matrix was given with a number of entries that is not its rows times its columns.
    #[error("the value of `{name}` is {shape} with {entries} entries")]
    Malformed {
        /// The name.
        name: String,
        /// What it says it is.
        shape: Shape,
        /// How many entries there are.
        entries: usize,
    },
    /// The shapes of two operands do not fit.
    #[error("`{operator}` does not fit {left} and {right}: {remedy}")]
    Shapes {
        /// The operator or function.
        operator: &'static str,
        /// The shape of the left operand.
        left: Shape,
        /// The shape of the right operand.
        right: Shape,
        /// What would fit.
        remedy: &'static str,
    },
    /// A function is given an argument of a shape that it does not take.
    #[error("`{function}` takes {expected}, not {found}")]
    Argument {
        /// The function.
        function: &'static str,
        /// What it takes.
        expected: &'static str,
        /// What it is given.
        found: Shape,
    },
    /// A size or an index is not a whole number in its range.
    #[error("{what} must be a whole number from 1 to {largest}, not {found}")]
    WholeNumber {
        /// What it is.
        what: &'static str,
        /// The largest it can be.
        largest: usize,
        /// What it is instead.
        found: String,
    },
    /// The entries of a list do not make a vector or a matrix.
    #[error(
        "a list holds numbers, or vectors of one length as the rows of a matrix: its first entry is {first}, another {other}"
    )]
    Ragged {
        /// The shape of its first entry.
        first: Shape,
        /// The shape of one that does not fit.
        other: Shape,
    },
    /// A matrix to the power −1.
    #[error(
        "this power of a matrix would be taken entry by entry: write inv(…) for the inverse, 1/… for one over each entry"
    )]
    InverseByPower,
    /// More entries would be held at a time than there may be.
    #[error("this would take {needed} more entries, and there may be {limit} at a time")]
    TooManyEntries {
        /// The entries of the value.
        needed: usize,
        /// The most there may be.
        limit: usize,
    },
    /// It would take too long.
    #[error("this would take too long: the formula may take {limit} operations")]
    TooLong {
        /// The operations that there were at first.
        limit: u64,
    },
}
