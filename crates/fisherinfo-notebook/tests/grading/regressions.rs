//! Answers about regressions and networks, right and wrong ones.

use crate::exercises::{all_right, all_wrong, factor, formula, power, value_of};
use fisherinfo::expression::{Environment, Value};
use fisherinfo_notebook::grading::{Diagnosis, Domain, Question, Random, Variable, Verdict};
use rand::RngExt;
/// X, y and w of a logistic regression with n rows.
pub(crate) fn regression(random: &mut Random, n: usize) -> Environment<f64> {
    let w = [0.8, -0.4];
    let mut x = Vec::new();
    let mut y = Vec::new();
    for _ in 0..n {
        let row = [0; 2].map(|_| 4.0 * random.random::<f64>() - 2.0);
        let p = 1.0 / (1.0 + (-row[0] * w[0] - row[1] * w[1]).exp());
        y.push(if random.random::<f64>() < p { 1.0 } else { 0.0 });
        x.extend(row);
    }
    Environment::new()
        .with("X", Value::matrix(n, 2, x).unwrap())
        .with("y", Value::Vector(y))
        .with("w", Value::Vector(w.to_vec()))
        .with("n", n as f64)
}

pub(crate) fn on_regression(reference: &str) -> Question {
    use rand::SeedableRng;
    let given = regression(&mut Random::seed_from_u64(7), 60);
    Question::on_data(given, |random| regression(random, 60), value_of(reference))
}

const HESSIAN: &str = "p = sigmoid(X @ w)\nX' @ (p*(1-p)*X) / n";
const EMPIRICAL: &str = "G = (y - sigmoid(X @ w))*X\nG' @ G / n";

#[test]
fn the_logistic_hessian() {
    let question = on_regression(HESSIAN).mistake(
        "This is the empirical Fisher information, not the Hessian",
        value_of(EMPIRICAL),
    );
    all_right(
        &question,
        &[
            HESSIAN,
            "p = sigmoid(X @ w); X' @ diag(p*(1-p)) @ X / length(p)",
            "eta = X @ w\np = 1/(1 + exp(-eta))\nW = p - p^2\nH = 1/rows(X) * (W*X)' @ X",
            "p = sigmoid(X@w)\nA = sqrt(p*(1-p))*X\nA' @ A/n",
        ],
    );
    let mistake = "This is the empirical Fisher information, not the Hessian";
    all_wrong(
        &question,
        &[
            (EMPIRICAL, Some(Diagnosis::Mistake(mistake.to_owned()))),
            ("p = sigmoid(X @ w)\nX' @ (p*(1-p)*X)", power("n", 1.0)),
            ("p = sigmoid(X @ w)\nX' @ (p*(1-p)*X)/n^2", power("n", -1.0)),
            (
                "p = sigmoid(X @ w)\n-X' @ (p*(1-p)*X)/n",
                Some(Diagnosis::Negated),
            ),
            ("p = sigmoid(X @ w)\nX' @ (p*(1-p)*X)/(2*n)", factor(0.5)),
            (
                "p = sigmoid(X @ w)\ninv(X' @ (p*(1-p)*X)/n)",
                Some(Diagnosis::Inverse),
            ),
            ("p = sigmoid(X @ w)\nX' @ (p*X)/n", None),
            (
                "p = sigmoid(X @ w)\ndiag(X' @ (p*(1-p)*X)/n)",
                Some(Diagnosis::DiagonalOnly),
            ),
        ],
    );
}

#[test]
fn the_empirical_fisher() {
    let mistake = "This is the Hessian, not the empirical Fisher information";
    let question = on_regression(EMPIRICAL).mistake(mistake, value_of(HESSIAN));
    all_right(
        &question,
        &[
            EMPIRICAL,
            "r = y - sigmoid(X @ w)\nX' @ (r^2*X)/n",
            "r = y - sigmoid(X @ w)\n(X' * 1) @ diag(r*r) @ X/n",
        ],
    );
    all_wrong(
        &question,
        &[
            (HESSIAN, Some(Diagnosis::Mistake(mistake.to_owned()))),
            ("G = (y - sigmoid(X @ w))*X\nG' @ G", power("n", 1.0)),
        ],
    );
}

