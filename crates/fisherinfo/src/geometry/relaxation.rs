//! The shortest path between two points by relaxation.
//!
//! The energy \\(\tfrac12\int \dot\gamma^\top g\,\dot\gamma\,dt\\) is smallest on geodesics run through
//! at constant speed, where it is half the squared length (J. Milnor, Morse Theory (1963), §12). It is
//! minimised over paths that are polynomials on panels (Ritz), by Newton's method with the second
//! variation \\(\int |\nabla_t V|^2 - R(V,\dot\gamma,V,\dot\gamma)\,dt\\); the paths are then refined until the
//! length settles. A Ritz energy comes down to the smallest one from above, with an error of second
//! order in that of the path.

use super::GeometryError;
use super::basis::Basis;
use super::metric::{Local, Metric};
use faer::{Mat, Side, linalg::solvers::Solve};
use rayon::prelude::*;

/// Degrees of the first path and of all others.
const FIRST_DEGREE: usize = 6;
const DEGREE: usize = 12;
/// A refined path is compared with its own interpolant of this degree: where it differs, it bends.
const CHECK_DEGREE: usize = 8;
/// Panels with less than this part of the largest difference are left as they are.
const WORTH_HALVING: f64 = 0.05;
/// The relative change of the length at which it has settled.
const SETTLED: f64 = 1e-11;
/// Relative error beyond which a length is not worth reporting.
const WORST: f64 = 1e-3;
const MOST_PANELS: usize = 48;
const MOST_ROUNDS: usize = 24;
/// Newton steps for one mesh.
const MOST_STEPS: usize = 200;
/// Points at which the metric is taken before a path is given up: a hundred times what an ordinary one
/// needs.
const MOST_POINTS: usize = 20_000;
/// Halvings of a step that does not decrease the energy.
const MOST_HALVINGS: usize = 40;
/// The decrease of the energy, relative to it, under which a step is the last.
const NEGLIGIBLE: f64 = 1e-13;

/// A path of panels, each a polynomial.
#[derive(Clone, Debug)]
pub(super) struct PiecewisePath {
    /// 0 = t₀ < t₁ < … = 1.
    breaks: Vec<f64>,
    degree: usize,
    /// Points at the Chebyshev–Lobatto nodes of every panel; neighbours share their ends.
    nodes: Vec<Vec<f64>>,
}

/// A path that settled.
#[derive(Clone, Debug)]
pub(super) struct Relaxed {
    pub(super) path: PiecewisePath,
    pub(super) length: f64,
    pub(super) error: f64,
    pub(super) steps: usize,
}

impl PiecewisePath {
    fn straight(from: &[f64], to: &[f64], basis: &Basis) -> Self {
        let point = |t: &f64| from.iter().zip(to).map(|(a, b)| a + t * (b - a)).collect();
        let mut nodes: Vec<Vec<f64>> = basis.points.iter().map(point).collect();
        nodes[basis.degree] = to.to_vec();
        Self {
            breaks: vec![0.0, 1.0],
            degree: basis.degree,
            nodes,
        }
    }

    pub(super) fn panels(&self) -> usize {
        self.breaks.len() - 1
    }

    /// The point at t.
    pub(super) fn at(&self, t: f64) -> Vec<f64> {
        self.at_with(t, &Basis::new(self.degree))
    }

    fn at_with(&self, t: f64, basis: &Basis) -> Vec<f64> {
        let panel = self.breaks[1..self.panels()].partition_point(|end| *end <= t);
        let (start, end) = (self.breaks[panel], self.breaks[panel + 1]);
        self.combine(panel, &basis.cardinals((t - start) / (end - start)))
    }

    /// Σ parts·nodes over the nodes of a panel.
    fn combine(&self, panel: usize, parts: &[f64]) -> Vec<f64> {
        let nodes = &self.nodes[panel * self.degree..];
        let mut sum = vec![0.0; nodes[0].len()];
        for (part, node) in parts.iter().zip(nodes) {
            for (total, value) in sum.iter_mut().zip(node) {
                *total += part * value;
            }
        }
        sum
    }

