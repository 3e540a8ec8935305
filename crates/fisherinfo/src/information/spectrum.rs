use super::{Accuracy, Direction, Information, InformationError, jacobi};
use faer::{Mat, Side};

/// Eigenvalues and directions of an information matrix, weakest first.
///
/// An eigenvalue is the information along a unit step in its direction; it depends on the
/// coordinates, as the matrix does.
#[derive(Clone, Debug)]
pub struct Spectrum {
    /// Eigenvalues, ascending.
    pub values: Vec<f64>,
    /// Unit eigenvectors: column j belongs to `values[j]`.
    pub vectors: Mat<f64>,
    /// The same directions in words.
    pub directions: Vec<Direction>,
}

/// The matrix scaled to a unit diagonal.
struct Scaled {
    matrix: Mat<f64>,
    scale: Vec<f64>,
}

/// The matrix scaled to a unit diagonal, D⁻¹ I D⁻¹, with its eigenvectors: ranks decided there do
/// not change with the units of the parameters.
pub(super) struct ScaledSpectrum {
    /// d: square roots of the diagonal; 1 where the diagonal is zero.
    pub(super) scale: Vec<f64>,
    pub(super) values: Vec<f64>,
    pub(super) vectors: Mat<f64>,
    /// Eigenvalues up to this size are zero for all we know.
    pub(super) tolerance: f64,
}

impl ScaledSpectrum {
    pub(super) fn is_null(&self, index: usize) -> bool {
        self.values[index].abs() <= self.tolerance
    }

    /// The eigenvector at `index` as a direction in the parameters' own units: D⁻¹u.
    pub(super) fn direction(&self, index: usize, names: &[String]) -> Direction {
        let weights = (0..self.scale.len())
            .map(|i| self.vectors[(i, index)] / self.scale[i])
            .collect();
        Direction::new(names, weights)
    }
}

fn eigen(matrix: &Mat<f64>) -> Result<(Vec<f64>, Mat<f64>), InformationError> {
    if matrix.nrows() == 0 {
        return Ok((Vec::new(), Mat::zeros(0, 0)));
    }
    let eigen = matrix
        .self_adjoint_eigen(Side::Lower)
        .map_err(|_| InformationError::Eigenvalues)?;
    let diagonal = eigen.S().column_vector();
    let values = (0..diagonal.nrows()).map(|i| diagonal[i]).collect();
    Ok((values, eigen.U().to_owned()))
}

impl Information {
    /// Eigenvalues and eigenvectors. For a positive definite matrix each eigenvalue has its own
    /// digits, however far apart the units of the parameters are.
    ///
    /// # Errors
    /// When the eigenvalue iteration does not converge.
    ///
    /// ```
    /// use fisherinfo::information::Information;
    /// use faer::mat;
    /// let information = Information::expected(mat![[2.0, 0.0], [0.0, 5.0]], &["a", "b"])?;
    /// let spectrum = information.spectrum()?;
    /// assert!((spectrum.values[0] - 2.0).abs() < 1e-15 && (spectrum.values[1] - 5.0).abs() < 1e-14);
    /// assert_eq!(spectrum.directions[1].to_string(), "b");
    /// # Ok::<(), fisherinfo::information::InformationError>(())
    /// ```
    pub fn spectrum(&self) -> Result<Spectrum, InformationError> {
        let scaled = self.scaled();
        let (values, vectors) = match jacobi::graded_eigen(&scaled.matrix, &scaled.scale) {
            Some(found) => found,
            // Singular or indefinite: no small eigenvalue has digits of its own.
            None => eigen(&self.matrix)?,
        };
        let directions = (0..values.len())
            .map(|j| {
                let weights = (0..values.len()).map(|i| vectors[(i, j)]).collect();
                Direction::new(&self.parameters, weights)
            })
            .collect();
        Ok(Spectrum {
            values,
            vectors,
            directions,
        })
    }

