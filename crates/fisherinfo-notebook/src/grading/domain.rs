//! Where an answer has to be right.

use fisherinfo::expression::{Environment, Value};
use fisherinfo::special;
use rand::RngExt;

use super::Random;

/// A name that an answer may use, and the values it can have.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// The name.
    pub name: String,
    /// Its values.
    pub domain: Domain,
}

impl Variable {
    /// A name and its values.
    #[must_use]
    pub fn new(name: impl Into<String>, domain: Domain) -> Self {
        Self {
            name: name.into(),
            domain,
        }
    }
}

/// The values that a variable can have, and how they are drawn for a check.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Domain {
    /// The numbers between two, which do not belong to it; either may be infinite.
    Interval {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// The whole numbers between two, which belong to it.
    Integers {
        /// The smallest.
        low: i64,
        /// The largest.
        high: i64,
    },
    /// One of several values.
    Choice(Vec<Value<f64>>),
    /// Any number, those around `mean` being more frequent.
    Normal {
        /// The centre.
        mean: f64,
        /// The standard deviation.
        deviation: f64,
    },
    /// A vector whose entries are drawn independently.
    Vector {
        /// The number of entries.
        length: usize,
        /// The values of each.
        entries: Box<Domain>,
    },
    /// A matrix whose entries are drawn independently.
    Matrix {
        /// The number of rows.
        rows: usize,
        /// The number of columns.
        columns: usize,
        /// The values of each entry.
        entries: Box<Domain>,
    },
    /// A symmetric matrix with positive eigenvalues.
    PositiveDefinite {
        /// Its order.
        dimension: usize,
    },
}

impl Domain {
    /// The numbers between 0 and 1.
    #[must_use]
    pub fn probability() -> Self {
        Self::Interval {
            low: 0.0,
            high: 1.0,
        }
    }

    /// The numbers above 0.
    #[must_use]
    pub fn positive() -> Self {
        Self::Interval {
            low: 0.0,
            high: f64::INFINITY,
        }
    }

    /// All numbers.
    #[must_use]
    pub fn real() -> Self {
        Self::Interval {
            low: f64::NEG_INFINITY,
            high: f64::INFINITY,
        }
    }

    /// One of several numbers.
    #[must_use]
    pub fn choice(numbers: impl IntoIterator<Item = f64>) -> Self {
        Self::Choice(numbers.into_iter().map(Value::Scalar).collect())
    }

    /// Whether a number belongs to it.
    #[must_use]
    pub fn contains(&self, number: f64) -> bool {
        match self {
            Self::Interval { low, high } => *low < number && number < *high,
            Self::Integers { low, high } => {
                number.fract() == 0.0 && *low as f64 <= number && number <= *high as f64
            }
            Self::Choice(values) => values.contains(&Value::Scalar(number)),
            Self::Normal { .. } => number.is_finite(),
            _ => false,
        }
    }

    /// Draws a value. Numbers have few digits, so that a counter-example can be read and tried.
    pub(super) fn draw(&self, random: &mut Random) -> Value<f64> {
        match self {
            Self::Vector { length, entries } => {
                Value::Vector(draw_entries(entries, *length, random))
            }
            Self::Matrix {
                rows,
                columns,
                entries,
            } => Value::Matrix {
                rows: *rows,
                columns: *columns,
                entries: draw_entries(entries, rows * columns, random),
            },
            Self::PositiveDefinite { dimension } => positive_definite(*dimension, random),
            Self::Choice(values) if values.is_empty() => Value::Scalar(f64::NAN),
            Self::Choice(values) => values[random.random_range(0..values.len())].clone(),
            _ => Value::Scalar(self.draw_number(random)),
        }
    }

