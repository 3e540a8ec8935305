//! Draws from a density in one dimension of which only the logarithm is known.

use super::axis::Axis;
use super::bulk::{integer_mode, modes, opened};
use crate::expectation::quadrature::GAUSS_KRONROD;
use crate::family::Support;
use rand::{Rng, RngExt};

/// A table to draw from.
#[derive(Debug)]
pub(super) enum Sampler {
    /// Integers in order, with the sums of their probabilities.
    Table { values: Vec<i64>, sums: Vec<f64> },
    /// Panels of the opened line, with the sums of their masses.
    Panels {
        axis: Axis,
        panels: Vec<Panel>,
        sums: Vec<f64>,
    },
}

/// A piece of the opened line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panel {
    left: f64,
    right: f64,
    mass: f64,
    error: f64,
    /// ln of the largest density found in it, and of the least.
    highest: f64,
    lowest: f64,
}

/// How far from one the mass may be: tables are no judges of normalisation, but a density of
/// another mass has no draws.
const MASS: f64 = 1e-6;
/// Entries of a table.
const MOST: usize = 1 << 20;
/// Panels over which ln f varies more than this are halved, and so at most half of the draws are
/// rejected.
const VARIATION: f64 = 0.7;
/// The density between the nodes may be higher than at them.
const MARGIN: f64 = 0.05;

impl Sampler {
    /// Tabulates the density. The reason is in words where there is no table.
    pub(super) fn new(
        support: &Support,
        hints: &[f64],
        log_density: &dyn Fn(f64) -> f64,
    ) -> Result<Self, String> {
        match (support, Axis::of(support)) {
            (Support::Integers { from, to }, _) => table(*from, *to, hints, log_density),
            (_, Some(axis)) => panels(axis, hints, log_density),
            _ => Err(
                "a typed density of several dimensions has no sampler; use --method numeric".into(),
            ),
        }
    }

    /// One draw.
    pub(super) fn draw(
        &self,
        rng: &mut dyn Rng,
        log_density: &dyn Fn(f64) -> f64,
        observation: &mut [f64],
    ) {
        match self {
            Self::Table { values, sums } => observation[0] = values[place(sums, rng)] as f64,
            Self::Panels { axis, panels, sums } => {
                let panel = panels[place(sums, rng)];
                let g = opened(*axis, log_density);
                loop {
                    let v = panel.left + (panel.right - panel.left) * rng.random::<f64>();
                    let height = rng.random::<f64>().ln() + panel.highest + MARGIN;
                    if height <= g(v) {
                        axis.observe(v, observation);
                        return;
                    }
                }
            }
        }
    }
}

/// The index that a uniform draw falls on.
fn place(sums: &[f64], rng: &mut dyn Rng) -> usize {
    let total = sums.last().copied().unwrap_or(0.0);
    let level = total * rng.random::<f64>();
    sums.partition_point(|sum| *sum <= level)
        .min(sums.len() - 1)
}

fn sums(masses: impl Iterator<Item = f64>) -> Result<Vec<f64>, String> {
    let mut total = 0.0;
    let sums: Vec<f64> = masses
        .map(|mass| {
            total += mass;
            total
        })
        .collect();
    if (total - 1.0).abs() > MASS {
        return Err(format!("the density has the mass {total:.8}, not 1"));
    }
    Ok(sums)
}

const NOWHERE: &str =
    "no bulk was found: the density does not fall off, or the formula has no finite value";

fn table(
    from: i64,
    to: Option<i64>,
    hints: &[f64],
    log_density: &dyn Fn(f64) -> f64,
) -> Result<Sampler, String> {
    let mode = integer_mode(from, to, hints, log_density).ok_or(NOWHERE)?;
    let mut entries = Vec::new();
    for step in [1, -1] {
        let mut x = if step == 1 { mode } else { mode - 1 };
        let mut total = 0.0;
        while x >= from && to.is_none_or(|to| x <= to) {
            let mass = log_density(x as f64).exp();
            if !mass.is_finite() {
                return Err(format!("the formula has no finite value at x = {x}"));
            }
            total += mass;
            entries.push((x, mass));
            // Past the mode on the falling side what is left is of the order of the term.
            if mass < 1e-18 * total || (total == 0.0 && (x - mode).abs() > 1 << 16) {
                break;
            }
            if entries.len() > MOST {
                return Err(format!(
                    "its probabilities reach over more than {MOST} integers"
                ));
            }
            x += step;
        }
    }
    entries.sort_unstable_by_key(|(x, _)| *x);
    Ok(Sampler::Table {
        sums: sums(entries.iter().map(|(_, mass)| *mass))?,
        values: entries.into_iter().map(|(x, _)| x).collect(),
    })
}

