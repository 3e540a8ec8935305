use super::multivariate_normal_location::{
    inverse_by_factor, log_density_by_factor, lower_matrix, mean_parameters, sample_normal,
};
use super::{
    ClosedGeodesic, Constraint, Entry, Family, Instance, Parameter, ParameterSpace, ReferencePrior,
    SamplingError, Support,
};
use crate::coordinates::{CoordinateMap, Coordinates};
use crate::dual::{Datum, Dual};
use crate::linear::{cholesky, forward_substitute, half_index, triangle};
use faer::Mat;
use rand::Rng;

/// Normal on ℝᵈ with mean μ and covariance Σ both unknown: d + d(d + 1)/2 parameters, the
/// covariance as its lower triangle, column by column (vech Σ).
///
/// Information \\(\Sigma^{-1} \oplus \tfrac12 D^\top(\Sigma^{-1}\otimes\Sigma^{-1})D\\) with the
/// duplication matrix D. Source: Magnus & Neudecker, Matrix Differential Calculus (2019), ch. 15.
#[derive(Clone, Copy, Debug)]
pub struct MultivariateNormal {
    /// d ≥ 1.
    pub dimension: usize,
}

impl MultivariateNormal {
    /// The Cholesky factor; outside the parameter space NaN, as every logarithm there is.
    fn factor<D: Dual>(&self, theta: &[D]) -> Vec<D> {
        let covariance = &theta[self.dimension..];
        cholesky(covariance, self.dimension)
            .unwrap_or_else(|_| vec![D::from(f64::NAN); covariance.len()])
    }
}

/// (μ, Σ⁻¹).
#[derive(Clone, Copy, Debug)]
struct Precision {
    dimension: usize,
}

impl Precision {
    /// The inverse of a positive definite matrix given by its lower triangle, likewise.
    fn invert<D: Dual>(self, theta: &[D]) -> Vec<D> {
        let d = self.dimension;
        let mut mapped = theta[..d].to_vec();
        let factor =
            cholesky(&theta[d..], d).unwrap_or_else(|_| vec![D::from(f64::NAN); triangle(d)]);
        let roots: Vec<Vec<D>> = (0..d)
            .map(|column| {
                let mut unit = vec![D::from(0.0); d];
                unit[column] = D::from(1.0);
                forward_substitute(&factor, &mut unit);
                unit
            })
            .collect();
        for column in 0..d {
            for row in column..d {
                let products = roots[row].iter().zip(&roots[column]);
                mapped.push(products.fold(D::from(0.0), |sum, (&a, &b)| sum + a * b));
            }
        }
        mapped
    }
}

impl CoordinateMap for Precision {
    fn name(&self) -> String {
        "precision".into()
    }

    fn names(&self, base: &[String]) -> Vec<String> {
        base.iter()
            .map(|name| name.replace("cov", "precision"))
            .collect()
    }

    fn forward<D: Dual>(&self, theta: &[D]) -> Vec<D> {
        self.invert(theta)
    }

    fn inverse<D: Dual>(&self, phi: &[D]) -> Vec<D> {
        self.invert(phi)
    }
}

impl Family for MultivariateNormal {
    fn name(&self) -> String {
        format!("MultivariateNormal(ℝ^{})", self.dimension)
    }

    fn space(&self) -> ParameterSpace {
        let mut parameters = mean_parameters(self.dimension);
        for column in 1..=self.dimension {
            for row in column..=self.dimension {
                let name = format!("cov{row}{column}");
                parameters.push(if row == column {
                    Parameter::positive(name)
                } else {
                    Parameter::real(name)
                });
            }
        }
        ParameterSpace::constrained(
            parameters,
            Constraint::PositiveDefinite {
                start: self.dimension,
                dimension: self.dimension,
            },
        )
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::Space {
            dimension: self.dimension,
        }
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        log_density_by_factor(&theta[..self.dimension], &self.factor(theta), x)
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        sample_normal(&theta[..self.dimension], &self.factor(theta), rng, x);
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let d = self.dimension;
        let inverse = inverse_by_factor(&self.factor(theta), d);
        let mut information = Mat::zeros(theta.len(), theta.len());
        for i in 0..d {
            for j in 0..d {
                information[(i, j)] = inverse[(i, j)];
            }
        }
        let block = covariance_information(&inverse, d);
        for i in 0..block.nrows() {
            for j in 0..block.ncols() {
                information[(d + i, d + j)] = block[(i, j)];
            }
        }
        Some(information)
    }

