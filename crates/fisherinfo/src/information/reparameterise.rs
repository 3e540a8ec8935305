use super::{Information, InformationError};
use faer::{Mat, MatRef};

impl Information {
    /// The information of other parameters φ, of which θ is a function: \\(J^\top I J\\) with
    /// J = ∂θ/∂φ, of shape (k, m) for m new parameters.
    ///
    /// With m = k it is a change of coordinates. With m < k it is the pull-back to a submodel:
    /// a regression has J = the row of its design matrix.
    ///
    /// # Errors
    /// A Jacobian with other than k rows, another number of columns than of names, or an entry
    /// that is not finite.
    ///
    /// ```
    /// use fisherinfo::information::Information;
    /// use faer::mat;
    /// let p: f64 = 0.25;
    /// let in_p = Information::expected(mat![[1.0 / (p * (1.0 - p))]], &["p"])?;
    /// let in_logit = in_p.reparameterised(mat![[p * (1.0 - p)]].as_ref(), &["φ"], "logit")?;
    /// assert_eq!(in_logit.matrix()[(0, 0)], p * (1.0 - p));
    /// assert!(in_p.add(&in_logit).is_err());
    /// # Ok::<(), fisherinfo::information::InformationError>(())
    /// ```
    pub fn reparameterised<S: Into<String> + Clone>(
        &self,
        jacobian: MatRef<'_, f64>,
        parameters: &[S],
        coordinates: &str,
    ) -> Result<Self, InformationError> {
        if jacobian.nrows() != self.dimension() || jacobian.ncols() != parameters.len() {
            return Err(InformationError::Shape {
                rows: jacobian.nrows(),
                columns: jacobian.ncols(),
                parameters: parameters.len(),
            });
        }
        let parameters: Vec<String> = parameters.iter().cloned().map(Into::into).collect();
        for row in 0..jacobian.nrows() {
            for column in 0..jacobian.ncols() {
                if !jacobian[(row, column)].is_finite() {
                    return Err(InformationError::NotFinite {
                        row: self.parameters[row].clone(),
                        column: parameters[column].clone(),
                    });
                }
            }
        }
        let product = jacobian.transpose() * &self.matrix * jacobian;
        // The product is symmetric but for rounding.
        let matrix = Mat::from_fn(product.nrows(), product.ncols(), |i, j| {
            0.5 * (product[(i, j)] + product[(j, i)])
        });
        Ok(Self {
            matrix,
            parameters,
            coordinates: coordinates.into(),
            point: None,
            sample_size: self.sample_size,
            provenance: self.provenance.pulled_back(jacobian),
        })
    }
}
