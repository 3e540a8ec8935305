//! The grammar of model formulas, over the operands of the expression language.

use std::collections::{HashMap, HashSet};

use fisherinfo::expression::{Excerpt, Expression, ExpressionError};
use winnow::combinator::{Infix, alt, expression, opt};
use winnow::error::{ErrMode, ParserError};
use winnow::stream::{LocatingSlice, Location, Stateful, Stream};
use winnow::token::{any, one_of, take_while};
use winnow::{ModalResult, Parser};

use super::failure::{Failure, cut};
use super::terms::Terms;
use super::{Factor, Formula, FormulaError, FormulaProblem};

/// How deep brackets around terms may be nested.
pub const MAXIMUM_NESTING: usize = 50;

/// How many bytes a formula may have.
pub const MAXIMUM_LENGTH: usize = 1 << 16;

const TERM: &str = "a column, a function of columns, C(…), I(…), 0, 1 or `(`";

type Input<'a> = Stateful<LocatingSlice<&'a str>, State<'a>>;

/// What was read so far.
#[derive(Debug)]
struct State<'a> {
    text: &'a str,
    factors: Vec<Factor>,
    /// The position of every label in `factors`.
    positions: HashMap<String, usize>,
    depth: usize,
    /// The columns of the table, where they are known.
    columns: Option<&'a [String]>,
    /// Those that `.` does not stand for.
    taken: HashSet<String>,
}

impl<'a> ParserError<Input<'a>> for Failure {
    type Inner = Self;

    fn from_input(input: &Input<'a>) -> Self {
        unexpected(input, TERM)
    }

    fn into_inner(self) -> Result<Self::Inner, Self> {
        Ok(self)
    }
}

/// Reads a model formula.
pub(super) fn read(text: &str, columns: Option<&[String]>) -> Result<Formula, FormulaError> {
    read_as(text, columns, formula)
}

/// Reads `~` and the terms after it.
pub(super) fn read_right_side(text: &str) -> Result<Formula, FormulaError> {
    read_as(text, None, |input| {
        blank(input)?;
        if opt('~').parse_next(input)?.is_none() {
            return Err(ErrMode::Cut(unexpected(
                input,
                "`~` and the terms of the model, without a response",
            )));
        }
        right_side(input, None)
    })
}

fn read_as<'a>(
    text: &'a str,
    columns: Option<&'a [String]>,
    read: impl FnOnce(&mut Input<'a>) -> ModalResult<Formula, Failure>,
) -> Result<Formula, FormulaError> {
    if text.len() > MAXIMUM_LENGTH {
        return Err(FormulaError {
            problem: FormulaProblem::TooLong {
                limit: MAXIMUM_LENGTH,
                found: text.len(),
            },
            excerpt: Excerpt::new(text, MAXIMUM_LENGTH, 0),
        });
    }
    let mut input = Stateful {
        input: LocatingSlice::new(text),
        state: State {
            text,
            factors: Vec::new(),
            positions: HashMap::new(),
            depth: 0,
            columns,
            taken: HashSet::new(),
        },
    };
    read(&mut input).map_err(|error| match error {
        ErrMode::Cut(failure) | ErrMode::Backtrack(failure) => failure.tell(text),
        ErrMode::Incomplete(_) => unexpected(&input, TERM).tell(text),
    })
}

fn formula(input: &mut Input<'_>) -> ModalResult<Formula, Failure> {
    blank(input)?;
    let start = place(input);
    if input.peek_token() == Some('~') {
        return Err(cut(start, 1, FormulaProblem::NoResponse));
    }
    let response = match special(input)? {
        Some(factor) => factor,
        None => {
            let expression = embedded(input, Expression::parse_from)?;
            factor(input, expression, start)?
        }
    };
    blank(input)?;
    if opt('~').parse_next(input)?.is_none() {
        return Err(ErrMode::Cut(unexpected(
            input,
            "an operator, or `~` after the response",
        )));
    }
    take(input, &response);
    right_side(input, Some(response))
}

/// Keeps the columns of a factor from being among the others.
fn take(input: &mut Input<'_>, factor: &Factor) {
    let columns = factor
        .columns()
        .into_iter()
        .map(|(name, _)| name.to_owned());
    input.state.taken.extend(columns);
}

