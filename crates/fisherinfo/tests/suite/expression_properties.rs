//! Formulas at random: printing and reading keep the value, no text is more than refused.

use fisherinfo::expression::{Expression, quoted_name};
use proptest::prelude::*;

/// A formula built, printed and evaluated without the code under test.
#[derive(Debug, Clone)]
enum Tree {
    Number(f64),
    Name(usize),
    Pi,
    Negate(Box<Tree>),
    Binary(&'static str, Box<Tree>, Box<Tree>),
    Call(&'static str, fn(f64) -> f64, Box<Tree>),
    Max(Vec<Tree>),
}

const NAMES: [&str; 3] = ["x", "θ̂", "grade point"];

impl Tree {
    fn value(&self, at: &[f64; 3]) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Name(index) => at[*index],
            Self::Pi => std::f64::consts::PI,
            Self::Negate(operand) => -operand.value(at),
            Self::Binary(operator, left, right) => {
                let (x, y) = (left.value(at), right.value(at));
                let holds = match *operator {
                    "+" => return x + y,
                    "-" => return x - y,
                    "*" => return x * y,
                    "/" => return x / y,
                    "^" => return x.powf(y),
                    _ if x.is_nan() || y.is_nan() => return f64::NAN,
                    "<" => x < y,
                    ">=" => x >= y,
                    "==" => x == y,
                    other => panic!("{other}"),
                };
                f64::from(u8::from(holds))
            }
            Self::Call(_, function, argument) => function(argument.value(at)),
            Self::Max(arguments) => arguments
                .iter()
                .map(|argument| argument.value(at))
                .reduce(|x, y| if x.is_nan() || x >= y { x } else { y })
                .unwrap(),
        }
    }

    /// With brackets around every part.
    fn text(&self, blank: &str) -> String {
        match self {
            Self::Number(number) => format!("{blank}{number:e}"),
            Self::Name(index) => format!("{}{blank}", quoted_name(NAMES[*index])),
            Self::Pi => "pi".to_owned(),
            Self::Negate(operand) => format!("−{blank}({})", operand.text(blank)),
            Self::Binary(operator, left, right) => {
                let (left, right) = (left.text(blank), right.text(blank));
                format!("({left}){blank}{operator}{blank}({right}){blank}")
            }
            Self::Call(name, _, argument) => format!("{name}{blank}({})", argument.text(blank)),
            Self::Max(arguments) => {
                let list: Vec<_> = arguments.iter().map(|tree| tree.text(blank)).collect();
                format!("max({})", list.join(","))
            }
        }
    }
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        (0u32..5).prop_map(|n| Tree::Number(f64::from(n))),
        (0.0..1e3f64).prop_map(Tree::Number),
        prop_oneof![Just(1e-300), Just(1e300), Just(5e-324), Just(1e16)].prop_map(Tree::Number),
        (0usize..3).prop_map(Tree::Name),
        Just(Tree::Pi),
    ];
    leaf.prop_recursive(6, 40, 3, |inner| {
        let operator = prop::sample::select(vec!["+", "-", "*", "/", "^", "<", ">=", "=="]);
        let function = prop::sample::select(vec![
            ("exp", f64::exp as fn(f64) -> f64),
            ("log", f64::ln),
            ("sqrt", f64::sqrt),
            ("tanh", f64::tanh),
        ]);
        prop_oneof![
            inner.clone().prop_map(|tree| Tree::Negate(Box::new(tree))),
            (operator, inner.clone(), inner.clone()).prop_map(|(o, l, r)| Tree::Binary(
                o,
                Box::new(l),
                Box::new(r)
            )),
            (function, inner.clone()).prop_map(|((n, f), a)| Tree::Call(n, f, Box::new(a))),
            prop::collection::vec(inner, 2..4).prop_map(Tree::Max),
        ]
    })
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_formulas_keep_their_value(
        tree in trees(),
        at in [-3.0..3.0f64, 0.0..2.0f64, -1.0..1.0f64],
        blank in prop::sample::select(vec!["", " ", "\n\t "]),
    ) {
        let text = tree.text(blank);
        let read = Expression::parse(&text).unwrap();
        let found = read.bind(&NAMES).unwrap().evaluate(&at);
        prop_assert!(same(found, tree.value(&at)), "{text}: {found} {}", tree.value(&at));

        let printed = read.to_string();
        let again = Expression::parse(&printed).unwrap();
        prop_assert_eq!(&again, &read, "{} printed as {}", text, printed);
        prop_assert_eq!(again.to_string(), printed);
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        if let Err(error) = Expression::parse(&text) {
            prop_assert!(error.excerpt.offset() <= text.len());
            prop_assert!(text.is_char_boundary(error.excerpt.offset()));
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn texts_of_formula_parts_are_read_or_refused(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "x", "y", "1", ".5", "2e3", "e", "pi", "`a b`", "`", "(", ")", "+", "-", "−", "*",
                "**", "/", "^", "<", "<=", "==", "=", "!=", ",", "exp(", "max(", "log", " ", ".",
                "θ̂", "²", "$",
            ]),
            0..12,
        ),
        start in 0usize..20,
    ) {
        let text = parts.concat();
        if let Ok(read) = Expression::parse(&text) {
            prop_assert_eq!(Expression::parse(&read.to_string()).unwrap(), read);
        }
        for (read, is_operand) in [
            (Expression::parse_from(&text, start), false),
            (Expression::parse_operand(&text, start), true),
        ] {
            if let Ok((read, end)) = read {
                // What was read is a formula by itself, and the same one.
                prop_assert_eq!(Expression::parse(&text[start..end]).unwrap(), read);
                if is_operand {
                    let (_, longest) = Expression::parse_from(&text, start).unwrap_or((
                        Expression::parse("0").unwrap(), usize::MAX,
                    ));
                    prop_assert!(end <= longest);
                }
            }
        }
    }
}
