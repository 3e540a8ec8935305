//! Standard errors for rows that belong together.

use super::{
    chunk::{Chunk, Chunks},
    design::symmetric,
    error::GlmError,
    fit::Fit,
    kernel::{Aligned, Products, ROWS, linear_predictor},
    regression::require,
    rows::RowTerms,
};
use faer::Mat;
use pulp::Arch;
use std::collections::BTreeMap;

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
    /// Memory grows with the number of clusters times that of coefficients.
    ///
    /// # Errors
    /// Another number of clusters than of rows, a single cluster, as many coefficients as
    /// observations, more than [`MOST_CLUSTER_SUMS`] sums; rows that are read anew for every pass,
    /// which bring their clusters (see [`Fit::cluster_robust_of_rows`]).
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
            .require_in_memory("a list of clusters given apart from the rows")?;
        require("clusters", self.rows(), clusters.len())?;
        let chunks = Chunks {
            clusters: Some(clusters),
            ..self.chunks()
        };
        self.clustered(chunks, factor, MOST_CLUSTER_SUMS)
    }

    /// [`Fit::cluster_robust`] by the clusters that the rows of a stream bring
    /// ([`super::RowBatch::clusters`]), in one pass.
    ///
    /// # Errors
    /// As there; rows that bring none.
    pub fn cluster_robust_of_rows(&self, factor: ClusterFactor) -> Result<ClusterRobust, GlmError> {
        if !self.regression.totals().brought.clusters {
            return Err(GlmError::NoClusters);
        }
        self.clustered(self.chunks(), factor, MOST_CLUSTER_SUMS)
    }

    fn clustered(
        &self,
        chunks: Chunks<'_>,
        factor: ClusterFactor,
        limit: usize,
    ) -> Result<ClusterRobust, GlmError> {
        if self.residual_degrees_of_freedom() == 0 {
            return Err(GlmError::Saturated { rows: self.rows() });
        }
        let width = self.stored.len();
        let mut sums: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        let mut too_many = None;
        chunks.fold(
            "clusters",
            |chunk| Ok(self.scores_by_cluster(chunk)),
            |part| {
                for (cluster, of_chunk) in part {
                    add(&mut sums, cluster, &of_chunk);
                }
                if too_many.is_some() || sums.len() * width > limit {
                    // How many there were then is told, and nothing more is held.
                    too_many.get_or_insert(sums.len());
                    sums.clear();
                }
            },
        )?;
        if let Some(clusters) = too_many {
            return Err(GlmError::TooManyClusters {
                clusters,
                terms: width,
                limit,
            });
        }
        if sums.len() < 2 {
            return Err(GlmError::OneCluster);
        }
        let (n, groups) = (self.sample_size() as f64, sums.len() as f64);
        let scale = match factor {
            ClusterFactor::None => 1.0,
            ClusterFactor::Cr1 => {
                groups / (groups - 1.0) * (n - 1.0) / self.residual_degrees_of_freedom() as f64
            }
        };
        let clusters = sums.len();
        let products = outer_products(sums, width);
        Ok(ClusterRobust {
            covariance: faer::Scale(scale) * self.sandwich(&products),
            root: self.sandwich_root(&products, scale),
            clusters,
            factor,
        })
    }

    /// The sums of ∂ log f/∂b of the rows of a chunk at dispersion one, cluster by cluster.
    fn scores_by_cluster(&self, chunk: &Chunk<'_>) -> BTreeMap<usize, Vec<f64>> {
        let arch = Arch::new();
        let mut sums = BTreeMap::new();
        let clusters = chunk.clusters.unwrap_or_default();
        let model = chunk.model(self.family, self.link);
        let mut terms = RowTerms::new();
        let mut z = vec![0.0; chunk.width()];
        for block in 0..chunk.blocks() {
            let (start, count) = (block * ROWS, chunk.rows_in(block));
            linear_predictor(arch, chunk.block(block), &self.stored, &mut terms.predictor);
            model.fill(arch, start, count, false, &mut terms);
            for (i, score) in terms.score[..count].iter().enumerate() {
                chunk.row(start + i, &mut z);
                for value in &mut z {
                    *value *= score;
                }
                add(&mut sums, clusters[start + i], &z);
            }
        }
        sums
    }
}

/// Adds to the sums of a cluster.
fn add(sums: &mut BTreeMap<usize, Vec<f64>>, cluster: usize, more: &[f64]) {
    let sums = sums.entry(cluster).or_insert_with(|| vec![0.0; more.len()]);
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more;
    }
}

/// Σ u uᵀ in the order of the clusters, a block of them at a time.
fn outer_products(sums: BTreeMap<usize, Vec<f64>>, width: usize) -> Mat<f64> {
    let arch = Arch::new();
    let mut products = Products::new(width);
    let mut block = Aligned::zeros(width * ROWS);
    let ones = [1.0; ROWS];
    let mut sums = sums.into_values().peekable();
    while sums.peek().is_some() {
        let columns = block.as_mut_slice();
        columns.fill(0.0);
        for (i, sum) in sums.by_ref().take(ROWS).enumerate() {
            for (j, value) in sum.into_iter().enumerate() {
                columns[j * ROWS + i] = value;
            }
        }
        products.update(arch, columns, Some(&ones), None);
    }
    symmetric(&products.finish(), width)
}

/// The most sums over clusters that are held at a time: clusters times coefficients. They take 8 bytes
/// each, one gigabyte in all, and the keys beside them.
pub const MOST_CLUSTER_SUMS: usize = 1 << 27;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Chunks, ClusterFactor};
    use crate::glm::{Family, GlmError, Regression};

    #[test]
    fn more_sums_than_are_held() {
        let y: Vec<f64> = (0..40).map(|i| f64::from(i * i % 7)).collect();
        let columns = [vec![1.0; 40], (0..40).map(f64::from).collect()];
        let terms = ["1", "x"].map(String::from);
        let regression = Regression::new(&y, &columns, &terms, Some(0)).unwrap();
        let fit = regression
            .fit(Family::Gaussian, Family::Gaussian.default_link())
            .unwrap();
        let clusters: Vec<usize> = (0..40).map(|i| i / 2).collect();
        let chunks = Chunks {
            clusters: Some(&clusters),
            ..fit.chunks()
        };
        let found = fit.clustered(chunks, ClusterFactor::Cr1, 40).unwrap();
        assert_eq!(found.clusters, 20);
        let error = fit.clustered(chunks, ClusterFactor::Cr1, 39).unwrap_err();
        let wanted = GlmError::TooManyClusters {
            clusters: 20,
            terms: 2,
            limit: 39,
        };
        assert_eq!(error, wanted);
        assert!(error.to_string().contains("20 clusters of 2 coefficients"));
    }
}
