//! Supports as a person types them: `{0, 1, 2, ...}`, `[0, inf)^2`, `(0, 1) x {1, ..., n}`.

use crate::expression::{Excerpt, Program};
use std::fmt;
use thiserror::Error;

/// The most factors of a product.
const MOST_FACTORS: usize = 64;

/// The largest integer of a support: up to here every integer is a double.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// A support as it was typed; its ends may be names, and those of an interval formulas of names.
///
/// | written | meaning |
/// |---|---|
/// | `{0, 1}`, `{-1, 0, 1}` | consecutive integers |
/// | `{0, ..., 20}`, `{0, 1, ..., n}` | from one to another; `…` and `..` do too |
/// | `{0, 1, 2, ...}`, `{1, ...}` | without end |
/// | `[0, inf)`, `(0, 1)`, `(-inf, inf)`, `R` | an interval; whether its ends belong to it has no effect |
/// | `[m, inf)`, `(mu - sigma/xi, inf)` | an end that moves with parameters |
/// | `[a, b] x [0, inf)`, `[0, 1]^3` | vectors; `×` does too |
///
/// ```
/// use fisherinfo::family::SupportFormula;
///
/// let support = SupportFormula::parse("{0, 1, ..., n} x {0,1}^2")?;
/// assert_eq!(support.to_string(), "{0, ..., n} x {0, ..., 1} x {0, ..., 1}");
/// let error = SupportFormula::parse("[0, inf").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "column 8: expected `]` or `)`, found the end\n  [0, inf\n         ^"
/// );
/// # Ok::<(), fisherinfo::family::SupportError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SupportFormula {
    pub(super) text: String,
    pub(super) factors: Vec<Factor>,
}

/// The set of one entry.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Factor {
    /// `None` is without end.
    Integers(End, Option<End>),
    Interval(End, End),
}

/// An end: a number or a name, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) kind: EndKind,
    pub(super) offset: usize,
    pub(super) length: usize,
}

/// Ends are equal when they say the same, wherever they stand.
impl PartialEq for End {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

#[derive(Clone, Debug)]
pub(super) enum EndKind {
    Number(f64),
    Name { name: String, is_negative: bool },
    Formula(Box<Program>),
}

impl PartialEq for EndKind {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a == b,
            (
                Self::Name { name, is_negative },
                Self::Name {
                    name: other,
                    is_negative: sign,
                },
            ) => name == other && is_negative == sign,
            (Self::Formula(a), Self::Formula(b)) => a.to_string() == b.to_string(),
            _ => false,
        }
    }
}

/// Why a text is not a support, and where.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{}: {problem}\n{excerpt}", .excerpt.position())]
pub struct SupportError {
    /// What is wrong.
    pub problem: SupportProblem,
    /// Where it is.
    pub excerpt: Excerpt,
}

/// What is wrong with a support.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SupportProblem {
    /// Something else should stand here.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What could stand here.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// Integers that do not follow one another.
    #[error(
        "integers have to follow one another, from the smallest: {{0, 1, 2}}, {{0, ..., 20}} or {{0, 1, ...}}"
    )]
    NotConsecutive,
    /// A set of numbers that are not whole.
    #[error("a set in braces holds whole numbers up to 2^53; write an interval as [0, 1]")]
    NotWhole,
    /// An interval that is empty, or a set that ends before it begins.
    #[error("the lower end has to be below the upper end")]
    Empty,
    /// An end that is no formula.
    #[error("{problem}")]
    Formula {
        /// What is wrong with it.
        problem: String,
    },
    /// Too many factors.
    #[error("an observation may have {limit} entries, not more")]
    TooManyFactors {
        /// The most allowed.
        limit: usize,
    },
}

impl SupportFormula {
    /// Reads a support.
    ///
    /// # Errors
    /// [`SupportError`], with the place in the text and what was expected there.
    pub fn parse(text: &str) -> Result<Self, SupportError> {
        let mut reader = Reader { text, at: 0 };
        let mut factors: Vec<Factor> = Vec::new();
        loop {
            let start = reader.blank();
            let factor = reader.factor()?;
            let copies = if reader.take("^") || reader.take("**") {
                reader.exponent()?
            } else {
                1
            };
            if factors.len() + copies > MOST_FACTORS {
                return Err(reader.error(
                    start,
                    reader.at - start,
                    SupportProblem::TooManyFactors {
                        limit: MOST_FACTORS,
                    },
                ));
            }
            factors.extend(std::iter::repeat_n(factor, copies));
            if reader.blank() == text.len() {
                return Ok(Self {
                    text: text.to_owned(),
                    factors,
                });
            }
            if !["×", "x", "X", "*"]
                .into_iter()
                .any(|sign| reader.take(sign))
            {
                return Err(reader.unexpected("`x` and another set, or the end"));
            }
        }
    }

