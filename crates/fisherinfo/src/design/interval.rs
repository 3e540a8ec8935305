use super::candidates::{Candidates, form, product};
use super::{Certificate, Criterion, Curve, DesignError, OptimalDesign, optimal_design};
use faer::{Mat, MatRef};

/// Points on an interval and their weights, with the proof that none are better.
#[derive(Clone, Debug)]
pub struct IntervalDesign {
    points: Vec<f64>,
    weights: Vec<f64>,
    design: OptimalDesign,
    certificate: Certificate,
    places: Vec<f64>,
    uniform_efficiency: Option<f64>,
}

/// Points of the grid from which the search starts.
const GRID: usize = 201;
/// Intervals between points that stay candidates throughout.
const ANCHORS: usize = 20;
/// Panels of the finer grid on which maxima of the sensitivity are looked for.
const PANELS: usize = 2000;
/// Points nearer to each other than this part of the range are one.
const MERGE: f64 = 1e-3;
/// Rounds of moving the points.
const MOST_ROUNDS: usize = 200;
/// Points that would move less than this part of the range are still.
const STILL: f64 = 1e-13;
/// A certificate that leaves less open settles a design but for the last digits of its points.
const SETTLED: f64 = 1e-12;
/// Steps toward those.
const MOST_POLISHING: usize = 40;
/// Rounds without a better design after which there is none.
const PATIENCE: usize = 4;
/// The loss of efficiency beyond which there is no answer.
const WORST: f64 = 1e-6;

impl IntervalDesign {
    /// The points, ascending.
    pub fn points(&self) -> &[f64] {
        &self.points
    }

    /// The part of the observations at each.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// ln det M, tr M⁻¹, the smallest eigenvalue of M, or cᵀM⁻c, as the criterion is.
    pub fn value(&self) -> f64 {
        self.design.value()
    }

    /// M, the information of one observation of the design.
    pub fn information(&self) -> MatRef<'_, f64> {
        self.design.information()
    }

    /// The proof, over the whole interval: its sensitivities are those at [`IntervalDesign::places`].
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Where the sensitivity was looked at: a fine grid, and its maxima, to their last digits.
    pub fn places(&self) -> &[f64] {
        &self.places
    }

    /// How efficient equal weights on 201 evenly spaced points are; `None` where their information
    /// is singular.
    pub fn uniform_efficiency(&self) -> Option<f64> {
        self.uniform_efficiency
    }
}

/// The best points of an interval, and their weights.
///
/// Weights over a grid, then over the maxima of the sensitivity, which move until they stay.
///
/// # Errors
/// An interval that is none; a model that is not defined, or says nothing, on it; as
/// [`optimal_design`].
///
/// ```
/// use fisherinfo::coordinates::link::Link;
/// use fisherinfo::design::{Criterion, ResponseCurve, optimal_on_interval};
/// use fisherinfo::expression::Expression;
/// use fisherinfo::family::Normal;
/// // A compartment model: Atkinson, Donev & Tobias, Optimum Experimental Designs (2007), example 17.4.
/// let formula = Expression::parse("c*(exp(-a*t) - exp(-b*t))")?;
/// let assumed = [("a", 0.05884), ("b", 4.298), ("c", 21.80)].map(|(n, v)| (n.to_string(), v));
/// let curve = ResponseCurve::new(&formula, "t", &assumed, Normal, Link::Identity)?;
/// let design = optimal_on_interval(&curve, [0.0, 30.0], &Criterion::D)?;
/// assert!((design.points()[0] - 0.2288).abs() < 1e-4 && (design.points()[2] - 18.417).abs() < 1e-3);
/// assert!((design.value() - 7.3887).abs() < 1e-4);
/// // The largest standardised variance is the number of parameters.
/// assert!((3.0 * design.certificate().largest - 3.0).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn optimal_on_interval(
    curve: &dyn Curve,
    [lower, upper]: [f64; 2],
    criterion: &Criterion,
) -> Result<IntervalDesign, DesignError> {
    let width = upper - lower;
    if !(width > 0.0 && width.is_finite()) {
        return Err(DesignError::Interval { lower, upper });
    }
    let grid = |count: usize| -> Vec<f64> {
        (0..count)
            .map(|i| lower + width * i as f64 / (count - 1) as f64)
            .collect()
    };
    let search = Search {
        curve,
        criterion,
        names: curve.parameters(),
        fine: grid(PANELS + 1),
    };
    let start = grid(GRID);
    // The fine grid too has to be defined, or its gaps would pass for low sensitivity.
    search.candidates(&search.fine)?;
    let equal = search.candidates(&start)?;
    let mut points = start;
    let mut best = search.solve(&points)?;
    let mut idle = 0;
    for _ in 0..MOST_ROUNDS {
        // The maxima overshoot where the points undershoot; the weights choose between them, and
        // their mean comes nearer than both.
        let support = best.merged(MERGE * width);
        points = search.with_anchors(&support, &best.maxima);
        let found = search.solve(&points)?;
        idle = if found.open() < best.open() {
            0
        } else {
            idle + 1
        };
        if idle == 0 {
            best = found;
        }
        if best.open() <= SETTLED || idle == PATIENCE {
            break;
        }
    }
    let found = search.polished(best)?;
    if !found.certificate.holds(WORST) {
        return Err(DesignError::NotConverged {
            steps: found.design.steps(),
            efficiency: found.certificate.efficiency_bound(),
        });
    }
    let goodness = criterion.goodness(found.design.information())?;
    let uniform = vec![1.0 / GRID as f64; GRID];
    let (points, weights) = found
        .design
        .support()
        .map(|(i, weight)| (found.points[i], weight))
        .unzip();
    Ok(IntervalDesign {
        points,
        weights,
        design: found.design,
        certificate: found.certificate,
        places: found.places,
        uniform_efficiency: criterion
            .goodness(equal.information(&uniform)?.as_ref())
            .ok()
            .map(|equal| equal / goodness),
    })
}

