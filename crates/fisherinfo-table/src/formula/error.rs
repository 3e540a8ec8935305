//! What can be wrong with a model formula.

use fisherinfo::expression::{Excerpt, ExpressionProblem};
use thiserror::Error;

/// Why a text is not a model formula, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("column {}: {problem}\n{excerpt}", .excerpt.column())]
pub struct FormulaError {
    /// What is wrong.
    pub problem: FormulaProblem,
    /// Where it is.
    pub excerpt: Excerpt,
}

/// What is wrong with a model formula.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FormulaProblem {
    /// A formula of columns is wrong.
    #[error(transparent)]
    Expression(#[from] ExpressionProblem),
    /// Something else should stand here.
    #[error("expected {expected}, found {found}{}", hint.map(|hint| format!("; {hint}")).unwrap_or_default())]
    Unexpected {
        /// What could stand here.
        expected: &'static str,
        /// What does.
        found: String,
        /// What to write instead, for common slips.
        hint: Option<&'static str>,
    },
    /// There is nothing on the left of `~`.
    #[error("the response is missing; write it before the `~`, as in `y ~ x`")]
    NoResponse,
    /// A term is a number other than 0 and 1, or has no column.
    #[error(
        "there is no column in this; a term needs one, and of numbers only 0 and 1 stand alone"
    )]
    NoColumn,
    /// The right-hand side adds up to nothing.
    #[error("nothing is left on the right of `~`; write `1` for an intercept alone")]
    NoTerms,
    /// `.` where the columns of the table are not known.
    #[error("`.` stands for all other columns of a table, which are not known here; name them")]
    OtherColumns,
    /// Nothing is left for `.` to stand for.
    #[error("`.` stands for all other columns, and there is none; write the terms, or `1`")]
    NoOtherColumns,
    /// A term is removed that was not there.
    #[error("`{term}` is not among the terms before, so it cannot be removed")]
    NotThere {
        /// The term.
        term: String,
    },
    /// `0` or a removal stands where it has no meaning.
    #[error(
        "the intercept can only be removed from the whole right-hand side, by `0` or `- 1` there"
    )]
    InterceptInside,
    /// An offset is crossed or removed.
    #[error("an offset has no coefficient, so it can only be added: write `+ offset(…)` by itself")]
    OffsetInside,
    /// The response stands on both sides.
    #[error("`{response}` is the response and cannot be a term as well")]
    ResponseAsTerm {
        /// The response.
        response: String,
    },
    /// A term crosses too many factors.
    #[error("a term may cross {limit} factors, not more")]
    OrderTooHigh {
        /// The most factors allowed.
        limit: usize,
    },
    /// There are too many terms.
    #[error("a formula may have {limit} terms, not more")]
    TooManyTerms {
        /// The most terms allowed.
        limit: usize,
    },
    /// Brackets are nested too deeply.
    #[error("brackets may be nested {limit} deep, not deeper")]
    TooDeep {
        /// The deepest nesting allowed.
        limit: usize,
    },
    /// The text is too long.
    #[error("a formula may have {limit} bytes, this has {found}")]
    TooLong {
        /// The most bytes allowed.
        limit: usize,
        /// The bytes there are.
        found: usize,
    },
}
