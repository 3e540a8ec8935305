//! Products, transposes, lists and entries of vectors and matrices.

use super::budget::Meter;
use super::evaluate::Item;
use super::evaluation_error::EvaluationProblem as Problem;
use super::matrix;
use super::value::{Shape, Value};
use crate::dual::Dual;

/// The matrix product, a vector being a row or a column as it fits.
pub(super) fn product<D: Dual>(
    left: &Value<D>,
    right: &Value<D>,
    meter: &mut Meter<'_>,
) -> Result<Value<D>, Problem> {
    let (shapes, unfit) = ((left.shape(), right.shape()), |remedy| Problem::Shapes {
        operator: "@",
        left: left.shape(),
        right: right.shape(),
        remedy,
    });
    // The result, the sum's length, and the columns on the right.
    let (shape, inner, columns) = match shapes {
        (Shape::Scalar, _) | (_, Shape::Scalar) => {
            return Err(unfit("a product with a number is written `*`"));
        }
        (Shape::Vector(n), Shape::Vector(m)) if n == m => (Shape::Scalar, n, 1),
        (Shape::Vector(_), Shape::Vector(_)) => {
            return Err(unfit("the vectors must have equally many entries"));
        }
        (Shape::Matrix(1, m), Shape::Vector(n)) if m == n => (Shape::Scalar, n, 1),
        (Shape::Matrix(rows, m), Shape::Vector(n)) if m == n => (Shape::Vector(rows), n, 1),
        (Shape::Matrix(..), Shape::Vector(_)) => {
            return Err(unfit(
                "the vector must have an entry for each column of the matrix",
            ));
        }
        (Shape::Vector(n), Shape::Matrix(m, columns)) if n == m => {
            (Shape::Vector(columns), n, columns)
        }
        (Shape::Vector(n), Shape::Matrix(1, columns)) => (Shape::Matrix(n, columns), 1, columns),
        (Shape::Vector(_), Shape::Matrix(..)) => {
            return Err(unfit(
                "the vector must have an entry for each row of the matrix",
            ));
        }
        (Shape::Matrix(rows, n), Shape::Matrix(m, columns)) if n == m => {
            (Shape::Matrix(rows, columns), n, columns)
        }
        (Shape::Matrix(..), Shape::Matrix(..)) => {
            return Err(unfit(
                "the columns on the left must be as many as the rows on the right",
            ));
        }
    };
    meter.claim(shape)?;
    meter.spend((shape.entries() as u64).saturating_mul(inner as u64))?;
    if shape == Shape::Scalar {
        return Ok(Value::Scalar(matrix::dot(left.entries(), right.entries())));
    }
    let mut entries = matrix::product(left.entries(), right.entries(), inner, columns);
    // A sum of nothing.
    entries.resize(shape.entries(), D::zero());
    Ok(Value::of_shape(shape, entries))
}

pub(super) fn transpose<D: Dual>(
    value: &Value<D>,
    meter: &mut Meter<'_>,
) -> Result<Value<D>, Problem> {
    let shape = match value.shape() {
        Shape::Scalar => Shape::Scalar,
        Shape::Vector(length) => Shape::Matrix(1, length),
        Shape::Matrix(rows, columns) => Shape::Matrix(columns, rows),
    };
    meter.claim(shape)?;
    Ok(match value {
        Value::Scalar(number) => Value::Scalar(*number),
        Value::Vector(entries) => Value::of_shape(shape, entries.clone()),
        Value::Matrix {
            columns, entries, ..
        } => Value::of_shape(shape, matrix::transpose(entries, *columns)),
    })
}

/// A vector of numbers, or a matrix of vectors as its rows.
pub(super) fn list<D: Dual>(
    items: &[Item<'_, D>],
    meter: &mut Meter<'_>,
) -> Result<Value<D>, Problem> {
    let first = items
        .first()
        .map_or(Shape::Scalar, |item| item.value.shape());
    let misfit = items
        .iter()
        .map(|item| item.value.shape())
        .find(|shape| *shape != first || matches!(shape, Shape::Matrix(..)));
    if let Some(other) = misfit {
        return Err(Problem::Ragged { first, other });
    }
    let shape = match first {
        Shape::Vector(columns) => Shape::Matrix(items.len(), columns),
        _ => Shape::Vector(items.len()),
    };
    meter.claim(shape)?;
    let entries = items
        .iter()
        .flat_map(|item| item.value.entries())
        .copied()
        .collect();
    Ok(Value::of_shape(shape, entries))
}

/// An entry of a vector or matrix, or a row of a matrix.
pub(super) fn index<D: Dual>(
    value: &Value<D>,
    indices: &[Item<'_, D>],
    meter: &mut Meter<'_>,
) -> Result<Value<D>, Problem> {
    let at = |item: &Item<'_, D>, largest| whole(&item.value, "an index here", largest);
    match (value, indices) {
        (Value::Vector(entries), [index]) => {
            meter.claim(Shape::Scalar)?;
            Ok(Value::Scalar(entries[at(index, entries.len())? - 1]))
        }
        (
            Value::Matrix {
                rows,
                columns,
                entries,
            },
            [row],
        ) => {
            let start = (at(row, *rows)? - 1) * columns;
            meter.claim(Shape::Vector(*columns))?;
            Ok(Value::Vector(entries[start..start + columns].to_vec()))
        }
        (
            Value::Matrix {
                rows,
                columns,
                entries,
            },
            [row, column],
        ) => {
            meter.claim(Shape::Scalar)?;
            let place = (at(row, *rows)? - 1) * columns + at(column, *columns)? - 1;
            Ok(Value::Scalar(entries[place]))
        }
        _ => Err(Problem::Argument {
            function: "[ ]",
            expected: if indices.len() == 1 {
                "a vector or a matrix before it"
            } else {
                "a matrix before it"
            },
            found: value.shape(),
        }),
    }
}

/// A whole number from 1 to `largest`.
pub(super) fn whole<D: Dual>(
    value: &Value<D>,
    what: &'static str,
    largest: usize,
) -> Result<usize, Problem> {
    let found = match value {
        Value::Scalar(number) => {
            let number = number.re();
            if number.fract() == 0.0 && number >= 1.0 && number <= largest as f64 {
                return Ok(number as usize);
            }
            super::number_text(number)
        }
        other => other.shape().to_string(),
    };
    Err(Problem::WholeNumber {
        what,
        largest,
        found,
    })
}
