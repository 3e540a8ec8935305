//! Exercise 7.

use super::{Answer, Domain, Exercise, Length, Part, Shape, Variable, any, solution};
use crate::solution::Input;

/// What the formulas of a logistic regression are made of.
pub(super) const DATA: &[Variable] = &[
    Variable::new(
        "X",
        "the covariates, one row an observation",
        Domain::Covariates { columns: 2 },
    ),
    Variable::new("y", "the labels, 0 or 1", Domain::Labels),
    Variable::new(
        "w",
        "the weights",
        Domain::Vector {
            length: Length::Fixed(2),
            lower: -2.0,
            upper: 2.0,
        },
    ),
    Variable::new("n", "the number of rows", Domain::RowCount),
];

/// Empirical Fisher against Hessian.
pub static EXERCISE: Exercise = Exercise {
    number: 7,
    slug: "logistic-regression",
    title: "The empirical Fisher is not the Hessian",
    topic: "Logistic regression",
    part: Part::Applications,
    stars: 3,
    problem: r"A logistic regression gives each row $x_i$ of covariates the probability $p_i = \sigma(x_i^\top w)$ of the label $y_i = 1$, where $\sigma(z) = 1/(1 + e^{-z})$. Take 300 rows of two standard normal covariates and $w = (0.8, -0.4)$, and draw the labels from the model.

1. Compute the Hessian $H$ of the mean negative log-likelihood at $w$.
2. Compute the empirical Fisher $E = \frac1n \sum_i g_i g_i^\top$ from the scores $g_i$ of the labels as they fell.
3. How large is $\lVert E - H \rVert_F$? Why need they not be equal on finite data, and how does the difference fall as $n$ grows?

You may define names, one a line, such as `p = sigmoid(X @ w)`; the last line is the answer.",
    hints: &[
        r"The score of one row is $(y_i - p_i)\, x_i$. In one line for all rows: `(y - p) * X`.",
        r"$\sigma' = \sigma(1 - \sigma)$, so each row adds $p_i (1 - p_i)\, x_i x_i^\top$ to the Hessian, whatever its label.",
        r"In $E$ each row enters with the weight $(y_i - p_i)^2$, in $H$ with $p_i(1 - p_i)$. What is the expectation of the first?",
    ],
    takeaway: r"The empirical Fisher weighs each row by the squared residual that happened to fall, the Hessian by the variance the model expects. The two agree on average if the labels come from the model, and then differ like the error of a mean: as $n^{-1/2}$. If they do not come from it, the difference stays.",
    inputs: &[
        Input::count("n", "n", 300, (20, 20_000), "rows"),
        Input::real(
            "w1",
            "w_1",
            0.8,
            (-2.0, 2.0),
            "weight of the first covariate",
        ),
        Input::real(
            "w2",
            "w_2",
            -0.4,
            (-2.0, 2.0),
            "weight of the second covariate",
        ),
        Input::count(
            "seed",
            "",
            0,
            (0, 1_000_000),
            "seed of fresh draws; at the defaults the published draws are used",
        ),
        Input::count(
            "repeats",
            "R",
            40,
            (30, 200),
            "fresh samples at each size, for the slope",
        ),
    ],
    answers: &[
        Answer::formula(
            7,
            'a',
            r"The Hessian of the mean negative log-likelihood, in `X`, `y`, `w` and `n`.",
            Shape::Matrix(2, 2),
            DATA,
        ),
        Answer::formula(
            7,
            'b',
            r"The empirical Fisher, averaged over the rows, in `X`, `y`, `w` and `n`.",
            Shape::Matrix(2, 2),
            DATA,
        ),
        Answer::choice(
            7,
            'c',
            r"Why do they differ on finite data?",
            &[
                r"One uses second derivatives, which are less accurate than first ones.",
                r"They agree in expectation over labels drawn from the model, and a sample has the labels that it has.",
                r"The logistic model is not regular, so that the two definitions of the information differ.",
                r"They do not: any difference is rounding.",
            ],
            1,
            r"$\mathbb{E}[(y_i - p_i)^2] = p_i(1 - p_i)$ holds on average over labels, not for the single label that fell. The mean over $n$ rows comes closer like $n^{-1/2}$, as long as the labels do come from the model.",
        ),
    ],
    solution: solution!(logistic_regression, "logistic_regression.rs", any),
};
