use super::{
    ArgumentError, ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterError,
    ParameterSpace, SamplingError, Support,
};
use crate::dual::{Datum, Dual};
use crate::linear::{cholesky, forward_substitute, half_index, triangle};
use faer::Mat;
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

/// Normal on ℝᵈ with a known covariance Σ: the location model, with information Σ⁻¹ everywhere.
#[derive(Clone, Debug)]
pub struct MultivariateNormalLocation {
    dimension: usize,
    /// Lower Cholesky factor of Σ, by columns.
    factor: Vec<f64>,
}

impl MultivariateNormalLocation {
    /// With the covariance whose lower triangle, column by column, is `covariance`.
    ///
    /// # Errors
    /// When the matrix is not positive definite.
    ///
    /// ```
    /// use fisherinfo::family::{Model, MultivariateNormalLocation};
    /// let model = MultivariateNormalLocation::new(2, &[2.0, 0.5, 1.0])?;
    /// let information = model.closed_form_information(&[0.0, 0.0]).expect("known");
    /// assert!((information[(0, 1)] + 0.5 / 1.75).abs() < 1e-15);
    /// # Ok::<(), fisherinfo::family::ParameterError>(())
    /// ```
    pub fn new(dimension: usize, covariance: &[f64]) -> Result<Self, ParameterError> {
        if covariance.len() != triangle(dimension) {
            return Err(ParameterError::Count {
                names: "lower triangle of the covariance".into(),
                expected: triangle(dimension),
                found: covariance.len(),
            });
        }
        let factor =
            cholesky(covariance, dimension).map_err(|order| ParameterError::PositiveDefinite {
                names: "cov".into(),
                order,
            })?;
        Ok(Self { dimension, factor })
    }
}

/// Draws mean + L z.
pub(super) fn sample_normal(mean: &[f64], factor: &[f64], rng: &mut dyn Rng, x: &mut [f64]) {
    x.copy_from_slice(mean);
    for column in 0..mean.len() {
        let unit: f64 = StandardNormal.sample(rng);
        for row in column..mean.len() {
            x[row] += factor[half_index(row, column, mean.len())] * unit;
        }
    }
}

/// ln f of a normal vector, given the Cholesky factor of its covariance.
pub(super) fn log_density_by_factor<D: Dual>(mean: &[D], factor: &[D], x: &[Datum<D>]) -> D {
    let dimension = mean.len();
    let mut z: Vec<D> = x.iter().zip(mean).map(|(x, &m)| x.lift() - m).collect();
    forward_substitute(factor, &mut z);
    let mut density = D::from(-0.5 * dimension as f64 * std::f64::consts::TAU.ln());
    for (i, &z) in z.iter().enumerate() {
        density -= z * z * 0.5 + factor[half_index(i, i, dimension)].ln();
    }
    density
}

/// The inverse of the matrix with this Cholesky factor.
pub(super) fn inverse_by_factor(factor: &[f64], dimension: usize) -> Mat<f64> {
    let mut roots = Mat::zeros(dimension, dimension);
    for column in 0..dimension {
        let mut unit = vec![0.0; dimension];
        unit[column] = 1.0;
        forward_substitute(factor, &mut unit);
        for (row, value) in unit.into_iter().enumerate() {
            roots[(row, column)] = value;
        }
    }
    roots.transpose() * &roots
}

pub(super) fn lower_matrix(factor: &[f64], dimension: usize) -> Mat<f64> {
    Mat::from_fn(dimension, dimension, |i, j| {
        if i >= j {
            factor[half_index(i, j, dimension)]
        } else {
            0.0
        }
    })
}

pub(super) fn mean_parameters(dimension: usize) -> Vec<Parameter> {
    (1..=dimension)
        .map(|i| Parameter::real(format!("mean{i}")))
        .collect()
}

impl Family for MultivariateNormalLocation {
    fn name(&self) -> String {
        format!("MultivariateNormal(ℝ^{}, covariance known)", self.dimension)
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(mean_parameters(self.dimension))
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::Space {
            dimension: self.dimension,
        }
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let factor: Vec<D> = self.factor.iter().copied().map(D::from).collect();
        log_density_by_factor(theta, &factor, x)
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        sample_normal(theta, &self.factor, rng, x);
        Ok(())
    }

    fn closed_form_information(&self, _: &[f64]) -> Option<Mat<f64>> {
        Some(inverse_by_factor(&self.factor, self.dimension))
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        let mut shift: Vec<f64> = theta.iter().zip(other).map(|(a, b)| a - b).collect();
        forward_substitute(&self.factor, &mut shift);
        Some(0.5 * shift.iter().map(|z| z * z).sum::<f64>())
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        let mut shift: Vec<f64> = to.iter().zip(from).map(|(b, a)| b - a).collect();
        forward_substitute(&self.factor, &mut shift);
        let length = shift.iter().fold(0.0_f64, |norm, z| norm.hypot(*z));
        Some(ClosedGeodesic::straight(length, from, to))
    }

    fn normal_frame(&self, theta: &[f64]) -> Option<(Vec<f64>, Mat<f64>)> {
        Some((theta.to_vec(), lower_matrix(&self.factor, self.dimension)))
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "mvnormal",
    aliases: &["mvnormal-location", "multivariate-normal-location"],
    summary: "normal vector with unknown mean and known covariance",
    example: "mvnormal mean=[0,0] cov=[[2,0.5],[0.5,1]]",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let mean = arguments.vector("mean")?;
        let covariance = arguments.symmetric_matrix("cov", Some(mean.len()))?;
        let model = MultivariateNormalLocation::new(mean.len(), &covariance)
            .map_err(ArgumentError::Parameter)?;
        Instance::new(model, mean)
    },
};
