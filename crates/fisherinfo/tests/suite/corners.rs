//! Far corners of the parameter spaces, where closed forms cancel and numeric rules lose their reach.

use crate::families::at_points;
use fisherinfo::expectation::{ExpectationError, Method, expected_information};
use fisherinfo::family::{Arguments, Model, find};
use fisherinfo::information::Information;
use proptest::prelude::*;
use std::cell::Cell;

/// The largest entry of a matrix on the scale of a diagonal.
fn scaled(closed: &Information, entry: impl Fn(usize, usize) -> f64) -> f64 {
    let size = closed.matrix().nrows();
    let scale = |i: usize| closed.matrix()[(i, i)].sqrt();
    (0..size * size)
        .map(|index| (index / size, index % size))
        .map(|(i, j)| entry(i, j) / scale(i) / scale(j))
        .fold(0.0, f64::max)
}

/// Difference and bound of the numeric route, on the scale of the closed form's diagonal.
fn compare(
    model: &dyn Model,
    theta: &[f64],
    method: Method,
) -> Result<(f64, f64), ExpectationError> {
    let closed = expected_information(model, theta, Method::ClosedForm)?;
    let numeric = expected_information(model, theta, method)?;
    let accuracy = &numeric.provenance().accuracy;
    let difference = |i, j| (closed.matrix()[(i, j)] - numeric.matrix()[(i, j)]).abs();
    Ok((
        scaled(&closed, difference),
        scaled(&closed, |i, j| accuracy.of_entry(i, j)),
    ))
}

/// Rounding of a closed form whose parameters are themselves rounded.
const ROUNDING: f64 = 1e-12;

