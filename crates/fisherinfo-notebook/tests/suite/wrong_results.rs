//! Mistakes that people make in these very exercises, carried through all that follows from them,
//! so that the findings agree with each other and only a route of its own can tell.

use fisherinfo::information::{Estimator, Information, Provenance, Route};
use fisherinfo::special::logistic;
use fisherinfo_notebook::solution::{Findings, Inputs, Value};
use fisherinfo_notebook::solutions::draws::of_exercise;
use fisherinfo_notebook::solutions::logistic_regression::informations;

/// A mistake, and the findings that it changes.
pub(crate) type WrongResult = (&'static str, Vec<(&'static str, Value)>);

fn number(value: f64) -> Value {
    Value::Number(value)
}

pub(crate) fn wrong_results(exercise: u8, inputs: &Inputs, right: &Findings) -> Vec<WrongResult> {
    let input = |name: &str| inputs.number(name).unwrap();
    let found = |name: &str| right.number(name).unwrap();
    match exercise {
        1 => bernoulli(input("p")),
        2 => additivity(input("n"), input("sigma2"), &found),
        3 => reparameterisation(input("p")),
        4 => gaussian_location(right, [input("s11"), input("s12"), input("s22")]),
        5 => local_divergence(input("p"), input("delta"), &found),
        6 => jeffreys(input("p"), input("rate"), &found),
        7 => logistic_regression(inputs, right),
        8 => consolidation(inputs, right),
        9 => expectation(input("p")),
        10 => natural_gradient(inputs),
        _ => panic!("no wrong results for exercise {exercise}"),
    }
}

fn bernoulli(p: f64) -> Vec<WrongResult> {
    let q = 1.0 - p;
    vec![
        (
            "a score of x/p alone",
            vec![
                ("score of a success", number(1.0 / p)),
                ("score of a failure", number(0.0)),
                ("information", number(1.0 / p)),
            ],
        ),
        (
            "a score with a plus between its terms",
            vec![
                ("score of a failure", number(1.0 / q)),
                ("information", number(1.0 / p + 1.0 / q)),
            ],
        ),
        (
            "success and failure exchanged",
            vec![
                ("score of a success", number(-1.0 / q)),
                ("score of a failure", number(1.0 / p)),
            ],
        ),
        (
            "scores and information of 1 − p",
            vec![
                ("score of a success", number(1.0 / q)),
                ("score of a failure", number(-1.0 / p)),
                ("information", number(1.0 / (p * q))),
            ],
        ),
        (
            "the score of the log-odds",
            vec![
                ("score of a success", number(q)),
                ("score of a failure", number(-p)),
                ("information", number(p * q)),
            ],
        ),
        (
            "observed information of a success",
            vec![("information", number(p.powi(-2)))],
        ),
        (
            "observed information of a failure",
            vec![("information", number(q.powi(-2)))],
        ),
        (
            "the variance of a toss",
            vec![("information", number(p * q))],
        ),
        (
            "the standard deviation of the score",
            vec![("information", number((p * q).powf(-0.5)))],
        ),
        (
            "least at a third",
            vec![
                ("least informative p", number(1.0 / 3.0)),
                ("least information", number(4.5)),
            ],
        ),
        (
            "least at the input",
            vec![
                ("least informative p", number(0.3)),
                ("least information", number(1.0 / 0.21)),
            ],
        ),
        (
            "bounded toward the ends",
            vec![
                ("growth toward 0", number(0.0)),
                ("growth toward 1", number(0.0)),
            ],
        ),
        (
            "growth of the standard deviation",
            vec![
                ("growth toward 0", number(0.5)),
                ("growth toward 1", number(0.5)),
            ],
        ),
        (
            "growth of observed information",
            vec![
                ("growth toward 0", number(2.0)),
                ("growth toward 1", number(2.0)),
            ],
        ),
        (
            "the log-odds' peak beside the middle",
            vec![
                ("most informative p for the log-odds", number(0.4)),
                ("most information about the log-odds", number(0.24)),
            ],
        ),
    ]
}