#[test]
fn a_diagonal_of_mean_squares_and_a_pasted_number() {
    let question = on_regression("G = (y - sigmoid(X @ w))*X\ncolmean(G^2)");
    all_right(
        &question,
        &[
            "G = (y - sigmoid(X @ w))*X\ncolsum(G^2)/n",
            "G = (y - sigmoid(X @ w))*X\ndiag(G' @ G)/n",
            "r = y - sigmoid(X @ w)\n(r^2 @ X^2)/n",
            "G = (y - sigmoid(X @ w))*X\nones(n) @ G^2/n",
        ],
    );
    all_wrong(
        &question,
        &[
            (
                "G = (y - sigmoid(X @ w))*X\nsqrt(colmean(G^2))",
                Some(Diagnosis::SquareRoot),
            ),
            ("G = (y - sigmoid(X @ w))*X\ncolsum(G^2)", power("n", 1.0)),
            ("G = (y - sigmoid(X @ w))*X\ncolmean(G)^2", None),
            (
                "G = (y - sigmoid(X @ w))*X\ncolmean(G^2)'",
                Some(Diagnosis::Transposed),
            ),
            (
                "G = (y - sigmoid(X @ w))*X\nmean(G^2)",
                Some(Diagnosis::Shape {
                    found: fisherinfo::expression::Shape::Scalar,
                    wanted: fisherinfo::expression::Shape::Vector(2),
                }),
            ),
        ],
    );
    // The value itself, exactly and rounded, pasted from the data shown.
    let Verdict::Wrong {
        counter_example, ..
    } = question.check("[0, 0]")
    else {
        panic!("wrong");
    };
    assert!(!counter_example.is_fresh_data);
    let [a, b] = counter_example.wanted.entries() else {
        panic!("a vector of 2");
    };
    for pasted in [format!("[{a:?}, {b:?}]"), format!("[{a:.5}, {b:.5}]")] {
        let verdict = question.check(&pasted);
        assert_eq!(
            verdict.diagnosis(),
            Some(&Diagnosis::OnlyOnGiven),
            "{verdict}"
        );
    }
    let exact = question.check(&format!("[{a:?}, {b:?}]")).to_string();
    assert!(exact.contains("on fresh data of the same kind"), "{exact}");
}

#[test]
fn the_natural_gradient_step() {
    let question = formula(
        vec![
            Variable::new(
                "g",
                Domain::Vector {
                    length: 2,
                    entries: Box::new(Domain::real()),
                },
            ),
            Variable::new("F", Domain::PositiveDefinite { dimension: 2 }),
            Variable::new("eta", Domain::positive()),
        ],
        "-eta*solve(F, g)",
    );
    all_right(
        &question,
        &[
            "-eta*inv(F) @ g",
            "-eta*solve(F, g)",
            "s = inv(F) @ g; -s*eta",
            "-(eta*g) @ inv(F)",
            "-eta*(inv(F) @ (g')')",
        ],
    );
    all_wrong(
        &question,
        &[
            ("eta*inv(F) @ g", Some(Diagnosis::Negated)),
            ("-inv(F) @ g", power("eta", -1.0)),
            ("-eta*g", None),
            ("-eta*F @ g", None),
            ("-eta*g' @ inv(F)", Some(Diagnosis::Transposed)),
        ],
    );
}

#[test]
fn a_variance_for_a_standard_deviation() {
    let question = formula(
        vec![
            Variable::new("n", Domain::Integers { low: 2, high: 99 }),
            Variable::new("sigma", Domain::positive()),
        ],
        "sigma/sqrt(n)",
    );
    all_right(
        &question,
        &["sigma/sqrt(n)", "sqrt(sigma^2/n)", "(n/sigma**2)**-.5"],
    );
    all_wrong(
        &question,
        &[
            ("sigma^2/n", Some(Diagnosis::Square)),
            ("sigma/n", power("n", -0.5)),
            ("sigma", power("n", 0.5)),
            ("sqrt(n)/sigma", Some(Diagnosis::Reciprocal)),
        ],
    );
}
