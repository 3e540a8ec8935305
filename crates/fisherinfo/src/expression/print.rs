//! Expressions as text.

use std::fmt;

use super::node::{Node, Operator, Precedence};
use super::{Expression, grammar};

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Every entry is the text of a value and how tightly it holds together. The text of a left
        // operand is extended in place, so that a long chain takes linear time.
        let mut values: Vec<(String, Precedence)> = Vec::new();
        for node in &self.nodes {
            let value = match *node {
                Node::Number(number) => (number_text(number), Precedence::Atom),
                Node::Pi => ("pi".to_owned(), Precedence::Atom),
                Node::Variable(index) => {
                    let name = self
                        .variables
                        .get(index)
                        .map_or("", |variable| &variable.name);
                    (quoted_name(name), Precedence::Atom)
                }
                Node::Negate => {
                    let operand = bracketed(values.pop(), Precedence::Sign);
                    (format!("-{operand}"), Precedence::Sign)
                }
                Node::Binary(operator) => {
                    let (left_least, right_least) = operand_precedences(operator);
                    let right = bracketed(values.pop(), right_least);
                    let mut text = bracketed(values.pop(), left_least);
                    text.push_str(operator.symbol());
                    text.push_str(&right);
                    (text, operator.precedence())
                }
                Node::Call {
                    function,
                    arguments,
                } => {
                    let first = values.len().saturating_sub(arguments);
                    let list: Vec<String> = values.drain(first..).map(|(text, _)| text).collect();
                    let text = format!("{}({})", function.name(), list.join(", "));
                    (text, Precedence::Atom)
                }
            };
            values.push(value);
        }
        f.write_str(&bracketed(values.pop(), Precedence::Comparison))
    }
}

/// How tightly the left and the right operand must hold together to need no brackets.
fn operand_precedences(operator: Operator) -> (Precedence, Precedence) {
    match operator.precedence() {
        Precedence::Comparison => (Precedence::Sum, Precedence::Sum),
        Precedence::Sum => (Precedence::Sum, Precedence::Product),
        Precedence::Product => (Precedence::Product, Precedence::Sign),
        // From the right, and an exponent may carry a sign.
        Precedence::Sign | Precedence::Power | Precedence::Atom => {
            (Precedence::Atom, Precedence::Sign)
        }
    }
}

fn bracketed(value: Option<(String, Precedence)>, least: Precedence) -> String {
    match value {
        Some((text, precedence)) if precedence < least => format!("({text})"),
        Some((text, _)) => text,
        None => String::new(),
    }
}

/// A number as a formula prints it: the shortest text that reads back as the same number.
///
/// ```
/// use fisherinfo::expression::number_text;
///
/// assert_eq!([number_text(2.0), number_text(0.1), number_text(1e200)], ["2", "0.1", "1e200"]);
/// ```
#[must_use]
pub fn number_text(number: f64) -> String {
    let text = format!("{number:?}");
    match text.strip_suffix(".0") {
        Some(integer) => integer.to_owned(),
        None => text,
    }
}

/// A name as a formula needs it: in back quotes unless it is made of letters, digits and `_` and is
/// not `pi`.
///
/// ```
/// use fisherinfo::expression::quoted_name;
///
/// assert_eq!(quoted_name("dose"), "dose");
/// assert_eq!(quoted_name("grade point"), "`grade point`");
/// ```
#[must_use]
pub fn quoted_name(name: &str) -> String {
    if grammar::is_plain_name(name) {
        name.to_owned()
    } else {
        format!("`{name}`")
    }
}