    /// The same path on other panels, or of another degree.
    fn resampled(&self, breaks: Vec<f64>, old: &Basis, new: &Basis) -> Self {
        let last = breaks.len() - 2;
        let mut nodes = Vec::with_capacity((last + 1) * new.degree + 1);
        for panel in 0..=last {
            let width = breaks[panel + 1] - breaks[panel];
            let kept = new.degree + usize::from(panel == last);
            for point in &new.points[..kept] {
                nodes.push(self.at_with(breaks[panel] + width * point, old));
            }
        }
        Self {
            breaks,
            degree: new.degree,
            nodes,
        }
    }
}

/// A path with what it meets at the nodes of the rule, panel after panel.
struct Measured {
    path: PiecewisePath,
    locals: Vec<Local>,
    energy: f64,
}

impl Measured {
    fn new(metric: &Metric<'_>, path: PiecewisePath, basis: &Basis) -> Result<Self, GeometryError> {
        let per_panel = basis.rule.len();
        let locals = (0..path.panels() * per_panel)
            .into_par_iter()
            .map(|index| {
                let (panel, node) = (index / per_panel, index % per_panel);
                let width = path.breaks[panel + 1] - path.breaks[panel];
                let point = path.combine(panel, &basis.values[node]);
                let mut velocity = path.combine(panel, &basis.slopes[node]);
                velocity.iter_mut().for_each(|v| *v /= width);
                metric.local(&point, &velocity)
            })
            .collect::<Result<Vec<Local>, GeometryError>>()?;
        let mut measured = Self {
            path,
            locals,
            energy: 0.0,
        };
        measured.energy = 0.5 * measured.integral(basis, |_, _, local| local.speed_squared());
        Ok(measured)
    }

    /// ∫ h dt, with h given the panel and the node of the rule.
    fn integral(&self, basis: &Basis, h: impl Fn(usize, usize, &Local) -> f64) -> f64 {
        (0..self.path.panels())
            .map(|panel| self.panel_integral(panel, basis, &h))
            .sum()
    }

    fn panel_integral(
        &self,
        panel: usize,
        basis: &Basis,
        h: &impl Fn(usize, usize, &Local) -> f64,
    ) -> f64 {
        let width = self.path.breaks[panel + 1] - self.path.breaks[panel];
        let locals = &self.locals[panel * basis.rule.len()..];
        basis
            .rule
            .iter()
            .zip(locals)
            .enumerate()
            .map(|(node, ((_, weight), local))| width * weight * h(panel, node, local))
            .sum()
    }

    fn length(&self) -> f64 {
        (2.0 * self.energy).sqrt()
    }

    /// What the errors of the metric can do to the length.
    fn metric_error(&self, basis: &Basis) -> f64 {
        0.5 * self.integral(basis, |_, _, local| local.speed_error) / self.length()
    }

    /// For every panel, how much in energy its path differs from an interpolant of lower degree.
    fn bends(&self, basis: &Basis, check: &Basis) -> Vec<f64> {
        let seen: Vec<Vec<f64>> = check.points.iter().map(|x| basis.cardinals(*x)).collect();
        let checks: Vec<&Vec<f64>> = check.slopes.iter().collect();
        (0..self.path.panels())
            .map(|panel| {
                let width = self.path.breaks[panel + 1] - self.path.breaks[panel];
                let coarse: Vec<Vec<f64>> = seen
                    .iter()
                    .map(|parts| self.path.combine(panel, parts))
                    .collect();
                self.panel_integral(panel, basis, &|_, node, local| {
                    let difference: Vec<f64> = (0..local.velocity.len())
                        .map(|axis| {
                            let slope: f64 = checks[node]
                                .iter()
                                .zip(&coarse)
                                .map(|(part, point)| part * point[axis])
                                .sum();
                            local.velocity[axis] - slope / width
                        })
                        .collect();
                    local.length_squared(&difference)
                })
            })
            .collect()
    }

