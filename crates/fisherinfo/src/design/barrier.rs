//! D- and A-optimal weights over a few candidates, by Newton's method along a barrier.
//!
//! ψ(w) + μ Σ ln wᵢ is maximised on Σ wᵢ = 1 for μ falling to rounding, where ψ is (ln det M)/k or
//! −tr(W M⁻¹)/s. At its maximum the normalised variances gᵢ = ∂ψ/∂wᵢ are λ − μ/wᵢ ≤ λ: the equivalence
//! theorem up to nμ. Both functions with the barrier are self-concordant up to a constant (Y. Nesterov &
//! A. Nemirovskii, Interior-Point Polynomial Algorithms (1994)), so that damped steps always arrive.

use super::candidates::Candidates;
use super::{Criterion, DesignError};
use faer::{Mat, MatRef, Side, linalg::solvers::Solve};

/// The last μ: what a certificate is off by, for each candidate.
const LAST: f64 = 1e-15;
/// How much μ falls at a time.
const FALL: f64 = 0.1;
/// The Newton decrement under which a point counts as central.
const CENTRAL: f64 = 0.2;
/// Newton steps for one μ.
const MOST_STEPS: usize = 60;

/// What the barrier needs at a point.
struct Point {
    weights: Vec<f64>,
    /// ψ + μ Σ ln w.
    value: f64,
    inverse: Mat<f64>,
}

pub(super) struct Barrier<'a> {
    candidates: &'a Candidates,
    criterion: &'a Criterion,
    /// W.
    metric: MatRef<'a, f64>,
    /// s, tr(W M⁻¹) at the start.
    scale: f64,
}

impl<'a> Barrier<'a> {
    pub(super) fn new(
        candidates: &'a Candidates,
        criterion: &'a Criterion,
        metric: MatRef<'a, f64>,
    ) -> Self {
        Self {
            candidates,
            criterion,
            metric,
            scale: 1.0,
        }
    }

    /// The best weights, starting from positive ones that sum to one.
    ///
    /// # Errors
    /// An information that is singular at the start.
    pub(super) fn solve(
        mut self,
        start: Vec<f64>,
        steps: &mut usize,
    ) -> Result<Vec<f64>, DesignError> {
        let count = start.len() as f64;
        let mut now = self.point(start, 0.0).ok_or(DesignError::NotEstimable)?;
        if *self.criterion == Criterion::A {
            self.scale = -now.value;
        }
        let mut mu = 1.0 / count;
        loop {
            now = self
                .point(now.weights, mu)
                .ok_or(DesignError::NotEstimable)?;
            for _ in 0..MOST_STEPS {
                *steps += 1;
                let Some((step, decrement)) = self.newton(&now, mu) else {
                    break;
                };
                if decrement.is_nan() {
                    break;
                }
                let short = 1.0 / (1.0 + 2.0 * decrement);
                // The largest step that leaves a twentieth of every weight.
                let room = step
                    .iter()
                    .zip(&now.weights)
                    .filter(|(s, _)| **s < 0.0)
                    .map(|(s, w)| -0.95 * w / s)
                    .fold(f64::INFINITY, f64::min);
                let mut factor = room.min(1.0);
                let next = loop {
                    let moved = moved(&now.weights, &step, factor);
                    let Some(next) = self.point(moved, mu) else {
                        break None;
                    };
                    let gain = 0.1 * factor * mu * decrement * decrement;
                    // Steps that theory grants are taken also where rounding hides their gain.
                    if factor <= short || decrement < CENTRAL || next.value >= now.value + gain {
                        break Some(next);
                    }
                    factor = (0.5 * factor).max(short);
                };
                let Some(next) = next else { break };
                now = next;
                if decrement < CENTRAL {
                    break;
                }
            }
            if mu <= LAST {
                return Ok(now.weights);
            }
            mu = (mu * FALL).max(LAST);
        }
    }

