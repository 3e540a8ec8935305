//! How much an evaluation may take.

use super::evaluation_error::EvaluationProblem as Problem;
use super::value::Shape;

/// How many entries a program may hold at a time, in all its values together.
pub const MAXIMUM_ENTRIES: usize = 4_000_000;

/// How many operations a program may take, each about a multiplication: a fraction of a second.
pub const MAXIMUM_OPERATIONS: u64 = 100_000_000;

/// What a step of a program takes besides its arithmetic.
pub(super) const STEP: u64 = 10;
/// What an addition, a product or a comparison of two entries takes.
pub(super) const ARITHMETIC: u64 = 2;
/// What a function of an entry takes, a power among them.
pub(super) const FUNCTION: u64 = 50;

/// The arithmetic that evaluations may still take.
///
/// Counted and not timed, so that the same text is refused on every machine. One operation is about
/// one multiplication of numbers; dual numbers take more, as they carry more.
///
/// ```
/// use fisherinfo::expression::{Budget, Environment, Program};
///
/// let program = Program::parse("sum(exp(x))")?;
/// let x = fisherinfo::expression::Value::Vector(vec![0.5; 1000]);
/// let environment = Environment::new().with("x", x);
/// let mut budget = Budget::of(100_000);
/// assert!(program.evaluate_within(&environment, &mut budget).is_ok());
/// // What is left does not do for another time.
/// assert!(budget.remaining() < 50_000);
/// assert!(program.evaluate_within(&environment, &mut budget).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    remaining: u64,
    limit: u64,
}

impl Budget {
    /// So many operations.
    #[must_use]
    pub fn of(operations: u64) -> Self {
        Self {
            remaining: operations,
            limit: operations,
        }
    }

    /// What is left.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.remaining
    }

    fn spend(&mut self, operations: u64) -> Result<(), Problem> {
        match self.remaining.checked_sub(operations) {
            Some(remaining) => {
                self.remaining = remaining;
                Ok(())
            }
            None => Err(Problem::TooLong { limit: self.limit }),
        }
    }
}

impl Default for Budget {
    /// [`MAXIMUM_OPERATIONS`].
    fn default() -> Self {
        Self::of(MAXIMUM_OPERATIONS)
    }
}

/// What a program holds, and what it may still take.
pub(super) struct Meter<'a> {
    pub(super) held: usize,
    pub(super) budget: &'a mut Budget,
    pub(super) weight: u64,
}

impl Meter<'_> {
    /// Room for a new value of that shape.
    pub(super) fn claim(&mut self, shape: Shape) -> Result<(), Problem> {
        let needed = shape.entries();
        match self.held.checked_add(needed) {
            Some(held) if held <= MAXIMUM_ENTRIES => {
                self.held = held;
                self.spend(needed as u64)
            }
            _ => Err(Problem::TooManyEntries {
                needed,
                limit: MAXIMUM_ENTRIES,
            }),
        }
    }

    pub(super) fn release(&mut self, shape: Shape) {
        self.held = self.held.saturating_sub(shape.entries());
    }

    pub(super) fn spend(&mut self, operations: u64) -> Result<(), Problem> {
        self.budget.spend(operations.saturating_mul(self.weight))
    }
}
