//! The functions of whole vectors and matrices, evaluated.

use super::array_functions::ArrayFunction;
use super::arrays;
use super::budget::{ARITHMETIC, Meter};
use super::evaluate::Item;
use super::evaluation_error::EvaluationProblem as Problem;
use super::matrix;
use super::value::{Shape, Value};
use crate::dual::Dual;

/// A function of whole vectors and matrices.
pub(super) fn array_call<D: Dual>(
    function: ArrayFunction,
    operands: &[Item<'_, D>],
    meter: &mut Meter<'_>,
) -> Result<Value<D>, Problem> {
    use ArrayFunction as F;
    let (value, second) = match operands {
        [value] => (&*value.value, None),
        [value, second, ..] => (&*value.value, Some(&*second.value)),
        [] => return Ok(Value::Scalar(D::from(f64::NAN))),
    };
    let unfit = |expected| {
        Err(Problem::Argument {
            function: function.name(),
            expected,
            found: value.shape(),
        })
    };
    let entries = value.entries();
    meter.spend((entries.len() as u64).saturating_mul(ARITHMETIC))?;
    let scalar = |number: D| Ok(Value::Scalar(number));
    let sum = |entries: &[D]| entries.iter().fold(D::zero(), |sum, x| sum + *x);
    match function {
        F::Sum => scalar(sum(entries)),
        F::Mean => scalar(sum(entries) / entries.len() as f64),
        F::Norm => scalar(matrix::dot(entries, entries).sqrt()),
        F::Length => match value.shape() {
            Shape::Scalar => unfit("a vector or a matrix"),
            Shape::Vector(length) | Shape::Matrix(length, _) => scalar(D::from(length as f64)),
        },
        F::Rows | F::Columns => match value.shape() {
            Shape::Matrix(rows, columns) => {
                let count = if function == F::Rows { rows } else { columns };
                scalar(D::from(count as f64))
            }
            _ => unfit("a matrix"),
        },
        F::RowSum | F::RowMean | F::ColumnSum | F::ColumnMean => {
            let Shape::Matrix(rows, columns) = value.shape() else {
                return unfit("a matrix");
            };
            let by_row = matches!(function, F::RowSum | F::RowMean);
            let (count, terms) = if by_row {
                (rows, columns)
            } else {
                (columns, rows)
            };
            meter.claim(Shape::Vector(count))?;
            let mut sums = vec![D::zero(); count];
            for (index, x) in entries.iter().enumerate() {
                sums[if by_row {
                    index / columns
                } else {
                    index % columns
                }] += *x;
            }
            if matches!(function, F::RowMean | F::ColumnMean) {
                for entry in &mut sums {
                    *entry /= terms as f64;
                }
            }
            Ok(Value::Vector(sums))
        }
        F::Diagonal => match value.shape() {
            Shape::Vector(length) => {
                let shape = Shape::Matrix(length, length);
                meter.claim(shape)?;
                Ok(Value::of_shape(shape, matrix::diagonal(entries)))
            }
            Shape::Matrix(rows, columns) => {
                let length = rows.min(columns);
                meter.claim(Shape::Vector(length))?;
                let at = |index| entries[index * (columns + 1)];
                Ok(Value::Vector((0..length).map(at).collect()))
            }
            Shape::Scalar => unfit("a vector or a matrix"),
        },
        F::Transpose => arrays::transpose(value, meter),
        F::Identity | F::Ones => {
            let size = arrays::whole(value, "a size", u32::MAX as usize)?;
            if function == F::Ones {
                meter.claim(Shape::Vector(size))?;
                return Ok(Value::Vector(vec![D::one(); size]));
            }
            let shape = Shape::Matrix(size, size);
            meter.claim(shape)?;
            Ok(Value::of_shape(shape, matrix::identity(size)))
        }
        F::Outer | F::Dot => {
            let Some(other) = second else {
                return unfit("two vectors");
            };
            match (value, other) {
                (Value::Vector(left), Value::Vector(right)) if function == F::Outer => {
                    let shape = Shape::Matrix(left.len(), right.len());
                    meter.claim(shape)?;
                    Ok(Value::of_shape(
                        shape,
                        matrix::product(left, right, 1, right.len()),
                    ))
                }
                (Value::Vector(left), Value::Vector(right)) if left.len() == right.len() => {
                    scalar(matrix::dot(left, right))
                }
                _ => Err(Problem::Shapes {
                    operator: function.name(),
                    left: value.shape(),
                    right: other.shape(),
                    remedy: if function == F::Outer {
                        "it takes two vectors"
                    } else {
                        "it takes two vectors of equally many entries"
                    },
                }),
            }
        }
        F::Inverse | F::Solve | F::Determinant | F::Trace => {
            let dimension = match value.shape() {
                Shape::Scalar => 1,
                Shape::Matrix(rows, columns) if rows == columns => rows,
                _ => return unfit("a square matrix"),
            };
            square(function, value, second, dimension, meter)
        }
    }
}

/// A function of a square matrix, or of a number as a matrix of one entry.
fn square<D: Dual>(
    function: ArrayFunction,
    value: &Value<D>,
    second: Option<&Value<D>>,
    dimension: usize,
    meter: &mut Meter<'_>,
) -> Result<Value<D>, Problem> {
    let entries = value.entries();
    let shape = value.shape();
    let order = dimension as u64;
    let elimination = |columns: usize| {
        order
            .saturating_mul(order)
            .saturating_mul(order.saturating_add(columns as u64))
    };
    match (function, second) {
        (ArrayFunction::Trace, _) => {
            let diagonal = entries.iter().step_by(dimension + 1);
            Ok(Value::Scalar(diagonal.fold(D::zero(), |sum, x| sum + *x)))
        }
        (ArrayFunction::Determinant, _) => {
            meter.spend(elimination(0))?;
            Ok(Value::Scalar(matrix::solve(entries, &[], 0).1))
        }
        (ArrayFunction::Solve, Some(right)) => {
            let columns = match right.shape() {
                Shape::Scalar if dimension == 1 => 1,
                Shape::Vector(rows) if rows == dimension => 1,
                Shape::Matrix(rows, columns) if rows == dimension => columns,
                other => {
                    return Err(Problem::Shapes {
                        operator: "solve",
                        left: shape,
                        right: other,
                        remedy: "the right-hand side must have a row for each row of the matrix",
                    });
                }
            };
            meter.claim(right.shape())?;
            meter.spend(elimination(columns))?;
            let (solution, _) = matrix::solve(entries, right.entries(), columns);
            Ok(match (right.shape(), solution.as_slice()) {
                (Shape::Scalar, [number]) => Value::Scalar(*number),
                (right, _) => Value::of_shape(right, solution),
            })
        }
        _ => {
            if let Value::Scalar(number) = value {
                meter.claim(shape)?;
                return Ok(Value::Scalar(number.recip()));
            }
            meter.claim(shape)?;
            meter.spend(elimination(dimension))?;
            let identity = matrix::identity(dimension);
            let (inverse, _) = matrix::solve(entries, &identity, dimension);
            Ok(Value::of_shape(shape, inverse))
        }
    }
}
