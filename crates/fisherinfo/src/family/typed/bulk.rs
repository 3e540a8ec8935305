//! Where the bulk of a density lies, found from its logarithm alone.

use super::TypedDensity;
use super::axis::Axis;
use crate::dual::{Datum, Dual};
use crate::expression::Value;
use crate::family::{Family, Support};
use crate::linear::cholesky;
use crate::linear::half_index;
use faer::Mat;
use num_dual::{Dual64, HyperDual64};

/// A local maximum of a log-density g over ℝ, and the distances to either side over which g falls
/// by ½: one standard deviation of a normal density.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mode {
    pub(super) at: f64,
    pub(super) height: f64,
    pub(super) below: f64,
    pub(super) above: f64,
}

impl Mode {
    /// ln of the mass that a normal density of this height and width has, but for a constant.
    fn log_mass(&self) -> f64 {
        self.height + (self.below + self.above).ln()
    }
}

/// Modes with less mass than e^−this of the largest do not matter to a double.
const NEGLIGIBLE: f64 = 45.0;

/// A point of the support.
pub(super) fn a_point(support: &Support) -> f64 {
    match (support, Axis::of(support)) {
        (_, Some(axis)) => axis.point(0.0).0,
        (Support::Integers { from, .. }, None) => *from as f64,
        _ => 0.0,
    }
}

/// Not finite counts as no density.
fn or_nothing(value: f64) -> f64 {
    if value.is_finite() {
        value
    } else {
        f64::NEG_INFINITY
    }
}

/// ln of the density of the opened coordinate v.
pub(super) fn opened(axis: Axis, log_density: &dyn Fn(f64) -> f64) -> impl Fn(f64) -> f64 {
    move |v| {
        let (x, log_slope) = axis.point(v);
        if axis.contains(x) {
            or_nothing(log_density(x) + log_slope)
        } else {
            f64::NEG_INFINITY
        }
    }
}

/// The modes that matter of a density on an interval, in the opened coordinate, in order.
pub(super) fn modes(axis: Axis, hints: &[f64], g: &dyn Fn(f64) -> f64) -> Vec<Mode> {
    let mut starts: Vec<f64> = hints
        .iter()
        .map(|hint| axis.coordinate(*hint))
        .filter(|v| v.is_finite())
        .collect();
    let named = starts.len();
    let far: &[f64] = if axis.is_line() {
        &[1e3, 1e4, 1e6, 1e9]
    } else {
        &[60.0, 100.0, 300.0]
    };
    starts.push(0.0);
    for size in [0.1, 1.0, 3.0, 10.0, 30.0].iter().chain(far) {
        starts.extend([*size, -*size]);
    }
    // From every hint, and from the three best of the others.
    let mut others: Vec<(f64, f64)> = starts[named..].iter().map(|v| (g(*v), *v)).collect();
    others.sort_by(|a, b| b.0.total_cmp(&a.0));
    starts.truncate(named);
    starts.extend(others.iter().take(3).map(|(_, v)| *v));
    let mut modes: Vec<Mode> = Vec::new();
    for start in starts {
        let Some(mode) = climb(g, start) else {
            continue;
        };
        let is_new = modes
            .iter()
            .all(|known| (known.at - mode.at).abs() > 0.1 * (known.below + known.above));
        if is_new {
            modes.push(mode);
        }
    }
    let most = modes
        .iter()
        .map(Mode::log_mass)
        .fold(f64::NEG_INFINITY, f64::max);
    modes.retain(|mode| mode.log_mass() > most - NEGLIGIBLE);
    modes.sort_by(|a, b| a.at.total_cmp(&b.at));
    modes
}

