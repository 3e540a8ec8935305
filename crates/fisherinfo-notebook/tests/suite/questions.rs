//! Every answer of the course: right in several forms, and the plausible mistakes refused.

use fisherinfo_notebook::course::course;
use fisherinfo_notebook::exercise::AnswerKind;
use fisherinfo_notebook::grading::{Diagnosis, Verdict};
use fisherinfo_notebook::questions::question;

/// An answer, right forms of it, wrong ones.
const ANSWERS: &[(&str, &[&str], &[&str])] = &[
    (
        "1a",
        &[
            "x/p - (1-x)/(1-p)",
            "(x - p)/(p*(1-p))",
            "x/p + (x-1)/(1-p)",
        ],
        &[
            "(p - x)/(p*(1-p))",
            "x/p",
            "x/p - (1-x)/p",
            "(x-p)/sqrt(p*(1-p))",
            "1/(p*(1-p))",
        ],
    ),
    (
        "1b",
        &["1/(p*(1-p))", "1/p + 1/(1-p)", "(p - p^2)**-1"],
        &[
            "p*(1-p)",
            "-1/(p*(1-p))",
            "1/sqrt(p*(1-p))",
            "4.761904761904762",
            "1/p^2",
            "1/(2*p*(1-p))",
        ],
    ),
    (
        "2a",
        &["n/sigma2", "n*sigma2^-1"],
        &["1/sigma2", "sigma2/n", "n/sigma2^2", "n/sqrt(sigma2)", "10"],
    ),
    ("3a", &["1/(p*(1-p))"], &["p*(1-p)", "(p*(1-p))^2"]),
    (
        "3b",
        &[
            "exp(phi)/(1+exp(phi))^2",
            "sigmoid(phi)*sigmoid(-phi)",
            "1/(2 + 2*cosh(phi))",
        ],
        &[
            "(1+exp(phi))^2/exp(phi)",
            "sigmoid(phi)",
            "sigmoid(phi)^2",
            "0.1875",
        ],
    ),
    (
        "4a",
        &[
            "inv(Sigma)",
            "[[Sigma@[0,1]@[0,1], -(Sigma@[0,1]@[1,0])], [-(Sigma@[0,1]@[1,0]), Sigma@[1,0]@[1,0]]]/det(Sigma)",
        ],
        &[
            "Sigma",
            "-inv(Sigma)",
            "inv(Sigma)/2",
            "Sigma@Sigma",
            "eye(2)",
        ],
    ),
    (
        "5a",
        &["delta^2/(2*p*(1-p))", "0.5*delta*delta*(1/p + 1/(1-p))"],
        &[
            "delta^2/(p*(1-p))",
            "-delta^2/(2*p*(1-p))",
            "delta/(2*p*(1-p))",
            "delta^2*p*(1-p)/2",
        ],
    ),
    ("5b", &["3", "1 + 2"], &["2", "4", "-3"]),
    (
        "6a",
        &[
            "1/sqrt(p*(1-p))",
            "(p*(1-p))^-0.5/pi",
            "7*sqrt(1/p + 1/(1-p))",
        ],
        &["1/(p*(1-p))", "sqrt(p*(1-p))", "1"],
    ),
    (
        "6b",
        &["1/lambda", "3/lambda"],
        &["1/lambda^2", "lambda", "1/sqrt(lambda)", "-1/lambda"],
    ),
    (
        "7a",
        &[
            "p = sigmoid(X @ w)\nX' @ (p*(1-p)*X) / n",
            "s = sigmoid(X@w); H = (X*(s - s^2))' @ X; H/n",
        ],
        &[
            "p = sigmoid(X @ w)\nX' @ (p*(1-p)*X)",
            "p = sigmoid(X @ w)\n-X' @ (p*(1-p)*X) / n",
            "p = sigmoid(X @ w); g = (y - p)*X; g' @ g / n",
            "X' @ X / n",
            "[[0.1714, 0.0226], [0.0226, 0.1922]]",
        ],
    ),
    (
        "7b",
        &["g = (y - sigmoid(X@w))*X\ng' @ g / n"],
        &[
            "p = sigmoid(X @ w)\nX' @ (p*(1-p)*X) / n",
            "g = (y - sigmoid(X@w))*X; g' @ g",
            "g = (y - sigmoid(X@w))*X; outer(mean(y)*w, w)",
        ],
    ),
    (
        "8a",
        &[
            "g = (y - sigmoid(X@w))*X\ndiag(g' @ g / n)",
            "p = sigmoid(X@w); ((y - p)^2) @ X^2 / n",
        ],
        &[
            "g = (y - sigmoid(X@w))*X; diag(g' @ g)",
            "p = sigmoid(X@w); (p*(1-p)) @ X^2 / n",
        ],
    ),
    (
        "8b",
        &[
            "sum(F*(w - w_star)^2)/2",
            "0.5*(F*(w_star - w)) @ (w_star - w)",
        ],
        &[
            "sum(F*(w - w_star)^2)",
            "sum(F*(w - w_star))/2",
            "sum((w - w_star)^2)/2",
            "-sum(F*(w-w_star)^2)/2",
        ],
    ),
    (
        "9a",
        &["p*(1/p)^2 + (1-p)*(1/(1-p))^2", "1/(p*(1-p))"],
        &["p*(1/p) + (1-p)*(1/(1-p))", "1/p^2 + 1/(1-p)^2"],
    ),
    ("10a", &["-eta*g"], &["eta*g", "-g", "g"]),
    (
        "10b",
        &["-eta*solve(F, g)", "-eta*inv(F)@g", "-eta*g/diag(F)"],
        &["eta*solve(F, g)", "-eta*F@g", "-solve(F, g)", "-eta*g"],
    ),
];

#[test]
fn right_answers_pass_and_mistakes_do_not() {
    for (name, right, wrong) in ANSWERS {
        let question = question(course().answer(name).unwrap()).unwrap();
        for answer in *right {
            let verdict = question.check(answer);
            assert!(verdict.is_right(), "{name}: {answer}: {verdict}");
        }
        for answer in *wrong {
            let verdict = question.check(answer);
            assert!(
                matches!(verdict, Verdict::Wrong { .. }),
                "{name}: {answer}: {verdict}"
            );
        }
    }
}

#[test]
fn every_formula_and_number_of_the_course_is_a_question() {
    for answer in course().answers() {
        let name = answer.to_string();
        let asked = question(answer).is_some();
        assert_eq!(
            asked,
            !matches!(answer.kind, AnswerKind::Choice { .. }),
            "{name}"
        );
        assert_eq!(
            asked,
            ANSWERS.iter().any(|(known, ..)| *known == name),
            "{name}"
        );
    }
}

#[test]
fn mistakes_are_told_what_they_are() {
    let diagnosis = |name: &str, answer: &str| {
        let verdict = question(course().answer(name).unwrap())
            .unwrap()
            .check(answer);
        verdict.diagnosis().cloned()
    };
    assert_eq!(diagnosis("1b", "p*(1-p)"), Some(Diagnosis::Reciprocal));
    assert!(
        diagnosis("1a", "(p - x)/(p*(1-p))")
            .unwrap()
            .to_string()
            .contains("−1 times")
    );
    let hessian = diagnosis("7b", "p = sigmoid(X @ w)\nX' @ (p*(1-p)*X) / n").unwrap();
    assert!(hessian.to_string().contains("Hessian"), "{hessian}");
    assert!(
        diagnosis("5a", "delta^2/(p*(1-p))")
            .unwrap()
            .to_string()
            .contains('2')
    );
}