fn additivity(n: f64, sigma2: f64, found: &dyn Fn(&str) -> f64) -> Vec<WrongResult> {
    let variance = found("variance of the total score");
    vec![
        (
            "n forgotten",
            vec![("information of all", number(1.0 / sigma2))],
        ),
        (
            "n squared",
            vec![("information of all", number(n * n / sigma2))],
        ),
        (
            "1/n for n",
            vec![("information of all", number(1.0 / (n * sigma2)))],
        ),
        (
            "n − 1 for n",
            vec![
                ("information of all", number((n - 1.0) / sigma2)),
                (
                    "smallest standard error",
                    number((sigma2 / (n - 1.0)).sqrt()),
                ),
            ],
        ),
        (
            "σ for σ² throughout",
            vec![
                ("information of one", number(sigma2.powf(-0.5))),
                ("information of all", number(n * sigma2.powf(-0.5))),
                (
                    "smallest standard error",
                    number((n * sigma2.powf(-0.5)).powf(-0.5)),
                ),
            ],
        ),
        (
            "the variance for its inverse throughout",
            vec![
                ("information of one", number(sigma2)),
                ("information of all", number(n * sigma2)),
                ("smallest standard error", number((n * sigma2).powf(-0.5))),
            ],
        ),
        (
            "the bound as a variance",
            vec![("smallest standard error", number(sigma2 / n))],
        ),
        (
            "the bound of one observation",
            vec![("smallest standard error", number(sigma2.sqrt()))],
        ),
        (
            "the variance of the mean score",
            vec![("variance of the total score", number(variance / (n * n)))],
        ),
        (
            "the variance of one score",
            vec![("variance of the total score", number(variance / n))],
        ),
        (
            "an error that was not divided by √S",
            vec![("its standard error", number(2.0_f64.sqrt() * n / sigma2))],
        ),
    ]
}

fn reparameterisation(p: f64) -> Vec<WrongResult> {
    let j = p * (1.0 - p);
    let both = |value: f64| {
        vec![
            ("information about phi by the law", number(value)),
            ("information about phi afresh", number(value)),
        ]
    };
    vec![
        (
            "J⁻¹ for J",
            vec![
                ("slope dp/dphi", number(1.0 / j)),
                ("information about phi by the law", number(j.powi(-3))),
            ],
        ),
        (
            "J⁻¹ for J in the law only",
            vec![("information about phi by the law", number(j.powi(-3)))],
        ),
        (
            "J not squared",
            vec![("information about phi by the law", number(1.0))],
        ),
        ("J not squared, and the same afresh", both(1.0)),
        ("no change of coordinates", both(1.0 / j)),
        (
            "J = 1",
            vec![
                ("slope dp/dphi", number(1.0)),
                ("information about phi by the law", number(1.0 / j)),
            ],
        ),
        (
            "half of the log-odds",
            vec![
                ("phi", number(0.5 * (p / (1.0 - p)).ln())),
                ("slope dp/dphi", number(2.0 * j)),
                ("information about phi by the law", number(4.0 * j)),
                ("information about phi afresh", number(4.0 * j)),
            ],
        ),
        (
            "the decimal logarithm",
            vec![("phi", number((p / (1.0 - p)).log10()))],
        ),
        ("the odds", vec![("phi", number(p / (1.0 - p)))]),
        (
            "the logarithm of p",
            vec![
                ("phi", number(p.ln())),
                ("slope dp/dphi", number(p)),
                ("information about phi by the law", number(p / (1.0 - p))),
            ],
        ),
        (
            "the information about p inverted throughout",
            vec![
                ("information about p", number(j)),
                ("information about phi by the law", number(j.powi(3))),
            ],
        ),
    ]
}

