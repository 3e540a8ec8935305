mod chart;
mod gauss_kronrod;

use super::{CompensatedSum, Expectation, ExpectationError, Problem, Route};
pub(super) use chart::Chart;
pub(crate) use chart::nearer_end;
pub(crate) use gauss_kronrod::GAUSS_KRONROD;
pub(crate) use gauss_kronrod::mean_over;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

pub(super) fn over_interval(
    problem: &Problem<'_>,
    lower: f64,
    upper: f64,
) -> Result<Expectation, ExpectationError> {
    match Chart::of_interval(lower, upper) {
        Chart::Line => over_line(problem),
        chart => Rule::new(problem, chart)?.integrate(OCTAVES),
    }
}

pub(super) fn over(problem: &Problem<'_>, chart: Chart) -> Result<Expectation, ExpectationError> {
    Rule::new(problem, chart)?.integrate(OCTAVES)
}

/// With the distances to the ends; where a formula has no use for them, as `atanh(x)` next to 1, it has
/// no value at an end that x is rounded to, and they are left out.
pub(super) fn over_segment(
    problem: &Problem<'_>,
    lower: f64,
    upper: f64,
) -> Result<Expectation, ExpectationError> {
    // Far from the one end the logarithm of the distance has lost the digits of x.
    if lower.is_finite() != upper.is_finite() {
        let far = Rule::new(problem, Chart::Far(lower, upper))?;
        let end = if lower.is_finite() { lower } else { upper };
        if far.spread < NARROW * (far.centre - end).abs() {
            match far.integrate(OCTAVES_OF_EXPONENTIAL_TAILS) {
                Err(ExpectationError::Divergent { .. }) => {}
                result => return result,
            }
        }
    }
    match over(problem, Chart::Segment(lower, upper)) {
        Err(ExpectationError::NotFinite { .. }) => over_interval(problem, lower, upper),
        result => result,
    }
}

/// A spread, as a part of the distance from the end, below which the bulk lies far from it.
const NARROW: f64 = 1.0 / 32.0;

/// On ℝ, as it is where the tails fall exponentially; else by the hyperbolic sine, in which powers
/// do.
fn over_line(problem: &Problem<'_>) -> Result<Expectation, ExpectationError> {
    let plain = Rule::new(problem, Chart::Line)?;
    let heavy = |farthest| Chart::HeavyLine {
        centre: plain.centre,
        spread: plain.spread,
        farthest,
    };
    let (whole, near) = (heavy(f64::MAX), heavy(FARTHEST_SQUARE));
    match plain.integrate(OCTAVES_OF_EXPONENTIAL_TAILS) {
        Err(ExpectationError::Divergent { .. }) => {
            match Rule::new(problem, whole)?.integrate(OCTAVES) {
                // So far out, squares in a density that a person wrote overflow.
                Err(ExpectationError::NotFinite { .. }) => {
                    Rule::new(problem, near)?.integrate(OCTAVES)
                }
                result => result,
            }
        }
        result => result,
    }
}

/// Up to here the fourth power of a distance is a double, as second derivatives of a square have it.
const FARTHEST_SQUARE: f64 = 1e70;

/// 2^60 spreads: beyond that no density whose tails fall exponentially in the chart has mass.
const OCTAVES: usize = 60;
/// 2^12 spreads are the same for one whose tails fall exponentially in x.
const OCTAVES_OF_EXPONENTIAL_TAILS: usize = 12;

/// Adaptive Gauss–Kronrod (10, 21) quadrature over the line w.
///
/// The density is centred and scaled by the quartiles of a few seeded draws; panels double
/// outwards until two in a row add nothing; then the panel with the largest error is halved until
/// the errors meet the tolerance. No panel reaches over a kink of the density or the integrand. The error of a panel
/// is the difference between its two rules, which for smooth integrands is far above that of the
/// rule whose value is used.
struct Rule<'a> {
    problem: &'a Problem<'a>,
    chart: Chart,
    centre: f64,
    spread: f64,
    /// Where there are kinks, as points w in ascending order.
    kinks: Vec<f64>,
    evaluations: usize,
    x: Vec<f64>,
}

/// Evaluations of a panel.
const NODES: usize = 21;

/// Relative error asked of every component, on the scale of its absolute integral.
const TOLERANCE: f64 = 2e-14;

