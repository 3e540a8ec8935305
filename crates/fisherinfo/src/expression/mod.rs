//! Formulas that a person types.
//!
//! One language for every place where a formula is typed: a density, a transformation of a column,
//! a response. It is read into an [`Expression`], whose names are then tied to positions by
//! [`Expression::bind`]; the [`BoundExpression`] evaluates over any [`Dual`](crate::dual::Dual), so
//! one formula gives its value, its score and its second derivatives.
//!
//! # The language
//!
//! | written | meaning |
//! |---|---|
//! | `1`, `.5`, `2e-3` | numbers |
//! | `x`, `θ_1`, `` `grade point` `` | names: letters, digits, `_`; anything else in back quotes |
//! | `pi`, `π` | the number π (`` `pi` `` in back quotes is a name like any other) |
//! | `x^2`, `x**2` | power, from the right: `2^3^2` = 2⁹; binds tighter than a sign: `-x^2` = −(x²) |
//! | `-x`, `−x`, `+x` | signs; the Unicode minus is a minus everywhere |
//! | `*` `/` | from the left |
//! | `+` `-` | from the left |
//! | `<` `<=` `>` `>=` `==` `!=` | 1 or 0, not chained; a comparison with NaN is NaN |
//! | `f(x)`, `f(x, y)` | functions: see [`function_names`] |
//!
//! Derivatives through a comparison, `min`, `max` and `abs` are those of the branch taken.
//!
//! A [`Program`] has vectors, matrices and several lines on top of this:
//! `p = sigmoid(X @ w); X' @ (p*(1-p)*X)`.
//!
//! # Limits
//!
//! Brackets, calls and exponents nest at most [`MAXIMUM_DEPTH`] deep and a formula has at most
//! [`MAXIMUM_LENGTH`] bytes; beyond that it is refused with an error. Chains such as `1 + 1 + …`
//! have no depth: an expression is stored as a flat list in evaluation order, so that reading,
//! printing, evaluating and dropping it takes no recursion.
//!
//! ```
//! use fisherinfo::expression::Expression;
//! use num_dual::Dual64;
//!
//! let density = Expression::parse("exp(-(x - mu)^2/2)/sqrt(2*pi)")?;
//! assert_eq!(density.variables().collect::<Vec<_>>(), ["x", "mu"]);
//!
//! let density = density.bind(&["x", "mu"])?;
//! let value: f64 = density.evaluate(&[1.0, 0.0]);
//! assert!((value - 0.24197072451914337).abs() < 1e-15);
//!
//! // With a dual number in the place of mu, the derivative comes along: (x − μ) f(x).
//! let dual = density.evaluate(&[Dual64::from_re(1.0), Dual64::from_re(0.0).derivative()]);
//! assert!((dual.eps - value).abs() < 1e-15);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arithmetic;
mod array_calls;
mod array_functions;
mod arrays;
mod bound;
mod broadcast;
mod budget;
mod calls;
mod error;
mod evaluate;
mod evaluation_error;
mod functions;
mod grammar;
mod latex;
mod matrix;
mod near;
mod node;
mod print;
mod program;
mod tokens;
mod value;

pub use array_functions::array_function_names;
pub use bound::BoundExpression;
pub use budget::{Budget, MAXIMUM_ENTRIES, MAXIMUM_OPERATIONS};
pub use error::{BindError, Excerpt, ExpressionError, ExpressionProblem, nearest_names};
pub use evaluation_error::{EvaluationError, EvaluationProblem};
pub use functions::function_names;
pub use grammar::{MAXIMUM_DEPTH, MAXIMUM_LENGTH};
pub use print::{number_text, quoted_name};
pub use program::{MAXIMUM_PROGRAM_LENGTH, Program};
pub use value::{Environment, Shape, ShapeMismatch, Value};

use grammar::Extent;
use node::Node;

/// A formula that was read: numbers, names, operators and function calls.
///
/// Printing it (`Display`) gives the same formula with the fewest brackets: `x**2` prints as `x^2`.
/// Two expressions are equal when they have the same structure, however they were spaced or
/// bracketed.
#[derive(Debug, Clone)]
pub struct Expression {
    /// Every node after its operands (reverse Polish order).
    nodes: Vec<Node>,
    variables: Vec<Variable>,
}

