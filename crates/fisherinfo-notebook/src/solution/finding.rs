use super::{SolutionError, Value};

/// A figure of merit: a named value, and what it means.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Its name, unlike any other of the same exercise.
    pub name: &'static str,
    /// What came out.
    pub value: Value,
    /// What it means, in one sentence.
    pub meaning: &'static str,
}

/// The results of a solution, in order.
///
/// ```
/// use fisherinfo_notebook::solution::{Findings, Value};
/// let findings = Findings::new()
///     .with("information", 4.0, "of one toss of a fair coin")
///     .with("prior", "proper", "whether its mass is finite");
/// assert_eq!(findings.number("information")?, 4.0);
/// // A wrong one in its place, as the tests of the checks do.
/// let wrong = findings.replaced("information", Value::Number(2.0));
/// assert_eq!(wrong.number("information")?, 2.0);
/// # Ok::<(), fisherinfo_notebook::solution::SolutionError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    list: Vec<Finding>,
}

impl Findings {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more.
    #[must_use]
    pub fn with(
        mut self,
        name: &'static str,
        value: impl Into<Value>,
        meaning: &'static str,
    ) -> Self {
        self.list.push(Finding {
            name,
            value: value.into(),
            meaning,
        });
        self
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.list.iter()
    }

    /// The same with another value under a name; a name that is not there changes nothing.
    #[must_use]
    pub fn replaced(&self, name: &str, value: Value) -> Self {
        let mut changed = self.clone();
        for finding in &mut changed.list {
            if finding.name == name {
                finding.value = value.clone();
            }
        }
        changed
    }

    /// The value under a name.
    ///
    /// # Errors
    /// When there is none.
    pub fn value(&self, name: &str) -> Result<&Value, SolutionError> {
        self.list
            .iter()
            .find(|finding| finding.name == name)
            .map(|finding| &finding.value)
            .ok_or_else(|| self.missing(name, "value"))
    }

    /// A number.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn number(&self, name: &str) -> Result<f64, SolutionError> {
        match self.value(name)? {
            Value::Number(number) => Ok(*number),
            _ => Err(self.missing(name, "number")),
        }
    }

    /// A vector or a direction.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn vector(&self, name: &str) -> Result<&[f64], SolutionError> {
        match self.value(name)? {
            Value::Vector(entries) | Value::Direction(entries) => Ok(entries),
            _ => Err(self.missing(name, "vector")),
        }
    }

    /// A matrix, row by row.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn matrix(&self, name: &str) -> Result<&[Vec<f64>], SolutionError> {
        match self.value(name)? {
            Value::Matrix(rows) => Ok(rows),
            _ => Err(self.missing(name, "matrix")),
        }
    }

    /// A verdict.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn verdict(&self, name: &str) -> Result<&str, SolutionError> {
        match self.value(name)? {
            Value::Verdict(text) => Ok(text),
            _ => Err(self.missing(name, "verdict")),
        }
    }

    fn missing(&self, name: &str, shape: &'static str) -> SolutionError {
        let names: Vec<&str> = self.list.iter().map(|finding| finding.name).collect();
        SolutionError::NoFinding {
            name: name.into(),
            shape,
            names: names.join(", "),
        }
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
