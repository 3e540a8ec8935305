//! What an expression is made of.

use super::array_functions::ArrayFunction;
use super::functions::Function;

/// One step of a scalar expression in reverse Polish order.
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

/// One step of a program in reverse Polish order: a step of a scalar expression, which works entry
/// by entry, or one that knows about shapes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum ProgramNode {
    /// A step entry by entry.
    Scalar(Node),
    /// The matrix product of the two values before.
    MatrixProduct,
    /// The transpose of the value before.
    Transpose,
    /// A vector of the numbers before, or a matrix of the vectors before as its rows.
    List { entries: usize },
    /// An entry or a row of the value that stands before the indices.
    Index { indices: usize },
    /// A function of whole vectors and matrices.
    Call { function: ArrayFunction },
}

/// The bytes of a text at which a node was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) offset: usize,
    pub(super) length: usize,
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
