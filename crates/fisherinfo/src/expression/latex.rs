//! Programs as LaTeX.

use super::array_functions::ArrayFunction;
use super::functions::Function;
use super::node::{Node, Operator, Precedence, ProgramNode};
use super::number_text;
use super::print::operand_precedences;
use super::program::{Program, Statement};

/// Fractions are written one above the other down to this depth, beyond it on the line: a long
/// chain of divisions would otherwise nest as deep as it is long.
const DEEPEST_FRACTION: usize = 20;

/// A part of a formula.
struct Part {
    text: String,
    precedence: Precedence,
    /// How deep its fractions are nested.
    depth: usize,
}

/// All lines of a program, aligned at their equality signs.
pub(super) fn program(program: &Program) -> String {
    let lines: Vec<_> = program
        .statements
        .iter()
        .map(|statement| {
            let name = statement.target.map(|target| name(program.name(target)).0);
            (name, formula(program, statement))
        })
        .collect();
    match lines.as_slice() {
        [(None, formula)] => formula.clone(),
        [(Some(name), formula)] => format!("{name} = {formula}"),
        lines => {
            let lines: Vec<_> = lines
                .iter()
                .map(|(name, formula)| match name {
                    Some(name) => format!("{name} &= {formula}"),
                    None => format!("&\\phantom{{=}} {formula}"),
                })
                .collect();
            format!("\\begin{{aligned}}{}\\end{{aligned}}", lines.join(" \\\\ "))
        }
    }
}

fn formula(program: &Program, statement: &Statement) -> String {
    let mut parts: Vec<Part> = Vec::new();
    let mut nodes = program.nodes_of(statement).iter().peekable();
    while let Some(node) = nodes.next() {
        let part = match *node {
            ProgramNode::Scalar(Node::Number(value)) => number(value),
            ProgramNode::Scalar(Node::Pi) => atom("\\pi".to_owned(), 0),
            ProgramNode::Scalar(Node::Variable(index)) => {
                let (text, precedence) = name(program.name(index));
                Part {
                    text,
                    precedence,
                    depth: 0,
                }
            }
            ProgramNode::Scalar(Node::Negate) => {
                let mut text = "-".to_owned();
                while nodes.next_if_eq(&node).is_some() {
                    text.push_str("{-}");
                }
                let operand = pop(&mut parts);
                let depth = operand.depth;
                text.push_str(&bracketed(operand, Precedence::Sign));
                Part {
                    text,
                    precedence: Precedence::Sign,
                    depth,
                }
            }
            ProgramNode::Scalar(Node::Binary(operator)) => {
                let right = pop(&mut parts);
                binary(operator, pop(&mut parts), right)
            }
            ProgramNode::MatrixProduct => {
                let right = pop(&mut parts);
                infix(pop(&mut parts), right, Precedence::Product, "\\,")
            }
            ProgramNode::Transpose => {
                let mut marks = "\\top".to_owned();
                while nodes.next_if_eq(&node).is_some() {
                    marks.push_str("\\top");
                }
                superscript(pop(&mut parts), &marks)
            }
            ProgramNode::Scalar(Node::Call {
                function,
                arguments,
            }) => {
                let arguments = pop_many(&mut parts, arguments);
                scalar_call(function, arguments)
            }
            ProgramNode::Call { function } => {
                let arguments = pop_many(&mut parts, function.arguments());
                array_call(function, arguments)
            }
            ProgramNode::List { entries } => {
                // A list of lists is a matrix; its rows were written as one-row matrices.
                list(pop_many(&mut parts, entries))
            }
            ProgramNode::Index { indices } => {
                let indices = pop_many(&mut parts, indices);
                let depth = depth_of(&indices);
                let indices = joined(indices);
                let base = pop(&mut parts);
                let depth = depth.max(base.depth);
                let base = bracketed(base, Precedence::Atom);
                Part {
                    // Bracketed, or else a name with a subscript of its own.
                    text: format!("{{{base}}}_{{{indices}}}"),
                    precedence: Precedence::Power,
                    depth,
                }
            }
        };
        parts.push(part);
    }
    pop(&mut parts).text
}

