//! What goes into a solution and what comes out of it.
//!
//! A solution is a function of [`Inputs`], numbers that a reader may vary within their ranges. It
//! returns [`Findings`]: named values, each with what it means. The checks of the exercise are a
//! function of these findings, so that a wrong finding can be put in their place and has to be
//! noticed.

mod check;
mod error;
mod figure;
mod finding;
mod input;
mod value;

pub use check::Check;
pub use error::SolutionError;
pub use figure::{Figure, Mark, Series};
pub use finding::{Finding, Findings};
pub use input::{Input, InputError, InputKind, Inputs};
pub(crate) use value::json_number;
pub use value::{Value, plain};

/// All that a run of an exercise yields.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The named results, in the order of the solution.
    pub findings: Findings,
    /// Each finding against a route of its own.
    pub checks: Vec<Check>,
    /// The data of the figures.
    pub figures: Vec<Figure>,
}