/// The maximum uphill from a point, by steps that double while they help and shrink when they do
/// not; `None` where there is no density, or no end to it.
fn climb(g: &dyn Fn(f64) -> f64, start: f64) -> Option<Mode> {
    let (mut at, mut height) = (start, g(start));
    if height == f64::NEG_INFINITY {
        return None;
    }
    let mut step = 0.25 * (1.0 + start.abs());
    // Enough for 60 doublings to a far mode and 100 quarterings to a narrow one.
    for _ in 0..400 {
        if step <= 1e-9 * at.abs().max(1e-280) {
            break;
        }
        let forth = g(at + step);
        if forth > height {
            (at, height) = (at + step, forth);
            step *= 2.0;
            continue;
        }
        let back = g(at - step);
        if back > height {
            (at, height) = (at - step, back);
            step *= -2.0;
            step = step.abs();
            continue;
        }
        // Both sides are no higher: within a step of the top. Flat to rounding is the top.
        if height - forth.max(back) < 1e-10 && step < 1e-3 * (1.0 + at.abs()) {
            break;
        }
        step *= 0.25;
    }
    let fall = |sign: f64| {
        let falls = |distance: f64| g(at + sign * distance) < height - 0.5;
        let mut distance = 1.0;
        if falls(distance) {
            while distance > f64::MIN_POSITIVE && falls(0.5 * distance) {
                distance *= 0.5;
            }
            Some(distance)
        } else {
            while distance < 1e150 {
                distance *= 2.0;
                if falls(distance) {
                    return Some(distance);
                }
            }
            None
        }
    };
    Some(Mode {
        at,
        height,
        below: fall(-1.0)?,
        above: fall(1.0)?,
    })
}

/// Observations spread over the bulk of a density in one dimension; none where it was not found.
pub(super) fn landmarks(
    support: &Support,
    hints: &[f64],
    log_density: &dyn Fn(f64) -> f64,
) -> Vec<Vec<f64>> {
    if let Support::Integers { from, to } = *support {
        return integer_mode(from, to, hints, log_density)
            .map(|mode| vec![mode as f64])
            .into_iter()
            .collect();
    }
    let Some(axis) = Axis::of(support) else {
        return Vec::new();
    };
    let g = opened(axis, log_density);
    // The quartiles of a normal density are 0.67 deviations from its middle.
    modes(axis, hints, &g)
        .iter()
        .flat_map(|mode| {
            [-1.5, -0.67, 0.0, 0.67, 1.5].map(|deviations: f64| {
                let unit = if deviations < 0.0 {
                    mode.below
                } else {
                    mode.above
                };
                let mut mark = vec![0.0; support.width()];
                axis.observe(mode.at + deviations * unit, &mut mark);
                mark
            })
        })
        .filter(|mark| axis.contains(mark[0]))
        .collect()
}

/// The integer of the largest probability that was found.
pub(super) fn integer_mode(
    from: i64,
    to: Option<i64>,
    hints: &[f64],
    log_density: &dyn Fn(f64) -> f64,
) -> Option<i64> {
    let last = to.unwrap_or(1 << 53);
    let g = |x: i64| or_nothing(log_density(x as f64));
    let mut starts: Vec<i64> = hints.iter().map(|hint| hint.round() as i64).collect();
    starts.extend((0..40).map(|k| from.saturating_add((1 << k) - 1)));
    starts.iter_mut().for_each(|x| *x = (*x).clamp(from, last));
    let mut heights: Vec<(f64, i64)> = starts.into_iter().map(|x| (g(x), x)).collect();
    heights.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut height, mut at) = *heights.first()?;
    if height == f64::NEG_INFINITY {
        return None;
    }
    let mut step = 1_i64 << 40;
    while step > 0 {
        let uphill = [step, -step].into_iter().find_map(|step| {
            let x = at.saturating_add(step);
            let inside = x >= from && x <= last;
            (inside && g(x) > height).then_some(x)
        });
        match uphill {
            Some(x) => (at, height) = (x, g(x)),
            None => step /= 2,
        }
    }
    Some(at)
}

