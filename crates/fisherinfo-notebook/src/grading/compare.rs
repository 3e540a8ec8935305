//! Whether two values are the same up to rounding.

use fisherinfo::expression::{Shape, Value};

/// Beyond the tolerance, but near enough that rounding may be the reason.
pub(super) const NEAR: f64 = 1e-6;

/// The shape that counts: a value of one entry is a number, a matrix of one column a vector.
pub(super) fn plain_shape<D>(value: &Value<D>) -> Shape {
    match value.shape() {
        Shape::Vector(1) | Shape::Matrix(1, 1) => Shape::Scalar,
        Shape::Matrix(rows, 1) => Shape::Vector(rows),
        shape => shape,
    }
}

/// The value with the shape that counts.
pub(super) fn plain(value: Value<f64>) -> Value<f64> {
    match (plain_shape(&value), value) {
        (Shape::Scalar, value) => match value.entries() {
            [number] => Value::Scalar(*number),
            _ => value,
        },
        (Shape::Vector(_), Value::Matrix { entries, .. }) => Value::Vector(entries),
        (_, value) => value,
    }
}

/// The largest absolute entry; NaN if there is one.
pub(super) fn largest(entries: &[f64]) -> f64 {
    entries.iter().fold(0.0, |largest: f64, entry| {
        if entry.is_nan() || largest.is_nan() {
            f64::NAN
        } else {
            largest.max(entry.abs())
        }
    })
}

/// How far `found` is from `wanted`, relative to the size of `wanted` or of what is usual.
pub(super) fn distance(found: &[f64], wanted: &[f64], usual: f64) -> f64 {
    if found.len() != wanted.len() {
        return f64::INFINITY;
    }
    let difference: Vec<f64> = found.iter().zip(wanted).map(|(x, y)| x - y).collect();
    let difference = largest(&difference);
    let scale = largest(wanted) + 1e-3 * usual;
    if difference == 0.0 {
        0.0
    } else if difference.is_nan() {
        f64::INFINITY
    } else {
        difference / scale
    }
}

/// The median of finite numbers, 0 of none.
pub(super) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.retain(|number| number.is_finite());
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(0.0)
}
