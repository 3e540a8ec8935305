use super::DesignError;
use crate::information::Direction;
use faer::{Mat, MatRef, Side};

/// The points that a design may choose from, each by its information about k parameters:
/// \\(J^\top F J\\) with the Jacobian J of the outputs' parameters (m × k; for a regression the row of
/// the design matrix) and the information F of the outputs (m × m).
///
/// ```
/// use fisherinfo::design::Candidates;
/// // A straight line observed at −1, 0 and 1.
/// let line = Candidates::from_rows(&[vec![1.0, -1.0], vec![1.0, 0.0], vec![1.0, 1.0]])?;
/// assert_eq!((line.len(), line.parameters()), (3, 2));
/// # Ok::<(), fisherinfo::design::DesignError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Candidates {
    names: Vec<String>,
    /// F^½J of every candidate, row after row.
    rows: Vec<f64>,
    /// The first row of every candidate, and the number of all.
    starts: Vec<usize>,
}

/// Singular values under this part of the largest are zero, columns scaled to one length.
const RANK: f64 = 1e-11;

impl Candidates {
    /// None yet, for parameters of these names.
    pub fn new<S: AsRef<str>>(names: &[S]) -> Self {
        Self {
            names: names.iter().map(|name| name.as_ref().to_string()).collect(),
            rows: Vec::new(),
            starts: vec![0],
        }
    }

    /// One candidate a row, with one output of information one; the parameters are called θ1, θ2, ….
    ///
    /// # Errors
    /// Rows of different lengths, or not finite.
    pub fn from_rows(rows: &[Vec<f64>]) -> Result<Self, DesignError> {
        let size = rows.first().map_or(0, Vec::len);
        let names: Vec<String> = (1..=size).map(|i| format!("θ{i}")).collect();
        let mut candidates = Self::new(&names);
        for row in rows {
            candidates.add_row(row, 1.0)?;
        }
        Ok(candidates)
    }

    /// A candidate with one output.
    ///
    /// # Errors
    /// A row of another length than there are parameters; what is not finite; information < 0.
    pub fn add_row(&mut self, row: &[f64], information: f64) -> Result<(), DesignError> {
        self.require_length(row.len())?;
        let candidate = self.len() + 1;
        if !row.iter().all(|v| v.is_finite()) || !information.is_finite() {
            return Err(DesignError::NotFinite { candidate });
        }
        if information < 0.0 {
            return Err(DesignError::NotAnInformation { candidate });
        }
        let root = information.sqrt();
        self.rows.extend(row.iter().map(|v| root * v));
        self.starts.push(self.starts[candidate - 1] + 1);
        Ok(())
    }

    /// A candidate with several outputs: `jacobian` is m × k and `information` m × m.
    ///
    /// # Errors
    /// Shapes that do not fit; what is not finite; an information that is not positive
    /// semi-definite.
    pub fn add(
        &mut self,
        jacobian: MatRef<'_, f64>,
        information: MatRef<'_, f64>,
    ) -> Result<(), DesignError> {
        self.require_length(jacobian.ncols())?;
        let outputs = jacobian.nrows();
        if information.nrows() != outputs || information.ncols() != outputs {
            return Err(DesignError::Length {
                what: "the information of the outputs".into(),
                expected: outputs,
                found: information.nrows(),
            });
        }
        let candidate = self.len() + 1;
        let refused = DesignError::NotAnInformation { candidate };
        // F = UΛUᵀ, and Λ^½Uᵀ is a root of it that a singular F has too.
        let eigen = information
            .self_adjoint_eigen(Side::Lower)
            .map_err(|_| DesignError::NotFinite { candidate })?;
        let values: Vec<f64> = eigen.S().column_vector().iter().copied().collect();
        let largest = values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
        if values.iter().any(|v| *v < -1e-12 * largest) {
            return Err(refused);
        }
        let root = Mat::from_fn(outputs, outputs, |i, j| {
            values[i].max(0.0).sqrt() * eigen.U()[(j, i)]
        });
        let weighted = root * jacobian;
        for i in 0..outputs {
            for j in 0..self.parameters() {
                if !weighted[(i, j)].is_finite() {
                    self.rows
                        .truncate(self.starts[candidate - 1] * self.parameters());
                    return Err(DesignError::NotFinite { candidate });
                }
                self.rows.push(weighted[(i, j)]);
            }
        }
        self.starts.push(self.starts[candidate - 1] + outputs);
        Ok(())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// k.
    pub fn parameters(&self) -> usize {
        self.names.len()
    }

    /// The names of the parameters.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    fn require_length(&self, found: usize) -> Result<(), DesignError> {
        if found == self.parameters() {
            Ok(())
        } else {
            Err(DesignError::Length {
                what: format!("the Jacobian of candidate {}", self.len() + 1),
                expected: self.parameters(),
                found,
            })
        }
    }

    /// The rows of F^½J of a candidate.
    pub(super) fn rows(&self, candidate: usize) -> impl Iterator<Item = &[f64]> {
        let size = self.parameters();
        let part = self.starts[candidate] * size..self.starts[candidate + 1] * size;
        self.rows[part].chunks(size)
    }