    fn draw_number(&self, random: &mut Random) -> f64 {
        match self {
            Self::Interval { low, high } => {
                let exact = match (low.is_finite(), high.is_finite()) {
                    (true, true) => low + (high - low) * uniform(random),
                    (true, false) => low + (1.2 * normal(random)).exp(),
                    (false, true) => high - (1.2 * normal(random)).exp(),
                    (false, false) => 3.0 * normal(random),
                };
                let short = three_digits(exact);
                if self.contains(short) { short } else { exact }
            }
            Self::Integers { low, high } if low <= high => random.random_range(*low..=*high) as f64,
            Self::Normal { mean, deviation } => three_digits(mean + deviation * normal(random)),
            other => match other.draw(random) {
                Value::Scalar(number) => number,
                _ => f64::NAN,
            },
        }
    }

    /// Numbers near the ends of it, where a formula that is right in the middle may fail; not so
    /// near that rounding would spoil an equivalent form.
    pub(super) fn near_ends(&self) -> Vec<f64> {
        let Self::Interval { low, high } = *self else {
            return Vec::new();
        };
        match (low.is_finite(), high.is_finite()) {
            (true, true) => {
                let width = high - low;
                [1e-2, 1e-3, 1e-4]
                    .iter()
                    .flat_map(|share| [low + share * width, high - share * width])
                    .collect()
            }
            (true, false) => vec![low + 1e-2, low + 1e2],
            (false, true) => vec![high - 1e-2, high - 1e2],
            (false, false) => vec![-10.0, 10.0],
        }
    }

    /// Numbers at which a wrong formula is often right by accident.
    pub(super) fn special(&self) -> Vec<f64> {
        let mut numbers = match self {
            Self::Choice(values) => values
                .iter()
                .filter_map(|value| match value {
                    Value::Scalar(number) => Some(*number),
                    _ => None,
                })
                .collect(),
            Self::Interval { low, high } if low.is_finite() && high.is_finite() => {
                vec![f64::midpoint(*low, *high)]
            }
            _ => Vec::new(),
        };
        numbers.extend([0.5, 1.0, 0.0, 2.0, -1.0, 0.25, 0.75, 10.0]);
        numbers.retain(|number| self.contains(*number));
        let mut seen = Vec::new();
        numbers.retain(|number| {
            let is_new = !seen.contains(number);
            seen.push(*number);
            is_new
        });
        numbers
    }
}

/// A value for every variable.
pub(super) fn draw_point(variables: &[Variable], random: &mut Random) -> Environment<f64> {
    let mut point = Environment::new();
    for variable in variables {
        point.insert(variable.name.clone(), variable.domain.draw(random));
    }
    point
}

fn draw_entries(domain: &Domain, count: usize, random: &mut Random) -> Vec<f64> {
    (0..count).map(|_| domain.draw_number(random)).collect()
}

/// B Bᵀ/d + I/4 of a d×d matrix B of normal numbers.
fn positive_definite(dimension: usize, random: &mut Random) -> Value<f64> {
    let factor: Vec<f64> = (0..dimension * dimension).map(|_| normal(random)).collect();
    let mut entries = vec![0.0; dimension * dimension];
    for row in 0..dimension {
        for column in 0..=row {
            let product: f64 = (0..dimension)
                .map(|k| factor[row * dimension + k] * factor[column * dimension + k])
                .sum();
            let ridge = if row == column { 0.25 } else { 0.0 };
            // Rounding moves an eigenvalue by less than the ridge.
            let entry = ((product / dimension as f64 + ridge) * 1000.0).round() / 1000.0;
            entries[row * dimension + column] = entry;
            entries[column * dimension + row] = entry;
        }
    }
    Value::Matrix {
        rows: dimension,
        columns: dimension,
        entries,
    }
}

/// Uniform on the open interval (0, 1).
fn uniform(random: &mut Random) -> f64 {
    loop {
        let number: f64 = random.random();
        if number > 0.0 {
            return number;
        }
    }
}

fn normal(random: &mut Random) -> f64 {
    special::normal_quantile(uniform(random))
}

/// The number to three significant digits.
fn three_digits(number: f64) -> f64 {
    format!("{number:.2e}").parse().unwrap_or(number)
}
