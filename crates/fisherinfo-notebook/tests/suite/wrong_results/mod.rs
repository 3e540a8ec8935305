//! Mistakes that people make in these very exercises, carried through all that follows from them,
//! so that the findings agree with each other and only a route of its own can tell.

mod data;
mod mechanics;
mod optimisation;
mod theory;

use fisherinfo_notebook::solution::{Findings, Inputs, Value};

/// A mistake, and the findings that it changes.
pub(crate) type WrongResult = (&'static str, Vec<(&'static str, Value)>);

fn number(value: f64) -> Value {
    Value::Number(value)
}

pub(crate) fn wrong_results(exercise: u8, inputs: &Inputs, right: &Findings) -> Vec<WrongResult> {
    let input = |name: &str| inputs.number(name).unwrap();
    let found = |name: &str| right.number(name).unwrap();
    match exercise {
        1 => mechanics::bernoulli(input("p")),
        2 => mechanics::additivity(input("n"), input("sigma2"), &found),
        3 => mechanics::reparameterisation(input("p")),
        4 => theory::gaussian_location(right, [input("s11"), input("s12"), input("s22")]),
        5 => theory::local_divergence(input("p"), input("delta"), &found),
        6 => theory::jeffreys(input("p"), input("rate"), &found),
        7 => data::logistic_regression(inputs, right),
        8 => data::consolidation(inputs, right),
        9 => optimisation::expectation(input("p")),
        10 => optimisation::natural_gradient(inputs),
        _ => panic!("no wrong results for exercise {exercise}"),
    }
}
