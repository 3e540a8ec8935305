//! Where a typed density has kinks: where its formula switches from one branch to another.

use super::bulk::{modes, opened};
use super::{Axis, TypedDensity};
use crate::dual::{Datum, Dual};
use crate::family::{Family, Support};
use num_dual::Dual64;
use std::sync::{Arc, PoisonError};

/// The kinks at a point.
#[derive(Debug)]
pub(super) struct Kinks {
    theta: Vec<f64>,
    /// Where each is, and which number of [`Program::switches`](crate::expression::Program) changes
    /// its sign there.
    places: Vec<(f64, usize)>,
}

/// Distances from a mode at which signs are looked at, in its widths: powers of this from 2^−20 to
/// 2^12, beyond which there is no mass.
const STEP: f64 = 1.189_207_115_002_721;
const LEAST: i32 = -80;
const MOST: i32 = 48;

/// Kinks nearer to one another than this part of their size are one.
const SAME: f64 = 1e-14;

/// The kinks of a density in one real variable, over dual numbers in the parameters.
pub(super) fn kinks<D: Dual>(density: &TypedDensity, theta: &[D]) -> Vec<D> {
    if !density.0.program.has_switches() {
        return Vec::new();
    }
    let values: Vec<f64> = theta.iter().map(|value| value.re()).collect();
    let found = found(density, &values);
    found
        .places
        .iter()
        .map(|&(at, switch)| moving(density, theta, &values, at, switch))
        .collect()
}

/// The switch s(x, θ) is zero at the kink k(θ), and one step of Newton from where it is gives the
/// derivative ∂k/∂θ = −(∂s/∂θ)/(∂s/∂x).
fn moving<D: Dual>(
    density: &TypedDensity,
    theta: &[D],
    values: &[f64],
    at: f64,
    switch: usize,
) -> D {
    let of_theta = switches(density, theta, Datum::Known(at));
    let still: Vec<Dual64> = values.iter().copied().map(Dual64::from).collect();
    let along = Datum::Varying(Dual64::from_re(at).derivative());
    let of_x = switches(density, &still, along);
    match (of_theta.get(switch), of_x.get(switch)) {
        (Some(value), Some(slope)) if slope.eps != 0.0 && slope.eps.is_finite() => {
            // The place itself is known to the last digit.
            -(*value - value.re()) / slope.eps + at
        }
        _ => D::from(at),
    }
}

fn switches<D: Dual>(density: &TypedDensity, theta: &[D], x: Datum<D>) -> Vec<D> {
    let environment = density.environment(theta, &[x]);
    density.0.program.switches(&environment).unwrap_or_default()
}

fn found(density: &TypedDensity, theta: &[f64]) -> Arc<Kinks> {
    let cache = &density.0.kinks;
    let held = cache.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(kinks) = held.as_ref().filter(|held| held.theta == theta) {
        return Arc::clone(kinks);
    }
    drop(held);
    let kinks = Arc::new(Kinks {
        theta: theta.to_vec(),
        places: search(density, theta),
    });
    *cache.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&kinks));
    kinks
}

/// Changes of sign between the points of a net that is dense about the modes and the parameters.
fn search(density: &TypedDensity, theta: &[f64]) -> Vec<(f64, usize)> {
    let support = Family::support(density, theta);
    let (Some(axis), false) = (Axis::of(&support), matches!(support, Support::Product(_))) else {
        return Vec::new();
    };
    let hints = density.hints(theta);
    let log_density = |x: f64| density.value(theta, &[x]);
    let g = opened(axis, &log_density);
    let mut net: Vec<f64> = hints.clone();
    for mode in modes(axis, &hints, &g) {
        net.push(axis.point(mode.at).0);
        for (sign, width) in [(-1.0, mode.below), (1.0, mode.above)] {
            let reach = (LEAST..=MOST).map(|power| sign * width * STEP.powi(power));
            net.extend(reach.map(|distance| axis.point(mode.at + distance).0));
        }
    }
    net.retain(|x| axis.contains(*x));
    net.sort_by(f64::total_cmp);
    net.dedup();
    let signs = |x: f64| switches(density, theta, Datum::Known(x));
    let looked: Vec<(f64, Vec<f64>)> = net.into_iter().map(|x| (x, signs(x))).collect();
    let count = looked
        .iter()
        .map(|(_, signs)| signs.len())
        .min()
        .unwrap_or(0);
    let mut places: Vec<(f64, usize)> = Vec::new();
    for switch in 0..count {
        let mut last: Option<(f64, f64)> = None;
        let mut zero = None;
        for (x, values) in &looked {
            let value = values[switch];
            if value == 0.0 {
                zero = Some(*x);
                continue;
            }
            if value.is_nan() {
                (last, zero) = (None, None);
                continue;
            }
            if let Some((left, before)) = last
                && (before < 0.0) != (value < 0.0)
            {
                let at = zero.unwrap_or_else(|| {
                    between(left, *x, before, &|x| {
                        signs(x).get(switch).copied().unwrap_or(f64::NAN)
                    })
                });
                let is_new = places
                    .iter()
                    .all(|(known, _)| (known - at).abs() > SAME * known.abs());
                if is_new {
                    places.push((at, switch));
                }
            }
            (last, zero) = (Some((*x, value)), None);
        }
    }
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    places
}

/// The change of sign between two points, by halving to the last digit.
fn between(mut left: f64, mut right: f64, at_left: f64, switch: &dyn Fn(f64) -> f64) -> f64 {
    // A range of many powers of two is halved in its logarithm first.
    for _ in 0..200 {
        let middle = if left > 0.0 && right > 4.0 * left || right < 0.0 && left < 4.0 * right {
            left.signum() * (left * right).sqrt()
        } else {
            0.5 * (left + right)
        };
        if !(left < middle && middle < right) {
            break;
        }
        let value = switch(middle);
        if value == 0.0 {
            return middle;
        }
        if (value < 0.0) == (at_left < 0.0) {
            left = middle;
        } else {
            right = middle;
        }
    }
    left
}
