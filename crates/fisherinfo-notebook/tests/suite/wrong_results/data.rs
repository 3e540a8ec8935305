//! Exercises 7 and 8.

use super::{WrongResult, number};
use fisherinfo::information::{Estimator, Information, Provenance, Route};
use fisherinfo::special::logistic;
use fisherinfo_notebook::solution::{Findings, Inputs, Value};
use fisherinfo_notebook::solutions::draws::of_exercise;
use fisherinfo_notebook::solutions::logistic_regression::informations;

fn matrix(rows: [[f64; 2]; 2]) -> Value {
    Value::Matrix(rows.iter().map(|row| row.to_vec()).collect())
}

fn entries(value: &[Vec<f64>]) -> [[f64; 2]; 2] {
    [[value[0][0], value[0][1]], [value[1][0], value[1][1]]]
}

fn scaled(rows: [[f64; 2]; 2], factor: f64) -> [[f64; 2]; 2] {
    rows.map(|row| row.map(|entry| factor * entry))
}

fn frobenius(a: [[f64; 2]; 2], b: [[f64; 2]; 2]) -> f64 {
    (0..4)
        .map(|k| (a[k / 2][k % 2] - b[k / 2][k % 2]).powi(2))
        .sum::<f64>()
        .sqrt()
}

pub(super) fn logistic_regression(inputs: &Inputs, right: &Findings) -> Vec<WrongResult> {
    let n = inputs.number("n").unwrap();
    let w = inputs.pair("w1", "w2").unwrap();
    let hessian = entries(right.matrix("Hessian").unwrap());
    let empirical = entries(right.matrix("empirical Fisher").unwrap());
    let rows = of_exercise(7, inputs).unwrap();
    let average = |weight: &dyn Fn(f64, f64) -> f64| {
        let mut sum = [[0.0; 2]; 2];
        for row in &rows {
            let p = logistic(row.x[0] * w[0] + row.x[1] * w[1]);
            for i in 0..2 {
                for j in 0..2 {
                    sum[i][j] += weight(p, row.y) * row.x[i] * row.x[j] / n;
                }
            }
        }
        sum
    };
    let carried = |hessian: [[f64; 2]; 2], empirical: [[f64; 2]; 2]| {
        vec![
            ("Hessian", matrix(hessian)),
            ("empirical Fisher", matrix(empirical)),
            ("distance", number(frobenius(hessian, empirical))),
        ]
    };
    let mut centred = empirical;
    let mut mean = [0.0; 2];
    for row in &rows {
        let p = logistic(row.x[0] * w[0] + row.x[1] * w[1]);
        mean = [
            mean[0] + (row.y - p) * row.x[0] / n,
            mean[1] + (row.y - p) * row.x[1] / n,
        ];
    }
    for i in 0..2 {
        for j in 0..2 {
            centred[i][j] -= mean[i] * mean[j];
        }
    }
    let elsewhere = |w: [f64; 2]| {
        entries(
            &match Value::from(informations(&rows, w).unwrap().0.matrix()) {
                Value::Matrix(rows) => rows,
                _ => Vec::new(),
            },
        )
    };
    vec![
        (
            "the Hessian for the empirical Fisher",
            carried(hessian, hessian),
        ),
        (
            "the empirical Fisher for the Hessian",
            carried(empirical, empirical),
        ),
        ("the two exchanged", carried(empirical, hessian)),
        (
            "sums for means",
            carried(scaled(hessian, n), scaled(empirical, n)),
        ),
        (
            "divided by n twice",
            carried(scaled(hessian, 1.0 / n), scaled(empirical, 1.0 / n)),
        ),
        (
            "divided by n − 1",
            carried(
                scaled(hessian, n / (n - 1.0)),
                scaled(empirical, n / (n - 1.0)),
            ),
        ),
        (
            "weights p for p(1 − p)",
            carried(average(&|p, _| p), empirical),
        ),
        ("no weights", carried(average(&|_, _| 1.0), empirical)),
        (
            "weights p²(1 − p)²",
            carried(average(&|p, _| (p * (1.0 - p)).powi(2)), empirical),
        ),
        (
            "labels for residuals",
            carried(hessian, average(&|_, y| y * y)),
        ),
        (
            "probabilities for residuals",
            carried(hessian, average(&|p, _| p * p)),
        ),
        (
            "residuals not squared",
            carried(hessian, average(&|p, y| (y - p).abs())),
        ),
        ("scores centred", carried(hessian, centred)),
        (
            "the Hessian at w = 0",
            carried(elsewhere([0.0, 0.0]), empirical),
        ),
        (
            "the Hessian at w exchanged",
            carried(elsewhere([w[1], w[0]]), empirical),
        ),
        (
            "the squared distance",
            vec![("distance", number(frobenius(hessian, empirical).powi(2)))],
        ),
        (
            "the largest difference",
            vec![(
                "distance",
                number(
                    (0..4)
                        .map(|k| (hessian[k / 2][k % 2] - empirical[k / 2][k % 2]).abs())
                        .fold(0.0, f64::max),
                ),
            )],
        ),
        (
            "the difference of the norms",
            vec![(
                "distance",
                number(
                    (frobenius(hessian, [[0.0; 2]; 2]) - frobenius(empirical, [[0.0; 2]; 2])).abs(),
                ),
            )],
        ),
        ("the slope of a variance", vec![("slope", number(-1.0))]),
        ("no fall", vec![("slope", number(0.0))]),
        ("the slope upside down", vec![("slope", number(-2.0))]),
    ]
}

