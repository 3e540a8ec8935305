use super::support::end;
use crate::coordinates::{Coordinates, unconstrained};
use thiserror::Error;

/// One parameter: its name and the open interval it lives in.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// The lower end, excluded; −∞ where there is none.
    pub lower: f64,
    /// The upper end, excluded; ∞ where there is none.
    pub upper: f64,
}

impl Parameter {
    /// A parameter on the open interval (lower, upper).
    pub fn new(name: impl Into<String>, lower: f64, upper: f64) -> Self {
        Self {
            name: name.into(),
            lower,
            upper,
        }
    }

    /// On ℝ.
    pub fn real(name: impl Into<String>) -> Self {
        Self::new(name, f64::NEG_INFINITY, f64::INFINITY)
    }

    /// On (0, ∞).
    pub fn positive(name: impl Into<String>) -> Self {
        Self::new(name, 0.0, f64::INFINITY)
    }

    /// On (0, 1).
    pub fn probability(name: impl Into<String>) -> Self {
        Self::new(name, 0.0, 1.0)
    }
}

/// What ties the parameters of a family to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// Nothing: the space is a box.
    None,
    /// They are probabilities and leave some for one more category: Σ θᵢ < 1.
    Simplex,
    /// From index `start` on they are the lower triangle, column by column, of a positive definite
    /// matrix with `dimension` rows.
    PositiveDefinite {
        /// The first index.
        start: usize,
        /// Rows of the matrix.
        dimension: usize,
    },
}

/// The open set of parameters for which a family is defined.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterSpace {
    parameters: Vec<Parameter>,
    constraint: Constraint,
}

/// A point outside a parameter space.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ParameterError {
    /// Too few or too many numbers.
    #[error("the parameters are ({names}): expected {expected} numbers and found {found}")]
    Count {
        /// Names of the parameters.
        names: String,
        /// Parameters of the family.
        expected: usize,
        /// Numbers given.
        found: usize,
    },
    /// A parameter outside its interval.
    #[error(
        "{name} = {value} is outside its space: it has to lie in the open interval ({lower}, {upper})"
    )]
    Outside {
        /// Name of the parameter.
        name: String,
        /// Value given.
        value: f64,
        /// Lower end.
        lower: String,
        /// Upper end.
        upper: String,
    },
    /// Probabilities that leave nothing for the last category.
    #[error(
        "the probabilities ({names}) sum to {sum}: they have to leave some for the last category, so the sum must be below 1"
    )]
    Simplex {
        /// Names of the parameters.
        names: String,
        /// Their sum.
        sum: f64,
    },
    /// A matrix that is no covariance.
    #[error(
        "the matrix ({names}) is not positive definite: its leading minor {order} is not positive"
    )]
    PositiveDefinite {
        /// Names of the entries.
        names: String,
        /// Order of the first minor that fails.
        order: usize,
    },
}

impl ParameterSpace {
    /// A box of intervals.
    pub fn product(parameters: Vec<Parameter>) -> Self {
        Self::constrained(parameters, Constraint::None)
    }

    /// Intervals with a joint constraint.
    pub fn constrained(parameters: Vec<Parameter>, constraint: Constraint) -> Self {
        Self {
            parameters,
            constraint,
        }
    }

    /// The same with one parameter kept to an open interval.
    ///
    /// ```
    /// use fisherinfo::family::{Parameter, ParameterSpace};
    /// let line = ParameterSpace::product(vec![Parameter::real("xi")]);
    /// assert!(line.within("xi", -0.5, f64::INFINITY).check(&[-0.7]).is_err());
    /// ```
    pub fn within(mut self, name: &str, lower: f64, upper: f64) -> Self {
        for parameter in &mut self.parameters {
            if parameter.name == name {
                (parameter.lower, parameter.upper) = (lower, upper);
            }
        }
        self
    }

    /// The parameters, in order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// What ties them together.
    pub fn constraint(&self) -> Constraint {
        self.constraint
    }

    /// Their names.
    pub fn names(&self) -> Vec<String> {
        self.parameters.iter().map(|p| p.name.clone()).collect()
    }

    /// k.
    pub fn dimension(&self) -> usize {
        self.parameters.len()
    }

    /// Is θ a point of the space?
    ///
    /// # Errors
    /// Says which parameter is outside, and what it has to satisfy.
    pub fn check(&self, theta: &[f64]) -> Result<(), ParameterError> {
        let names = || self.names().join(", ");
        if theta.len() != self.parameters.len() {
            return Err(ParameterError::Count {
                names: names(),
                expected: self.parameters.len(),
                found: theta.len(),
            });
        }
        for (parameter, &value) in self.parameters.iter().zip(theta) {
            if !(value.is_finite() && value > parameter.lower && value < parameter.upper) {
                return Err(ParameterError::Outside {
                    name: parameter.name.clone(),
                    value,
                    lower: end(parameter.lower),
                    upper: end(parameter.upper),
                });
            }
        }
        match self.constraint {
            Constraint::None => Ok(()),
            Constraint::Simplex => {
                let sum: f64 = theta.iter().sum();
                if sum < 1.0 {
                    Ok(())
                } else {
                    Err(ParameterError::Simplex {
                        names: names(),
                        sum,
                    })
                }
            }
            Constraint::PositiveDefinite { start, dimension } => {
                let factor = crate::linear::cholesky(&theta[start..], dimension);
                factor
                    .map(|_| ())
                    .map_err(|order| ParameterError::PositiveDefinite {
                        names: self.names()[start..].join(", "),
                        order,
                    })
            }
        }
    }

    /// Coordinates in which the space is all of ℝᵏ: logarithms, logits, stick-breaking logits,
    /// the logarithmic Cholesky factor.
    pub fn unconstrained(&self) -> Coordinates {
        unconstrained(self)
    }
}
