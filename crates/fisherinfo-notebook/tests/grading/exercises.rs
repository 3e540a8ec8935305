//! Questions like those of the ten exercises: equivalent forms pass, plausible mistakes are caught
//! and named.

use fisherinfo::expression::{Environment, Program, Value};
use fisherinfo_notebook::grading::{Diagnosis, Domain, Factor, Question, UpTo, Variable, Verdict};

/// A question whose answer is a formula, given by one of its forms.
pub(crate) fn formula(variables: Vec<Variable>, reference: &str) -> Question {
    Question::new(variables, value_of(reference))
}

/// The value of a formula that is known to have one.
pub(crate) fn value_of(
    text: &str,
) -> impl Fn(&Environment<f64>) -> Value<f64> + Send + Sync + 'static {
    let program = Program::parse(text).unwrap();
    move |at| program.evaluate(at).unwrap()
}

pub(crate) fn probability() -> Variable {
    Variable::new("p", Domain::probability())
}

pub(crate) fn all_right(question: &Question, answers: &[&str]) {
    for answer in answers {
        let verdict = question.check(answer);
        assert_eq!(verdict, Verdict::Right, "{answer}: {verdict}");
    }
}

pub(crate) fn all_wrong(question: &Question, answers: &[(&str, Option<Diagnosis>)]) {
    for (answer, expected) in answers {
        let verdict = question.check(answer);
        let Verdict::Wrong {
            counter_example,
            diagnosis,
        } = &verdict
        else {
            panic!("{answer}: {verdict}");
        };
        assert_eq!(diagnosis, expected, "{answer}: {verdict}");
        assert_ne!(counter_example.found, counter_example.wanted, "{answer}");
    }
}

pub(crate) fn factor(number: f64) -> Option<Diagnosis> {
    Some(Diagnosis::Factor(Factor::number(number)))
}

pub(crate) fn power(name: &str, power: f64) -> Option<Diagnosis> {
    Some(Diagnosis::Factor(Factor::power(name, power)))
}

pub(crate) fn factor_in(name: &str) -> Option<Diagnosis> {
    Some(Diagnosis::FactorIn {
        name: name.to_owned(),
    })
}

pub(crate) fn only_at(name: &str, values: &[f64]) -> Option<Diagnosis> {
    Some(Diagnosis::OnlyAt {
        name: name.to_owned(),
        values: values.to_vec(),
    })
}

#[test]
fn the_bernoulli_score() {
    let question = formula(
        vec![
            Variable::new("x", Domain::choice([0.0, 1.0])),
            probability(),
        ],
        "x/p - (1-x)/(1-p)",
    );
    all_right(
        &question,
        &[
            "x/p - (1 - x)/(1 - p)",
            "(x - p)/(p*(1 - p))",
            "(x-p)/(p-p^2)",
            "x*p^-1 + (x - 1)*(1 - p)^(-1)",
            "q = 1 - p\nx/p - (1-x)/q",
            "(x == 1)/p - (x == 0)/(1-p)",
            "x^2/p - (1-x)/(1-p)",
            "1/(x - 1 + p)",
            "[x/p - (1 - x)/(1 - p)]",
        ],
    );
    all_wrong(
        &question,
        &[
            ("(1-x)/(1-p) - x/p", Some(Diagnosis::Negated)),
            ("x/p + (1-x)/(1-p)", only_at("x", &[1.0])),
            ("x/p", only_at("x", &[1.0])),
            ("1/p", only_at("x", &[1.0])),
            ("-1/(1-p)", only_at("x", &[0.0])),
            ("x - p", factor_in("p")),
            ("x - 1 + p", Some(Diagnosis::Reciprocal)),
            ("2*(x - p)/(p*(1 - p))", factor(2.0)),
            ("((x-p)/(p*(1-p)))^2", Some(Diagnosis::Square)),
        ],
    );
}

