//! What a wrong answer is instead.

use std::fmt;

use fisherinfo::expression::Shape;

use super::factor::Factor;
use super::verdict::short_text;

/// What a wrong answer was recognised as. `Display` says it in a sentence without its full stop.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Diagnosis {
    /// One of the mistakes that the question expects.
    Mistake(String),
    /// A value of another shape.
    Shape {
        /// The shape of the answer.
        found: Shape,
        /// The shape that is wanted.
        wanted: Shape,
    },
    /// Minus the right answer.
    Negated,
    /// The right answer times a factor.
    Factor(Factor),
    /// The right answer times something that depends on one variable alone.
    FactorIn {
        /// The variable.
        name: String,
    },
    /// The right answer plus a number.
    Offset(f64),
    /// One over the right answer, entry by entry.
    Reciprocal,
    /// The inverse matrix of the right answer.
    Inverse,
    /// The transpose of the right answer.
    Transposed,
    /// The square of the right answer.
    Square,
    /// The square root of the right answer.
    SquareRoot,
    /// The diagonal of the right answer alone.
    DiagonalOnly,
    /// Right on the data shown, or for the numbers of the exercise, and not for others.
    OnlyOnGiven,
    /// Right where a variable has one of these values, and not elsewhere.
    OnlyAt {
        /// The variable.
        name: String,
        /// The values.
        values: Vec<f64>,
    },
    /// Everywhere close to the right answer, but not equal.
    Close,
    /// A number, where the right answer varies.
    Constant,
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mistake(says) => f.write_str(says),
            Self::Shape { found, wanted } => {
                write!(f, "The answer is {found}, and {wanted} is wanted")
            }
            Self::Negated => f.write_str("It is −1 times the right answer everywhere"),
            Self::Factor(factor) => write!(f, "It is {factor} times the right answer everywhere"),
            Self::FactorIn { name } => write!(
                f,
                "It is the right answer times a factor that depends on {name} alone"
            ),
            Self::Offset(number) if *number < 0.0 => {
                let number = short_text(-number);
                write!(f, "It is the right answer minus {number} everywhere")
            }
            Self::Offset(number) => {
                let number = short_text(*number);
                write!(f, "It is the right answer plus {number} everywhere")
            }
            Self::Reciprocal => f.write_str("It is one over the right answer"),
            Self::Inverse => f.write_str("It is the inverse of the right answer"),
            Self::Transposed => f.write_str("It is the transpose of the right answer"),
            Self::Square => f.write_str(
                "It is the square of the right answer, as a variance is of a standard deviation",
            ),
            Self::SquareRoot => f.write_str(
                "It is the square root of the right answer, as a standard deviation is of a variance",
            ),
            Self::DiagonalOnly => f.write_str("It is the diagonal of the right answer only"),
            Self::OnlyOnGiven => f.write_str(
                "It is right for the numbers shown, but not for others: a formula is wanted",
            ),
            Self::OnlyAt { name, values } => {
                let values: Vec<String> = values.iter().map(|value| short_text(*value)).collect();
                write!(f, "It is right at {name} = {} only", values.join(" and "))
            }
            Self::Close => f.write_str(
                "It is close everywhere, but not equal: a rounded number, or an approximation",
            ),
            Self::Constant => {
                f.write_str("It is a number, and the right answer depends on the values given")
            }
        }
    }
}
