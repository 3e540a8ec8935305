use super::value::plain;
use fisherinfo::expression::nearest_names;
use std::fmt;
use thiserror::Error;

/// Which numbers an input may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// Any number in the range.
    Real,
    /// A whole number in the range.
    Count,
}

/// A number that a reader may vary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Input {
    /// Its name, as typed: `--p 0.4`.
    pub name: &'static str,
    /// Its symbol in LaTeX.
    pub symbol: &'static str,
    /// What it is when nothing is said.
    pub default: f64,
    /// The least and the greatest value it may take, both included.
    pub range: (f64, f64),
    /// Real or whole.
    pub kind: InputKind,
    /// What it is.
    pub description: &'static str,
}

impl Input {
    /// A real input.
    pub const fn real(
        name: &'static str,
        symbol: &'static str,
        default: f64,
        range: (f64, f64),
        description: &'static str,
    ) -> Self {
        Self {
            name,
            symbol,
            default,
            range,
            kind: InputKind::Real,
            description,
        }
    }

    /// A whole number.
    pub const fn count(
        name: &'static str,
        symbol: &'static str,
        default: u32,
        range: (u32, u32),
        description: &'static str,
    ) -> Self {
        Self {
            name,
            symbol,
            default: default as f64,
            range: (range.0 as f64, range.1 as f64),
            kind: InputKind::Count,
            description,
        }
    }
}

/// What is wrong with an input.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum InputError {
    /// A name that the exercise does not have.
    #[error("there is no input «{name}»{}; {}", suggestion(near), available(names))]
    Unknown {
        /// What was given.
        name: String,
        /// Names it may be a slip of.
        near: Vec<String>,
        /// The names that there are.
        names: Vec<&'static str>,
    },
    /// A value outside the range.
    #[error("{name} = {} is outside its range; give a number from {} to {}", plain(*value), plain(range.0), plain(range.1))]
    Range {
        /// The input.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What it may be.
        range: (f64, f64),
    },
    /// A fraction where a whole number is needed.
    #[error("{name} = {} is not a whole number", plain(*value))]
    NotWhole {
        /// The input.
        name: &'static str,
        /// What was given.
        value: f64,
    },
    /// Values that are each in range and do not go together.
    #[error("{reason}")]
    Together {
        /// Why, and what to do.
        reason: String,
    },
}

fn suggestion(near: &[String]) -> String {
    if near.is_empty() {
        String::new()
    } else {
        format!(" (do you mean {}?)", near.join(" or "))
    }
}

fn available(names: &[&str]) -> String {
    if names.is_empty() {
        "this exercise has no inputs".into()
    } else {
        format!("the inputs are {}", names.join(", "))
    }
}

/// Values of all inputs of an exercise.
///
/// ```
/// use fisherinfo_notebook::course::course;
/// let inputs = course().exercise(2)?.inputs();
/// assert_eq!(inputs.number("n")?, 20.0);
/// assert_eq!(inputs.with("n", 50.0)?.count("n")?, 50);
/// let error = course().exercise(2)?.inputs().with("n", 2.5).unwrap_err();
/// assert_eq!(error.to_string(), "n = 2.5 is not a whole number");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Inputs {
    specification: &'static [Input],
    values: Vec<f64>,
}

impl Inputs {
    /// All inputs at their defaults.
    pub fn defaults(specification: &'static [Input]) -> Self {
        Self {
            specification,
            values: specification.iter().map(|input| input.default).collect(),
        }
    }

    /// The same with another value under a name.
    ///
    /// # Errors
    /// A name that is not there; a value outside the range; a fraction for a count.
    pub fn with(mut self, name: &str, value: f64) -> Result<Self, InputError> {
        let index = self.index(name)?;
        let input = &self.specification[index];
        if !(input.range.0 <= value && value <= input.range.1) {
            return Err(InputError::Range {
                name: input.name,
                value,
                range: input.range,
            });
        }
        if input.kind == InputKind::Count && value.fract() != 0.0 {
            return Err(InputError::NotWhole {
                name: input.name,
                value,
            });
        }
        self.values[index] = value;
        Ok(self)
    }

    /// The value under a name.
    ///
    /// # Errors
    /// When there is none.
    pub fn number(&self, name: &str) -> Result<f64, InputError> {
        Ok(self.values[self.index(name)?])
    }

    /// Two values, as a vector.
    ///
    /// # Errors
    /// When one is not there.
    pub fn pair(&self, first: &str, second: &str) -> Result<[f64; 2], InputError> {
        Ok([self.number(first)?, self.number(second)?])
    }

    /// A whole number.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn count(&self, name: &str) -> Result<usize, InputError> {
        // The ranges of counts hold whole numbers ≥ 0 only.
        Ok(self.number(name)? as usize)
    }

    /// Is the input of this name where it is when nothing is said?
    pub fn is_default(&self, name: &str) -> bool {
        self.iter()
            .any(|(input, value)| input.name == name && input.default == value)
    }

    /// Every input with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Input, f64)> + '_ {
        self.specification.iter().zip(self.values.iter().copied())
    }

    fn index(&self, name: &str) -> Result<usize, InputError> {
        self.specification
            .iter()
            .position(|input| input.name == name)
            .ok_or_else(|| {
                let names: Vec<&'static str> =
                    self.specification.iter().map(|input| input.name).collect();
                InputError::Unknown {
                    near: nearest_names(name, names.iter().copied()),
                    name: name.into(),
                    names,
                }
            })
    }
}

impl fmt::Display for Inputs {
    /// `p = 0.4, delta = 0.01`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (input, value)) in self.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{} = {}", input.name, plain(value))?;
        }
        Ok(())
    }
}