#[test]
fn the_bernoulli_information() {
    let question =
        formula(vec![probability()], "1/(p*(1-p))").example(Environment::new().with("p", 0.3));
    all_right(
        &question,
        &[
            "1/(p*(1-p))",
            "1/p/(1-p)",
            "1/(p - p^2)",
            "1/p + 1/(1-p)",
            "(p*(1-p))^-1",
            "1/p**2*p + 1/(1-p)**2*(1-p)",
            "exp(-log(p) - log(1-p))",
            "p*(1/p)^2 + (1-p)*(-1/(1-p))^2",
            "phi = logit(p); (1 + exp(phi))^2/exp(phi)",
            "inv(p*(1-p))",
            "4/(1 - (1 - 2*p)^2)",
        ],
    );
    all_wrong(
        &question,
        &[
            ("p*(1-p)", Some(Diagnosis::Reciprocal)),
            ("-1/(p*(1-p))", Some(Diagnosis::Negated)),
            ("1/2/(p*(1-p))", factor(0.5)),
            ("sqrt(1/(p*(1-p)))", Some(Diagnosis::SquareRoot)),
            ("1/(p*(1-p))^2", Some(Diagnosis::Square)),
            ("1/p", None),
            ("1/(1-p)", None),
            ("1/(p*(1-p)) + 1", Some(Diagnosis::Offset(1.0))),
            ("1/p + 1/(1-p) - 1/4", Some(Diagnosis::Offset(-0.25))),
            ("4", only_at("p", &[0.5])),
            ("16*p*(1-p)", only_at("p", &[0.5])),
            ("1/(0.3*0.7)", Some(Diagnosis::OnlyOnGiven)),
            ("4.7619", Some(Diagnosis::OnlyOnGiven)),
            ("17.5", Some(Diagnosis::Constant)),
            ("1.0001/(p*(1-p))", Some(Diagnosis::Close)),
            ("sin(p)", None),
        ],
    );
}

#[test]
fn information_of_a_sample() {
    let question = formula(
        vec![
            Variable::new("n", Domain::Integers { low: 1, high: 500 }),
            Variable::new("sigma2", Domain::positive()),
        ],
        "n/sigma2",
    )
    .example(Environment::new().with("n", 20.0).with("sigma2", 2.0));
    all_right(
        &question,
        &[
            "n/sigma2",
            "n*sigma2^-1",
            "1/(sigma2/n)",
            "sum(ones(n))/sigma2",
        ],
    );
    all_wrong(
        &question,
        &[
            ("1/sigma2", power("n", -1.0)),
            ("n^2/sigma2", power("n", 1.0)),
            ("1/(n*sigma2)", power("n", -2.0)),
            ("sigma2/n", Some(Diagnosis::Reciprocal)),
            ("n/sigma2^2", power("sigma2", -1.0)),
            ("n*sigma2", power("sigma2", 2.0)),
            ("n/sqrt(sigma2)", power("sigma2", 0.5)),
            ("-n/sigma2", Some(Diagnosis::Negated)),
            ("10", Some(Diagnosis::OnlyOnGiven)),
            ("n/2", only_at("sigma2", &[2.0])),
        ],
    );
}

#[test]
fn information_in_logit_coordinates() {
    let question = formula(
        vec![Variable::new("phi", Domain::real())],
        "exp(phi)/(1+exp(phi))^2",
    );
    all_right(
        &question,
        &[
            "exp(phi)/(1 + exp(phi))^2",
            "exp(-phi)/(1 + exp(-phi))^2",
            "p = sigmoid(phi)\np*(1 - p)",
            "p = 1/(1 + exp(-phi)); p - p^2",
            "sigmoid(phi)*sigmoid(-phi)",
            "1/(2 + exp(phi) + exp(-phi))",
            "1/(4*cosh(phi/2)^2)",
            "p = sigmoid(phi); (p*(1-p))^2/(p*(1-p))",
        ],
    );
    all_wrong(
        &question,
        &[
            ("sigmoid(phi)", None),
            ("p = sigmoid(phi); 1/(p*(1-p))", Some(Diagnosis::Reciprocal)),
            ("p = sigmoid(phi); (p*(1-p))^2", Some(Diagnosis::Square)),
            ("1/cosh(phi/2)^2", factor(4.0)),
            ("1/4", only_at("phi", &[0.0])),
        ],
    );
}

#[test]
fn information_of_a_gaussian_location() {
    let question = formula(
        vec![Variable::new(
            "Sigma",
            Domain::PositiveDefinite { dimension: 2 },
        )],
        "inv(Sigma)",
    );
    all_right(
        &question,
        &[
            "inv(Sigma)",
            "solve(Sigma, eye(2))",
            "inv(Sigma')",
            "inv(Sigma) @ Sigma @ inv(Sigma)",
            "d = det(Sigma)\n[[Sigma[2,2], -Sigma[1,2]], [-Sigma[2,1], Sigma[1,1]]]/d",
        ],
    );
    all_wrong(
        &question,
        &[
            ("Sigma", Some(Diagnosis::Inverse)),
            ("1/Sigma", None),
            ("-inv(Sigma)", Some(Diagnosis::Negated)),
            ("inv(Sigma)/2", factor(0.5)),
            ("diag(diag(inv(Sigma)))", Some(Diagnosis::DiagonalOnly)),
            ("diag(inv(Sigma))", Some(Diagnosis::DiagonalOnly)),
            (
                "1/det(Sigma)",
                Some(Diagnosis::Shape {
                    found: fisherinfo::expression::Shape::Scalar,
                    wanted: fisherinfo::expression::Shape::Matrix(2, 2),
                }),
            ),
            ("Sigma*0 + [[4, -2], [-2, 8]]/7", None),
        ],
    );
    assert!(matches!(
        question.check("Sigma^-1"),
        Verdict::NotUnderstood(_)
    ));
}

