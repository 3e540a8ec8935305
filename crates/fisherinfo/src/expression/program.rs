//! Programs: formulas of vectors and matrices, on one line or several.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

use winnow::combinator::opt;
use winnow::stream::{LocatingSlice, Location, Stateful, Stream};
use winnow::token::{any, take_while};
use winnow::{ModalResult, Parser};

use super::budget::Budget;
use super::error::{ExpressionError, ExpressionProblem};
use super::evaluate::{evaluate, evaluate_watched, is_switch};
use super::evaluation_error::EvaluationError;
use super::grammar::{Failure, Input, Output, check_length, comparison, line_break};
use super::latex;
use super::node::{Node, Place, ProgramNode};
use super::print::{print_nodes, quoted_name};
use super::tokens::{
    blank, continues_name, is_pi, missing_operator, quoted_name_text, starts_name, unexpected,
};
use super::value::{Environment, Value};
use crate::dual::Dual;

/// How many bytes a program may have.
pub const MAXIMUM_PROGRAM_LENGTH: usize = 1 << 16;

/// Formulas of numbers, vectors and matrices, on one line or several.
///
/// The language is that of [`Expression`](super::Expression), and in addition:
///
/// | written | meaning |
/// |---|---|
/// | `[1, 2]` | a vector of numbers |
/// | `[[2, .5], [.5, 1]]` | a matrix of vectors as its rows |
/// | `x[1]`, `A[2, 1]`, `A[2]` | an entry, counted from 1; a row |
/// | `+` `-` `*` `/` `^`, comparisons, `exp(x)`, … | entry by entry |
/// | `A @ B` | matrix product |
/// | `A'` | transpose |
/// | `sum(x)`, `inv(A)`, … | see [`array_function_names`](super::array_function_names) |
/// | `name = …` | a definition, for the lines after it |
/// | a new line, `;` | ends a line, except inside brackets and after an operator |
/// | `# …` | a comment |
///
/// The value is that of the last line, which may be a definition; every other line has to be one.
///
/// # Shapes
///
/// Entry by entry, a number goes with everything, and a vector of n entries with a matrix of n
/// rows, which it multiplies (adds to, …) row by row: `p*(1-p)*X` scales row i of X by pᵢ(1 − pᵢ).
/// This holds for square matrices too. To scale columns, write `X @ diag(v)`.
///
/// In a matrix product a vector is whatever fits: for a k-vector v and an n×k matrix A,
///
/// | written | value |
/// |---|---|
/// | `A @ v` | the n-vector A v |
/// | `u @ A` | the k-vector Aᵀ u, for an n-vector u |
/// | `v @ v` | the number vᵀ v |
/// | `v'` | a 1×k matrix, a row |
/// | `v' @ v` | the number vᵀ v: a row times a vector is a number |
/// | `v @ v'` | the k×k matrix v vᵀ |
///
/// A power of a matrix is taken entry by entry too, except that `A^-1` is refused, since it would
/// be read as the inverse.
///
/// # Limits
///
/// A text of at most [`MAXIMUM_PROGRAM_LENGTH`] bytes, nested at most
/// [`MAXIMUM_DEPTH`](super::MAXIMUM_DEPTH) deep; at most
/// [`MAXIMUM_ENTRIES`](super::MAXIMUM_ENTRIES) entries held at a time; and a [`Budget`] of
/// arithmetic. What would go beyond is an error before it is begun.
///
/// ```
/// use fisherinfo::expression::{Environment, Program, Value};
///
/// let hessian = Program::parse(
///     "p = sigmoid(X @ w)            # the model's probabilities
///      X' @ (p*(1-p)*X) / length(p)",
/// )?;
/// assert_eq!(hessian.variables().collect::<Vec<_>>(), ["X", "w"]);
/// let environment = Environment::new()
///     .with("X", Value::matrix(2, 2, vec![1.0, 0.0, 0.0, 2.0])?)
///     .with("w", Value::Vector(vec![0.0, 0.0]));
/// let value = hessian.evaluate(&environment)?;
/// assert_eq!(value, Value::matrix(2, 2, vec![0.125, 0.0, 0.0, 0.5])?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Program {
    pub(super) text: String,
    /// Every node after its operands, statement after statement.
    pub(super) nodes: Vec<ProgramNode>,
    /// The place of every node in the text.
    pub(super) places: Vec<Place>,
    /// Every name, free or defined.
    pub(super) names: Vec<String>,
    pub(super) statements: Vec<Statement>,
    /// The free names: their positions among `names`, and the first place of each.
    pub(super) free: Vec<(usize, Place)>,
}

