//! Programs at random: an independent evaluation, printing and reading, any text at all.

use fisherinfo::expression::{Environment, Expression, Program, Value};
use proptest::prelude::*;

/// A formula of square matrices of order 2, vectors and numbers, whose shapes are known as it is
/// made: each variant is a formula of one shape.
#[derive(Debug, Clone)]
enum Tree {
    Number(f64),
    Vector(Box<Tree>, Box<Tree>),
    Matrix(Box<Tree>, Box<Tree>),
    Name(&'static str),
    Negate(Box<Tree>),
    Entrywise(char, Box<Tree>, Box<Tree>),
    Product(Box<Tree>, Box<Tree>),
    Transpose(Box<Tree>),
    Sum(Box<Tree>),
    Entry(Box<Tree>, usize),
    Tanh(Box<Tree>),
}

/// A value without any of the code under test.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Plain {
    Number(f64),
    Vector([f64; 2]),
    Matrix([[f64; 2]; 2]),
}

const NUMBER: f64 = 0.75;
const VECTOR: [f64; 2] = [1.5, -2.0];
const MATRIX: [[f64; 2]; 2] = [[0.5, -1.0], [3.0, 0.25]];

impl Plain {
    /// The entry that meets row i, column j.
    fn at(self, i: usize, j: usize) -> f64 {
        match self {
            Self::Number(x) => x,
            Self::Vector(x) => x[i],
            Self::Matrix(x) => x[i][j],
        }
    }

    fn rank(self) -> usize {
        match self {
            Self::Number(_) => 0,
            Self::Vector(_) => 1,
            Self::Matrix(_) => 2,
        }
    }

    fn make(rank: usize, f: impl Fn(usize, usize) -> f64) -> Self {
        match rank {
            0 => Self::Number(f(0, 0)),
            1 => Self::Vector([f(0, 0), f(1, 0)]),
            _ => Self::Matrix([[f(0, 0), f(0, 1)], [f(1, 0), f(1, 1)]]),
        }
    }
}

impl Tree {
    fn value(&self) -> Plain {
        match self {
            Self::Number(x) => Plain::Number(*x),
            Self::Vector(x, y) => Plain::Vector([x.value().at(0, 0), y.value().at(0, 0)]),
            Self::Matrix(x, y) => {
                let (x, y) = (x.value(), y.value());
                Plain::Matrix([[x.at(0, 0), x.at(1, 0)], [y.at(0, 0), y.at(1, 0)]])
            }
            Self::Name("a") => Plain::Number(NUMBER),
            Self::Name("v") => Plain::Vector(VECTOR),
            Self::Name(_) => Plain::Matrix(MATRIX),
            Self::Negate(x) => {
                let x = x.value();
                Plain::make(x.rank(), |i, j| -x.at(i, j))
            }
            Self::Tanh(x) => {
                let x = x.value();
                Plain::make(x.rank(), |i, j| x.at(i, j).tanh())
            }
            Self::Entrywise(operator, x, y) => {
                let (x, y) = (x.value(), y.value());
                Plain::make(x.rank().max(y.rank()), |i, j| {
                    let (x, y) = (x.at(i, j), y.at(i, j));
                    match operator {
                        '+' => x + y,
                        '-' => x - y,
                        '*' => x * y,
                        _ => x / y,
                    }
                })
            }
            Self::Product(x, y) => match (x.value(), y.value()) {
                (Plain::Vector(x), Plain::Vector(y)) => {
                    Plain::Number(0.0 + x[0] * y[0] + x[1] * y[1])
                }
                (Plain::Matrix(x), Plain::Vector(y)) => {
                    Plain::make(1, |i, _| 0.0 + x[i][0] * y[0] + x[i][1] * y[1])
                }
                (Plain::Vector(x), Plain::Matrix(y)) => {
                    Plain::make(1, |i, _| 0.0 + x[0] * y[0][i] + x[1] * y[1][i])
                }
                (Plain::Matrix(x), Plain::Matrix(y)) => {
                    Plain::make(2, |i, j| 0.0 + x[i][0] * y[0][j] + x[i][1] * y[1][j])
                }
                other => panic!("{other:?}"),
            },
            Self::Transpose(x) => {
                let x = x.value();
                Plain::make(2, |i, j| x.at(j, i))
            }
            Self::Sum(x) => Plain::Number(match x.value() {
                Plain::Number(x) => x,
                Plain::Vector(x) => 0.0 + x[0] + x[1],
                Plain::Matrix(x) => 0.0 + x[0][0] + x[0][1] + x[1][0] + x[1][1],
            }),
            Self::Entry(x, i) => Plain::Number(x.value().at(*i, 0)),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Number(x) => format!("{x:?}"),
            Self::Vector(x, y) | Self::Matrix(x, y) => format!("[{},{}]", x.text(), y.text()),
            Self::Name(name) => (*name).to_owned(),
            Self::Negate(x) => format!("-({})", x.text()),
            Self::Tanh(x) => format!("tanh({})", x.text()),
            Self::Entrywise(operator, x, y) => format!("({}) {operator} ({})", x.text(), y.text()),
            Self::Product(x, y) => format!("(({})@({}))", x.text(), y.text()),
            Self::Transpose(x) => format!("({})'", x.text()),
            Self::Sum(x) => format!("sum({})", x.text()),
            Self::Entry(x, i) => format!("({})[{}]", x.text(), i + 1),
        }
    }
}