    /// The names of its ends, each with the byte at which it stands.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, usize)> {
        self.ends().flat_map(|end| match &end.kind {
            EndKind::Name { name, .. } => vec![(name.as_str(), end.offset)],
            EndKind::Formula(formula) => formula
                .variable_places()
                .map(|(name, at)| (name, end.offset + at))
                .collect(),
            EndKind::Number(_) => Vec::new(),
        })
    }

    /// The names of ends of sets of integers, which cannot vary continuously.
    pub(super) fn whole_names(&self) -> impl Iterator<Item = &str> {
        self.factors
            .iter()
            .flat_map(|factor| match factor {
                Factor::Integers(from, to) => [Some(from), to.as_ref()],
                Factor::Interval(..) => [None, None],
            })
            .flatten()
            .filter_map(|end| match &end.kind {
                EndKind::Name { name, .. } => Some(name.as_str()),
                EndKind::Number(_) | EndKind::Formula(_) => None,
            })
    }

    pub(super) fn ends(&self) -> impl Iterator<Item = &End> {
        self.factors
            .iter()
            .flat_map(|factor| match factor {
                Factor::Integers(from, to) => [Some(from), to.as_ref()],
                Factor::Interval(lower, upper) => [Some(lower), Some(upper)],
            })
            .flatten()
    }
}

/// Two supports are equal when they mean the same, however they were written.
impl PartialEq for SupportFormula {
    fn eq(&self, other: &Self) -> bool {
        self.factors == other.factors
    }
}

/// What is read again as the same support.
impl fmt::Display for SupportFormula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, factor) in self.factors.iter().enumerate() {
            if index > 0 {
                f.write_str(" x ")?;
            }
            match factor {
                Factor::Integers(from, None) => write!(f, "{{{from}, ...}}")?,
                Factor::Integers(from, Some(to)) => write!(f, "{{{from}, ..., {to}}}")?,
                Factor::Interval(lower, upper) => write!(f, "({lower}, {upper})")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            EndKind::Number(value) => write!(f, "{value}"),
            EndKind::Name { name, is_negative } => {
                write!(f, "{}{name}", if *is_negative { "-" } else { "" })
            }
            EndKind::Formula(formula) => write!(f, "{formula}"),
        }
    }
}

