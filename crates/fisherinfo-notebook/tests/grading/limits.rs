//! Undecided is said as undecided, and no answer takes long.

use std::time::{Duration, Instant};

use fisherinfo::expression::{Environment, Value};
use fisherinfo_notebook::grading::{Diagnosis, Domain, Question, Undecided, Variable, Verdict};

use crate::exercises::{formula, probability};
use crate::regressions::on_regression;

#[test]
fn too_few_finite_points_are_undecided() {
    let question = formula(vec![Variable::new("x", Domain::real())], "x");
    let verdict = question.check("x + 0*log(x - 3)");
    let Verdict::Undecided {
        reason: Undecided::FewPoints { finite, points },
    } = verdict
    else {
        panic!("{verdict}");
    };
    assert!(finite * 2 < points && points >= 40, "{finite} {points}");

    // A reference that is itself undefined nearly everywhere.
    let question = Question::new([probability()], |_: &Environment<f64>| {
        Value::Scalar(f64::NAN)
    });
    assert!(matches!(question.check("p"), Verdict::Undecided { .. }));
}

#[test]
fn a_formula_undefined_on_part_of_the_domain_is_wrong() {
    let question = formula(vec![probability()], "1/(p*(1-p))");
    // Defined for p > 0.3 only: on 70 % of the domain it is right.
    let verdict = question.check("1/(p*(1-p)) + 0*log(p - 0.3)");
    let Verdict::Wrong {
        counter_example,
        diagnosis: None,
    } = &verdict
    else {
        panic!("{verdict}");
    };
    assert!(
        verdict.to_string().contains("the answer is undefined, and"),
        "{verdict}"
    );
    assert!(!counter_example.found.entries()[0].is_finite());
}

#[test]
fn endless_answers_stop() {
    let question = on_regression("X' @ X/n");
    for answer in [
        "eye(100000) @ eye(100000)".to_owned(),
        "eye(1000) @ eye(1000)".to_owned(),
        format!("x = ones(1000000); {}x[1]", "y = digamma(x);".repeat(1000)),
        // Fast at one point and slow at all of them.
        "A = eye(300); A = A @ A; A[1]".to_owned(),
    ] {
        let start = Instant::now();
        let verdict = question.check(&answer);
        assert!(
            matches!(
                verdict,
                Verdict::Undecided {
                    reason: Undecided::TooLarge(_)
                }
            ),
            "{verdict}"
        );
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{:?}",
            start.elapsed()
        );
    }
    // The next answer is checked as ever.
    assert!(question.check("X' @ X/n").is_right());
    assert!(!question.check(&"(".repeat(50_000)).is_right());
}

#[test]
fn the_number_of_points_is_forty_at_least() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let question = Question::new([probability()], move |at| {
        counter.fetch_add(1, Ordering::Relaxed);
        at.get("p").cloned().unwrap()
    })
    .points(3);
    assert!(question.check("p").is_right());
    // And six near the ends.
    assert_eq!(count.load(Ordering::Relaxed), 46);
}

#[test]
fn rounding_is_forgiven_and_a_rounded_number_is_not() {
    let question = formula(vec![Variable::new("x", Domain::real())], "x");
    // Off by up to 6e-11, which is more than 1e-9 of a small x.
    assert!(question.check("(x + 1e6) - 1e6").is_right());
    assert!(question.check("log(exp(x))").is_right());
    let verdict = question.check("0.99999997*x");
    assert_eq!(verdict.diagnosis(), Some(&Diagnosis::Close), "{verdict}");
}
