//! Names and calls of functions.

use winnow::combinator::opt;
use winnow::stream::{Location, Stream};
use winnow::token::take_while;
use winnow::{ModalResult, Parser};

use super::array_functions::{ArrayFunction, array_function_names};
use super::error::{ExpressionProblem, nearest_names};
use super::functions::{Arity, Function, function_names};
use super::grammar::{Failure, Input, comparison, nested, variable};
use super::node::{Node, ProgramNode};
use super::tokens::{blank, continues_name, is_pi, missing_operator, unexpected};

/// A name, or a call where a bracket follows it.
pub(super) fn name_or_call(input: &mut Input<'_>) -> ModalResult<(), Failure> {
    let offset = input.input.current_token_start();
    let name = take_while(1.., continues_name).parse_next(input)?;
    let before = input.checkpoint();
    blank(input)?;
    if opt('(').parse_next(input)?.is_some() {
        return call(input, name, offset);
    }
    input.reset(&before);
    if is_pi(name) {
        let node = ProgramNode::Scalar(Node::Pi);
        input.state.push(node, offset, name.len());
    } else {
        variable(input, name, offset);
    }
    Ok(())
}

/// A function of either kind.
#[derive(Clone, Copy)]
enum Called {
    Scalar(Function),
    Array(ArrayFunction),
}

/// The rest of a call after its opening bracket.
fn call(input: &mut Input<'_>, name: &str, offset: usize) -> ModalResult<(), Failure> {
    let is_program = input.state.is_program;
    let function = Function::named(name).map(Called::Scalar).or_else(|| {
        ArrayFunction::named(name)
            .filter(|_| is_program)
            .map(Called::Array)
    });
    let Some(function) = function else {
        let arrays = array_function_names().filter(|_| is_program);
        let problem = ExpressionProblem::UnknownFunction {
            name: name.to_owned(),
            nearest: nearest_names(name, function_names().chain(arrays)),
        };
        return Err(Failure::cut(offset, name.len(), problem));
    };
    input.state.brackets += 1;
    let mut arguments = 0;
    blank(input)?;
    if opt(')').parse_next(input)?.is_none() {
        loop {
            nested(input, |input| comparison(input).map(|_| ()))?;
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
    input.state.brackets -= 1;
    let (arity, printed, node) = match function {
        Called::Scalar(function) => (
            function.arity(),
            function.name(),
            ProgramNode::Scalar(Node::Call {
                function,
                arguments,
            }),
        ),
        Called::Array(function) => (
            Arity::Exactly(function.arguments()),
            function.name(),
            ProgramNode::Call { function },
        ),
    };
    let (fits, expected) = match arity {
        Arity::Exactly(1) => (arguments == 1, "1 argument".to_owned()),
        Arity::Exactly(count) => (arguments == count, format!("{count} arguments")),
        Arity::TwoOrMore => (arguments >= 2, "2 or more arguments".to_owned()),
    };
    if !fits {
        let problem = ExpressionProblem::Arguments {
            function: printed,
            expected,
            found: arguments,
        };
        return Err(Failure::cut(offset, name.len(), problem));
    }
    input.state.push(node, offset, name.len());
    Ok(())
}
