//! The formula language: what is refused, and what is as long or deep as it may be.

use fisherinfo::expression::{
    BindError, Excerpt, Expression, ExpressionError, ExpressionProblem, MAXIMUM_DEPTH,
    MAXIMUM_LENGTH, nearest_names,
};

fn value(text: &str, x: f64) -> f64 {
    Expression::parse(text)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .bind(&["x"])
        .unwrap()
        .evaluate(&[x])
}

fn error(text: &str) -> ExpressionError {
    Expression::parse(text).unwrap_err()
}

#[test]
fn errors_show_the_place_and_the_remedy() {
    for (text, message) in [
        (
            "1 + ",
            "column 5: expected a number, a name or `(`, found the end\n  1 + \n      ^",
        ),
        (
            "2*(x + 1",
            "column 9: expected an operator or `)`, found the end\n  2*(x + 1\n          ^",
        ),
        (
            "x + 2)",
            "column 6: expected an operator or the end, found `)`\n  x + 2)\n       ^",
        ),
        (
            "3*/x",
            "column 3: expected a number, a name or `(`, found `/`\n  3*/x\n    ^",
        ),
        (
            "2x",
            "column 2: expected an operator or the end, found `x`; multiplication is written `*`\n  2x\n   ^",
        ),
        (
            "x = 2",
            "column 3: expected an operator or the end, found `=`; equality is written `==`\n  x = 2\n    ^",
        ),
        (
            "1 < x < 2",
            "column 7: expected an operator or the end, found `<`; comparisons do not chain: multiply two of them instead\n  1 < x < 2\n        ^",
        ),
        (
            "x² + 1",
            "column 2: expected an operator or the end, found `²`; a power is written `^`\n  x² + 1\n   ^",
        ),
        (
            "gnp.deflator",
            "column 4: expected an operator or the end, found `.`; a name with a point in it goes in back quotes\n  gnp.deflator\n     ^",
        ),
        (
            "sgimoid(x)",
            "column 1: unknown function `sgimoid`; did you mean `sigmoid`?\n  sgimoid(x)\n  ^^^^^^^",
        ),
        (
            "exp(x, 2)",
            "column 1: `exp` takes 1 argument, not 2\n  exp(x, 2)\n  ^^^",
        ),
        (
            "pow(x)",
            "column 1: `pow` takes 2 arguments, not 1\n  pow(x)\n  ^^^",
        ),
        (
            "max()",
            "column 1: `max` takes 2 or more arguments, not 0\n  max()\n  ^^^",
        ),
        (
            "exp(x; 2)",
            "column 6: expected an operator, `,` or `)`, found `;`\n  exp(x; 2)\n       ^",
        ),
        (
            "1e999",
            "column 1: this number is too large: the largest is about 1.8e308\n  1e999\n  ^^^^^",
        ),
        (
            "`grade point",
            "column 13: expected a closing back quote, found the end\n  `grade point\n              ^",
        ),
        (
            "``",
            "column 1: expected a name between the back quotes, found nothing\n  ``\n  ^^",
        ),
        (
            "größe + θ ? 1",
            "column 11: expected an operator or the end, found `?`\n  größe + θ ? 1\n            ^",
        ),
        (
            "",
            "column 1: expected a number, a name or `(`, found the end\n  \n  ^",
        ),
        (
            ".",
            "column 1: expected a number, a name or `(`, found `.`\n  .\n  ^",
        ),
    ] {
        assert_eq!(error(text).to_string(), message);
    }
    let long = format!("{} + ? + {}", "a".repeat(100), "b".repeat(100));
    let error = error(&long);
    assert_eq!((error.excerpt.offset(), error.excerpt.column()), (103, 104));
    assert!(
        error
            .to_string()
            .lines()
            .all(|line| line.chars().count() < 90)
    );
    assert!(
        error
            .to_string()
            .ends_with(&format!("\n  {}^", " ".repeat(37)))
    );
    assert_eq!(
        Excerpt::new("a\nb c\nd", 4, 1).to_string(),
        "  b c\n    ^",
        "one line of several"
    );
}

