use super::barrier::{Barrier, trace};
use super::candidates::{Candidates, form};
use super::{Certificate, Criterion, DesignError, elfving, semidefinite};
use faer::{Mat, MatRef, Side, linalg::solvers::Solve};

/// Weights over candidates, with the proof that none are better.
#[derive(Clone, Debug)]
pub struct OptimalDesign {
    weights: Vec<f64>,
    value: f64,
    information: Mat<f64>,
    matrix: Mat<f64>,
    certificate: Certificate,
    steps: usize,
}

/// Up to so many candidates are solved for at once.
const SMALL: usize = 120;
/// Candidates of the first working set beyond a spanning one, and how many join it at a time.
const SPREAD: usize = 60;
const JOIN: usize = 30;
/// Weights under this (times the mean weight of a support) are none.
const NEGLIGIBLE: f64 = 1e-7;
/// And those under this are rounding, once the rest is settled.
const NOTHING: f64 = 1e-10;
/// The loss of efficiency that a certificate may leave open for the search to end.
const SETTLED: f64 = 1e-10;
/// And the one beyond which there is no answer.
const WORST: f64 = 1e-6;
/// Steps by default.
const MOST_STEPS: usize = 20_000;
/// Rounds of adding candidates.
const MOST_ROUNDS: usize = 200;

impl OptimalDesign {
    /// One weight a candidate: the part of the observations that goes there.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The candidates with weight, as (position from 0, weight).
    pub fn support(&self) -> impl Iterator<Item = (usize, f64)> {
        self.weights
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, weight)| *weight > 0.0)
    }

    /// ln det M, tr M⁻¹, the smallest eigenvalue of M, or cᵀM⁻c, as the criterion is.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// M, the information of one observation of the design.
    pub fn information(&self) -> MatRef<'_, f64> {
        self.information.as_ref()
    }

    /// The proof.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The matrix N of the proof, of the length that makes ⟨N, Mᵢ⟩ the sensitivities:
    /// [`Certificate::new`] with it bounds any other weights too.
    pub fn certificate_matrix(&self) -> MatRef<'_, f64> {
        self.matrix.as_ref()
    }

    /// Steps taken: Newton's, or the simplex method's.
    pub fn steps(&self) -> usize {
        self.steps
    }
}

/// The best weights over the candidates.
///
/// Where several designs are best, a point among them is returned (for D, A and E one in their
/// middle).
///
/// # Errors
/// No candidates, or none that say anything; fewer independent ones than parameters; a combination
/// that is none; for c candidates of several outputs; no certificate within the limit of steps.
///
/// ```
/// use fisherinfo::design::{Candidates, Criterion, optimal_design};
/// let points: Vec<f64> = (-4..=4).map(|i| f64::from(i) / 4.0).collect();
/// let rows: Vec<Vec<f64>> = points.iter().map(|x| vec![1.0, *x, x * x]).collect();
/// let design = optimal_design(&Candidates::from_rows(&rows)?, &Criterion::A)?;
/// // A parabola: ¼, ½, ¼, with tr M⁻¹ = 8.
/// assert!((design.weights()[4] - 0.5).abs() < 1e-8 && (design.value() - 8.0).abs() < 1e-8);
/// # Ok::<(), fisherinfo::design::DesignError>(())
/// ```
pub fn optimal_design(
    candidates: &Candidates,
    criterion: &Criterion,
) -> Result<OptimalDesign, DesignError> {
    optimal_design_within(candidates, criterion, MOST_STEPS)
}

/// As [`optimal_design`], with a limit of steps.
///
/// # Errors
/// As [`optimal_design`].
pub fn optimal_design_within(
    candidates: &Candidates,
    criterion: &Criterion,
    most_steps: usize,
) -> Result<OptimalDesign, DesignError> {
    criterion.require(candidates.parameters())?;
    let (whitened, change) = candidates.whitened()?;
    let metric = change.transpose() * &change;
    let problem = Problem {
        candidates,
        criterion,
        whitened,
        change,
        metric,
        most_steps,
    };
    if let Criterion::C(combination) = criterion {
        return problem.elfving(combination);
    }
    problem.exchange()
}

struct Problem<'a> {
    candidates: &'a Candidates,
    criterion: &'a Criterion,
    /// The candidates at equal information 1, Mᵢ′ = TᵀMᵢT.
    whitened: Candidates,
    /// T.
    change: Mat<f64>,
    /// TᵀT.
    metric: Mat<f64>,
    most_steps: usize,
}