/// What stands after `~`, to the end.
fn right_side(input: &mut Input<'_>, response: Option<Factor>) -> ModalResult<Formula, Failure> {
    let right = place(input);
    let terms = sum(input)?;
    blank(input)?;
    if input.peek_token().is_some() {
        return Err(ErrMode::Cut(unexpected(
            input,
            "`+`, `-`, `*`, `:` or the end",
        )));
    }
    let intercept = terms.intercept.unwrap_or(true);
    let offsets = terms.offsets.clone();
    let terms = terms.into_ordered();
    if terms.is_empty() && !intercept {
        let length = input.state.text.len() - right;
        return Err(cut(right, length, FormulaProblem::NoTerms));
    }
    let as_term = response
        .as_ref()
        .and_then(|response| Some((response, *input.state.positions.get(response.label())?)));
    if let Some((response, position)) = as_term
        && terms.iter().any(|term| term.contains(&position))
    {
        let offset = input.state.factors[position].offset();
        let problem = FormulaProblem::ResponseAsTerm {
            response: response.label().to_owned(),
        };
        return Err(cut(offset, 1, problem));
    }
    Ok(Formula {
        text: input.state.text.to_owned(),
        response,
        factors: std::mem::take(&mut input.state.factors),
        terms,
        offsets,
        intercept,
    })
}

/// Terms added and removed, from the left.
fn sum(input: &mut Input<'_>) -> ModalResult<Terms, Failure> {
    let mut total = Terms::default();
    let mut is_first = true;
    loop {
        blank(input)?;
        let start = place(input);
        let sign = opt(one_of(['+', '-', '−'])).parse_next(input)?;
        if sign.is_none() && !is_first {
            return Ok(total);
        }
        is_first = false;
        let terms = expression(atom).infix(infix).parse_next(input)?;
        let result = match sign {
            None | Some('+') => total.add(terms),
            Some(_) => {
                let factors = &input.state.factors;
                total.remove(&terms, |term| {
                    let labels: Vec<&str> = term.iter().map(|&i| factors[i].label()).collect();
                    labels.join(":")
                })
            }
        };
        let length = place(input) - start;
        result.map_err(|problem| cut(start, length, problem))?;
    }
}

/// `*` and `:`.
fn infix<'a>(
    input: &mut Input<'a>,
) -> ModalResult<Infix<Input<'a>, Terms, ErrMode<Failure>>, Failure> {
    blank(input)?;
    // A power of what is no number; left for the message at the end of the sum.
    let symbol = alt(("**", "*", ":")).parse_next(input)?;
    match symbol {
        "*" => Ok(Infix::Left(2, |input, left, right| {
            let result = left.product(right);
            result.map_err(|problem| cut(place(input), 0, problem))
        })),
        ":" => Ok(Infix::Left(4, |input, left, right| {
            let result = left.cross(&right);
            result.map_err(|problem| cut(place(input), 0, problem))
        })),
        _ => Err(ErrMode::Backtrack(unexpected(input, TERM))),
    }
}

/// One factor, the intercept, or terms in brackets.
fn atom(input: &mut Input<'_>) -> ModalResult<Terms, Failure> {
    blank(input)?;
    let start = place(input);
    match input.peek_token() {
        Some('(') => return group(input),
        Some('.') if stands_alone(input) => return others(input),
        Some(c) if c.is_alphanumeric() || matches!(c, '_' | '`') => {}
        _ => return Err(ErrMode::Cut(unexpected(input, TERM))),
    }
    if let Some(factor) = offset(input)? {
        take(input, &factor);
        return Ok(Terms::of_offset(known(input, factor)));
    }
    if let Some(factor) = special(input)? {
        return Ok(Terms::of_factor(known(input, factor)));
    }
    let expression = embedded(input, Expression::parse_operand)?;
    match expression.as_number() {
        Some(0.0) => Ok(Terms::of_intercept(false)),
        Some(1.0) => Ok(Terms::of_intercept(true)),
        _ => {
            let factor = factor(input, expression, start)?;
            Ok(Terms::of_factor(known(input, factor)))
        }
    }
}

