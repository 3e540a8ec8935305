//! Where the values of the names lie among the parameters.

use super::error::TypedError;
use crate::dual::Dual;
use crate::expression::{Environment, Value};
use crate::family::Value as Given;
use crate::linear::{half_index, triangle};

/// The names of a typed density, each a run of the parameters or known.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    parameters: Vec<Entry>,
    known: Vec<(String, Value<f64>)>,
}

/// A layout with the point that the values give.
pub(super) struct LaidOut {
    pub(super) layout: Layout,
    /// θ.
    pub(super) theta: Vec<f64>,
    /// The name of every parameter, and the name that it is an entry of.
    pub(super) names: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
struct Entry {
    name: String,
    start: usize,
    shape: Arrangement,
}

/// How a run of parameters becomes a value.
#[derive(Clone, Copy, Debug)]
enum Arrangement {
    Number,
    Vector(usize),
    Matrix {
        rows: usize,
        columns: usize,
    },
    /// The lower triangle by columns.
    Symmetric(usize),
}

impl Arrangement {
    fn of(value: &Given) -> Self {
        match value {
            Given::Number(_) => Self::Number,
            Given::Vector(entries) => Self::Vector(entries.len()),
            Given::Matrix(rows) => {
                let size = rows.len();
                let columns = rows.first().map_or(0, Vec::len);
                let is_symmetric =
                    columns == size && (0..size).all(|i| (0..i).all(|j| rows[i][j] == rows[j][i]));
                if is_symmetric {
                    Self::Symmetric(size)
                } else {
                    Self::Matrix {
                        rows: size,
                        columns,
                    }
                }
            }
        }
    }

    fn count(self) -> usize {
        match self {
            Self::Number => 1,
            Self::Vector(length) => length,
            Self::Matrix { rows, columns } => rows * columns,
            Self::Symmetric(size) => triangle(size),
        }
    }

    /// Row and column, from 1, of the parameters in order.
    fn places(self) -> Vec<(usize, usize)> {
        match self {
            Self::Number | Self::Vector(_) => Vec::new(),
            Self::Matrix { rows, columns } => (1..=rows)
                .flat_map(|i| (1..=columns).map(move |j| (i, j)))
                .collect(),
            Self::Symmetric(size) => (1..=size)
                .flat_map(|j| (j..=size).map(move |i| (i, j)))
                .collect(),
        }
    }

    fn names(self, name: &str) -> Vec<String> {
        match self {
            Self::Number => vec![name.to_owned()],
            Self::Vector(length) => (1..=length).map(|i| format!("{name}[{i}]")).collect(),
            _ => self
                .places()
                .into_iter()
                .map(|(i, j)| format!("{name}[{i},{j}]"))
                .collect(),
        }
    }

    fn value<D: Dual>(self, entries: &[D]) -> Value<D> {
        match self {
            Self::Number => Value::Scalar(entries[0]),
            Self::Vector(_) => Value::Vector(entries.to_vec()),
            Self::Matrix { rows, columns } => Value::Matrix {
                rows,
                columns,
                entries: entries.to_vec(),
            },
            Self::Symmetric(size) => Value::Matrix {
                rows: size,
                columns: size,
                entries: (0..size)
                    .flat_map(|i| (0..size).map(move |j| entries[half_index(i, j, size)]))
                    .collect(),
            },
        }
    }

    /// The parameters of a value of this arrangement.
    fn flattened(self, value: &Given) -> Vec<f64> {
        match value {
            Given::Number(number) => vec![*number],
            Given::Vector(entries) => entries.clone(),
            Given::Matrix(rows) => self
                .places()
                .into_iter()
                .map(|(i, j)| rows[i - 1][j - 1])
                .collect(),
        }
    }
}

impl Layout {
    /// Lays values out, those that are known apart from the parameters.
    pub(super) fn lay_out(
        values: &[(String, Given)],
        is_known: impl Fn(&str) -> bool,
    ) -> Result<LaidOut, TypedError> {
        let mut layout = Self {
            parameters: Vec::new(),
            known: Vec::new(),
        };
        let (mut theta, mut names) = (Vec::new(), Vec::new());
        for (name, given) in values {
            let refused = |reason| TypedError::Value {
                name: name.clone(),
                value: given.to_string(),
                reason,
            };
            if let Given::Matrix(rows) = given
                && rows.iter().any(|row| row.len() != rows[0].len())
            {
                return Err(refused("the rows of a matrix have to be of one length"));
            }
            let shape = Arrangement::of(given);
            let entries = shape.flattened(given);
            if entries.iter().any(|entry| !entry.is_finite()) {
                return Err(refused("every number has to be finite"));
            }
            if is_known(name) {
                layout.known.push((name.clone(), shape.value(&entries)));
            } else {
                layout.parameters.push(Entry {
                    name: name.clone(),
                    start: theta.len(),
                    shape,
                });
                theta.extend(entries);
                names.extend(
                    shape
                        .names(name)
                        .into_iter()
                        .map(|entry| (entry, name.clone())),
                );
            }
        }
        Ok(LaidOut {
            layout,
            theta,
            names,
        })
    }

    /// Gives every name its value.
    pub(super) fn insert<D: Dual>(&self, theta: &[D], environment: &mut Environment<D>) {
        for entry in &self.parameters {
            let end = entry.start + entry.shape.count();
            environment.insert(
                entry.name.as_str(),
                entry.shape.value(&theta[entry.start..end]),
            );
        }
        for (name, value) in &self.known {
            environment.insert_known(name.as_str(), value.map(|x| D::from(*x)));
        }
    }

    /// The value of a name that stands for a number.
    pub(super) fn number(&self, name: &str, theta: &[f64]) -> Option<f64> {
        let parameter = self.parameters.iter().find(|entry| entry.name == name);
        match parameter {
            Some(entry) => matches!(entry.shape, Arrangement::Number).then(|| theta[entry.start]),
            None => self.known.iter().find_map(|(known, value)| match value {
                Value::Scalar(number) if known == name => Some(*number),
                _ => None,
            }),
        }
    }

    pub(super) fn known_numbers(&self) -> impl Iterator<Item = f64> {
        self.known
            .iter()
            .flat_map(|(_, value)| value.entries().iter().copied())
    }
}
