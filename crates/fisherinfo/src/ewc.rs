//! Elastic weight consolidation: what earlier tasks know, as a quadratic penalty on leaving their
//! parameters, \\(\tfrac12\sum_t \lambda_t\,(\theta-\theta^*_t)^\top F_t\,(\theta-\theta^*_t)\\).
//!
//! Source: J. Kirkpatrick et al., Overcoming catastrophic forgetting in neural networks, PNAS 114
//! (2017), eq. 3, with the diagonal F; the full F is the Laplace approximation it comes from.

use crate::information::{Information, InformationError};
use thiserror::Error;

/// Which part of the information an anchor holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchorKind {
    /// One importance a parameter.
    Diagonal,
    /// Importances of all directions.
    Full,
}

/// What is wrong with an anchor.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum AnchorError {
    /// The information does not say where it was taken.
    #[error("the information does not know the point it was taken at: give it with `at`")]
    NoPoint,
    /// A strength that is negative or not finite.
    #[error("the strength of an anchor has to be a finite number ≥ 0, not {strength}")]
    Strength {
        /// What was given.
        strength: f64,
    },
    /// Anchors of different models.
    #[error(
        "an anchor on ({left}) and an anchor on ({right}) cannot be joined: they are of different parameters"
    )]
    DifferentParameters {
        /// Names on the left.
        left: String,
        /// Names on the right.
        right: String,
    },
    /// Information that no penalty can be made of.
    #[error(transparent)]
    Information(#[from] InformationError),
}

/// One task's memory: where its parameters were, and how much each direction matters.
#[derive(Clone, Debug)]
struct Anchor {
    kind: AnchorKind,
    strength: f64,
    point: Vec<f64>,
    information: Information,
}

/// The penalty of one or several tasks.
///
/// ```
/// use fisherinfo::ewc::{AnchorKind, Consolidation};
/// use fisherinfo::information::Information;
/// use faer::mat;
/// let first = Information::expected(mat![[4.0, 1.0], [1.0, 1.0]], &["a", "b"])?.at(&[1.0, 0.0])?;
/// let second = Information::expected(mat![[2.0, 0.0], [0.0, 8.0]], &["a", "b"])?.at(&[0.0, 0.0])?;
/// let memory = Consolidation::anchor(&first, AnchorKind::Diagonal, 1.0)?
///     .and(Consolidation::anchor(&second, AnchorKind::Diagonal, 0.5)?)?;
/// assert_eq!(memory.penalty(&[1.5, 1.0])?, 0.5 * (4.0 * 0.25 + 1.0) + 0.25 * (2.0 * 2.25 + 8.0));
/// assert_eq!(memory.gradient(&[1.5, 1.0])?, vec![2.0 + 1.5, 1.0 + 4.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Consolidation {
    anchors: Vec<Anchor>,
}

impl Consolidation {
    /// The penalty of one task, from the information at its fitted parameters.
    ///
    /// `strength` is λ. The information of one observation and that of all n differ by the factor
    /// n, and λ has to be chosen for the one that is given.
    ///
    /// # Errors
    /// An information without a point, or that is not positive semi-definite; a negative strength.
    pub fn anchor(
        information: &Information,
        kind: AnchorKind,
        strength: f64,
    ) -> Result<Self, AnchorError> {
        let point = information.point().ok_or(AnchorError::NoPoint)?.to_vec();
        if !strength.is_finite() || strength < 0.0 {
            return Err(AnchorError::Strength { strength });
        }
        // An indefinite matrix would reward leaving the anchor.
        information.require_positive_semidefinite()?;
        Ok(Self {
            anchors: vec![Anchor {
                kind,
                strength,
                point,
                information: information.clone(),
            }],
        })
    }

    /// The penalty of both: that of a later task added to those before it.
    ///
    /// # Errors
    /// When the tasks have other parameters or coordinates.
    pub fn and(mut self, other: Self) -> Result<Self, AnchorError> {
        let describe = |memory: &Self| {
            memory.anchors.first().map_or_else(String::new, |anchor| {
                format!(
                    "{} in {} coordinates",
                    anchor.information.parameters().join(", "),
                    anchor.information.coordinates()
                )
            })
        };
        let (left, right) = (describe(&self), describe(&other));
        if left != right {
            return Err(AnchorError::DifferentParameters { left, right });
        }
        self.anchors.extend(other.anchors);
        Ok(self)
    }

    /// How many tasks it remembers.
    pub fn tasks(&self) -> usize {
        self.anchors.len()
    }

    /// ½ Σ λ (θ − θ*)ᵀ F (θ − θ*), in nats when F is the information of the whole sample.
    ///
    /// # Errors
    /// Parameters of the wrong length.
    pub fn penalty(&self, theta: &[f64]) -> Result<f64, AnchorError> {
        let mut sum = 0.0;
        for anchor in &self.anchors {
            let step = anchor.step(theta)?;
            let pull = anchor.pull(&step);
            let form: f64 = step.iter().zip(&pull).map(|(s, p)| s * p).sum();
            sum += 0.5 * anchor.strength * form;
        }
        Ok(sum)
    }

    /// Σ λ F (θ − θ*), of length k.
    ///
    /// # Errors
    /// Parameters of the wrong length.
    pub fn gradient(&self, theta: &[f64]) -> Result<Vec<f64>, AnchorError> {
        let mut gradient = vec![0.0; theta.len()];
        for anchor in &self.anchors {
            let step = anchor.step(theta)?;
            for (total, pull) in gradient.iter_mut().zip(anchor.pull(&step)) {
                *total += anchor.strength * pull;
            }
        }
        Ok(gradient)
    }
}

impl Anchor {
    fn step(&self, theta: &[f64]) -> Result<Vec<f64>, InformationError> {
        if theta.len() != self.point.len() {
            return Err(InformationError::Length {
                expected: self.point.len(),
                found: theta.len(),
            });
        }
        Ok(theta.iter().zip(&self.point).map(|(t, p)| t - p).collect())
    }

    /// F·step.
    fn pull(&self, step: &[f64]) -> Vec<f64> {
        let matrix = self.information.matrix();
        (0..step.len())
            .map(|i| match self.kind {
                AnchorKind::Diagonal => matrix[(i, i)] * step[i],
                AnchorKind::Full => (0..step.len()).map(|j| matrix[(i, j)] * step[j]).sum(),
            })
            .collect()
    }
}