/// Of the integral, what may lie beyond the most extreme observation and still be counted as an
/// error rather than refused.
const BEYOND: f64 = 1e-12;

/// A fall per unit of v that is slower than this cannot be told from none.
const FLAT: f64 = 0.02;

/// Panels more, after which the largest relative error has to be half of what it was.
const PATIENCE: usize = 192;

struct Panel {
    left: f64,
    right: f64,
    value: Vec<f64>,
    absolute: Vec<f64>,
    error: Vec<f64>,
    /// The largest error on the scale of its component.
    priority: f64,
}

impl PartialEq for Panel {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Panel {}
impl PartialOrd for Panel {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Panel {
    fn cmp(&self, other: &Self) -> Ordering {
        // The left end breaks ties, so that the order of halving is determined.
        self.priority
            .total_cmp(&other.priority)
            .then(other.left.total_cmp(&self.left))
    }
}

impl<'a> Rule<'a> {
    fn new(problem: &'a Problem<'a>, chart: Chart) -> Result<Self, ExpectationError> {
        let mut x = vec![0.0; chart.width()];
        let mut draws: Vec<f64> = problem
            .model
            .landmarks(problem.theta)
            .iter()
            .map(|x| chart.coordinate(x))
            .filter(|v| v.is_finite())
            .collect();
        if draws.is_empty() {
            let mut rng = ChaCha8Rng::seed_from_u64(0);
            for _ in 0..65 {
                problem.model.sample(problem.theta, &mut rng, &mut x)?;
                let v = chart.coordinate(&x);
                if v.is_finite() {
                    draws.push(v);
                }
            }
        }
        draws.sort_by(f64::total_cmp);
        let (centre, spread) = if draws.is_empty() {
            (0.0, 1.0)
        } else {
            let quartile = |q: usize| draws[q * (draws.len() - 1) / 4];
            (quartile(2), quartile(3) - quartile(1))
        };
        let spread = if spread > 0.0 && spread.is_finite() {
            spread
        } else {
            1.0
        };
        let own = problem.model.kinks(problem.theta).into_iter();
        let mut kinks: Vec<f64> = own
            .map(|kink| kink.at)
            .chain(problem.kinks.iter().copied())
            .map(|at| (chart.coordinate_of_value(at) - centre) / spread)
            .filter(|w| w.is_finite())
            .collect();
        kinks.sort_by(f64::total_cmp);
        Ok(Self {
            problem,
            chart,
            centre,
            spread,
            kinks,
            evaluations: 0,
            x,
        })
    }

    fn integrate(mut self, octaves: usize) -> Result<Expectation, ExpectationError> {
        let width = self.problem.width;
        let mut panels = Vec::new();
        let mut scale = vec![0.0; width];
        let mut truncated = vec![0.0; width];
        for side in [1.0, -1.0] {
            let (mut near, mut far) = (0.0, 1.0);
            let mut quiet = 0;
            for _ in 0..octaves {
                let (left, right) = if side > 0.0 {
                    (near, far)
                } else {
                    (-far, -near)
                };
                let mut last = vec![0.0; width];
                for panel in self.panels(left, right)? {
                    for (total, part) in last.iter_mut().zip(&panel.absolute) {
                        *total += part;
                    }
                    panels.push(panel);
                }
                for (total, part) in scale.iter_mut().zip(&last) {
                    *total += part;
                }
                let adds_nothing = last
                    .iter()
                    .zip(&scale)
                    .all(|(part, total)| *part <= 1e-3 * f64::EPSILON * total);
                quiet = if adds_nothing { quiet + 1 } else { 0 };
                if quiet == 2 {
                    // Each panel doubles, so what is left out is below what was last left in.
                    for (rest, part) in truncated.iter_mut().zip(last) {
                        *rest += part;
                    }
                    break;
                }
                (near, far) = (far, 2.0 * far);
            }
            if quiet < 2 {
                return Err(self.divergent(side));
            }
        }
        for (rest, part) in truncated.iter_mut().zip(self.beyond_reach(&scale)?) {
            *rest += part;
        }
        let mut heap: BinaryHeap<Panel> = panels
            .into_iter()
            .map(|mut panel| {
                panel.rank(&scale);
                panel
            })
            .collect();
        let log_scale = self.problem.log_scale(0.0) + self.offset();
        let rounding = super::rounding(&[1.0], log_scale)[0];
        self.refine(&mut heap, rounding)?;
        // Summed from left to right, whatever the order of halving was.
        let mut panels = heap.into_vec();
        panels.sort_by(|a, b| a.left.total_cmp(&b.left));
        let mut sum = CompensatedSum::new(width);
        let mut absolute = vec![0.0; width];
        let mut error = truncated;
        for panel in &panels {
            sum.add(&panel.value);
            for i in 0..width {
                error[i] += panel.error[i];
                absolute[i] += panel.absolute[i];
            }
        }
        for (error, absolute) in error.iter_mut().zip(absolute) {
            *error += rounding * absolute;
        }
        Ok(Expectation {
            value: sum.value(),
            error,
            route: Route::Quadrature {
                evaluations: self.evaluations,
            },
        })
    }

