use super::{CompensatedSum, Expectation, ExpectationError, Problem, Route};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Where the line w ∈ ℝ goes: w ↦ centre + spread·w ↦ x, with the last step chosen by the support.
#[derive(Clone, Copy, Debug)]
pub(super) enum Chart {
    /// x itself, on ℝ.
    Line,
    /// x = lower + e^v.
    Above(f64),
    /// x = upper − e^v.
    Below(f64),
    /// x = lower + (upper − lower)·logistic(v).
    Between(f64, f64),
    /// The pair (logistic(v), logistic(−v)).
    Unit,
}

impl Chart {
    /// The chart of an interval.
    pub(super) fn of_interval(lower: f64, upper: f64) -> Self {
        match (lower.is_finite(), upper.is_finite()) {
            (false, false) => Self::Line,
            (true, false) => Self::Above(lower),
            (false, true) => Self::Below(upper),
            (true, true) => Self::Between(lower, upper),
        }
    }

    /// The observation at v and ln |dx/dv|.
    pub(super) fn point(self, v: f64, x: &mut Vec<f64>) -> f64 {
        x.clear();
        match self {
            Self::Line => {
                x.push(v);
                0.0
            }
            Self::Above(lower) => {
                x.push(lower + v.exp());
                v
            }
            Self::Below(upper) => {
                x.push(upper - v.exp());
                v
            }
            Self::Between(lower, upper) => {
                let (left, right) = logistic_pair(v);
                // From the nearer end, where the distance keeps its digits.
                x.push(if v < 0.0 {
                    lower + (upper - lower) * left
                } else {
                    upper - (upper - lower) * right
                });
                (upper - lower).ln() + left.ln() + right.ln()
            }
            Self::Unit => {
                let (left, right) = logistic_pair(v);
                x.extend([left, right]);
                left.ln() + right.ln()
            }
        }
    }

    /// v of an observation.
    fn coordinate(self, x: &[f64]) -> f64 {
        match self {
            Self::Line => x[0],
            Self::Above(lower) => (x[0] - lower).ln(),
            Self::Below(upper) => (upper - x[0]).ln(),
            Self::Between(lower, upper) => (x[0] - lower).ln() - (upper - x[0]).ln(),
            Self::Unit => x[0].ln() - x[1].ln(),
        }
    }

    /// The most extreme v on a side (±1) at which the observation is still a double of full
    /// precision inside the support.
    fn limit(self, side: f64) -> f64 {
        let smallest = f64::MIN_POSITIVE.ln();
        match self {
            Self::Line => side * f64::MAX,
            // e^v has to stand clear of the end that it is added to.
            Self::Above(end) | Self::Below(end) if side < 0.0 => {
                if end == 0.0 {
                    smallest
                } else {
                    (end.abs() * f64::EPSILON).ln()
                }
            }
            Self::Above(_) | Self::Below(_) => -smallest,
            Self::Between(lower, upper) => {
                let end = if side < 0.0 { lower } else { upper };
                let least = (end.abs() * f64::EPSILON).max(f64::MIN_POSITIVE);
                side * ((upper - lower) / least).ln()
            }
            Self::Unit => side * -smallest,
        }
    }

    /// Is a point, rounded as it may be, inside?
    pub(super) fn holds(self, x: f64) -> bool {
        x.is_finite()
            && match self {
                Self::Line => true,
                Self::Above(lower) => x > lower,
                Self::Below(upper) => x < upper,
                Self::Between(lower, upper) => x > lower && x < upper,
                Self::Unit => x > 0.0,
            }
    }

    fn width(self) -> usize {
        if matches!(self, Self::Unit) { 2 } else { 1 }
    }
}

/// logistic(v) and logistic(−v), each to full relative precision.
fn logistic_pair(v: f64) -> (f64, f64) {
    let e = (-v.abs()).exp();
    let (small, large) = (e / (1.0 + e), 1.0 / (1.0 + e));
    if v < 0.0 {
        (small, large)
    } else {
        (large, small)
    }
}

pub(super) fn over_interval(
    problem: &Problem<'_>,
    lower: f64,
    upper: f64,
) -> Result<Expectation, ExpectationError> {
    Rule::new(problem, Chart::of_interval(lower, upper))?.integrate()
}

