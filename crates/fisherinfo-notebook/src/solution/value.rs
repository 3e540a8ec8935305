use faer::MatRef;
use std::fmt;

/// The value of a finding.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// One number a parameter.
    Vector(Vec<f64>),
    /// A vector of which only the line it lies on matters: its sign is free.
    Direction(Vec<f64>),
    /// A matrix, row by row.
    Matrix(Vec<Vec<f64>>),
    /// A decision in words: `proper`, `improper`.
    Verdict(String),
}

impl Value {
    /// What kind of value it is, in a word.
    pub fn shape(&self) -> &'static str {
        match self {
            Self::Number(_) => "number",
            Self::Vector(_) => "vector",
            Self::Direction(_) => "direction",
            Self::Matrix(_) => "matrix",
            Self::Verdict(_) => "verdict",
        }
    }

    /// As JSON: ±∞ is the string `"Infinity"` or `"-Infinity"`, what is not defined is `null`.
    ///
    /// ```
    /// use fisherinfo_notebook::solution::Value;
    /// let value = Value::Vector(vec![1.5, f64::INFINITY]);
    /// assert_eq!(value.json().to_string(), r#"[1.5,"Infinity"]"#);
    /// ```
    pub fn json(&self) -> serde_json::Value {
        match self {
            Self::Number(number) => json_number(*number),
            Self::Vector(entries) | Self::Direction(entries) => {
                entries.iter().copied().map(json_number).collect()
            }
            Self::Matrix(rows) => rows
                .iter()
                .map(|row| {
                    row.iter()
                        .copied()
                        .map(json_number)
                        .collect::<serde_json::Value>()
                })
                .collect(),
            Self::Verdict(text) => serde_json::Value::from(text.as_str()),
        }
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<Vec<f64>> for Value {
    fn from(entries: Vec<f64>) -> Self {
        Self::Vector(entries)
    }
}

impl<const N: usize> From<[f64; N]> for Value {
    fn from(entries: [f64; N]) -> Self {
        Self::Vector(entries.to_vec())
    }
}

impl From<MatRef<'_, f64>> for Value {
    fn from(matrix: MatRef<'_, f64>) -> Self {
        Self::Matrix(
            (0..matrix.nrows())
                .map(|i| (0..matrix.ncols()).map(|j| matrix[(i, j)]).collect())
                .collect(),
        )
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Verdict(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Verdict(text)
    }
}

/// A JSON number; ∞ as a string, what is not defined as null.
pub(crate) fn json_number(number: f64) -> serde_json::Value {
    if number.is_infinite() {
        serde_json::Value::from(if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        })
    } else {
        serde_json::Value::from(number)
    }
}

/// A number as people write it: ten significant digits, no trailing zeros, scientific where that
/// is shorter.
///
/// ```
/// use fisherinfo_notebook::solution::plain;
/// assert_eq!((plain(0.1 + 0.2), plain(-1e-12)), ("0.3".into(), "−1e−12".into()));
/// ```
pub fn plain(number: f64) -> String {
    if !number.is_finite() || number == 0.0 {
        return match number {
            n if n.is_nan() => "undefined".into(),
            0.0 => "0".into(),
            n if n > 0.0 => "∞".into(),
            _ => "−∞".into(),
        };
    }
    let rounded: f64 = format!("{number:.9e}").parse().unwrap_or(number);
    let text = if (1e-4..1e10).contains(&rounded.abs()) {
        format!("{rounded}")
    } else {
        format!("{rounded:e}")
    };
    text.replace('-', "−")
}

impl fmt::Display for Value {
    /// Ten significant digits: `[1.5, ∞]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |entries: &[f64]| {
            let texts: Vec<String> = entries.iter().copied().map(plain).collect();
            format!("[{}]", texts.join(", "))
        };
        match self {
            Self::Number(number) => f.write_str(&plain(*number)),
            Self::Vector(entries) | Self::Direction(entries) => f.write_str(&list(entries)),
            Self::Matrix(rows) => {
                let rows: Vec<String> = rows.iter().map(|row| list(row)).collect();
                write!(f, "[{}]", rows.join(", "))
            }
            Self::Verdict(text) => f.write_str(text),
        }
    }
}
