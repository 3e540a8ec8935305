use super::opened::OpenedPrior;
use crate::expectation::ExpectationError;
use crate::family::{Constraint, ParameterSpace};
use std::fmt;

/// Where a tail leads: parameters that approach an end of their space together, the others held.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    /// In words: `p → 0`, `(a, b) → (∞, ∞)`.
    pub description: String,
    signs: Vec<i8>,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description)
    }
}

/// Whether the mass toward an end is finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Converges,
    /// It is not.
    Diverges,
    /// The exponent is too close to the limit to tell.
    Undecided,
}

/// The behaviour of the prior toward one end.
#[derive(Clone, Debug, PartialEq)]
pub struct Tail {
    /// The end.
    pub end: End,
    /// For one parameter leaving: the exponent e of the density, which goes like d^(−e) in the
    /// distance d to a finite end, or like θ^(−e) toward an infinite one. Finite ends converge for
    /// e < 1, infinite ones for e > 1. `None` where several leave together.
    pub exponent: Option<f64>,
    /// Whether the mass is finite there.
    pub verdict: Verdict,
    /// ln g falls at this rate in the opened coordinate (the radius, for several).
    pub(super) rate: f64,
}

/// Radii at which the slope of ln g is read. Beyond the last, e^r eats the digits of 1 − p.
const RADII: [f64; 3] = [8.0, 12.0, 16.0];
/// Where several parameters leave together the digits go sooner, and the radii shrink by these.
const SHRINK: [f64; 4] = [1.0, 0.75, 0.5, 0.25];
/// Half the distance over which a slope is read.
const STEP: f64 = 0.5;
/// A slope that is flatter than this is taken as zero, and the power decides.
const FLAT: f64 = 5e-3;
/// How close to one a power of the radius may come and still decide.
const MARGIN: f64 = 0.05;
/// All sign patterns up to this dimension; beyond it the axes and both diagonals.
const ALL_PATTERNS: usize = 4;

pub(super) fn tails(prior: &OpenedPrior<'_>) -> Vec<Tail> {
    patterns(prior.dimension())
        .into_iter()
        .map(|signs| tail(prior, prior.space(), signs))
        .collect()
}

fn patterns(dimension: usize) -> Vec<Vec<i8>> {
    let mut patterns: Vec<Vec<i8>> = Vec::new();
    for axis in 0..dimension {
        for sign in [-1, 1] {
            let mut signs = vec![0; dimension];
            signs[axis] = sign;
            patterns.push(signs);
        }
    }
    if dimension > 1 && dimension <= ALL_PATTERNS {
        for code in 0..3_usize.pow(dimension as u32) {
            let signs: Vec<i8> = (0..dimension)
                .map(|axis| (code / 3_usize.pow(axis as u32) % 3) as i8 - 1)
                .collect();
            if signs.iter().filter(|sign| **sign != 0).count() > 1 {
                patterns.push(signs);
            }
        }
    } else if dimension > 1 {
        patterns.push(vec![-1; dimension]);
        patterns.push(vec![1; dimension]);
    }
    patterns
}

/// The tail along a pattern of signs, read from three base points. It diverges only if it does so
/// from all of them: one line has no mass.
fn tail(prior: &OpenedPrior<'_>, space: &ParameterSpace, signs: Vec<i8>) -> Tail {
    let leaving = signs.iter().filter(|sign| **sign != 0).count();
    let mut verdicts = Vec::new();
    let mut rates: Vec<f64> = Vec::new();
    for base in bases(signs.len()) {
        let radial = |r: f64| -> Result<f64, ExpectationError> {
            let u: Vec<f64> = base
                .iter()
                .zip(&signs)
                .map(|(b, sign)| b + r * f64::from(*sign))
                .collect();
            // A cone widens like r^(m−1) in the m parameters that leave.
            Ok(prior.log_density(&u)? + (leaving as f64 - 1.0) * r.ln())
        };
        let read = |shrink: f64| -> Result<Vec<(f64, f64)>, ExpectationError> {
            RADII
                .iter()
                .map(|r| shrink * r)
                .map(|r| Ok((r, (radial(r + STEP)? - radial(r - STEP)?) / (2.0 * STEP))))
                .collect()
        };
        let mut slopes = read(SHRINK[0]);
        for shrink in &SHRINK[1..] {
            if slopes.is_err() {
                slopes = read(*shrink);
            }
        }
        // Where no digits are left at any radius, nothing is decided.
        let (verdict, rate) =
            slopes.map_or((Verdict::Undecided, f64::NAN), |slopes| decide(&slopes));
        verdicts.push(verdict);
        rates.push(rate);
    }
    let verdict = if verdicts.iter().all(|v| *v == verdicts[0]) {
        verdicts[0]
    } else {
        Verdict::Undecided
    };
    // The slowest fall is the one that matters to the integral.
    let rate = rates.iter().copied().fold(f64::INFINITY, f64::min);
    let axis = signs.iter().position(|sign| *sign != 0).unwrap_or(0);
    let exponent = (leaving == 1 && rates[0].is_finite())
        .then(|| exponent(space, axis, signs[axis], rates[0]))
        .flatten();
    Tail {
        end: End {
            description: describe(space, &signs),
            signs,
        },
        exponent,
        verdict,
        rate,
    }
}