/// One line of a program.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Statement {
    /// The position of the name it defines.
    pub(super) target: Option<usize>,
    /// Its nodes.
    pub(super) nodes: Range<usize>,
}

impl Program {
    /// Reads a program.
    ///
    /// # Errors
    ///
    /// [`ExpressionError`], with the place in the text and what was expected there.
    ///
    /// ```
    /// use fisherinfo::expression::Program;
    ///
    /// let error = Program::parse("A = [[2, 1], [1, 2]\ninv(A)").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "line 2, column 1: expected an operator, `,` or `]`, found `inv`; multiplication is \
    ///      written `*`\n  inv(A)\n  ^^^"
    /// );
    /// ```
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        check_length(text, MAXIMUM_PROGRAM_LENGTH)?;
        let mut input = Stateful {
            input: LocatingSlice::new(text),
            state: Output::new(text, true),
        };
        let statements =
            statements(&mut input).map_err(|error| Failure::located(error, text, 0))?;
        let Output {
            nodes,
            places,
            variables,
            ..
        } = input.state;
        let free = free_names(&statements, &nodes, &places);
        Ok(Self {
            text: text.to_owned(),
            nodes,
            places,
            names: variables
                .into_iter()
                .map(|variable| variable.name)
                .collect(),
            statements,
            free,
        })
    }

    /// The names that need a value, each once, in the order in which they first occur; names that
    /// an earlier line defines are not among them.
    pub fn variables(&self) -> impl ExactSizeIterator<Item = &str> {
        self.free
            .iter()
            .map(|(index, _)| self.names.get(*index).map_or("", String::as_str))
    }

    /// The names that need a value, each with the byte of the text at which it first occurs.
    pub fn variable_places(&self) -> impl ExactSizeIterator<Item = (&str, usize)> {
        self.free
            .iter()
            .map(|(index, place)| (self.name(*index), place.offset))
    }

    /// The value of the last line, with the ordinary [`Budget`].
    ///
    /// Outside the domain of a function an entry is NaN or infinite, as for `f64`.
    ///
    /// # Errors
    ///
    /// [`EvaluationError`] for a name without a value, shapes that do not fit, and what is too
    /// large or takes too long.
    ///
    /// ```
    /// use fisherinfo::expression::{Environment, Program, Value};
    /// use num_dual::Dual64;
    ///
    /// // The derivative of xᵀ A x by the first entry of x is the first entry of (A + Aᵀ) x.
    /// let form = Program::parse("x' @ [[1, 2], [3, 4]] @ x")?;
    /// let x = vec![Dual64::from_re(5.0).derivative(), Dual64::from_re(7.0)];
    /// let value = form.evaluate(&Environment::new().with("x", Value::Vector(x)))?;
    /// assert!(matches!(value, Value::Scalar(form) if form.eps == 2.0*5.0 + 5.0*7.0));
    ///
    /// let error = form.evaluate(&Environment::<f64>::new().with("x", Value::Vector(vec![1.0; 3])));
    /// assert_eq!(
    ///     error.unwrap_err().to_string(),
    ///     "column 4: `@` does not fit a 1×3 matrix and a 2×2 matrix: the columns on the left must \
    ///      be as many as the rows on the right\n  x' @ [[1, 2], [3, 4]] @ x\n     ^"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn evaluate<D: Dual>(
        &self,
        environment: &Environment<D>,
    ) -> Result<Value<D>, EvaluationError> {
        self.evaluate_within(environment, &mut Budget::default())
    }

    /// The value of the last line; what it takes is taken from `budget`, so that several
    /// evaluations can share one.
    ///
    /// # Errors
    ///
    /// As for [`Program::evaluate`].
    pub fn evaluate_within<D: Dual>(
        &self,
        environment: &Environment<D>,
        budget: &mut Budget,
    ) -> Result<Value<D>, EvaluationError> {
        evaluate(self, environment, budget)
    }

    /// Does the value switch from one branch to another at the sign of some number, by `abs`, `min`,
    /// `max`, a comparison or the root of a square?
    pub(crate) fn has_switches(&self) -> bool {
        (0..self.nodes.len()).any(|index| is_switch(&self.nodes, index))
    }

    /// The numbers at whose sign the value switches, always in the same order: what `abs` is taken of,
    /// the differences of what is compared, the base of a square under a root.
    pub(crate) fn switches<D: Dual>(
        &self,
        environment: &Environment<D>,
    ) -> Result<Vec<D>, EvaluationError> {
        let mut switches = Vec::new();
        evaluate_watched(
            self,
            environment,
            &mut Budget::default(),
            Some(&mut switches),
        )?;
        Ok(switches)
    }

    /// The program as LaTeX, for display.
    ///
    /// Several lines become an `aligned` environment. The text is well-formed whatever was typed:
    /// braces and `\left`…`\right` pair up, and names are escaped.
    ///
    /// ```
    /// use fisherinfo::expression::Program;
    ///
    /// let program = Program::parse("x/p - (1 - x)/(1 - p)")?;
    /// assert_eq!(program.to_latex(), r"\frac{x}{p} - \frac{1 - x}{1 - p}");
    /// let program = Program::parse("H = X' @ X / sqrt(n)")?;
    /// assert_eq!(program.to_latex(), r"H = \frac{X^{\top}\,X}{\sqrt{n}}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_latex(&self) -> String {
        latex::program(self)
    }

    /// The name of a variable by its position.
    pub(super) fn name(&self, index: usize) -> &str {
        self.names.get(index).map_or("", String::as_str)
    }

    /// The nodes of a line.
    pub(super) fn nodes_of(&self, statement: &Statement) -> &[ProgramNode] {
        self.nodes.get(statement.nodes.clone()).unwrap_or(&[])
    }
}

