//! Every check can fail: every finding of every exercise, replaced by what it plausibly might
//! wrongly be, is caught.

use crate::wrong_results::wrong_results;
use crate::wrong_values::wrong_values;
use fisherinfo_notebook::course::course;
use fisherinfo_notebook::exercise::Exercise;
use fisherinfo_notebook::solution::{Findings, Inputs};
use std::collections::BTreeSet;

/// Names of the checks that fail; a check that gives no result fails.
fn failing(exercise: &Exercise, inputs: &Inputs, findings: &Findings) -> Vec<String> {
    match exercise.checks(inputs, findings) {
        Err(error) => vec![error.to_string()],
        Ok(checks) => checks
            .into_iter()
            .filter(|check| !check.passed)
            .map(|check| check.name)
            .collect(),
    }
}

/// Inputs at their defaults, where published figures help the checks, and away from them, where
/// nothing does.
fn settings(exercise: &Exercise) -> [Inputs; 2] {
    let away = match exercise.number {
        1 | 9 => vec![("p", 0.85)],
        2 => vec![("n", 7.0), ("sigma2", 0.4), ("seed", 11.0)],
        3 => vec![("p", 0.6)],
        4 => vec![("s11", 0.7), ("s12", -0.9), ("s22", 3.0)],
        5 => vec![("p", 0.8), ("delta", -0.02)],
        6 => vec![("p", 0.9), ("rate", 0.3)],
        7 => vec![("n", 500.0), ("w1", -1.1), ("w2", 0.5), ("seed", 3.0)],
        8 => vec![
            ("n", 400.0),
            ("w1", 0.2),
            ("strength", 3.0),
            ("small1", 0.4),
            ("seed", 5.0),
        ],
        10 => vec![
            ("g1", -1.0),
            ("g2", 3.0),
            ("f1", 0.7),
            ("f2", 4.0),
            ("eta", 0.3),
        ],
        number => panic!("no settings for exercise {number}"),
    };
    let away = away
        .into_iter()
        .try_fold(exercise.inputs(), |inputs, (name, value)| {
            inputs.with(name, value)
        })
        .unwrap();
    [exercise.inputs(), away]
}

#[test]
fn every_wrong_finding_is_caught() {
    let (mut tried, mut missed) = (0, Vec::new());
    for exercise in course().exercises() {
        let mut here = 0;
        for inputs in settings(exercise) {
            let findings = exercise.solve(&inputs).unwrap();
            let checks = exercise.checks(&inputs, &findings).unwrap();
            let names: BTreeSet<&String> = checks.iter().map(|check| &check.name).collect();
            assert_eq!(
                names.len(),
                checks.len(),
                "two checks of one name: {checks:#?}"
            );
            assert_eq!(
                failing(exercise, &inputs, &findings),
                Vec::<String>::new(),
                "exercise {} as solved, {inputs}",
                exercise.number
            );
            let n = inputs.number("n").ok();
            for finding in &findings {
                for (mistake, value) in wrong_values(&finding.value, n) {
                    // A simulated ten may well have been eleven.
                    if mistake == "one more" && finding.name == "variance of the total score" {
                        continue;
                    }
                    here += 1;
                    let wrong = findings.replaced(finding.name, value.clone());
                    if failing(exercise, &inputs, &wrong).is_empty() {
                        missed.push(format!(
                            "{}: {} = {value} ({mistake}; right: {})",
                            exercise.number, finding.name, finding.value
                        ));
                    }
                }
            }
            for (mistake, changes) in wrong_results(exercise.number, &inputs, &findings) {
                here += 1;
                let wrong = changes
                    .into_iter()
                    .fold(findings.clone(), |all, (name, value)| {
                        all.value(name)
                            .expect("a mistake changes a finding that is there");
                        all.replaced(name, value)
                    });
                assert_ne!(wrong, findings, "{mistake} changes nothing");
                if failing(exercise, &inputs, &wrong).is_empty() {
                    missed.push(format!("{}: {mistake} at {inputs}", exercise.number));
                }
            }
        }
        eprintln!("exercise {}: {here} mistakes", exercise.number);
        assert!(
            here >= 100,
            "exercise {} was hardly tried: {here}",
            exercise.number
        );
        tried += here;
    }
    assert!(
        missed.is_empty(),
        "{} of {tried} not caught:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

/// A check that no mistake makes fail would be a check in name only.
#[test]
fn every_check_fails_for_some_mistake() {
    for exercise in course().exercises() {
        let inputs = exercise.inputs();
        let findings = exercise.solve(&inputs).unwrap();
        let mut names: BTreeSet<String> = exercise
            .checks(&inputs, &findings)
            .unwrap()
            .into_iter()
            .map(|check| check.name)
            .collect();
        for finding in &findings {
            for (_, value) in wrong_values(&finding.value, inputs.number("n").ok()) {
                for name in failing(exercise, &inputs, &findings.replaced(finding.name, value)) {
                    names.remove(&name);
                }
            }
        }
        assert!(
            names.is_empty(),
            "exercise {}: never failed: {names:?}",
            exercise.number
        );
    }
}
