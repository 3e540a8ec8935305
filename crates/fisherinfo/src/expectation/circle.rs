use super::{CompensatedSum, Expectation, ExpectationError, Problem, Route};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::f64::consts::{PI, TAU};

/// Points of the first sum.
const FIRST: usize = 64;

/// Relative error asked of every component, on the scale of its absolute integral.
const TOLERANCE: f64 = 2e-14;

/// The trapezoidal rule over a whole period, whose error for an analytic integrand falls
/// geometrically with the number of points. Points are doubled until two sums agree; the error is
/// their difference, which is that of the coarser one. Source: L. N. Trefethen & J. A. C. Weideman,
/// The exponentially convergent trapezoidal rule, SIAM Review 56 (2014).
pub(super) fn over_circle(problem: &Problem<'_>) -> Result<Expectation, ExpectationError> {
    let width = problem.width;
    // One point lies where the density has mass: no peak, however narrow, falls between them all.
    let mut origin = [0.0];
    problem.model.sample(
        problem.theta,
        &mut ChaCha8Rng::seed_from_u64(0),
        &mut origin,
    )?;
    let mut sum = CompensatedSum::new(width);
    let mut points = 0;
    let mut before: Option<Vec<f64>> = None;
    let mut out = vec![0.0; width];
    loop {
        // The points new to this round: all at first, then those halfway between the old.
        let (count, shift) = match points {
            0 => (FIRST, 0.0),
            points => (points, 0.5),
        };
        if points + count > problem.budget {
            return Err(problem.no_route(format!(
                "the sum over its circle takes more than {points} points"
            )));
        }
        for index in 0..count {
            let turn = (index as f64 + shift) / count as f64;
            let x = origin[0] + TAU * turn;
            let x = if x > PI { x - TAU } else { x };
            problem.weighted(&[x], 0.0, &mut out)?;
            sum.add(&out);
        }
        points += count;
        let weight = TAU / points as f64;
        let value: Vec<f64> = sum.value().iter().map(|v| v * weight).collect();
        let rounding: Vec<f64> = sum
            .rounding(problem.log_scale(0.0))
            .iter()
            .map(|r| r * weight)
            .collect();
        if let Some(before) = before {
            let gap: Vec<f64> = value
                .iter()
                .zip(&before)
                .map(|(a, b)| (a - b).abs())
                .collect();
            let met =
                (0..width).all(|i| gap[i] <= TOLERANCE * weight * sum.absolute[i] + rounding[i]);
            if met {
                return Ok(Expectation {
                    error: gap.iter().zip(&rounding).map(|(g, r)| g + r).collect(),
                    value,
                    route: Route::Quadrature {
                        evaluations: points,
                    },
                });
            }
        }
        before = Some(value);
    }
}
