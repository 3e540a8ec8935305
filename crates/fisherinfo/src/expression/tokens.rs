//! The words of the language: numbers, names, blanks; and what to say where one is out of place.

use winnow::combinator::opt;
use winnow::error::ErrMode;
use winnow::stream::{Location, Stream};
use winnow::token::{any, one_of, take_till, take_while};
use winnow::{ModalResult, Parser};

use super::error::ExpressionProblem;
use super::grammar::{Failure, Input};
use super::node::{Node, ProgramNode};

pub(super) fn number(input: &mut Input<'_>) -> ModalResult<(), Failure> {
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
            let node = ProgramNode::Scalar(Node::Number(number));
            input.state.push(node, offset, text.len());
            Ok(())
        }
        Ok(_) => {
            let problem = ExpressionProblem::NumberTooLarge;
            Err(Failure::cut(offset, text.len(), problem))
        }
        // A point without digits.
        Err(_) => {
            input.reset(&start);
            Err(unexpected(input, input.state.operand_expected(), None))
        }
    }
}

/// A name in back quotes, which is never a call or a constant.
pub(super) fn quoted_name_text<'a>(input: &mut Input<'a>) -> ModalResult<&'a str, Failure> {
    let offset = input.input.current_token_start();
    any.void().parse_next(input)?;
    let name = take_till(0.., '`').parse_next(input)?;
    if opt('`').parse_next(input)?.is_none() {
        return Err(unexpected(input, "a closing back quote", None));
    }
    if name.is_empty() {
        let problem = ExpressionProblem::Unexpected {
            expected: "a name between the back quotes",
            found: "nothing".to_owned(),
            hint: None,
        };
        return Err(Failure::cut(offset, 2, problem));
    }
    Ok(name)
}

/// Skips blanks: in a program comments too, and the end of a line inside brackets only.
pub(super) fn blank(input: &mut Input<'_>) -> ModalResult<(), Failure> {
    let state = &input.state;
    let across_lines = !state.is_program || state.brackets > 0;
    let rest: &str = input.input.as_ref();
    let length = blank_length(rest, across_lines, state.is_program);
    input.next_slice(length);
    Ok(())
}

/// The bytes of blanks at the beginning of `text`.
pub(super) fn blank_length(text: &str, across_lines: bool, comments: bool) -> usize {
    let mut in_comment = false;
    for (offset, c) in text.char_indices() {
        if c == '\n' {
            if !across_lines {
                return offset;
            }
            in_comment = false;
        } else if !in_comment {
            in_comment = comments && c == '#';
            if !in_comment && !c.is_whitespace() {
                return offset;
            }
        }
    }
    text.len()
}

/// What to write instead where a formula seems to go on without an operator.
pub(super) fn missing_operator(input: &Input<'_>) -> Option<&'static str> {
    let rest = *input.input.as_ref();
    let mut characters = rest.chars();
    match (characters.next()?, characters.next()) {
        ('=', _) => Some("equality is written `==`"),
        ('<' | '>', _) => Some("comparisons do not chain: multiply two of them instead"),
        ('!', Some('=')) => Some("comparisons do not chain: multiply two of them instead"),
        ('.', Some('T')) if input.state.is_program => Some("a transpose is written `'`"),
        ('.', Some(c)) if continues_name(c) => {
            Some("a name with a point in it goes in back quotes")
        }
        ('²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '⁻', _) => Some("a power is written `^`"),
        ('(' | '`' | '.', _) => Some("multiplication is written `*`"),
        (c, _) if c.is_ascii_digit() || starts_name(c) => Some("multiplication is written `*`"),
        _ => None,
    }
}

pub(super) fn unexpected(
    input: &Input<'_>,
    expected: &'static str,
    hint: Option<&'static str>,
) -> ErrMode<Failure> {
    ErrMode::Cut(unexpected_at(input, expected, hint))
}

pub(super) fn unexpected_at(
    input: &Input<'_>,
    expected: &'static str,
    hint: Option<&'static str>,
) -> Failure {
    let rest: &str = input.input.as_ref();
    let length = token_length(rest);
    let found = match rest.get(..length) {
        None | Some("") => "the end".to_owned(),
        Some("\n") => "the end of the line".to_owned(),
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

pub(super) fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Letters, digits, `_`, and what makes x₁ or θ̂ of a letter: subscript digits and accents.
pub(super) fn continues_name(c: char) -> bool {
    starts_name(c)
        || c.is_ascii_digit()
        || ('₀'..='₉').contains(&c)
        || ('\u{300}'..='\u{36f}').contains(&c)
}
