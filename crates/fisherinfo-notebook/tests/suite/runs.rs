//! Whole runs: events in order, stopping, time, failure.

use fisherinfo_notebook::course::course;
use fisherinfo_notebook::exercise::Exercise;
use fisherinfo_notebook::run::{Event, Request, Stop, json::object, run, text::lines};
use fisherinfo_notebook::solution::{Findings, Inputs, SolutionError, Value};
use std::time::Duration;

#[test]
fn all_ten_pass_at_their_defaults() {
    let mut shown = String::new();
    let summary = run(&Request::all(course()), &Stop::new(), |event| {
        shown += &lines(&event)
    });
    assert!(summary.is_success(), "{shown}");
    assert_eq!((summary.exercises, summary.exit_code()), (10, 0));
    assert_eq!(shown.matches("PASS - ").count(), summary.passed);
    assert_eq!(shown.matches("Takeaway: ").count(), 10);
    assert!(!shown.contains("FAIL"));
    assert!(shown.ends_with(&format!("{} passed, 0 failed\n", summary.passed)));
    // A second in release; the tests run without most optimisation and beside others.
    assert!(
        summary.elapsed < Duration::from_secs(10),
        "{:?}",
        summary.elapsed
    );
}

#[test]
fn events_come_in_order() {
    let requests = [
        Request::new(course(), 7, &[("n", 3000.0)]).unwrap(),
        Request::new(course(), 1, &[]).unwrap(),
    ];
    let mut kinds = Vec::new();
    run(&requests, &Stop::new(), |event| {
        let object = object(&event);
        kinds.push((
            object["exercise"].as_u64(),
            object["event"].as_str().unwrap().to_string(),
        ));
    });
    kinds.dedup();
    let expected: Vec<(Option<u64>, String)> = [Some(7), Some(1)]
        .into_iter()
        .flat_map(|number| {
            [
                "started",
                "figure_of_merit",
                "check",
                "takeaway",
                "finished",
            ]
            .map(|kind| (number, kind.to_string()))
        })
        .chain([(None, "summary".to_string())])
        .collect();
    assert_eq!(kinds, expected);
}

#[test]
fn a_run_stops_between_cells() {
    let stop = Stop::new();
    let handle = stop.clone();
    let mut finished = Vec::new();
    let summary = run(&Request::all(course()), &stop, |event| {
        if let Event::Finished { exercise, .. } = event {
            finished.push(exercise.number);
            if exercise.number == 3 {
                handle.stop();
            }
        }
    });
    assert_eq!(finished, [1, 2, 3]);
    assert!(summary.stopped && summary.exercises == 3 && summary.exit_code() == 1);

    // Between solving and checking, too: what has been found stays, nothing is checked.
    let stop = Stop::new();
    let handle = stop.clone();
    let summary = run(&Request::all(course()), &stop, |event| {
        if matches!(event, Event::FigureOfMerit { .. }) {
            handle.stop();
        }
    });
    assert!(summary.stopped && summary.exercises == 0 && summary.passed == 0);
}

/// The ninth exercise with a solution that forgets to weigh the outcomes.
fn forgetful(inputs: &Inputs) -> Result<Findings, SolutionError> {
    let right = (course().exercise(9).unwrap().solution.solve)(inputs)?;
    Ok(right.replaced("expectation of the squared score", Value::Number(13.0)))
}

fn nothing(_: &Inputs) -> Result<Findings, SolutionError> {
    Ok(Findings::new())
}

fn run_with(solve: fn(&Inputs) -> Result<Findings, SolutionError>) -> (String, u8) {
    let mut exercise = *course().exercise(9).unwrap();
    exercise.solution.solve = solve;
    let exercise: &'static Exercise = Box::leak(Box::new(exercise));
    let request = Request {
        exercise,
        inputs: exercise.inputs(),
    };
    let mut shown = String::new();
    let summary = run(&[request], &Stop::new(), |event| shown += &lines(&event));
    (shown, summary.exit_code())
}

#[test]
fn a_wrong_result_is_shown_as_a_failure() {
    let (shown, code) = run_with(forgetful);
    assert!(
        shown.contains("FAIL - the expectation is the mean curvature"),
        "{shown}"
    );
    assert!(shown.contains("3 passed, 2 failed"), "{shown}");
    assert_eq!(code, 1);
    let (shown, code) = run_with(nothing);
    assert!(shown.contains("FAIL - no result"), "{shown}");
    assert!(shown.contains("0 passed, 1 failed"), "{shown}");
    assert_eq!(code, 1);
}

#[test]
fn requests_that_cannot_be_met_say_why() {
    let error = |number, inputs: &[(&str, f64)]| {
        Request::new(course(), number, inputs)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        error(11, &[]),
        "there is no exercise 11; the exercises are 1 to 10"
    );
    assert_eq!(
        error(1, &[("p", 1.5)]),
        "p = 1.5 is outside its range; give a number from 0.01 to 0.99"
    );
    assert_eq!(
        error(5, &[("detla", 0.01)]),
        "there is no input «detla» (do you mean delta?); the inputs are p, delta"
    );
    assert!(error(4, &[("s12", 2.0)]).starts_with("Σ is not a covariance"));
    assert!(error(5, &[("p", 0.5001)]).contains("take p = 0.5"));
    assert!(error(5, &[("delta", 0.0)]).contains("longer delta"));
}

#[test]
fn infinite_findings_are_valid_json() {
    let mut values = Vec::new();
    run(
        &[Request::new(course(), 5, &[]).unwrap()],
        &Stop::new(),
        |event| {
            let object = object(&event);
            if object["name"] == "order for a Gaussian mean" {
                values.push(object["value"].clone());
            }
        },
    );
    assert_eq!(values, ["Infinity"]);
}

#[test]
fn published_draws_at_the_defaults_and_fresh_ones_elsewhere() {
    let distance = |inputs: &[(&str, f64)]| {
        let request = Request::new(course(), 7, inputs).unwrap();
        request
            .exercise
            .solve(&request.inputs)
            .unwrap()
            .number("distance")
            .unwrap()
    };
    assert!((distance(&[]) - 0.040_518_535_003_959_51).abs() < 1e-14);
    let fresh = distance(&[("seed", 1.0)]);
    assert_ne!(fresh, distance(&[]));
    assert_eq!(fresh, distance(&[("seed", 1.0)]), "a seed fixes the draws");
    assert_ne!(fresh, distance(&[("seed", 2.0)]));
    // Thirty times the data differ by far less.
    assert!(distance(&[("n", 20_000.0)]) < 0.5 * distance(&[]));
}
