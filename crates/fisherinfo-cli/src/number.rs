//! Numbers for people and for programs.

use serde_json::Value;

/// Eight significant digits without trailing zeros; scientific where that is shorter.
pub(crate) fn plain(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    if value.is_nan() {
        return "–".into();
    }
    if value.is_infinite() {
        return if value > 0.0 {
            "∞".into()
        } else {
            "−∞".into()
        };
    }
    let rounded: f64 = format!("{value:.7e}").parse().unwrap_or(value);
    if (1e-4..1e9).contains(&rounded.abs()) {
        format!("{rounded}")
    } else {
        format!("{rounded:e}")
    }
}

/// Two significant digits, for errors.
pub(crate) fn rough(value: f64) -> String {
    if value == 0.0 {
        "0".into()
    } else {
        format!("{value:.1e}")
    }
}

/// A JSON number; ∞ as the string "Infinity", what is not defined as null.
pub(crate) fn json(value: f64) -> Value {
    if value.is_infinite() {
        Value::from(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        Value::from(value)
    }
}

/// A JSON array of numbers.
pub(crate) fn json_list(values: &[f64]) -> Value {
    values.iter().copied().map(json).collect()
}

/// A JSON array of the rows of a matrix.
pub(crate) fn json_matrix(matrix: faer::MatRef<'_, f64>) -> Value {
    (0..matrix.nrows())
        .map(|i| {
            (0..matrix.ncols())
                .map(|j| json(matrix[(i, j)]))
                .collect::<Value>()
        })
        .collect()
}
