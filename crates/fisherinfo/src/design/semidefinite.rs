//! E-optimal weights over a few candidates, as a semidefinite program.
//!
//! The largest t with M(w) ⪰ tW, and its dual, the smallest τ with tr(MᵢZ) ≤ τ for all i and a Z ⪰ 0 of
//! tr(WZ) = 1, are solved together by a primal–dual interior-point method with the direction of
//! C. Helmberg, F. Rendl, R. Vanderbei & H. Wolkowicz, SIAM J. Optim. 6 (1996). Z is the certificate:
//! where the smallest eigenvalue is multiple, the subgradient that proves optimality.

use super::DesignError;
use super::barrier::trace;
use super::candidates::Candidates;
use faer::{Mat, MatRef, Side, linalg::solvers::Solve};

/// The relative gap at which to stop.
const GAP: f64 = 1e-13;
const MOST_STEPS: usize = 100;
/// How far a step goes toward the boundary.
const TOWARD: f64 = 0.9;

pub(super) struct Solution {
    pub(super) weights: Vec<f64>,
    /// Z.
    pub(super) dual: Mat<f64>,
}

struct State {
    w: Vec<f64>,
    t: f64,
    slack: Mat<f64>,
    z: Vec<f64>,
    tau: f64,
    dual: Mat<f64>,
}

/// The best weights over all candidates given.
///
/// # Errors
/// A linear system that has no solution at the start: candidates that do not span.
pub(super) fn solve(
    candidates: &Candidates,
    metric: MatRef<'_, f64>,
    steps: &mut usize,
) -> Result<Solution, DesignError> {
    let (count, size) = (candidates.len(), candidates.parameters());
    let matrices: Vec<Mat<f64>> = (0..count)
        .map(|candidate| {
            let mut unit = vec![0.0; count];
            unit[candidate] = 1.0;
            candidates.combined(&unit)
        })
        .collect();
    let mut now = start(candidates, metric)?;
    let mut best: Option<(f64, State)> = None;
    for _ in 0..MOST_STEPS {
        let gap = gap(&now, &matrices, metric, candidates);
        if best.as_ref().is_none_or(|(least, _)| gap < *least) {
            best = Some((gap, copy(&now)));
        }
        if gap <= GAP {
            break;
        }
        *steps += 1;
        // Past the digits of a double the last steps no longer help; the best one stays.
        let Some(next) = step(&now, &matrices, metric, size) else {
            break;
        };
        now = next;
    }
    let (_, state) = best.ok_or(DesignError::NotEstimable)?;
    Ok(Solution {
        weights: state.w,
        dual: state.dual,
    })
}

fn copy(state: &State) -> State {
    State {
        w: state.w.clone(),
        slack: state.slack.clone(),
        z: state.z.clone(),
        dual: state.dual.clone(),
        ..*state
    }
}

/// Equal weights, half of their smallest eigenvalue, and a multiple of the unit matrix.
fn start(candidates: &Candidates, metric: MatRef<'_, f64>) -> Result<State, DesignError> {
    let count = candidates.len();
    let w = vec![1.0 / count as f64; count];
    let information = candidates.combined(&w);
    // λ_min(M, W) = 1/λ_max(L⁻¹WL⁻ᵀ) ≥ 1/tr(M⁻¹W).
    let inverse = inverse(&information).ok_or(DesignError::NotEstimable)?;
    let t = 0.5 / trace(inverse.as_ref(), metric);
    let slack = &information - faer::Scale(t) * metric;
    let dual = faer::Scale(1.0 / trace(metric, metric)) * metric.to_owned();
    let products: Vec<f64> = (0..count)
        .map(|i| candidates.product(i, dual.as_ref()))
        .collect();
    let tau = 1.5 * products.iter().copied().fold(0.0, f64::max);
    let z = products.iter().map(|product| tau - product).collect();
    Ok(State {
        w,
        t,
        slack,
        z,
        tau,
        dual,
    })
}

