use super::{Model, ParameterError};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;
use winnow::ascii::{float, space0};
use winnow::combinator::{delimited, separated};
use winnow::error::ContextError;
use winnow::prelude::*;

/// A family in the catalogue: what it is called, and how it is built from named values.
#[derive(Debug)]
pub struct Entry {
    /// The name that a person types.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// One line on it.
    pub summary: &'static str,
    /// A call to copy, without the command: `bernoulli p=0.3`.
    pub example: &'static str,
    /// Is Jeffreys' prior of all its parameters a distribution? None where there is no information.
    /// The tests hold it against [`jeffreys::assess`](crate::jeffreys::assess).
    pub jeffreys_is_proper: Option<bool>,
    /// Builds the family and its point from named values.
    pub build: fn(&mut Arguments) -> Result<Instance, ArgumentError>,
}

/// A family at a point.
#[derive(Debug)]
pub struct Instance {
    /// The family.
    pub model: Box<dyn Model>,
    /// θ.
    pub theta: Vec<f64>,
}

impl Instance {
    /// A model at a point of its space.
    ///
    /// # Errors
    /// When the point is outside.
    pub fn new(model: impl Model + 'static, theta: Vec<f64>) -> Result<Self, ArgumentError> {
        model.space().check(&theta)?;
        Ok(Self {
            model: Box::new(model),
            theta,
        })
    }
}

/// A value that a person gives for a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `0.3`
    Number(f64),
    /// `[1, 2]`
    Vector(Vec<f64>),
    /// `[[2, 0.5], [0.5, 1]]`
    Matrix(Vec<Vec<f64>>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(v) => write!(f, "{v}"),
            Self::Vector(v) => write!(f, "{v:?}"),
            Self::Matrix(v) => write!(f, "{v:?}"),
        }
    }
}

impl FromStr for Value {
    type Err = ArgumentError;

    /// Reads `0.3`, `[1, 2]` or `[[2, 0.5], [0.5, 1]]`.
    ///
    /// ```
    /// use fisherinfo::family::Value;
    /// let matrix: Value = "[[2, 0.5], [0.5, 1]]".parse()?;
    /// assert_eq!(matrix, Value::Matrix(vec![vec![2.0, 0.5], vec![0.5, 1.0]]));
    /// assert!("[1, 2".parse::<Value>().is_err());
    /// # Ok::<(), fisherinfo::family::ArgumentError>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, ArgumentError> {
        let mut number = delimited(space0, float::<_, f64, ContextError>, space0);
        let mut vector = |input: &mut &str| {
            delimited(
                (space0, '['),
                separated(
                    1..,
                    delimited(space0, float::<_, f64, ContextError>, space0),
                    ',',
                ),
                (']', space0),
            )
            .parse_next(input)
        };
        let mut matrix = delimited((space0, '['), separated(1.., vector, ','), (']', space0));
        number
            .parse(text)
            .map(Self::Number)
            .or_else(|_| vector.parse(text).map(Self::Vector))
            .or_else(|_| matrix.parse(text).map(Self::Matrix))
            .map_err(|_| ArgumentError::Unreadable { text: text.into() })
    }
}

/// What is wrong with the values given for a family.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ArgumentError {
    /// A parameter without a value.
    #[error("{name} is missing: give it as {name}={example}")]
    Missing {
        /// The parameter.
        name: String,
        /// A value to copy.
        example: String,
    },
    /// A text that is no value.
    #[error(
        "`{text}` is not a value: write a number, [a, b] for a vector, or [[a, b], [b, c]] for a matrix"
    )]
    Unreadable {
        /// The text.
        text: String,
    },
    /// A name that the family does not have.
    #[error("{name} is not a parameter of this family, which has: {known}")]
    Unknown {
        /// The name given.
        name: String,
        /// The names it has.
        known: String,
    },
    /// A value given twice.
    #[error("{name} is given twice")]
    Twice {
        /// The parameter.
        name: String,
    },
    /// A value of the wrong kind or range.
    #[error("{name}={value}: {name} has to be {wanted}")]
    Wanted {
        /// The parameter.
        name: String,
        /// The value given.
        value: String,
        /// What it has to be.
        wanted: String,
    },
    /// A point outside the parameter space.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
}

/// Named values, taken one by one by the family that is built from them.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    given: Vec<(String, Value)>,
    asked: Vec<String>,
}

impl Arguments {
    /// Named values in the order given.
    ///
    /// # Errors
    /// When a name appears twice.
    pub fn new(given: Vec<(String, Value)>) -> Result<Self, ArgumentError> {
        for (i, (name, _)) in given.iter().enumerate() {
            if given[..i].iter().any(|(earlier, _)| earlier == name) {
                return Err(ArgumentError::Twice { name: name.clone() });
            }
        }
        Ok(Self {
            given,
            asked: Vec::new(),
        })
    }

    fn take(&mut self, name: &str, example: &str) -> Result<Value, ArgumentError> {
        self.asked.push(name.into());
        match self.given.iter().position(|(given, _)| given == name) {
            Some(at) => Ok(self.given.remove(at).1),
            None => Err(ArgumentError::Missing {
                name: name.into(),
                example: example.into(),
            }),
        }
    }

    fn wanted(name: &str, value: &Value, wanted: &str) -> ArgumentError {
        ArgumentError::Wanted {
            name: name.into(),
            value: value.to_string(),
            wanted: wanted.into(),
        }
    }

