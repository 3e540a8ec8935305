//! What is done entry by entry, to numbers, vectors and matrices together.

use super::value::{Shape, Value};

/// What fits entry by entry.
pub(super) const FITS: &str = "entry by entry, the shapes must be equal, or one a number, or a vector have an entry for each row of a matrix";

/// The shape of what two shapes give entry by entry.
///
/// A vector goes with the rows of a matrix, also of a square one.
pub(super) fn broadcast(left: Shape, right: Shape) -> Option<Shape> {
    match (left, right) {
        (Shape::Scalar, other) | (other, Shape::Scalar) => Some(other),
        (Shape::Vector(length), matrix @ Shape::Matrix(rows, _))
        | (matrix @ Shape::Matrix(rows, _), Shape::Vector(length)) => {
            (length == rows).then_some(matrix)
        }
        _ => (left == right).then_some(left),
    }
}

/// The entry of `value` that meets entry `index` of a result of the shape `result`.
pub(super) fn entry<D: Copy>(value: &Value<D>, result: Shape, index: usize) -> D {
    match (value, result) {
        (Value::Scalar(number), _) => *number,
        (Value::Vector(entries), Shape::Matrix(_, columns)) => entries[index / columns],
        (Value::Vector(entries) | Value::Matrix { entries, .. }, _) => entries[index],
    }
}

/// `function` of the entries of two values that give the shape `result`.
pub(super) fn combine<D: Copy>(
    left: &Value<D>,
    right: &Value<D>,
    result: Shape,
    function: impl Fn(D, D) -> D,
) -> Value<D> {
    if let (Value::Scalar(x), Value::Scalar(y)) = (left, right) {
        return Value::Scalar(function(*x, *y));
    }
    let at = |index| function(entry(left, result, index), entry(right, result, index));
    Value::of_shape(result, (0..result.entries()).map(at).collect())
}
