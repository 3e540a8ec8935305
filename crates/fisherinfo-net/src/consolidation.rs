use crate::fisher::{Fisher, FisherError};

/// Elastic weight consolidation: \\(\tfrac12\sum_t \lambda_t (\theta-\theta_t)^\top F_t (\theta-\theta_t)\\) with
/// the F of each task in whatever form it was estimated.
///
/// Source: J. Kirkpatrick et al., PNAS 114 (2017), eq. 3.
#[derive(Clone, Debug, Default)]
pub struct Consolidation {
    anchors: Vec<(Fisher, Vec<f64>, f64)>,
}

impl Consolidation {
    /// The penalty of one more task: its F, the θ it was estimated at, and λ.
    ///
    /// # Errors
    /// A θ of another length than F's, or tasks of other parameters.
    pub fn and(
        mut self,
        fisher: Fisher,
        theta: Vec<f64>,
        strength: f64,
    ) -> Result<Self, FisherError> {
        fisher.apply(&theta)?;
        if let Some((first, ..)) = self.anchors.first() {
            first.require_same_parameters(&fisher)?;
        }
        self.anchors.push((fisher, theta, strength));
        Ok(self)
    }

    /// How many tasks.
    pub fn tasks(&self) -> usize {
        self.anchors.len()
    }

    /// The penalty at θ.
    ///
    /// # Errors
    /// A θ of another length.
    pub fn penalty(&self, theta: &[f64]) -> Result<f64, FisherError> {
        let mut sum = 0.0;
        for (fisher, anchor, strength) in &self.anchors {
            sum += 0.5 * strength * fisher.quadratic_form(&step(fisher, theta, anchor)?)?;
        }
        Ok(sum)
    }

    /// Its gradient Σ λF(θ − θₜ).
    ///
    /// # Errors
    /// A θ of another length.
    pub fn gradient(&self, theta: &[f64]) -> Result<Vec<f64>, FisherError> {
        let mut gradient = vec![0.0; theta.len()];
        for (fisher, anchor, strength) in &self.anchors {
            let pull = fisher.apply(&step(fisher, theta, anchor)?)?;
            for (total, pull) in gradient.iter_mut().zip(pull) {
                *total += strength * pull;
            }
        }
        Ok(gradient)
    }
}

fn step(fisher: &Fisher, theta: &[f64], anchor: &[f64]) -> Result<Vec<f64>, FisherError> {
    if theta.len() != anchor.len() {
        return Err(FisherError::Length {
            expected: fisher.dimension(),
            found: theta.len(),
        });
    }
    Ok(theta.iter().zip(anchor).map(|(t, a)| t - a).collect())
}