fn pop(parts: &mut Vec<Part>) -> Part {
    // The grammar has seen to the number of operands.
    parts.pop().unwrap_or_else(|| atom(String::new(), 0))
}

fn pop_many(parts: &mut Vec<Part>, count: usize) -> Vec<Part> {
    parts.split_off(parts.len().saturating_sub(count))
}

fn atom(text: String, depth: usize) -> Part {
    Part {
        text,
        precedence: Precedence::Atom,
        depth,
    }
}

fn depth_of(parts: &[Part]) -> usize {
    parts.iter().map(|part| part.depth).max().unwrap_or(0)
}

fn joined(parts: Vec<Part>) -> String {
    let texts: Vec<_> = parts.into_iter().map(|part| part.text).collect();
    texts.join(", ")
}

fn in_brackets(text: &str) -> String {
    format!("\\left({text}\\right)")
}

fn bracketed(part: Part, least: Precedence) -> String {
    if part.precedence < least {
        in_brackets(&part.text)
    } else {
        part.text
    }
}

/// 2.5e-7 as 2.5 · 10⁻⁷.
fn number(value: f64) -> Part {
    let text = number_text(value);
    match text.split_once('e') {
        None => atom(text, 0),
        Some((digits, exponent)) => {
            let (text, precedence) = if digits == "1" {
                (format!("10^{{{exponent}}}"), Precedence::Power)
            } else {
                let text = format!("{digits} \\cdot 10^{{{exponent}}}");
                (text, Precedence::Product)
            };
            Part {
                text,
                precedence,
                depth: 0,
            }
        }
    }
}

fn infix(left: Part, right: Part, precedence: Precedence, symbol: &str) -> Part {
    let depth = left.depth.max(right.depth);
    let (left_least, right_least) = operand_precedences(precedence);
    // A sign after an operator needs brackets, unlike in the language.
    let right_least = match right_least {
        Precedence::Sign => Precedence::Power,
        Precedence::Product if right.text.starts_with('-') => Precedence::Power,
        least => least,
    };
    let right = bracketed(right, right_least);
    let mut text = bracketed(left, left_least);
    text.push_str(symbol);
    text.push_str(&right);
    Part {
        text,
        precedence,
        depth,
    }
}

fn binary(operator: Operator, left: Part, right: Part) -> Part {
    let depth = left.depth.max(right.depth);
    match operator {
        Operator::Power => superscript(left, &right.text),
        Operator::Divide if depth < DEEPEST_FRACTION => Part {
            text: format!("\\frac{{{}}}{{{}}}", left.text, right.text),
            precedence: Precedence::Power,
            depth: depth + 1,
        },
        _ => {
            let symbol = match operator {
                Operator::Less => " < ",
                Operator::LessOrEqual => " \\le ",
                Operator::Greater => " > ",
                Operator::GreaterOrEqual => " \\ge ",
                Operator::Equal => " = ",
                Operator::NotEqual => " \\ne ",
                Operator::Add => " + ",
                Operator::Subtract => " - ",
                Operator::Multiply => " \\cdot ",
                Operator::Divide | Operator::Power => " / ",
            };
            infix(left, right, operator.precedence(), symbol)
        }
    }
}

fn superscript(base: Part, exponent: &str) -> Part {
    let depth = base.depth;
    let base = bracketed(base, Precedence::Atom);
    Part {
        text: format!("{base}^{{{exponent}}}"),
        precedence: Precedence::Power,
        depth,
    }
}

