//! The grammar, by precedence climbing.
//!
//! No alternative is tried after another has written to the list of nodes, so the list is the
//! expression in evaluation order once the text is read.

use std::collections::HashMap;

use winnow::combinator::{Infix, alt, expression, opt};
use winnow::error::{ErrMode, ParserError};
use winnow::stream::{LocatingSlice, Location, Stateful, Stream};
use winnow::token::{any, one_of, take_till, take_while};
use winnow::{ModalResult, Parser};

use super::error::{Excerpt, ExpressionError, ExpressionProblem, nearest_names};
use super::functions::{Arity, Function, function_names};
use super::node::{Node, Operator, Precedence};
use super::{Expression, Variable};

/// How deep brackets, calls and exponents may be nested.
pub const MAXIMUM_DEPTH: usize = 100;

/// How many bytes a formula may have.
pub const MAXIMUM_LENGTH: usize = 1 << 20;

const OPERAND: &str = "a number, a name or `(`";

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

type Input<'a> = Stateful<LocatingSlice<&'a str>, Output>;

/// What the grammar writes, and the depth of brackets it is at.
#[derive(Debug, Default)]
struct Output {
    nodes: Vec<Node>,
    variables: Vec<Variable>,
    /// The position of every name in `variables`.
    positions: HashMap<String, usize>,
    depth: usize,
}

/// A problem, and the bytes of the input at which it is.
#[derive(Debug)]
struct Failure {
    offset: usize,
    length: usize,
    problem: Box<ExpressionProblem>,
}

impl<'a> ParserError<Input<'a>> for Failure {
    type Inner = Self;

    fn from_input(input: &Input<'a>) -> Self {
        unexpected_at(input, OPERAND, None)
    }

    fn into_inner(self) -> Result<Self::Inner, Self> {
        Ok(self)
    }
}

/// Reads `text` from byte `start`; gives the expression and the byte after it.
pub(super) fn read(
    text: &str,
    start: usize,
    extent: Extent,
) -> Result<(Expression, usize), ExpressionError> {
    let located = |offset, length, problem| ExpressionError {
        problem,
        excerpt: Excerpt::new(text, offset, length),
    };
    if text.len() > MAXIMUM_LENGTH {
        let problem = ExpressionProblem::TooLong {
            limit: MAXIMUM_LENGTH,
            found: text.len(),
        };
        return Err(located(MAXIMUM_LENGTH, 0, problem));
    }
    let mut input = Stateful {
        input: LocatingSlice::new(text.get(start..).unwrap_or("")),
        state: Output::default(),
    };
    let result = match extent {
        Extent::All => comparison(&mut input).and_then(|()| end(&mut input)),
        Extent::Longest => comparison(&mut input),
        Extent::Operand => operand(&mut input),
    };
    if let Err(error) = result {
        let failure = match error {
            ErrMode::Cut(failure) | ErrMode::Backtrack(failure) => failure,
            ErrMode::Incomplete(_) => unexpected_at(&input, OPERAND, None),
        };
        let offset = start + failure.offset;
        return Err(located(offset, failure.length, *failure.problem));
    }
    let end = start + input.input.current_token_start();
    let Output {
        nodes,
        mut variables,
        ..
    } = input.state;
    for variable in &mut variables {
        variable.offset += start;
    }
    Ok((Expression { nodes, variables }, end))
}

/// A whole formula: comparisons, sums and products of signed operands.
fn comparison(input: &mut Input<'_>) -> ModalResult<(), Failure> {
    expression(signed).infix(infix).parse_next(input)
}

/// An operator between operands, the power excepted.
fn infix<'a>(
    input: &mut Input<'a>,
) -> ModalResult<Infix<Input<'a>, (), ErrMode<Failure>>, Failure> {
    /// The operator as winnow takes it: its associativity, binding power and what it writes.
    macro_rules! infix {
        ($associativity:ident, $operator:ident) => {
            Infix::$associativity(binding_power(Operator::$operator), |input, (), ()| {
                binary(input, Operator::$operator)
            })
        };
    }
    blank(input)?;
    let comparison = alt(("<=", ">=", "==", "!=", "<", ">"));
    let symbol = alt((comparison, "+", "-", "−", "*", "/")).parse_next(input)?;
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
        _ => infix!(Left, Subtract),
    })
}

/// The binding power of an operator: winnow puts the operands of an associative one 1 to the side,
/// so they stand 2 apart.
fn binding_power(operator: Operator) -> i64 {
    match operator.precedence() {
        Precedence::Comparison => 2,
        Precedence::Sum => 4,
        Precedence::Product | Precedence::Sign | Precedence::Power | Precedence::Atom => 6,
    }
}

fn binary(input: &mut Input<'_>, operator: Operator) -> ModalResult<(), Failure> {
    input.state.nodes.push(Node::Binary(operator));
    Ok(())
}

