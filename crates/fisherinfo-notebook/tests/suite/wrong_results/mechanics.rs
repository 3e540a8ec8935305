//! Exercises 1 to 3.

use super::{WrongResult, number};

pub(super) fn bernoulli(p: f64) -> Vec<WrongResult> {
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

pub(super) fn additivity(n: f64, sigma2: f64, found: &dyn Fn(&str) -> f64) -> Vec<WrongResult> {
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

pub(super) fn reparameterisation(p: f64) -> Vec<WrongResult> {
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
