//! Model formulas: the algebra of terms, what is refused and where.

use std::collections::BTreeSet;

use fisherinfo_table::Formula;
use fisherinfo_table::formula::{FactorKind, FormulaProblem, MAXIMUM_LENGTH, MAXIMUM_TERMS};
use proptest::prelude::*;

fn full(text: &str) -> String {
    Formula::parse(text)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .to_string()
}

fn problem(text: &str) -> FormulaProblem {
    Formula::parse(text).unwrap_err().problem
}

#[test]
fn terms_add_cross_and_leave() {
    for (text, expected) in [
        ("y ~ a", "y ~ 1 + a"),
        ("y~a+b", "y ~ 1 + a + b"),
        ("y ~ a + b + a", "y ~ 1 + a + b"),
        ("y ~ a:b", "y ~ 1 + a:b"),
        ("y ~ a:a", "y ~ 1 + a"),
        ("y ~ a:b + b:a", "y ~ 1 + a:b"),
        ("y ~ a*b", "y ~ 1 + a + b + a:b"),
        ("y ~ a*b*c", "y ~ 1 + a + b + c + a:b + a:c + b:c + a:b:c"),
        ("y ~ a*b:c", "y ~ 1 + a + b:c + a:b:c"),
        ("y ~ a:b*c", "y ~ 1 + c + a:b + a:b:c"),
        ("y ~ (a + b):c", "y ~ 1 + a:c + b:c"),
        ("y ~ (a + b)*c", "y ~ 1 + a + b + c + a:c + b:c"),
        ("y ~ (a + b):(c + d)", "y ~ 1 + a:c + a:d + b:c + b:d"),
        ("y ~ ((a + b))", "y ~ 1 + a + b"),
        ("y ~ a:b + a", "y ~ 1 + a + a:b"),
        ("y ~ a*b - a", "y ~ 1 + b + a:b"),
        ("y ~ a*b - b:a", "y ~ 1 + a + b"),
        ("y ~ a + b - (a + b) + c", "y ~ 1 + c"),
        ("y ~ 1", "y ~ 1"),
        ("y ~ 1 + a", "y ~ 1 + a"),
        ("y ~ 0 + a", "y ~ 0 + a"),
        ("y ~ -1 + a", "y ~ 0 + a"),
        ("y ~ a − 1", "y ~ 0 + a"),
        ("y ~ a - 1 + 1", "y ~ 1 + a"),
        ("y ~ +a +0", "y ~ 0 + a"),
        ("y ~ (a - 1)", "y ~ 0 + a"),
        ("y ~ (1 + a):b", "y ~ 1 + b + a:b"),
    ] {
        assert_eq!(full(text), expected, "{text}");
    }
}

#[test]
fn functions_are_factors() {
    for (text, expected) in [
        ("y ~ log(x)", "y ~ 1 + log(x)"),
        ("y ~ x**2 + x^2", "y ~ 1 + x^2"),
        ("y ~ x + I(x/1000):z", "y ~ 1 + x + I(x/1000):z"),
        ("y ~ I( x * z )", "y ~ 1 + I(x*z)"),
        ("y ~ C(ward)*x", "y ~ 1 + C(ward) + x + C(ward):x"),
        ("y ~ C ( `the ward` )", "y ~ 1 + C(`the ward`)"),
        ("y ~ `grade point`", "y ~ 1 + `grade point`"),
        ("y ~ C + I", "y ~ 1 + C + I"),
        ("y ~ max(a, b, -c)", "y ~ 1 + max(a, b, -c)"),
        ("log(y) ~ x", "log(y) ~ 1 + x"),
        ("killed/n ~ dose", "killed/n ~ 1 + dose"),
        ("I(killed/n) ~ dose", "I(killed/n) ~ 1 + dose"),
        ("C(y) ~ x", "C(y) ~ 1 + x"),
        ("-y + 2*z ~ x", "-y + 2*z ~ 1 + x"),
        ("2^x ~ 2^z", "2^x ~ 1 + 2^z"),
    ] {
        assert_eq!(full(text), expected, "{text}");
    }
    let formula = Formula::parse("y ~ a:C(b):log(c + `d e`)").unwrap();
    let terms: Vec<_> = formula.terms().collect();
    let [term] = terms.as_slice() else {
        panic!("{terms:?}")
    };
    assert!(matches!(term[0].kind(), FactorKind::Column(name) if name == "a"));
    assert!(matches!(term[1].kind(), FactorKind::Categories(name) if name == "b"));
    assert!(matches!(term[2].kind(), FactorKind::Number(_)));
    assert_eq!(term[0].columns(), [("a", 4)]);
    assert_eq!(term[1].columns(), [("b", 8)]);
    assert_eq!(term[2].columns(), [("c", 15), ("d e", 19)]);
}

