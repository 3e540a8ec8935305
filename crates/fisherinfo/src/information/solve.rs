use super::{Information, InformationError};
use faer::{Mat, Side, linalg::solvers::Solve};

/// What is added to an information matrix before it is inverted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Damping {
    /// I + λ·1 (Levenberg): λ has the unit of the information.
    Absolute(f64),
    /// I + λ·diag(I) (Marquardt): free of units.
    Relative(f64),
}

impl Damping {
    /// No damping: a singular matrix is then an error.
    pub const NONE: Self = Self::Absolute(0.0);
}

impl Information {
    /// δᵀ I δ. Half of it is the Kullback–Leibler divergence of a small step δ to second order.
    ///
    /// # Errors
    /// A step of the wrong length.
    pub fn quadratic_form(&self, step: &[f64]) -> Result<f64, InformationError> {
        self.require_length(step.len())?;
        let mut sum = 0.0;
        for i in 0..step.len() {
            for j in 0..step.len() {
                sum += step[i] * self.matrix[(i, j)] * step[j];
            }
        }
        Ok(sum)
    }

    /// ln det I; −∞ when the information is singular.
    ///
    /// # Errors
    /// An indefinite matrix, whose determinant measures no volume.
    pub fn log_determinant(&self) -> Result<f64, InformationError> {
        self.require_positive_semidefinite()?;
        let spectrum = self.scaled_spectrum()?;
        if (0..self.dimension()).any(|index| spectrum.is_null(index)) {
            return Ok(f64::NEG_INFINITY);
        }
        let shape: f64 = spectrum.values.iter().map(|v| v.ln()).sum();
        let scale: f64 = spectrum.scale.iter().map(|s| s.ln()).sum();
        Ok(shape + 2.0 * scale)
    }

    /// The solution x of (I + damping) x = b.
    ///
    /// # Errors
    /// A right-hand side of the wrong length, negative damping, or a matrix that is singular (or
    /// indefinite) after damping: the direction is named.
    ///
    /// ```
    /// use fisherinfo::information::{Damping, Information};
    /// use faer::mat;
    /// let information = Information::expected(mat![[10.0, 0.0], [0.0, 0.5]], &["a", "b"])?;
    /// let step = information.damped_solve(&[2.0, 2.0], Damping::NONE)?;
    /// assert!((step[0] - 0.2).abs() < 1e-15 && (step[1] - 4.0).abs() < 1e-14);
    /// # Ok::<(), fisherinfo::information::InformationError>(())
    /// ```
    pub fn damped_solve(
        &self,
        right_hand_side: &[f64],
        damping: Damping,
    ) -> Result<Vec<f64>, InformationError> {
        self.require_length(right_hand_side.len())?;
        let size = self.dimension();
        let strength = match damping {
            Damping::Absolute(strength) | Damping::Relative(strength) => strength,
        };
        if !strength.is_finite() || strength < 0.0 {
            return Err(InformationError::Damping { damping: strength });
        }
        let mut damped = self.clone();
        for i in 0..size {
            damped.matrix[(i, i)] += match damping {
                Damping::Absolute(strength) => strength,
                Damping::Relative(strength) => strength * self.matrix[(i, i)],
            };
        }
        if let Some(direction) = damped.null_space()?.first() {
            return Err(InformationError::Singular {
                direction: direction.to_string(),
            });
        }
        damped.require_positive_semidefinite()?;
        // Scaled to a unit diagonal, Cholesky loses nothing to the units of the parameters.
        let scale: Vec<f64> = (0..size).map(|i| damped.matrix[(i, i)].sqrt()).collect();
        let scaled = Mat::from_fn(size, size, |i, j| {
            damped.matrix[(i, j)] / scale[i] / scale[j]
        });
        let factor = scaled
            .llt(Side::Lower)
            .map_err(|_| InformationError::Eigenvalues)?;
        let b = Mat::from_fn(size, 1, |i, _| right_hand_side[i] / scale[i]);
        let x = factor.solve(&b);
        Ok((0..size).map(|i| x[(i, 0)] / scale[i]).collect())
    }
}
