use super::DesignError;
use super::candidates::form;
use faer::{Mat, MatRef, Side, linalg::solvers::Solve};
use std::fmt;

/// What a design is to be best at. M is the information of one observation of the design.
#[derive(Clone, Debug, PartialEq)]
pub enum Criterion {
    /// The largest det M: the smallest ellipsoid of confidence for all parameters. The choice does
    /// not depend on how the model is parameterised.
    D,
    /// The smallest tr M⁻¹, the sum of the variances of the estimates. It depends on their units.
    A,
    /// The largest smallest eigenvalue of M: the smallest variance of the worst estimated
    /// combination of unit length. It depends on the units.
    E,
    /// The smallest cᵀM⁻c, the variance of the estimate of one combination cᵀθ.
    C(Vec<f64>),
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::D => "D",
            Self::A => "A",
            Self::E => "E",
            Self::C(_) => "c",
        })
    }
}

/// Eigenvalues of M (scaled by their largest) under this are zero.
const SINGULAR: f64 = 1e-13;

impl Criterion {
    /// # Errors
    /// A combination of the wrong length, or zero.
    pub(super) fn require(&self, parameters: usize) -> Result<(), DesignError> {
        let Self::C(combination) = self else {
            return Ok(());
        };
        if combination.len() != parameters {
            return Err(DesignError::Length {
                what: "c".into(),
                expected: parameters,
                found: combination.len(),
            });
        }
        if combination.iter().all(|v| *v == 0.0) || !combination.iter().all(|v| v.is_finite()) {
            return Err(DesignError::NoCombination);
        }
        Ok(())
    }

    /// The number that is reported: ln det M, tr M⁻¹, the smallest eigenvalue, or cᵀM⁻c.
    ///
    /// # Errors
    /// An information that is singular where the criterion looks.
    pub fn value(&self, information: MatRef<'_, f64>) -> Result<f64, DesignError> {
        Ok(match self {
            Self::D => information.nrows() as f64 * self.goodness(information)?.ln(),
            Self::E => self.goodness(information)?,
            Self::A | Self::C(_) => self.goodness(information)?.recip(),
        })
    }

    /// The information about what the criterion asks for, φ(M): (det M)^{1/k}, 1/tr M⁻¹, λ_min,
    /// 1/cᵀM⁻c. It is concave, and twice the observations have twice of it, so that its ratio for two
    /// designs is an efficiency. Source: F. Pukelsheim, Optimal Design of Experiments (2006), 5–6.
    ///
    /// # Errors
    /// An information that is singular where the criterion looks.
    pub fn goodness(&self, information: MatRef<'_, f64>) -> Result<f64, DesignError> {
        let size = information.nrows();
        let scale: Vec<f64> = (0..size)
            .map(|i| {
                let root = information[(i, i)].sqrt();
                if root > 0.0 { root } else { 1.0 }
            })
            .collect();
        let scaled = Mat::from_fn(size, size, |i, j| information[(i, j)] / scale[i] / scale[j]);
        let eigen = scaled
            .self_adjoint_eigen(Side::Lower)
            .map_err(|_| DesignError::NotEstimable)?;
        let values: Vec<f64> = eigen.S().column_vector().iter().copied().collect();
        let null = SINGULAR * values.last().copied().unwrap_or(0.0);
        let regular = values.iter().all(|v| *v > null);
        match self {
            Self::C(combination) => {
                // M = D U Λ Uᵀ D, and c has to lie in its range.
                let mut variance = 0.0;
                let scaled: Vec<f64> = combination.iter().zip(&scale).map(|(c, s)| c / s).collect();
                let norm = scaled.iter().fold(0.0_f64, |norm, c| norm.hypot(*c));
                for (e, value) in values.iter().enumerate() {
                    let part: f64 = (0..size).map(|i| eigen.U()[(i, e)] * scaled[i]).sum();
                    if *value > null {
                        variance += part * part / value;
                    } else if part.abs() > 1e-6 * norm {
                        return Err(DesignError::NotEstimable);
                    }
                }
                Ok(variance.recip())
            }
            _ if !regular => Err(DesignError::NotEstimable),
            Self::D => {
                let logarithm: f64 = values.iter().map(|v| v.ln()).sum::<f64>()
                    + 2.0 * scale.iter().map(|s| s.ln()).sum::<f64>();
                Ok((logarithm / size as f64).exp())
            }
            Self::A => {
                let trace: f64 = (0..size)
                    .map(|i| {
                        (0..size)
                            .map(|e| eigen.U()[(i, e)].powi(2) / values[e])
                            .sum::<f64>()
                            / scale[i].powi(2)
                    })
                    .sum();
                Ok(trace.recip())
            }
            Self::E => smallest(information).map(|(value, _)| value),
        }
    }