#[test]
fn corners_that_are_reached() {
    for (call, most) in [
        ("bernoulli p=1e-12", 1e-12),
        ("bernoulli p=0.999999999999", 1e-12),
        ("binomial p=1e-12 trials=10", 1e-12),
        ("binomial p=1e-12 trials=1000000", 1e-12),
        ("categorical p=[1e-12,0.5,0.499999999999]", 1e-12),
        ("multinomial trials=5 p=[1e-12,0.5,0.499999999999]", 1e-12),
        ("poisson rate=1e-3", 1e-12),
        ("poisson rate=1e6", 1e-12),
        ("poisson rate=1e12", 1e-12),
        ("geometric p=0.999999999999", 1e-12),
        ("binomial p=0.3 trials=1000000000", 1e-12),
        ("binomial p=1e-12 trials=1000000000000000", 1e-12),
        ("geometric p=1e-5", 1e-12),
        ("geometric p=1e-12", 1e-12),
        ("negative-binomial p=1e-12 r=0.001", 1e-9),
        ("negative-binomial p=1e-12 r=3", 1e-12),
        ("negative-binomial p=1e-6 r=1000000", 1e-6),
        ("negative-binomial-2 mu=1e12 k=0.5", 1e-9),
        ("negative-binomial-2 mu=1e12 k=3", 1e-11),
        ("negative-binomial-2 mu=1e9 k=1e3", 1e-9),
        ("negative-binomial p=0.999999999999 r=0.001", 1e-9),
        ("negative-binomial-2 mu=1e-3 k=1e-3", 1e-11),
        ("negative-binomial-2 mu=10 k=1e6", 1e-6),
        ("gamma shape=1e-3 rate=1", 1e-10),
        ("gamma shape=1e-3 rate=1e-6", 1e-10),
        ("gamma shape=1e6 rate=1", 1e-6),
        ("gamma shape=1e6 rate=1e6", 1e-6),
        ("inverse-gamma shape=1e-3 scale=1", 1e-10),
        ("inverse-gamma shape=1e6 scale=1", 1e-6),
        ("beta a=1e-3 b=1e-3", 1e-11),
        ("beta a=1e-3 b=1e6", 1e-6),
        ("beta a=1e6 b=1e-3", 1e-6),
        ("beta a=1e6 b=1e6", 1e-6),
        ("chi-squared nu=0.5", 1e-12),
        ("chi-squared nu=1e-3", 1e-10),
        ("chi-squared nu=1e6", 1e-6),
        ("student-t location=0 scale=1 nu=0.5", 1e-11),
        ("student-t-known-nu location=0 scale=1 nu=0.5", 1e-11),
        ("student-t-known-nu location=0 scale=1 nu=1e6", 1e-6),
        ("weibull shape=1e-3 scale=1", 1e-10),
        ("weibull shape=1e6 scale=1", 1e-6),
        ("log-logistic scale=1 shape=1e-3", 1e-10),
        ("log-logistic scale=1 shape=1e6", 1e-6),
        ("nakagami m=0.001 omega=1", 1e-9),
        ("nakagami m=1e6 omega=1", 1e-6),
        ("von-mises mu=0 kappa=1e-3", 1e-11),
        ("von-mises mu=0 kappa=1e6", 1e-6),
        ("inverse-gaussian mu=1 lambda=1e-3", 1e-10),
        ("inverse-gaussian mu=1 lambda=1e6", 1e-6),
        ("kumaraswamy a=1e-3 b=1", 1e-10),
        ("kumaraswamy a=1e6 b=1e-3", 1e-6),
        (
            "kumaraswamy a=158.64099647555602 b=4.4381627404625785e-5",
            1e-10,
        ),
        ("generalized-pareto sigma=1 xi=-0.3", 1e-10),
        ("generalized-pareto sigma=1 xi=10", 1e-10),
        ("generalized-pareto sigma=1 xi=0", 1e-10),
        ("generalized-pareto sigma=1 xi=1e-3", 1e-10),
        ("generalized-pareto sigma=1 xi=1e6", 1e-6),
        ("gev mu=0 sigma=1 xi=0", 1e-10),
        ("gev mu=0 sigma=1 xi=1e-17", 1e-10),
        ("gev mu=3 sigma=1 xi=1e-8", 1e-10),
        ("gev mu=3 sigma=1 xi=-1e-8", 1e-10),
        ("gev mu=0 sigma=1 xi=-1e-3", 1e-10),
        ("gev mu=0 sigma=1 xi=0.02", 1e-10),
        ("gev mu=0 sigma=1 xi=-0.04", 1e-10),
        ("gev mu=0 sigma=1 xi=-0.44", 1e-9),
        ("gev mu=0 sigma=1 xi=8", 1e-9),
        ("shifted-gamma shape=2.12 rate=1 shift=5", 1e-9),
        ("shifted-gamma shape=1e3 rate=1 shift=5", 1e-6),
        ("shifted-weibull shape=2.2 scale=1 shift=5", 1e-9),
        ("shifted-weibull shape=1e6 scale=1 shift=5", 1e-6),
        ("pareto alpha=1e-3 minimum=2", 1e-10),
        ("pareto alpha=1e6 minimum=2", 1e-6),
        ("pareto alpha=3 minimum=1e-300", 1e-10),
        // All but a thousandth of the draws lie on one side of what has to be resolved.
        ("dirichlet a=[0.001,1,1]", 1e-8),
        ("dirichlet a=[1,1,0.001]", 1e-8),
        ("dirichlet a=[0.3,0.001,5]", 1e-6),
        ("exponential rate=1e-12", 1e-11),
        ("normal mu=1e6 sigma=1e-3", 1e-4),
        ("lognormal mu=100 sigma=20", 1e-9),
    ] {
        let mut words = call.split(' ');
        let entry = find(words.next().unwrap()).unwrap();
        let values = words
            .map(|word| word.split_once('=').unwrap())
            .map(|(name, value)| (name.to_string(), value.parse().unwrap()))
            .collect();
        let instance = entry.instance(Arguments::new(values).unwrap()).unwrap();
        let (difference, bound) =
            compare(instance.model.as_ref(), &instance.theta, Method::Numeric).unwrap();
        assert!(
            difference <= bound + ROUNDING && bound <= most,
            "{call}: differ by {difference:e}, bound {bound:e}"
        );
    }
}

#[test]
fn far_out_the_bound_holds_or_the_route_says_that_it_ends() {
    let (seen, refused) = (Cell::new(0), Cell::new(0));
    at_points(30, 28.0, |model, theta| {
        if model.closed_form_information(theta).is_none() {
            return Ok(());
        }
        seen.set(seen.get() + 1);
        match compare(model, theta, Method::NumericWithin(20_000)) {
            Ok((difference, bound)) => {
                // Far out the bound is mostly rounding, which is an estimate of its size.
                prop_assert!(
                    difference <= 2.0 * bound + 1e-11,
                    "differ by {difference:e}, bound {bound:e}"
                );
            }
            // With its reason; never a wrong number.
            Err(_) => refused.set(refused.get() + 1),
        }
        Ok(())
    });
    // Refusals are the exception: sums of too many terms, and mass that no double reaches.
    assert!(
        5 * refused.get() < seen.get(),
        "{} of {}",
        refused.get(),
        seen.get()
    );
}