/// 1 − λ_min(M, W)/maxᵢ tr(MᵢZ), both taken anew from w and Z.
fn gap(
    state: &State,
    matrices: &[Mat<f64>],
    metric: MatRef<'_, f64>,
    candidates: &Candidates,
) -> f64 {
    let total: f64 = state.w.iter().sum();
    let weights: Vec<f64> = state.w.iter().map(|w| w / total).collect();
    let upper = matrices
        .iter()
        .map(|matrix| trace(matrix.as_ref(), state.dual.as_ref()))
        .fold(0.0, f64::max)
        / trace(metric, state.dual.as_ref());
    let lower = smallest(&candidates.combined(&weights), metric).unwrap_or(0.0);
    1.0 - lower / upper
}

/// The smallest λ with det(M − λW) = 0.
pub(super) fn smallest(matrix: &Mat<f64>, metric: MatRef<'_, f64>) -> Option<f64> {
    let size = matrix.nrows();
    let factor = metric.llt(Side::Lower).ok()?;
    let half = solve_lower(factor.L(), matrix.as_ref());
    let whole = solve_lower(factor.L(), half.transpose());
    let symmetric = Mat::from_fn(size, size, |i, j| 0.5 * (whole[(i, j)] + whole[(j, i)]));
    let eigen = symmetric.self_adjoint_eigen(Side::Lower).ok()?;
    Some(eigen.S().column_vector()[0])
}

fn solve_lower(lower: MatRef<'_, f64>, right: MatRef<'_, f64>) -> Mat<f64> {
    let mut solution = right.to_owned();
    for column in 0..right.ncols() {
        for row in 0..lower.nrows() {
            let mut entry = solution[(row, column)];
            for k in 0..row {
                entry -= lower[(row, k)] * solution[(k, column)];
            }
            solution[(row, column)] = entry / lower[(row, row)];
        }
    }
    solution
}

fn inverse(matrix: &Mat<f64>) -> Option<Mat<f64>> {
    let size = matrix.nrows();
    let factor = matrix.llt(Side::Lower).ok()?;
    Some(factor.solve(Mat::<f64>::identity(size, size)))
}

