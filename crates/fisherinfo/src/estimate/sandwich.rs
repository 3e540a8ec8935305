use crate::information::{Information, InformationError};
use faer::Mat;

/// The covariance that holds even where the model does not: bread · filling · bread, with each
/// factor named.
///
/// Source: P. J. Huber (1967); H. White, Econometrica 50 (1982), theorem 3.2.
#[derive(Clone, Debug)]
pub struct Sandwich {
    /// The k × k covariance.
    pub covariance: Mat<f64>,
    /// What it was made of: `expected⁻¹ · outer products · expected⁻¹`.
    pub formula: String,
    /// The factor for small samples that is part of it; 1 for HC0.
    pub small_sample_factor: f64,
}

impl Sandwich {
    /// expected⁻¹ · filling · expected⁻¹, with no small-sample factor (HC0).
    ///
    /// # Errors
    /// When the informations are of different sizes, or the bread is singular.
    pub fn new(bread: &Information, filling: &Information) -> Result<Self, InformationError> {
        if bread.dimension() != filling.dimension() {
            return Err(InformationError::Length {
                expected: bread.dimension(),
                found: filling.dimension(),
            });
        }
        if let Some(direction) = bread.null_space()?.first() {
            return Err(InformationError::Singular {
                direction: direction.to_string(),
            });
        }
        let inverse = bread.cramer_rao_bound()?;
        let inverse = inverse.covariance();
        let name = |information: &Information| information.provenance().estimator.to_string();
        Ok(Self {
            covariance: inverse * filling.matrix() * inverse,
            formula: format!("{0}⁻¹ · {1} · {0}⁻¹", name(bread), name(filling)),
            small_sample_factor: 1.0,
        })
    }

    /// Square roots of the diagonal.
    pub fn standard_errors(&self) -> Vec<f64> {
        (0..self.covariance.nrows())
            .map(|i| self.covariance[(i, i)].sqrt())
            .collect()
    }
}