#[test]
fn errors_show_the_place_and_the_remedy() {
    let term = "a column, a function of columns, C(…), I(…), 0, 1 or `(`";
    for (text, message) in [
        (
            "~ a",
            "column 1: the response is missing; write it before the `~`, as in `y ~ x`\n  ~ a\n  ^"
                .to_owned(),
        ),
        (
            "y",
            "column 2: expected an operator, or `~` after the response, found the end\n  y\n   ^"
                .to_owned(),
        ),
        (
            "y x",
            "column 3: expected an operator, or `~` after the response, found `x`\n  y x\n    ^"
                .to_owned(),
        ),
        (
            "y ~",
            format!("column 4: expected {term}, found the end\n  y ~\n     ^"),
        ),
        (
            "y ~ a + * b",
            format!("column 9: expected {term}, found `*`\n  y ~ a + * b\n          ^"),
        ),
        (
            "y ~ .",
            "column 5: `.` stands for all other columns of a table, which are not known here; name \
             them\n  y ~ .\n      ^"
                .to_owned(),
        ),
        (
            "y ~ a b",
            "column 7: expected `+`, `-`, `*`, `:` or the end, found `b`\n  y ~ a b\n        ^".to_owned(),
        ),
        (
            "y ~ a/b",
            "column 6: expected `+`, `-`, `*`, `:` or the end, found `/`; a quotient goes into I(…), as in I(a/b)\n  y ~ a/b\n       ^".to_owned(),
        ),
        (
            "y ~ (a + b)^2",
            "column 12: expected `+`, `-`, `*`, `:` or the end, found `^`; a power is of a column, as in x^2, or goes inside I(…)\n  y ~ (a + b)^2\n             ^".to_owned(),
        ),
        (
            "y ~ (a + b)**2",
            "column 12: expected `+`, `-`, `*`, `:` or the end, found `*`; a power is of a column, as in x^2, or goes inside I(…)\n  y ~ (a + b)**2\n             ^".to_owned(),
        ),
        (
            "y ~ (1 | ward)",
            "column 8: expected `+`, `-`, `*`, `:` or `)`, found `|`; grouped (random) effects are not supported\n  y ~ (1 | ward)\n         ^".to_owned(),
        ),
        (
            "y ~ a ~ b",
            "column 7: expected `+`, `-`, `*`, `:` or the end, found `~`; a formula has one `~`\n  y ~ a ~ b\n        ^".to_owned(),
        ),
        (
            "y ~ gnp.deflator",
            "column 8: expected `+`, `-`, `*`, `:` or the end, found `.`; a name with a point in it goes in back quotes\n  y ~ gnp.deflator\n         ^".to_owned(),
        ),
        (
            "y ~ a + 2",
            "column 9: there is no column in this; a term needs one, and of numbers only 0 and 1 stand alone\n  y ~ a + 2\n          ^".to_owned(),
        ),
        (
            "3 ~ a",
            "column 1: there is no column in this; a term needs one, and of numbers only 0 and 1 stand alone\n  3 ~ a\n  ^".to_owned(),
        ),
        (
            "y ~ I(2*pi)",
            "column 5: there is no column in this; a term needs one, and of numbers only 0 and 1 stand alone\n  y ~ I(2*pi)\n      ^^^^^^^".to_owned(),
        ),
        (
            "y ~ a - b",
            "column 7: `b` is not among the terms before, so it cannot be removed\n  y ~ a - b\n        ^^^".to_owned(),
        ),
        (
            "y ~ 0",
            "column 4: nothing is left on the right of `~`; write `1` for an intercept alone\n  y ~ 0\n     ^^".to_owned(),
        ),
        (
            "y ~ a + y",
            "column 9: `y` is the response and cannot be a term as well\n  y ~ a + y\n          ^".to_owned(),
        ),
        (
            "y ~ C(a + b)",
            "column 7: expected the name of a column, found `a + b`; only a column can be taken as categories\n  y ~ C(a + b)\n        ^^^^^".to_owned(),
        ),
        (
            "y ~ lgo(a)",
            "column 5: unknown function `lgo`; did you mean `log`?\n  y ~ lgo(a)\n      ^^^".to_owned(),
        ),
        (
            "y ~ log(a",
            "column 10: expected an operator, `,` or `)`, found the end\n  y ~ log(a\n           ^".to_owned(),
        ),
        (
            "y ~ (a + b",
            "column 11: expected `+`, `-`, `*`, `:` or `)`, found the end\n  y ~ (a + b\n            ^".to_owned(),
        ),
    ] {
        let error = Formula::parse(text).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    assert_eq!(problem("y ~ (a - 1):b"), FormulaProblem::InterceptInside);
    assert_eq!(problem("y ~ a*0"), FormulaProblem::InterceptInside);
    assert_eq!(problem("y ~ a - 0"), FormulaProblem::InterceptInside);
}

#[test]
fn a_point_is_all_other_columns() {
    let columns = ["y", "a", "b c", "t"].map(String::from);
    for (text, printed) in [
        ("y ~ .", "y ~ 1 + a + `b c` + t"),
        ("log(y + t) ~ 0 + .", "log(y + t) ~ 0 + a + `b c`"),
        (
            "y ~ offset(log(t)) + .",
            "y ~ 1 + a + `b c` + offset(log(t))",
        ),
        ("y ~ . - `b c` + a^2", "y ~ 1 + a + t + a^2"),
        ("y ~ t*. - t:a", "y ~ 1 + t + a + `b c` + t:`b c`"),
        ("y ~ C(a):.", "y ~ 1 + C(a):a + C(a):`b c` + C(a):t"),
        ("y ~ (. + 1)", "y ~ 1 + a + `b c` + t"),
        ("y ~ .5*a + .", ""),
    ] {
        let found = Formula::parse_among(text, &columns);
        match found {
            Ok(formula) => assert_eq!(formula.to_string(), printed),
            Err(error) => assert_eq!(printed, "", "{error}"),
        }
    }
    let alone = Formula::parse_among("y + a + `b c` + t ~ .", &columns).unwrap_err();
    assert_eq!(alone.problem, FormulaProblem::NoOtherColumns);
    let many: Vec<String> = (0..=MAXIMUM_TERMS).map(|i| format!("v{i}")).collect();
    let many = Formula::parse_among("y ~ .", &many).unwrap_err();
    assert!(matches!(many.problem, FormulaProblem::TooManyTerms { .. }));
}

#[test]
fn limits_are_errors() {
    let names: Vec<String> = (0..40).map(|i| format!("v{i}")).collect();
    assert!(matches!(
        problem(&format!("y ~ {}", names.join("*"))),
        FormulaProblem::OrderTooHigh { .. }
    ));
    assert!(matches!(
        problem(&format!("y ~ {}", names.join(":"))),
        FormulaProblem::OrderTooHigh { .. }
    ));
    let sum = names.join(" + ");
    assert!(matches!(
        problem(&format!("y ~ ({sum})*({sum})*({sum})*({sum})")),
        FormulaProblem::TooManyTerms { .. }
    ));
    let wide: Vec<String> = (0..MAXIMUM_TERMS).map(|i| format!("v{i}")).collect();
    let wide = Formula::parse_among("y ~ .", &wide).unwrap();
    assert_eq!(wide.terms().len(), MAXIMUM_TERMS);
    assert!(matches!(
        problem(&format!("y ~ {}", "a + ".repeat(MAXIMUM_LENGTH))),
        FormulaProblem::TooLong { .. }
    ));
    let thread = std::thread::Builder::new().stack_size(512 << 10);
    let deep = thread.spawn(|| {
        for opening in ["(", "(a + ", "a:(b*(c + "] {
            assert!(matches!(
                problem(&format!("y ~ {}", opening.repeat(6000))),
                FormulaProblem::TooDeep { .. }
            ));
        }
        assert!(matches!(
            problem(&format!("y ~ {}", "log(".repeat(6000))),
            FormulaProblem::Expression(_)
        ));
        let nested = format!("y ~ {}a{}", "b*(c + ".repeat(50), ")".repeat(50));
        assert!(Formula::parse(&nested).is_ok());
    });
    deep.unwrap().join().unwrap();
}

/// The terms that a formula of `+`, `:`, `*` and brackets stands for, worked out on sets.
#[derive(Debug, Clone)]
enum Tree {
    Name(usize),
    Add(Box<Tree>, Box<Tree>),
    Cross(Box<Tree>, Box<Tree>),
    Product(Box<Tree>, Box<Tree>),
}

type Sets = BTreeSet<BTreeSet<usize>>;

const NAMES: [&str; 4] = ["a", "log(b)", "C(c)", "`d e`"];

impl Tree {
    fn sets(&self) -> Sets {
        let crossed = |left: &Sets, right: &Sets| -> Sets {
            let pairs = left.iter().flat_map(|x| right.iter().map(move |y| (x, y)));
            pairs.map(|(x, y)| x | y).collect()
        };
        match self {
            Self::Name(name) => BTreeSet::from([BTreeSet::from([*name])]),
            Self::Add(left, right) => &left.sets() | &right.sets(),
            Self::Cross(left, right) => crossed(&left.sets(), &right.sets()),
            Self::Product(left, right) => {
                let (left, right) = (left.sets(), right.sets());
                &(&left | &right) | &crossed(&left, &right)
            }
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Name(name) => NAMES[*name].to_owned(),
            Self::Add(left, right) => format!("({} + {})", left.text(), right.text()),
            Self::Cross(left, right) => format!("({}):{}", left.text(), right.text()),
            Self::Product(left, right) => format!("({}) * ({})", left.text(), right.text()),
        }
    }
}

/// The right side of `:` in [`Tree::text`] has no brackets and so must be a name or a sum.
fn trees() -> impl Strategy<Value = Tree> {
    (0..NAMES.len())
        .prop_map(Tree::Name)
        .prop_recursive(4, 16, 2, |inner| {
            let pair = (inner.clone(), inner.clone());
            prop_oneof![
                pair.clone()
                    .prop_map(|(left, right)| Tree::Add(Box::new(left), Box::new(right))),
                (inner, 0..NAMES.len()).prop_map(|(left, name)| Tree::Cross(
                    Box::new(left),
                    Box::new(Tree::Name(name))
                )),
                pair.prop_map(|(left, right)| Tree::Product(Box::new(left), Box::new(right))),
            ]
        })
}

proptest! {
    #[test]
    fn terms_are_those_of_set_algebra(tree in trees()) {
        let text = format!("y ~ {}", tree.text());
        let formula = Formula::parse(&text).unwrap();
        let sets: Sets = formula
            .terms()
            .map(|term| {
                let position = |label: &str| NAMES.iter().position(|name| *name == label).unwrap();
                term.iter().map(|factor| position(factor.label())).collect()
            })
            .collect();
        prop_assert_eq!(formula.terms().len(), sets.len(), "{} has a term twice", text);
        prop_assert_eq!(sets, tree.sets(), "{}", text);
        let lengths: Vec<usize> = formula.terms().map(|term| term.len()).collect();
        prop_assert!(lengths.is_sorted());
        // Printed in full, it is the same formula.
        let printed = formula.to_string();
        prop_assert_eq!(Formula::parse(&printed).unwrap().to_string(), printed);
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        if let Err(error) = Formula::parse(&text) {
            prop_assert!(text.is_char_boundary(error.excerpt.offset()));
        }
        let _ = Formula::parse(&format!("y ~ {text}"));
    }

    #[test]
    fn texts_of_formula_parts_are_read_or_refused(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "y", "a", "`b c`", "~", "+", "-", "*", ":", "**", "^", "(", ")", "C(", "I(", "log(",
                ",", "0", "1", "2", " ", ".", "/", "|", "−", "`", "é",
            ]),
            0..14,
        ),
        has_response in any::<bool>(),
    ) {
        let text = format!("{}{}", if has_response { "y ~ " } else { "" }, parts.concat());
        let columns = ["y", "a", "b c"].map(String::from);
        for formula in [Formula::parse(&text), Formula::parse_among(&text, &columns)] {
            let Ok(formula) = formula else { continue };
            let printed = formula.to_string();
            prop_assert_eq!(Formula::parse(&printed).unwrap().to_string(), printed);
        }
    }
}
