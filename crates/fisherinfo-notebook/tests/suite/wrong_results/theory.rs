//! Exercises 4 to 6.

use super::{WrongResult, number};
use fisherinfo_notebook::solution::{Findings, Value};

pub(super) fn gaussian_location(right: &Findings, [s11, s12, s22]: [f64; 3]) -> Vec<WrongResult> {
    let values = right.vector("eigenvalues").unwrap().to_vec();
    let weak = right.value("weakest direction").unwrap().clone();
    let strong = right.value("strongest direction").unwrap().clone();
    let inverse: Vec<f64> = values.iter().rev().map(|v| 1.0 / v).collect();
    let covariance = Value::Matrix(vec![vec![s11, s12], vec![s12, s22]]);
    vec![
        (
            "Σ for Σ⁻¹ throughout",
            vec![
                ("information", covariance),
                ("eigenvalues", Value::Vector(inverse.clone())),
                ("weakest direction", strong.clone()),
                ("strongest direction", weak.clone()),
                (
                    "standard errors",
                    Value::Vector(inverse.iter().map(|v| v.powf(-0.5)).collect()),
                ),
            ],
        ),
        (
            "eigenvalues of Σ",
            vec![(
                "eigenvalues",
                Value::Vector(inverse.iter().rev().copied().collect()),
            )],
        ),
        (
            "eigenvalues of Σ, ascending",
            vec![("eigenvalues", Value::Vector(inverse))],
        ),
        (
            "strongest first, throughout",
            vec![
                (
                    "eigenvalues",
                    Value::Vector(values.iter().rev().copied().collect()),
                ),
                ("weakest direction", strong.clone()),
                ("strongest direction", weak.clone()),
                (
                    "standard errors",
                    Value::Vector(values.iter().rev().map(|v| v.powf(-0.5)).collect()),
                ),
            ],
        ),
        (
            "directions exchanged",
            vec![("weakest direction", strong), ("strongest direction", weak)],
        ),
        (
            "variances for standard errors",
            vec![(
                "standard errors",
                Value::Vector(values.iter().map(|v| 1.0 / v).collect()),
            )],
        ),
        (
            "root precisions for standard errors",
            vec![(
                "standard errors",
                Value::Vector(values.iter().map(|v| v.sqrt()).collect()),
            )],
        ),
        (
            "entries inverted one by one",
            vec![(
                "information",
                Value::Matrix(vec![vec![1.0 / s11, 1.0 / s12], vec![1.0 / s12, 1.0 / s22]]),
            )],
        ),
        (
            "correlation ignored",
            vec![
                (
                    "information",
                    Value::Matrix(vec![vec![1.0 / s11, 0.0], vec![0.0, 1.0 / s22]]),
                ),
                (
                    "eigenvalues",
                    Value::Vector(vec![(1.0 / s11).min(1.0 / s22), (1.0 / s11).max(1.0 / s22)]),
                ),
            ],
        ),
        (
            "the diagonal for the eigenvalues",
            vec![("eigenvalues", {
                let determinant = s11 * s22 - s12 * s12;
                Value::Vector(vec![s22 / determinant, s11 / determinant])
            })],
        ),
        (
            "the coordinate axes for the directions",
            vec![
                ("weakest direction", Value::Direction(vec![1.0, 0.0])),
                ("strongest direction", Value::Direction(vec![0.0, 1.0])),
            ],
        ),
    ]
}

