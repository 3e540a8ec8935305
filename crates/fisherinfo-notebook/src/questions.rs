//! The answers of the course as questions that can be checked: each with the value that is wanted,
//! computed by the engine, where it has to hold, and the mistakes that are expected.

use crate::exercise::{Answer, AnswerKind, Domain as Values, Length, Variable as Name};
use crate::grading::{Domain, Question, Random, UpTo, Variable};
use fisherinfo::divergence::{RemainderOrder, local_curvature};
use fisherinfo::expectation::{Method, expected_information};
use fisherinfo::expression::{Environment, Value};
use fisherinfo::family::{Bernoulli, Exponential, Model, NormalLocation};
use fisherinfo::jeffreys;
use fisherinfo::special::logistic;
use rand::RngExt;

/// Rows of a data set that an answer is tried on.
const ROWS: usize = 24;

/// The question behind an answer that is a formula or a number; `None` for a choice, which is
/// compared with [`AnswerKind::Choice::right`].
///
/// ```
/// use fisherinfo_notebook::course::course;
/// use fisherinfo_notebook::questions::question;
///
/// let score = question(course().answer("1a")?).ok_or("a formula is asked for")?;
/// assert!(score.check("x/p - (1-x)/(1-p)").is_right());
/// assert!(score.check("(x - p)/(p*(1-p))").is_right());
/// assert!(!score.check("(p - x)/(p*(1-p))").is_right());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn question(answer: &Answer) -> Option<Question> {
    let (variables, up_to) = match answer.kind {
        AnswerKind::Choice { .. } => return None,
        AnswerKind::Number => (&[][..], UpTo::Exactly),
        AnswerKind::Formula {
            variables,
            up_to_a_constant,
            ..
        } => (
            variables,
            if up_to_a_constant {
                UpTo::ConstantFactor
            } else {
                UpTo::Exactly
            },
        ),
    };
    let name = answer.to_string();
    let wanted = {
        let name = name.clone();
        move |at: &Environment<f64>| wanted(&name, at).unwrap_or(Value::Scalar(f64::NAN))
    };
    let mut question = if variables.iter().any(|v| v.domain == Values::RowCount) {
        let names: Vec<Name> = variables.to_vec();
        let given = data(&names, &mut <Random as rand::SeedableRng>::seed_from_u64(7));
        Question::on_data(given, move |random| data(&names, random), wanted)
    } else {
        Question::new(variables.iter().map(domain), wanted)
    }
    .up_to(up_to);
    for (other, says) in mistakes(&name) {
        question = question.mistake(*says, move |at| {
            self::wanted(other, at).unwrap_or(Value::Scalar(f64::NAN))
        });
    }
    // The order of a remainder is a whole number that the engine observes to three digits.
    Some(if answer.kind == AnswerKind::Number {
        question.tolerance(1e-6)
    } else {
        question
    })
}

/// What a wrong answer may be instead, by the name under which its value is known here.
fn mistakes(name: &str) -> &'static [(&'static str, &'static str)] {
    match name {
        "7a" => &[("7b", "This is the empirical Fisher, not the Hessian")],
        "7b" => &[("7a", "This is the Hessian, not the empirical Fisher")],
        _ => &[],
    }
}

fn domain(name: &Name) -> Variable {
    let domain = match name.domain {
        Values::Interval { lower, upper } => Domain::Interval {
            low: lower,
            high: upper,
        },
        Values::Integers { from, to } => Domain::Integers {
            low: from,
            high: to,
        },
        Values::Vector {
            length,
            lower,
            upper,
        } => Domain::Vector {
            length: rows(length),
            entries: Box::new(Domain::Interval {
                low: lower,
                high: upper,
            }),
        },
        Values::PositiveDefinite { size } => Domain::PositiveDefinite { dimension: size },
        // Drawn as part of a data set, or by hand below.
        Values::PositiveDiagonal { size } => Domain::Choice(diagonals(size)),
        Values::RowCount | Values::Labels | Values::Covariates { .. } => Domain::real(),
    };
    Variable::new(name.name, domain)
}

fn rows(length: Length) -> usize {
    match length {
        Length::Fixed(length) => length,
        Length::Rows => ROWS,
    }
}

/// Diagonal matrices with entries of several sizes.
fn diagonals(size: usize) -> Vec<Value<f64>> {
    [
        [10.0, 0.5],
        [0.25, 3.0],
        [1.5, 8.0],
        [2.0, 0.125],
        [40.0, 5.0],
    ]
    .iter()
    .map(|pair| {
        let mut entries = vec![0.0; size * size];
        for i in 0..size {
            entries[i * size + i] = pair[i % 2] * (1.0 + (i / 2) as f64);
        }
        matrix(size, size, entries)
    })
    .collect()
}

fn matrix(rows: usize, columns: usize, entries: Vec<f64>) -> Value<f64> {
    Value::Matrix {
        rows,
        columns,
        entries,
    }
}

