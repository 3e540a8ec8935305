use super::multivariate_normal::{multiplicity, pairs};
use super::observation::draw_ln_gamma;
use super::{
    Constraint, Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::linear::{backward_substitute, cholesky, forward_substitute, half_index, triangle};
use crate::special::{ln_multivariate_gamma, trigamma};
use faer::Mat;
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use std::f64::consts::LN_2;

/// Wishart on positive definite p × p matrices X, with ν > p − 1 degrees of freedom and scale V
/// (mean νV), V as its lower triangle, column by column:
/// \\(f(X \mid \nu, V) = |X|^{(\nu-p-1)/2}e^{-\mathrm{tr}(V^{-1}X)/2}\big/
/// \bigl(2^{\nu p/2}|V|^{\nu/2}\Gamma_p(\nu/2)\bigr)\\).
///
/// Information \\(I_{VV} = \tfrac\nu2 D^\top(V^{-1}\otimes V^{-1})D\\),
/// \\(I_{\nu V} = \tfrac12 D^\top\mathrm{vec}\,V^{-1}\\),
/// \\(I_{\nu\nu} = \tfrac14\sum_{i<p}\psi'((\nu-i)/2)\\), with the duplication matrix D. The numeric route
/// is a lattice up to p = 2; beyond, it is Monte Carlo. Source: R. J. Muirhead, Aspects of
/// Multivariate Statistical Theory (1982), ch. 3.
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::Wishart;
/// // With p = 1 it is a gamma variable of shape ν/2.
/// let numeric = expected_information(&Wishart { dimension: 1 }, &[3.0, 2.0], Method::Numeric)?;
/// assert!((numeric.matrix()[(0, 1)] - 0.25).abs() < 1e-12);
/// assert!((numeric.matrix()[(1, 1)] - 0.375).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Wishart {
    /// p ≥ 1.
    pub dimension: usize,
}

impl Wishart {
    /// The Cholesky factor of V; outside the parameter space NaN, as every logarithm there is.
    fn factor<D: Dual>(&self, theta: &[D]) -> Vec<D> {
        let scale = &theta[1..];
        cholesky(scale, self.dimension).unwrap_or_else(|_| vec![D::from(f64::NAN); scale.len()])
    }
}

/// The inverse of a matrix with this Cholesky factor, as a lower triangle by columns.
fn inverse<D: Dual>(factor: &[D], dimension: usize) -> Vec<D> {
    let mut entries = vec![D::from(0.0); triangle(dimension)];
    for column in 0..dimension {
        let mut unit = vec![D::from(0.0); dimension];
        unit[column] = D::from(1.0);
        forward_substitute(factor, &mut unit);
        backward_substitute(factor, &mut unit);
        for row in column..dimension {
            entries[half_index(row, column, dimension)] = unit[row];
        }
    }
    entries
}

impl Family for Wishart {
    fn name(&self) -> String {
        format!("Wishart({0} × {0})", self.dimension)
    }

    fn space(&self) -> ParameterSpace {
        let p = self.dimension;
        let mut parameters = vec![Parameter::new("nu", p as f64 - 1.0, f64::INFINITY)];
        for (column, row) in pairs(p) {
            let name = format!("V{}{}", row + 1, column + 1);
            parameters.push(if row == column {
                Parameter::positive(name)
            } else {
                Parameter::real(name)
            });
        }
        let constraint = Constraint::PositiveDefinite {
            start: 1,
            dimension: p,
        };
        ParameterSpace::constrained(parameters, constraint)
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::PositiveDefinite {
            dimension: self.dimension,
        }
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let (p, nu) = (self.dimension, theta[0]);
        let factor = self.factor(theta);
        let mut density = -ln_multivariate_gamma(p, nu * 0.5) - nu * (0.5 * p as f64 * LN_2);
        for column in 0..p {
            let at = half_index(column, column, p);
            // With the factors L of X and M of V: ½ ln|X| = Σ ln Lᵢᵢ, tr(V⁻¹X) = ‖M⁻¹L‖².
            density += (nu - p as f64 - 1.0) * x[at].lift() - nu * factor[at].ln();
            let mut ratio: Vec<D> = (0..p)
                .map(|row| match row {
                    row if row < column => D::from(0.0),
                    row if row == column => x[at].lift().exp(),
                    row => x[half_index(row, column, p)].lift(),
                })
                .collect();
            forward_substitute(&factor, &mut ratio);
            density -= ratio
                .iter()
                .fold(D::from(0.0), |sum, &entry| sum + entry * entry)
                * 0.5;
        }
        density
    }

    /// M·A with the factor M of V and Bartlett's triangle A: roots of chi-squared variables on the
    /// diagonal, normal ones below.
    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        let p = self.dimension;
        let factor = self.factor(theta);
        for column in 0..p {
            let shape = 0.5 * (theta[0] - column as f64);
            let ln = 0.5 * (LN_2 + draw_ln_gamma(self, shape, rng)?);
            let mut drawn = vec![ln.exp()];
            for _ in column + 1..p {
                drawn.push(StandardNormal.sample(rng));
            }
            let at = half_index(column, column, p);
            x[at] = ln + factor[at].ln();
            for row in column + 1..p {
                x[half_index(row, column, p)] = (column..=row)
                    .map(|k| factor[half_index(row, k, p)] * drawn[k - column])
                    .sum();
            }
        }
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let entries = self.differentiable_information(theta)?;
        let size = theta.len();
        Some(Mat::from_fn(size, size, |i, j| {
            entries[half_index(i, j, size)]
        }))
    }

    fn differentiable_information<D: Dual>(&self, theta: &[D]) -> Option<Vec<D>> {
        let (p, nu) = (self.dimension, theta[0]);
        let inverse = inverse(&self.factor(theta), p);
        let at = |row: usize, column: usize| inverse[half_index(row, column, p)];
        let size = 1 + triangle(p);
        let mut information = vec![D::from(0.0); triangle(size)];
        information[0] = (0..p).fold(D::from(0.0), |sum, i| {
            sum + trigamma((nu - i as f64) * 0.5) * 0.25
        });
        for (b, a) in pairs(p) {
            let row = 1 + half_index(a, b, p);
            information[half_index(row, 0, size)] = at(a, b) * (0.5 * multiplicity(a, b));
            for (e, c) in pairs(p) {
                let column = 1 + half_index(c, e, p);
                let weight = multiplicity(a, b) * multiplicity(c, e) / 4.0;
                let products = at(a, c) * at(b, e) + at(a, e) * at(b, c);
                information[half_index(row, column, size)] = nu * products * weight;
            }
        }
        Some(information)
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        let mut maps = vec![Scalar::Identity; 1 + triangle(self.dimension)];
        maps[0] = Scalar::Log;
        vec![Elementwise::coordinates("log-nu", &maps)]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "wishart",
    aliases: &[],
    summary: "sample covariance matrices of normal vectors",
    example: "wishart nu=5 V=[[2,0.5],[0.5,1]]",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let mut theta = vec![arguments.number("nu")?];
        theta.extend(arguments.symmetric_matrix("V", None)?);
        let entries = theta.len() - 1;
        let dimension = (1..=entries)
            .take_while(|&d| triangle(d) <= entries)
            .count();
        Instance::new(Wishart { dimension }, theta)
    },
};