/// A vector as a column, a matrix by its rows.
fn list(entries: Vec<Part>) -> Part {
    const ROW: &str = "\\begin{pmatrix}";
    const END: &str = "\\end{pmatrix}";
    let depth = depth_of(&entries);
    // A column that was written for an inner list holds a row here.
    let rows: Option<Vec<String>> = entries
        .iter()
        .map(|entry| {
            let inner = entry.text.strip_prefix(ROW)?.strip_suffix(END)?;
            (!inner.contains("pmatrix")).then(|| inner.replace(" \\\\ ", " & "))
        })
        .collect();
    let rows = rows.unwrap_or_else(|| entries.into_iter().map(|entry| entry.text).collect());
    atom(format!("{ROW}{}{END}", rows.join(" \\\\ ")), depth)
}

fn scalar_call(function: Function, arguments: Vec<Part>) -> Part {
    let depth = depth_of(&arguments);
    let upright = |name: &str, arguments| {
        let text = format!("{name}{}", in_brackets(&joined(arguments)));
        atom(text, depth)
    };
    match function {
        Function::Sqrt => atom(format!("\\sqrt{{{}}}", joined(arguments)), depth),
        Function::Cbrt => atom(format!("\\sqrt[3]{{{}}}", joined(arguments)), depth),
        Function::Abs => {
            let text = format!("\\left|{}\\right|", joined(arguments));
            atom(text, depth)
        }
        Function::Pow => {
            let mut arguments = arguments.into_iter();
            match (arguments.next(), arguments.next()) {
                (Some(base), Some(exponent)) => superscript(base, &exponent.text),
                _ => atom(String::new(), depth),
            }
        }
        Function::Exp => upright("\\exp", arguments),
        Function::Log => upright("\\log", arguments),
        Function::Log2 => upright("\\log_{2}", arguments),
        Function::Log10 => upright("\\log_{10}", arguments),
        Function::Min => upright("\\min", arguments),
        Function::Max => upright("\\max", arguments),
        Function::Sin => upright("\\sin", arguments),
        Function::Cos => upright("\\cos", arguments),
        Function::Tan => upright("\\tan", arguments),
        Function::Asin => upright("\\arcsin", arguments),
        Function::Acos => upright("\\arccos", arguments),
        Function::Atan => upright("\\arctan", arguments),
        Function::Sinh => upright("\\sinh", arguments),
        Function::Cosh => upright("\\cosh", arguments),
        Function::Tanh => upright("\\tanh", arguments),
        Function::Gamma => upright("\\Gamma", arguments),
        Function::LogGamma => upright("\\log\\Gamma", arguments),
        Function::LogBeta => upright("\\log\\mathrm{B}", arguments),
        Function::Digamma => upright("\\psi", arguments),
        Function::Trigamma => upright("\\psi_{1}", arguments),
        Function::NormalCdf => upright("\\Phi", arguments),
        Function::NormalQuantile => upright("\\Phi^{-1}", arguments),
        other => {
            let name = format!("\\operatorname{{{}}}", other.name());
            upright(&name, arguments)
        }
    }
}

fn array_call(function: ArrayFunction, mut arguments: Vec<Part>) -> Part {
    let depth = depth_of(&arguments);
    match function {
        ArrayFunction::Inverse => superscript(pop(&mut arguments), "-1"),
        ArrayFunction::Transpose => superscript(pop(&mut arguments), "\\top"),
        ArrayFunction::Identity => Part {
            text: format!("I_{{{}}}", joined(arguments)),
            precedence: Precedence::Atom,
            depth,
        },
        ArrayFunction::Norm => {
            let text = format!("\\left\\|{}\\right\\|", joined(arguments));
            atom(text, depth)
        }
        other => {
            let name = match other {
                ArrayFunction::Determinant => "\\det".to_owned(),
                ArrayFunction::Trace => "\\operatorname{tr}".to_owned(),
                other => format!("\\operatorname{{{}}}", other.name()),
            };
            atom(format!("{name}{}", in_brackets(&joined(arguments))), depth)
        }
    }
}

