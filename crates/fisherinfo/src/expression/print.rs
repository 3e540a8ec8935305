//! Expressions as text.

use std::fmt;

use super::node::{Node, Precedence, ProgramNode};
use super::{Expression, tokens};

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes: Vec<_> = self
            .nodes
            .iter()
            .copied()
            .map(ProgramNode::Scalar)
            .collect();
        f.write_str(&print_nodes(nodes.iter(), |index| {
            self.variables
                .get(index)
                .map_or("", |variable| &variable.name)
        }))
    }
}

/// The text of one formula, with the fewest brackets.
pub(super) fn print_nodes<'a, 'n>(
    nodes: impl Iterator<Item = &'a ProgramNode>,
    name: impl Fn(usize) -> &'n str,
) -> String {
    // Every entry is the text of a value and how tightly it holds together. The text of a left
    // operand is extended in place, so that a long chain takes linear time.
    let mut values: Vec<(String, Precedence)> = Vec::new();
    let mut nodes = nodes.peekable();
    while let Some(node) = nodes.next() {
        let value = match *node {
            ProgramNode::Scalar(Node::Number(number)) => (number_text(number), Precedence::Atom),
            ProgramNode::Scalar(Node::Pi) => ("pi".to_owned(), Precedence::Atom),
            ProgramNode::Scalar(Node::Variable(index)) => {
                (quoted_name(name(index)), Precedence::Atom)
            }
            ProgramNode::Scalar(Node::Negate) => {
                // A run of signs at once, for the same reason.
                let mut text = "-".to_owned();
                while nodes.next_if_eq(&node).is_some() {
                    text.push('-');
                }
                text.push_str(&bracketed(values.pop(), Precedence::Sign));
                (text, Precedence::Sign)
            }
            ProgramNode::Scalar(Node::Binary(operator)) => {
                let operands = operand_precedences(operator.precedence());
                let text = infix(&mut values, operands, operator.symbol());
                (text, operator.precedence())
            }
            ProgramNode::MatrixProduct => {
                let operands = operand_precedences(Precedence::Product);
                (infix(&mut values, operands, " @ "), Precedence::Product)
            }
            ProgramNode::Transpose => {
                let mut text = bracketed(values.pop(), Precedence::Atom);
                text.push('\'');
                (text, Precedence::Atom)
            }
            ProgramNode::Scalar(Node::Call {
                function,
                arguments,
            }) => {
                let list = separated(&mut values, arguments);
                (format!("{}({list})", function.name()), Precedence::Atom)
            }
            ProgramNode::Call { function } => {
                let list = separated(&mut values, function.arguments());
                (format!("{}({list})", function.name()), Precedence::Atom)
            }
            ProgramNode::List { entries } => {
                let list = separated(&mut values, entries);
                (format!("[{list}]"), Precedence::Atom)
            }
            ProgramNode::Index { indices } => {
                let list = separated(&mut values, indices);
                let mut text = bracketed(values.pop(), Precedence::Atom);
                text.push_str(&format!("[{list}]"));
                (text, Precedence::Atom)
            }
        };
        values.push(value);
    }
    bracketed(values.pop(), Precedence::Comparison)
}

/// The last two values with an operator between them.
fn infix(
    values: &mut Vec<(String, Precedence)>,
    (left_least, right_least): (Precedence, Precedence),
    symbol: &str,
) -> String {
    let right = bracketed(values.pop(), right_least);
    let mut text = bracketed(values.pop(), left_least);
    text.push_str(symbol);
    text.push_str(&right);
    text
}

/// The last `count` values with commas between them.
fn separated(values: &mut Vec<(String, Precedence)>, count: usize) -> String {
    let first = values.len().saturating_sub(count);
    let list: Vec<String> = values.drain(first..).map(|(text, _)| text).collect();
    list.join(", ")
}

/// How tightly the left and the right operand must hold together to need no brackets.
pub(super) fn operand_precedences(precedence: Precedence) -> (Precedence, Precedence) {
    match precedence {
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
    if tokens::is_plain_name(name) {
        name.to_owned()
    } else {
        format!("`{name}`")
    }
}
