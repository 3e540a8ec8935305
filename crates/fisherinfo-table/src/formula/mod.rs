//! Model formulas: `survived ~ log(dose) + C(ward)*age`.
//!
//! On the left of `~` stands the response, on the right a sum of terms:
//!
//! | written | meaning |
//! |---|---|
//! | `a` | a column: its numbers, or one indicator for each category when it is text |
//! | `C(a)` | a column as categories, also where it is numbers |
//! | `C(a, Treatment("b"))` | the same, compared with the category `b` and not with the first |
//! | `offset(log(t))` | a number added to the predictor, without a coefficient |
//! | `log(a)`, `a^2`, `a**2`, `pow(a, b)` | a number computed from columns, row by row |
//! | `I(a/1000)` | any formula of [`fisherinfo::expression`], whole |
//! | `a:b` | the interaction: products of the columns of both |
//! | `a*b` | `a + b + a:b` |
//! | `(a + b):c` | `a:c + b:c` |
//! | `.` | every column that is not in the response: `y ~ . - id` |
//! | `1`, `+ 1` | the intercept, which is there unless removed |
//! | `0`, `- 1` | no intercept |
//! | `- a` | removes a term that was added before |
//!
//! The response is a column or any formula: `killed/n ~ dose`, `log(y) ~ x`.
//!
//! `:` binds tighter than `*`, `*` tighter than `+`. Terms are ordered by the number of factors they
//! cross, otherwise as written. In one thing this differs from R: a power is always the power of a
//! number, so that `x^2` means the same everywhere in this project; R crosses terms with it.

mod error;
mod factor;
mod failure;
mod grammar;
mod terms;

use std::fmt;

pub use error::{FormulaError, FormulaProblem};
pub use factor::{Factor, FactorKind};
pub use grammar::{MAXIMUM_LENGTH, MAXIMUM_NESTING};
pub use terms::{MAXIMUM_ORDER, MAXIMUM_TERMS};

/// A model formula that was read. `Display` prints it in full: `y ~ 1 + a + b + a:b`.
#[derive(Debug, Clone)]
pub struct Formula {
    text: String,
    /// What stands on the left, unless the formula has only a right side.
    response: Option<Factor>,
    factors: Vec<Factor>,
    /// For every term the positions of what it crosses in `factors`.
    terms: Vec<Vec<usize>>,
    /// The positions in `factors` of what is added to the predictor.
    offsets: Vec<usize>,
    intercept: bool,
}

impl Formula {
    /// Reads a formula.
    ///
    /// # Errors
    ///
    /// [`FormulaError`], with the place in the text and what to write there.
    ///
    /// ```
    /// use fisherinfo_table::Formula;
    ///
    /// let formula = Formula::parse("y ~ b*log(a) - b")?;
    /// assert_eq!(formula.to_string(), "y ~ 1 + log(a) + b:log(a)");
    ///
    /// let error = Formula::parse("y ~ a +").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "column 8: expected a column, a function of columns, C(…), I(…), 0, 1 or `(`, \
    ///      found the end\n  y ~ a +\n         ^"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, FormulaError> {
        grammar::read(text, None)
    }

    /// Reads a formula in which `.` stands for those of `columns` that are not in the response or an
    /// offset before it. The formula is printed with their names.
    ///
    /// # Errors
    ///
    /// [`FormulaError`], with the place in the text and what to write there.
    ///
    /// ```
    /// use fisherinfo_table::Formula;
    ///
    /// let columns = ["id", "deaths", "years", "age"].map(String::from);
    /// let formula = Formula::parse_among("log(deaths) ~ offset(log(years)) + . - id", &columns)?;
    /// assert_eq!(formula.to_string(), "log(deaths) ~ 1 + age + offset(log(years))");
    /// # Ok::<(), fisherinfo_table::FormulaError>(())
    /// ```
    pub fn parse_among(text: &str, columns: &[String]) -> Result<Self, FormulaError> {
        grammar::read(text, Some(columns))
    }

    /// The text that was read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads a formula without a response, `~ a + b`: the columns of a model that nothing was
    /// observed of yet. Its [`Design`](crate::Design) has an empty response.
    ///
    /// # Errors
    ///
    /// [`FormulaError`], with the place in the text and what to write there.
    ///
    /// ```
    /// use fisherinfo_table::Formula;
    ///
    /// let formula = Formula::parse_right_side("~ dose + dose^2")?;
    /// assert_eq!(formula.to_string(), "~ 1 + dose + dose^2");
    /// assert!(formula.response().is_none());
    /// assert!(Formula::parse_right_side("y ~ dose").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse_right_side(text: &str) -> Result<Self, FormulaError> {
        grammar::read_right_side(text)
    }

    /// The same terms without the response, for rows of which none is known.
    ///
    /// ```
    /// let formula = fisherinfo_table::Formula::parse("deaths ~ age + offset(log(years))")?;
    /// assert_eq!(formula.without_response().to_string(), "~ 1 + age + offset(log(years))");
    /// # Ok::<(), fisherinfo_table::FormulaError>(())
    /// ```
    #[must_use]
    pub fn without_response(mut self) -> Self {
        self.response = None;
        self
    }

    /// What is added to the predictor with the coefficient one: `offset(log(t))`.
    pub fn offsets(&self) -> impl ExactSizeIterator<Item = &Factor> {
        self.offsets.iter().map(|&factor| &self.factors[factor])
    }

    /// What stands on the left of `~`; `None` where the formula has only a right side.
    #[must_use]
    pub fn response(&self) -> Option<&Factor> {
        self.response.as_ref()
    }

    /// Whether the model has an intercept.
    #[must_use]
    pub fn intercept(&self) -> bool {
        self.intercept
    }

    /// The terms on the right of `~` other than the intercept, each as the factors that it crosses.
    pub fn terms(&self) -> impl ExactSizeIterator<Item = Vec<&Factor>> {
        self.terms
            .iter()
            .map(|term| term.iter().map(|&factor| &self.factors[factor]).collect())
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let intercept = if self.intercept { "1" } else { "0" };
        if let Some(response) = &self.response {
            write!(f, "{} ", response.label())?;
        }
        write!(f, "~ {intercept}")?;
        for term in self.terms() {
            let labels: Vec<&str> = term.iter().map(|factor| factor.label()).collect();
            write!(f, " + {}", labels.join(":"))?;
        }
        for offset in self.offsets() {
            write!(f, " + {}", offset.label())?;
        }
        Ok(())
    }
}
