//! Every family of the catalogue at the point of its example: the expected information by quadrature,
//! summation or cubature beside its closed form, their times, the error bound that the numeric route
//! states, and the error that it has.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use fisherinfo::expectation::{Method, expected_information};
use fisherinfo::family::{Arguments, CATALOGUE, Entry, Instance, Model};
use fisherinfo::information::{Accuracy, Information};
use std::time::{Duration, Instant};

fn example(entry: &Entry) -> Instance {
    let values = entry
        .example
        .split_whitespace()
        .filter_map(|word| word.split_once('='))
        .map(|(name, value)| (name.to_string(), value.parse().unwrap()))
        .collect();
    entry.instance(Arguments::new(values).unwrap()).unwrap()
}

/// Repetitions go on for this long, and five are made at least.
const LONG_ENOUGH: Duration = Duration::from_millis(200);
const FEWEST: usize = 5;
/// What takes longer than this is not repeated any more.
const PATIENCE: Duration = Duration::from_secs(2);

/// The median of repetitions.
fn time(mut work: impl FnMut()) -> Duration {
    let begin = Instant::now();
    let mut laps = Vec::new();
    while laps.is_empty()
        || begin.elapsed() < LONG_ENOUGH
        || (laps.len() < FEWEST && begin.elapsed() < PATIENCE)
    {
        let lap = Instant::now();
        work();
        laps.push(lap.elapsed());
    }
    laps.sort_unstable();
    laps[laps.len() / 2]
}

/// The largest entry of a matrix on the scale of the diagonal of the closed form.
fn scaled(closed: &Information, entry: impl Fn(usize, usize) -> f64) -> f64 {
    let size = closed.matrix().nrows();
    let mut largest = 0.0_f64;
    for i in 0..size {
        for j in 0..size {
            let scale = (closed.matrix()[(i, i)] * closed.matrix()[(j, j)]).sqrt();
            largest = largest.max(entry(i, j) / scale);
        }
    }
    largest
}

fn row(entry: &Entry) -> Option<String> {
    let instance = example(entry);
    let (model, theta): (&dyn Model, _) = (instance.model.as_ref(), &instance.theta);
    let by = |method| expected_information(model, theta, method);
    let closed = by(Method::ClosedForm).ok()?;
    let of_closed = time(|| {
        std::hint::black_box(by(Method::ClosedForm).unwrap());
    });
    let numeric = match by(Method::Numeric) {
        Ok(numeric) => numeric,
        Err(error) => {
            return Some(format!(
                "| {} | {of_closed:.1?} | – | {error} | |",
                entry.name
            ));
        }
    };
    let of_numeric = time(|| {
        std::hint::black_box(by(Method::Numeric).unwrap());
    });
    let provenance = numeric.provenance();
    let bound = match &provenance.accuracy {
        Accuracy::Bound(bound) => scaled(&closed, |i, j| bound[(i, j)]),
        _ => 0.0,
    };
    let error = scaled(&closed, |i, j| {
        (numeric.matrix()[(i, j)] - closed.matrix()[(i, j)]).abs()
    });
    assert!(error <= bound + 1e-12, "{}: {error} {bound}", entry.name);
    Some(format!(
        "| {} | {of_closed:.1?} | {of_numeric:.1?} ({}) | {bound:.1e} | {error:.1e} |",
        entry.name, provenance.route
    ))
}

fn main() {
    println!("| family | closed form | numeric | its error bound | its error |");
    println!("|---|---|---|---|---|");
    for entry in CATALOGUE {
        if let Some(row) = row(entry) {
            println!("{row}");
        }
    }
}
