//! The course as it is told: what is there, and that it is whole.

use fisherinfo_notebook::course::course;
use fisherinfo_notebook::exercise::{AnswerKind, Part};
use std::collections::BTreeSet;

#[test]
fn ten_exercises_in_order_by_part_with_their_answers() {
    let contents: Vec<_> = course().contents().collect();
    assert_eq!(
        contents.iter().map(|e| e.number).collect::<Vec<_>>(),
        (1..=10).collect::<Vec<u8>>()
    );
    for exercise in course().exercises() {
        let part = match exercise.number {
            1..=3 => Part::Mechanics,
            4..=6 => Part::Theory,
            _ => Part::Applications,
        };
        assert_eq!(exercise.part, part);
        assert!((1..=3).contains(&exercise.stars));
        assert!((1..=3).contains(&exercise.hints.len()));
    }
    let slugs: BTreeSet<_> = contents.iter().map(|e| e.slug).collect();
    assert_eq!(slugs.len(), 10);
    let names: Vec<String> = course().answers().map(ToString::to_string).collect();
    assert_eq!(
        names.join(" "),
        "1a 1b 1c 2a 3a 3b 4a 4b 5a 5b 6a 6b 6c 6d 7a 7b 7c 8a 8b 9a 10a 10b"
    );
    assert!(
        course()
            .answer("11a")
            .unwrap_err()
            .to_string()
            .contains("10b")
    );
    assert_eq!(
        course().exercise(0).unwrap_err().to_string(),
        "there is no exercise 0; the exercises are 1 to 10"
    );
}

#[test]
fn choices_have_a_right_option_and_a_reason() {
    let mut choices = 0;
    for answer in course().answers() {
        match answer.kind {
            AnswerKind::Choice {
                options,
                right,
                reason,
            } => {
                choices += 1;
                assert!(right < options.len() && options.len() >= 2, "{answer}");
                assert_eq!(
                    options.iter().collect::<BTreeSet<_>>().len(),
                    options.len(),
                    "{answer}"
                );
                assert!(reason.len() > 40, "{answer}");
            }
            AnswerKind::Formula { variables, .. } => {
                assert!(!variables.is_empty(), "{answer}");
                let names: BTreeSet<_> = variables.iter().map(|v| v.name).collect();
                assert_eq!(names.len(), variables.len(), "{answer}");
                // The prompt names what the answer may use.
                for variable in variables {
                    let quoted = format!("`{}`", variable.name);
                    assert!(
                        answer.prompt.contains(&quoted),
                        "{answer} does not name {quoted}"
                    );
                }
            }
            AnswerKind::Number => {}
        }
    }
    assert_eq!(choices, 5);
}

/// `$` and `$$` come in pairs and braces close, so that every formula can be typeset.
#[test]
fn mathematics_is_closed() {
    for exercise in course().exercises() {
        let mut texts = vec![exercise.problem, exercise.takeaway];
        texts.extend(exercise.hints);
        for answer in exercise.answers {
            texts.push(answer.prompt);
            if let AnswerKind::Choice {
                options, reason, ..
            } = answer.kind
            {
                texts.extend(options);
                texts.push(reason);
            }
        }
        for text in texts {
            assert!(!text.trim().is_empty());
            let display = text.matches("$$").count();
            assert_eq!(display % 2, 0, "{text}");
            assert_eq!(text.replace("$$", "").matches('$').count() % 2, 0, "{text}");
            assert_eq!(
                text.matches('{').count(),
                text.matches('}').count(),
                "{text}"
            );
            assert_eq!(text.matches('`').count() % 2, 0, "{text}");
            assert_eq!(
                text.matches(r"\begin").count(),
                text.matches(r"\end").count(),
                "{text}"
            );
        }
    }
}

#[test]
fn inputs_are_described_and_their_defaults_in_range() {
    for exercise in course().exercises() {
        assert!(!exercise.inputs.is_empty());
        let mut inputs = exercise.inputs();
        for input in exercise.inputs {
            assert!(!input.description.is_empty());
            inputs = inputs.with(input.name, input.default).unwrap();
            let (lower, upper) = input.range;
            assert!(exercise.inputs().with(input.name, lower - 1.0).is_err());
            assert!(exercise.inputs().with(input.name, upper + 1.0).is_err());
            assert!(exercise.inputs().with(input.name, f64::NAN).is_err());
        }
        assert_eq!(inputs, exercise.inputs());
        exercise.admissible(&inputs).unwrap();
        assert!(exercise.inputs().with("no such input", 1.0).is_err());
    }
}

/// The page shows the file that runs: each is a solution, documented, short, and plain to read.
#[test]
fn solutions_are_short_and_call_the_engine() {
    for exercise in course().exercises() {
        let source = exercise.solution.source;
        assert!(
            source.starts_with(&format!("//! Exercise {}:", exercise.number)),
            "{source}"
        );
        assert!(source.contains("pub fn solve(inputs: &Inputs)"));
        assert!(source.contains("use fisherinfo::"));
        assert!(!source.contains("crate::") && !source.contains("unwrap"));
        assert!(
            source.lines().count() <= 125,
            "exercise {}",
            exercise.number
        );
        assert!(exercise.solution.checks_source.contains("pub fn checks("));
    }
}
