//! The maximum of the likelihood where some coefficients are held at given values.

use super::{
    error::GlmError,
    fit::Fit,
    pass::{Extent, Predictor, Sums, pass},
    positive_definite::solve,
    rows::is_canonical,
    scoring::is_rounding,
};
use faer::{Mat, linalg::solvers::Solve};

/// Coefficients βⱼ that are held, as A·b = values in the stored coefficients.
pub(super) struct Held {
    /// Row j of ∂β/∂b for each.
    rows: Mat<f64>,
    /// Columns that no held coefficient changes along, orthonormal.
    free: Mat<f64>,
    /// I⁻¹Aᵀ(A·I⁻¹·Aᵀ)⁻¹ at the fit: how the others follow a held coefficient.
    follow: Mat<f64>,
}

/// Where a constrained maximum lies, and the sums there.
pub(super) struct Constrained {
    pub(super) coefficients: Vec<f64>,
    pub(super) sums: Sums,
}

/// Steps may be halved so often, and so many steps be made.
const HALVINGS: usize = 40;
const ITERATIONS: usize = 200;

impl Held {
    /// None where the held coefficients cannot be told apart.
    pub(super) fn new(fit: &Fit<'_>, columns: &[usize]) -> Option<Self> {
        let design = &fit.regression.design;
        let (width, held) = (design.width, columns.len());
        let rows = Mat::from_fn(held, width, |i, k| design.to_raw[(columns[i], k)]);
        // Rows of unit length: their units do not matter to what is orthogonal to them.
        let unit = Mat::from_fn(width, held, |k, i| {
            let length: f64 = (0..width).map(|l| rows[(i, l)] * rows[(i, l)]).sum();
            rows[(i, k)] / length.sqrt()
        });
        let orthonormal = unit.qr().compute_Q();
        let free = orthonormal.subcols(held, width - held).to_owned();
        let across = fit.root.transpose() * rows.transpose();
        let variance = across.transpose() * &across;
        let factor = variance.llt(faer::Side::Lower).ok()?;
        let follow = &fit.root * &across * factor.solve(Mat::<f64>::identity(held, held));
        Some(Self { rows, free, follow })
    }

    /// The point nearest to `from`, in the metric of the information, that has the values.
    pub(super) fn nearest(&self, from: &[f64], values: &[f64]) -> Vec<f64> {
        let missing: Vec<f64> = (0..values.len())
            .map(|i| {
                let now: f64 = (0..from.len()).map(|k| self.rows[(i, k)] * from[k]).sum();
                values[i] - now
            })
            .collect();
        (0..from.len())
            .map(|k| {
                let step: f64 = (0..values.len())
                    .map(|i| self.follow[(k, i)] * missing[i])
                    .sum();
                from[k] + step
            })
            .collect()
    }

    /// How the stored coefficients move, near the fit, as the first held one grows by one.
    pub(super) fn direction(&self) -> Vec<f64> {
        (0..self.follow.nrows())
            .map(|k| self.follow[(k, 0)])
            .collect()
    }

    fn projected(&self, matrix: &Mat<f64>) -> Mat<f64> {
        self.free.transpose() * matrix * &self.free
    }

    /// The maximum over the free directions through `start`; none where no mean there is one of
    /// the family's, or no maximum is reached.
    ///
    /// # Errors
    /// Rows that cannot be read again.
    pub(super) fn maximise(
        &self,
        fit: &Fit<'_>,
        start: Vec<f64>,
    ) -> Result<Option<Constrained>, GlmError> {
        let extent = if is_canonical(fit.family, fit.link) {
            Extent::Step
        } else {
            Extent::StepAndObserved
        };
        let sums_at = |coefficients: &[f64]| {
            let here = Predictor::Coefficients(coefficients);
            let name = "terms held";
            let sums = pass(fit.chunks(), name, fit.family, fit.link, here, extent)?;
            let inside = sums.tally.outside == 0 && sums.tally.log_kernel.is_finite();
            Ok::<_, GlmError>(inside.then_some(sums))
        };
        let Some(sums) = sums_at(&start)? else {
            return Ok(None);
        };
        let mut state = Constrained {
            sums,
            coefficients: start,
        };
        let free = self.free.ncols();
        if free == 0 {
            return Ok(Some(state));
        }
        let tolerance = fit.regression.options.tolerance;
        for _ in 0..ITERATIONS {
            let sums = &state.sums;
            let score: Vec<f64> = (0..free)
                .map(|i| {
                    let along = self.free.col(i);
                    (0..sums.score.len())
                        .map(|k| along[k] * sums.score[k])
                        .sum()
                })
                .collect();
            // Newton's step where the observed information is one, for its quicker end.
            let observed = sums.observed.as_ref().map(|matrix| self.projected(matrix));
            let step = observed
                .and_then(|matrix| solve(&matrix, &score))
                .or_else(|| solve(&self.projected(&sums.expected), &score));
            let Some(step) = step else {
                return Ok(None);
            };
            let decrement: f64 = step.iter().zip(&score).map(|(d, s)| d * s).sum();
            let offset = (decrement.max(0.0) / (free as f64 * fit.dispersion)).sqrt();
            let along: Vec<f64> = (0..sums.score.len())
                .map(|k| (0..free).map(|i| self.free[(k, i)] * step[i]).sum())
                .collect();
            if offset <= tolerance || is_rounding(&along, &state.coefficients) {
                return Ok(Some(state));
            }
            let before = sums.tally.log_kernel;
            let slack = 1e-10 * (1.0 + before.abs());
            let mut fraction = 1.0;
            let mut next = None;
            for _ in 0..HALVINGS {
                let coefficients: Vec<f64> = state
                    .coefficients
                    .iter()
                    .zip(&along)
                    .map(|(b, d)| b + fraction * d)
                    .collect();
                fraction *= 0.5;
                if let Some(sums) = sums_at(&coefficients)?
                    && sums.tally.log_kernel >= before - slack
                {
                    next = Some(Constrained { coefficients, sums });
                    break;
                }
            }
            match next {
                Some(next) => state = next,
                None => return Ok(None),
            }
        }
        Ok(None)
    }
}