#[test]
fn a_name_that_is_not_bound_is_named() {
    let expression = Expression::parse("x + exp*mu").unwrap();
    let error = expression.bind(&["x", "mu"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`exp` is not known here (to call the function, write exp(…)). Known names: `x`, `mu`"
    );
    assert!(matches!(error, BindError::Unknown { offset: 4, .. }));
    let none: [&str; 0] = [];
    assert_eq!(
        Expression::parse("x")
            .unwrap()
            .bind(&none)
            .unwrap_err()
            .to_string(),
        "`x` is not known here. No names are known"
    );
    let many: Vec<String> = (0..30).map(|i| format!("column_{i}")).collect();
    let message = expression.bind(&many).unwrap_err().to_string();
    assert!(message.ends_with("`column_19` and 10 more"), "{message}");
}

#[test]
fn near_names_are_near() {
    assert_eq!(nearest_names("GPA", ["gpa", "tuce"]), ["gpa"]);
    assert_eq!(
        nearest_names("alpha", ["alpah", "alph", "beta"]),
        ["alpah", "alph"]
    );
    assert!(nearest_names("x", ["y", "z"]).is_empty());
    assert!(nearest_names("", ["y"]).is_empty());
}

/// Runs `test` on a thread with a small stack, where recursion in the formula's length would
/// overflow.
fn on_small_stack(test: fn()) {
    std::thread::Builder::new()
        .stack_size(256 << 10)
        .spawn(test)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn deep_nesting_is_refused() {
    on_small_stack(|| {
        let n = 100_000;
        for text in [
            "(".repeat(n),
            format!("{}1{}", "(".repeat(n), ")".repeat(n)),
            format!("{}x{}", "exp(".repeat(n), ")".repeat(n)),
            format!("{}x", "1<1+2*(".repeat(n)),
            format!("{}x", "1<1+2*max(1<1+2^-(".repeat(n / 2)),
            format!("{}1", "2^".repeat(n)),
            format!("{}1", "2**-".repeat(n)),
        ] {
            match error(&text).problem {
                ExpressionProblem::TooDeep { limit } => assert_eq!(limit, MAXIMUM_DEPTH),
                ExpressionProblem::TooLong { .. } => assert!(text.len() > MAXIMUM_LENGTH),
                other => panic!("{other}"),
            }
        }
        // The deepest that is allowed, in the shape that recurses most.
        let n = MAXIMUM_DEPTH;
        let text = format!("{}x{}", "1 < 1 + 2*(".repeat(n), ")".repeat(n));
        assert_eq!(value(&text, 1.0), 1.0);
        let text = format!("{}x", "2^-".repeat(n));
        assert!(value(&text, 1.0).is_finite());
        let again = Expression::parse(&text).unwrap();
        assert_eq!(Expression::parse(&again.to_string()).unwrap(), again);
    });
}

#[test]
fn long_chains_are_read_printed_and_dropped() {
    on_small_stack(|| {
        let n = 100_000;
        let sum = vec!["x"; n].join(" + ");
        let expression = Expression::parse(&sum).unwrap();
        assert_eq!(expression.to_string(), sum);
        assert_eq!(expression.clone(), expression);
        assert_eq!(value(&sum, 2.0), 2.0 * n as f64);
        assert_eq!(value(&vec!["1"; n].join("+"), 0.0), n as f64);
        assert_eq!(value(&format!("{}x", "-".repeat(n)), 2.0), 2.0);
        let list = vec!["x"; n].join(",");
        assert_eq!(value(&format!("min({list})"), 2.0), 2.0);
        // As many names as fit.
        let names: Vec<String> = (0..n).map(|i| format!("v{i}")).collect();
        let product = Expression::parse(&names.join("*")).unwrap();
        assert_eq!(product.variables().len(), n);
        assert!(matches!(
            error(&"1+".repeat(MAXIMUM_LENGTH)).problem,
            ExpressionProblem::TooLong { .. }
        ));
    });
}
