//! The grammar of one formula, by precedence climbing.
//!
//! No alternative is tried after another has written to the list of nodes, so the list is the
//! expression in evaluation order once the text is read.

use std::collections::HashMap;

use winnow::combinator::{Infix, alt, expression, opt};
use winnow::error::{ErrMode, ParserError};
use winnow::stream::{LocatingSlice, Location, Stateful, Stream};
use winnow::token::{any, one_of};
use winnow::{ModalResult, Parser};

use super::calls::name_or_call;
use super::error::{Excerpt, ExpressionError, ExpressionProblem};
use super::node::{Node, Operator, Place, Precedence, ProgramNode};
use super::tokens::{
    blank, blank_length, missing_operator, number, quoted_name_text, starts_name, unexpected,
    unexpected_at,
};
use super::{Expression, Variable};

/// How deep brackets, calls and exponents may be nested.
pub const MAXIMUM_DEPTH: usize = 100;

/// How many bytes a formula may have.
pub const MAXIMUM_LENGTH: usize = 1 << 20;

/// How much of a text to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    All,
    /// The longest formula that starts at its beginning.
    Longest,
    /// One operand: a number, name, call or bracket with a power.
    Operand,
}

pub(super) type Input<'a> = Stateful<LocatingSlice<&'a str>, Output<'a>>;

/// What the grammar writes, and where it is.
#[derive(Debug, Default)]
pub(super) struct Output<'a> {
    /// The text being read.
    pub(super) text: &'a str,
    /// Whether vectors, matrices, several lines and comments are allowed.
    pub(super) is_program: bool,
    pub(super) nodes: Vec<ProgramNode>,
    /// The place of every node's own token, for errors of evaluation.
    pub(super) places: Vec<Place>,
    pub(super) variables: Vec<Variable>,
    /// The position of every name in `variables`.
    positions: HashMap<String, usize>,
    /// How deep the grammar recurses.
    depth: usize,
    /// How many brackets are open: inside them a line may end anywhere.
    pub(super) brackets: usize,
}

impl<'a> Output<'a> {
    /// Nothing written yet.
    pub(super) fn new(text: &'a str, is_program: bool) -> Self {
        Self {
            text,
            is_program,
            ..Self::default()
        }
    }

    pub(super) fn push(&mut self, node: ProgramNode, offset: usize, length: usize) {
        self.nodes.push(node);
        self.places.push(Place { offset, length });
    }

    /// The position of a name among the variables, which it joins when it is new.
    pub(super) fn name_index(&mut self, name: &str, offset: usize) -> usize {
        match self.positions.get(name) {
            Some(&index) => index,
            None => {
                self.positions.insert(name.to_owned(), self.variables.len());
                self.variables.push(Variable {
                    name: name.to_owned(),
                    offset,
                });
                self.variables.len() - 1
            }
        }
    }

    /// What an operand can be.
    pub(super) fn operand_expected(&self) -> &'static str {
        if self.is_program {
            "a number, a name, `(` or `[`"
        } else {
            "a number, a name or `(`"
        }
    }
}

/// A problem, and the bytes of the input at which it is.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) offset: usize,
    pub(super) length: usize,
    pub(super) problem: Box<ExpressionProblem>,
}

impl Failure {
    /// The failure as one that no alternative is tried after.
    pub(super) fn cut(offset: usize, length: usize, problem: ExpressionProblem) -> ErrMode<Self> {
        ErrMode::Cut(Self {
            offset,
            length,
            problem: Box::new(problem),
        })
    }

    /// The failure as an error in `text`, of which the part from `start` was read.
    pub(super) fn located(error: ErrMode<Self>, text: &str, start: usize) -> ExpressionError {
        match error {
            ErrMode::Cut(failure) | ErrMode::Backtrack(failure) => ExpressionError {
                problem: *failure.problem,
                excerpt: Excerpt::new(text, start + failure.offset, failure.length),
            },
            // The whole text is there from the start.
            ErrMode::Incomplete(_) => ExpressionError {
                problem: ExpressionProblem::Unexpected {
                    expected: "the rest of the formula",
                    found: "the end".to_owned(),
                    hint: None,
                },
                excerpt: Excerpt::new(text, text.len(), 0),
            },
        }
    }
}

impl<'a> ParserError<Input<'a>> for Failure {
    type Inner = Self;

    fn from_input(input: &Input<'a>) -> Self {
        unexpected_at(input, input.state.operand_expected(), None)
    }

    fn into_inner(self) -> Result<Self::Inner, Self> {
        Ok(self)
    }
}

/// Refuses a text of more than `limit` bytes.
pub(super) fn check_length(text: &str, limit: usize) -> Result<(), ExpressionError> {
    if text.len() <= limit {
        return Ok(());
    }
    Err(ExpressionError {
        problem: ExpressionProblem::TooLong {
            limit,
            found: text.len(),
        },
        excerpt: Excerpt::new(text, limit, 0),
    })
}