    /// The only row of every candidate.
    pub(super) fn single_rows(&self) -> Result<Vec<&[f64]>, DesignError> {
        (0..self.len())
            .map(|candidate| {
                let outputs = self.starts[candidate + 1] - self.starts[candidate];
                self.rows(candidate).next().filter(|_| outputs == 1).ok_or(
                    DesignError::SeveralOutputs {
                        candidate: candidate + 1,
                        outputs,
                    },
                )
            })
            .collect()
    }

    /// ⟨N, Mᵢ⟩ = tr(N JᵀFJ) of a candidate.
    pub(super) fn product(&self, candidate: usize, matrix: MatRef<'_, f64>) -> f64 {
        self.rows(candidate).map(|row| form(matrix, row)).sum()
    }

    /// M(w) = Σ wᵢ Mᵢ, the information of one observation of the design.
    ///
    /// # Errors
    /// Weights that are negative, do not sum to one, or are not one a candidate.
    pub fn information(&self, weights: &[f64]) -> Result<Mat<f64>, DesignError> {
        if weights.len() != self.len() {
            return Err(DesignError::Length {
                what: "the weights".into(),
                expected: self.len(),
                found: weights.len(),
            });
        }
        let sum: f64 = weights.iter().sum();
        if (sum - 1.0).abs() > 1e-9 || weights.iter().any(|w| *w < 0.0) || sum.is_nan() {
            return Err(DesignError::Weights { sum });
        }
        Ok(self.combined(weights))
    }

    pub(super) fn combined(&self, weights: &[f64]) -> Mat<f64> {
        let size = self.parameters();
        let mut sum = Mat::zeros(size, size);
        for (candidate, weight) in weights.iter().enumerate().filter(|(_, w)| **w != 0.0) {
            for row in self.rows(candidate) {
                for j in 0..size {
                    for i in 0..size {
                        sum[(i, j)] += weight * row[i] * row[j];
                    }
                }
            }
        }
        sum
    }

    /// Some of them.
    pub(super) fn subset(&self, which: &[usize]) -> Self {
        let mut chosen = Self::new(&self.names);
        for &candidate in which {
            for row in self.rows(candidate) {
                chosen.rows.extend_from_slice(row);
            }
            let outputs = self.starts[candidate + 1] - self.starts[candidate];
            chosen.starts.push(chosen.starts[chosen.len()] + outputs);
        }
        chosen
    }

    /// The same in coordinates in which equal weights have the information 1, and the matrix T of
    /// the change: Mᵢ′ = Tᵀ Mᵢ T. Units, and columns that are nearly collinear, then cost no digits.
    ///
    /// # Errors
    /// No candidates; none with information; rows that do not span.
    pub(super) fn whitened(&self) -> Result<(Self, Mat<f64>), DesignError> {
        let size = self.parameters();
        if self.is_empty() || size == 0 {
            return Err(DesignError::NoCandidates);
        }
        let count = self.rows.len() / size;
        let scale: Vec<f64> = (0..size)
            .map(|j| {
                let norm = (0..count)
                    .map(|i| self.rows[i * size + j])
                    .fold(0.0, f64::hypot);
                if norm > 0.0 { norm } else { 1.0 }
            })
            .collect();
        if self.rows.iter().all(|v| *v == 0.0) {
            return Err(DesignError::NoInformation);
        }
        let stacked = Mat::from_fn(count, size, |i, j| self.rows[i * size + j] / scale[j]);
        let svd = stacked
            .thin_svd()
            .map_err(|_| DesignError::NotFinite { candidate: 1 })?;
        let values: Vec<f64> = svd.S().column_vector().iter().copied().collect();
        let vector = |e: usize| (0..size).map(move |i| (i, e));
        let rank = values.iter().filter(|v| **v > RANK * values[0]).count();
        if rank < size {
            // With fewer rows than parameters the thin factor has no null vector to show.
            let direction = if values.len() == size {
                let weights = vector(size - 1)
                    .map(|(i, e)| svd.V()[(i, e)] / scale[i])
                    .collect();
                Direction::new(&self.names, weights).to_string()
            } else {
                format!("of all {size}")
            };
            return Err(DesignError::Singular {
                rank,
                parameters: size,
                direction,
            });
        }
        let unit = (self.len() as f64).sqrt();
        let change = Mat::from_fn(size, size, |i, e| {
            unit * svd.V()[(i, e)] / (values[e] * scale[i])
        });
        let mut whitened = self.clone();
        for (old, new) in self.rows.chunks(size).zip(whitened.rows.chunks_mut(size)) {
            for (e, value) in new.iter_mut().enumerate() {
                *value = (0..size).map(|i| old[i] * change[(i, e)]).sum();
            }
        }
        Ok((whitened, change))
    }
}

/// vᵀ N v.
pub(super) fn form(matrix: MatRef<'_, f64>, v: &[f64]) -> f64 {
    product(matrix, v, v)
}

/// uᵀ N v.
pub(super) fn product(matrix: MatRef<'_, f64>, u: &[f64], v: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (j, right) in v.iter().enumerate() {
        let column: f64 = u
            .iter()
            .enumerate()
            .map(|(i, left)| left * matrix[(i, j)])
            .sum();
        sum += column * right;
    }
    sum
}