/// Is the point before a name or a number no part of it?
fn stands_alone(input: &Input<'_>) -> bool {
    let rest: &str = input.input.as_ref();
    let next = rest.chars().nth(1);
    next.is_none_or(|next| !(next.is_alphanumeric() || matches!(next, '_' | '.')))
}

/// `.`: the columns that are not taken.
fn others(input: &mut Input<'_>) -> ModalResult<Terms, Failure> {
    let start = place(input);
    let Some(columns) = input.state.columns else {
        return Err(cut(start, 1, FormulaProblem::OtherColumns));
    };
    any.void().parse_next(input)?;
    let mut terms = Terms::default();
    for name in columns {
        if !input.state.taken.contains(name) {
            let factor = known(input, Factor::column(name, start));
            let added = terms.add(Terms::of_factor(factor));
            added.map_err(|problem| cut(start, 1, problem))?;
        }
    }
    if terms.is_empty() {
        return Err(cut(start, 1, FormulaProblem::NoOtherColumns));
    }
    Ok(terms)
}

fn group(input: &mut Input<'_>) -> ModalResult<Terms, Failure> {
    let start = place(input);
    if input.state.depth == MAXIMUM_NESTING {
        let problem = FormulaProblem::TooDeep {
            limit: MAXIMUM_NESTING,
        };
        return Err(cut(start, 1, problem));
    }
    any.void().parse_next(input)?;
    input.state.depth += 1;
    let terms = sum(input)?;
    input.state.depth -= 1;
    if opt(')').parse_next(input)?.is_none() {
        return Err(ErrMode::Cut(unexpected(input, "`+`, `-`, `*`, `:` or `)`")));
    }
    Ok(terms)
}

/// `offset(expression)`, if it stands here.
fn offset(input: &mut Input<'_>) -> ModalResult<Option<Factor>, Failure> {
    let start = place(input);
    if !opens(input, "offset")? {
        return Ok(None);
    }
    let expression = embedded(input, Expression::parse_from)?;
    close(input, "an operator or `)`")?;
    numeric(input, Factor::offset_of(expression, start)).map(Some)
}

/// Reads `name (`, if it stands here.
fn opens(input: &mut Input<'_>, name: &'static str) -> ModalResult<bool, Failure> {
    let before = input.checkpoint();
    let named = opt(name).parse_next(input)?.is_some();
    blank(input)?;
    if named && opt('(').parse_next(input)?.is_some() {
        blank(input)?;
        return Ok(true);
    }
    input.reset(&before);
    Ok(false)
}

fn close(input: &mut Input<'_>, expected: &'static str) -> ModalResult<(), Failure> {
    blank(input)?;
    if opt(')').parse_next(input)?.is_none() {
        return Err(ErrMode::Cut(unexpected(input, expected)));
    }
    Ok(())
}

/// The rest of `C(name, Treatment("reference"))` after the name, if there is one.
fn treatment(input: &mut Input<'_>) -> ModalResult<Option<String>, Failure> {
    const SHAPE: &str = "`Treatment(\"…\")` with the category to compare with";
    blank(input)?;
    if opt(',').parse_next(input)?.is_none() {
        return Ok(None);
    }
    blank(input)?;
    if !opens(input, "Treatment")? {
        return Err(ErrMode::Cut(unexpected(input, SHAPE)));
    }
    if opt("reference").parse_next(input)?.is_some() {
        blank(input)?;
        if opt('=').parse_next(input)?.is_none() {
            return Err(ErrMode::Cut(unexpected(input, "`=` after `reference`")));
        }
        blank(input)?;
    }
    let level = match opt(one_of(['"', '\''])).parse_next(input)? {
        Some(quote) => {
            let level: &str = take_while(0.., move |c| c != quote).parse_next(input)?;
            if opt(quote).parse_next(input)?.is_none() {
                return Err(ErrMode::Cut(unexpected(input, "the closing quote")));
            }
            level
        }
        // A number needs no quotes.
        None => take_while(0.., |c: char| c.is_ascii_digit() || ".-+eE".contains(c))
            .parse_next(input)?,
    };
    if level.is_empty() {
        return Err(ErrMode::Cut(unexpected(
            input,
            "a category in quotes, or a number",
        )));
    }
    let level = level.to_owned();
    close(input, "`)` after the category")?;
    Ok(Some(level))
}

