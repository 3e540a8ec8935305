//! Diagnoses at random, and the sentences they are given in.

use fisherinfo::expression::{Environment, Value};
use fisherinfo_notebook::grading::{Diagnosis, Domain, Factor, Question, Variable, Verdict};
use proptest::prelude::*;

use crate::exercises::{formula, probability};
use crate::regressions::on_regression;

#[test]
fn factors_have_their_usual_names() {
    for (number, name) in [
        (2.0, "2"),
        (0.5, "½"),
        (-0.5, "−½"),
        (0.75, "3/4"),
        (std::f64::consts::PI, "π"),
        (std::f64::consts::TAU, "2·π"),
        (1.0 / std::f64::consts::PI, "1/π"),
        ((2.0 * std::f64::consts::PI).sqrt().recip(), "1/√(2π)"),
        (std::f64::consts::SQRT_2, "√2"),
        (std::f64::consts::LN_2, "ln 2"),
        (20.0, "20"),
        (1.23456789, "1.23457"),
    ] {
        assert_eq!(Factor::number(number).to_string(), name);
    }
    for (factor, name) in [
        (Factor::power("n", 1.0), "n"),
        (Factor::power("n", -1.0), "1/n"),
        (Factor::power("n", -2.0), "1/n²"),
        (Factor::power("n", 0.5), "√n"),
        (Factor::power("p(1 − p)", -1.0), "1/(p(1 − p))"),
        (
            Factor {
                number: 0.5,
                part: Some(("n".to_owned(), 1.0)),
            },
            "½·n",
        ),
        (
            Factor {
                number: -2.0,
                part: Some(("n".to_owned(), -1.0)),
            },
            "−2/n",
        ),
    ] {
        assert_eq!(factor.to_string(), name);
    }
}

#[test]
fn verdicts_are_sentences_that_keep_the_formula() {
    let question = formula(vec![probability()], "1/(p*(1-p))").seed(5);
    let text = question.check("-1/(p*(1-p))").to_string();
    assert!(text.starts_with("Not right: at p = 0."), "{text}");
    assert!(
        text.ends_with(" is wanted. It is −1 times the right answer everywhere."),
        "{text}"
    );
    assert!(!format!("{question:?}").contains("p*"), "{question:?}");
    let text = question.check("4").to_string();
    assert!(text.ends_with("It is right at p = 0.5 only."), "{text}");
    let text = question.check("2/").to_string();
    assert!(
        text.starts_with("Not understood: column 3: expected"),
        "{text}"
    );
    let text = question.check("1/q").to_string();
    assert!(
        text.contains("`q` is not known here. Known names: `p`"),
        "{text}"
    );
    // The same verdict every time.
    assert_eq!(question.check("sin(p)"), question.check("sin(p)"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_multiple_is_a_factor_and_no_other_thing(
        c in prop_oneof![-50.0..-1.01f64, -0.99..-0.01f64, 0.01..0.99f64, 1.01..50.0f64],
        seed in any::<u64>(),
    ) {
        // A factor within a thousandth of 1 is said to be close.
        prop_assume!((c - 1.0).abs() > 2e-3);
        let question = formula(vec![probability()], "1/(p*(1-p))").seed(seed);
        let verdict = question.check(&format!("({c:?})/(p*(1-p))"));
        let Some(Diagnosis::Factor(Factor { number, part: None })) = verdict.diagnosis() else {
            return Err(TestCaseError::fail(verdict.to_string()));
        };
        prop_assert!((number / c - 1.0).abs() < 1e-9, "{} {}", number, c);

        let question = on_regression("X' @ X/n").seed(seed);
        let verdict = question.check(&format!("({c:?})*(X' @ X/n)"));
        let Some(Diagnosis::Factor(Factor { number, part: None })) = verdict.diagnosis() else {
            return Err(TestCaseError::fail(verdict.to_string()));
        };
        prop_assert!((number / c - 1.0).abs() < 1e-9, "{} {}", number, c);
    }

    #[test]
    fn a_constant_for_a_formula_fails(number in -1e3..1e3f64, seed in any::<u64>()) {
        let question = formula(
            vec![probability(), Variable::new("delta", Domain::real())],
            "delta^2/(2*p*(1-p))",
        )
        .seed(seed);
        let verdict = question.check(&format!("({number:?})"));
        prop_assert!(matches!(verdict, Verdict::Wrong { .. }), "{}", verdict);
    }

    #[test]
    fn any_seed_accepts_an_equivalent_form(seed in any::<u64>()) {
        let question = formula(
            vec![Variable::new("x", Domain::choice([0.0, 1.0])), probability()],
            "x/p - (1-x)/(1-p)",
        )
        .seed(seed);
        prop_assert_eq!(question.check("(x-p)/(p-p^2)"), Verdict::Right);
        let question = formula(vec![Variable::new("phi", Domain::real())], "sigmoid(phi)*sigmoid(-phi)")
            .seed(seed);
        prop_assert_eq!(question.check("p = sigmoid(phi); p*(1-p)"), Verdict::Right);
        let question = formula(
            vec![Variable::new("Sigma", Domain::PositiveDefinite { dimension: 3 })],
            "inv(Sigma)",
        )
        .seed(seed);
        prop_assert_eq!(question.check("solve(Sigma @ Sigma, Sigma)"), Verdict::Right);
    }
}

#[test]
fn a_question_without_variables_has_a_number_for_its_answer() {
    let question = Question::new([], |_: &Environment<f64>| Value::Scalar(16.0 / 3.0));
    assert!(question.check("16/3").is_right());
    assert!(question.check("1/(.25*.75)").is_right());
    for (answer, diagnosis) in [
        ("3/16", Some(Diagnosis::Reciprocal)),
        ("-16/3", Some(Diagnosis::Negated)),
        ("8/3", Some(Diagnosis::Factor(Factor::number(0.5)))),
        ("5.333", Some(Diagnosis::Close)),
        ("17.1", None),
    ] {
        let verdict = question.check(answer);
        assert!(!verdict.is_right());
        assert_eq!(
            verdict.diagnosis(),
            diagnosis.as_ref(),
            "{answer}: {verdict}"
        );
    }
}