fn panels(axis: Axis, hints: &[f64], log_density: &dyn Fn(f64) -> f64) -> Result<Sampler, String> {
    let g = opened(axis, log_density);
    let modes = modes(axis, hints, &g);
    let most = modes
        .iter()
        .map(|mode| mode.height)
        .fold(f64::NEG_INFINITY, f64::max);
    // Outwards from every mode by doubling steps, until the mass beyond is below rounding.
    let mut ends = Vec::new();
    for mode in &modes {
        ends.push(mode.at);
        for (sign, width) in [(-1.0, mode.below), (1.0, mode.above)] {
            let mut distance = width;
            for _ in 0..200 {
                let end = mode.at + sign * distance;
                ends.push(end);
                if !end.is_finite() || g(end) + distance.ln() < most + width.ln() - 45.0 {
                    break;
                }
                distance *= 2.0;
            }
        }
    }
    ends.retain(|end| end.is_finite());
    ends.sort_by(f64::total_cmp);
    ends.dedup();
    if ends.len() < 2 {
        return Err(NOWHERE.into());
    }
    let mut waiting: Vec<Panel> = ends
        .windows(2)
        .map(|pair| panel(&g, pair[0], pair[1]))
        .collect();
    let scale: f64 = waiting.iter().map(|panel| panel.mass).sum();
    waiting.reverse();
    let mut panels = Vec::new();
    // From left to right.
    while let Some(whole) = waiting.pop() {
        let varies = whole.highest - whole.lowest > VARIATION && whole.mass > 1e-9 * scale;
        let is_narrow = whole.right - whole.left <= 1e-12 * whole.left.abs().max(1e-250);
        if is_narrow || (whole.error <= 1e-10 * scale && !varies) {
            panels.push(whole);
        } else {
            let middle = 0.5 * (whole.left + whole.right);
            waiting.push(panel(&g, middle, whole.right));
            waiting.push(panel(&g, whole.left, middle));
        }
        if panels.len() + waiting.len() > MOST {
            return Err("its density varies too much to be tabulated".into());
        }
    }
    panels.retain(|panel| panel.mass > 0.0);
    Ok(Sampler::Panels {
        axis,
        sums: sums(panels.iter().map(|panel| panel.mass))?,
        panels,
    })
}

fn panel(g: &dyn Fn(f64) -> f64, left: f64, right: f64) -> Panel {
    let (middle, half) = (0.5 * (left + right), 0.5 * (right - left));
    let ends = [g(left), g(right)];
    let (mut highest, mut lowest) = (ends[0].max(ends[1]), ends[0].min(ends[1]));
    let (mut mass, mut coarse) = (0.0, 0.0);
    for (index, (node, fine, gauss)) in GAUSS_KRONROD.iter().enumerate() {
        let signs: &[f64] = if index == 0 { &[1.0] } else { &[-1.0, 1.0] };
        for sign in signs {
            let value = g(middle + sign * half * node);
            highest = highest.max(value);
            lowest = lowest.min(value);
            mass += half * fine * value.exp();
            coarse += half * gauss * value.exp();
        }
    }
    Panel {
        left,
        right,
        mass,
        error: (mass - coarse).abs(),
        highest,
        lowest,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    /// Inside a panel too the draws follow the density: here it is 2^x, once over the panel.
    #[test]
    fn a_panel_is_not_drawn_from_evenly() {
        let log_density = |x: f64| x * std::f64::consts::LN_2;
        let axis = Axis::of(&Support::REAL).unwrap();
        let panel = panel(&log_density, 0.0, 1.0);
        let sampler = Sampler::Panels {
            axis,
            panels: vec![panel],
            sums: vec![panel.mass],
        };
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let draws = 100_000;
        let total: f64 = (0..draws)
            .map(|_| {
                let mut draw = [0.0];
                sampler.draw(&mut rng, &log_density, &mut draw);
                draw[0]
            })
            .sum();
        let mean = 2.0 - std::f64::consts::LN_2.recip();
        // The variance is below 1/12.
        assert!((total / f64::from(draws) - mean).abs() < 5.0 * (1.0 / 12e5_f64).sqrt());
    }

    /// What is taken for the highest density of a panel is.
    #[test]
    fn panels_are_bounded() {
        let cauchy = |x: f64| -(std::f64::consts::PI * (1.0 + x * x)).ln();
        let Sampler::Panels { panels, sums, .. } =
            Sampler::new(&Support::REAL, &[], &cauchy).unwrap()
        else {
            panic!("an interval")
        };
        assert!((sums[sums.len() - 1] - 1.0).abs() < 1e-9);
        for panel in panels {
            for k in 0..=100 {
                let v = panel.left + (panel.right - panel.left) * f64::from(k) / 100.0;
                assert!(cauchy(v) <= panel.highest + MARGIN, "{panel:?} at {v}");
            }
        }
    }
}
