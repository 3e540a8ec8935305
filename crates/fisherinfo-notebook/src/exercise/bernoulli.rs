//! Exercise 1.

use super::{Answer, Domain, Exercise, Part, Shape, Variable, any, solution};
use crate::solution::Input;

/// Score and information of one toss.
pub static EXERCISE: Exercise = Exercise {
    number: 1,
    slug: "bernoulli",
    title: "Score and information of one toss",
    topic: "Score function, scalar information",
    part: Part::Mechanics,
    stars: 1,
    problem: r"A coin comes up $X = 1$ with probability $p$ and $X = 0$ otherwise,
$X \sim \operatorname{Bern}(p)$ with $0 < p < 1$.

1. Find the score $s_p(x) = \dfrac{\partial}{\partial p} \ln f(x \mid p)$.
2. Find the Fisher information $I(p)$ of one toss.
3. Where on $(0, 1)$ does one toss say the most about $p$?",
    hints: &[
        r"Write both cases at once: $\ln f(x \mid p) = x \ln p + (1 - x) \ln(1 - p)$.",
        r"The score has the mean zero, so $I(p) = \mathbb{E}[s_p(X)^2]$ is its variance. Two outcomes make a sum of two terms.",
        r"Draw $p(1 - p)$ over $(0, 1)$ first, and then one divided by it.",
    ],
    takeaway: r"$I(p) = 1/(p(1-p))$ is least, 4, for a fair coin and grows without bound toward both ends: there a rare outcome, when it comes, moves $p$ a long way *relative to its size*. Which coin is the most informative depends on the coordinate: about the log-odds it is the fair one.",
    inputs: &[Input::real(
        "p",
        "p",
        0.3,
        (0.01, 0.99),
        "probability of a success",
    )],
    answers: &[
        Answer::formula(
            1,
            'a',
            r"The score, in `x` and `p`.",
            Shape::Number,
            &[
                Variable::new("x", "the outcome", Domain::Integers { from: 0, to: 1 }),
                Variable::probability(),
            ],
        ),
        Answer::formula(
            1,
            'b',
            r"The information $I(p)$, in `p`.",
            Shape::Number,
            &[Variable::probability()],
        ),
        Answer::choice(
            1,
            'c',
            r"Where is $I(p)$ largest on $(0, 1)$?",
            &[
                r"At $p = \tfrac12$, where the outcome is least certain.",
                r"Nowhere: it grows without bound toward both ends.",
                r"Toward $p = 1$ only, where success is certain.",
                r"It is the same everywhere.",
            ],
            1,
            r"$1/(p(1-p))$ has no largest value: it passes every bound as $p \to 0$ and as $p \to 1$, and is least at $p = \tfrac12$. Least certain is not most informative: at the ends a small change of $p$ is a large change of the odds.",
        ),
    ],
    solution: solution!(bernoulli, "bernoulli.rs", any),
};
