//! Programs: vectors, matrices and several lines; their values, shapes and derivatives.

use fisherinfo::expression::{Environment, Program, Value, array_function_names};
use num_dual::{Dual64, HyperDual64};

fn environment() -> Environment<f64> {
    Environment::new()
        .with("a", 3.0)
        .with("u", Value::Vector(vec![1.0, 2.0]))
        .with("v", Value::Vector(vec![3.0, 5.0, 7.0]))
        .with("A", matrix(2, 2, &[1.0, 2.0, 3.0, 4.0]))
        .with("X", matrix(3, 2, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))
}

fn matrix(rows: usize, columns: usize, entries: &[f64]) -> Value<f64> {
    Value::matrix(rows, columns, entries.to_vec()).unwrap()
}

fn vector(entries: &[f64]) -> Value<f64> {
    Value::Vector(entries.to_vec())
}

fn value(text: &str) -> Value<f64> {
    Program::parse(text)
        .unwrap_or_else(|error| panic!("{error}"))
        .evaluate(&environment())
        .unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn shapes_fit_entry_by_entry() {
    for (text, expected) in [
        ("[1, 2] + 1", vector(&[2.0, 3.0])),
        ("1 - u", vector(&[0.0, -1.0])),
        ("u*u", vector(&[1.0, 4.0])),
        ("-u^2", vector(&[-1.0, -4.0])),
        ("2^u", vector(&[2.0, 4.0])),
        ("u^u", vector(&[1.0, 4.0])),
        ("u >= 2", vector(&[0.0, 1.0])),
        ("[[2, .5], [.5, 1]]", matrix(2, 2, &[2.0, 0.5, 0.5, 1.0])),
        ("[u, 2*u]", matrix(2, 2, &[1.0, 2.0, 2.0, 4.0])),
        ("[a, a^2, -a]", vector(&[3.0, 9.0, -3.0])),
        ("A^2", matrix(2, 2, &[1.0, 4.0, 9.0, 16.0])),
        ("1/A", matrix(2, 2, &[1.0, 0.5, 1.0 / 3.0, 0.25])),
        // A vector goes with the rows, in a square matrix too, on either side.
        ("v*X", matrix(3, 2, &[3.0, 6.0, 15.0, 20.0, 35.0, 42.0])),
        ("X*v", matrix(3, 2, &[3.0, 6.0, 15.0, 20.0, 35.0, 42.0])),
        ("u*A", matrix(2, 2, &[1.0, 2.0, 6.0, 8.0])),
        ("A - u", matrix(2, 2, &[0.0, 1.0, 1.0, 2.0])),
        ("max(u, 1.5)", vector(&[1.5, 2.0])),
        ("max(A, u, 0)", matrix(2, 2, &[1.0, 2.0, 3.0, 4.0])),
        ("pow(u, 3)", vector(&[1.0, 8.0])),
        ("abs([-1, 2]) + sqrt([1, 4])", vector(&[2.0, 4.0])),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn products_and_transposes() {
    for (text, expected) in [
        ("A @ u", vector(&[5.0, 11.0])),
        ("u @ A", vector(&[7.0, 10.0])),
        ("A' @ u", vector(&[7.0, 10.0])),
        ("u @ u", Value::Scalar(5.0)),
        ("u' @ u", Value::Scalar(5.0)),
        ("u' @ A @ u", Value::Scalar(27.0)),
        ("u @ u'", matrix(2, 2, &[1.0, 2.0, 2.0, 4.0])),
        ("v @ u'", matrix(3, 2, &[3.0, 6.0, 5.0, 10.0, 7.0, 14.0])),
        ("u'", matrix(1, 2, &[1.0, 2.0])),
        ("u''", matrix(2, 1, &[1.0, 2.0])),
        ("a'", Value::Scalar(3.0)),
        ("X'", matrix(2, 3, &[1.0, 3.0, 5.0, 2.0, 4.0, 6.0])),
        ("X’ @ v", vector(&[53.0, 68.0])),
        ("v @ X", vector(&[53.0, 68.0])),
        ("X @ u", vector(&[5.0, 11.0, 17.0])),
        ("X' @ X", matrix(2, 2, &[35.0, 44.0, 44.0, 56.0])),
        ("X' @ (v*X)", weighted()),
        ("X' @ diag(v) @ X", weighted()),
        // A transpose is tighter than a power and a sign, the product as tight as `*` and `/`.
        ("-A'^2", matrix(2, 2, &[-1.0, -9.0, -4.0, -16.0])),
        ("2*A @ u/2", vector(&[5.0, 11.0])),
        ("A @ u*u", vector(&[5.0, 22.0])),
        ("A @ u + 1", vector(&[6.0, 12.0])),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

/// Σ vᵢ xᵢ xᵢᵀ by hand: 3·(1,2), 5·(3,4), 7·(5,6).
fn weighted() -> Value<f64> {
    matrix(2, 2, &[223.0, 276.0, 276.0, 344.0])
}

/// Calls of every function of whole vectors and matrices.
fn calls() -> Vec<(&'static str, Value<f64>)> {
    let root = |x: f64| Value::Scalar(x.sqrt());
    vec![
        ("sum(v)", Value::Scalar(15.0)),
        ("sum(X)", Value::Scalar(21.0)),
        ("sum(a)", Value::Scalar(3.0)),
        ("mean(v)", Value::Scalar(5.0)),
        ("mean(X)", Value::Scalar(3.5)),
        ("rowsum(X)", vector(&[3.0, 7.0, 11.0])),
        ("rowmean(X)", vector(&[1.5, 3.5, 5.5])),
        ("colsum(X)", vector(&[9.0, 12.0])),
        ("columnsum(X)", vector(&[9.0, 12.0])),
        ("colmean(X)", vector(&[3.0, 4.0])),
        ("columnmean(X')", vector(&[1.5, 3.5, 5.5])),
        ("length(v)", Value::Scalar(3.0)),
        ("len(X)", Value::Scalar(3.0)),
        ("rows(X)", Value::Scalar(3.0)),
        ("nrow(X')", Value::Scalar(2.0)),
        ("columns(X)", Value::Scalar(2.0)),
        ("cols(X)", Value::Scalar(2.0)),
        ("ncol(X')", Value::Scalar(3.0)),
        ("diag(u)", matrix(2, 2, &[1.0, 0.0, 0.0, 2.0])),
        ("diag(A)", vector(&[1.0, 4.0])),
        ("diag(X)", vector(&[1.0, 4.0])),
        (
            "inv([[2, 0], [0, 4]])",
            matrix(2, 2, &[0.5, 0.0, 0.0, 0.25]),
        ),
        ("inverse(4)", Value::Scalar(0.25)),
        ("solve(A, [5, 11])", vector(&[1.0, 2.0])),
        ("solve(2, 3)", Value::Scalar(1.5)),
        ("det(A)", Value::Scalar(-2.0)),
        ("det([[0, 1], [1, 0]])", Value::Scalar(-1.0)),
        ("det([[1, 2], [2, 4]])", Value::Scalar(0.0)),
        ("trace(A)", Value::Scalar(5.0)),
        ("tr(X' @ X)", Value::Scalar(91.0)),
        ("norm(u)", root(5.0)),
        ("norm(A)", root(30.0)),
        ("transpose(A)", matrix(2, 2, &[1.0, 3.0, 2.0, 4.0])),
        ("eye(2)", matrix(2, 2, &[1.0, 0.0, 0.0, 1.0])),
        ("identity(1)", matrix(1, 1, &[1.0])),
        ("ones(3)", vector(&[1.0, 1.0, 1.0])),
        (
            "outer(u, v)",
            matrix(2, 3, &[3.0, 5.0, 7.0, 6.0, 10.0, 14.0]),
        ),
        ("dot(v, v)", Value::Scalar(83.0)),
        ("v[2]", Value::Scalar(5.0)),
        ("X[3, 1]", Value::Scalar(5.0)),
        ("X[2]", vector(&[3.0, 4.0])),
        ("X[2][1] + u[2]^2", Value::Scalar(7.0)),
        ("[u[2], u[1]]", vector(&[2.0, 1.0])),
    ]
}

#[test]
fn every_array_function_has_its_value() {
    let calls = calls();
    for name in array_function_names() {
        assert!(
            calls
                .iter()
                .any(|(text, _)| text.contains(&format!("{name}("))),
            "{name}"
        );
    }
    for (text, expected) in calls {
        let found = value(text);
        assert_eq!(found.shape(), expected.shape(), "{text}");
        for (x, y) in found.entries().iter().zip(expected.entries()) {
            assert!((x - y).abs() < 1e-14, "{text}: {found:?}");
        }
    }
}

#[test]
fn inverses_need_row_exchanges_and_may_not_exist() {
    // A leading 0 and a tiny pivot: without row exchanges, NaN and a wrong number.
    for text in [
        "B = [[0, 2, 1], [1, 1e-20, 3], [4, 1, 1e-3]]\nnorm(B @ inv(B) - eye(3))",
        "B = [[1e-20, 1], [1, 1]]\nnorm(B @ inv(B) - eye(2))",
        "B = [[1e-20, 1], [1, 1]]\nnorm(solve(B, [1, 2]) - [1, 1])",
        "B = [[0, 2, 1], [1, 1, 3], [4, 1, 1]]\ndet(B)*det(inv(B)) - 1",
    ] {
        let Value::Scalar(error) = value(text) else {
            panic!("{text}")
        };
        assert!(error.abs() < 1e-14, "{text}: {error}");
    }
    assert_eq!(
        value("det([[0, 2, 1], [1, 1, 3], [4, 1, 1]])"),
        Value::Scalar(19.0)
    );
    let singular = value("inv([[1, 2], [2, 4]])");
    assert!(singular.entries().iter().all(|entry| entry.is_nan()));
}

#[test]
fn lines_define_names() {
    for (text, expected) in [
        ("b = 2\nb*a", 6.0),
        ("b = 2; b*a", 6.0),
        ("b = a\nb = b + 1\nb = b*b", 16.0),
        ("a = a + 1; a*a", 16.0),
        ("\n\n# first\nb = 2 # two\n\n;b*a # six\n;\n", 6.0),
        ("b = (a +\n 1)\nb", 4.0),
        ("b = a +\n 1\nb", 4.0),
        ("b =\n a\nb", 3.0),
        ("sum([1, # one\n 2,\n 3])", 6.0),
        ("`my b` = 2\n`my b`*a", 6.0),
        ("b = a == 3\nb", 1.0),
        ("a == 3", 1.0),
        ("mean = mean([1, 3])\nmean", 2.0),
        ("b = 2\r\nb*a\r\n", 6.0),
    ] {
        assert_eq!(value(text), Value::Scalar(expected), "{text}");
    }
    let program = Program::parse("p = sigmoid(X @ w)\nw = p*w; q = p\nH = X' @ (q*X)/n").unwrap();
    assert_eq!(program.variables().collect::<Vec<_>>(), ["X", "w", "n"]);
}

#[test]
fn the_logistic_hessian_is_a_sum_over_rows() {
    let x: [[f64; 2]; 3] = [[0.3, -1.2], [1.5, 0.4], [-0.7, 2.2]];
    let w: [f64; 2] = [0.8, -0.4];
    let mut expected = [0.0; 4];
    for row in x {
        let p = 1.0 / (1.0 + (-(row[0] * w[0] + row[1] * w[1])).exp());
        for i in 0..2 {
            for j in 0..2 {
                expected[2 * i + j] += p * (1.0 - p) * row[i] * row[j] / 3.0;
            }
        }
    }
    let environment = Environment::new()
        .with("X", matrix(3, 2, &x.concat()))
        .with("w", vector(&w));
    let text = "p = sigmoid(X @ w)\nH = X' @ (p*(1-p)*X) / rows(X)";
    let found = Program::parse(text)
        .unwrap()
        .evaluate(&environment)
        .unwrap();
    for (x, y) in found.entries().iter().zip(expected) {
        assert!((x - y).abs() < 1e-15, "{found:?}");
    }
}

#[test]
fn derivatives_go_through_matrices() {
    // d(xᵀAx) = (A + Aᵀ)x, d²(xᵀAx) = A + Aᵀ, for an A that is not symmetric.
    let a = [2.0, -1.0, 4.0, 0.5, 3.0, 1.0, -2.0, 7.0, 5.0];
    let x = [1.5, -2.0, 0.25];
    let program = Program::parse("x' @ A @ x").unwrap();
    for i in 0..3 {
        for j in 0..3 {
            let x: Vec<HyperDual64> = (0..3)
                .map(|k| {
                    let entry = HyperDual64::from_re(x[k]);
                    let entry = if k == i { entry.derivative1() } else { entry };
                    if k == j { entry.derivative2() } else { entry }
                })
                .collect();
            let environment = Environment::new().with("x", Value::Vector(x)).with(
                "A",
                matrix(3, 3, &a).map(|entry| HyperDual64::from_re(*entry)),
            );
            let Value::Scalar(form) = program.evaluate(&environment).unwrap() else {
                panic!("a number")
            };
            let gradient: f64 = (0..3)
                .map(|k| (a[3 * i + k] + a[3 * k + i]) * [1.5, -2.0, 0.25][k])
                .sum();
            assert!((form.eps1 - gradient).abs() < 1e-13);
            assert!((form.eps1eps2 - (a[3 * i + j] + a[3 * j + i])).abs() < 1e-13);
        }
    }

    // d log det A = tr(A⁻¹ dA), d A⁻¹ = −A⁻¹ dA A⁻¹, with dA a 1 at (2, 3).
    let dual = |entry: usize| {
        let value = Dual64::from_re(a[entry]);
        if entry == 5 {
            value.derivative()
        } else {
            value
        }
    };
    let environment = Environment::new().with(
        "A",
        Value::matrix(3, 3, (0..9).map(dual).collect()).unwrap(),
    );
    let plain = Environment::new().with("A", matrix(3, 3, &a));
    let inverse = Program::parse("inv(A)").unwrap();
    let found = inverse.evaluate(&environment).unwrap();
    let plain_inverse = inverse.evaluate(&plain).unwrap();
    let at = |row: usize, column: usize| plain_inverse.entries()[3 * row + column];
    for row in 0..3 {
        for column in 0..3 {
            let expected = -at(row, 1) * at(2, column);
            let found = found.entries()[3 * row + column].eps;
            assert!((found - expected).abs() < 1e-14, "{row} {column}");
        }
    }
    let determinant = Program::parse("log(abs(det(A)))").unwrap();
    let Value::Scalar(value) = determinant.evaluate(&environment).unwrap() else {
        panic!("a number")
    };
    assert!((value.eps - at(2, 1)).abs() < 1e-14);

    // A singular 2 × 2 determinant has its derivative, −c by b.
    let entries = [1.0, 2.0, 2.0, 4.0].map(Dual64::from_re);
    let entries = [entries[0], entries[1].derivative(), entries[2], entries[3]];
    let environment = Environment::new().with("A", Value::matrix(2, 2, entries.to_vec()).unwrap());
    let Value::Scalar(value) = Program::parse("det(A)")
        .unwrap()
        .evaluate(&environment)
        .unwrap()
    else {
        panic!("a number")
    };
    assert_eq!((value.re, value.eps), (0.0, -2.0));
}

#[test]
fn constant_powers_are_products_through_definitions() {
    // With a logarithm of the base the derivative at −2 would be NaN.
    for text in ["x^3", "k = 1 + 2; x^k", "pow(x, 3)", "sum([x, 0]^[3, 2])"] {
        let environment = Environment::new().with("x", Dual64::from_re(-2.0).derivative());
        let Value::Scalar(value) = Program::parse(text)
            .unwrap()
            .evaluate(&environment)
            .unwrap()
        else {
            panic!("{text}")
        };
        assert_eq!((value.re, value.eps), (-8.0, 12.0), "{text}");
    }
}

#[test]
fn printing_uses_the_fewest_brackets() {
    for (text, printed) in [
        ("X'@(p*(1-p)*X)/n", "X' @ (p*(1 - p)*X)/n"),
        ("(X')@((v))", "X' @ v"),
        ("[ [1,2] ,[3,4]]", "[[1, 2], [3, 4]]"),
        ("(A@B)'", "(A @ B)'"),
        ("A@(B@C)", "A @ (B @ C)"),
        ("(a+b)[1]; ", "(a + b)[1]"),
        ("p=1;q=(p)**2 # done", "p = 1\nq = p^2"),
        ("--x'^2", "--x'^2"),
        ("`a b` = 1; `a b`", "`a b` = 1\n`a b`"),
    ] {
        assert_eq!(Program::parse(text).unwrap().to_string(), printed, "{text}");
    }
}