    /// Halves the worst panel until all components meet the tolerance, or the budget is spent.
    fn refine(
        &mut self,
        heap: &mut BinaryHeap<Panel>,
        rounding: f64,
    ) -> Result<(), ExpectationError> {
        let width = self.problem.width;
        let mut absolute = vec![0.0; width];
        let mut next_look = 0;
        let (mut looked_again, mut standing) = (0, f64::INFINITY);
        while heap.len() < self.problem.budget / NODES {
            // Many panels are not added up after every single halving.
            if heap.len() >= next_look {
                next_look = heap.len() + 1 + heap.len() / 64;
                let mut error = vec![0.0; width];
                absolute.fill(0.0);
                for panel in heap.iter() {
                    for i in 0..width {
                        error[i] += panel.error[i];
                        absolute[i] += panel.absolute[i];
                    }
                }
                // Halving panels does not mend what rounding has done.
                let met = (0..width)
                    .all(|i| error[i] <= TOLERANCE * absolute[i] + rounding * absolute[i]);
                if met {
                    break;
                }
                // Nor a component that is rounding throughout, such as a sum that cancels.
                if heap.len() >= looked_again {
                    looked_again = heap.len() + PATIENCE;
                    let now = (0..width)
                        .filter(|i| absolute[*i] > 0.0)
                        .map(|i| error[i] / absolute[i])
                        .fold(0.0, f64::max);
                    if now > 0.5 * standing {
                        break;
                    }
                    standing = now;
                }
            }
            let Some(worst) = heap.pop() else {
                break;
            };
            let middle = 0.5 * (worst.left + worst.right);
            if !(worst.left < middle && middle < worst.right) {
                heap.push(worst);
                break;
            }
            for (left, right) in [(worst.left, middle), (middle, worst.right)] {
                let mut half = self.panel(left, right)?;
                half.rank(&absolute);
                heap.push(half);
            }
        }
        Ok(())
    }

    fn divergent(&self, side: f64) -> ExpectationError {
        ExpectationError::Divergent {
            model: self.problem.model.name(),
            end: self.chart.end(side),
        }
    }

    /// A majorant of what lies beyond the most extreme observation that a double can hold, from
    /// how the integrand falls toward it: left out, it would pass for a density that does not
    /// integrate to one.
    ///
    /// # Errors
    /// Where the integrand does not fall, or too much lies there.
    fn beyond_reach(&mut self, scale: &[f64]) -> Result<Vec<f64>, ExpectationError> {
        let width = self.problem.width;
        let mut beyond = vec![0.0; width];
        let (mut outer, mut inner) = (vec![0.0; width], vec![0.0; width]);
        for side in [-1.0, 1.0] {
            let Some(limit) = self.chart.limit(side) else {
                continue;
            };
            let limit = self.last_with_mass(limit, side)?;
            // Inside by so much that the observation is no longer rounded coarsely; where a tail falls
            // faster than any power, and the limit is near, by less.
            let step = f64::min(3.0, 0.05 * (limit - self.centre).abs());
            for (inside, out) in [(step, &mut outer), (2.0 * step, &mut inner)] {
                self.evaluate((limit - inside * side - self.centre) / self.spread, out)?;
            }
            for i in 0..width {
                let here = outer[i].abs() / self.spread;
                if here <= 1e-3 * f64::EPSILON * scale[i] {
                    continue;
                }
                let fall = (inner[i] / outer[i]).abs().ln() / step;
                if fall <= FLAT {
                    return Err(self.divergent(side));
                }
                beyond[i] += here / fall;
                if beyond[i] > BEYOND * scale[i] {
                    return Err(self.problem.no_route(
                        "a part of its mass lies closer to an end of the support than a double can say",
                    ));
                }
            }
        }
        Ok(beyond)
    }

