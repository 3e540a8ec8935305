//! Exercises 9 and 10.

use super::{WrongResult, number};
use fisherinfo_notebook::solution::{Inputs, Value};

pub(super) fn expectation(p: f64) -> Vec<WrongResult> {
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

pub(super) fn natural_gradient(inputs: &Inputs) -> Vec<WrongResult> {
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
