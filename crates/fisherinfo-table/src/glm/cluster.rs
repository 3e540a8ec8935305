//! Standard errors for rows that belong together.

use super::{
    error::GlmError,
    fit::Fit,
    kernel::{ROWS, linear_predictor},
    regression::require,
    rows::RowTerms,
};
use faer::Mat;
use pulp::Arch;
use std::collections::HashSet;

/// The small-sample factor of a cluster-robust covariance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClusterFactor {
    /// One.
    None,
    /// G/(G − 1) · (n − 1)/(n − p) with G the number of clusters: CR1, as in Stata and statsmodels.
    Cr1,
}

impl ClusterFactor {
    /// The factor in words, for a table's head.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "1",
            Self::Cr1 => "G/(G − 1)·(n − 1)/(n − p)",
        }
    }
}

/// A covariance of the coefficients that allows any dependence within clusters of rows.
#[derive(Clone, Debug)]
pub struct ClusterRobust {
    /// p × p, in the order of the terms.
    pub covariance: Mat<f64>,
    /// R with R·Rᵀ the covariance.
    pub root: Mat<f64>,
    /// G, the number of clusters.
    pub clusters: usize,
    /// The small-sample factor, which the covariance has in it.
    pub factor: ClusterFactor,
}

impl ClusterRobust {
    /// Roots of the diagonal.
    pub fn standard_errors(&self) -> Vec<f64> {
        (0..self.covariance.nrows())
            .map(|j| self.covariance[(j, j)].max(0.0).sqrt())
            .collect()
    }
}

impl Fit<'_> {
    /// expected⁻¹ · Σ_g u_g u_gᵀ · expected⁻¹ with u_g the sum of the scores of the rows of cluster
    /// g: right in many clusters, whatever the dependence within. `clusters` has a number a row,
    /// the same for rows that belong together. A row with a frequency stands for rows of one
    /// cluster.
    ///
    /// The covariance has at most the rank G, so of more than G coefficients it says nothing
    /// jointly. Source: Liang & Zeger, Longitudinal data analysis using generalized linear models,
    /// Biometrika 73 (1986).
    ///
    /// # Errors
    /// Another number of clusters than of rows, a single cluster, as many coefficients as
    /// observations.
    ///
    /// ```
    /// use fisherinfo_table::glm::{ClusterFactor, Family, Heteroscedasticity, Regression};
    /// let y = [1.0, 3.0, 2.0, 5.0, 4.0, 6.0];
    /// let x = [vec![1.0; 6], vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]];
    /// let regression = Regression::new(&y, &x, &["1".into(), "x".into()], Some(0))?;
    /// let fit = regression.fit(Family::Gaussian, Family::Gaussian.default_link())?;
    /// // Every row its own cluster: the sandwich with HC1's factor.
    /// let alone = fit.cluster_robust(&[0, 1, 2, 3, 4, 5], ClusterFactor::Cr1)?;
    /// let hc1 = fit.heteroscedasticity_consistent(Heteroscedasticity::Hc1)?;
    /// assert!((alone.covariance[(1, 1)] - hc1.covariance[(1, 1)]).abs() < 1e-14);
    /// # Ok::<(), fisherinfo_table::glm::GlmError>(())
    /// ```
    pub fn cluster_robust(
        &self,
        clusters: &[usize],
        factor: ClusterFactor,
    ) -> Result<ClusterRobust, GlmError> {
        self.regression
            .require_in_memory("a cluster-robust covariance")?;
        let rows = self.rows();
        require("clusters", rows, clusters.len())?;
        if self.residual_degrees_of_freedom() == 0 {
            return Err(GlmError::Saturated { rows });
        }
        let distinct: HashSet<usize> = clusters.iter().copied().collect();
        if distinct.len() < 2 {
            return Err(GlmError::OneCluster);
        }
        let mut order: Vec<usize> = distinct.into_iter().collect();
        order.sort_unstable();
        let design = &self.regression.design;
        let mut sums = Mat::<f64>::zeros(design.width, order.len());
        let scores = self.row_scores()?;
        for block in 0..design.blocks() {
            let (start, count) = (block * ROWS, design.rows_in(block));
            let columns = design.block(block);
            for i in 0..count {
                let row = start + i;
                let Ok(cluster) = order.binary_search(&clusters[row]) else {
                    continue;
                };
                for j in 0..design.width {
                    sums[(j, cluster)] += scores[row] * columns[j * ROWS + i];
                }
            }
        }
        let (n, groups) = (self.sample_size() as f64, order.len() as f64);
        let scale = match factor {
            ClusterFactor::None => 1.0,
            ClusterFactor::Cr1 => {
                groups / (groups - 1.0) * (n - 1.0) / self.residual_degrees_of_freedom() as f64
            }
        };
        let products = &sums * sums.transpose();
        Ok(ClusterRobust {
            covariance: faer::Scale(scale) * self.sandwich(&products),
            root: self.sandwich_root(&products, scale),
            clusters: order.len(),
            factor,
        })
    }

    /// ∂ log f/∂η of every row at dispersion one, its weight included.
    fn row_scores(&self) -> Result<Vec<f64>, GlmError> {
        let arch = Arch::new();
        let mut all = Vec::new();
        self.chunks().fold(
            "scores",
            |chunk| {
                let model = chunk.model(self.family, self.link);
                let mut out = Vec::with_capacity(chunk.rows);
                let mut terms = RowTerms::new();
                for block in 0..chunk.blocks() {
                    let (start, count) = (block * ROWS, chunk.rows_in(block));
                    let values = chunk.block(block);
                    linear_predictor(arch, values, &self.stored, &mut terms.predictor);
                    model.fill(arch, start, count, false, &mut terms);
                    out.extend_from_slice(&terms.score[..count]);
                }
                Ok(out)
            },
            |part| all.extend(part),
        )?;
        Ok(all)
    }
}