/// Reads `text` from byte `start`; gives the expression and the byte after it.
pub(super) fn read(
    text: &str,
    start: usize,
    extent: Extent,
) -> Result<(Expression, usize), ExpressionError> {
    check_length(text, MAXIMUM_LENGTH)?;
    let rest = text.get(start..).unwrap_or("");
    let mut input = Stateful {
        input: LocatingSlice::new(rest),
        state: Output::new(rest, false),
    };
    match extent {
        Extent::All => comparison(&mut input).and_then(|_| end(&mut input)),
        Extent::Longest => comparison(&mut input).map(|_| ()),
        Extent::Operand => operand(&mut input),
    }
    .map_err(|error| Failure::located(error, text, start))?;
    let end = start + input.input.current_token_start();
    let Output {
        nodes,
        mut variables,
        ..
    } = input.state;
    for variable in &mut variables {
        variable.offset += start;
    }
    // Outside programs the grammar writes scalar nodes only.
    let nodes = nodes
        .into_iter()
        .filter_map(|node| match node {
            ProgramNode::Scalar(node) => Some(node),
            _ => None,
        })
        .collect();
    Ok((Expression { nodes, variables }, end))
}

/// A whole formula: comparisons, sums and products of signed operands. Gives the byte after it, as
/// every operand does, so that the operator that follows can be found again.
pub(super) fn comparison(input: &mut Input<'_>) -> ModalResult<usize, Failure> {
    expression(signed).infix(infix).parse_next(input)
}

/// An operator between operands, the power excepted.
fn infix<'a>(
    input: &mut Input<'a>,
) -> ModalResult<Infix<Input<'a>, usize, ErrMode<Failure>>, Failure> {
    /// The operator as winnow takes it: its associativity, binding power and what it writes.
    macro_rules! infix {
        ($associativity:ident, $operator:ident) => {
            Infix::$associativity(
                binding_power(Operator::$operator.precedence()),
                |input, left, right| {
                    let node = ProgramNode::Scalar(Node::Binary(Operator::$operator));
                    binary(input, node, left, right)
                },
            )
        };
    }
    blank(input)?;
    let comparison = alt(("<=", ">=", "==", "!=", "<", ">"));
    let arithmetic = alt(("+", "-", "−", "*", "/", "@"));
    let before = input.checkpoint();
    let symbol = alt((comparison, arithmetic)).parse_next(input)?;
    if symbol == "@" && !input.state.is_program {
        input.reset(&before);
        return Err(ErrMode::Backtrack(Failure::from_input(input)));
    }
    // The operand has to follow, so the line may be broken here.
    line_break(input);
    Ok(match symbol {
        "<" => infix!(Neither, Less),
        "<=" => infix!(Neither, LessOrEqual),
        ">" => infix!(Neither, Greater),
        ">=" => infix!(Neither, GreaterOrEqual),
        "==" => infix!(Neither, Equal),
        "!=" => infix!(Neither, NotEqual),
        "+" => infix!(Left, Add),
        "*" => infix!(Left, Multiply),
        "/" => infix!(Left, Divide),
        "@" => Infix::Left(binding_power(Precedence::Product), |input, left, right| {
            binary(input, ProgramNode::MatrixProduct, left, right)
        }),
        _ => infix!(Left, Subtract),
    })
}

/// The binding power of an operator: winnow puts the operands of an associative one 1 to the side,
/// so they stand 2 apart.
fn binding_power(precedence: Precedence) -> i64 {
    match precedence {
        Precedence::Comparison => 2,
        Precedence::Sum => 4,
        Precedence::Product | Precedence::Sign | Precedence::Power | Precedence::Atom => 6,
    }
}

/// Writes an operator whose left operand ends at byte `left`, its right one at byte `right`.
fn binary(
    input: &mut Input<'_>,
    node: ProgramNode,
    left: usize,
    right: usize,
) -> ModalResult<usize, Failure> {
    let output = &mut input.state;
    let after = output.text.get(left..).unwrap_or("");
    let offset = left + blank_length(after, true, output.is_program);
    let length = match node {
        ProgramNode::Scalar(Node::Binary(operator)) => operator.symbol().trim().len(),
        _ => 1,
    };
    output.push(node, offset, length);
    Ok(right)
}

/// Blanks that may contain the end of a line, in a program.
pub(super) fn line_break(input: &mut Input<'_>) {
    if input.state.is_program {
        let rest: &str = input.input.as_ref();
        let length = blank_length(rest, true, true);
        input.next_slice(length);
    }
}

/// An operand with any number of signs before it.
fn signed(input: &mut Input<'_>) -> ModalResult<usize, Failure> {
    let mut negations = Vec::new();
    loop {
        blank(input)?;
        let offset = input.input.current_token_start();
        match opt(one_of(['+', '-', '−'])).parse_next(input)? {
            Some('+') => {}
            Some(_) => negations.push(offset),
            None => break,
        }
    }
    operand(input)?;
    for offset in negations.into_iter().rev() {
        let node = ProgramNode::Scalar(Node::Negate);
        input.state.push(node, offset, 1);
    }
    Ok(input.input.current_token_start())
}