pub(super) fn consolidation(inputs: &Inputs, right: &Findings) -> Vec<WrongResult> {
    let n = inputs.number("n").unwrap();
    let w = inputs.pair("w1", "w2").unwrap();
    let strength = inputs.number("strength").unwrap();
    let moves = [
        inputs.pair("large1", "large2").unwrap(),
        inputs.pair("small1", "small2").unwrap(),
    ];
    let found = right.vector("importances").unwrap();
    let f = [found[0], found[1]];
    let rows = of_exercise(8, inputs).unwrap();
    let (hessian, empirical) = informations(&rows, w).unwrap();
    let shift = |at: [f64; 2]| [at[0] - w[0], at[1] - w[1]];

    // Everything that follows from these importances, penalties and gradients taken by these rules.
    let carried = |f: [f64; 2],
                   penalty: &dyn Fn([f64; 2]) -> f64,
                   gradient: &dyn Fn([f64; 2]) -> [f64; 2]| {
        vec![
            ("importances", Value::from(f)),
            (
                "penalty of the large move",
                number(penalty(shift(moves[0]))),
            ),
            (
                "penalty of the small move",
                number(penalty(shift(moves[1]))),
            ),
            (
                "gradient at the large move",
                Value::from(gradient(shift(moves[0]))),
            ),
            (
                "gradient at the small move",
                Value::from(gradient(shift(moves[1]))),
            ),
        ]
    };
    let with = |f: [f64; 2]| {
        carried(
            f,
            &|s| 0.5 * strength * (f[0] * s[0] * s[0] + f[1] * s[1] * s[1]),
            &|s| [strength * f[0] * s[0], strength * f[1] * s[1]],
        )
    };
    let full = Information::new(
        empirical.matrix().to_owned(),
        &["w1", "w2"],
        Provenance::exact(Estimator::Empirical, Route::Data),
    )
    .unwrap();
    let e = empirical.matrix();
    vec![
        (
            "the Hessian's diagonal",
            with([hessian.matrix()[(0, 0)], hessian.matrix()[(1, 1)]]),
        ),
        ("sums for means", with(f.map(|f| n * f))),
        ("standard deviations for variances", with(f.map(f64::sqrt))),
        ("importances exchanged", with([f[1], f[0]])),
        ("importances inverted", with(f.map(|f| 1.0 / f))),
        ("all weights alike", with([1.0, 1.0])),
        (
            "no ½, in penalty and gradient",
            carried(
                f,
                &|s| strength * (f[0] * s[0] * s[0] + f[1] * s[1] * s[1]),
                &|s| [2.0 * strength * f[0] * s[0], 2.0 * strength * f[1] * s[1]],
            ),
        ),
        (
            "shifts not squared",
            carried(
                f,
                &|s| 0.5 * strength * (f[0] * s[0].abs() + f[1] * s[1].abs()),
                &|s| {
                    [
                        0.5 * strength * f[0] * s[0].signum(),
                        0.5 * strength * f[1] * s[1].signum(),
                    ]
                },
            ),
        ),
        (
            "the full matrix",
            carried(
                f,
                &|s| 0.5 * strength * full.quadratic_form(&s).unwrap(),
                &|s| {
                    [
                        strength * (e[(0, 0)] * s[0] + e[(0, 1)] * s[1]),
                        strength * (e[(1, 0)] * s[0] + e[(1, 1)] * s[1]),
                    ]
                },
            ),
        ),
        (
            "shifts from zero",
            vec![
                (
                    "penalty of the large move",
                    number(
                        0.5 * strength * (f[0] * moves[0][0].powi(2) + f[1] * moves[0][1].powi(2)),
                    ),
                ),
                (
                    "penalty of the small move",
                    number(
                        0.5 * strength * (f[0] * moves[1][0].powi(2) + f[1] * moves[1][1].powi(2)),
                    ),
                ),
            ],
        ),
        (
            "the moves exchanged",
            vec![
                (
                    "penalty of the large move",
                    right.value("penalty of the small move").unwrap().clone(),
                ),
                (
                    "penalty of the small move",
                    right.value("penalty of the large move").unwrap().clone(),
                ),
                (
                    "gradient at the large move",
                    right.value("gradient at the small move").unwrap().clone(),
                ),
                (
                    "gradient at the small move",
                    right.value("gradient at the large move").unwrap().clone(),
                ),
            ],
        ),
        ("descent for gradient", {
            let turned = |at: [f64; 2]| Value::from(shift(at).map(|s| -strength * s));
            vec![
                ("gradient at the large move", turned(moves[0])),
                ("gradient at the small move", turned(moves[1])),
            ]
        }),
        (
            "a gradient without importances",
            vec![
                (
                    "gradient at the large move",
                    Value::from(shift(moves[0]).map(|s| strength * s)),
                ),
                (
                    "gradient at the small move",
                    Value::from(shift(moves[1]).map(|s| strength * s)),
                ),
            ],
        ),
    ]
}