pub(super) fn over_unit_interval(problem: &Problem<'_>) -> Result<Expectation, ExpectationError> {
    Rule::new(problem, Chart::Unit)?.integrate()
}

/// Adaptive Gauss–Kronrod (10, 21) quadrature over the line w.
///
/// The density is centred and scaled by the quartiles of a few seeded draws; panels double
/// outwards until two in a row add nothing; then the panel with the largest error is halved until
/// the errors meet the tolerance. The error of a panel is the difference between its two rules,
/// which for smooth integrands is far above that of the rule whose value is used.
struct Rule<'a> {
    problem: &'a Problem<'a>,
    chart: Chart,
    centre: f64,
    spread: f64,
    evaluations: usize,
    x: Vec<f64>,
}

/// Evaluations of a panel.
const NODES: usize = 21;

/// Relative error asked of every component, on the scale of its absolute integral.
const TOLERANCE: f64 = 2e-14;

/// Halvings after which the largest relative error has to be half of what it was.
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
        Ok(Self {
            problem,
            chart,
            centre,
            spread: if spread > 0.0 && spread.is_finite() {
                spread
            } else {
                1.0
            },
            evaluations: 0,
            x,
        })
    }

    fn integrate(mut self) -> Result<Expectation, ExpectationError> {
        let width = self.problem.width;
        let mut panels = Vec::new();
        let mut scale = vec![0.0; width];
        let mut truncated = vec![0.0; width];
        for side in [1.0, -1.0] {
            let (mut near, mut far) = (0.0, 1.0);
            let mut quiet = 0;
            // 2^60 spreads: beyond that no density with a finite variance of the score has mass.
            for _ in 0..60 {
                let (left, right) = if side > 0.0 {
                    (near, far)
                } else {
                    (-far, -near)
                };
                let panel = self.panel(left, right)?;
                for (total, part) in scale.iter_mut().zip(&panel.absolute) {
                    *total += part;
                }
                let adds_nothing = panel
                    .absolute
                    .iter()
                    .zip(&scale)
                    .all(|(part, total)| *part <= 1e-3 * f64::EPSILON * total);
                quiet = if adds_nothing { quiet + 1 } else { 0 };
                let last = panel.absolute.clone();
                panels.push(panel);
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
                return Err(self
                    .problem
                    .no_route("its density does not fall off fast enough for quadrature"));
            }
        }
        self.require_reach(&scale)?;
        let mut heap: BinaryHeap<Panel> = panels
            .into_iter()
            .map(|mut panel| {
                panel.rank(&scale);
                panel
            })
            .collect();
        let log_scale = self.problem.log_scale(0.0) + self.offset();
        let rounding = super::rounding(&[1.0], log_scale)[0];
        let (mut halvings, mut standing) = (0, f64::INFINITY);
        while heap.len() < self.problem.budget / NODES {
            let (mut error, mut absolute) = (vec![0.0; width], vec![0.0; width]);
            for panel in &heap {
                for i in 0..width {
                    error[i] += panel.error[i];
                    absolute[i] += panel.absolute[i];
                }
            }
            // Halving panels does not mend what rounding has done.
            let mut met =
                (0..width).all(|i| error[i] <= TOLERANCE * absolute[i] + rounding * absolute[i]);
            if halvings % PATIENCE == 0 {
                // Nor a component that is rounding throughout, such as a sum that cancels.
                let now = (0..width)
                    .filter(|i| absolute[*i] > 0.0)
                    .map(|i| error[i] / absolute[i])
                    .fold(0.0, f64::max);
                met |= now > 0.5 * standing;
                standing = now;
            }
            halvings += 1;
            let Some(worst) = (if met { None } else { heap.pop() }) else {
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

    /// Refuses where mass lies beyond the most extreme observation that a double can hold: what is
    /// left out there would pass for a density that does not integrate to one.
    fn require_reach(&mut self, scale: &[f64]) -> Result<(), ExpectationError> {
        let mut out = vec![0.0; self.problem.width];
        for side in [-1.0, 1.0] {
            let limit = self.chart.limit(side);
            if !limit.is_finite() || limit.abs() == f64::MAX {
                continue;
            }
            // One unit of v inside: the mass beyond is at least of the order of what is found there.
            self.evaluate((limit - side - self.centre) / self.spread, &mut out)?;
            let matters = out
                .iter()
                .zip(scale)
                .any(|(value, total)| value.abs() > 1e-15 * total * self.spread);
            if matters {
                return Err(self.problem.no_route(
                    "a part of its mass lies closer to an end of the support than a double can say",
                ));
            }
        }
        Ok(())
    }

    /// How many spreads the bulk is away from zero: a point there is rounded by as many ε.
    fn offset(&self) -> f64 {
        match self.chart {
            Chart::Line => (self.centre / self.spread).abs(),
            _ => self.centre.abs(),
        }
    }

    /// f·h·dx/dw at w.
    fn evaluate(&mut self, w: f64, out: &mut [f64]) -> Result<(), ExpectationError> {
        self.evaluations += 1;
        let v = self.centre + self.spread * w;
        let log_slope = self.chart.point(v, &mut self.x);
        // Past the largest double, or rounded onto an end, there is no point to evaluate at. The
        // mass beyond shows as a total other than one.
        if !log_slope.is_finite() || !self.x.iter().all(|x| self.chart.holds(*x)) {
            out.fill(0.0);
            return Ok(());
        }
        self.problem
            .weighted(&self.x, log_slope + self.spread.ln(), out)
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

/// Nodes in [0, 1], Kronrod weights of the 21-point rule, Gauss weights of the 10-point rule.
/// Source: Piessens et al., QUADPACK (1983), routine QK21.
#[allow(clippy::excessive_precision)]
pub(crate) const GAUSS_KRONROD: [(f64, f64, f64); 11] = [
    (0.0, 0.149_445_554_002_916_905_664_936_468_389_821, 0.0),
    (
        0.148_874_338_981_631_210_884_826_001_129_720,
        0.147_739_104_901_338_491_374_841_515_972_068,
        0.295_524_224_714_752_870_173_815_619_188_769,
    ),
    (
        0.294_392_862_701_460_198_131_126_603_103_866,
        0.142_775_938_577_060_080_797_094_273_138_717,
        0.0,
    ),
    (
        0.433_395_394_129_247_190_799_265_943_165_784,
        0.134_709_217_311_473_325_928_054_001_771_707,
        0.269_266_719_309_996_355_091_226_921_569_469,
    ),
    (
        0.562_757_134_668_604_683_339_000_099_272_694,
        0.123_491_976_262_065_851_077_958_109_585_166,
        0.0,
    ),
    (
        0.679_409_568_299_024_406_234_327_365_114_874,
        0.109_387_158_802_297_641_899_210_590_325_805,
        0.219_086_362_515_982_043_995_534_934_228_163,
    ),
    (
        0.780_817_726_586_416_897_063_717_578_345_042,
        0.093_125_454_583_697_605_535_065_465_083_366,
        0.0,
    ),
    (
        0.865_063_366_688_984_510_732_096_688_423_493,
        0.075_039_674_810_919_952_767_043_140_916_190,
        0.149_451_349_150_580_593_145_863_397_657_697,
    ),
    (
        0.930_157_491_355_708_226_001_207_180_059_508,
        0.054_755_896_574_351_996_031_381_300_244_580,
        0.0,
    ),
    (
        0.973_906_528_517_171_720_077_964_012_084_452,
        0.032_558_162_307_964_727_478_818_972_459_390,
        0.066_671_344_308_688_137_593_568_809_893_332,
    ),
    (
        0.995_657_163_025_808_080_735_527_280_689_003,
        0.011_694_638_867_371_874_278_064_396_062_192,
        0.0,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// A mistyped node or weight shows as a monomial that is not integrated exactly.
    #[test]
    fn the_rules_are_exact_for_polynomials_of_their_degree() {
        for (degree, gauss_exact) in (0..=30).step_by(2).map(|d| (d, d <= 19)) {
            let exact = 2.0 / (f64::from(degree) + 1.0);
            let (mut kronrod, mut gauss) = (0.0, 0.0);
            for (index, (node, k, g)) in GAUSS_KRONROD.iter().enumerate() {
                let copies = if index == 0 { 1.0 } else { 2.0 };
                kronrod += copies * k * node.powi(degree);
                gauss += copies * g * node.powi(degree);
            }
            assert!((kronrod - exact).abs() < 1e-15, "Kronrod, x^{degree}");
            assert_eq!(
                (gauss - exact).abs() < 1e-15,
                gauss_exact,
                "Gauss, x^{degree}"
            );
        }
    }
}