/// A name in a formula, and the byte at which it first occurs.
#[derive(Debug, Clone)]
struct Variable {
    name: String,
    offset: usize,
}

impl Expression {
    /// Reads a formula.
    ///
    /// # Errors
    ///
    /// [`ExpressionError`], with the place in the text and what was expected there.
    ///
    /// ```
    /// use fisherinfo::expression::Expression;
    ///
    /// let error = Expression::parse("2*sqr(x)").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "column 3: unknown function `sqr`; did you mean `sqrt`?\n  2*sqr(x)\n    ^^^"
    /// );
    /// ```
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        grammar::read(text, 0, Extent::All).map(|(expression, _)| expression)
    }

    /// Reads the longest formula that starts at byte `start` of `text`; returns it with the byte
    /// after it.
    ///
    /// This lets a larger language, such as model formulas, hold formulas of this one.
    ///
    /// # Errors
    ///
    /// [`ExpressionError`] when no formula starts there; its place is counted in the whole `text`.
    ///
    /// ```
    /// use fisherinfo::expression::Expression;
    ///
    /// let (expression, end) = Expression::parse_from("killed/n ~ dose", 0)?;
    /// assert_eq!((expression.to_string().as_str(), end), ("killed/n", 8));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse_from(text: &str, start: usize) -> Result<(Self, usize), ExpressionError> {
        grammar::read(text, start, Extent::Longest)
    }

    /// Reads one operand at byte `start` of `text`: a number, a name, a call or a bracket, with the
    /// power that may follow it. Returns it with the byte after it.
    ///
    /// # Errors
    ///
    /// [`ExpressionError`] when no operand starts there.
    ///
    /// ```
    /// use fisherinfo::expression::Expression;
    ///
    /// let (operand, end) = Expression::parse_operand("y ~ dose^2 + age", 4)?;
    /// assert_eq!((operand.to_string().as_str(), end), ("dose^2", 10));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse_operand(text: &str, start: usize) -> Result<(Self, usize), ExpressionError> {
        grammar::read(text, start, Extent::Operand)
    }

    /// The names in the formula, each once, in the order in which they first occur.
    pub fn variables(&self) -> impl ExactSizeIterator<Item = &str> {
        self.variables.iter().map(|variable| variable.name.as_str())
    }

    /// The names in the formula, each with the byte at which it first occurs in the text read.
    pub fn variable_places(&self) -> impl ExactSizeIterator<Item = (&str, usize)> {
        self.variables
            .iter()
            .map(|variable| (variable.name.as_str(), variable.offset))
    }

    /// The name, where the whole formula is one name.
    #[must_use]
    pub fn as_variable(&self) -> Option<&str> {
        match (self.nodes.as_slice(), self.variables.as_slice()) {
            ([Node::Variable(_)], [variable]) => Some(&variable.name),
            _ => None,
        }
    }

    /// The number, where the whole formula is one number as typed.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self.nodes.as_slice() {
            [Node::Number(number)] => Some(*number),
            _ => None,
        }
    }

    /// Ties every name to its position in `names`, and works out constant parts.
    ///
    /// # Errors
    ///
    /// [`BindError`] when a name of the formula is not among `names`, or when `names` has `pi`,
    /// which the formula uses as the number π.
    ///
    /// ```
    /// use fisherinfo::expression::Expression;
    ///
    /// let bound = Expression::parse("x^2 + p")?.bind(&["p", "x"])?;
    /// assert_eq!(bound.evaluate(&[1.0, 3.0]), 10.0);
    ///
    /// let error = Expression::parse("sigma^2")?.bind(&["mu", "sigm"]).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "`sigma` is not known here; did you mean `sigm`? Known names: `mu`, `sigm`"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn bind<S: AsRef<str>>(&self, names: &[S]) -> Result<BoundExpression, BindError> {
        bound::bind(self, names)
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.nodes == other.nodes && self.variables().eq(other.variables())
    }
}