    /// A number.
    ///
    /// # Errors
    /// When it is missing or of another kind.
    pub fn number(&mut self, name: &str) -> Result<f64, ArgumentError> {
        match self.take(name, "0.5")? {
            Value::Number(v) => Ok(v),
            other => Err(Self::wanted(name, &other, "a number")),
        }
    }

    /// A finite number above zero.
    ///
    /// # Errors
    /// When it is missing, of another kind, or out of range.
    pub fn positive(&mut self, name: &str) -> Result<f64, ArgumentError> {
        match self.take(name, "2")? {
            Value::Number(v) if v > 0.0 && v.is_finite() => Ok(v),
            other => Err(Self::wanted(name, &other, "a finite number > 0")),
        }
    }

    /// A whole number from `least` up.
    ///
    /// # Errors
    /// When it is missing, of another kind, not whole, or too small.
    pub fn count(&mut self, name: &str, least: u64) -> Result<u64, ArgumentError> {
        let wanted = format!("a whole number from {least} to {}", 1_u64 << 53);
        match self.take(name, "10")? {
            Value::Number(v)
                if v.fract() == 0.0 && v >= least as f64 && v <= (1_u64 << 53) as f64 =>
            {
                Ok(v as u64)
            }
            other => Err(Self::wanted(name, &other, &wanted)),
        }
    }

    /// A vector.
    ///
    /// # Errors
    /// When it is missing, empty, or of another kind.
    pub fn vector(&mut self, name: &str) -> Result<Vec<f64>, ArgumentError> {
        match self.take(name, "[0.2,0.8]")? {
            Value::Vector(v) if !v.is_empty() => Ok(v),
            other => Err(Self::wanted(name, &other, "a vector such as [0.2,0.8]")),
        }
    }

    /// A symmetric matrix, with `dimension` rows where that is given, as its lower triangle by
    /// columns.
    ///
    /// # Errors
    /// When it is missing, of another kind or shape, or not symmetric.
    pub fn symmetric_matrix(
        &mut self,
        name: &str,
        dimension: Option<usize>,
    ) -> Result<Vec<f64>, ArgumentError> {
        let value = self.take(name, "[[2,0.5],[0.5,1]]")?;
        let Value::Matrix(rows) = &value else {
            return Err(Self::wanted(
                name,
                &value,
                "a matrix such as [[2,0.5],[0.5,1]]",
            ));
        };
        let size = dimension.unwrap_or(rows.len());
        if rows.len() != size || rows.iter().any(|row| row.len() != size) {
            let wanted = match dimension {
                Some(d) => format!("a {d} × {d} matrix, as the mean has {d} entries"),
                None => "a square matrix".into(),
            };
            return Err(Self::wanted(name, &value, &wanted));
        }
        let mut triangle = Vec::new();
        for column in 0..size {
            for row in column..size {
                if rows[row][column] != rows[column][row] {
                    let wanted = format!(
                        "symmetric; the entries ({}, {}) and ({}, {}) differ",
                        row + 1,
                        column + 1,
                        column + 1,
                        row + 1
                    );
                    return Err(Self::wanted(name, &value, &wanted));
                }
                triangle.push(rows[row][column]);
            }
        }
        Ok(triangle)
    }

    /// Probabilities of all categories, which sum to one: returned without the last.
    ///
    /// # Errors
    /// When there are fewer than two or they do not sum to one.
    pub fn probabilities(&mut self, name: &str) -> Result<Vec<f64>, ArgumentError> {
        let mut all = self.vector(name)?;
        let sum: f64 = all.iter().sum();
        if all.len() < 2 || (sum - 1.0).abs() > 1e-9 {
            let wanted = format!("at least two probabilities that sum to 1 (these sum to {sum})");
            return Err(Self::wanted(name, &Value::Vector(all), &wanted));
        }
        all.pop();
        Ok(all)
    }

    /// Says that nothing may be left.
    ///
    /// # Errors
    /// Names a value that no parameter took.
    pub fn finish(&self) -> Result<(), ArgumentError> {
        match self.given.first() {
            None => Ok(()),
            Some((name, _)) => Err(ArgumentError::Unknown {
                name: name.clone(),
                known: self.asked.join(", "),
            }),
        }
    }
}

impl Entry {
    /// The family at the point that the values give.
    ///
    /// # Errors
    /// A value that is missing, unknown, given twice, of the wrong kind, or outside the space.
    ///
    /// ```
    /// use fisherinfo::family::{Arguments, Value, find};
    /// let entry = find("bernoulli").ok_or("no such family")?;
    /// let coin = entry.instance(Arguments::new(vec![("p".into(), Value::Number(0.3))])?)?;
    /// assert_eq!(coin.theta, vec![0.3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn instance(&self, mut arguments: Arguments) -> Result<Instance, ArgumentError> {
        let built = (self.build)(&mut arguments);
        match (built, arguments.finish()) {
            // A name the family does not have explains a missing one better than the reverse.
            (Ok(_) | Err(ArgumentError::Missing { .. }), Err(unknown)) => Err(unknown),
            (built, _) => built,
        }
    }
}

/// The family called `name`, by its name or an alias, in any case.
pub fn find(name: &str) -> Option<&'static Entry> {
    let name = name.to_lowercase().replace('_', "-");
    super::CATALOGUE
        .iter()
        .copied()
        .find(|entry| entry.name == name || entry.aliases.contains(&name.as_str()))
}
