//! Exercise 3.

use super::{Answer, Domain, Exercise, Part, Shape, Variable, any, solution};
use crate::solution::Input;

/// One coin in two coordinates.
pub static EXERCISE: Exercise = Exercise {
    number: 3,
    slug: "reparameterisation",
    title: "Two coordinates for one coin",
    topic: "Reparameterisation",
    part: Part::Mechanics,
    stars: 1,
    problem: r"The same coin can be described by its probability $p$ or by its log-odds $\varphi = \ln \dfrac{p}{1 - p}$.

1. Give the information about $p$.
2. Give the information about $\varphi$, as a function of $\varphi$ (or start from $p$ and substitute).
3. Verify the law that connects them, $I_\varphi = I_p \left( \dfrac{dp}{d\varphi} \right)^{2}$, at $p = 0.25$.",
    hints: &[
        r"Solve for the probability: $p = 1/(1 + e^{-\varphi})$.",
        r"Its derivative has a short form in $p$ itself: $dp/d\varphi = p(1 - p)$.",
        r"The slope enters squared, since the score does: $s_\varphi = s_p \, dp/d\varphi$.",
    ],
    takeaway: r"The number changes with the coordinate, $1/(p(1-p))$ against $p(1-p)$, and the geometry does not: a small step from one coin to another has the same length $\sqrt{I}\,|d\theta|$ in both.",
    inputs: &[Input::real(
        "p",
        "p",
        0.25,
        (0.01, 0.99),
        "probability of a success",
    )],
    answers: &[
        Answer::formula(
            3,
            'a',
            r"The information about $p$, in `p`.",
            Shape::Number,
            &[Variable::probability()],
        ),
        Answer::formula(
            3,
            'b',
            r"The information about $\varphi$, in `phi`.",
            Shape::Number,
            &[Variable::new(
                "phi",
                r"the log-odds $\varphi$",
                Domain::Interval {
                    lower: f64::NEG_INFINITY,
                    upper: f64::INFINITY,
                },
            )],
        ),
    ],
    solution: solution!(reparameterisation, "reparameterisation.rs", any),
};
