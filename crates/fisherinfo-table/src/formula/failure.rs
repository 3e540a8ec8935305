//! What the grammar fails with on the way, before anybody is told.

use super::{FormulaError, FormulaProblem};
use fisherinfo::expression::Excerpt;
use winnow::error::ErrMode;

/// A problem, and where it is. Most are of alternatives that are not taken, so the excerpt, which looks
/// at the whole text, is made for the one that is told.
#[derive(Debug)]
pub(super) enum Failure {
    At {
        offset: usize,
        length: usize,
        problem: Box<FormulaProblem>,
    },
    Told(Box<FormulaError>),
}

impl Failure {
    pub(super) fn tell(self, text: &str) -> FormulaError {
        match self {
            Self::At {
                offset,
                length,
                problem,
            } => FormulaError {
                problem: *problem,
                excerpt: Excerpt::new(text, offset, length),
            },
            Self::Told(error) => *error,
        }
    }
}

/// A failure that no alternative is tried after.
pub(super) fn cut(offset: usize, length: usize, problem: FormulaProblem) -> ErrMode<Failure> {
    ErrMode::Cut(Failure::At {
        offset,
        length,
        problem: Box::new(problem),
    })
}
