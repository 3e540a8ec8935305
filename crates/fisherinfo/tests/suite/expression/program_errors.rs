//! What programs are refused for, when read and when evaluated, and the limits on both.

use std::time::{Duration, Instant};

use fisherinfo::expression::{
    Budget, Environment, EvaluationProblem, ExpressionProblem, MAXIMUM_DEPTH,
    MAXIMUM_PROGRAM_LENGTH, Program, Value,
};

fn environment() -> Environment<f64> {
    Environment::new()
        .with("alpha", 0.5)
        .with("v", Value::Vector(vec![1.0, 2.0, 3.0]))
        .with("u", Value::Vector(vec![1.0, 2.0]))
        .with("X", Value::matrix(3, 2, vec![1.0; 6]).unwrap())
}

#[test]
fn reading_errors_show_the_place() {
    for (text, message) in [
        (
            "",
            "column 1: expected a number, a name, `(` or `[`, found the end\n  \n  ^",
        ),
        (
            "a = 1\nb = ",
            "line 2, column 5: expected a number, a name, `(` or `[`, found the end\n  b = \n      ^",
        ),
        (
            "[1, 2",
            "column 6: expected an operator, `,` or `]`, found the end\n  [1, 2\n       ^",
        ),
        (
            "[]",
            "column 2: expected a number, a name, `(` or `[`, found `]`\n  []\n   ^",
        ),
        (
            "[1, 2; 3, 4]",
            "column 6: expected an operator, `,` or `]`, found `;`; the rows of a matrix are lists: [[1, 2], [3, 4]]\n  [1, 2; 3, 4]\n       ^",
        ),
        (
            "X.T @ v",
            "column 2: expected an operator or the end of the line, found `.`; a transpose is written `'`\n  X.T @ v\n   ^",
        ),
        (
            "1/p\n- 1/q",
            "line 1, column 1: nothing uses the value of this line: give it a name, or put brackets around a formula that goes on over several lines\n  1/p\n  ^^^",
        ),
        (
            "pi = 3",
            "column 1: `pi` is the number π: choose another name, or write it in back quotes\n  pi = 3\n  ^^",
        ),
        (
            "a = b = 1",
            "column 7: expected an operator or the end of the line, found `=`; equality is written `==`\n  a = b = 1\n        ^",
        ),
        (
            "trasnpose(v)",
            "column 1: unknown function `trasnpose`; did you mean `transpose`?\n  trasnpose(v)\n  ^^^^^^^^^",
        ),
        (
            "solve(X)",
            "column 1: `solve` takes 2 arguments, not 1\n  solve(X)\n  ^^^^^",
        ),
        (
            "2 3",
            "column 3: expected an operator or the end of the line, found `3`; multiplication is written `*`\n  2 3\n    ^",
        ),
        (
            "X[1, 2, 3]",
            "column 2: expected one or two indices, found 3\n  X[1, 2, 3]\n   ^",
        ),
        (
            "a = 1\nb = a *\n\n",
            "line 4, column 1: expected a number, a name, `(` or `[`, found the end\n  \n  ^",
        ),
    ] {
        assert_eq!(
            Program::parse(text).unwrap_err().to_string(),
            message,
            "{text}"
        );
    }
}