pub(super) fn local_divergence(
    p: f64,
    delta: f64,
    found: &dyn Fn(&str) -> f64,
) -> Vec<WrongResult> {
    let (kl, quadratic) = (found("divergence"), found("quadratic"));
    let toss = |a: f64, b: f64| a * (a / b).ln() + (1.0 - a) * ((1.0 - a) / (1.0 - b)).ln();
    let q = p + delta;
    let carried = |kl: f64, quadratic: f64| {
        vec![
            ("divergence", number(kl)),
            ("quadratic", number(quadratic)),
            ("remainder", number(kl - quadratic)),
        ]
    };
    vec![
        ("no ½", carried(kl, 2.0 * quadratic)),
        ("δ for δ²", carried(kl, quadratic / delta)),
        (
            "information at p + δ",
            carried(kl, 0.5 * delta * delta / (q * (1.0 - q))),
        ),
        (
            "the variance for the information",
            carried(kl, 0.5 * delta * delta * p * (1.0 - p)),
        ),
        ("the reverse divergence", carried(toss(q, p), quadratic)),
        (
            "the symmetric divergence",
            carried(0.5 * (kl + toss(q, p)), quadratic),
        ),
        ("a step backwards", carried(toss(p, p - delta), quadratic)),
        (
            "bits for nats",
            carried(kl / std::f64::consts::LN_2, quadratic),
        ),
        (
            "the success term alone",
            carried(p * (p / q).ln(), quadratic),
        ),
        (
            "the divergence taken as the quadratic",
            carried(quadratic, quadratic),
        ),
        ("the quadratic taken from the divergence", carried(kl, kl)),
        (
            "the remainder with its sign turned",
            vec![("remainder", number(quadratic - kl))],
        ),
        (
            "order 2 for 3",
            vec![("order of the remainder", number(2.0))],
        ),
        (
            "order 4 for 3",
            vec![("order of the remainder", number(4.0))],
        ),
        (
            "no remainder",
            vec![("order of the remainder", number(f64::INFINITY))],
        ),
        (
            "order 3 at one half",
            vec![("order at one half", number(3.0))],
        ),
        (
            "order 3 for a Gaussian",
            vec![("order for a Gaussian mean", number(3.0))],
        ),
        (
            "order 4 for a Gaussian",
            vec![("order for a Gaussian mean", number(4.0))],
        ),
    ]
}

pub(super) fn jeffreys(p: f64, rate: f64, found: &dyn Fn(&str) -> f64) -> Vec<WrongResult> {
    let mass = found("Bernoulli: mass");
    let at_p = found("Bernoulli: prior at p");
    let improper = |mass: f64| {
        vec![
            ("Bernoulli: mass", number(mass)),
            ("Bernoulli: verdict", "improper".into()),
            ("Bernoulli: ends of infinite mass", "p → 0 and p → 1".into()),
        ]
    };
    vec![
        (
            "no root (Bernoulli)",
            vec![
                ("Bernoulli: prior at p", number(at_p * at_p)),
                ("Bernoulli: tail exponents", Value::Vector(vec![1.0, 1.0])),
            ],
        ),
        (
            "the root of the variance",
            vec![
                ("Bernoulli: prior at p", number((p * (1.0 - p)).sqrt())),
                ("Bernoulli: tail exponents", Value::Vector(vec![-0.5, -0.5])),
                ("Bernoulli: mass", number(std::f64::consts::PI / 8.0)),
            ],
        ),
        (
            "the uniform prior",
            vec![
                ("Bernoulli: prior at p", number(1.0)),
                ("Bernoulli: mass", number(1.0)),
                ("Bernoulli: tail exponents", Value::Vector(vec![0.0, 0.0])),
            ],
        ),
        (
            "divided by its mass already",
            vec![
                ("Bernoulli: prior at p", number(at_p / mass)),
                ("Bernoulli: mass", number(1.0)),
            ],
        ),
        (
            "half the interval",
            vec![("Bernoulli: mass", number(mass / 2.0))],
        ),
        ("improper for proper, throughout", improper(f64::INFINITY)),
        (
            "improper for proper, in the word",
            vec![("Bernoulli: verdict", "improper".into())],
        ),
        (
            "undecided, without a mass",
            vec![
                ("Bernoulli: verdict", "undecided".into()),
                ("Bernoulli: mass", number(f64::NAN)),
            ],
        ),
        (
            "no root (exponential)",
            vec![
                ("exponential: prior at the rate", number(rate.powi(-2))),
                ("exponential: tail exponents", Value::Vector(vec![2.0, 2.0])),
                ("exponential: ends of infinite mass", "rate → 0".into()),
            ],
        ),
        (
            "the prior of the mean waiting time",
            vec![("exponential: prior at the rate", number(rate))],
        ),
        (
            "proper for improper, throughout",
            vec![
                ("exponential: verdict", "proper".into()),
                ("exponential: ends of infinite mass", "none".into()),
            ],
        ),
        (
            "infinite mass at zero only",
            vec![("exponential: ends of infinite mass", "rate → 0".into())],
        ),
        (
            "infinite mass at infinity only",
            vec![("exponential: ends of infinite mass", "rate → ∞".into())],
        ),
        (
            "the verdicts exchanged",
            vec![
                ("Bernoulli: verdict", "improper".into()),
                ("exponential: verdict", "proper".into()),
            ],
        ),
    ]
}
