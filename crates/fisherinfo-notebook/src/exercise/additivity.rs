//! Exercise 2.

use super::{Answer, Domain, Exercise, Part, Shape, Variable, any, solution};
use crate::solution::Input;

/// Information adds over independent observations.
pub static EXERCISE: Exercise = Exercise {
    number: 2,
    slug: "additivity",
    title: "Information adds",
    topic: "Independent observations",
    part: Part::Mechanics,
    stars: 1,
    problem: r"Let $X_1, \dots, X_n$ be independent draws from one regular model with a scalar parameter $\theta$.

1. Show that the information of the whole sample is $I_n(\theta) = n\, I(\theta)$.
2. Take a Gaussian with unknown mean $\mu$ and known variance $\sigma^2$. What is $I_n(\mu)$? Verify it for $n = 20$ and $\sigma^2 = 2$.",
    hints: &[
        r"The log-likelihood of independent draws is a sum, and so is its derivative: $s(X_1, \dots, X_n) = \sum_i s(X_i)$.",
        r"The information is the variance of the score. What is the variance of a sum of independent terms?",
        r"For one draw the score is $(x - \mu)/\sigma^2$. Its variance needs nothing but $\operatorname{Var}(X) = \sigma^2$.",
    ],
    takeaway: r"Scores add, and variances of independent scores add with them: $I_n = n\,I$. So the smallest standard error falls like $1/\sqrt{n}$, and informations can be summed piece by piece, over batches, files and machines.",
    inputs: &[
        Input::count("n", "n", 20, (1, 200), "observations"),
        Input::real("sigma2", r"\sigma^2", 2.0, (0.1, 10.0), "known variance"),
        Input::count("samples", "S", 4000, (1000, 10_000), "simulated samples"),
        Input::count("seed", "", 2, (0, 1_000_000), "seed of the simulation"),
    ],
    answers: &[Answer::formula(
        2,
        'a',
        r"The information $I_n(\mu)$ of the whole sample, in `n` and `sigma2`.",
        Shape::Number,
        &[
            Variable::new("n", "observations", Domain::Integers { from: 1, to: 1000 }),
            Variable::new(
                "sigma2",
                r"the known variance $\sigma^2$",
                Domain::Interval {
                    lower: 0.0,
                    upper: f64::INFINITY,
                },
            ),
        ],
    )],
    solution: solution!(additivity, "additivity.rs", any),
};
