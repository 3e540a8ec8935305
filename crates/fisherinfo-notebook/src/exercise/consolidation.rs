//! Exercise 8.

use super::logistic_regression::DATA;
use super::{Answer, Domain, Exercise, Length, Part, Shape, Variable, any, solution};
use crate::solution::Input;

const PENALTY: &[Variable] = &[
    Variable::new(
        "F",
        r"the importances $F_1, F_2$",
        Domain::Vector {
            length: Length::Fixed(2),
            lower: 0.0,
            upper: 2.0,
        },
    ),
    Variable::new(
        "w",
        "the weights now",
        Domain::Vector {
            length: Length::Fixed(2),
            lower: -2.0,
            upper: 2.0,
        },
    ),
    Variable::new(
        "w_star",
        r"the weights $w^*$ of the first task",
        Domain::Vector {
            length: Length::Fixed(2),
            lower: -2.0,
            upper: 2.0,
        },
    ),
];

/// A penalty on forgetting.
pub static EXERCISE: Exercise = Exercise {
    number: 8,
    slug: "consolidation",
    title: "A penalty on forgetting",
    topic: "Elastic weight consolidation",
    part: Part::Applications,
    stars: 3,
    problem: r"A first binary task has left the weights $w^* = (0.9, -0.7)$. While a second task is learned, elastic weight consolidation holds on to the first by the penalty
$$\frac{\lambda}{2} \sum_i F_i\, (w_i - w_i^*)^2$$
in which $F_i$, the *importance* of weight $i$, is the $i$-th diagonal entry of the empirical Fisher of the first task at $w^*$.

1. Compute the importances from 300 rows of the first task.
2. With $\lambda = 1$, what do the moves to $(1.4, -0.1)$ and to $(0.95, -0.65)$ cost?
3. Which way does the penalty pull, and how hard?",
    hints: &[
        r"The score of one row is $g_i = (y_i - p_i)\, x_i$; the diagonal of the mean of $g_i g_i^\top$ needs only the squares of its entries.",
        r"The scores of all rows at once are `(y - p) * X`, with `p = sigmoid(X @ w)`.",
        r"The penalty is a parabola in each weight: its slope is $\lambda F_i (w_i - w_i^*)$.",
    ],
    takeaway: r"The information of an old task says which weights it needs: a shift along an important weight costs much, along an unimportant one little. To second order the penalty is the divergence between what the old and the new weights say about the old data.",
    inputs: &[
        Input::count("n", "n", 300, (20, 20_000), "rows of the first task"),
        Input::real(
            "w1",
            "w^*_1",
            0.9,
            (-2.0, 2.0),
            "first weight of the first task",
        ),
        Input::real(
            "w2",
            "w^*_2",
            -0.7,
            (-2.0, 2.0),
            "second weight of the first task",
        ),
        Input::real(
            "large1",
            "w_1",
            1.4,
            (-3.0, 3.0),
            "first weight after the large move",
        ),
        Input::real(
            "large2",
            "w_2",
            -0.1,
            (-3.0, 3.0),
            "second weight after the large move",
        ),
        Input::real(
            "small1",
            "w_1",
            0.95,
            (-3.0, 3.0),
            "first weight after the small move",
        ),
        Input::real(
            "small2",
            "w_2",
            -0.65,
            (-3.0, 3.0),
            "second weight after the small move",
        ),
        Input::real(
            "strength",
            r"\lambda",
            1.0,
            (0.1, 100.0),
            "strength of the penalty",
        ),
        Input::count(
            "seed",
            "",
            1,
            (0, 1_000_000),
            "seed of fresh draws; at the defaults the published draws are used",
        ),
    ],
    answers: &[
        Answer::formula(
            8,
            'a',
            r"The importances $F_1, F_2$ as a vector, in `X`, `y`, `w` (here $w^*$) and `n`.",
            Shape::Vector(2),
            DATA,
        ),
        Answer::formula(
            8,
            'b',
            r"The penalty with $\lambda = 1$, in `F`, `w` and `w_star`.",
            Shape::Number,
            PENALTY,
        ),
    ],
    solution: solution!(consolidation, "consolidation.rs", any),
};