#[test]
fn a_matrix_for_its_transpose() {
    let question = formula(
        vec![
            Variable::new(
                "J",
                Domain::Matrix {
                    rows: 3,
                    columns: 2,
                    entries: Box::new(Domain::real()),
                },
            ),
            Variable::new("F", Domain::PositiveDefinite { dimension: 3 }),
            Variable::new(
                "v",
                Domain::Vector {
                    length: 3,
                    entries: Box::new(Domain::real()),
                },
            ),
        ],
        "J' @ F",
    );
    all_right(&question, &["J' @ F", "(F @ J)'", "transpose(F' @ J)"]);
    all_wrong(&question, &[("F @ J", Some(Diagnosis::Transposed))]);
    let square = formula(
        vec![Variable::new(
            "J",
            Domain::Matrix {
                rows: 2,
                columns: 2,
                entries: Box::new(Domain::real()),
            },
        )],
        "J",
    );
    all_wrong(
        &square,
        &[
            ("J'", Some(Diagnosis::Transposed)),
            ("inv(J)", Some(Diagnosis::Inverse)),
            ("J^2", Some(Diagnosis::Square)),
        ],
    );
}

#[test]
fn the_local_quadratic() {
    let question = formula(
        vec![
            probability(),
            Variable::new(
                "delta",
                Domain::Interval {
                    low: -0.1,
                    high: 0.1,
                },
            ),
        ],
        "delta^2/(2*p*(1-p))",
    )
    .example(Environment::new().with("p", 0.4).with("delta", 0.01));
    all_right(
        &question,
        &[
            "delta^2/(2*p*(1-p))",
            "1/2*1/(p*(1-p))*delta**2",
            "I = 1/(p*(1-p))\ndelta*I*delta/2",
            ".5*(delta/sqrt(p*(1-p)))^2",
        ],
    );
    all_wrong(
        &question,
        &[
            ("delta^2/(p*(1-p))", factor(2.0)),
            ("-delta^2/(2*p*(1-p))", Some(Diagnosis::Negated)),
            ("delta/(2*p*(1-p))", power("delta", -1.0)),
            ("delta^2/2*p*(1-p)", factor_in("p")),
            ("delta^2/(2*p)", factor_in("p")),
            ("0.01^2/(2*0.4*0.6)", Some(Diagnosis::OnlyOnGiven)),
            ("3*delta^2", factor_in("p")),
            ("2*delta^2", only_at("p", &[0.5])),
            // The divergence itself, which agrees to second order only.
            ("p*log(p/(p+delta)) + (1-p)*log((1-p)/(1-p-delta))", None),
        ],
    );
}

#[test]
fn priors_up_to_a_constant() {
    let bernoulli = formula(vec![probability()], "1/sqrt(p*(1-p))").up_to(UpTo::ConstantFactor);
    all_right(
        &bernoulli,
        &[
            "1/sqrt(p*(1-p))",
            "1/(pi*sqrt(p*(1-p)))",
            "p^(-1/2)*(1-p)^(-1/2)",
            "exp(-lbeta(.5, .5))*p^-.5*(1-p)^-.5",
            "17*(p - p^2)^-0.5",
            "1e-9/sqrt(p*(1-p))",
        ],
    );
    all_wrong(
        &bernoulli,
        &[
            ("-1/sqrt(p*(1-p))", Some(Diagnosis::Negated)),
            ("1/(p*(1-p))", Some(Diagnosis::Square)),
            ("sqrt(p*(1-p))", Some(Diagnosis::Reciprocal)),
            ("3*sqrt(p*(1-p))", Some(Diagnosis::Reciprocal)),
            ("1", Some(Diagnosis::Constant)),
            ("1/sqrt(p)", None),
            ("1/sqrt(p*(1-p)) + 1", None),
        ],
    );
    let exponential = formula(
        vec![Variable::new("lambda", Domain::positive())],
        "1/lambda",
    )
    .up_to(UpTo::ConstantFactor);
    all_right(
        &exponential,
        &["1/lambda", "lambda^-1", "2/lambda", "sqrt(1/lambda^2)"],
    );
    all_wrong(
        &exponential,
        &[
            ("1/lambda^2", Some(Diagnosis::Square)),
            ("lambda", Some(Diagnosis::Reciprocal)),
            ("1/sqrt(lambda)", Some(Diagnosis::SquareRoot)),
        ],
    );
    let verdict = exponential.check("1/lambda^2").to_string();
    assert!(verdict.contains("if both agree at lambda = "), "{verdict}");
}
