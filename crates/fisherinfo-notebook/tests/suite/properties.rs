//! What holds for any inputs in their ranges.

use fisherinfo_notebook::course::course;
use fisherinfo_notebook::exercise::Exercise;
use fisherinfo_notebook::solution::{InputKind, Inputs};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// Inputs anywhere in their ranges, as far as they go together.
fn admissible_inputs(exercise: &'static Exercise) -> impl Strategy<Value = Inputs> {
    let ranges: Vec<_> = exercise
        .inputs
        .iter()
        .map(|input| {
            let (lower, upper) = input.range;
            let count = input.kind == InputKind::Count;
            (lower..=upper).prop_map(move |value| if count { value.round() } else { value })
        })
        .collect();
    ranges
        .prop_map(move |values| {
            exercise
                .inputs
                .iter()
                .zip(values)
                .try_fold(exercise.inputs(), |all, (input, value)| {
                    all.with(input.name, value)
                })
                .expect("values from the ranges")
        })
        .prop_filter("inputs that go together", |inputs| {
            exercise.admissible(inputs).is_ok()
        })
}

/// Every check passes and every figure can be drawn.
fn holds(exercise: &Exercise, inputs: &Inputs) -> Result<(), TestCaseError> {
    let outcome = exercise.run(inputs).map_err(|error| {
        TestCaseError::fail(format!("exercise {}: {error} at {inputs}", exercise.number))
    })?;
    for check in &outcome.checks {
        prop_assert!(
            check.passed,
            "exercise {}: {} at {inputs}: {}",
            exercise.number,
            check.name,
            check.detail
        );
    }
    prop_assert!(!outcome.figures.is_empty());
    for figure in &outcome.figures {
        for series in &figure.series {
            prop_assert!(series.x.len() == series.y.len() && !series.x.is_empty());
            let finite = series.x.iter().chain(&series.y).all(|v| v.is_finite());
            prop_assert!(finite, "{}: {} at {inputs}", figure.name, series.name);
        }
        prop_assert!(!figure.summary.contains("NaN") && !figure.summary.contains("undefined"));
    }
    Ok(())
}

#[test]
fn every_exercise_passes_at_the_ends_of_its_ranges() {
    for exercise in course().exercises() {
        for input in exercise.inputs {
            for end in [input.range.0, input.range.1] {
                let inputs = exercise.inputs().with(input.name, end).unwrap();
                if exercise.admissible(&inputs).is_ok() {
                    holds(exercise, &inputs).unwrap();
                }
            }
        }
    }
}

#[test]
fn every_exercise_passes_wherever_its_inputs_are() {
    for exercise in course().exercises() {
        let mut runner = TestRunner::new(ProptestConfig {
            cases: 20,
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        runner
            .run(&admissible_inputs(exercise), |inputs| {
                holds(exercise, &inputs)
            })
            .unwrap();
    }
}