#[test]
fn evaluation_errors_show_the_place_and_the_shapes() {
    const FITS: &str = "entry by entry, the shapes must be equal, or one a number, or a vector have an entry for each row of a matrix";
    for (text, message) in [
        (
            "v + u",
            format!("column 3: `+` does not fit a vector of 3 entries and a vector of 2 entries: {FITS}\n  v + u\n    ^"),
        ),
        (
            "p = 2*v\nq = (p)  *  # by rows\nu",
            format!("line 2, column 10: `*` does not fit a vector of 3 entries and a vector of 2 entries: {FITS}\n  q = (p)  *  # by rows\n           ^"),
        ),
        (
            "X**u",
            format!("column 2: `^` does not fit a 3×2 matrix and a vector of 2 entries: {FITS}\n  X**u\n   ^^"),
        ),
        (
            "max(v, u)",
            format!("column 1: `max` does not fit a vector of 3 entries and a vector of 2 entries: {FITS}\n  max(v, u)\n  ^^^"),
        ),
        (
            "X @ v",
            "column 3: `@` does not fit a 3×2 matrix and a vector of 3 entries: the vector must have an entry for each column of the matrix\n  X @ v\n    ^".to_owned(),
        ),
        (
            "u @ X",
            "column 3: `@` does not fit a vector of 2 entries and a 3×2 matrix: the vector must have an entry for each row of the matrix\n  u @ X\n    ^".to_owned(),
        ),
        (
            "X @ X",
            "column 3: `@` does not fit a 3×2 matrix and a 3×2 matrix: the columns on the left must be as many as the rows on the right\n  X @ X\n    ^".to_owned(),
        ),
        (
            "2 @ X",
            "column 3: `@` does not fit a number and a 3×2 matrix: a product with a number is written `*`\n  2 @ X\n    ^".to_owned(),
        ),
        (
            "1 + inv(X)",
            "column 5: `inv` takes a square matrix, not a 3×2 matrix\n  1 + inv(X)\n      ^^^".to_owned(),
        ),
        (
            "(X'@X)^-1",
            "column 7: this power of a matrix would be taken entry by entry: write inv(…) for the inverse, 1/… for one over each entry\n  (X'@X)^-1\n        ^".to_owned(),
        ),
        (
            "[1, v]",
            "column 1: a list holds numbers, or vectors of one length as the rows of a matrix: its first entry is a number, another a vector of 3 entries\n  [1, v]\n  ^".to_owned(),
        ),
        (
            "[X]",
            "column 1: a list holds numbers, or vectors of one length as the rows of a matrix: its first entry is a 3×2 matrix, another a 3×2 matrix\n  [X]\n  ^".to_owned(),
        ),
        (
            "v[0]",
            "column 2: an index here must be a whole number from 1 to 3, not 0\n  v[0]\n   ^".to_owned(),
        ),
        (
            "X[1, 2.5]",
            "column 2: an index here must be a whole number from 1 to 2, not 2.5\n  X[1, 2.5]\n   ^".to_owned(),
        ),
        (
            "alpha[1]",
            "column 6: `[ ]` takes a vector or a matrix before it, not a number\n  alpha[1]\n       ^".to_owned(),
        ),
        (
            "eye(0)",
            "column 1: a size must be a whole number from 1 to 4294967295, not 0\n  eye(0)\n  ^^^".to_owned(),
        ),
        (
            "ones(v)",
            "column 1: a size must be a whole number from 1 to 4294967295, not a vector of 3 entries\n  ones(v)\n  ^^^^".to_owned(),
        ),
        (
            "solve(X'@X, v)",
            "column 1: `solve` does not fit a 2×2 matrix and a vector of 3 entries: the right-hand side must have a row for each row of the matrix\n  solve(X'@X, v)\n  ^^^^^".to_owned(),
        ),
        (
            "dot(v, u)",
            "column 1: `dot` does not fit a vector of 3 entries and a vector of 2 entries: it takes two vectors of equally many entries\n  dot(v, u)\n  ^^^".to_owned(),
        ),
        (
            "y = 1\ny + alhpa + z",
            "line 2, column 5: `alhpa` is not known here; did you mean `alpha`? Known names: `X`, `alpha`, `u`, `v`\n  y + alhpa + z\n      ^^^^^".to_owned(),
        ),
        (
            "exp*2",
            "column 1: `exp` is not known here (to call the function, write exp(…)). Known names: `X`, `alpha`, `u`, `v`\n  exp*2\n  ^^^".to_owned(),
        ),
    ] {
        let program = Program::parse(text).unwrap_or_else(|error| panic!("{error}"));
        let error = program.evaluate(&environment()).unwrap_err();
        assert_eq!(error.to_string(), message, "{text}");
    }
}

#[test]
fn values_that_contradict_themselves_are_refused() {
    let broken = Value::Matrix {
        rows: 2,
        columns: 3,
        entries: vec![1.0; 4],
    };
    let environment = Environment::new().with("A", broken).with("pi", 1.0);
    assert_eq!(
        Program::parse("A'")
            .unwrap()
            .evaluate(&environment)
            .unwrap_err()
            .to_string(),
        "column 1: the value of `A` is a 2×3 matrix with 4 entries\n  A'\n  ^"
    );
    assert!(matches!(
        *Program::parse("2*pi")
            .unwrap()
            .evaluate(&environment)
            .unwrap_err()
            .problem,
        EvaluationProblem::NameOfConstant { .. }
    ));
    assert_eq!(
        Program::parse("2*`pi`")
            .unwrap()
            .evaluate(&environment)
            .unwrap(),
        Value::Scalar(2.0)
    );
    assert!(Value::matrix(usize::MAX, 2, vec![1.0]).is_err());
}