    fn closed_form_divergence(&self, theta: &[f64], other: &[f64]) -> Option<f64> {
        let d = self.dimension;
        let (mine, theirs) = (self.factor(theta), self.factor(other));
        let mut shift: Vec<f64> = (0..d).map(|i| theta[i] - other[i]).collect();
        forward_substitute(&theirs, &mut shift);
        let mut divergence: f64 = shift.iter().map(|z| z * z).sum();
        for column in 0..d {
            // Column of L₂⁻¹L₁: its squares sum to tr(Σ₂⁻¹Σ₁).
            let mut ratio: Vec<f64> = (0..d)
                .map(|row| {
                    if row >= column {
                        mine[half_index(row, column, d)]
                    } else {
                        0.0
                    }
                })
                .collect();
            forward_substitute(&theirs, &mut ratio);
            divergence += ratio.iter().map(|r| r * r).sum::<f64>() - 1.0 - 2.0 * ratio[column].ln();
        }
        Some(0.5 * divergence)
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        let d = self.dimension;
        if d == 1 {
            // The normal family, with its variance in the place of the standard deviation.
            let scale = |theta: &[f64]| [theta[0], theta[1].sqrt()];
            let path = ClosedGeodesic::location_scale(1.0, 2.0, scale(from), scale(to));
            return Some(ClosedGeodesic::new(path.length(), move |t| {
                let point = path.at(t);
                vec![point[0], point[1] * point[1]]
            }));
        }
        // Normals of one mean are a totally geodesic part of the family; of two means no formula
        // is known.
        if from[..d] != to[..d] {
            return None;
        }
        ClosedGeodesic::affine_invariant(0.5, d, &from[..d], &from[d..], &to[d..])
    }

    fn reference_prior(&self) -> Option<ReferencePrior> {
        let d = self.dimension;
        Some(ReferencePrior {
            density: format!("det(cov)^(−{}/2)", d + 1),
            reason: format!(
                "of the mean and the covariance together Jeffreys' rule gives det(cov)^(−{}/2), as if the \
                 mean were known: one degree of freedom too many (Geisser & Cornfield 1963)",
                d + 2
            ),
        })
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![Coordinates::new(Precision {
            dimension: self.dimension,
        })]
    }

    fn normal_frame(&self, theta: &[f64]) -> Option<(Vec<f64>, Mat<f64>)> {
        let mean = theta[..self.dimension].to_vec();
        Some((mean, lower_matrix(&self.factor(theta), self.dimension)))
    }
}

/// ½ Dᵀ(Σ⁻¹ ⊗ Σ⁻¹)D for the inverse given.
pub(super) fn covariance_information(inverse: &Mat<f64>, d: usize) -> Mat<f64> {
    let mut information = Mat::zeros(triangle(d), triangle(d));
    // D puts an off-diagonal covariance into two places of vec Σ: ½·(2 − δ)(2 − δ)/2 · (…).
    for (b, a) in pairs(d) {
        for (e, c) in pairs(d) {
            let weight = multiplicity(a, b) * multiplicity(c, e) / 4.0;
            information[(half_index(a, b, d), half_index(c, e, d))] =
                weight * (inverse[(a, c)] * inverse[(b, e)] + inverse[(a, e)] * inverse[(b, c)]);
        }
    }
    information
}

/// (column, row) of the lower triangle.
pub(super) fn pairs(dimension: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..dimension).flat_map(move |column| (column..dimension).map(move |row| (column, row)))
}

/// How many entries of the matrix one entry of its triangle stands for.
pub(super) fn multiplicity(row: usize, column: usize) -> f64 {
    if row == column { 1.0 } else { 2.0 }
}

pub(super) const ENTRY: Entry = Entry {
    name: "mvnormal-full",
    aliases: &["multivariate-normal"],
    summary: "normal vector with unknown mean and covariance",
    example: "mvnormal-full mean=[0,0] cov=[[2,0.5],[0.5,1]]",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let mut theta = arguments.vector("mean")?;
        let dimension = theta.len();
        theta.extend(arguments.symmetric_matrix("cov", Some(dimension))?);
        Instance::new(MultivariateNormal { dimension }, theta)
    },
};