/// The same of several integers, uphill along each axis in turn.
pub(super) fn integer_modes(
    factors: &[Support],
    hints: &[f64],
    log_density: &dyn Fn(&[f64]) -> f64,
) -> Option<Vec<f64>> {
    let mut at: Vec<f64> = factors.iter().map(a_point).collect();
    for _ in 0..3 {
        for (index, factor) in factors.iter().enumerate() {
            let Support::Integers { from, to } = *factor else {
                return None;
            };
            let along = |x: f64| {
                let mut moved = at.clone();
                moved[index] = x;
                log_density(&moved)
            };
            if let Some(mode) = integer_mode(from, to, hints, &along) {
                at[index] = mode as f64;
            }
        }
    }
    Some(at)
}

/// Mode and lower Cholesky factor of the inverse curvature there, of the density of the opened
/// observation.
pub(super) fn normal_frame(
    density: &TypedDensity,
    theta: &[f64],
    axes: &[Axis],
) -> Option<(Vec<f64>, Mat<f64>)> {
    let dimension = axes.len();
    let g = |v: &[f64]| or_nothing(opened_log_density(density, theta, axes, v));
    let mut v = start(density, theta, axes, &g)?;
    let mut height = g(&v);
    for _ in 0..100 {
        let (slope, curvature) = derivatives(density, theta, axes, &v);
        let Some(step) = uphill(&slope, &curvature) else {
            break;
        };
        let gain: f64 = step.iter().zip(&slope).map(|(a, b)| a * b).sum();
        if gain.is_nan() || gain < 1e-18 {
            break;
        }
        // Halved until it gains a part of what the slope promises.
        let next = (0..60).map(|k| 0.5_f64.powi(k)).find_map(|part| {
            let next: Vec<f64> = v.iter().zip(&step).map(|(a, b)| a + part * b).collect();
            let reached = g(&next);
            (reached > height + 1e-4 * part * gain).then_some((next, reached))
        });
        let Some(next) = next else { break };
        (v, height) = next;
    }
    let (_, curvature) = derivatives(density, theta, axes, &v);
    let factor = covariance_factor(&curvature, dimension).or_else(|| widths(&v, &g))?;
    Some((v, factor))
}

/// ln of the density of the opened observation, over dual numbers in it.
fn opened_log_density<D: Dual>(density: &TypedDensity, theta: &[f64], axes: &[Axis], v: &[D]) -> D {
    let theta: Vec<D> = theta.iter().map(|t| D::from(*t)).collect();
    let mut log_volume = D::zero();
    let x: Vec<Datum<D>> = axes
        .iter()
        .zip(v)
        .map(|(axis, v)| {
            let (x, log_slope) = axis.point(*v);
            log_volume += log_slope;
            Datum::Varying(x)
        })
        .collect();
    density.log_density(&theta, &x) + log_volume
}

/// Where to begin: at a parameter with as many entries as the observation, or at the origin; then
/// uphill along each axis in turn.
fn start(
    density: &TypedDensity,
    theta: &[f64],
    axes: &[Axis],
    g: &dyn Fn(&[f64]) -> f64,
) -> Option<Vec<f64>> {
    let mut environment = crate::expression::Environment::<f64>::new();
    density.0.layout.insert(theta, &mut environment);
    let mut starts = vec![vec![0.0; axes.len()]];
    for (_, value) in environment.iter() {
        if let Value::Vector(entries) = value
            && entries.len() == axes.len()
        {
            let opened = axes.iter().zip(entries);
            starts.push(opened.map(|(axis, x)| axis.coordinate(*x)).collect());
        }
    }
    let mut best = starts
        .into_iter()
        .filter(|v| v.iter().all(|v| v.is_finite()))
        .max_by(|a, b| g(a).total_cmp(&g(b)))?;
    for _ in 0..3 {
        for axis in 0..axes.len() {
            let along = |value: f64| {
                let mut moved = best.clone();
                moved[axis] = value;
                g(&moved)
            };
            if let Some(mode) = climb(&along, best[axis]) {
                best[axis] = mode.at;
            }
        }
    }
    g(&best).is_finite().then_some(best)
}