    fn point(&self, weights: Vec<f64>, mu: f64) -> Option<Point> {
        let information = self.candidates.combined(&weights);
        let size = information.nrows();
        let factor = information.llt(Side::Lower).ok()?;
        let inverse = factor.solve(Mat::<f64>::identity(size, size));
        let criterion = match self.criterion {
            Criterion::A => -trace(self.metric, inverse.as_ref()) / self.scale,
            _ => {
                let lower = factor.L();
                2.0 * (0..size).map(|i| lower[(i, i)].ln()).sum::<f64>() / size as f64
            }
        };
        let barrier = if mu == 0.0 {
            0.0
        } else {
            mu * weights.iter().map(|w| w.ln()).sum::<f64>()
        };
        let value = criterion + barrier;
        value.is_finite().then_some(Point {
            weights,
            value,
            inverse,
        })
    }

    /// The Newton step and its decrement, in units of √μ.
    fn newton(&self, point: &Point, mu: f64) -> Option<(Vec<f64>, f64)> {
        let count = point.weights.len();
        let (gradient, curvature) = self.derivatives(point.inverse.as_ref());
        // Scaled by the weights, whose sizes are far apart.
        let w = &point.weights;
        let scaled = Mat::from_fn(count, count, |i, j| {
            w[i] * curvature[(i, j)] * w[j] + if i == j { mu } else { 0.0 }
        });
        let factor = scaled.llt(Side::Lower).ok()?;
        let solved = factor.solve(Mat::from_fn(count, 2, |i, column| {
            if column == 0 {
                w[i] * gradient[i] + mu
            } else {
                w[i]
            }
        }));
        let sum = |column: usize| -> f64 { (0..count).map(|i| w[i] * solved[(i, column)]).sum() };
        let multiplier = sum(0) / sum(1);
        let relative: Vec<f64> = (0..count)
            .map(|i| solved[(i, 0)] - multiplier * solved[(i, 1)])
            .collect();
        let mut square = 0.0;
        for i in 0..count {
            for j in 0..count {
                square += relative[i] * scaled[(i, j)] * relative[j];
            }
        }
        let step = relative.iter().zip(w).map(|(r, w)| r * w).collect();
        Some((step, (square / mu).sqrt()))
    }

    /// ∂ψ/∂w and −∂²ψ/∂w².
    fn derivatives(&self, inverse: MatRef<'_, f64>) -> (Vec<f64>, Mat<f64>) {
        let count = self.candidates.len();
        let size = self.candidates.parameters();
        let owners: Vec<usize> = (0..count)
            .flat_map(|candidate| self.candidates.rows(candidate).map(move |_| candidate))
            .collect();
        let rows: Vec<&[f64]> = (0..count)
            .flat_map(|candidate| self.candidates.rows(candidate))
            .collect();
        let rows = Mat::from_fn(rows.len(), size, |i, j| rows[i][j]);
        let inner = &rows * inverse * rows.transpose();
        let (outer, factor) = match self.criterion {
            Criterion::A => {
                let middle = inverse * self.metric * inverse;
                (&rows * middle * rows.transpose(), 1.0 / self.scale)
            }
            _ => (inner.clone(), 1.0 / size as f64),
        };
        let twice = if *self.criterion == Criterion::A {
            2.0
        } else {
            1.0
        };
        let mut gradient = vec![0.0; count];
        let mut curvature = Mat::zeros(count, count);
        for (i, &a) in owners.iter().enumerate() {
            gradient[a] += factor * outer[(i, i)];
            for (j, &b) in owners.iter().enumerate() {
                curvature[(a, b)] += twice * factor * inner[(i, j)] * outer[(i, j)];
            }
        }
        (gradient, curvature)
    }
}

fn moved(weights: &[f64], step: &[f64], factor: f64) -> Vec<f64> {
    let moved: Vec<f64> = weights
        .iter()
        .zip(step)
        .map(|(w, s)| (w + factor * s).max(f64::MIN_POSITIVE))
        .collect();
    let total: f64 = moved.iter().sum();
    moved.into_iter().map(|w| w / total).collect()
}

/// tr(AB).
pub(super) fn trace(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> f64 {
    let size = a.nrows();
    let mut sum = 0.0;
    for j in 0..size {
        for i in 0..size {
            sum += a[(i, j)] * b[(j, i)];
        }
    }
    sum
}