#[test]
fn nothing_of_a_program_takes_long() {
    let many = |line: &str, count: usize| line.repeat(count);
    for text in [
        "eye(100000) @ eye(100000)".to_owned(),
        "eye(4000000000)".to_owned(),
        "ones(4000000000)".to_owned(),
        "diag(ones(3000))".to_owned(),
        "outer(ones(3000), ones(3000))".to_owned(),
        "eye(1000) @ eye(1000)".to_owned(),
        "inv(eye(1000))".to_owned(),
        "det(eye(1500))".to_owned(),
        "solve(eye(500), eye(500)) @ eye(500)".to_owned(),
        format!("x = ones(1000000); {}x", many("y = exp(x);", 1000)),
        format!("x = ones(1000000); {}x", many("y = digamma(x);", 3)),
        format!("x = eye(1000); {}x", many("x = x';", 9000)),
        // Held at a time: every line a name of its own.
        (0..100)
            .map(|i| format!("x{i} = ones(100000);"))
            .collect::<String>()
            + "x1",
        format!("[{}]", ["ones(1000000)"; 5].join(",")),
        format!(
            "x = ones(1000000); sum({})",
            vec!["x[1]"; 100].join("+") + &many("+ x", 1000)
        ),
        format!("max({})", vec!["ones(100000)"; 5000].join(",")),
    ] {
        let program = Program::parse(&text).unwrap_or_else(|error| panic!("{error}"));
        let start = Instant::now();
        let error = program.evaluate(&Environment::<f64>::new()).unwrap_err();
        assert!(
            matches!(
                *error.problem,
                EvaluationProblem::TooManyEntries { .. } | EvaluationProblem::TooLong { .. }
            ),
            "{text}: {error}"
        );
        // Without optimisation and on a busy machine; what it is meant to be is far below 1 s.
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{text}: {:?}",
            start.elapsed()
        );
    }
    let error = Program::parse("1 + eye(100000) @ eye(100000)").unwrap();
    let error = error.evaluate(&Environment::<f64>::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column 5: this would take 10000000000 more entries, and there may be 4000000 at a time\n  1 + eye(100000) @ eye(100000)\n      ^^^"
    );
}

#[test]
fn what_is_no_longer_held_does_not_count() {
    // Each line holds 1.5 million entries at most, all of them together far more than may be held.
    for line in ["x = x + 1;", "x = -(-(-(-(-(-x)))));"] {
        let text = format!("x = ones(500000); {}x[1]", line.repeat(10));
        let program = Program::parse(&text).unwrap();
        let value = program.evaluate(&Environment::<f64>::new());
        assert!(value.is_ok(), "{}", value.unwrap_err());
    }
}

#[test]
fn a_budget_is_shared_and_counts_dual_numbers_for_more() {
    let program = Program::parse("sum(x*x)").unwrap();
    let x = Environment::new().with("x", Value::Vector(vec![1.0; 1000]));
    let mut budget = Budget::of(12_000);
    assert!(program.evaluate_within(&x, &mut budget).is_ok());
    let once = 12_000 - budget.remaining();
    assert!(program.evaluate_within(&x, &mut budget).is_ok());
    assert_eq!(budget.remaining(), 12_000 - 2 * once);
    let error = program.evaluate_within(&x, &mut budget).unwrap_err();
    assert!(matches!(
        *error.problem,
        EvaluationProblem::TooLong { limit: 12_000 }
    ));
    let dual = Environment::new().with(
        "x",
        Value::Vector(vec![num_dual::HyperDual64::from_re(1.0); 1000]),
    );
    let mut budget = Budget::of(100_000);
    assert!(program.evaluate_within(&dual, &mut budget).is_ok());
    assert_eq!(100_000 - budget.remaining(), 9 * once);
}

#[test]
fn deep_and_long_programs_are_refused_or_read() {
    std::thread::Builder::new()
        .stack_size(512 << 10)
        .spawn(|| {
            for part in [
                "(", "[", "x[", "exp(", "inv(", "2^", "2^-", "1<1+2*(", "x@(", "a=(",
            ] {
                let text = part.repeat(MAXIMUM_PROGRAM_LENGTH / part.len());
                let error = Program::parse(&text).unwrap_err();
                let refused =
                    matches!(error.problem, ExpressionProblem::TooDeep { .. }) || part == "a=(";
                assert!(refused, "{part}: {error}");
            }
            for postfix in ["'", "[1]"] {
                let text = format!("x{}", postfix.repeat(MAXIMUM_DEPTH));
                assert!(matches!(
                    Program::parse(&text).unwrap_err().problem,
                    ExpressionProblem::TooDeep { .. }
                ));
            }
            let n = MAXIMUM_PROGRAM_LENGTH / 4;
            for text in [
                vec!["x"; n].join("@"),
                vec!["1"; n].join("/"),
                format!("{}x", "-".repeat(n)),
                format!("[{}]", vec!["1"; n].join(",")),
                vec!["y=1"; n / 2].join(";"),
                format!(
                    "{}x{}",
                    "[".repeat(MAXIMUM_DEPTH),
                    "]".repeat(MAXIMUM_DEPTH)
                ),
                format!(
                    "{}x{}",
                    "1/(".repeat(MAXIMUM_DEPTH),
                    ")".repeat(MAXIMUM_DEPTH)
                ),
            ] {
                let program = Program::parse(&text).unwrap();
                assert_eq!(Program::parse(&program.to_string()).unwrap(), program);
                assert!(program.to_latex().len() < 40 * text.len());
                let environment = Environment::new().with("x", 1.0);
                let _ = program.evaluate(&environment);
            }
            assert!(matches!(
                Program::parse(&"1".repeat(MAXIMUM_PROGRAM_LENGTH + 1))
                    .unwrap_err()
                    .problem,
                ExpressionProblem::TooLong {
                    limit: MAXIMUM_PROGRAM_LENGTH,
                    ..
                }
            ));
        })
        .unwrap()
        .join()
        .unwrap();
}