struct Search<'a> {
    curve: &'a dyn Curve,
    criterion: &'a Criterion,
    names: Vec<String>,
    fine: Vec<f64>,
}

/// Weights over some points, and what the certificate says of the whole interval.
struct Found {
    points: Vec<f64>,
    design: OptimalDesign,
    maxima: Vec<f64>,
    places: Vec<f64>,
    certificate: Certificate,
}

impl Found {
    /// The support with neighbours taken together.
    fn merged(&self, apart: f64) -> Vec<f64> {
        let mut groups: Vec<(f64, f64)> = Vec::new();
        let mut last = f64::NEG_INFINITY;
        for (i, weight) in self.design.support() {
            let point = self.points[i];
            match groups.last_mut() {
                Some((mean, total)) if point - last <= apart => {
                    *mean += (point - *mean) * weight / (*total + weight);
                    *total += weight;
                }
                _ => groups.push((point, weight)),
            }
            last = point;
        }
        groups.into_iter().map(|(mean, _)| mean).collect()
    }

    /// For every point the way to the nearest maximum.
    fn ways(&self, points: &[f64]) -> Vec<f64> {
        points
            .iter()
            .map(|point| {
                self.maxima
                    .iter()
                    .map(|maximum| maximum - point)
                    .min_by(|a, b| a.abs().total_cmp(&b.abs()))
                    .unwrap_or(0.0)
            })
            .collect()
    }

    /// What the certificate leaves open.
    fn open(&self) -> f64 {
        self.certificate.largest - 1.0
    }
}

