use super::multivariate_normal::{covariance_information, pairs};
use super::multivariate_normal_location::inverse_by_factor;
use super::{
    ArgumentError, ClosedGeodesic, Constraint, Entry, Family, Instance, Parameter, ParameterSpace,
    SamplingError, Support, Wishart,
};
use crate::dual::{Datum, Dual};
use crate::linear::{cholesky, triangle};
use faer::Mat;
use rand::Rng;

/// Wishart on positive definite p × p matrices with a known number ν > p − 1 of degrees of freedom and
/// scale V, as its lower triangle, column by column; the density is that of [`Wishart`].
///
/// Information \\(\tfrac\nu2 D^\top(V^{-1}\otimes V^{-1})D\\) with the duplication matrix D; the Fisher–Rao
/// distance is \\(\sqrt{\tfrac\nu2\sum\ln^2\lambda_i}\\) over the eigenvalues λ of \\(V_1^{-1}V_2\\).
/// Source: C. Atkinson & A. F. S. Mitchell, Sankhyā A 43 (1981); R. J. Muirhead, Aspects of
/// Multivariate Statistical Theory (1982), ch. 3.
///
/// ```
/// use fisherinfo::family::WishartKnownNu;
/// use fisherinfo::geometry::{GeodesicMethod, fisher_rao_distance};
/// let scatter = WishartKnownNu { nu: 8.0, dimension: 2 };
/// // Eigenvalues e and 1/e: 2·√2.
/// let e = 1f64.exp();
/// let (from, to) = ([1.0, 0.0, 1.0], [e, 0.0, 1.0 / e]);
/// let distance = fisher_rao_distance(&scatter, &from, &to, GeodesicMethod::ClosedForm)?;
/// assert!((distance.value - 8f64.sqrt()).abs() < 1e-14);
/// # Ok::<(), fisherinfo::geometry::GeometryError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct WishartKnownNu {
    /// ν > p − 1, known.
    pub nu: f64,
    /// p ≥ 1.
    pub dimension: usize,
}

impl WishartKnownNu {
    fn unknown(&self) -> Wishart {
        Wishart {
            dimension: self.dimension,
        }
    }

    /// ν before V.
    fn with_nu<D: Dual>(&self, theta: &[D]) -> Vec<D> {
        let mut all = vec![D::from(self.nu)];
        all.extend_from_slice(theta);
        all
    }
}

impl Family for WishartKnownNu {
    fn name(&self) -> String {
        format!("Wishart({0} × {0}, ν = {1} known)", self.dimension, self.nu)
    }

    fn space(&self) -> ParameterSpace {
        let p = self.dimension;
        let parameters = pairs(p).map(|(column, row)| {
            let name = format!("V{}{}", row + 1, column + 1);
            if row == column {
                Parameter::positive(name)
            } else {
                Parameter::real(name)
            }
        });
        let constraint = Constraint::PositiveDefinite {
            start: 0,
            dimension: p,
        };
        ParameterSpace::constrained(parameters.collect(), constraint)
    }

    fn support(&self, theta: &[f64]) -> Support {
        self.unknown().support(theta)
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        self.unknown().log_density(&self.with_nu(theta), x)
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        Family::sample(&self.unknown(), &self.with_nu(theta), rng, x)
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let p = self.dimension;
        let inverse = inverse_by_factor(&cholesky(theta, p).ok()?, p);
        Some(covariance_information(&inverse, p) * faer::Scale(self.nu))
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        ClosedGeodesic::affine_invariant(0.5 * self.nu, self.dimension, &[], from, to)
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "wishart-known-nu",
    aliases: &[],
    summary: "sample covariance matrices of a known number of normal vectors",
    example: "wishart-known-nu nu=5 V=[[2,0.5],[0.5,1]]",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let nu = arguments.positive("nu")?;
        let theta = arguments.symmetric_matrix("V", None)?;
        let dimension = (1..=theta.len())
            .take_while(|&d| triangle(d) <= theta.len())
            .count();
        if nu <= dimension as f64 - 1.0 {
            return Err(ArgumentError::Wanted {
                name: "nu".into(),
                value: nu.to_string(),
                wanted: format!("more than {}, one less than the rows of V", dimension - 1),
            });
        }
        Instance::new(WishartKnownNu { nu, dimension }, theta)
    },
};