    /// A supporting matrix N of φ at M: φ(A) ≤ ⟨N, A⟩ for every information A, with equality at M.
    /// For E it is the mean over the eigenvectors of all eigenvalues near the smallest, which need
    /// not be the best choice.
    ///
    /// # Errors
    /// A singular M.
    pub(super) fn support(&self, information: MatRef<'_, f64>) -> Result<Mat<f64>, DesignError> {
        let size = information.nrows();
        if let Self::E = self {
            return smallest(information).map(|(_, matrix)| matrix);
        }
        let goodness = self.goodness(information)?;
        let inverse = information
            .llt(Side::Lower)
            .map_err(|_| DesignError::NotEstimable)?
            .solve(Mat::<f64>::identity(size, size));
        Ok(match self {
            Self::D => faer::Scale(goodness / size as f64) * inverse,
            Self::A => faer::Scale(goodness * goodness) * (&inverse * &inverse),
            Self::C(combination) => {
                let z: Vec<f64> = (0..size)
                    .map(|i| (0..size).map(|j| inverse[(i, j)] * combination[j]).sum())
                    .collect();
                Mat::from_fn(size, size, |i, j| goodness * goodness * z[i] * z[j])
            }
            Self::E => inverse,
        })
    }

    /// The largest r with r·φ(A) ≤ ⟨N, A⟩ for all A ⪰ 0 (for c a number not above it):
    /// k·(det N)^{1/k}, (tr N^½)², tr N, cᵀNc. With it, any N proves a bound: no design has more than
    /// maxᵢ⟨N, Mᵢ⟩/r.
    pub(super) fn polar(&self, matrix: MatRef<'_, f64>) -> Result<f64, DesignError> {
        let size = matrix.nrows();
        if let Self::C(combination) = self {
            return Ok(form(matrix, combination));
        }
        let values: Vec<f64> = matrix
            .self_adjoint_eigen(Side::Lower)
            .map_err(|_| DesignError::NotEstimable)?
            .S()
            .column_vector()
            .iter()
            // What rounding has made negative proves nothing, and counts as nothing.
            .map(|v| v.max(0.0))
            .collect();
        Ok(match self {
            Self::D => {
                let logarithm: f64 = values.iter().map(|v| v.ln()).sum();
                size as f64 * (logarithm / size as f64).exp()
            }
            Self::A => values.iter().map(|v| v.sqrt()).sum::<f64>().powi(2),
            Self::E | Self::C(_) => values.iter().sum(),
        })
    }
}

/// The smallest eigenvalue, and the mean projection on the eigenvectors of those near it.
fn smallest(information: MatRef<'_, f64>) -> Result<(f64, Mat<f64>), DesignError> {
    let size = information.nrows();
    let eigen = information
        .self_adjoint_eigen(Side::Lower)
        .map_err(|_| DesignError::NotEstimable)?;
    let values = eigen.S().column_vector();
    let near: Vec<usize> = (0..size)
        .filter(|&e| values[e] <= values[0] + 1e-7 * values[0].abs())
        .collect();
    let matrix = Mat::from_fn(size, size, |i, j| {
        near.iter()
            .map(|&e| eigen.U()[(i, e)] * eigen.U()[(j, e)])
            .sum::<f64>()
            / near.len() as f64
    });
    Ok((values[0], matrix))
}