    /// The most extreme v up to a limit with a density that is not zero. A square in a density of
    /// power tails overflows long before its argument does, as a second derivative does at a small
    /// distance from an end, and what is integrated is zero from there on.
    fn last_with_mass(&mut self, limit: f64, side: f64) -> Result<f64, ExpectationError> {
        if !matches!(self.chart, Chart::HeavyLine { .. } | Chart::Segment(..)) {
            return Ok(limit);
        }
        let mut out = vec![0.0; self.problem.width];
        let (mut inside, mut outside) = (self.centre, limit);
        let mut v = limit - 3.0 * side;
        for _ in 0..50 {
            self.evaluate((v - self.centre) / self.spread, &mut out)?;
            if out.iter().all(|part| *part == 0.0) {
                outside = v;
            } else if outside == limit {
                return Ok(limit);
            } else {
                inside = v;
            }
            v = 0.5 * (inside + outside);
        }
        Ok(inside)
    }

    /// How many spreads the bulk is away from zero: a point there is rounded by as many ε.
    fn offset(&self) -> f64 {
        match self.chart {
            Chart::Line | Chart::Far(..) => (self.centre / self.spread).abs(),
            // A point has the digits of its distance, in which a narrow bulk is far away.
            Chart::Segment(..) => self.centre.abs().max(1.0 / self.spread),
            Chart::HeavyLine { centre, spread, .. } => (centre / spread).abs(),
            // Tails of a length of several times that of the bulk, in ln x.
            Chart::AboveMinimum(minimum) => {
                minimum.ln().abs() + 4.0 * (self.centre + self.spread).exp()
            }
            _ => self.centre.abs(),
        }
    }

    /// f·h·dx/dw at w.
    fn evaluate(&mut self, w: f64, out: &mut [f64]) -> Result<(), ExpectationError> {
        self.evaluations += 1;
        let v = self.centre + self.spread * w;
        let log_slope = self.chart.point(v, &mut self.x);
        // The mass beyond shows as a total other than one.
        if !self.chart.holds(&self.x) || !log_slope.is_finite() {
            out.fill(0.0);
            return Ok(());
        }
        self.problem
            .weighted(&self.x, log_slope + self.spread.ln(), out)
    }

    /// The panels of an interval: one, or more where kinks lie inside.
    fn panels(&mut self, left: f64, right: f64) -> Result<Vec<Panel>, ExpectationError> {
        let mut ends = vec![left];
        ends.extend(self.kinks.iter().filter(|w| left < **w && **w < right));
        ends.push(right);
        ends.windows(2)
            .map(|pair| self.panel(pair[0], pair[1]))
            .collect()
    }

    fn panel(&mut self, left: f64, right: f64) -> Result<Panel, ExpectationError> {
        let width = self.problem.width;
        let (middle, half) = (0.5 * (left + right), 0.5 * (right - left));
        let mut gauss = vec![0.0; width];
        let mut kronrod = vec![0.0; width];
        let mut absolute = vec![0.0; width];
        let mut out = vec![0.0; width];
        for (index, &(node, kronrod_weight, gauss_weight)) in GAUSS_KRONROD.iter().enumerate() {
            let signs: &[f64] = if index == 0 { &[1.0] } else { &[-1.0, 1.0] };
            for sign in signs {
                self.evaluate(middle + sign * half * node, &mut out)?;
                for i in 0..width {
                    kronrod[i] += kronrod_weight * out[i];
                    gauss[i] += gauss_weight * out[i];
                    absolute[i] += kronrod_weight * out[i].abs();
                }
            }
        }
        let scaled = |v: &[f64]| v.iter().map(|value| value * half).collect::<Vec<f64>>();
        Ok(Panel {
            left,
            right,
            error: kronrod
                .iter()
                .zip(&gauss)
                .map(|(k, g)| (k - g).abs() * half)
                .collect(),
            value: scaled(&kronrod),
            absolute: scaled(&absolute),
            priority: 0.0,
        })
    }
}

impl Panel {
    fn rank(&mut self, scale: &[f64]) {
        self.priority = self
            .error
            .iter()
            .zip(scale)
            .map(|(error, scale)| if *scale > 0.0 { error / scale } else { 0.0 })
            .fold(0.0, f64::max);
    }
}
