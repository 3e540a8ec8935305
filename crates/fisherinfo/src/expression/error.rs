//! What can be wrong with a formula, and where.

use std::fmt;

use thiserror::Error;

/// Characters shown on either side of the place in a long formula.
const CONTEXT: usize = 36;

/// A place in a formula, with the text around it.
///
/// `Display` gives two lines, the text and a caret under the place. Larger languages that hold
/// formulas use it for their own errors.
///
/// ```
/// use fisherinfo::expression::Excerpt;
///
/// let excerpt = Excerpt::new("y ~ dse", 4, 3);
/// assert_eq!(excerpt.column(), 5);
/// assert_eq!(excerpt.to_string(), "  y ~ dse\n      ^^^");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    offset: usize,
    line: usize,
    column: usize,
    /// Whether the text has several lines.
    is_one_of_several: bool,
    /// The part of the line that is shown.
    shown: Box<str>,
    /// The characters of it before the carets.
    indent: usize,
    /// The number of carets.
    carets: usize,
}

impl Excerpt {
    /// The place of `length` bytes at byte `offset` of `text`.
    #[must_use]
    pub fn new(text: &str, offset: usize, length: usize) -> Self {
        let offset = text.floor_char_boundary(offset.min(text.len()));
        let end = text.ceil_char_boundary(offset.saturating_add(length).min(text.len()));
        let (head, rest) = text.split_at(offset);
        let (place, tail) = rest.split_at(end - offset);
        let line = head.matches('\n').count() + 1;
        let head = head.rsplit('\n').next().unwrap_or("");
        let place = place.split('\n').next().unwrap_or("");
        let tail = tail.split('\n').next().unwrap_or("");

        let column = head.chars().count() + 1;
        let skipped = (column - 1).saturating_sub(CONTEXT);
        let mut shown = printable(head.chars().skip(skipped));
        if skipped > 0 {
            shown.insert(0, '…');
        }
        let shorten = |text: &str| {
            let mut short = printable(text.chars().take(CONTEXT));
            if text.chars().nth(CONTEXT).is_some() {
                short.push('…');
            }
            short
        };
        let indent = shown.chars().count();
        let place = shorten(place);
        shown.push_str(&place);
        shown.push_str(&shorten(tail));
        Self {
            offset,
            line,
            column,
            is_one_of_several: text.trim_end().contains('\n'),
            shown: shown.into(),
            indent,
            carets: place.chars().count().max(1),
        }
    }

    /// The byte of the text at which the place begins, from 0.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The line of the text on which the place begins, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The place in words: `column 5`, or `line 2, column 5` in a text of several lines.
    #[must_use]
    pub fn position(&self) -> String {
        if self.is_one_of_several {
            format!("line {}, column {}", self.line, self.column)
        } else {
            format!("column {}", self.column)
        }
    }

    /// The character of its line at which the place begins, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }
}

/// Control characters would move the caret.
fn printable(characters: impl Iterator<Item = char>) -> String {
    characters
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (indent, carets) = (self.indent, "^".repeat(self.carets));
        writeln!(f, "  {}", self.shown)?;
        write!(f, "  {:indent$}{carets}", "")
    }
}

/// Why a text is not a formula, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {problem}\n{excerpt}", .excerpt.position())]
pub struct ExpressionError {
    /// What is wrong.
    pub problem: ExpressionProblem,
    /// Where it is.
    pub excerpt: Excerpt,
}

