use super::{Direction, Information, InformationError};
use faer::Mat;

/// The Cramér–Rao bound: no unbiased estimator has a smaller covariance than I⁻¹.
///
/// Where the information is singular, a parameter (or combination) that takes part in a null
/// direction has an infinite bound; the others keep the finite bound that any generalised inverse
/// gives. Source: C. R. Rao, Linear Statistical Inference (1973), 5a.3.
#[derive(Clone, Debug)]
pub struct CramerRaoBound {
    parameters: Vec<String>,
    covariance: Mat<f64>,
    unidentified: Vec<Direction>,
}

impl CramerRaoBound {
    /// The names of the parameters, in the order of the rows.
    pub fn parameters(&self) -> &[String] {
        &self.parameters
    }

    /// The smallest variance of each parameter; ∞ where the data say nothing about it.
    pub fn variances(&self) -> Vec<f64> {
        (0..self.parameters.len())
            .map(|i| self.covariance[(i, i)])
            .collect()
    }

    /// The smallest standard error of each parameter; ∞ where the data say nothing about it.
    pub fn standard_errors(&self) -> Vec<f64> {
        self.variances().into_iter().map(f64::sqrt).collect()
    }

    /// The k × k bound. A row and column of an unidentified parameter has ∞ on the diagonal and
    /// NaN beside it, where a covariance is not defined.
    pub fn covariance(&self) -> &Mat<f64> {
        &self.covariance
    }

    /// The combinations of parameters about which the information says nothing.
    pub fn unidentified(&self) -> &[Direction] {
        &self.unidentified
    }
}

impl Information {
    /// I⁻¹, with its null space respected.
    ///
    /// # Errors
    /// An indefinite matrix (observed information away from a maximum) bounds nothing.
    ///
    /// ```
    /// use fisherinfo::information::Information;
    /// use faer::mat;
    /// let information = Information::expected(
    ///     mat![[4.0, 4.0, 0.0], [4.0, 4.0, 0.0], [0.0, 0.0, 25.0]],
    ///     &["a", "b", "c"],
    /// )?;
    /// let bound = information.cramer_rao_bound()?;
    /// assert_eq!(bound.variances()[..2], [f64::INFINITY, f64::INFINITY]);
    /// assert!((bound.standard_errors()[2] - 0.2).abs() < 1e-15);
    /// assert_eq!(bound.unidentified()[0].to_string(), "a − b");
    /// # Ok::<(), fisherinfo::information::InformationError>(())
    /// ```
    pub fn cramer_rao_bound(&self) -> Result<CramerRaoBound, InformationError> {
        self.require_positive_semidefinite()?;
        let spectrum = self.scaled_spectrum()?;
        let size = self.dimension();
        let (mut range, mut unidentified) = (Vec::new(), Vec::new());
        for index in 0..size {
            if spectrum.is_null(index) {
                unidentified.push(index);
            } else {
                range.push(index);
            }
        }
        let u = &spectrum.vectors;
        let identified: Vec<bool> = (0..size)
            .map(|i| unidentified.iter().all(|&j| u[(i, j)].abs() <= NULL_WEIGHT))
            .collect();
        let covariance = Mat::from_fn(size, size, |i, j| {
            if identified[i] && identified[j] {
                range
                    .iter()
                    .map(|&e| u[(i, e)] * u[(j, e)] / spectrum.values[e])
                    .sum::<f64>()
                    / spectrum.scale[i]
                    / spectrum.scale[j]
            } else if i == j {
                f64::INFINITY
            } else {
                f64::NAN
            }
        });
        Ok(CramerRaoBound {
            parameters: self.parameters.clone(),
            covariance,
            unidentified: unidentified
                .into_iter()
                .map(|index| spectrum.direction(index, &self.parameters))
                .collect(),
        })
    }

    /// The smallest variance of an unbiased estimator of g(θ), given its gradient ∂g/∂θ: cᵀ I⁻ c,
    /// or ∞ when g moves along a direction that the information says nothing about.
    ///
    /// # Errors
    /// A gradient of the wrong length, or an indefinite matrix.
    ///
    /// ```
    /// use fisherinfo::information::Information;
    /// use faer::mat;
    /// let sum_only = Information::expected(mat![[4.0, 4.0], [4.0, 4.0]], &["a", "b"])?;
    /// assert!((sum_only.variance_bound_of(&[1.0, 1.0])? - 0.25).abs() < 1e-15);
    /// assert_eq!(sum_only.variance_bound_of(&[1.0, -1.0])?, f64::INFINITY);
    /// # Ok::<(), fisherinfo::information::InformationError>(())
    /// ```
    pub fn variance_bound_of(&self, gradient: &[f64]) -> Result<f64, InformationError> {
        self.require_length(gradient.len())?;
        self.require_positive_semidefinite()?;
        let spectrum = self.scaled_spectrum()?;
        let size = self.dimension();
        let scaled: Vec<f64> = (0..size).map(|i| gradient[i] / spectrum.scale[i]).collect();
        let norm = scaled.iter().map(|c| c * c).sum::<f64>().sqrt();
        let mut variance = 0.0;
        for e in 0..size {
            let part: f64 = (0..size)
                .map(|i| spectrum.vectors[(i, e)] * scaled[i])
                .sum();
            if !spectrum.is_null(e) {
                variance += part * part / spectrum.values[e];
            } else if part.abs() > NULL_WEIGHT * norm {
                return Ok(f64::INFINITY);
            }
        }
        Ok(variance)
    }
}

/// A null vector's component under this size is rounding of the eigenvectors.
const NULL_WEIGHT: f64 = 1e-7;