/// An atom, raised to a power or not. The exponent may carry a sign and a power of its own, which
/// makes the power right-associative and tighter than a sign before the base.
fn operand(input: &mut Input<'_>) -> ModalResult<(), Failure> {
    atom(input)?;
    if input.state.is_program {
        postfixes(input)?;
    }
    let before = input.checkpoint();
    blank(input)?;
    let offset = input.input.current_token_start();
    if let Some(symbol) = opt(alt(("**", "^"))).parse_next(input)? {
        line_break(input);
        nested(input, |input| signed(input).map(|_| ()))?;
        let node = ProgramNode::Scalar(Node::Binary(Operator::Power));
        input.state.push(node, offset, symbol.len());
    } else {
        input.reset(&before);
    }
    Ok(())
}

/// Transposes and indices, which stand directly after what they apply to.
fn postfixes(input: &mut Input<'_>) -> ModalResult<(), Failure> {
    for _ in 0..MAXIMUM_DEPTH {
        let offset = input.input.current_token_start();
        match input.peek_token() {
            Some(mark @ ('\'' | '’')) => {
                any.void().parse_next(input)?;
                let node = ProgramNode::Transpose;
                input.state.push(node, offset, mark.len_utf8());
            }
            Some('[') => {
                let indices = list(input)?;
                if indices > 2 {
                    let problem = ExpressionProblem::Unexpected {
                        expected: "one or two indices",
                        found: indices.to_string(),
                        hint: None,
                    };
                    return Err(Failure::cut(offset, 1, problem));
                }
                let node = ProgramNode::Index { indices };
                input.state.push(node, offset, 1);
            }
            _ => return Ok(()),
        }
    }
    Err(too_deep(input))
}

/// A number, a name, a call, or a formula in brackets.
fn atom(input: &mut Input<'_>) -> ModalResult<(), Failure> {
    blank(input)?;
    let offset = input.input.current_token_start();
    match input.peek_token() {
        Some('(') => {
            any.void().parse_next(input)?;
            input.state.brackets += 1;
            nested(input, |input| comparison(input).map(|_| ()))?;
            closing_bracket(input)
        }
        Some('[') if input.state.is_program => {
            let entries = list(input)?;
            let node = ProgramNode::List { entries };
            input.state.push(node, offset, 1);
            Ok(())
        }
        Some('`') => {
            let name = quoted_name_text(input)?;
            variable(input, name, offset);
            Ok(())
        }
        Some(c) if c.is_ascii_digit() || c == '.' => number(input),
        Some(c) if starts_name(c) => name_or_call(input),
        _ => Err(unexpected(input, input.state.operand_expected(), None)),
    }
}

fn closing_bracket(input: &mut Input<'_>) -> ModalResult<(), Failure> {
    blank(input)?;
    if opt(')').parse_next(input)?.is_some() {
        input.state.brackets -= 1;
        Ok(())
    } else {
        let hint = missing_operator(input);
        Err(unexpected(input, "an operator or `)`", hint))
    }
}

/// Formulas in square brackets; gives their number.
fn list(input: &mut Input<'_>) -> ModalResult<usize, Failure> {
    any.void().parse_next(input)?;
    input.state.brackets += 1;
    let mut entries = 0;
    loop {
        nested(input, |input| comparison(input).map(|_| ()))?;
        entries += 1;
        blank(input)?;
        if opt(']').parse_next(input)?.is_some() {
            input.state.brackets -= 1;
            return Ok(entries);
        }
        if opt(',').parse_next(input)?.is_none() {
            let hint = match input.peek_token() {
                Some(';') => Some("the rows of a matrix are lists: [[1, 2], [3, 4]]"),
                _ => missing_operator(input),
            };
            return Err(unexpected(input, "an operator, `,` or `]`", hint));
        }
    }
}

fn end(input: &mut Input<'_>) -> ModalResult<(), Failure> {
    blank(input)?;
    if input.peek_token().is_none() {
        Ok(())
    } else {
        let hint = missing_operator(input);
        Err(unexpected(input, "an operator or the end", hint))
    }
}

/// Runs `parser` one level deeper.
pub(super) fn nested(
    input: &mut Input<'_>,
    parser: fn(&mut Input<'_>) -> ModalResult<(), Failure>,
) -> ModalResult<(), Failure> {
    if input.state.depth == MAXIMUM_DEPTH {
        return Err(too_deep(input));
    }
    input.state.depth += 1;
    parser(input)?;
    input.state.depth -= 1;
    Ok(())
}

fn too_deep(input: &Input<'_>) -> ErrMode<Failure> {
    let problem = ExpressionProblem::TooDeep {
        limit: MAXIMUM_DEPTH,
    };
    Failure::cut(input.input.current_token_start(), 0, problem)
}

pub(super) fn variable(input: &mut Input<'_>, name: &str, offset: usize) {
    let index = input.state.name_index(name, offset);
    let length = input.input.current_token_start() - offset;
    let node = ProgramNode::Scalar(Node::Variable(index));
    input.state.push(node, offset, length);
}