    /// The Newton step of all inner nodes, and the decrease of the energy that it promises, twice.
    fn newton(&self, basis: &Basis) -> Option<(Vec<f64>, f64)> {
        let size = self.locals[0].velocity.len();
        let inner = self.path.nodes.len() - 2;
        let count = inner * size;
        let mut gradient = Mat::<f64>::zeros(count, 1);
        let mut covariant = Mat::<f64>::zeros(count, count);
        let mut drawn = Mat::<f64>::zeros(count, count);
        for panel in 0..self.path.panels() {
            let width = self.path.breaks[panel + 1] - self.path.breaks[panel];
            for (node, (_, weight)) in basis.rule.iter().enumerate() {
                let local = &self.locals[panel * basis.rule.len() + node];
                let weight = weight * width;
                // ∇_t of every coordinate of every cardinal function, index lowered.
                let lowered: Vec<Mat<f64>> = (0..=basis.degree)
                    .map(|j| {
                        let (value, slope) = (basis.values[node][j], basis.slopes[node][j] / width);
                        Mat::from_fn(size, size, |c, a| {
                            local.metric[(c, a)] * slope + local.transport[(c, a)] * value
                        })
                    })
                    .collect();
                let raised: Vec<Mat<f64>> =
                    lowered.iter().map(|parts| &local.inverse * parts).collect();
                for j in 0..=basis.degree {
                    // The ends of the whole path stay.
                    let Some(row) = self.inner(panel, j) else {
                        continue;
                    };
                    for a in 0..size {
                        let along: f64 = (0..size)
                            .map(|c| local.velocity[c] * lowered[j][(c, a)])
                            .sum();
                        gradient[(row * size + a, 0)] += weight * along;
                    }
                    for l in 0..=basis.degree {
                        let Some(column) = self.inner(panel, l) else {
                            continue;
                        };
                        let product = lowered[j].transpose() * &raised[l];
                        let values = basis.values[node][j] * basis.values[node][l];
                        for a in 0..size {
                            for b in 0..size {
                                let at = (row * size + a, column * size + b);
                                covariant[at] += weight * product[(a, b)];
                                drawn[at] += weight * values * local.curvature[(a, b)];
                            }
                        }
                    }
                }
            }
        }
        // Far from a geodesic, or past a conjugate point, the second variation may be indefinite;
        // its covariant part never is.
        let step =
            solve(&(&covariant - &drawn), &gradient).or_else(|| solve(&covariant, &gradient))?;
        let decrease = (0..count).map(|i| step[(i, 0)] * gradient[(i, 0)]).sum();
        Some(((0..count).map(|i| -step[(i, 0)]).collect(), decrease))
    }

    /// The position of a panel's node among the inner ones.
    fn inner(&self, panel: usize, node: usize) -> Option<usize> {
        let index = panel * self.path.degree + node;
        (index > 0 && index + 1 < self.path.nodes.len()).then(|| index - 1)
    }

    fn moved(&self, step: &[f64], factor: f64) -> PiecewisePath {
        let mut path = self.path.clone();
        let size = path.nodes[0].len();
        for (node, steps) in path.nodes[1..].iter_mut().zip(step.chunks(size)) {
            for (value, change) in node.iter_mut().zip(steps) {
                *value += factor * change;
            }
        }
        path
    }
}

/// Solves a symmetric system scaled to a unit diagonal; `None` where it is not positive definite.
fn solve(matrix: &Mat<f64>, right: &Mat<f64>) -> Option<Mat<f64>> {
    let size = matrix.nrows();
    let scale: Vec<f64> = (0..size).map(|i| matrix[(i, i)].sqrt()).collect();
    if !scale.iter().all(|s| s.is_normal()) {
        return None;
    }
    let scaled = Mat::from_fn(size, size, |i, j| matrix[(i, j)] / scale[i] / scale[j]);
    let factor = scaled.llt(Side::Lower).ok()?;
    let right = Mat::from_fn(size, 1, |i, _| right[(i, 0)] / scale[i]);
    let mut solution = factor.solve(&right);
    for i in 0..size {
        solution[(i, 0)] /= scale[i];
    }
    Some(solution)
}