/// An operand with any number of signs before it.
fn signed(input: &mut Input<'_>) -> ModalResult<(), Failure> {
    let mut negations = 0;
    loop {
        blank(input)?;
        match opt(one_of(['+', '-', '−'])).parse_next(input)? {
            Some('+') => {}
            Some(_) => negations += 1,
            None => break,
        }
    }
    operand(input)?;
    let nodes = &mut input.state.nodes;
    nodes.extend(std::iter::repeat_n(Node::Negate, negations));
    Ok(())
}

/// An atom, raised to a power or not. The exponent may carry a sign and a power of its own, which
/// makes the power right-associative and tighter than a sign before the base.
fn operand(input: &mut Input<'_>) -> ModalResult<(), Failure> {
    atom(input)?;
    let before = input.checkpoint();
    blank(input)?;
    if opt(alt(("**", "^"))).parse_next(input)?.is_some() {
        nested(input, signed)?;
        binary(input, Operator::Power)
    } else {
        input.reset(&before);
        Ok(())
    }
}

/// A number, a name, a call, or a formula in brackets.
fn atom(input: &mut Input<'_>) -> ModalResult<(), Failure> {
    blank(input)?;
    match input.peek_token() {
        Some('(') => {
            any.void().parse_next(input)?;
            nested(input, comparison)?;
            closing_bracket(input)
        }
        Some('`') => quoted(input),
        Some(c) if c.is_ascii_digit() || c == '.' => number(input),
        Some(c) if starts_name(c) => name_or_call(input),
        _ => Err(unexpected(input, OPERAND, None)),
    }
}