/// One step; `None` where rounding leaves none.
fn step(now: &State, matrices: &[Mat<f64>], metric: MatRef<'_, f64>, size: usize) -> Option<State> {
    let count = now.w.len();
    let complementarity = now.w.iter().zip(&now.z).map(|(w, z)| w * z).sum::<f64>()
        + trace(now.slack.as_ref(), now.dual.as_ref());
    let mu = 0.15 * complementarity / (count + size) as f64;
    let slack_inverse = inverse(&now.slack)?;
    // What M(w) − tW and S differ by, which is rounding after a full step.
    let mut residual = Mat::from_fn(size, size, |i, j| {
        -now.t * metric[(i, j)] - now.slack[(i, j)]
    });
    for (weight, matrix) in now.w.iter().zip(matrices) {
        residual += faer::Scale(*weight) * matrix;
    }
    // μS⁻¹ − Z − Z·residual·S⁻¹: the part of ΔZ that does not depend on Δw and Δt.
    let fixed =
        faer::Scale(mu) * &slack_inverse - &now.dual - &now.dual * &residual * &slack_inverse;
    let carried: Vec<Mat<f64>> = matrices
        .iter()
        .map(|matrix| &now.dual * matrix * &slack_inverse)
        .collect();
    let carried_metric = &now.dual * metric * &slack_inverse;
    let unknowns = count + 2;
    let mut system = Mat::<f64>::zeros(unknowns, unknowns);
    let mut right = Mat::<f64>::zeros(unknowns, 1);
    let products: Vec<f64> = matrices
        .iter()
        .map(|matrix| trace(matrix.as_ref(), now.dual.as_ref()))
        .collect();
    for i in 0..count {
        // Scaled by w: the weights end many orders of magnitude apart.
        let w = now.w[i];
        for j in 0..=i {
            let entry = w * now.w[j] * trace(matrices[i].as_ref(), carried[j].as_ref());
            system[(i, j)] = entry;
            system[(j, i)] = entry;
        }
        system[(i, i)] += now.z[i] * w;
        let b = w * trace(metric, carried[i].as_ref());
        system[(i, count)] = -b;
        system[(count, i)] = -b;
        system[(i, count + 1)] = w;
        system[(count + 1, i)] = w;
        let violation = now.tau - products[i] - now.z[i];
        right[(i, 0)] =
            w * (trace(matrices[i].as_ref(), fixed.as_ref()) - violation - now.z[i]) + mu;
    }
    system[(count, count)] = trace(metric, carried_metric.as_ref());
    right[(count, 0)] = 1.0 - trace(metric, now.dual.as_ref()) - trace(metric, fixed.as_ref());
    right[(count + 1, 0)] = 1.0 - now.w.iter().sum::<f64>();
    let solution = system.partial_piv_lu().solve(&right);
    if !(0..unknowns).all(|i| solution[(i, 0)].is_finite()) {
        return None;
    }
    let dw: Vec<f64> = (0..count).map(|i| now.w[i] * solution[(i, 0)]).collect();
    let (dt, dtau) = (solution[(count, 0)], solution[(count + 1, 0)]);
    let mut dslack = residual - faer::Scale(dt) * metric.to_owned();
    let mut ddual = fixed + faer::Scale(dt) * &carried_metric;
    // `fixed` has the residual already; what follows is the change by Δw and Δt alone.
    for ((change, matrix), carried) in dw.iter().zip(matrices).zip(&carried) {
        dslack += faer::Scale(*change) * matrix;
        ddual -= faer::Scale(*change) * carried;
    }
    let ddual = Mat::from_fn(size, size, |i, j| 0.5 * (ddual[(i, j)] + ddual[(j, i)]));
    let dz: Vec<f64> = (0..count)
        .map(|i| (mu - now.z[i] * dw[i]) / now.w[i] - now.z[i])
        .collect();
    let primal = longest(&now.w, &dw).min(longest_definite(&now.slack, &dslack)?);
    let dual = longest(&now.z, &dz).min(longest_definite(&now.dual, &ddual)?);
    if primal < 1e-8 && dual < 1e-8 {
        return None;
    }
    let add = |values: &[f64], changes: &[f64], factor: f64| -> Vec<f64> {
        values
            .iter()
            .zip(changes)
            .map(|(v, c)| v + factor * c)
            .collect()
    };
    Some(State {
        w: add(&now.w, &dw, primal),
        t: now.t + primal * dt,
        slack: &now.slack + faer::Scale(primal) * &dslack,
        z: add(&now.z, &dz, dual),
        tau: now.tau + dual * dtau,
        dual: &now.dual + faer::Scale(dual) * &ddual,
    })
}

/// The longest step ≤ 1 that stays clear of zero.
fn longest(values: &[f64], changes: &[f64]) -> f64 {
    values
        .iter()
        .zip(changes)
        .filter(|(_, change)| **change < 0.0)
        .map(|(value, change)| -TOWARD * value / change)
        .fold(1.0, f64::min)
}

/// The longest step ≤ 1 on which a matrix stays positive definite.
fn longest_definite(matrix: &Mat<f64>, change: &Mat<f64>) -> Option<f64> {
    let factor = matrix.llt(Side::Lower).ok()?;
    let half = solve_lower(factor.L(), change.as_ref());
    let whole = solve_lower(factor.L(), half.transpose());
    let size = matrix.nrows();
    let symmetric = Mat::from_fn(size, size, |i, j| 0.5 * (whole[(i, j)] + whole[(j, i)]));
    let eigen = symmetric.self_adjoint_eigen(Side::Lower).ok()?;
    let least = eigen.S().column_vector()[0];
    Some(if least < 0.0 {
        (-TOWARD / least).min(1.0)
    } else {
        1.0
    })
}