impl Tail {
    /// The sign of one parameter's departure.
    pub(super) fn sign(&self, axis: usize) -> i8 {
        self.end.signs[axis]
    }
}

/// Points from which tails are read; the first is the origin.
fn bases(dimension: usize) -> Vec<Vec<f64>> {
    if dimension == 1 {
        return vec![vec![0.0]];
    }
    let spread = |scale: f64| -> Vec<f64> {
        (0..dimension)
            .map(|i| scale * if i % 2 == 0 { 0.7 } else { -0.4 })
            .collect()
    };
    vec![vec![0.0; dimension], spread(1.0), spread(-1.0)]
}

/// From slopes of ln g at growing radii, as (radius, slope): the verdict, and the rate of fall.
fn decide(slopes: &[(f64, f64)]) -> (Verdict, f64) {
    let last = slopes[slopes.len() - 1].1;
    let before = slopes[slopes.len() - 2].1;
    if last.abs() > FLAT && (last - before).abs() < 0.1 * last.abs() {
        let verdict = if last < 0.0 {
            Verdict::Converges
        } else {
            Verdict::Diverges
        };
        return (verdict, -last);
    }
    // ln g = −q·ln r: the slope is −q/r.
    let powers: Vec<f64> = slopes.iter().map(|(r, slope)| -slope * r).collect();
    let q = powers[powers.len() - 1];
    let steady = (q - powers[powers.len() - 2]).abs() < 0.1 * q.abs().max(1.0);
    let verdict = if last > 0.0 || (q < 1.0 - MARGIN && steady) || last.abs() < 1e-6 {
        Verdict::Diverges
    } else if q > 1.0 + MARGIN && (steady || q > powers[powers.len() - 2]) {
        Verdict::Converges
    } else {
        Verdict::Undecided
    };
    (verdict, -last)
}

/// The exponent of the density in θ, from the rate of fall of g in the opened coordinate.
fn exponent(space: &ParameterSpace, axis: usize, sign: i8, rate: f64) -> Option<f64> {
    let parameter = &space.parameters()[axis];
    match space.constraint() {
        // The distance to either end is e^(−r) for a probability: g = density · distance.
        Constraint::Simplex => return Some(1.0 - rate),
        Constraint::PositiveDefinite { start, .. } if axis >= start => return None,
        _ => {}
    }
    match (
        parameter.lower.is_finite(),
        parameter.upper.is_finite(),
        sign,
    ) {
        (true, true, _) | (true, false, -1) | (false, true, 1) => Some(1.0 - rate),
        (true, false, _) | (false, true, _) => Some(1.0 + rate),
        // On ℝ the coordinate is θ itself; only a constant has a power to name here.
        (false, false, _) => (rate.abs() < 1e-6).then_some(0.0),
    }
}

fn describe(space: &ParameterSpace, signs: &[i8]) -> String {
    let leaving: Vec<(String, String)> = space
        .parameters()
        .iter()
        .enumerate()
        .zip(signs)
        .filter(|(_, sign)| **sign != 0)
        .map(|((index, parameter), sign)| {
            let up = *sign > 0;
            match space.constraint() {
                Constraint::Simplex => {
                    let end = if up { "all that is left" } else { "0" };
                    (parameter.name.clone(), end.to_string())
                }
                Constraint::PositiveDefinite { start, .. } if index >= start => {
                    let end = if up { "∞" } else { "−∞" };
                    (format!("u({})", parameter.name), end.to_string())
                }
                _ => {
                    let end = if up { parameter.upper } else { parameter.lower };
                    (parameter.name.clone(), crate::family::end(end))
                }
            }
        })
        .collect();
    let join = |parts: Vec<&str>| {
        if parts.len() == 1 {
            parts[0].to_string()
        } else {
            format!("({})", parts.join(", "))
        }
    };
    format!(
        "{} → {}",
        join(leaving.iter().map(|(name, _)| name.as_str()).collect()),
        join(leaving.iter().map(|(_, end)| end.as_str()).collect())
    )
}
