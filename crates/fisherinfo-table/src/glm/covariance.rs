//! Covariances of the estimates, computed in the stored columns and carried to the terms.

use super::{
    chunk::Chunk,
    elsewhere::Task,
    error::GlmError,
    fit::Fit,
    kernel::ROWS,
    leverage::Place,
    positive_definite::inverse_root,
    separation::named,
    weighted::weighted_products_or,
    wide::{WIDE, product},
};
use faer::{Mat, Side};
use thiserror::Error;

/// The standard errors of a fit: four answers to one question, equal in large samples when the
/// model is true.
#[derive(Clone, Debug, PartialEq)]
pub struct StandardErrors {
    /// From the expected information, XᵀWX/φ.
    pub expected: Vec<f64>,
    /// From the observed information.
    pub observed: Result<Vec<f64>, NoStandardErrors>,
    /// From the outer products of the scores (BHHH).
    pub empirical: Result<Vec<f64>, NoStandardErrors>,
    /// expected⁻¹ · outer products · expected⁻¹, White's sandwich without a small-sample factor
    /// (HC0); right in large samples even where the variance is not the family's.
    pub sandwich: Result<Vec<f64>, NoStandardErrors>,
}

/// Why an information has no standard errors.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum NoStandardErrors {
    /// The inverse of such a matrix is no covariance.
    #[error("this information is not positive along {direction}, so it has no standard errors")]
    NotPositiveDefinite {
        /// The direction, in words.
        direction: String,
    },
    /// φ = 0.
    #[error("the fit is perfect, so its scores say nothing about the spread of the estimates")]
    PerfectFit,
    /// n = p, every residual is zero.
    #[error(
        "there are as many coefficients as observations, so the scores say nothing about the spread of the estimates"
    )]
    Saturated,
}

/// Covariances that allow a variance other than the family's, by their small-sample correction.
///
/// Each is expected⁻¹ · Σ cᵢ sᵢsᵢᵀ · expected⁻¹ with hᵢ the leverage of a row, the diagonal of
/// W^½X(XᵀWX)⁻¹XᵀW^½. Sources: MacKinnon & White, Some heteroskedasticity-consistent covariance
/// matrix estimators with improved finite sample properties, J. Econometrics 29 (1985); for
/// generalised linear models Zeileis, Object-oriented computation of sandwich estimators, J. Stat.
/// Software 16 (2006).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heteroscedasticity {
    /// cᵢ = 1.
    Hc0,
    /// cᵢ = n/(n − p).
    Hc1,
    /// cᵢ = 1/(1 − hᵢ).
    Hc2,
    /// cᵢ = 1/(1 − hᵢ)².
    Hc3,
}

impl Heteroscedasticity {
    /// `HC0` to `HC3`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hc0 => "HC0",
            Self::Hc1 => "HC1",
            Self::Hc2 => "HC2",
            Self::Hc3 => "HC3",
        }
    }

    /// The correction in words, for a table's head.
    pub fn factor(self) -> &'static str {
        match self {
            Self::Hc0 => "1",
            Self::Hc1 => "n/(n − p)",
            Self::Hc2 => "1/(1 − h)",
            Self::Hc3 => "1/(1 − h)²",
        }
    }
}

/// A covariance of the coefficients that allows for heteroscedasticity.
#[derive(Clone, Debug)]
pub struct HeteroscedasticityConsistent {
    /// Which one.
    pub kind: Heteroscedasticity,
    /// p × p, in the order of the terms.
    pub covariance: Mat<f64>,
    /// R with R·Rᵀ the covariance.
    pub root: Mat<f64>,
}

impl HeteroscedasticityConsistent {
    /// Roots of the diagonal.
    pub fn standard_errors(&self) -> Vec<f64> {
        (0..self.covariance.nrows())
            .map(|j| self.covariance[(j, j)].max(0.0).sqrt())
            .collect()
    }
}

impl StandardErrors {
    pub(super) fn of(fit: &Fit<'_>) -> Self {
        let root = fit.dispersion.sqrt();
        Self {
            expected: fit.standard_errors_expected(),
            observed: fit
                .inverse_lengths(fit.observed(), 1.0)
                .map(|lengths| lengths.into_iter().map(|s| root * s).collect()),
            empirical: if fit.residual_degrees_of_freedom() == 0 {
                Err(NoStandardErrors::Saturated)
            } else if fit.dispersion > 0.0 {
                fit.inverse_lengths(fit.empirical(), fit.dispersion)
                    .map(|lengths| lengths.into_iter().map(|s| fit.dispersion * s).collect())
            } else {
                Err(NoStandardErrors::PerfectFit)
            },
            sandwich: if fit.residual_degrees_of_freedom() == 0 {
                Err(NoStandardErrors::Saturated)
            } else {
                Ok(diagonal(&fit.sandwich(fit.empirical()))
                    .into_iter()
                    .map(f64::sqrt)
                    .collect())
            },
        }
    }
}

