//! Natural gradient: steps measured in distribution space, \\(-\eta\,I^{-1}\nabla\\).
//!
//! Source: S. Amari, Natural gradient works efficiently in learning, Neural Computation 10 (1998).

use crate::information::{Damping, Direction, Information, InformationError};
use faer::Mat;

/// Which part of the information rescales the gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// The whole matrix.
    Dense,
    /// Its diagonal.
    Diagonal,
}

/// How far to go along the natural direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepLength {
    /// η times the natural gradient.
    LearningRate(f64),
    /// As far as changes the distribution by this many nats, to second order: ½ sᵀIs = ε.
    Divergence(f64),
}

/// A natural-gradient rule.
///
/// ```
/// use fisherinfo::information::{Damping, Information};
/// use fisherinfo::natural_gradient::{Metric, NaturalGradient, StepLength};
/// use faer::mat;
/// let information = Information::expected(mat![[10.0, 0.0], [0.0, 0.5]], &["a", "b"])?;
/// let rule = NaturalGradient { metric: Metric::Dense, damping: Damping::NONE };
/// let step = rule.descent_step(&information, &[2.0, 2.0], StepLength::LearningRate(0.1))?;
/// assert!((step[0] + 0.02).abs() < 1e-15 && (step[1] + 0.4).abs() < 1e-15);
/// # Ok::<(), fisherinfo::information::InformationError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NaturalGradient {
    /// The part of the information used.
    pub metric: Metric,
    /// What is added to it before it is inverted.
    pub damping: Damping,
}

impl NaturalGradient {
    /// (I + damping)⁻¹ ∇.
    ///
    /// # Errors
    /// A gradient of the wrong length; a matrix that is singular after damping, whose null
    /// direction is named.
    pub fn direction(
        &self,
        information: &Information,
        gradient: &[f64],
    ) -> Result<Vec<f64>, InformationError> {
        match self.metric {
            Metric::Dense => information.damped_solve(gradient, self.damping),
            Metric::Diagonal => diagonal_of(information)?.damped_solve(gradient, self.damping),
        }
    }

    /// The step that descends a loss with this gradient, of the length asked for.
    ///
    /// A length in divergence is measured with the metric itself, undamped; a zero gradient gives
    /// a zero step.
    ///
    /// # Errors
    /// As [`NaturalGradient::direction`], and a length that is negative or not finite.
    pub fn descent_step(
        &self,
        information: &Information,
        gradient: &[f64],
        length: StepLength,
    ) -> Result<Vec<f64>, InformationError> {
        let direction = self.direction(information, gradient)?;
        let (StepLength::LearningRate(size) | StepLength::Divergence(size)) = length;
        if !size.is_finite() || size < 0.0 {
            return Err(InformationError::StepLength { length: size });
        }
        let rate = match length {
            StepLength::LearningRate(rate) => rate,
            StepLength::Divergence(nats) => {
                let form = match self.metric {
                    Metric::Dense => information.quadratic_form(&direction)?,
                    Metric::Diagonal => diagonal_of(information)?.quadratic_form(&direction)?,
                };
                if form > 0.0 {
                    (2.0 * nats / form).sqrt()
                } else if direction.iter().all(|d| *d == 0.0) {
                    0.0
                } else {
                    // No step along it changes the distribution, so none has that length.
                    return Err(InformationError::Singular {
                        direction: Direction::new(information.parameters(), direction).to_string(),
                    });
                }
            }
        };
        Ok(direction.into_iter().map(|d| -rate * d).collect())
    }
}

/// The information with everything off the diagonal left out.
fn diagonal_of(information: &Information) -> Result<Information, InformationError> {
    let matrix = information.matrix();
    let size = information.dimension();
    Information::new(
        Mat::from_fn(size, size, |i, j| if i == j { matrix[(i, i)] } else { 0.0 }),
        information.parameters(),
        information.provenance().clone(),
    )
}