    /// The directions about which the information says nothing.
    ///
    /// Decided on the matrix scaled to a unit diagonal, so that it does not change with the units
    /// of the parameters; an eigenvalue counts as zero when it is within rounding, or within the
    /// error bound of a numeric information.
    ///
    /// # Errors
    /// When the eigenvalue iteration does not converge.
    ///
    /// ```
    /// use fisherinfo::information::Information;
    /// use faer::mat;
    /// // Only the sum of two effects was ever observed.
    /// let information = Information::expected(mat![[4.0, 4.0], [4.0, 4.0]], &["a", "b"])?;
    /// let unidentified = information.null_space()?;
    /// assert_eq!(unidentified.len(), 1);
    /// assert_eq!(unidentified[0].to_string(), "a − b");
    /// # Ok::<(), fisherinfo::information::InformationError>(())
    /// ```
    pub fn null_space(&self) -> Result<Vec<Direction>, InformationError> {
        let spectrum = self.scaled_spectrum()?;
        Ok((0..spectrum.values.len())
            .filter(|&index| spectrum.is_null(index))
            .map(|index| spectrum.direction(index, &self.parameters))
            .collect())
    }

    /// How much larger the best known combination of parameters is known than the least, in units
    /// of their own: the ratio of the extreme eigenvalues of the matrix scaled to a unit diagonal.
    /// Bounds lose about as many digits as it has; ∞ for a singular information.
    ///
    /// # Errors
    /// When the eigenvalue iteration does not converge.
    ///
    /// ```
    /// use fisherinfo::information::Information;
    /// use faer::mat;
    /// let units = Information::expected(mat![[1e12, 0.0], [0.0, 1e-12]], &["a", "b"])?;
    /// assert_eq!(units.condition_number()?, 1.0);
    /// # Ok::<(), fisherinfo::information::InformationError>(())
    /// ```
    pub fn condition_number(&self) -> Result<f64, InformationError> {
        let spectrum = self.scaled_spectrum()?;
        let largest = spectrum.values.iter().copied().fold(0.0, f64::max);
        let null = (0..spectrum.values.len()).any(|index| spectrum.is_null(index));
        let least = spectrum
            .values
            .iter()
            .copied()
            .fold(f64::INFINITY, f64::min);
        Ok(if null { f64::INFINITY } else { largest / least })
    }

    /// D⁻¹ I D⁻¹ and D.
    fn scaled(&self) -> Scaled {
        let size = self.dimension();
        let scale: Vec<f64> = (0..size)
            .map(|i| {
                let root = self.matrix[(i, i)].abs().sqrt();
                if root > 0.0 { root } else { 1.0 }
            })
            .collect();
        let matrix = Mat::from_fn(size, size, |i, j| self.matrix[(i, j)] / scale[i] / scale[j]);
        Scaled { matrix, scale }
    }

    pub(super) fn scaled_spectrum(&self) -> Result<ScaledSpectrum, InformationError> {
        let size = self.dimension();
        let Scaled { matrix, scale } = self.scaled();
        let (values, vectors) = eigen(&matrix)?;
        let largest = values.iter().fold(0.0_f64, |a, v| a.max(v.abs()));
        let rounding = 8.0 * size as f64 * f64::EPSILON * largest;
        // A symmetric perturbation moves no eigenvalue by more than its Frobenius norm.
        let error = match &self.provenance.accuracy {
            Accuracy::Exact => 0.0,
            accuracy => (0..size)
                .flat_map(|i| (0..size).map(move |j| (i, j)))
                .map(|(i, j)| (accuracy.of_entry(i, j) / scale[i] / scale[j]).powi(2))
                .sum::<f64>()
                .sqrt(),
        };
        Ok(ScaledSpectrum {
            scale,
            values,
            vectors,
            tolerance: rounding + error,
        })
    }

    /// # Errors
    /// Names the direction along which the matrix is negative.
    pub(crate) fn require_positive_semidefinite(&self) -> Result<(), InformationError> {
        let spectrum = self.scaled_spectrum()?;
        for index in 0..spectrum.values.len() {
            let eigenvalue = spectrum.values[index];
            // Three standard errors for a Monte Carlo matrix; a bound is safe by itself.
            if eigenvalue < -3.0 * spectrum.tolerance {
                return Err(InformationError::NotPositiveSemidefinite {
                    eigenvalue,
                    direction: spectrum.direction(index, &self.parameters).to_string(),
                });
            }
        }
        Ok(())
    }
}