impl Search<'_> {
    fn candidates(&self, points: &[f64]) -> Result<Candidates, DesignError> {
        let mut candidates = Candidates::new(&self.names);
        for &place in points {
            let row = self.curve.at(place).row;
            if !row.iter().all(|value| value.is_finite()) {
                return Err(DesignError::NotDefined { place });
            }
            candidates.add_row(&row, 1.0)?;
        }
        Ok(candidates)
    }

    /// These points, and a few more at a distance, so that the candidates span where the best
    /// design is singular.
    fn with_anchors(&self, points: &[f64], others: &[f64]) -> Vec<f64> {
        let width = self.fine[PANELS] - self.fine[0];
        let mut all = points.to_vec();
        for place in others
            .iter()
            .chain(self.fine.iter().step_by(PANELS / ANCHORS))
        {
            // What is already there to its digits, or an anchor beside a point, adds nothing.
            let apart = if others.contains(place) { STILL } else { MERGE };
            if all
                .iter()
                .all(|point| (point - place).abs() > apart * width)
            {
                all.push(*place);
            }
        }
        all.sort_by(f64::total_cmp);
        all
    }

    /// The design with every point where the sensitivity has its maximum, to the last digits.
    ///
    /// The way from the points to the maxima vanishes at the best ones. Its zero is found by
    /// Broyden's method; the way overshoots, since a point that is moved moves the maxima back.
    fn polished(&self, start: Found) -> Result<Found, DesignError> {
        let width = self.fine[PANELS] - self.fine[0];
        let limits = [self.fine[0], self.fine[PANELS]];
        let mut points = start.merged(MERGE * width);
        let size = points.len();
        let mut found = self.solve(&self.with_anchors(&points, &[]))?;
        let mut way = found.ways(&points);
        let norm = |values: &[f64]| values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
        let mut best: Option<(f64, Found)> = None;
        let mut inverse = faer::Scale(-0.4) * Mat::<f64>::identity(size, size);
        for _ in 0..MOST_POLISHING {
            let length = norm(&way);
            let product = |inverse: &Mat<f64>, v: &[f64]| -> Vec<f64> {
                (0..size)
                    .map(|i| (0..size).map(|j| inverse[(i, j)] * v[j]).sum())
                    .collect()
            };
            let step: Vec<f64> = product(&inverse, &way)
                .iter()
                .map(|s| (-s).clamp(-MERGE * width, MERGE * width))
                .collect();
            let moved: Vec<f64> = points
                .iter()
                .zip(&step)
                .map(|(p, s)| (p + s).clamp(limits[0], limits[1]))
                .collect();
            let taken: Vec<f64> = moved.iter().zip(&points).map(|(m, p)| m - p).collect();
            if best.as_ref().is_none_or(|(least, _)| length < *least) {
                best = Some((length, found));
            }
            if length <= STILL * width || norm(&taken) == 0.0 {
                break;
            }
            points = moved;
            found = self.solve(&self.with_anchors(&points, &[]))?;
            let next = found.ways(&points);
            let change: Vec<f64> = next.iter().zip(&way).map(|(n, w)| n - w).collect();
            way = next;
            // B⁻¹ += (Δx − B⁻¹Δf) ΔxᵀB⁻¹ / ΔxᵀB⁻¹Δf.
            let image = product(&inverse, &change);
            let unit: f64 = taken.iter().zip(&image).map(|(t, i)| t * i).sum();
            if unit == 0.0 {
                break;
            }
            let left: Vec<f64> = (0..size)
                .map(|j| (0..size).map(|i| taken[i] * inverse[(i, j)]).sum())
                .collect();
            for i in 0..size {
                for j in 0..size {
                    inverse[(i, j)] += (taken[i] - image[i]) * left[j] / unit;
                }
            }
        }
        // Where points cannot be told apart or do not settle, the certificate decides.
        Ok(match best {
            Some((_, polished)) if polished.open() <= start.open().max(SETTLED) => polished,
            _ => start,
        })
    }

    fn solve(&self, points: &[f64]) -> Result<Found, DesignError> {
        let candidates = self.candidates(points)?;
        let design = optimal_design(&candidates, self.criterion)?;
        let matrix = design.certificate_matrix();
        let sensitivity = |x: f64| form(matrix, &self.curve.at(x).row);
        let mut places = self.fine.clone();
        places.extend(points);
        places.sort_by(f64::total_cmp);
        places.dedup();
        let values: Vec<f64> = places.iter().map(|x| sensitivity(*x)).collect();
        let mut maxima = Vec::new();
        let last = places.len() - 1;
        for i in 0..=last {
            let rises = i == 0 || values[i] >= values[i - 1];
            let falls = i == last || values[i] > values[i + 1];
            // Low maxima get no weight.
            if rises && falls && values[i] > 0.5 {
                let bracket = [places[i.saturating_sub(1)], places[(i + 1).min(last)]];
                maxima.push(self.maximum(matrix, bracket, places[i]));
            }
        }
        let maxima_values: Vec<f64> = maxima.iter().map(|x| sensitivity(*x)).collect();
        let mut all: Vec<(f64, f64)> = places.into_iter().zip(values).collect();
        all.extend(maxima.iter().copied().zip(maxima_values));
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (places, values): (Vec<f64>, Vec<f64>) = all.into_iter().unzip();
        Ok(Found {
            points: points.to_vec(),
            design,
            maxima,
            places,
            certificate: Certificate::normalised(values),
        })
    }

    /// The zero of the slope of the sensitivity, 2 rᵀN r′, by bisection with secants; an end of the
    /// bracket where it has none.
    fn maximum(&self, matrix: MatRef<'_, f64>, [mut left, mut right]: [f64; 2], top: f64) -> f64 {
        let slope = |x: f64| {
            let point = self.curve.at(x);
            product(matrix, &point.row, &point.slope)
        };
        let (mut rising, mut falling) = (slope(left), slope(right));
        if rising <= 0.0 || falling >= 0.0 {
            // An end of the interval, or a kink between places.
            return top;
        }
        for step in 0..200 {
            let middle = 0.5 * (left + right);
            if !(left < middle && middle < right) {
                break;
            }
            let secant = left + (right - left) * rising / (rising - falling);
            // Every third step halves, whatever the secant leaves of the bracket.
            let x = if step % 3 == 2 || !(left < secant && secant < right) {
                middle
            } else {
                secant
            };
            let value = slope(x);
            if value > 0.0 {
                (left, rising) = (x, value);
            } else if value < 0.0 {
                (right, falling) = (x, value);
            } else {
                return x;
            }
        }
        0.5 * (left + right)
    }
}