/// What is wrong with a formula.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExpressionProblem {
    /// Something else should stand here.
    #[error("expected {expected}, found {found}{}", hint.map(|hint| format!("; {hint}")).unwrap_or_default())]
    Unexpected {
        /// What could stand here.
        expected: &'static str,
        /// What does.
        found: String,
        /// What to write instead, for common slips.
        hint: Option<&'static str>,
    },
    /// A name is called that is not a function.
    #[error("unknown function `{name}`{}", suggestion(nearest))]
    UnknownFunction {
        /// The name.
        name: String,
        /// The functions whose names are nearest.
        nearest: Vec<String>,
    },
    /// A function is called with a wrong number of arguments.
    #[error("`{function}` takes {expected}, not {found}")]
    Arguments {
        /// The function.
        function: &'static str,
        /// What it takes.
        expected: String,
        /// How many it was given.
        found: usize,
    },
    /// A number is too large for a 64-bit float.
    #[error("this number is too large: the largest is about 1.8e308")]
    NumberTooLarge,
    /// Brackets, calls or exponents are nested too deeply.
    #[error("brackets, calls and exponents may be nested {limit} deep, not deeper")]
    TooDeep {
        /// The deepest nesting allowed.
        limit: usize,
    },
    /// A line of a program is neither a definition nor the last.
    #[error(
        "nothing uses the value of this line: give it a name, or put brackets around a formula that goes on over several lines"
    )]
    Unused,
    /// A line of a program defines a constant.
    #[error("`{name}` is the number π: choose another name, or write it in back quotes")]
    DefinesConstant {
        /// The name.
        name: String,
    },
    /// The text is too long.
    #[error("a formula may have {limit} bytes, this has {found}")]
    TooLong {
        /// The most bytes allowed.
        limit: usize,
        /// The bytes there are.
        found: usize,
    },
}

/// Why an expression cannot be tied to a list of names.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BindError {
    /// A name of the formula is not in the list.
    #[error(
        "`{name}` is not known here{}{}{}",
        if *is_function { format!(" (to call the function, write {name}(…))") } else { String::new() },
        suggestion(nearest),
        known(available, nearest),
    )]
    Unknown {
        /// The name.
        name: String,
        /// The byte of the formula at which it first occurs.
        offset: usize,
        /// Whether a function has this name.
        is_function: bool,
        /// The names in the list that are nearest.
        nearest: Vec<String>,
        /// The names in the list.
        available: Vec<String>,
    },
    /// The list has a name that the formula uses as a constant.
    #[error(
        "`{name}` is a value here, but in the formula a bare {name} is the number π; write it in back quotes to mean the value"
    )]
    NameOfConstant {
        /// The name.
        name: String,
    },
}

pub(super) fn suggestion(nearest: &[String]) -> String {
    match nearest {
        [] => String::new(),
        names => format!("; did you mean {}?", quoted_list(names, " or ")),
    }
}

/// The end of a sentence that lists the names there are.
pub(super) fn known(available: &[String], nearest: &[String]) -> String {
    const SHOWN: usize = 20;
    let separator = if nearest.is_empty() { ". " } else { " " };
    match available {
        [] => format!("{separator}No names are known"),
        names if names.len() <= SHOWN => {
            format!("{separator}Known names: {}", quoted_list(names, ", "))
        }
        names => format!(
            "{separator}Known names: {} and {} more",
            quoted_list(&names[..SHOWN], ", "),
            names.len() - SHOWN
        ),
    }
}

fn quoted_list(names: &[String], separator: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(separator)
}

/// The candidates that `name` is most likely a slip of: at most three, the nearest first.
///
/// Nearness is the Damerau–Levenshtein distance, upper and lower case alike; a candidate further
/// than a third of the name's length is left out, unless it begins with three letters or more that
/// are the whole name.
///
/// ```
/// use fisherinfo::expression::nearest_names;
///
/// assert_eq!(nearest_names("tcue", ["gpa", "tuce", "psi"]), ["tuce"]);
/// assert_eq!(nearest_names("gauss", ["gamma", "gaussian"]), ["gaussian"]);
/// assert!(nearest_names("income", ["gpa", "tuce", "psi"]).is_empty());
/// ```
pub fn nearest_names<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    const SHOWN: usize = 3;
    // The distance takes time and memory in the product of the lengths.
    const LONGEST: usize = 100;
    if name.len() > LONGEST {
        return Vec::new();
    }
    let lower = name.to_lowercase();
    let furthest = lower.chars().count().div_ceil(3).min(3);
    let mut near: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| {
            let other = candidate.to_lowercase();
            let distance = strsim::osa_distance(&lower, &other);
            let begun = lower.chars().count() >= 3 && other.starts_with(&lower);
            (if begun { distance.min(1) } else { distance }, candidate)
        })
        // A name of which nothing is left is no slip of it.
        .filter(|(distance, _)| *distance <= furthest && *distance < lower.chars().count())
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter()
        .take(SHOWN)
        .map(|(_, candidate)| candidate.to_owned())
        .collect()
}
