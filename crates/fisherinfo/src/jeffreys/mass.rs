use super::Properness;
use super::opened::OpenedPrior;
use super::tail::Tail;
use crate::expectation::ExpectationError;

/// For one, two and three parameters: each opened line is summed on [−reach, reach]; beyond, the
/// tail is its exponential. In a corner the probability left falls like e^(−k·reach), and reach
/// has to leave it digits.
const REACH: [f64; MOST_DIMENSIONS] = [18.0, 12.0, 10.5];
/// The steps of the sums.
const STEP: [f64; MOST_DIMENSIONS] = [0.25, 0.25, 0.375];
/// Nested sums up to this dimension.
const MOST_DIMENSIONS: usize = 3;

/// ∫ g du by nested trapezoid sums, whose error for an analytic integrand falls geometrically with
/// the step, and exponential tails. The error is the difference to twice the step, and the part of
/// the tails that is not exponential.
pub(super) fn integrate(
    prior: &OpenedPrior<'_>,
    tails: &[Tail],
) -> Result<Properness, ExpectationError> {
    let dimension = prior.dimension();
    if dimension > MOST_DIMENSIONS {
        return Ok(Properness::Undecided {
            reason: format!(
                "every tail looked at converges, but the integral over {dimension} parameters \
                 was not computed"
            ),
        });
    }
    let step = STEP[dimension - 1];
    let fine = nested(prior, tails, &mut Vec::new(), step)?;
    let coarse = nested(prior, tails, &mut Vec::new(), 2.0 * step)?;
    let error = (fine.total - coarse.total).abs() + fine.uncertain + 1e-14 * fine.total;
    if fine.total.is_finite() && error < 1e-2 * fine.total {
        Ok(Properness::Proper {
            mass: fine.total,
            error,
        })
    } else {
        Ok(Properness::Undecided {
            reason: "every tail looked at converges, but the integral did not settle".into(),
        })
    }
}

struct Sum {
    total: f64,
    /// What the exponential model of the tails may have missed.
    uncertain: f64,
}

fn nested(
    prior: &OpenedPrior<'_>,
    tails: &[Tail],
    fixed: &mut Vec<f64>,
    step: f64,
) -> Result<Sum, ExpectationError> {
    let axis = fixed.len();
    if axis == prior.dimension() {
        return Ok(Sum {
            total: prior.log_density(fixed)?.exp(),
            uncertain: 0.0,
        });
    }
    let count = (REACH[prior.dimension() - 1] / step).round() as i32;
    let mut values = Vec::with_capacity(2 * count as usize + 1);
    let mut uncertain = 0.0;
    for index in -count..=count {
        fixed.push(f64::from(index) * step);
        let inner = nested(prior, tails, fixed, step)?;
        fixed.pop();
        uncertain += step * inner.uncertain;
        values.push(inner.total);
    }
    let ends = values[0] + values[values.len() - 1];
    let mut total = step * (values.iter().sum::<f64>() - 0.5 * ends);
    for (sign, outermost, next) in [
        (-1_i8, values[0], values[1]),
        (1, values[values.len() - 1], values[values.len() - 2]),
    ] {
        // The rate read far out, and the one at the edge of the sum; they differ by what is not
        // exponential. The trapezoid rule on a geometric tail sums h·(½ + 1/(e^{ch} − 1)).
        let rate = tails
            .iter()
            .filter(|tail| tail.exponent.is_some() && tail.sign(axis) == sign)
            .map(|tail| tail.rate)
            .fold(f64::NAN, f64::max);
        let local = (next / outermost).ln() / step;
        let rest = |c: f64| outermost * step * (0.5 + 1.0 / (c * step).exp_m1());
        let tail = rest(local);
        total += tail;
        let spread = if rate.is_finite() {
            (rest(rate) - tail).abs()
        } else {
            tail
        };
        uncertain += spread + 1e-6 * tail;
    }
    Ok(Sum { total, uncertain })
}