const GREEK: &[(&str, &str)] = &[
    ("alpha", "α"),
    ("beta", "β"),
    ("gamma", "γ"),
    ("delta", "δ"),
    ("epsilon", "ε"),
    ("zeta", "ζ"),
    ("eta", "η"),
    ("theta", "θ"),
    ("iota", "ι"),
    ("kappa", "κ"),
    ("lambda", "λ"),
    ("mu", "μ"),
    ("nu", "ν"),
    ("xi", "ξ"),
    ("pi", "π"),
    ("rho", "ρ"),
    ("sigma", "σ"),
    ("tau", "τ"),
    ("upsilon", "υ"),
    ("phi", "φ"),
    ("phi", "ϕ"),
    ("chi", "χ"),
    ("psi", "ψ"),
    ("omega", "ω"),
    ("Gamma", "Γ"),
    ("Delta", "Δ"),
    ("Theta", "Θ"),
    ("Lambda", "Λ"),
    ("Xi", "Ξ"),
    ("Pi", "Π"),
    ("Sigma", "Σ"),
    ("Phi", "Φ"),
    ("Psi", "Ψ"),
    ("Omega", "Ω"),
];

/// Words after `_` that are marks of a letter.
const MARKS: &[(&str, &str)] = &[("hat", "\\hat"), ("bar", "\\bar"), ("tilde", "\\tilde")];

/// A name: Greek letters by their names, what follows `_` and digits at the end as a subscript,
/// `sigma2` as a square, as is usual for a variance; other words upright.
fn name(name: &str) -> (String, Precedence) {
    if matches!(name, "sigma2" | "σ2" | "tau2" | "τ2") {
        return (
            format!("{}^{{2}}", word(&name[..name.len() - 1])),
            Precedence::Power,
        );
    }
    let (base, subscript) = match name.split_once('_') {
        Some((base, subscript)) if !base.is_empty() && !subscript.is_empty() => (base, subscript),
        _ => {
            let base = name.trim_end_matches(is_digit);
            name.split_at(if base.is_empty() {
                name.len()
            } else {
                base.len()
            })
        }
    };
    if let Some((_, mark)) = MARKS.iter().find(|(mark, _)| *mark == subscript) {
        return (format!("{mark}{{{}}}", word(base)), Precedence::Atom);
    }
    let base = word(base);
    let text = match subscript {
        "" => base,
        "star" => return (format!("{base}^{{\\ast}}"), Precedence::Power),
        subscript => format!("{base}_{{{}}}", word(&plain_digits(subscript))),
    };
    (text, Precedence::Atom)
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('₀'..='₉').contains(&c)
}

/// Subscript digits as ordinary ones.
fn plain_digits(text: &str) -> String {
    text.chars()
        .map(|c| match u32::from(c).checked_sub(u32::from('₀')) {
            Some(digit @ 0..=9) => char::from_digit(digit, 10).unwrap_or(c),
            _ => c,
        })
        .collect()
}

/// One word of a name.
fn word(text: &str) -> String {
    if let Some((latin, _)) = GREEK
        .iter()
        .find(|(latin, greek)| *latin == text || *greek == text)
    {
        return format!("\\{latin}");
    }
    if let Some(letter) = text.strip_suffix('\u{302}') {
        return format!("\\hat{{{}}}", word(letter));
    }
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(letter), None) if letter.is_alphanumeric() => letter.to_string(),
        _ if text.bytes().all(|byte| byte.is_ascii_digit()) => text.to_owned(),
        _ => format!(
            "\\mathrm{{{}}}",
            text.chars().map(escaped).collect::<String>()
        ),
    }
}

/// A character that LaTeX takes as itself.
fn escaped(c: char) -> String {
    match c {
        '{' | '}' | '$' | '%' | '#' | '&' | '_' => format!("\\{c}"),
        '\\' => "\\backslash ".to_owned(),
        '^' => "\\wedge ".to_owned(),
        '~' => "\\sim ".to_owned(),
        c if c.is_control() || c.is_whitespace() => "\\ ".to_owned(),
        c => c.to_string(),
    }
}