/// What a search has cost so far.
#[derive(Default)]
struct Effort {
    steps: usize,
    points: usize,
}

impl Effort {
    fn is_spent(&self) -> bool {
        self.points > MOST_POINTS
    }
}

/// Newton's method on one mesh. Returns the path and how much its energy may still fall.
fn descend(
    metric: &Metric<'_>,
    mut now: Measured,
    basis: &Basis,
    effort: &mut Effort,
) -> Result<(Measured, f64), GeometryError> {
    let mut left = f64::INFINITY;
    for _ in 0..MOST_STEPS {
        let Some((step, decrease)) = now.newton(basis) else {
            break;
        };
        left = decrease;
        if decrease <= NEGLIGIBLE * now.energy {
            return Ok((now, decrease));
        }
        effort.steps += 1;
        let mut factor = 1.0;
        let mut better = None;
        for _ in 0..MOST_HALVINGS {
            if effort.is_spent() {
                break;
            }
            effort.points += now.locals.len();
            // Where the path leaves what can be computed, it has gone too far.
            if let Ok(next) = Measured::new(metric, now.moved(&step, factor), basis)
                && next.energy <= now.energy - 1e-4 * factor * decrease
            {
                better = Some(next);
                break;
            }
            factor *= 0.5;
        }
        let Some(next) = better else { break };
        now = next;
    }
    Ok((now, left))
}

/// The shortest path between two points of ℝᵏ, or of what the coordinates allow.
pub(super) fn relax(
    metric: &Metric<'_>,
    from: &[f64],
    to: &[f64],
) -> Result<Relaxed, GeometryError> {
    let (first, basis) = (Basis::new(FIRST_DEGREE), Basis::new(DEGREE));
    let check = Basis::new(CHECK_DEGREE).seen_at(&basis.rule);
    let mut effort = Effort::default();
    let start = Measured::new(metric, PiecewisePath::straight(from, to, &first), &first)?;
    let (coarse, _) = descend(metric, start, &first, &mut effort)?;
    let mut before = coarse.length();
    let mut path = coarse
        .path
        .resampled(coarse.path.breaks.clone(), &first, &basis);
    let mut change = f64::INFINITY;
    for _ in 0..MOST_ROUNDS {
        let start = Measured::new(metric, path, &basis)?;
        let (now, left) = descend(metric, start, &basis, &mut effort)?;
        let length = now.length();
        let last = std::mem::replace(&mut change, (length - before).abs());
        before = length;
        // What is left after a change that shrinks by a ratio r a round is r/(1 − r) of it.
        let ratio = (change / last).min(0.9);
        let settling = change * (ratio / (1.0 - ratio)).max(1.0);
        let sizes = now.locals.iter().map(|local| local.size);
        let rounding = 8.0 * f64::EPSILON * (length + sizes.fold(0.0, f64::max));
        let error = settling + left / length + now.metric_error(&basis) + rounding;
        let bends = now.bends(&basis, &check);
        let largest = bends.iter().copied().fold(0.0, f64::max);
        let mut breaks = vec![0.0];
        for (panel, bend) in bends.iter().enumerate() {
            let (left, right) = (now.path.breaks[panel], now.path.breaks[panel + 1]);
            if *bend >= WORTH_HALVING * largest {
                breaks.push(0.5 * (left + right));
            }
            breaks.push(right);
        }
        let exhausted = breaks.len() > MOST_PANELS + 1;
        if change <= SETTLED * length || (exhausted && error <= WORST * length) {
            return Ok(Relaxed {
                path: now.path,
                length,
                error,
                steps: effort.steps,
            });
        }
        if exhausted || effort.is_spent() {
            break;
        }
        path = now.path.resampled(breaks, &basis, &basis);
    }
    Err(GeometryError::NotConverged {
        iterations: effort.steps,
        length: before,
        error: change,
    })
}
