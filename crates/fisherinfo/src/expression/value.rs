//! Numbers, vectors and matrices, and the names that stand for them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use thiserror::Error;

use super::near::Near;

use crate::dual::Dual;

/// What a [`Program`](super::Program) computes with.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<D> {
    /// A number.
    Scalar(D),
    /// A vector.
    Vector(Vec<D>),
    /// A matrix; [`Value::matrix`] checks the number of its entries.
    Matrix {
        /// The number of rows.
        rows: usize,
        /// The number of columns.
        columns: usize,
        /// `rows`·`columns` entries, row after row.
        entries: Vec<D>,
    },
}

/// How many entries a value has, and how they are arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A number.
    Scalar,
    /// A vector of so many entries.
    Vector(usize),
    /// A matrix of so many rows and columns.
    Matrix(usize, usize),
}

/// A matrix was given a number of entries that is not its rows times its columns.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a {rows}×{columns} matrix cannot have {entries} entries")]
pub struct ShapeMismatch {
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub columns: usize,
    /// The number of entries.
    pub entries: usize,
}

impl Shape {
    /// The number of entries, or `usize::MAX` where it is larger than that.
    #[must_use]
    pub fn entries(self) -> usize {
        match self {
            Self::Scalar => 1,
            Self::Vector(length) => length,
            Self::Matrix(rows, columns) => rows.saturating_mul(columns),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar => f.write_str("a number"),
            Self::Vector(1) => f.write_str("a vector of 1 entry"),
            Self::Vector(length) => write!(f, "a vector of {length} entries"),
            Self::Matrix(rows, columns) => write!(f, "a {rows}×{columns} matrix"),
        }
    }
}

impl<D> Value<D> {
    /// A matrix of `entries` row after row.
    ///
    /// # Errors
    ///
    /// [`ShapeMismatch`] when their number is not `rows`·`columns`.
    pub fn matrix(rows: usize, columns: usize, entries: Vec<D>) -> Result<Self, ShapeMismatch> {
        if rows.checked_mul(columns) == Some(entries.len()) {
            Ok(Self::Matrix {
                rows,
                columns,
                entries,
            })
        } else {
            Err(ShapeMismatch {
                rows,
                columns,
                entries: entries.len(),
            })
        }
    }

    /// How many entries it has, and how they are arranged.
    #[must_use]
    pub fn shape(&self) -> Shape {
        match self {
            Self::Scalar(_) => Shape::Scalar,
            Self::Vector(entries) => Shape::Vector(entries.len()),
            Self::Matrix { rows, columns, .. } => Shape::Matrix(*rows, *columns),
        }
    }

    /// Its entries, those of a matrix row after row.
    #[must_use]
    pub fn entries(&self) -> &[D] {
        match self {
            Self::Scalar(number) => std::slice::from_ref(number),
            Self::Vector(entries) | Self::Matrix { entries, .. } => entries,
        }
    }

    /// The value of that shape with these entries, as many as the shape says.
    pub(super) fn of_shape(shape: Shape, entries: Vec<D>) -> Self {
        match shape {
            Shape::Scalar | Shape::Vector(_) => Self::Vector(entries),
            Shape::Matrix(rows, columns) => Self::Matrix {
                rows,
                columns,
                entries,
            },
        }
    }

    /// Every entry through `function`.
    #[must_use]
    pub fn map<E>(&self, function: impl Fn(&D) -> E) -> Value<E> {
        match self {
            Self::Scalar(number) => Value::Scalar(function(number)),
            Self::Vector(entries) => Value::Vector(entries.iter().map(function).collect()),
            Self::Matrix {
                rows,
                columns,
                entries,
            } => Value::Matrix {
                rows: *rows,
                columns: *columns,
                entries: entries.iter().map(function).collect(),
            },
        }
    }
}

impl<D: Dual> From<D> for Value<D> {
    fn from(number: D) -> Self {
        Self::Scalar(number)
    }
}

/// Names with their values.
///
/// ```
/// use fisherinfo::expression::{Environment, Program, Value};
///
/// let point = Environment::new().with("n", 20.0).with("sigma2", 2.0);
/// assert_eq!(Program::parse("n/sigma2")?.evaluate(&point)?, Value::Scalar(10.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Environment<D> {
    values: BTreeMap<String, Value<D>>,
    /// The names whose values carry no derivative.
    known: BTreeSet<String>,
    /// Of numbers of which more digits are known than one double has, these.
    near: BTreeMap<String, Near>,
}

impl<D> Default for Environment<D> {
    fn default() -> Self {
        Self {
            values: BTreeMap::new(),
            known: BTreeSet::new(),
            near: BTreeMap::new(),
        }
    }
}

impl<D> Environment<D> {
    /// No names.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more name, or another value for it.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value<D>>) -> Self {
        self.insert(name, value);
        self
    }

    /// Gives a name a value, in the place of one that it had.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value<D>>) {
        let name = name.into();
        self.known.remove(&name);
        self.near.remove(&name);
        self.values.insert(name, value.into());
    }

    /// As [`Environment::insert`], for a value in which no derivative is taken: what is made of such
    /// values alone is computed in `f64`, where a derivative that is not wanted cannot overflow.
    ///
    /// ```
    /// use fisherinfo::expression::{Environment, Program, Value};
    /// use num_dual::HyperDual64;
    ///
    /// // The second derivative of ln x at 1e-200 overflows, and times zero it is no number.
    /// let program = Program::parse("a*log(x)")?;
    /// let mut environment = Environment::new().with("a", HyperDual64::from_re(2.0));
    /// environment.insert_known("x", HyperDual64::from_re(1e-200));
    /// let value = program.evaluate(&environment)?;
    /// assert!(matches!(value, Value::Scalar(v) if v.eps1eps2 == 0.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn insert_known(&mut self, name: impl Into<String>, value: impl Into<Value<D>>) {
        let name = name.into();
        self.known.insert(name.clone());
        self.near.remove(&name);
        self.values.insert(name, value.into());
    }

    /// As [`Environment::insert_known`], for the number base + offset of which more digits are known
    /// than one double has: sums, differences and products keep them, so that `1 - x` at
    /// x = 1 − 1e-30 is 1e-30.
    ///
    /// ```
    /// use fisherinfo::expression::{Environment, Program, Value};
    /// let mut environment = Environment::<f64>::new();
    /// environment.insert_known_near("x", 1.0, -1e-30);
    /// let value = Program::parse("log(1 - x)")?.evaluate(&environment)?;
    /// assert_eq!(value, Value::Scalar(1e-30_f64.ln()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn insert_known_near(&mut self, name: impl Into<String>, base: f64, offset: f64)
    where
        D: Dual,
    {
        let name = name.into();
        self.insert_known(name.clone(), D::from(base + offset));
        self.near.insert(name, Near { base, offset });
    }

    /// The digits of a number beyond one double, where they are known.
    pub(super) fn near(&self, name: &str) -> Option<Near> {
        self.near.get(name).copied()
    }

    /// Whether no derivative is taken in the value of a name.
    pub(super) fn is_known(&self, name: &str) -> bool {
        self.known.contains(name)
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<D>> {
        self.values.get(name)
    }

    /// The names and their values, in the order of the names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value<D>)> + Clone {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }
}