fn closing_bracket(input: &mut Input<'_>) -> ModalResult<(), Failure> {
    blank(input)?;
    if opt(')').parse_next(input)?.is_some() {
        Ok(())
    } else {
        let hint = missing_operator(input);
        Err(unexpected(input, "an operator or `)`", hint))
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
fn nested(
    input: &mut Input<'_>,
    parser: fn(&mut Input<'_>) -> ModalResult<(), Failure>,
) -> ModalResult<(), Failure> {
    if input.state.depth == MAXIMUM_DEPTH {
        return Err(ErrMode::Cut(Failure {
            offset: input.input.current_token_start(),
            length: 0,
            problem: Box::new(ExpressionProblem::TooDeep {
                limit: MAXIMUM_DEPTH,
            }),
        }));
    }
    input.state.depth += 1;
    parser(input)?;
    input.state.depth -= 1;
    Ok(())
}

fn number(input: &mut Input<'_>) -> ModalResult<(), Failure> {
    let offset = input.input.current_token_start();
    let digits = |c: char| c.is_ascii_digit();
    let start = input.checkpoint();
    let text = (
        take_while(0.., digits),
        opt(('.', take_while(0.., digits))),
        opt((
            one_of(['e', 'E']),
            opt(one_of(['+', '-', '−'])),
            take_while(1.., digits),
        )),
    )
        .take()
        .parse_next(input)?;
    match text.replace('−', "-").parse::<f64>() {
        Ok(number) if number.is_finite() => {
            input.state.nodes.push(Node::Number(number));
            Ok(())
        }
        Ok(_) => Err(ErrMode::Cut(Failure {
            offset,
            length: text.len(),
            problem: Box::new(ExpressionProblem::NumberTooLarge),
        })),
        // A point without digits.
        Err(_) => {
            input.reset(&start);
            Err(unexpected(input, OPERAND, None))
        }
    }
}

/// A name in back quotes, which is never a call or a constant.
fn quoted(input: &mut Input<'_>) -> ModalResult<(), Failure> {
    let offset = input.input.current_token_start();
    any.void().parse_next(input)?;
    let name = take_till(0.., '`').parse_next(input)?;
    if opt('`').parse_next(input)?.is_none() {
        return Err(unexpected(input, "a closing back quote", None));
    }
    if name.is_empty() {
        return Err(ErrMode::Cut(Failure {
            offset,
            length: 2,
            problem: Box::new(ExpressionProblem::Unexpected {
                expected: "a name between the back quotes",
                found: "nothing".to_owned(),
                hint: None,
            }),
        }));
    }
    variable(input, name, offset);
    Ok(())
}

fn name_or_call(input: &mut Input<'_>) -> ModalResult<(), Failure> {
    let offset = input.input.current_token_start();
    let name = take_while(1.., continues_name).parse_next(input)?;
    let before = input.checkpoint();
    blank(input)?;
    if opt('(').parse_next(input)?.is_some() {
        return call(input, name, offset);
    }
    input.reset(&before);
    if is_pi(name) {
        input.state.nodes.push(Node::Pi);
    } else {
        variable(input, name, offset);
    }
    Ok(())
}

/// The rest of a call after its opening bracket.
fn call(input: &mut Input<'_>, name: &str, offset: usize) -> ModalResult<(), Failure> {
    let failure = |problem| {
        ErrMode::Cut(Failure {
            offset,
            length: name.len(),
            problem: Box::new(problem),
        })
    };
    let Some(function) = Function::named(name) else {
        return Err(failure(ExpressionProblem::UnknownFunction {
            name: name.to_owned(),
            nearest: nearest_names(name, function_names()),
        }));
    };
    let mut arguments = 0;
    blank(input)?;
    if opt(')').parse_next(input)?.is_none() {
        loop {
            nested(input, comparison)?;
            arguments += 1;
            blank(input)?;
            if opt(')').parse_next(input)?.is_some() {
                break;
            }
            if opt(',').parse_next(input)?.is_none() {
                let hint = missing_operator(input);
                return Err(unexpected(input, "an operator, `,` or `)`", hint));
            }
        }
    }
    let (fits, expected) = match function.arity() {
        Arity::Exactly(1) => (arguments == 1, "1 argument".to_owned()),
        Arity::Exactly(count) => (arguments == count, format!("{count} arguments")),
        Arity::TwoOrMore => (arguments >= 2, "2 or more arguments".to_owned()),
    };
    if !fits {
        return Err(failure(ExpressionProblem::Arguments {
            function: function.name(),
            expected,
            found: arguments,
        }));
    }
    input.state.nodes.push(Node::Call {
        function,
        arguments,
    });
    Ok(())
}

fn variable(input: &mut Input<'_>, name: &str, offset: usize) {
    let Output {
        nodes,
        variables,
        positions,
        ..
    } = &mut input.state;
    let index = match positions.get(name) {
        Some(&index) => index,
        None => {
            positions.insert(name.to_owned(), variables.len());
            variables.push(Variable {
                name: name.to_owned(),
                offset,
            });
            variables.len() - 1
        }
    };
    nodes.push(Node::Variable(index));
}

fn blank(input: &mut Input<'_>) -> ModalResult<(), Failure> {
    take_while(0.., char::is_whitespace)
        .void()
        .parse_next(input)
}

/// What to write instead where a formula seems to go on without an operator.
fn missing_operator(input: &Input<'_>) -> Option<&'static str> {
    let rest = *input.input.as_ref();
    let mut characters = rest.chars();
    match (characters.next()?, characters.next()) {
        ('=', _) => Some("equality is written `==`"),
        ('<' | '>', _) => Some("comparisons do not chain: multiply two of them instead"),
        ('!', Some('=')) => Some("comparisons do not chain: multiply two of them instead"),
        ('.', Some(c)) if continues_name(c) => {
            Some("a name with a point in it goes in back quotes")
        }
        ('²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '⁻', _) => Some("a power is written `^`"),
        ('(' | '`' | '.', _) => Some("multiplication is written `*`"),
        (c, _) if c.is_ascii_digit() || starts_name(c) => Some("multiplication is written `*`"),
        _ => None,
    }
}

fn unexpected(
    input: &Input<'_>,
    expected: &'static str,
    hint: Option<&'static str>,
) -> ErrMode<Failure> {
    ErrMode::Cut(unexpected_at(input, expected, hint))
}

fn unexpected_at(input: &Input<'_>, expected: &'static str, hint: Option<&'static str>) -> Failure {
    let rest: &str = input.input.as_ref();
    let length = token_length(rest);
    let found = match rest.get(..length) {
        None | Some("") => "the end".to_owned(),
        Some(token) => format!("`{token}`"),
    };
    Failure {
        offset: input.input.current_token_start(),
        length,
        problem: Box::new(ExpressionProblem::Unexpected {
            expected,
            found,
            hint,
        }),
    }
}

/// The bytes of the first token of `text`, for a message: a word, or one character.
fn token_length(text: &str) -> usize {
    const LONGEST: usize = 24;
    let word: usize = text
        .chars()
        .take_while(|&c| continues_name(c))
        .take(LONGEST)
        .map(char::len_utf8)
        .sum();
    match text.chars().next() {
        Some(first) if word == 0 => first.len_utf8(),
        _ => word,
    }
}

/// Whether a bare name means the number π.
pub(super) fn is_pi(name: &str) -> bool {
    matches!(name, "pi" | "π")
}

/// Whether a name can be written without back quotes.
pub(super) fn is_plain_name(name: &str) -> bool {
    name.starts_with(starts_name) && name.chars().all(continues_name) && !is_pi(name)
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Letters, digits, `_`, and what makes x₁ or θ̂ of a letter: subscript digits and accents.
fn continues_name(c: char) -> bool {
    starts_name(c)
        || c.is_ascii_digit()
        || ('₀'..='₉').contains(&c)
        || ('\u{300}'..='\u{36f}').contains(&c)
}
