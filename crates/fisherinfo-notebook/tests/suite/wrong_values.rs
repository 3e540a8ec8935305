//! What can be wrong with a value whatever it stands for: its sign, a factor, its inverse, its
//! order.

use fisherinfo_notebook::solution::Value;

/// The value with mistakes in it, each with its name. Mistakes that change nothing (a half-turn of
/// a symmetric matrix) are left out.
pub(crate) fn wrong_values(value: &Value, n: Option<f64>) -> Vec<(&'static str, Value)> {
    let mut wrong: Vec<(&'static str, Value)> = Vec::new();
    for (name, mistake) in entrywise(n) {
        let changed = match value {
            Value::Number(number) => Value::Number(mistake(*number)),
            Value::Vector(entries) => Value::Vector(entries.iter().map(|e| mistake(*e)).collect()),
            Value::Direction(entries) if name != "sign" => {
                Value::Direction(entries.iter().map(|e| mistake(*e)).collect())
            }
            Value::Matrix(rows) => Value::Matrix(
                rows.iter()
                    .map(|row| row.iter().map(|e| mistake(*e)).collect())
                    .collect(),
            ),
            Value::Direction(_) | Value::Verdict(_) => continue,
        };
        wrong.push((name, changed));
    }
    match value {
        Value::Number(_) => {}
        Value::Vector(entries) => {
            for (name, changed) in rearranged(entries) {
                wrong.push((name, Value::Vector(changed)));
            }
        }
        Value::Direction(entries) => {
            for (name, changed) in rearranged(entries) {
                wrong.push((name, Value::Direction(changed)));
            }
            wrong.push((
                "perpendicular",
                Value::Direction(vec![-entries[1], entries[0]]),
            ));
            wrong.push(("mirrored", Value::Direction(vec![-entries[0], entries[1]])));
        }
        Value::Matrix(rows) => {
            let [a, b, c, d] = [rows[0][0], rows[0][1], rows[1][0], rows[1][1]];
            let determinant = a * d - b * c;
            for (name, entries) in [
                ("transposed", [a, c, b, d]),
                ("turned by half", [d, c, b, a]),
                ("diagonal only", [a, 0.0, 0.0, d]),
                ("off-diagonal sign", [a, -b, -c, d]),
                ("identity", [1.0, 0.0, 0.0, 1.0]),
                (
                    "inverse",
                    [
                        d / determinant,
                        -b / determinant,
                        -c / determinant,
                        a / determinant,
                    ],
                ),
                ("adjugate", [d, -b, -c, a]),
                ("one entry undefined", [a, f64::NAN, c, d]),
            ] {
                let [a, b, c, d] = entries;
                wrong.push((name, Value::Matrix(vec![vec![a, b], vec![c, d]])));
            }
            wrong.push(("a row lost", Value::Matrix(vec![rows[0].clone()])));
            wrong.push(("one row of all", Value::Matrix(vec![rows.concat()])));
        }
        Value::Verdict(text) => {
            for other in [
                "proper",
                "improper",
                "undecided",
                "none",
                "rate → 0",
                "rate → ∞",
                "p → 0 and p → 1",
                "",
            ] {
                if other != text {
                    wrong.push(("another verdict", Value::Verdict(other.into())));
                }
            }
        }
    }
    wrong.retain(|(_, changed)| differs(value, changed));
    wrong
}

type Mistake = Box<dyn Fn(f64) -> f64>;

fn entrywise(n: Option<f64>) -> Vec<(&'static str, Mistake)> {
    let mut mistakes: Vec<(&'static str, Mistake)> = vec![
        ("sign", Box::new(|v| -v)),
        ("half", Box::new(|v| v / 2.0)),
        ("double", Box::new(|v| v * 2.0)),
        ("squared", Box::new(|v| v * v)),
        ("root", Box::new(|v| v.abs().sqrt())),
        ("reciprocal", Box::new(|v| 1.0 / v)),
        ("absolute value", Box::new(f64::abs)),
        ("one more", Box::new(|v| v + 1.0)),
        ("complement", Box::new(|v| 1.0 - v)),
        ("zero", Box::new(|_| 0.0)),
        ("undefined", Box::new(|_| f64::NAN)),
        ("infinite", Box::new(|_| f64::INFINITY)),
    ];
    if let Some(n) = n {
        mistakes.push(("n times", Box::new(move |v| n * v)));
        mistakes.push(("1/n times", Box::new(move |v| v / n)));
        mistakes.push(("1/√n times", Box::new(move |v| v / n.sqrt())));
    }
    mistakes
}

fn rearranged(entries: &[f64]) -> Vec<(&'static str, Vec<f64>)> {
    let reversed = entries.iter().rev().copied().collect();
    let mut first_zero = entries.to_vec();
    first_zero[0] = 0.0;
    let mut last_zero = entries.to_vec();
    last_zero[entries.len() - 1] = 0.0;
    let mut undefined = entries.to_vec();
    undefined[entries.len() - 1] = f64::NAN;
    vec![
        ("reversed", reversed),
        ("first entry zero", first_zero),
        ("last entry zero", last_zero),
        ("last entry undefined", undefined),
        ("last entry lost", entries[..entries.len() - 1].to_vec()),
        ("an entry too many", [entries, &[0.0]].concat()),
    ]
}

/// A mistake that moves a value by less than a hundredth of a per cent is none: 1/0.99999 for
/// an exponent that is one in the limit.
fn differs(value: &Value, changed: &Value) -> bool {
    let flat = |value: &Value| match value {
        Value::Number(number) => vec![*number],
        Value::Vector(entries) | Value::Direction(entries) => entries.clone(),
        Value::Matrix(rows) => rows.concat(),
        Value::Verdict(_) => Vec::new(),
    };
    let (before, after) = (flat(value), flat(changed));
    let shape = |value: &Value| match value {
        Value::Matrix(rows) => rows.len(),
        _ => 0,
    };
    let scale = before.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
    before.is_empty()
        || before.len() != after.len()
        || shape(value) != shape(changed)
        // An undefined entry differs from every other.
        || before.iter().zip(&after).any(|(a, b)| {
            a != b && ((a - b).abs() > 1e-4 * scale || (a - b).is_nan() || scale.is_infinite())
        })
}