/// Formulas of each shape: numbers, vectors, matrices.
fn trees(depth: u32) -> [BoxedStrategy<Tree>; 3] {
    let leaves = [
        prop_oneof![(0.0..9.0f64).prop_map(Tree::Number), Just(Tree::Name("a"))].boxed(),
        Just(Tree::Name("v")).boxed(),
        Just(Tree::Name("M")).boxed(),
    ];
    if depth == 0 {
        return leaves;
    }
    let inner = trees(depth - 1);
    let operator = || prop::sample::select(vec!['+', '-', '*', '/']);
    let boxed = |x: Tree| Box::new(x);
    let entrywise = |x: &BoxedStrategy<Tree>, y: &BoxedStrategy<Tree>| {
        (operator(), x.clone(), y.clone(), any::<bool>())
            .prop_map(move |(operator, x, y, swap)| {
                let (x, y) = if swap { (y, x) } else { (x, y) };
                Tree::Entrywise(operator, boxed(x), boxed(y))
            })
            .boxed()
    };
    let product = |x: &BoxedStrategy<Tree>, y: &BoxedStrategy<Tree>| {
        (x.clone(), y.clone())
            .prop_map(move |(x, y)| Tree::Product(boxed(x), boxed(y)))
            .boxed()
    };
    let [number, vector, matrix] = &inner;
    let of = |shape: usize| {
        let same = inner[shape].clone();
        prop_oneof![
            1 => leaves[shape].clone(),
            1 => same.clone().prop_map(move |x| Tree::Negate(boxed(x))),
            1 => same.clone().prop_map(move |x| Tree::Tanh(boxed(x))),
            2 => entrywise(&same, number),
            2 => entrywise(&same, &same),
        ]
    };
    [
        prop_oneof![
            3 => of(0),
            1 => product(vector, vector),
            1 => vector.clone().prop_map(move |x| Tree::Sum(boxed(x))),
            1 => matrix.clone().prop_map(move |x| Tree::Sum(boxed(x))),
            1 => (vector.clone(), 0usize..2).prop_map(move |(x, i)| Tree::Entry(boxed(x), i)),
        ]
        .boxed(),
        prop_oneof![
            3 => of(1),
            1 => product(matrix, vector),
            1 => product(vector, matrix),
            1 => (number.clone(), number.clone())
                .prop_map(move |(x, y)| Tree::Vector(boxed(x), boxed(y))),
        ]
        .boxed(),
        prop_oneof![
            3 => of(2),
            1 => entrywise(matrix, vector),
            1 => product(matrix, matrix),
            1 => matrix.clone().prop_map(move |x| Tree::Transpose(boxed(x))),
            1 => (vector.clone(), vector.clone())
                .prop_map(move |(x, y)| Tree::Matrix(boxed(x), boxed(y))),
        ]
        .boxed(),
    ]
}

fn any_tree() -> impl Strategy<Value = Tree> {
    let [number, vector, matrix] = trees(4);
    prop_oneof![number, vector, matrix]
}

fn environment() -> Environment<f64> {
    Environment::new()
        .with("a", NUMBER)
        .with("v", Value::Vector(VECTOR.to_vec()))
        .with("M", Value::matrix(2, 2, MATRIX.concat()).unwrap())
}