/// Gradient and second derivatives of the opened log-density.
fn derivatives(
    density: &TypedDensity,
    theta: &[f64],
    axes: &[Axis],
    v: &[f64],
) -> (Vec<f64>, Mat<f64>) {
    let size = v.len();
    let mut first: Vec<Dual64> = v.iter().copied().map(Dual64::from).collect();
    let slope = (0..size)
        .map(|i| {
            first[i].eps = 1.0;
            let slope = opened_log_density(density, theta, axes, &first).eps;
            first[i].eps = 0.0;
            slope
        })
        .collect();
    let mut second: Vec<HyperDual64> = v.iter().map(|v| HyperDual64::from_re(*v)).collect();
    let mut curvature = Mat::zeros(size, size);
    for i in 0..size {
        second[i].eps1 = 1.0;
        for j in 0..=i {
            second[j].eps2 = 1.0;
            let value = opened_log_density(density, theta, axes, &second).eps1eps2;
            curvature[(i, j)] = value;
            curvature[(j, i)] = value;
            second[j].eps2 = 0.0;
        }
        second[i].eps1 = 0.0;
    }
    (slope, curvature)
}

/// The lower triangle by columns of λ·diag − H.
fn negative_triangle(curvature: &Mat<f64>, ridge: f64) -> Vec<f64> {
    let size = curvature.nrows();
    let mut triangle = vec![0.0; crate::linear::triangle(size)];
    for column in 0..size {
        for row in column..size {
            let diagonal = if row == column {
                ridge * (1.0 + curvature[(row, row)].abs())
            } else {
                0.0
            };
            triangle[half_index(row, column, size)] = diagonal - curvature[(row, column)];
        }
    }
    triangle
}

/// Newton's step (−H + λD)⁻¹ s, with the least λ at which the matrix is positive definite.
fn uphill(slope: &[f64], curvature: &Mat<f64>) -> Option<Vec<f64>> {
    let ridges = std::iter::once(0.0).chain((-6..=12).map(|k| 10_f64.powi(k)));
    let factor = ridges
        .map(|ridge| cholesky(&negative_triangle(curvature, ridge), slope.len()))
        .find_map(Result::ok)?;
    let mut step = slope.to_vec();
    crate::linear::forward_substitute(&factor, &mut step);
    crate::linear::backward_substitute(&factor, &mut step);
    Some(step)
}

/// L with L Lᵀ = (−H)⁻¹; `None` where −H is not positive definite.
fn covariance_factor(curvature: &Mat<f64>, size: usize) -> Option<Mat<f64>> {
    let factor = cholesky(&negative_triangle(curvature, 0.0), size).ok()?;
    // (−H)⁻¹ column by column, then its own factor.
    let mut inverse = vec![0.0; crate::linear::triangle(size)];
    for column in 0..size {
        let mut unit = vec![0.0; size];
        unit[column] = 1.0;
        crate::linear::forward_substitute(&factor, &mut unit);
        crate::linear::backward_substitute(&factor, &mut unit);
        for row in column..size {
            inverse[half_index(row, column, size)] = unit[row];
        }
    }
    let lower = cholesky(&inverse, size).ok()?;
    Some(Mat::from_fn(size, size, |i, j| {
        if i >= j {
            lower[half_index(i, j, size)]
        } else {
            0.0
        }
    }))
}

/// At a kink there is no curvature: the distances over which the density falls, axis by axis.
fn widths(v: &[f64], g: &dyn Fn(&[f64]) -> f64) -> Option<Mat<f64>> {
    let mut factor = Mat::zeros(v.len(), v.len());
    for axis in 0..v.len() {
        let along = |value: f64| {
            let mut moved = v.to_vec();
            moved[axis] = value;
            g(&moved)
        };
        let mode = climb(&along, v[axis])?;
        factor[(axis, axis)] = 0.5 * (mode.below + mode.above);
    }
    Some(factor)
}