fn gaussian_location(right: &Findings, [s11, s12, s22]: [f64; 3]) -> Vec<WrongResult> {
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

fn local_divergence(p: f64, delta: f64, found: &dyn Fn(&str) -> f64) -> Vec<WrongResult> {
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

fn jeffreys(p: f64, rate: f64, found: &dyn Fn(&str) -> f64) -> Vec<WrongResult> {
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

fn logistic_regression(inputs: &Inputs, right: &Findings) -> Vec<WrongResult> {
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

fn consolidation(inputs: &Inputs, right: &Findings) -> Vec<WrongResult> {
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

fn expectation(p: f64) -> Vec<WrongResult> {
    let q = 1.0 - p;
    let carried = |failure: f64, success: f64| {
        vec![
            ("contributions", Value::Vector(vec![failure, success])),
            (
                "expectation of the squared score",
                number(failure + success),
            ),
            ("closed form", number(failure + success)),
        ]
    };
    vec![
        ("squares not weighed", carried(q.powi(-2), p.powi(-2))),
        ("weighed alike", carried(0.5 * q.powi(-2), 0.5 * p.powi(-2))),
        ("weights exchanged", carried(p / (q * q), q / (p * p))),
        ("scores not squared", carried(-1.0, 1.0)),
        ("absolute scores", carried(1.0, 1.0)),
        ("weights squared", carried(1.0, 1.0)),
        ("the success alone", carried(0.0, 1.0 / p)),
        ("success and failure exchanged", carried(1.0 / p, 1.0 / q)),
        (
            "the closed form of the log-odds",
            vec![("closed form", number(p * q))],
        ),
        ("the variance throughout", carried(p * q * q, q * p * p)),
        (
            "the mean score of one outcome",
            vec![("mean score", number(1.0))],
        ),
        (
            "the mean score unweighed",
            vec![("mean score", number(1.0 / p - 1.0 / q + 1e-3))],
        ),
    ]
}

fn natural_gradient(inputs: &Inputs) -> Vec<WrongResult> {
    let g = inputs.pair("g1", "g2").unwrap();
    let f = inputs.pair("f1", "f2").unwrap();
    let eta = inputs.number("eta").unwrap();
    let length = |s: [f64; 2]| 0.5 * (f[0] * s[0] * s[0] + f[1] * s[1] * s[1]);
    let natural = |s: [f64; 2]| {
        vec![
            ("natural step", Value::from(s)),
            ("divergence of the natural step", number(length(s))),
        ]
    };
    let ordinary = |s: [f64; 2]| {
        vec![
            ("ordinary step", Value::from(s)),
            ("divergence of the ordinary step", number(length(s))),
        ]
    };
    let plain = [-eta * g[0], -eta * g[1]];
    let right = [-eta * g[0] / f[0], -eta * g[1] / f[1]];
    vec![
        ("the gradient for the natural gradient", natural(plain)),
        ("the natural gradient for the gradient", ordinary(right)),
        (
            "the steps exchanged",
            [natural(plain), ordinary(right)].concat(),
        ),
        (
            "F for F⁻¹",
            natural([-eta * g[0] * f[0], -eta * g[1] * f[1]]),
        ),
        (
            "√F for F",
            natural([-eta * g[0] / f[0].sqrt(), -eta * g[1] / f[1].sqrt()]),
        ),
        (
            "F² for F",
            natural([-eta * g[0] / f[0].powi(2), -eta * g[1] / f[1].powi(2)]),
        ),
        (
            "F with its diagonal reversed",
            natural([-eta * g[0] / f[1], -eta * g[1] / f[0]]),
        ),
        (
            "ascent",
            [
                natural([-right[0], -right[1]]),
                ordinary([-plain[0], -plain[1]]),
            ]
            .concat(),
        ),
        (
            "the rate forgotten",
            [
                natural([right[0] / eta, right[1] / eta]),
                ordinary([-g[0], -g[1]]),
            ]
            .concat(),
        ),
        (
            "the natural step as short as the ordinary one",
            natural({
                let scale = (length(plain) / length(right)).sqrt();
                [scale * right[0], scale * right[1]]
            }),
        ),
        (
            "lengths without ½",
            vec![
                (
                    "divergence of the ordinary step",
                    number(2.0 * length(plain)),
                ),
                (
                    "divergence of the natural step",
                    number(2.0 * length(right)),
                ),
            ],
        ),
        (
            "lengths in parameters",
            vec![
                (
                    "divergence of the ordinary step",
                    number(0.5 * (plain[0].powi(2) + plain[1].powi(2))),
                ),
                (
                    "divergence of the natural step",
                    number(0.5 * (right[0].powi(2) + right[1].powi(2))),
                ),
            ],
        ),
        (
            "lengths exchanged",
            vec![
                ("divergence of the ordinary step", number(length(right))),
                ("divergence of the natural step", number(length(plain))),
            ],
        ),
    ]
}