/// Whether braces, environments and `\\left` pair up.
fn is_well_formed(latex: &str) -> bool {
    let mut open = Vec::new();
    let mut rest = latex;
    while let Some(c) = rest.chars().next() {
        let token = match rest.strip_prefix('\\') {
            // A word, or one escaped character.
            Some(after) => {
                let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
                let escaped = after.chars().next().map_or(0, char::len_utf8);
                &rest[..1 + letters.max(escaped)]
            }
            None => &rest[..c.len_utf8()],
        };
        rest = &rest[token.len()..];
        let opening = match token {
            "{" | "\\left" | "\\begin" => {
                open.push(token);
                continue;
            }
            "}" => "{",
            "\\right" => "\\left",
            "\\end" => "\\begin",
            _ => continue,
        };
        if open.pop() != Some(opening) {
            return false;
        }
    }
    open.is_empty()
}

fn check_round_trip(program: &Program) -> Result<(), TestCaseError> {
    let printed = program.to_string();
    let again = Program::parse(&printed).map_err(|e| TestCaseError::fail(e.to_string()))?;
    prop_assert_eq!(&again, program, "{}", printed);
    prop_assert_eq!(again.to_string(), printed);
    let latex = program.to_latex();
    prop_assert!(is_well_formed(&latex), "{}", latex);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_programs_have_their_value(tree in any_tree()) {
        let text = tree.text();
        let program = Program::parse(&text).unwrap();
        let found = program.evaluate(&environment()).unwrap();
        let expected = match tree.value() {
            Plain::Number(x) => Value::Scalar(x),
            Plain::Vector(x) => Value::Vector(x.to_vec()),
            Plain::Matrix(x) => Value::matrix(2, 2, x.concat()).unwrap(),
        };
        prop_assert_eq!(found.shape(), expected.shape(), "{}", text);
        for (x, y) in found.entries().iter().zip(expected.entries()) {
            prop_assert!(x == y || (x.is_nan() && y.is_nan()), "{text}: {found:?} {expected:?}");
        }
        check_round_trip(&program)?;

        // The same through a definition.
        let defined = Program::parse(&format!("# again\nresult = {text};result")).unwrap();
        prop_assert_eq!(format!("{:?}", defined.evaluate(&environment()).unwrap()), format!("{found:?}"));
        check_round_trip(&defined)?;
    }

    #[test]
    fn any_text_is_read_or_refused_as_a_program(text in any::<String>()) {
        match Program::parse(&text) {
            Ok(program) => {
                check_round_trip(&program)?;
                let _ = program.evaluate(&environment());
            }
            Err(error) => {
                prop_assert!(text.is_char_boundary(error.excerpt.offset()));
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    #[test]
    fn texts_of_program_parts_are_read_or_refused(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "a", "v", "M", "1", ".5", "2e3", "pi", "`a b`", "`", "(", ")", "[", "]", ",", "'",
                "@", "+", "-", "*", "**", "/", "^", "<", "==", "=", "b = ", "inv(", "sum(", "diag(",
                "solve(", "eye(", "max(", "exp(", " ", ".", "\n", ";", "# c\n", "θ̂", "²", "$", "sigma2",
                "w_star", "x_hat", "0", "1e99", "length(", "det(", "outer(",
            ]),
            0..14,
        ),
    ) {
        let text = parts.concat();
        if let Ok(program) = Program::parse(&text) {
            check_round_trip(&program)?;
            // With its value, or with an error that names a place in it.
            if let Err(error) = program.evaluate(&environment()) {
                prop_assert!(error.excerpt.offset() < text.len());
            }
        }
        // What is one formula of numbers on one line means the same in both.
        if !text.contains(['\n', '#'])
            && let Ok(expression) = Expression::parse(&text)
        {
            let program = Program::parse(&text).unwrap();
            prop_assert_eq!(program.to_string(), expression.to_string());
            prop_assert!(program.variables().eq(expression.variables()));
            let names: Vec<_> = expression.variables().collect();
            let values: Vec<f64> = (0..names.len()).map(|i| 0.3 + i as f64).collect();
            let mut environment = Environment::new();
            for (name, value) in names.iter().zip(&values) {
                environment.insert(*name, *value);
            }
            if let Ok(bound) = expression.bind(&names) {
                let expected = bound.evaluate(&values);
                let Value::Scalar(found) = program.evaluate(&environment).unwrap() else {
                    return Err(TestCaseError::fail("a number"));
                };
                prop_assert!(found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan());
            }
        }
    }
}