impl Problem<'_> {
    fn elfving(&self, combination: &[f64]) -> Result<OptimalDesign, DesignError> {
        // Before the coordinates are changed, so that the message names the candidate.
        self.candidates.single_rows()?;
        let size = combination.len();
        let changed = self.changed(combination);
        let mut steps = 0;
        let rows = self.whitened.single_rows()?;
        let found = elfving::solve(&rows, &changed, self.most_steps, &mut steps)?;
        let dual = Mat::from_fn(size, size, |i, j| found.dual[i] * found.dual[j]);
        self.finish(found.weights, Some(dual), steps)
    }

    /// Solves over a working set, looks for violators among all, and lets them join.
    fn exchange(&self) -> Result<OptimalDesign, DesignError> {
        let mut working = self.first_working_set();
        let mut steps = 0;
        let mut best: Option<OptimalDesign> = None;
        for _ in 0..MOST_ROUNDS {
            let (weights, dual) = self.solve(&working, &mut steps)?;
            let mut full = vec![0.0; self.candidates.len()];
            for (&candidate, weight) in working.iter().zip(&weights) {
                full[candidate] = *weight;
            }
            let design = self.finish(full, dual, steps)?;
            let certificate = &design.certificate;
            let violators = self.violators(&working, certificate);
            let settled = certificate.holds(SETTLED) || violators.is_empty();
            let better = best
                .as_ref()
                .is_none_or(|best| certificate.largest < best.certificate.largest);
            if better {
                best = Some(design);
            }
            if settled || steps > self.most_steps {
                break;
            }
            // What the best design over the working set does not use may leave it.
            let used: Vec<usize> = working
                .iter()
                .zip(&weights)
                .filter(|(_, weight)| **weight > NEGLIGIBLE / working.len() as f64)
                .map(|(candidate, _)| *candidate)
                .collect();
            working = used;
            working.extend(violators);
            working.sort_unstable();
        }
        let Some(design) = best else {
            return Err(DesignError::NoCandidates);
        };
        if design.certificate.holds(WORST) {
            Ok(design)
        } else {
            Err(DesignError::NotConverged {
                steps,
                efficiency: design.certificate.efficiency_bound(),
            })
        }
    }

    /// A spanning set, and some spread over the rest.
    fn first_working_set(&self) -> Vec<usize> {
        let count = self.candidates.len();
        if count <= SMALL {
            return (0..count).collect();
        }
        let mut chosen = vec![false; count];
        for spread in 0..SPREAD {
            chosen[spread * (count - 1) / (SPREAD - 1)] = true;
        }
        // Those that add most to what is there, until everything is estimated well.
        let size = self.candidates.parameters();
        let mut inverse = faer::Scale(1e6) * Mat::<f64>::identity(size, size);
        for _ in 0..4 * size {
            let farthest = (0..count)
                .map(|i| (i, self.whitened.product(i, inverse.as_ref())))
                .fold(
                    (0, 0.0),
                    |best, next| if next.1 > best.1 { next } else { best },
                );
            chosen[farthest.0] = true;
            for row in self.whitened.rows(farthest.0) {
                let moved: Vec<f64> = (0..size)
                    .map(|i| (0..size).map(|j| inverse[(i, j)] * row[j]).sum())
                    .collect();
                let unit = 1.0 + row.iter().zip(&moved).map(|(a, b)| a * b).sum::<f64>();
                inverse = Mat::from_fn(size, size, |i, j| {
                    inverse[(i, j)] - moved[i] * moved[j] / unit
                });
            }
        }
        (0..count).filter(|i| chosen[*i]).collect()
    }

    fn violators(&self, working: &[usize], certificate: &Certificate) -> Vec<usize> {
        let mut inside = vec![false; self.candidates.len()];
        for &candidate in working {
            inside[candidate] = true;
        }
        let mut violators: Vec<usize> = (0..self.candidates.len())
            .filter(|&i| !inside[i] && certificate.sensitivities[i] > 1.0 + 0.5 * SETTLED)
            .collect();
        violators.sort_by(|&a, &b| {
            certificate.sensitivities[b].total_cmp(&certificate.sensitivities[a])
        });
        violators.truncate(JOIN);
        violators
    }

    /// Weights over the working set, without what is negligible, and for E the matrix Z.
    fn solve(
        &self,
        working: &[usize],
        steps: &mut usize,
    ) -> Result<(Vec<f64>, Option<Mat<f64>>), DesignError> {
        let part = self.whitened.subset(working);
        let metric = self.metric.as_ref();
        let solve = |part: &Candidates, start: Vec<f64>, steps: &mut usize| match self.criterion {
            Criterion::E => semidefinite::solve(part, metric, steps)
                .map(|found| (found.weights, Some(found.dual))),
            _ => Barrier::new(part, self.criterion, metric)
                .solve(start, steps)
                .map(|weights| (weights, None)),
        };
        let equal = vec![1.0 / working.len() as f64; working.len()];
        let (weights, dual) = solve(&part, equal, steps)?;
        let most = weights.iter().copied().fold(0.0, f64::max);
        let used: Vec<usize> = (0..weights.len())
            .filter(|&i| weights[i] > NEGLIGIBLE * most)
            .collect();
        // Once more over the support alone, which the barrier keeps from exact zeros elsewhere.
        let kept: f64 = used.iter().map(|&i| weights[i]).sum();
        let start = used.iter().map(|&i| weights[i] / kept).collect();
        let mut polished = vec![0.0; weights.len()];
        match solve(&part.subset(&used), start, steps) {
            Ok((again, _)) => {
                for (&i, weight) in used.iter().zip(&again) {
                    polished[i] = *weight;
                }
            }
            Err(_) => polished = weights,
        }
        Ok((polished, dual))
    }

    /// The design in the candidates' own coordinates, with its certificate.
    fn finish(
        &self,
        weights: Vec<f64>,
        dual: Option<Mat<f64>>,
        steps: usize,
    ) -> Result<OptimalDesign, DesignError> {
        let most = weights.iter().copied().fold(0.0, f64::max);
        let kept = |weight: f64| if weight > NOTHING * most { weight } else { 0.0 };
        let total: f64 = weights.iter().map(|w| kept(*w)).sum();
        let weights: Vec<f64> = weights.iter().map(|w| kept(*w) / total).collect();
        let part = self.whitened.information(&weights)?;
        let size = part.nrows();
        // N′ up to its length, and φ, both at equal information 1, where they lose no digits to
        // units or to columns that are nearly collinear.
        let inverse = || -> Result<Mat<f64>, DesignError> {
            let factor = part
                .llt(Side::Lower)
                .map_err(|_| DesignError::NotEstimable)?;
            Ok(factor.solve(Mat::<f64>::identity(size, size)))
        };
        let (matrix, length, value) = match (self.criterion, dual) {
            (Criterion::D, _) => {
                let volume = self.change.determinant().abs().ln();
                let value = Criterion::D.value(part.as_ref())? - 2.0 * volume;
                (inverse()?, size as f64, value)
            }
            (Criterion::A, _) => {
                let inverse = inverse()?;
                let total = trace(self.metric.as_ref(), inverse.as_ref());
                (&inverse * &self.metric * &inverse, total, total)
            }
            (Criterion::E, Some(dual)) => {
                let least = semidefinite::smallest(&part, self.metric.as_ref())
                    .ok_or(DesignError::NotEstimable)?;
                let unit = trace(self.metric.as_ref(), dual.as_ref());
                (dual, least * unit, least)
            }
            (Criterion::C(combination), Some(dual)) => {
                let changed = self.changed(combination);
                let variance = Criterion::C(changed.clone()).value(part.as_ref())?;
                let unit = form(dual.as_ref(), &changed);
                (dual, unit / variance, variance)
            }
            (Criterion::E | Criterion::C(_), None) => return Err(DesignError::NotEstimable),
        };
        let matrix = faer::Scale(length.recip()) * matrix;
        let sensitivities = (0..self.whitened.len())
            .map(|candidate| self.whitened.product(candidate, matrix.as_ref()))
            .collect();
        Ok(OptimalDesign {
            value,
            information: self.candidates.information(&weights)?,
            weights,
            matrix: &self.change * matrix * self.change.transpose(),
            certificate: Certificate::normalised(sensitivities),
            steps,
        })
    }

    /// Tᵀc.
    fn changed(&self, combination: &[f64]) -> Vec<f64> {
        let size = combination.len();
        (0..size)
            .map(|e| {
                (0..size)
                    .map(|i| self.change[(i, e)] * combination[i])
                    .sum()
            })
            .collect()
    }
}
