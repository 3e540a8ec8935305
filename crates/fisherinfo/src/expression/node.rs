//! What an expression is made of.

use super::functions::Function;

/// One step of an expression in reverse Polish order.
///
/// A value of another shape (a vector, a matrix) takes one more variant here, as `Call` does: its
/// entries come before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Node {
    /// A number as typed: finite and not negative.
    Number(f64),
    /// The number π.
    Pi,
    /// A name: its position among the expression's variables.
    Variable(usize),
    /// The sign of the value before.
    Negate,
    /// An operation on the two values before.
    Binary(Operator),
    /// A function of the `arguments` values before.
    Call {
        function: Function,
        arguments: usize,
    },
}

/// The binary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

/// How tightly a part of a formula holds together; a looser part needs brackets inside a tighter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precedence {
    Comparison,
    Sum,
    Product,
    Sign,
    Power,
    Atom,
}

impl Operator {
    /// The precedence of the operator.
    pub(super) fn precedence(self) -> Precedence {
        match self {
            Self::Less
            | Self::LessOrEqual
            | Self::Greater
            | Self::GreaterOrEqual
            | Self::Equal
            | Self::NotEqual => Precedence::Comparison,
            Self::Add | Self::Subtract => Precedence::Sum,
            Self::Multiply | Self::Divide => Precedence::Product,
            Self::Power => Precedence::Power,
        }
    }

    /// The operator as printed between its operands.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Less => " < ",
            Self::LessOrEqual => " <= ",
            Self::Greater => " > ",
            Self::GreaterOrEqual => " >= ",
            Self::Equal => " == ",
            Self::NotEqual => " != ",
            Self::Add => " + ",
            Self::Subtract => " - ",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Power => "^",
        }
    }
}