/// A text and how far it was read.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Past white space; says where.
    fn blank(&mut self) -> usize {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        self.at
    }

    fn take(&mut self, sign: &str) -> bool {
        self.blank();
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    fn error(&self, offset: usize, length: usize, problem: SupportProblem) -> SupportError {
        SupportError {
            problem,
            excerpt: Excerpt::new(self.text, offset, length),
        }
    }

    fn unexpected(&mut self, expected: &'static str) -> SupportError {
        let offset = self.blank();
        let found = self.rest().chars().next();
        self.error(
            offset,
            found.map_or(1, char::len_utf8),
            SupportProblem::Unexpected {
                expected,
                found: found.map_or("the end".into(), |c| format!("`{c}`")),
            },
        )
    }

    fn factor(&mut self) -> Result<Factor, SupportError> {
        if self.take("{") {
            return self.integers();
        }
        let start = self.blank();
        if self.take("(") || self.take("[") {
            let lower = self.end_of_interval()?;
            if !self.take(",") {
                return Err(self.unexpected("`,`"));
            }
            let upper = self.end_of_interval()?;
            if !(self.take(")") || self.take("]")) {
                return Err(self.unexpected("`]` or `)`"));
            }
            if let (EndKind::Number(low), EndKind::Number(high)) = (&lower.kind, &upper.kind)
                && !(low < high && *low < f64::INFINITY && *high > f64::NEG_INFINITY)
            {
                return Err(self.error(start, self.at - start, SupportProblem::Empty));
            }
            return Ok(Factor::Interval(lower, upper));
        }
        if self.take("ℝ") || self.take("R") {
            let end = |value| End {
                kind: EndKind::Number(value),
                offset: start,
                length: self.at - start,
            };
            return Ok(Factor::Interval(end(f64::NEG_INFINITY), end(f64::INFINITY)));
        }
        Err(self.unexpected("a set such as {0, 1}, {0, 1, ...}, [0, inf) or (0, 1)"))
    }

    /// The rest of a set after its brace.
    fn integers(&mut self) -> Result<Factor, SupportError> {
        let first = self.whole()?;
        let mut last = first.clone();
        loop {
            if self.take("}") {
                return Ok(Factor::Integers(first, Some(last)));
            }
            if !self.take(",") {
                return Err(self.unexpected("`,` or `}`"));
            }
            if self.take("...") || self.take("…") || self.take("..") {
                if self.take("}") {
                    return Ok(Factor::Integers(first, None));
                }
                if !self.take(",") {
                    return Err(self.unexpected("`}`, or `,` and the largest value"));
                }
                let to = self.whole()?;
                if let (EndKind::Number(from), EndKind::Number(largest)) = (&last.kind, &to.kind)
                    && largest < from
                {
                    return Err(self.error(to.offset, to.length, SupportProblem::Empty));
                }
                if !self.take("}") {
                    return Err(self.unexpected("`}`"));
                }
                return Ok(Factor::Integers(first, Some(to)));
            }
            let next = self.whole()?;
            let follows = match (&last.kind, &next.kind) {
                (EndKind::Number(a), EndKind::Number(b)) => *b == a + 1.0,
                _ => false,
            };
            if !follows {
                return Err(self.error(next.offset, next.length, SupportProblem::NotConsecutive));
            }
            last = next;
        }
    }

    /// A whole number or a name.
    fn whole(&mut self) -> Result<End, SupportError> {
        let end = self.end()?;
        match end.kind {
            EndKind::Number(value) if value.fract() != 0.0 || value.abs() > LARGEST => {
                Err(self.error(end.offset, end.length, SupportProblem::NotWhole))
            }
            _ => Ok(end),
        }
    }

    /// A number, ±∞, a name, or a formula of names up to the comma or bracket that ends it.
    fn end_of_interval(&mut self) -> Result<End, SupportError> {
        let offset = self.blank();
        let simple = self.end();
        let after_simple = self.at;
        let next = self.rest().trim_start().chars().next();
        if simple.is_ok() && next.is_none_or(|next| matches!(next, ',' | ')' | ']')) {
            return simple;
        }
        // A list is no end.
        if self.text[offset..].starts_with(['[', '{']) {
            return simple;
        }
        self.at = offset;
        let length = formula_length(self.rest());
        let text = self.rest()[..length].trim_end();
        match Program::parse(text) {
            Ok(formula) => {
                self.at = offset + text.len();
                Ok(End {
                    kind: EndKind::Formula(Box::new(formula)),
                    offset,
                    length: text.len(),
                })
            }
            Err(error) if next.is_some_and(|next| "+-−*/^(".contains(next)) && simple.is_ok() => {
                let at = offset + error.excerpt.offset().min(text.len());
                let problem = SupportProblem::Formula {
                    problem: error.problem.to_string(),
                };
                Err(self.error(at, 1, problem))
            }
            Err(_) => {
                self.at = after_simple;
                simple
            }
        }
    }

    /// A number, ±∞ or a name.
    fn end(&mut self) -> Result<End, SupportError> {
        let offset = self.blank();
        let is_negative = if self.take("-") || self.take("−") {
            true
        } else {
            self.take("+");
            false
        };
        self.blank();
        let sign = if is_negative { -1.0 } else { 1.0 };
        let rest = self.rest();
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let kind = if rest.starts_with('∞') {
            self.at += '∞'.len_utf8();
            EndKind::Number(sign * f64::INFINITY)
        } else if rest.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            self.at += length;
            match &rest[..length] {
                "inf" | "Inf" | "infinity" | "Infinity" | "oo" => {
                    EndKind::Number(sign * f64::INFINITY)
                }
                "pi" | "π" => EndKind::Number(sign * std::f64::consts::PI),
                name => EndKind::Name {
                    name: name.to_owned(),
                    is_negative,
                },
            }
        } else {
            let length = number_length(rest);
            match rest[..length].parse::<f64>() {
                // Zero without a sign, so that what is printed reads the same.
                Ok(value) if value.is_finite() => {
                    self.at += length;
                    EndKind::Number(sign * value + 0.0)
                }
                _ => return Err(self.unexpected("a number, inf or a name")),
            }
        };
        Ok(End {
            kind,
            offset,
            length: self.at - offset,
        })
    }

    fn exponent(&mut self) -> Result<usize, SupportError> {
        let start = self.blank();
        let rest = self.rest();
        let length = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        match rest[..length].parse::<usize>() {
            Ok(0) | Err(_) => Err(self.unexpected("a number of copies from 1")),
            Ok(copies) if copies > MOST_FACTORS => Err(self.error(
                start,
                length,
                SupportProblem::TooManyFactors {
                    limit: MOST_FACTORS,
                },
            )),
            Ok(copies) => {
                self.at += length;
                Ok(copies)
            }
        }
    }
}

/// The bytes up to a comma or a closing bracket that is not opened before.
fn formula_length(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' if depth == 0 => return at,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// The bytes of the number at the beginning of a text: digits, a point that is not part of `..`, an
/// exponent.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        from + bytes[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1) != Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}