/// One line a definition or formula, with the fewest brackets: what is read again as the same
/// program.
impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (line, statement) in self.statements.iter().enumerate() {
            if line > 0 {
                f.write_str("\n")?;
            }
            if let Some(target) = statement.target {
                write!(f, "{} = ", quoted_name(self.name(target)))?;
            }
            f.write_str(&print_nodes(self.nodes_of(statement).iter(), |index| {
                self.name(index)
            }))?;
        }
        Ok(())
    }
}

/// Two programs are equal when they have the same structure, however they were spaced or bracketed.
impl PartialEq for Program {
    fn eq(&self, other: &Self) -> bool {
        self.nodes == other.nodes
            && self.names == other.names
            && self.statements == other.statements
    }
}

/// All lines of a program.
fn statements(input: &mut Input<'_>) -> ModalResult<Vec<Statement>, Failure> {
    let mut statements: Vec<Statement> = Vec::new();
    // Where the last line begins, if it is not a definition.
    let mut unnamed = None;
    loop {
        line_break(input);
        match input.peek_token() {
            None if statements.is_empty() => {
                return Err(unexpected(input, input.state.operand_expected(), None));
            }
            None => return Ok(statements),
            Some(';') if !statements.is_empty() => {
                any.void().parse_next(input)?;
                continue;
            }
            Some(_) => {}
        }
        if let Some((offset, length)) = unnamed {
            return Err(Failure::cut(offset, length, ExpressionProblem::Unused));
        }
        let offset = input.input.current_token_start();
        let target = target(input)?;
        let first = input.state.nodes.len();
        let end = comparison(input)?;
        if target.is_none() {
            unnamed = Some((offset, end - offset));
        }
        statements.push(Statement {
            target,
            nodes: first..input.state.nodes.len(),
        });
        blank(input)?;
        match input.peek_token() {
            None | Some('\n' | ';') => {}
            Some(_) => {
                let hint = missing_operator(input);
                return Err(unexpected(
                    input,
                    "an operator or the end of the line",
                    hint,
                ));
            }
        }
    }
}

/// The name that a line defines, where it is a definition.
fn target(input: &mut Input<'_>) -> ModalResult<Option<usize>, Failure> {
    let before = input.checkpoint();
    let offset = input.input.current_token_start();
    let (name, is_constant) = match input.peek_token() {
        Some('`') => (quoted_name_text(input)?, false),
        Some(c) if starts_name(c) => {
            let name = take_while(1.., continues_name).parse_next(input)?;
            (name, is_pi(name))
        }
        _ => return Ok(None),
    };
    blank(input)?;
    if opt("=").parse_next(input)?.is_none() || input.peek_token() == Some('=') {
        input.reset(&before);
        return Ok(None);
    }
    if is_constant {
        let problem = ExpressionProblem::DefinesConstant {
            name: name.to_owned(),
        };
        return Err(Failure::cut(offset, name.len(), problem));
    }
    line_break(input);
    Ok(Some(input.state.name_index(name, offset)))
}

/// The names used before a line defines them.
fn free_names(
    statements: &[Statement],
    nodes: &[ProgramNode],
    places: &[Place],
) -> Vec<(usize, Place)> {
    let mut seen = HashSet::new();
    let mut free = Vec::new();
    for statement in statements {
        for index in statement.nodes.clone() {
            if let (Some(ProgramNode::Scalar(Node::Variable(name))), Some(place)) =
                (nodes.get(index), places.get(index))
                && seen.insert(*name)
            {
                free.push((*name, *place));
            }
        }
        seen.extend(statement.target);
    }
    free
}