/// A data set of a logistic regression: covariates, weights, and labels drawn from the model.
fn data(names: &[Name], random: &mut Random) -> Environment<f64> {
    let columns = names
        .iter()
        .find_map(|name| match name.domain {
            Values::Covariates { columns } => Some(columns),
            _ => None,
        })
        .unwrap_or(2);
    let standard = NormalLocation { sigma: 1.0 };
    let normal = |random: &mut Random| {
        let mut x = [0.0];
        // A standard normal is always to be had.
        let _ = standard.sample(&[0.0], random, &mut x);
        x[0]
    };
    let x: Vec<f64> = (0..ROWS * columns).map(|_| normal(random)).collect();
    let w: Vec<f64> = (0..columns).map(|_| 0.5 * normal(random)).collect();
    let y: Vec<f64> = x
        .chunks(columns)
        .map(|row| f64::from(u8::from(random.random::<f64>() < probability(row, &w))))
        .collect();
    names.iter().fold(Environment::new(), |all, name| {
        let value = match name.domain {
            Values::Covariates { .. } => matrix(ROWS, columns, x.clone()),
            Values::Labels => Value::Vector(y.clone()),
            Values::RowCount => Value::Scalar(ROWS as f64),
            _ => Value::Vector(w.clone()),
        };
        all.with(name.name, value)
    })
}

fn probability(row: &[f64], w: &[f64]) -> f64 {
    logistic(row.iter().zip(w).map(|(x, w)| x * w).sum::<f64>())
}

/// The value wanted of an answer; `None` where the point is outside its domain.
fn wanted(name: &str, at: &Environment<f64>) -> Option<Value<f64>> {
    let number = |name: &str| match at.get(name) {
        Some(Value::Scalar(value)) => Some(*value),
        _ => None,
    };
    let entries = |name: &str| at.get(name).map(|value| value.entries().to_vec());
    let information = |model: &dyn Model, theta: &[f64]| {
        let information = expected_information(model, theta, Method::Automatic).ok()?;
        Some(information.matrix()[(0, 0)])
    };
    let coin = || information(&Bernoulli, &[number("p")?]);
    let scalar = |value: Option<f64>| value.map(Value::Scalar);
    match name {
        "1a" => scalar(
            Bernoulli
                .score(&[number("p")?], &[number("x")?])
                .first()
                .copied(),
        ),
        "1b" | "3a" | "9a" => scalar(coin()),
        "2a" => {
            let sigma = number("sigma2")?.sqrt();
            let one = expected_information(&NormalLocation { sigma }, &[0.0], Method::Automatic);
            let all = one.ok()?.repeated(number("n")?).ok()?;
            scalar(Some(all.matrix()[(0, 0)]))
        }
        "3b" => {
            // σ(φ)σ(−φ), which keeps its digits where p rounds to one.
            let phi = number("phi")?;
            scalar(Some(logistic(phi) * logistic(-phi)))
        }
        "4a" => {
            let sigma = entries("Sigma")?;
            let half = [*sigma.first()?, *sigma.get(2)?, *sigma.get(3)?];
            let model = fisherinfo::family::MultivariateNormalLocation::new(2, &half).ok()?;
            let information = model.closed_form_information(&[0.0, 0.0])?;
            let entry = |i: usize| information[(i / 2, i % 2)];
            Some(matrix(2, 2, (0..4).map(entry).collect()))
        }
        "5a" => scalar(Some(0.5 * coin()? * number("delta")?.powi(2))),
        "5b" => match local_curvature(&Bernoulli, &[0.4], &[0.01]).ok()?.order {
            RemainderOrder::Observed(order) => scalar(Some(order.round())),
            _ => None,
        },
        "6a" => scalar(
            jeffreys::log_density(&Bernoulli, &[number("p")?])
                .ok()
                .map(f64::exp),
        ),
        "6b" => scalar(
            jeffreys::log_density(&Exponential, &[number("lambda")?])
                .ok()
                .map(f64::exp),
        ),
        "7a" | "7b" | "8a" => {
            let (x, y, w) = (entries("X")?, entries("y")?, entries("w")?);
            let sums = products(&x, &y, &w, name != "7a");
            Some(if name == "8a" {
                Value::Vector((0..w.len()).map(|i| sums[i * w.len() + i]).collect())
            } else {
                matrix(w.len(), w.len(), sums)
            })
        }
        "8b" => {
            let (f, w, star) = (entries("F")?, entries("w")?, entries("w_star")?);
            let moved = w.iter().zip(&star).map(|(w, star)| w - star);
            scalar(Some(
                0.5 * f.iter().zip(moved).map(|(f, d)| f * d * d).sum::<f64>(),
            ))
        }
        "10a" => {
            let eta = number("eta")?;
            Some(Value::Vector(
                entries("g")?.iter().map(|g| -eta * g).collect(),
            ))
        }
        "10b" => {
            let (g, f, eta) = (entries("g")?, entries("F")?, number("eta")?);
            let step = |i: usize| -eta * g[i] / f[i * g.len() + i];
            Some(Value::Vector((0..g.len()).map(step).collect()))
        }
        _ => None,
    }
}

/// The mean over rows of (y − p)²·xxᵀ, or of p(1 − p)·xxᵀ.
fn products(x: &[f64], y: &[f64], w: &[f64], empirical: bool) -> Vec<f64> {
    let columns = w.len();
    let n = y.len() as f64;
    let mut sums = vec![0.0; columns * columns];
    for (row, y) in x.chunks(columns).zip(y) {
        let p = probability(row, w);
        let weight = if empirical {
            (y - p).powi(2)
        } else {
            p * (1.0 - p)
        };
        for i in 0..columns {
            for j in 0..columns {
                sums[i * columns + j] += weight * row[i] * row[j] / n;
            }
        }
    }
    sums
}