/// Lengths of the rows of A: roots of the diagonal of A·Aᵀ.
pub(super) fn lengths(matrix: &Mat<f64>) -> Vec<f64> {
    (0..matrix.nrows())
        .map(|i| {
            (0..matrix.ncols())
                .map(|j| matrix[(i, j)] * matrix[(i, j)])
                .sum::<f64>()
                .sqrt()
        })
        .collect()
}

/// The diagonal of a matrix that is positive semi-definite but for rounding.
fn diagonal(matrix: &Mat<f64>) -> Vec<f64> {
    (0..matrix.nrows())
        .map(|i| matrix[(i, i)].max(0.0))
        .collect()
}

impl Fit<'_> {
    /// Standard errors from the expected information, without a pass.
    pub(super) fn standard_errors_expected(&self) -> Vec<f64> {
        let root = self.dispersion.sqrt();
        let lengths = lengths(&self.half());
        lengths.into_iter().map(|s| root * s).collect()
    }

    fn to_raw(&self) -> &Mat<f64> {
        &self.regression.design.to_raw
    }

    /// The root of the covariance of the terms at dispersion one.
    fn half(&self) -> Mat<f64> {
        product(self.to_raw(), &self.root)
    }

    /// WᵀMW, which is the identity where M is the expected information.
    fn in_units_of_expected(&self, matrix: &Mat<f64>) -> Mat<f64> {
        product(product(self.root.transpose(), matrix), &self.root)
    }

    /// Roots of the diagonal of the inverse, in the terms. The matrix counts as positive where it is
    /// more than rounding of `unit` times the expected information, its size when the model is true.
    fn inverse_lengths(
        &self,
        information: &Mat<f64>,
        unit: f64,
    ) -> Result<Vec<f64>, NoStandardErrors> {
        let refused = |direction: &[f64]| NoStandardErrors::NotPositiveDefinite {
            direction: named(
                &self.regression.design,
                &self.regression.terms,
                self.regression.intercept,
                direction,
            )
            .to_string(),
        };
        let size = self.stored.len();
        // The expected information itself, where the link is canonical.
        if size >= WIDE && std::ptr::eq(information, &self.expected) {
            return Ok(lengths(&self.half()));
        }
        let relative = self.in_units_of_expected(information);
        // Is it positive by so much? A decomposition that costs a tenth of the eigenvalues says it.
        if size >= WIDE {
            let less = Mat::from_fn(size, size, |i, j| {
                relative[(i, j)] - if i == j { POSITIVE * unit } else { 0.0 }
            });
            if less.llt(Side::Lower).is_ok()
                && let Some(root) = inverse_root(information)
            {
                return Ok(lengths(&product(self.to_raw(), &root)));
            }
        }
        let Ok(eigen) = relative.self_adjoint_eigen(Side::Lower) else {
            return Err(refused(&vec![0.0; size]));
        };
        let (values, vectors) = (eigen.S().column_vector(), eigen.U());
        // Eigenvalues come in ascending order.
        if values[0] > POSITIVE * unit
            && let Some(root) = inverse_root(information)
        {
            return Ok(lengths(&product(self.to_raw(), &root)));
        }
        let weakest: Vec<f64> = (0..size)
            .map(|i| (0..size).map(|k| self.root[(i, k)] * vectors[(k, 0)]).sum())
            .collect();
        Err(refused(&weakest))
    }

    /// expected⁻¹ · products · expected⁻¹ in the terms; the dispersion cancels.
    pub(super) fn sandwich(&self, products: &Mat<f64>) -> Mat<f64> {
        let half = product(self.to_raw(), product(&self.root, self.root.transpose()));
        product(product(&half, products), half.transpose())
    }

    /// R with R·Rᵀ = [`Fit::covariance`], p × p.
    pub fn covariance_root(&self) -> Mat<f64> {
        faer::Scale(self.dispersion.sqrt()) * self.half()
    }

    /// R with R·Rᵀ the sandwich of the products, times a factor.
    pub(super) fn sandwich_root(&self, products: &Mat<f64>, factor: f64) -> Mat<f64> {
        let half = self.half();
        let middle = self.in_units_of_expected(products);
        if half.nrows() >= WIDE
            && let Ok(cholesky) = middle.llt(Side::Lower)
        {
            return faer::Scale(factor.sqrt()) * product(&half, cholesky.L());
        }
        let Ok(eigen) = middle.self_adjoint_eigen(Side::Lower) else {
            return Mat::zeros(half.nrows(), 0);
        };
        let values = eigen.S().column_vector();
        let turned = half * eigen.U();
        Mat::from_fn(turned.nrows(), turned.ncols(), |i, j| {
            turned[(i, j)] * (factor * values[j].max(0.0)).sqrt()
        })
    }

    /// The covariance from the expected information, φ(XᵀWX)⁻¹, p × p in the order of the terms.
    pub fn covariance(&self) -> Mat<f64> {
        let half = self.half();
        faer::Scale(self.dispersion) * product(&half, half.transpose())
    }

    /// hᵢ = wᵢ·xᵢᵀ(XᵀWX)⁻¹xᵢ, the leverage of each row: between 0 and 1, p in all. Where weights
    /// are frequencies, that of each of the rows that a row stands for.
    ///
    /// # Errors
    /// Rows that cannot be read again; those in memory can.
    pub fn leverages(&self) -> Result<Vec<f64>, GlmError> {
        let place = self.place();
        place.of_rows(self.chunks(), |row| row.leverage / row.copies)
    }

    fn place(&self) -> Place<'_> {
        Place {
            family: self.family,
            link: self.link,
            stored: &self.stored,
            root: &self.root,
        }
    }

    /// The covariance of the coefficients under any variance of the responses, with the
    /// small-sample correction `kind`. HC2 and HC3 take a pass for the leverages.
    ///
    /// # Errors
    /// As many coefficients as rows; a row of leverage one, which HC2 and HC3 would divide by zero
    /// for: it is named.
    pub fn heteroscedasticity_consistent(
        &self,
        kind: Heteroscedasticity,
    ) -> Result<HeteroscedasticityConsistent, GlmError> {
        if self.residual_degrees_of_freedom() == 0 {
            return Err(GlmError::Saturated { rows: self.rows() });
        }
        let (products, factor) = match kind {
            Heteroscedasticity::Hc0 => (self.empirical().clone(), 1.0),
            Heteroscedasticity::Hc1 => {
                let (n, free) = (
                    self.sample_size() as f64,
                    self.residual_degrees_of_freedom(),
                );
                (self.empirical().clone(), n / free as f64)
            }
            Heteroscedasticity::Hc2 | Heteroscedasticity::Hc3 => {
                let power = if kind == Heteroscedasticity::Hc2 {
                    1
                } else {
                    2
                };
                let place = self.place();
                let task = || Task::Leverages(self.point().into_owned(), self.root.clone(), power);
                let products = weighted_products_or(
                    self.chunks(),
                    "leverages",
                    Some(&task),
                    |chunk, block, out| products_less_leverage(&place, power, chunk, block, out),
                )?;
                (products, 1.0)
            }
        };
        Ok(HeteroscedasticityConsistent {
            kind,
            covariance: faer::Scale(factor) * self.sandwich(&products),
            root: self.sandwich_root(&products, factor),
        })
    }
}

/// What multiplies zzᵀ of the rows of a block: the square of the score over a power of one less the
/// leverage.
pub(super) fn products_less_leverage(
    place: &Place<'_>,
    power: usize,
    chunk: &Chunk<'_>,
    block: usize,
    out: &mut [f64],
) -> Result<(), GlmError> {
    let mut full = None;
    place.visit(chunk, block, |i, row| {
        let left = 1.0 - row.leverage / row.copies;
        if left < FULL_LEVERAGE {
            full = full.or(Some(i));
        } else {
            // So many rows with a part of the score each.
            out[i] = row.score * row.score / row.copies / left.powi(power as i32);
        }
    });
    full.map_or(Ok(()), |i| {
        let row = chunk.start + block * ROWS + i;
        Err(GlmError::FullLeverage { row })
    })
}

/// An information under this share of the expected is rounding.
const POSITIVE: f64 = 1e-12;

/// 1 − h under this is rounding: the row alone decides a coefficient.
pub(super) const FULL_LEVERAGE: f64 = 1e-10;
