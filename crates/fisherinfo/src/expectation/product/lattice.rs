//! Quasi-Monte Carlo over ℝᵈ where grids take too many nodes.

use super::super::{CompensatedSum, Expectation, ExpectationError, Problem, Route};
use super::Frame;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// Random shifts, over which the standard error is taken.
const SHIFTS: usize = 16;
/// Points of a shift; a budget below cuts them.
const POINTS: usize = 4_096;
/// Standard errors granted: of a mean of sixteen, beyond six lies a probability of 2e-5.
const ERRORS: f64 = 6.0;

/// The mean over shifted lattices {k·α + shift} of the unit cube, α the powers of the generalised
/// golden ratio (M. Roberts 2018), carried to ℝᵈ by the quantiles of Student's t with two degrees
/// of freedom, whose tails are above those of what is integrated.
///
/// The shifts are seeded, and so the same every time; the error is six standard errors over them.
pub(super) fn over_lattice(
    problem: &Problem<'_>,
    frame: &Frame,
) -> Result<Expectation, ExpectationError> {
    let dimension = frame.dimension();
    let points = POINTS.min(problem.budget / SHIFTS).max(1);
    let generator = generator(dimension);
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let shifts: Vec<Vec<f64>> = (0..SHIFTS)
        .map(|_| (0..dimension).map(|_| rng.random()).collect())
        .collect();
    let means: Vec<Result<CompensatedSum, ExpectationError>> = shifts
        .par_iter()
        .map(|shift| {
            let mut sum = CompensatedSum::new(problem.width);
            let mut out = vec![0.0; problem.width];
            let mut w = vec![0.0; dimension];
            for k in 1..=points {
                let mut log_weight = -(points as f64).ln();
                for axis in 0..dimension {
                    let u = (shift[axis] + k as f64 * generator[axis]).fract();
                    // The quantile of u, and minus the log-density there: ln(2 + t²)^{3/2}.
                    let t = (2.0 * u - 1.0) / (2.0 * u * (1.0 - u)).sqrt();
                    log_weight += 1.5 * (2.0 + t * t).ln();
                    w[axis] = t;
                }
                if log_weight.is_finite() {
                    frame.weighted(problem, &w, log_weight, &mut out)?;
                    sum.add(&out);
                }
            }
            Ok(sum)
        })
        .collect();
    let mut total = CompensatedSum::new(problem.width);
    let mut each = Vec::with_capacity(SHIFTS);
    for mean in means {
        let mean = mean?;
        each.push(mean.value());
        total.merge(&mean);
    }
    let shifts = SHIFTS as f64;
    let value: Vec<f64> = total.value().iter().map(|sum| sum / shifts).collect();
    let rounding = total.rounding(frame.log_scale(problem));
    let error = (0..problem.width)
        .map(|i| {
            let squares: f64 = each.iter().map(|mean| (mean[i] - value[i]).powi(2)).sum();
            ERRORS * (squares / (shifts - 1.0) / shifts).sqrt() + rounding[i] / shifts
        })
        .collect();
    Ok(Expectation {
        value,
        error,
        route: Route::QuasiMonteCarlo {
            points: points * SHIFTS,
            shifts: SHIFTS,
        },
    })
}

/// φ⁻¹, φ⁻², … with φ^{d+1} = φ + 1.
fn generator(dimension: usize) -> Vec<f64> {
    let mut ratio = 2.0_f64;
    for _ in 0..60 {
        ratio = (1.0 + ratio).powf(1.0 / (dimension as f64 + 1.0));
    }
    (1..=dimension as i32)
        .map(|power| ratio.powi(-power))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::generator;

    #[test]
    fn in_one_dimension_it_is_the_golden_ratio() {
        assert!((generator(1)[0] - 0.618_033_988_749_894_9).abs() < 1e-15);
        let plastic = generator(2);
        assert!((plastic[0].powi(-3) - plastic[0].recip() - 1.0).abs() < 1e-13);
    }
}
