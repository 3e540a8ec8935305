use super::Value;
use super::value::plain;

/// A finding held against another way to the same value.
///
/// ```
/// use fisherinfo_notebook::solution::Check;
/// let check = Check::close("area", "counting squares", 3.1, 3.0, 0.01);
/// assert!(!check.passed);
/// assert_eq!(check.detail, "3.1, and by counting squares 3 (allowed: 0.03)");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What is claimed.
    pub name: String,
    /// The other way.
    pub route: String,
    /// Do they agree?
    pub passed: bool,
    /// Both values, and how far apart they may be.
    pub detail: String,
}

impl Check {
    /// Two numbers that agree to a fraction of the one that is wanted.
    pub fn close(name: &str, route: &str, value: f64, wanted: f64, relative: f64) -> Self {
        Self::near(name, route, value, wanted, relative * wanted.abs())
    }

    /// Two numbers that agree to an absolute error.
    pub fn near(name: &str, route: &str, value: f64, wanted: f64, error: f64) -> Self {
        Self {
            name: name.into(),
            route: route.into(),
            // A NaN is not within any distance.
            passed: (value - wanted).abs() <= error,
            detail: format!(
                "{}, and by {route} {} (allowed: {})",
                plain(value),
                plain(wanted),
                rough(error)
            ),
        }
    }

    /// Two vectors that agree, entry by entry, to a fraction of the largest entry wanted.
    pub fn close_vectors(
        name: &str,
        route: &str,
        value: &[f64],
        wanted: &[f64],
        relative: f64,
    ) -> Self {
        let error = relative * largest(wanted);
        Self {
            name: name.into(),
            route: route.into(),
            passed: value.len() == wanted.len()
                && value
                    .iter()
                    .zip(wanted)
                    .all(|(a, b)| (a - b).abs() <= error),
            detail: format!(
                "{}, and by {route} {} (allowed: {})",
                Value::Vector(value.to_vec()),
                Value::Vector(wanted.to_vec()),
                rough(error)
            ),
        }
    }

    /// Two matrices that agree, entry by entry, to a fraction of the largest entry wanted.
    pub fn close_matrices(
        name: &str,
        route: &str,
        value: &[Vec<f64>],
        wanted: &[Vec<f64>],
        relative: f64,
    ) -> Self {
        let flat = |rows: &[Vec<f64>]| -> Vec<f64> { rows.concat() };
        let widths = |rows: &[Vec<f64>]| -> Vec<usize> { rows.iter().map(Vec::len).collect() };
        let mut check = Self::close_vectors(name, route, &flat(value), &flat(wanted), relative);
        check.passed &= widths(value) == widths(wanted);
        check.detail = format!(
            "{}, and by {route} {} (allowed: {})",
            Value::Matrix(value.to_vec()),
            Value::Matrix(wanted.to_vec()),
            rough(relative * largest(&flat(wanted)))
        );
        check
    }

    /// Two verdicts that are the same.
    pub fn same(name: &str, route: &str, value: &str, wanted: &str) -> Self {
        Self {
            name: name.into(),
            route: route.into(),
            passed: value == wanted,
            detail: format!("{value}, and by {route} {wanted}"),
        }
    }

    /// A claim about numbers that are not two sides of an equation.
    pub fn holds(name: &str, route: &str, passed: bool, detail: String) -> Self {
        Self {
            name: name.into(),
            route: route.into(),
            passed,
            detail,
        }
    }
}

fn largest(entries: &[f64]) -> f64 {
    entries.iter().fold(0.0, |a: f64, b| a.max(b.abs()))
}

/// Two significant digits.
fn rough(error: f64) -> String {
    let rounded: f64 = format!("{error:.1e}").parse().unwrap_or(error);
    plain(rounded)
}
