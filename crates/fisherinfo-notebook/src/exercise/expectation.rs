//! Exercise 9.

use super::{Answer, Exercise, Part, Shape, Variable, any, solution};
use crate::solution::Input;

/// The information as an expectation.
pub static EXERCISE: Exercise = Exercise {
    number: 9,
    slug: "expectation",
    title: "The information as an expectation",
    topic: "Definition and closed form",
    part: Part::Applications,
    stars: 1,
    problem: r"The information is defined as an expectation, $I(p) = \mathbb{E}_p[s_p(X)^2]$, and for a coin an expectation is a sum over two outcomes.

1. Write down both terms of the sum: the probability of each outcome times the square of its score.
2. Add them, and see that they make $1/(p(1 - p))$. Verify it at $p = 0.3$.
3. Which outcome contributes more, the likely or the rare one?",
    hints: &[
        r"The score of a success is $1/p$, that of a failure $-1/(1 - p)$.",
        r"A success contributes $p \cdot (1/p)^2$. One factor $p$ cancels.",
        r"Bring $\tfrac1p + \tfrac1{1-p}$ to a common denominator.",
    ],
    takeaway: r"Where the outcomes can be listed, the definition is the algorithm: sum probability times squared score. The rare outcome contributes $1/p$ and the likely one $1/(1-p)$, so that the rarer an outcome is, the more of the information rests on it.",
    inputs: &[Input::real(
        "p",
        "p",
        0.3,
        (0.01, 0.99),
        "probability of a success",
    )],
    answers: &[Answer::formula(
        9,
        'a',
        r"The expectation of the squared score, in `p`: as the sum over both outcomes, or in closed form.",
        Shape::Number,
        &[Variable::probability()],
    )],
    solution: solution!(expectation, "expectation.rs", any),
};