/// `C(name)` or `I(expression)`, if one stands here.
fn special(input: &mut Input<'_>) -> ModalResult<Option<Factor>, Failure> {
    let start = place(input);
    if opens(input, "I")? {
        let expression = embedded(input, Expression::parse_from)?;
        close(input, "an operator or `)`")?;
        return numeric(input, Factor::isolated(expression, start)).map(Some);
    }
    if !opens(input, "C")? {
        return Ok(None);
    }
    let inside = place(input);
    let expression = embedded(input, Expression::parse_from)?;
    let reference = treatment(input)?;
    if reference.is_none() {
        close(input, "an operator or `)`")?;
    } else {
        close(input, "`)`")?;
    }
    match expression.as_variable() {
        Some(name) => Ok(Some(Factor::categories(name, reference, inside))),
        None => {
            let found = format!("`{expression}`");
            let problem = FormulaProblem::Unexpected {
                expected: "the name of a column",
                found,
                hint: Some("only a column can be taken as categories"),
            };
            let length = place(input) - inside - 1;
            Err(cut(inside, length, problem))
        }
    }
}

/// The factor of an expression that has columns.
fn factor(input: &Input<'_>, expression: Expression, start: usize) -> ModalResult<Factor, Failure> {
    numeric(input, Factor::number(expression, start))
}

fn numeric(input: &Input<'_>, factor: Factor) -> ModalResult<Factor, Failure> {
    if factor.columns().is_empty() {
        let start = factor.offset();
        let length = place(input) - start;
        return Err(cut(start, length, FormulaProblem::NoColumn));
    }
    Ok(factor)
}

/// The number of a factor, the same for the same label.
fn known(input: &mut Input<'_>, factor: Factor) -> usize {
    let State {
        factors, positions, ..
    } = &mut input.state;
    match positions.get(factor.label()) {
        Some(&position) => position,
        None => {
            positions.insert(factor.label().to_owned(), factors.len());
            factors.push(factor);
            factors.len() - 1
        }
    }
}

/// Reads an expression at a byte of a text; gives it with the byte after it.
type ExpressionReader = fn(&str, usize) -> Result<(Expression, usize), ExpressionError>;

/// Reads a part of the text in the expression language.
fn embedded(input: &mut Input<'_>, read: ExpressionReader) -> ModalResult<Expression, Failure> {
    let start = place(input);
    match read(input.state.text, start) {
        Ok((expression, end)) => {
            input.next_slice(end - start);
            Ok(expression)
        }
        Err(ExpressionError { problem, excerpt }) => {
            Err(ErrMode::Cut(Failure::Told(Box::new(FormulaError {
                problem: FormulaProblem::Expression(problem),
                excerpt,
            }))))
        }
    }
}

fn blank(input: &mut Input<'_>) -> ModalResult<(), Failure> {
    take_while(0.., char::is_whitespace)
        .void()
        .parse_next(input)
}

/// The byte of the text that comes next.
fn place(input: &Input<'_>) -> usize {
    input.input.current_token_start()
}

fn unexpected(input: &Input<'_>, expected: &'static str) -> Failure {
    let rest: &str = input.input.as_ref();
    let mut characters = rest.chars();
    let (first, second) = (characters.next(), characters.next());
    let hint = match (first, second) {
        (Some('^'), _) | (Some('*'), Some('*')) => {
            Some("a power is of a column, as in x^2, or goes inside I(…)")
        }
        (Some('/'), _) => Some("a quotient goes into I(…), as in I(a/b)"),
        (Some('|'), _) => Some("grouped (random) effects are not supported"),
        (Some('.'), Some(c)) if c.is_alphanumeric() => {
            Some("a name with a point in it goes in back quotes")
        }
        (Some('~'), _) => Some("a formula has one `~`"),
        (Some('<' | '>' | '=' | '!'), _) => Some("a comparison goes into I(…), as in I(a > 2)"),
        _ => None,
    };
    let found = first.map_or_else(|| "the end".to_owned(), |c| format!("`{c}`"));
    let problem = FormulaProblem::Unexpected {
        expected,
        found,
        hint,
    };
    Failure::At {
        offset: place(input),
        length: first.map_or(0, char::len_utf8),
        problem: Box::new(problem),
    }
}
